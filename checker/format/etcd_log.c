/*
 * Lines that Jepsen logged, as in Porcupine's etcd histories.
 *
 *     INFO  jepsen.util - 0 :invoke :cas [1 4]
 *     INFO  jepsen.util - 0 :fail :cas [1 4]
 *
 * (with tabs).  As Porcupine reads them: a compare-and-set that failed is an
 * observation (the value was not 1), a read that timed out did not happen, a
 * read of nil saw the register unset, and after :info nobody knows.  Other
 * lines of the log are passed over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/fields.h"
#include "checker/format/parse.h"

#include <assert.h>
#include <string.h>

enum {
    AT_PROCESS, /* fields behind the dash */
    AT_TYPE,
    AT_FUNCTION,
    AT_VALUE,
    AT_SECOND
};

/* Finds the dash that parts the logger's name from what it logs. */
static bool find_event(const struct fl_fields *fields, uint32_t *from)
{
    bool logged = false;
    for (uint32_t i = 0; i + 1 < fields->count; i++) {
        logged = logged || strcmp(fields->word[i], "jepsen.util") == 0;
        if (logged && strcmp(fields->word[i], "-") == 0) {
            *from = i + 1;
            char first = fields->word[*from][0];
            return first >= '0' && first <= '9'; /* or the nemesis */
        }
    }
    return false;
}

/* Takes a value, which may be nil. */
static bool take_value(struct fl_draft *draft, const struct fl_fields *fields,
                       uint32_t i, struct fl_scalar *value)
{
    *value = (struct fl_scalar){FL_SCALAR_NONE, 0};
    if (i < fields->count && strcmp(fields->word[i], "nil") == 0) {
        return true;
    }
    value->kind = FL_SCALAR_INT;
    return fl_fields_number(draft, fields, i, "a number or nil", &value->value);
}

static bool take_call(struct fl_draft *draft, const struct fl_fields *fields,
                      uint32_t from, int64_t client)
{
    struct fl_draft_operation op = {
        .client = client, .line = draft->source->line, .column = 1};
    struct fl_scalar value;
    assert(fields->word[from + AT_FUNCTION][0] == ':');
    if (!take_value(draft, fields, from + AT_VALUE, &value)) {
        return false;
    }
    fl_draft_set(&op, FL_SLOT_FIRST, value);
    if (fields->count > from + AT_SECOND) {
        if (!take_value(draft, fields, from + AT_SECOND, &value)) {
            return false;
        }
        fl_draft_set(&op, FL_SLOT_SECOND, value);
    }
    return fl_draft_name(draft, &op, fields->word[from + AT_FUNCTION] + 1) &&
           fl_draft_call(draft, &op);
}

static bool take_answer(struct fl_draft *draft, const struct fl_fields *fields,
                        uint32_t from, int64_t client)
{
    const char *type = fields->word[from + AT_TYPE];
    bool is_ok = strcmp(type, ":ok") == 0;
    struct fl_draft_operation *op;
    if (!is_ok && strcmp(type, ":fail") != 0) {
        return fl_fields_fail(draft, fields, from + AT_TYPE,
                              ":invoke, :ok, :fail or :info");
    }
    if (!fl_draft_return(draft, client, type, &op)) {
        return false;
    }
    if (strcmp(draft->names[op->name], fields->word[from + AT_FUNCTION] + 1) !=
        0) {
        return fl_fields_fail(draft, fields, from + AT_FUNCTION,
                              "what the client called");
    }
    if (!is_ok) {
        op->outcome = FL_OUTCOME_FAIL;
        return true;
    }
    struct fl_scalar value;
    if (!take_value(draft, fields, from + AT_VALUE, &value)) {
        return false;
    }
    fl_draft_set(op, FL_SLOT_RESULT, value);
    return true;
}

bool fl_parse_etcd_log(struct fl_draft *draft)
{
    struct fl_fields fields;
    draft->rules.echoes = true;
    draft->rules.failures_observe = true;
    draft->rules.model = "register";
    while (fl_fields_next(draft, " \t\r[],", &fields)) {
        uint32_t from = 0;
        int64_t client = 0;
        if (!find_event(&fields, &from)) {
            continue;
        }
        if (from + AT_FUNCTION >= fields.count) {
            return fl_fields_fail(draft, &fields, fields.count,
                                  "PROCESS, :TYPE, :OPERATION and a value");
        }
        assert(from > 0);
        const char *type = fields.word[from + AT_TYPE];
        if (!fl_fields_number(draft, &fields, from + AT_PROCESS, "a process",
                              &client)) {
            return false;
        }
        if (fields.word[from + AT_FUNCTION][0] != ':') {
            return fl_fields_fail(draft, &fields, from + AT_FUNCTION,
                                  ":read, :write or :cas");
        }
        bool taken = strcmp(type, ":invoke") == 0
                         ? take_call(draft, &fields, from, client)
                     : strcmp(type, ":info") == 0
                         ? fl_draft_give_up(draft, client, ":info")
                         : take_answer(draft, &fields, from, client);
        if (!taken) {
            return false;
        }
    }
    return draft->source->status == FL_OK;
}
