/*
 * The text of PolyLin (Lee and Mathur 2025): one whole operation a line.
 *
 *     # stack
 *     push 1 1 2
 *     pop 1 3 4
 *
 * Method, value, start, end; of a set also 0 or 1 after the value.  -1 is
 * nothing.  Nobody is named, so whoever is free is the client.  An operation
 * that ends where another starts precedes it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/fields.h"
#include "checker/format/parse.h"

#include <assert.h>
#include <string.h>

static const struct fl_meaning types[] = {
    {"stack", "stack"}, {"queue", "fifo_queue"}, {"pqueue", "priority_queue"},
    {"set", "set"},     {"deque", "deque"},      {NULL, NULL},
};

static const struct fl_meaning methods[] = {
    {"push", "push"},           {"pop", "pop"},
    {"peek", "peek"},           {"enq", "enqueue"},
    {"deq", "dequeue"},         {"enqueue", "enqueue"},
    {"dequeue", "dequeue"},     {"insert", "insert"},
    {"poll", "poll"},           {"remove", "remove"},
    {"contains", "contains"},   {"push_front", "push_front"},
    {"push_back", "push_back"}, {"pop_front", "pop_front"},
    {"pop_back", "pop_back"},   {"peek_front", "peek_front"},
    {"peek_back", "peek_back"}, {NULL, NULL},
};

/* Takes the values: of a set an element and what was found. */
static bool take_values(struct fl_draft *draft, const struct fl_fields *fields,
                        bool is_set, const char *name,
                        struct fl_draft_operation *op)
{
    int64_t value;
    int64_t truth = 0;
    if (!fl_fields_number(draft, fields, 1, "a value", &value)) {
        return false;
    }
    if (!is_set) {
        fl_fields_contain(op, name, value);
        return true;
    }
    if (!fl_fields_number(draft, fields, 2, "0 or 1", &truth)) {
        return false;
    }
    fl_draft_set(op, FL_SLOT_FIRST, (struct fl_scalar){FL_SCALAR_INT, value});
    fl_draft_set(op, FL_SLOT_RESULT, (struct fl_scalar){FL_SCALAR_BOOL, truth});
    return truth == 0 || truth == 1 ||
           fl_fields_fail(draft, fields, 2, "0 or 1");
}

bool fl_parse_polylin(struct fl_draft *draft)
{
    const char *type = NULL;
    draft->rules.returns_first = true;
    if (!fl_fields_type(draft, " \t\r", types, &type)) {
        return false;
    }
    assert(type != NULL);
    bool is_set = strcmp(type, "set") == 0;
    struct fl_fields fields;
    while (fl_fields_next(draft, " \t\r", &fields)) {
        if (fields.word[0][0] == '#') {
            continue;
        }
        struct fl_draft_operation op = {.client = FL_DRAFT_NOBODY,
                                        .outcome = FL_OUTCOME_OK,
                                        .line = draft->source->line,
                                        .column = fields.column[0]};
        const char *name = fl_fields_meaning(methods, fields.word[0]);
        if (name == NULL) {
            return fl_fields_fail(draft, &fields, 0, "a method");
        }
        uint32_t start = is_set ? 3 : 2;
        bool taken =
            take_values(draft, &fields, is_set, name, &op) &&
            fl_fields_number(draft, &fields, start, "a start", &op.call) &&
            fl_fields_number(draft, &fields, start + 1, "an end", &op.ret);
        if (!taken) {
            return false;
        }
        if (fields.count > start + 2) {
            return fl_fields_fail(draft, &fields, start + 2,
                                  "the end of the line");
        }
        if (!fl_draft_name(draft, &op, name) || !fl_draft_add(draft, &op)) {
            return false;
        }
    }
    return draft->source->status == FL_OK;
}
