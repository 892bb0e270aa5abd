/*
 * What the lines say, and what is wrong with them.
 *
 * The values of an operation can only be understood once its "op" is known,
 * so a line is scanned twice: first for "op", then for everything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/jsonl_line.h"

#include "checker/model.h"
#include "checker/strings.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Members of an operation or event line, as bits of what was seen. */
enum member {
    MEMBER_CLIENT = 1,
    MEMBER_OP = 2,
    MEMBER_KEY = 4,
    MEMBER_ARGS = 8,
    MEMBER_RESULT = 16,
    MEMBER_CALL = 32,
    MEMBER_RETURN = 64,
};

static const char *const member_names[] = {
    "client", "op", "key", "args", "result", "call", "return",
};

enum {
    MEMBERS_COUNT = sizeof(member_names) / sizeof(member_names[0]),
    BITS_MAX = 63
};

static const char *text_of(const struct fl_json *json)
{
    return json->text->data;
}

/* The kind that a member's name gives away. */
static bool tells_kind(const char *name, enum fl_line_kind *kind)
{
    *kind = strcmp(name, "model") == 0   ? FL_LINE_HEADER
            : strcmp(name, "event") == 0 ? FL_LINE_EVENT
                                         : FL_LINE_OPERATION;
    return *kind != FL_LINE_OPERATION || strcmp(name, "op") == 0 ||
           strcmp(name, "args") == 0;
}

bool fl_line_kind(struct fl_json *json, enum fl_line_kind *kind)
{
    *kind = FL_LINE_OPERATION;
    bool more = true;
    if (!fl_json_expect(json, '{')) {
        return false;
    }
    for (bool first = true; more; first = false) {
        if (!fl_json_member(json, first, &more)) {
            return false;
        }
        if (more && tells_kind(text_of(json), kind)) {
            return true;
        }
        if (more && !fl_json_skip(json)) {
            return false;
        }
    }
    return true;
}

/* Takes a number from 0 to `max`. */
bool fl_line_number(struct fl_json *json, uint32_t max, const char *what,
                    uint32_t *value)
{
    (void)fl_json_peek(json);
    const char *at = json->at;
    int64_t number = 0;
    if (!fl_json_integer(json, &number)) {
        return false;
    }
    if (number < 0 || number > (int64_t)max) {
        return fl_json_fail(json, at, "%s must be from 0 to %u", what, max);
    }
    *value = (uint32_t)number;
    return true;
}

bool fl_line_text(struct fl_json *json, struct fl_history *h, fl_value *value)
{
    if (!fl_json_string(json)) {
        return false;
    }
    *value = fl_strings_add(h->strings, text_of(json), json->text_size);
    if (*value < 0) {
        json->no_memory = true;
        return fl_json_fail(json, json->at, "no memory");
    }
    return true;
}

/* A whole number that is not one of the two with a meaning. */
bool fl_line_plain(struct fl_json *json, fl_value *value)
{
    const char *at = json->at;
    if (!fl_json_integer(json, value)) {
        return false;
    }
    if (*value == FL_NONE || *value == FL_REFUSED) {
        return fl_json_fail(json, at, "number is reserved");
    }
    return true;
}

/* A set of small numbers: [0, 3], or a number with their bits. */
bool fl_line_bits(struct fl_json *json, fl_value *value)
{
    if (fl_json_peek(json) == FL_JSON_NUMBER) {
        const char *at = json->at;
        if (!fl_json_integer(json, value)) {
            return false;
        }
        return *value >= 0 || fl_json_fail(json, at, "bits below 0");
    }
    if (!fl_json_expect(json, '[')) {
        return false;
    }
    *value = 0;
    if (fl_json_accept(json, ']')) {
        return true;
    }
    do {
        uint32_t bit = 0;
        if (!fl_line_number(json, BITS_MAX - 1, "a member", &bit)) {
            return false;
        }
        assert(bit < BITS_MAX);
        *value |= (fl_value)((uint64_t)1 << bit);
    } while (fl_json_accept(json, ','));
    return fl_json_expect(json, ']');
}

/* Takes a value of this kind.  `none` says that null is one. */
static bool take_value(struct fl_json *json, struct fl_history *h,
                       enum fl_kind kind, bool none, fl_value *value)
{
    bool truth;
    *value = FL_NONE;
    enum fl_json_kind next = fl_json_peek(json);
    if (next == FL_JSON_NULL && none) {
        return fl_json_null(json);
    }
    switch (kind) {
    case FL_KIND_VOID:
        return fl_json_unexpected(json, "null");
    case FL_KIND_INT:
        return next == FL_JSON_NUMBER
                   ? fl_line_plain(json, value)
                   : fl_json_unexpected(json, none ? "a whole number or null"
                                                   : "a whole number");
    case FL_KIND_BOOL:
        if (!fl_json_bool(json, &truth)) {
            return false;
        }
        *value = truth;
        return true;
    case FL_KIND_STRING:
        return fl_line_text(json, h, value);
    case FL_KIND_BITS:
        return fl_line_bits(json, value);
    }
    assert(false);
    return false;
}

static bool take_key(struct fl_json *json, struct fl_history *h, fl_value *key)
{
    enum fl_json_kind next = fl_json_peek(json);
    if (next == FL_JSON_STRING) {
        if (!fl_line_text(json, h, key)) {
            return false;
        }
        *key += FL_TEXT_KEYS;
        return true;
    }
    const char *at = json->at;
    *key = FL_NONE;
    if (next == FL_JSON_NULL) {
        return fl_json_null(json);
    }
    if (next != FL_JSON_NUMBER) {
        return fl_json_unexpected(json, "a key: null, a number or a string");
    }
    if (!fl_line_plain(json, key)) {
        return false;
    }
    return *key < FL_TEXT_KEYS || fl_json_fail(json, at, "key beyond 2^62");
}

static bool take_args(struct fl_json *json, struct fl_history *h,
                      struct fl_operation *op)
{
    const struct fl_operation_type *type = &h->model->types[op->fn];
    bool none = h->model->none != NULL;
    const char *at = json->at;
    if (!fl_json_expect(json, '[')) {
        return false;
    }
    int wanted = 0;
    while (wanted < FL_ARGS_MAX && type->args[wanted] != FL_KIND_VOID) {
        wanted++;
    }
    int count = 0;
    bool more = !fl_json_accept(json, ']');
    while (more) {
        if (count == wanted) {
            return fl_json_fail(json, at, "%s takes %d argument%s", type->name,
                                wanted, wanted == 1 ? "" : "s");
        }
        if (!take_value(json, h, type->args[count], none, &op->args[count])) {
            return false;
        }
        count++;
        more = fl_json_accept(json, ',');
        if (!more && !fl_json_expect(json, ']')) {
            return false;
        }
    }
    return count == wanted ||
           fl_json_fail(json, at, "%s takes %d argument%s", type->name, wanted,
                        wanted == 1 ? "" : "s");
}

/* The bit of the member whose name was just taken; fails for a name that is
 * unknown or was there already. */
static bool find_member(struct fl_json *json, unsigned *seen, unsigned *bit)
{
    for (int i = 0; i < MEMBERS_COUNT; i++) {
        if (strcmp(text_of(json), member_names[i]) == 0) {
            *bit = 1u << i;
            if (*seen & *bit) {
                return fl_json_fail(json, json->text_at, "\"%s\" twice",
                                    member_names[i]);
            }
            *seen |= *bit;
            return true;
        }
    }
    return fl_json_fail(json, json->text_at,
                        "unknown member \"%.40s\"; expected client, op, key, "
                        "args, result, call or return",
                        text_of(json));
}

/* Finds out which operation the line is about. */
static bool take_op(struct fl_json json, struct fl_history *h,
                    struct fl_json *failed, uint32_t *fn)
{
    bool more = true;
    bool found = false;
    *failed = json;
    if (!fl_json_expect(failed, '{')) {
        return false;
    }
    for (bool first = true; more; first = false) {
        if (!fl_json_member(failed, first, &more)) {
            return false;
        }
        if (!more) {
            break;
        }
        if (strcmp(text_of(failed), "op") != 0) {
            if (!fl_json_skip(failed)) {
                return false;
            }
            continue;
        }
        (void)fl_json_peek(failed);
        const char *at = failed->at;
        if (!fl_json_string(failed)) {
            return false;
        }
        int number = fl_model_fn(h->model, text_of(failed));
        if (number < 0) {
            return fl_json_fail(failed, at,
                                "model %s has no operation \"%.40s\"",
                                h->model->name, text_of(failed));
        }
        *fn = (uint32_t)number;
        found = true;
    }
    return found ||
           fl_json_fail(failed, failed->start, "an operation needs \"op\"");
}

/* Takes the value of one member of an operation. */
static bool take_member(struct fl_json *json, struct fl_history *h,
                        unsigned bit, struct fl_operation *op)
{
    const struct fl_operation_type *type = &h->model->types[op->fn];
    switch ((enum member)bit) {
    case MEMBER_CLIENT:
        return fl_line_number(json, FL_JSONL_CLIENT_MAX, "a client",
                              &op->client);
    case MEMBER_OP:
        return fl_json_string(json);
    case MEMBER_KEY:
        return take_key(json, h, &op->key);
    case MEMBER_ARGS:
        return take_args(json, h, op);
    case MEMBER_RESULT:
        /* Any result may be null: whether that is allowed, "return" says. */
        return take_value(json, h, type->result, true, &op->result);
    case MEMBER_CALL:
        return fl_line_number(json, FL_OPEN - 2, "a stamp", &op->call);
    case MEMBER_RETURN:
        if (fl_json_peek(json) == FL_JSON_NULL) {
            return fl_json_null(json);
        }
        return fl_line_number(json, FL_OPEN - 2, "a stamp", &op->ret);
    }
    assert(false);
    return false;
}

/* Whether the operation, all of whose members were taken, makes sense. */
static bool test_operation(struct fl_json *json, const struct fl_history *h,
                           const struct fl_operation *op, unsigned seen)
{
    const struct fl_operation_type *type = &h->model->types[op->fn];
    assert(seen & MEMBER_OP);
    unsigned needed = MEMBER_CLIENT | MEMBER_CALL | MEMBER_RETURN;
    for (int i = 0; i < MEMBERS_COUNT; i++) {
        if (needed & ~seen & 1u << i) {
            return fl_json_fail(json, json->start, "an operation needs \"%s\"",
                                member_names[i]);
        }
    }
    if (type->args[0] != FL_KIND_VOID && !(seen & MEMBER_ARGS)) {
        return fl_json_fail(json, json->start, "%s needs \"args\"", type->name);
    }
    if (op->ret == FL_OPEN) {
        return op->result == FL_NONE ||
               fl_json_fail(json, json->start,
                            "an open operation has no result");
    }
    if (op->ret <= op->call) {
        return fl_json_fail(json, json->start,
                            "returns at %u, before its call at %u", op->ret,
                            op->call);
    }
    bool needs_result =
        type->result != FL_KIND_VOID && type->result != FL_KIND_INT;
    if (needs_result && op->result == FL_NONE) {
        return fl_json_fail(json, json->start, "%s needs a result", type->name);
    }
    return true;
}

bool fl_line_operation(struct fl_json *json, struct fl_history *h)
{
    assert(h->count < h->max);
    assert(h->model != NULL);
    assert(h->strings != NULL);
    struct fl_operation *op = &h->operations[h->count];
    *op = (struct fl_operation){
        .ret = FL_OPEN, .key = FL_NONE, .result = FL_NONE, .line = json->line};
    struct fl_json failed;
    if (!take_op(*json, h, &failed, &op->fn)) {
        *json = failed;
        return false;
    }
    unsigned seen = 0;
    bool more = true;
    if (!fl_json_expect(json, '{')) {
        return false;
    }
    for (bool first = true; more; first = false) {
        unsigned bit = 0;
        if (!fl_json_member(json, first, &more)) {
            return false;
        }
        if (more && (!find_member(json, &seen, &bit) ||
                     !take_member(json, h, bit, op))) {
            return false;
        }
    }
    if (!fl_json_end(json) || !test_operation(json, h, op, seen)) {
        return false;
    }
    h->count++;
    h->stamps = FL_OPEN - 1; /* until it is settled */
    return true;
}
