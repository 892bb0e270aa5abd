/*
 * The text of LiMo (Abdulla and others 2025), and of the monitors whose form
 * it took over: one event a line, in order.
 *
 *     # @object atomic-stack
 *     [1] call push(3)
 *     [1] return
 *     [2] call pop
 *     [2] return 3
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/fields.h"
#include "checker/format/parse.h"

#include <assert.h>
#include <string.h>

static const char gaps[] = " \t\r[](),";

static const struct fl_meaning stack_methods[] = {
    {"push", "push"},  {"pop", "pop"},  {"peek", "peek"},
    {"add", "push"},   {"put", "push"}, {"rem", "pop"},
    {"remove", "pop"}, {"get", "pop"},  {NULL, NULL},
};

static const struct fl_meaning queue_methods[] = {
    {"enqueue", "enqueue"}, {"dequeue", "dequeue"}, {"enq", "enqueue"},
    {"deq", "dequeue"},     {"add", "enqueue"},     {"put", "enqueue"},
    {"rem", "dequeue"},     {"remove", "dequeue"},  {"get", "dequeue"},
    {"peek", "peek"},       {NULL, NULL},
};

static bool take_call(struct fl_draft *draft, const struct fl_fields *fields,
                      int64_t client)
{
    bool is_stack =
        draft->rules.model != NULL && strcmp(draft->rules.model, "stack") == 0;
    struct fl_draft_operation op = {
        .client = client, .line = draft->source->line, .column = 1};
    const char *name =
        fields->count < 3
            ? NULL
            : fl_fields_meaning(is_stack ? stack_methods : queue_methods,
                                fields->word[2]);
    if (name == NULL) {
        return fl_fields_fail(draft, fields, 2, "a method");
    }
    if (fields->count > 4) {
        return fl_fields_fail(draft, fields, 4, "the end of the line");
    }
    if (fields->count == 4) {
        struct fl_scalar value = {FL_SCALAR_INT, 0};
        if (!fl_fields_number(draft, fields, 3, "a number", &value.value)) {
            return false;
        }
        fl_draft_set(&op, FL_SLOT_FIRST, value);
    }
    return fl_draft_name(draft, &op, name) && fl_draft_call(draft, &op);
}

static bool take_return(struct fl_draft *draft, const struct fl_fields *fields,
                        int64_t client)
{
    struct fl_draft_operation *op;
    if (!fl_draft_return(draft, client, "the return", &op)) {
        return false;
    }
    struct fl_scalar result = {FL_SCALAR_ABSENT, 0};
    if (fields->count > 3) {
        return fl_fields_fail(draft, fields, 3, "the end of the line");
    }
    if (fields->count == 3 && strcmp(fields->word[2], "empty") == 0) {
        result.kind = FL_SCALAR_NONE;
    } else if (fields->count == 3) {
        result.kind = FL_SCALAR_INT;
        if (!fl_fields_number(draft, fields, 2, "a number, or empty",
                              &result.value)) {
            return false;
        }
    }
    fl_draft_set(op, FL_SLOT_RESULT, result);
    return true;
}

/* A comment: of all of them only the object's name counts. */
static bool take_comment(struct fl_draft *draft, const struct fl_fields *fields)
{
    static const struct fl_meaning objects[] = {{"atomic-stack", "stack"},
                                                {"atomic-queue", "fifo_queue"},
                                                {NULL, NULL}};
    if (fields->count < 3 || strcmp(fields->word[1], "@object") != 0) {
        return true;
    }
    const char *model = fl_fields_meaning(objects, fields->word[2]);
    bool began = draft->count + draft->passed > 0;
    if (model == NULL) {
        return true;
    }
    if (began && strcmp(model, draft->rules.model) != 0) {
        return fl_fields_fail(draft, fields, 2,
                              "the object of the lines above");
    }
    draft->rules.model = model;
    return true;
}

/* A line that is no comment: somebody's call or return. */
static bool take_line(struct fl_draft *draft, const struct fl_fields *fields)
{
    int64_t client;
    if (draft->rules.model == NULL) {
        return fl_fields_fail(draft, fields, 0,
                              "\"# @object atomic-stack\" or "
                              "\"atomic-queue\"");
    }
    if (!fl_fields_number(draft, fields, 0, "[CLIENT]", &client)) {
        return false;
    }
    if (client < 0) {
        return fl_fields_fail(draft, fields, 0, "a client of 0 or more");
    }
    assert(draft->source->status == FL_OK);
    const char *what = fields->count > 1 ? fields->word[1] : "";
    if (strcmp(what, "call") == 0) {
        return take_call(draft, fields, client);
    }
    if (strcmp(what, "return") == 0) {
        return take_return(draft, fields, client);
    }
    return fl_fields_fail(draft, fields, 1, "call or return");
}

bool fl_parse_limo(struct fl_draft *draft)
{
    struct fl_fields fields;
    while (fl_fields_next(draft, gaps, &fields)) {
        bool is_comment = fields.count > 0 && fields.word[0][0] == '#';
        if (!(is_comment ? take_comment(draft, &fields)
                         : take_line(draft, &fields))) {
            return false;
        }
    }
    return draft->source->status == FL_OK;
}
