/*
 * The text of fptlin: one whole operation a line.
 *
 *     # stack
 *     0 1 5 PUSH 1
 *     1 6 7 POP 1
 *
 * Process, start, end, method, values; or, as it was once, process, method,
 * value, start, end.  -1 is nothing.  An operation that ends where another
 * starts precedes it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/fields.h"
#include "checker/format/parse.h"

#include <assert.h>
#include <string.h>

static const struct fl_meaning types[] = {
    {"stack", "stack"},
    {"queue", "fifo_queue"},
    {"priorityqueue", "priority_queue"},
    {"rmw", "register"},
    {"semaphore", "semaphore"},
    {"set", "set"},
    {NULL, NULL},
};

static const struct fl_meaning methods[] = {
    {"push", "push"},     {"pop", "pop"},
    {"peek", "peek"},     {"enq", "enqueue"},
    {"deq", "dequeue"},   {"insert", "insert"},
    {"poll", "poll"},     {"contains", "contains"},
    {"remove", "remove"}, {"read_modify_write", "cas"},
    {"incr", "release"},  {"decr", "try"},
    {NULL, NULL},
};

static bool take_truth(struct fl_draft *draft, const struct fl_fields *fields,
                       uint32_t i, struct fl_draft_operation *op)
{
    struct fl_scalar truth = {FL_SCALAR_BOOL, 0};
    if (!fl_fields_number(draft, fields, i, "0 or 1", &truth.value)) {
        return false;
    }
    fl_draft_set(op, FL_SLOT_RESULT, truth);
    return truth.value == 0 || truth.value == 1 ||
           fl_fields_fail(draft, fields, i, "0 or 1");
}

/* Takes the values of the method `name`; `*used` of them. */
static bool take_values(struct fl_draft *draft, const struct fl_fields *fields,
                        uint32_t at, struct fl_draft_operation *op,
                        uint32_t *used)
{
    const char *name = draft->names[op->name];
    struct fl_scalar value = {FL_SCALAR_INT, 0};
    *used = 1;
    if (strcmp(name, "try") == 0) {
        return take_truth(draft, fields, at, op);
    }
    if (!fl_fields_number(draft, fields, at, "a value", &value.value)) {
        return false;
    }
    if (strcmp(name, "release") == 0) {
        return value.value == 1 || fl_fields_fail(draft, fields, at, "1");
    }
    if (strcmp(name, "cas") == 0) {
        struct fl_scalar after = {FL_SCALAR_INT, 0};
        *used = 2;
        fl_draft_set(op, FL_SLOT_FIRST, value);
        fl_draft_set(op, FL_SLOT_RESULT, (struct fl_scalar){FL_SCALAR_BOOL, 1});
        if (!fl_fields_number(draft, fields, at + 1, "a value", &after.value)) {
            return false;
        }
        fl_draft_set(op, FL_SLOT_SECOND, after);
        return true;
    }
    if (strcmp(draft->rules.model, "set") == 0) {
        *used = 2;
        fl_draft_set(op, FL_SLOT_FIRST, value);
        return take_truth(draft, fields, at + 1, op);
    }
    fl_fields_contain(op, name, value.value);
    return true;
}

static bool take_line(struct fl_draft *draft, const struct fl_fields *fields)
{
    struct fl_draft_operation op = {.outcome = FL_OUTCOME_OK,
                                    .line = draft->source->line,
                                    .column = fields->column[0]};
    bool is_old = fields->count > 1 &&
                  fl_fields_meaning(methods, fields->word[1]) != NULL;
    uint32_t method = is_old ? 1 : 3;
    uint32_t used = 0;
    if (!fl_fields_number(draft, fields, 0, "a process", &op.client)) {
        return false;
    }
    if (op.client < 0) {
        return fl_fields_fail(draft, fields, 0, "a process of 0 or more");
    }
    const char *name = method < fields->count
                           ? fl_fields_meaning(methods, fields->word[method])
                           : NULL;
    if (name == NULL) {
        return fl_fields_fail(draft, fields, method, "a method");
    }
    if (!fl_draft_name(draft, &op, name) ||
        !take_values(draft, fields, method + 1, &op, &used)) {
        return false;
    }
    uint32_t start = is_old ? 2 + used : 1;
    uint32_t end = 4 + used;
    assert(start + 1 < FL_FIELDS_MAX);
    if (!fl_fields_number(draft, fields, start, "a start", &op.call) ||
        !fl_fields_number(draft, fields, start + 1, "an end", &op.ret)) {
        return false;
    }
    if (fields->count > end) {
        return fl_fields_fail(draft, fields, end, "the end of the line");
    }
    return fl_draft_add(draft, &op);
}

bool fl_parse_fptlin(struct fl_draft *draft)
{
    const char *type = NULL;
    draft->rules.returns_first = true;
    if (!fl_fields_type(draft, " \t\r", types, &type)) {
        return false;
    }
    /* counters begin at 0 there */
    if (!draft->has_initial &&
        (strcmp(type, "register") == 0 || strcmp(type, "semaphore") == 0)) {
        draft->h->initial = 0;
    }
    struct fl_fields fields;
    while (fl_fields_next(draft, " \t\r", &fields)) {
        if (fields.word[0][0] != '#' && !take_line(draft, &fields)) {
            return false;
        }
    }
    return draft->source->status == FL_OK;
}
