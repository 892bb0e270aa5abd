/*
 * A map with transactions: numbers under numbered keys, and a text of reads
 * and writes that takes effect as one operation.
 *
 *     txn("r1 w2=5 r2")  answers  "_ 5"
 *
 * reads key 1 (which is unset), writes key 2, reads it back.  What a
 * transaction answers are its reads, in order, an unset key as `_`.  One that
 * was aborted had no effect and is left out of the history.  A text of another
 * form is impossible.  There is no order in which operations on one key alone
 * decide, so the history is never split.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"
#include "checker/strings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    ANSWER_MAX = 1024,
    DIGITS_MAX = 18
};

static const struct fl_operation_type types[] = {
    [FL_TXN_GET] = {.name = "get",
                    .args = {FL_KIND_INT},
                    .result = FL_KIND_INT,
                    .pure = true},
    [FL_TXN_PUT] = {.name = "put",
                    .args = {FL_KIND_INT, FL_KIND_INT},
                    .result = FL_KIND_VOID},
    [FL_TXN_TXN] = {.name = "txn",
                    .args = {FL_KIND_STRING},
                    .result = FL_KIND_STRING},
};

/* Where a transaction's text is being read. */
struct cursor {
    const char *at;
    const char *end;
};

/* One read or write of it. */
struct action {
    bool writes;
    fl_value key;
    fl_value value;
};

static size_t count_writes(const struct fl_space *space,
                           const struct fl_operation *op)
{
    if (op->fn != FL_TXN_TXN) {
        return op->fn == FL_TXN_PUT;
    }
    size_t size;
    const char *text = fl_strings_text(space->strings, op->args[0], &size);
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += text[i] == 'w';
    }
    return count;
}

static size_t state_max(const struct fl_space *space)
{
    const struct fl_history *h = space->history;
    size_t writes = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        writes += count_writes(space, &h->operations[i]);
    }
    return writes * sizeof(struct fl_cell);
}

static bool take_number(struct cursor *c, fl_value *number)
{
    bool is_negative = c->at < c->end && *c->at == '-';
    c->at += is_negative;
    int digits = 0;
    *number = 0;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9' &&
           digits < DIGITS_MAX) {
        *number = *number * 10 + (*c->at - '0');
        c->at++;
        digits++;
    }
    *number = is_negative ? -*number : *number;
    return digits > 0;
}

/* Takes the next action.  False: the text is not of the form. */
static bool take_action(struct cursor *c, struct action *action)
{
    assert(c->at < c->end);
    action->writes = *c->at == 'w';
    if (!action->writes && *c->at != 'r') {
        return false;
    }
    c->at++;
    if (!take_number(c, &action->key)) {
        return false;
    }
    if (action->writes) {
        bool is_given = c->at < c->end && *c->at == '=';
        c->at++;
        if (!is_given || !take_number(c, &action->value)) {
            return false;
        }
    }
    if (c->at == c->end) {
        return true;
    }
    bool is_apart = *c->at == ' ' && c->at + 1 < c->end;
    c->at++;
    return is_apart;
}

/* What a transaction reads, as a text. */
struct answer {
    char text[ANSWER_MAX];
    size_t length;
};

/* Adds one read to the answer; false if it does not fit. */
static bool add_read(struct answer *answer, fl_value value)
{
    assert(answer->length < ANSWER_MAX);
    char *at = answer->text + answer->length;
    size_t room = ANSWER_MAX - answer->length;
    const char *gap = answer->length == 0 ? "" : " ";
    int written = value == FL_NONE
                      ? snprintf(at, room, "%s_", gap)
                      : snprintf(at, room, "%s%" PRId64, gap, value);
    if (written < 0 || (size_t)written >= room) {
        return false;
    }
    answer->length += (size_t)written;
    return true;
}

/* Runs the transaction and writes what it reads.  False: it is not of the
 * form, and the state may be spoilt. */
static bool run(const struct fl_space *space, void *state, size_t *size,
                const struct fl_operation *op, struct answer *answer)
{
    size_t text_size;
    const char *text = fl_strings_text(space->strings, op->args[0], &text_size);
    struct cursor c = {text, text + text_size};
    assert(size != NULL);
    answer->length = 0;
    answer->text[0] = '\0';
    while (c.at < c.end) {
        struct action action = {0};
        if (!take_action(&c, &action)) {
            return false;
        }
        if (action.writes) {
            fl_cells_write(state, size, action.key, action.value);
        } else if (!add_read(answer, fl_cells_read(state, *size, action.key))) {
            return false;
        }
    }
    return true;
}

/* Whether the text of a transaction is of the form. */
static bool is_well_formed(const struct fl_space *space,
                           const struct fl_operation *op)
{
    size_t size;
    const char *text = fl_strings_text(space->strings, op->args[0], &size);
    struct cursor c = {text, text + size};
    bool well = true;
    while (c.at < c.end && well) {
        struct action action;
        well = take_action(&c, &action);
    }
    return well;
}

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    if (op->fn == FL_TXN_GET) {
        return fl_cells_read(state, *size, op->args[0]);
    }
    if (op->fn == FL_TXN_PUT) {
        fl_cells_write(state, size, op->args[0], op->args[1]);
        return FL_NONE;
    }
    struct answer answer;
    if (!is_well_formed(space, op) || !run(space, state, size, op, &answer)) {
        return FL_REFUSED;
    }
    return fl_strings_add(space->strings, answer.text, answer.length);
}

static bool allows(const struct fl_space *space, void *state, size_t *size,
                   const struct fl_operation *op)
{
    if (op->fn != FL_TXN_TXN) {
        return step(space, state, size, op) == op->result;
    }
    struct answer answer;
    if (op->result == FL_NONE || !is_well_formed(space, op) ||
        !run(space, state, size, op, &answer)) {
        return false;
    }
    size_t seen;
    const char *text = fl_strings_text(space->strings, op->result, &seen);
    return seen == answer.length && memcmp(text, answer.text, seen) == 0;
}

const struct fl_model fl_model_of_txn_map = {
    .name = "txn_map",
    .about = "numbers under keys; a transaction reads and writes several",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .state_max = state_max,
    .start = fl_sequence_start,
    .step = step,
    .allows = allows,
    .describe = fl_cells_describe,
    .none = "unset",
};
