/*
 * What a draft's values mean to a model, and what they cannot mean.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/draft.h"

#include "checker/model.h"
#include "checker/strings.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    BITS_MAX = 63
};

static bool has_all(const struct fl_draft *draft, const struct fl_model *model,
                    const char **missing)
{
    assert(draft->names_count <= FL_DRAFT_NAMES_MAX);
    for (uint32_t i = 0; i < draft->names_count; i++) {
        if (fl_model_fn(model, draft->names[i]) < 0) {
            *missing = draft->names[i];
            return false;
        }
    }
    return true;
}

/* Where the operation called `name` stands first. */
static const struct fl_draft_operation *first_of(const struct fl_draft *draft,
                                                 const char *name)
{
    const struct fl_draft_operation *ops = fl_draft_operations(draft);
    for (uint32_t i = 0; i < draft->count; i++) {
        if (strcmp(draft->names[ops[i].name], name) == 0) {
            return &ops[i];
        }
    }
    return NULL;
}

bool fl_draft_find_model(struct fl_draft *draft)
{
    const char *missing = NULL;
    struct fl_history *h = draft->h;
    if (h->model == NULL && draft->rules.model != NULL) {
        h->model = fl_model_find(draft->rules.model);
    }
    if (h->model != NULL) {
        if (has_all(draft, h->model, &missing)) {
            return true;
        }
        const struct fl_draft_operation *at = first_of(draft, missing);
        return fl_source_fail(draft->source, at == NULL ? 1 : at->line,
                              at == NULL ? 1 : at->column,
                              "model %s has no operation \"%s\"",
                              h->model->name, missing);
    }
    /* Jepsen's locks have no owner: what is released by another client is no
     * violation unless the model is said to be "lock" */
    const struct fl_model *mutex = fl_model_find("mutex");
    assert(mutex != NULL);
    if (draft->names_count > 0 && has_all(draft, mutex, &missing)) {
        h->model = mutex;
        return true;
    }
    for (size_t i = 0; fl_models[i] != NULL; i++) {
        if (draft->names_count > 0 && has_all(draft, fl_models[i], &missing)) {
            h->model = fl_models[i];
            return true;
        }
    }
    return fl_source_fail(draft->source, 1, 1,
                          "%s%s%s tells no model: say which with --model",
                          draft->names_count == 0 ? "no operation" : "\"",
                          draft->names_count == 0 ? "" : draft->names[0],
                          draft->names_count == 0 ? "" : "\" and the others");
}

/* What an operation is converted with. */
struct conversion {
    struct fl_draft *draft;
    const struct fl_draft_operation *from;
    const struct fl_operation_type *type;
};

static const char *scalar_name(enum fl_scalar_kind kind)
{
    switch (kind) {
    case FL_SCALAR_ABSENT:
        return "nothing";
    case FL_SCALAR_NONE:
        return "null";
    case FL_SCALAR_INT:
        return "a number";
    case FL_SCALAR_BOOL:
        return "a truth value";
    case FL_SCALAR_TEXT:
    case FL_SCALAR_RAW:
        return "a text";
    case FL_SCALAR_BITS:
        return "a list";
    case FL_SCALAR_ODD:
        return "a value of another kind";
    }
    return "a value";
}

/* Fails: the value in this slot is not what the model needs. */
static bool fail_value(const struct conversion *c, enum fl_slot slot,
                       const char *wanted)
{
    const struct fl_draft_operation *from = c->from;
    assert((int)slot < FL_SLOTS && wanted != NULL);
    bool is_result = slot >= FL_SLOT_RESULT && from->return_line > 0;
    const char *what = slot == FL_SLOT_KEY      ? "has as its key"
                       : slot >= FL_SLOT_RESULT ? "answers"
                                                : "is called with";
    return fl_source_fail(
        c->draft->source, is_result ? from->return_line : from->line,
        is_result ? from->return_column : from->column, "%s %s %s; expected %s",
        c->type->name, what, scalar_name((enum fl_scalar_kind)from->kind[slot]),
        wanted);
}

/* Reads a whole number out of a field. */
static bool read_number(const struct conversion *c, int64_t text,
                        int64_t *number)
{
    size_t size;
    assert(text >= 0);
    const char *from = fl_strings_text(c->draft->h->strings, text, &size);
    char *end = NULL;
    bool begins =
        size > 0 && (from[0] == '-' || (from[0] >= '0' && from[0] <= '9'));
    errno = 0;
    *number = begins ? strtoll(from, &end, 10) : 0;
    return begins && errno == 0 && end == from + size;
}

/* Reads a list of small numbers out of a field: "0 3 5". */
static bool read_bits(const struct conversion *c, int64_t text, int64_t *bits)
{
    size_t size;
    const char *from = fl_strings_text(c->draft->h->strings, text, &size);
    *bits = 0;
    const char *at = from + (from[0] == '[');
    while (*at != '\0' && *at != ']') {
        char *end = NULL;
        unsigned long bit =
            *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : BITS_MAX;
        if (bit >= BITS_MAX) {
            return false;
        }
        *bits |= (int64_t)((uint64_t)1 << bit);
        at = end + (*end == ' ');
    }
    at += from[0] == '[' && *at == ']';
    return at == from + size;
}

static bool is_word(const struct conversion *c, int64_t text, const char *word)
{
    size_t size;
    const char *from = fl_strings_text(c->draft->h->strings, text, &size);
    return strcmp(from, word) == 0;
}

static bool take_int(const struct conversion *c, enum fl_slot slot,
                     fl_value *value)
{
    bool taken = c->from->kind[slot] == FL_SCALAR_INT;
    if (slot == FL_SLOT_RESULT &&
        c->from->kind[FL_SLOT_RESULT_FIRST] != FL_SCALAR_ABSENT) {
        /* [k v] answers an operation with a key, and no other */
        taken = taken && c->from->kind[FL_SLOT_KEY] != FL_SCALAR_ABSENT;
    }
    if (c->from->kind[slot] == FL_SCALAR_RAW) {
        taken = read_number(c, c->from->value[slot], value);
    }
    if (!taken) {
        return fail_value(c, slot, "a whole number of 64 bits");
    }
    if (*value == FL_NONE || *value == FL_NONE + 1) {
        return fail_value(c, slot, "another one: this one is reserved");
    }
    return true;
}

static bool take_bool(const struct conversion *c, enum fl_slot slot,
                      fl_value *value)
{
    enum fl_scalar_kind kind = (enum fl_scalar_kind)c->from->kind[slot];
    if (kind == FL_SCALAR_RAW &&
        (is_word(c, *value, "true") || is_word(c, *value, "false"))) {
        *value = is_word(c, *value, "true");
        return true;
    }
    return kind == FL_SCALAR_BOOL || fail_value(c, slot, "true or false");
}

static bool take_bits(const struct conversion *c, enum fl_slot slot,
                      fl_value *value)
{
    const struct fl_draft_operation *from = c->from;
    uint8_t first = slot == FL_SLOT_RESULT ? from->kind[FL_SLOT_RESULT_FIRST]
                                           : (uint8_t)FL_SCALAR_ABSENT;
    if (from->kind[slot] == FL_SCALAR_INT && first == FL_SCALAR_INT) {
        int64_t other = from->value[FL_SLOT_RESULT_FIRST];
        if (*value >= 0 && *value < BITS_MAX && other >= 0 &&
            other < BITS_MAX) {
            *value = (fl_value)((uint64_t)1 << *value | (uint64_t)1 << other);
            return true;
        }
    } else if (from->kind[slot] == FL_SCALAR_RAW &&
               read_bits(c, from->value[slot], value)) {
        return true;
    }
    return from->kind[slot] == FL_SCALAR_BITS ||
           fail_value(c, slot, "a list of numbers from 0 to 62");
}

/* Takes what is in `slot` as a value of this kind. */
static bool take_value(const struct conversion *c, enum fl_slot slot,
                       enum fl_kind kind, fl_value *value)
{
    assert((int)slot < FL_SLOTS);
    enum fl_scalar_kind is = (enum fl_scalar_kind)c->from->kind[slot];
    *value = c->from->value[slot];
    switch (kind) {
    case FL_KIND_VOID:
        *value = FL_NONE;
        return true;
    case FL_KIND_INT:
        return take_int(c, slot, value);
    case FL_KIND_BOOL:
        return take_bool(c, slot, value);
    case FL_KIND_STRING:
        if (is == FL_SCALAR_NONE && c->draft->rules.nil_is_empty) {
            *value = fl_strings_add(c->draft->h->strings, "", 0);
            return *value >= 0 || fl_source_no_memory(c->draft->source);
        }
        return is == FL_SCALAR_TEXT || is == FL_SCALAR_RAW ||
               fail_value(c, slot, "a text");
    case FL_KIND_BITS:
        return take_bits(c, slot, value);
    }
    return false;
}

static bool take_key(const struct conversion *c, fl_value *key)
{
    enum fl_scalar_kind kind = (enum fl_scalar_kind)c->from->kind[FL_SLOT_KEY];
    int64_t value = c->from->value[FL_SLOT_KEY];
    *key = FL_NONE;
    if (kind == FL_SCALAR_ABSENT || kind == FL_SCALAR_NONE) {
        return true;
    }
    if (kind == FL_SCALAR_RAW && read_number(c, value, key)) {
        kind = FL_SCALAR_INT;
    } else if (kind == FL_SCALAR_TEXT || kind == FL_SCALAR_RAW) {
        *key = value + FL_TEXT_KEYS;
        return true;
    } else {
        *key = value;
    }
    bool fits =
        kind == FL_SCALAR_INT && *key<FL_TEXT_KEYS && * key> FL_NONE + 1;
    return fits || fail_value(c, FL_SLOT_KEY, "a text, or a number below 2^62");
}

static int count_args(const struct fl_operation_type *type)
{
    int count = 0;
    while (count < FL_ARGS_MAX && type->args[count] != FL_KIND_VOID) {
        count++;
    }
    return count;
}

static void move_slot(struct fl_draft_operation *op, enum fl_slot from,
                      enum fl_slot to)
{
    assert(from != to);
    op->kind[to] = op->kind[from];
    op->value[to] = op->value[from];
    op->kind[from] = FL_SCALAR_ABSENT;
}

/* A pair where one value is wanted is a key and a value. */
static void split_pairs(struct fl_draft_operation *op, bool pairs, int wanted)
{
    if (pairs && wanted < 2 && op->kind[FL_SLOT_SECOND] != FL_SCALAR_ABSENT &&
        op->kind[FL_SLOT_KEY] == FL_SCALAR_ABSENT) {
        move_slot(op, FL_SLOT_FIRST, FL_SLOT_KEY);
        move_slot(op, FL_SLOT_SECOND, FL_SLOT_FIRST);
    }
}

static bool take_args(const struct conversion *c, struct fl_operation *op)
{
    const struct fl_draft *draft = c->draft;
    int wanted = count_args(c->type);
    for (int i = 0; i < FL_ARGS_MAX; i++) {
        enum fl_slot slot = i == 0 ? FL_SLOT_FIRST : FL_SLOT_SECOND;
        enum fl_scalar_kind kind = (enum fl_scalar_kind)c->from->kind[slot];
        bool is_nothing = kind == FL_SCALAR_ABSENT || kind == FL_SCALAR_NONE;
        if (i >= wanted) {
            bool guess = wanted == 0 && i == 0 && draft->rules.echoes;
            if (!is_nothing && !guess) {
                return fl_source_fail(draft->source, c->from->line,
                                      c->from->column, "%s takes %d argument%s",
                                      c->type->name, wanted,
                                      wanted == 1 ? "" : "s");
            }
            continue;
        }
        if (kind == FL_SCALAR_NONE && draft->h->model->none != NULL) {
            op->args[i] = FL_NONE;
        } else if (!take_value(c, slot, c->type->args[i], &op->args[i])) {
            return false;
        }
    }
    return true;
}

/* Whether "nothing" is an answer that the model gives. */
static bool answers_nothing(const struct conversion *c)
{
    const struct fl_model *model = c->draft->h->model;
    return c->type->result == FL_KIND_INT &&
           strcmp(model->name, "counter") != 0 &&
           strcmp(model->name, "quota_counter") != 0;
}

static bool take_result(const struct conversion *c, struct fl_operation *op,
                        bool *keep)
{
    enum fl_scalar_kind kind =
        (enum fl_scalar_kind)c->from->kind[FL_SLOT_RESULT];
    const struct fl_rules *rules = &c->draft->rules;
    assert(c->from->outcome != FL_OUTCOME_OPEN && *keep);
    if (c->from->outcome == FL_OUTCOME_FAIL) {
        op->result = 0;
        *keep = rules->failures_observe && c->type->result == FL_KIND_BOOL;
        return true;
    }
    if (c->type->result == FL_KIND_VOID) {
        return rules->echoes || kind == FL_SCALAR_ABSENT ||
               kind == FL_SCALAR_NONE ||
               fail_value(c, FL_SLOT_RESULT, "nothing");
    }
    if (c->type->result == FL_KIND_BOOL && rules->echoes &&
        kind != FL_SCALAR_BOOL) {
        op->result = 1;
        return true;
    }
    if (kind == FL_SCALAR_NONE && answers_nothing(c)) {
        bool is_register = c->draft->h->model->none != NULL;
        *keep = !(is_register && rules->nil_is_unknown);
        return true;
    }
    return take_value(c, FL_SLOT_RESULT, c->type->result, &op->result);
}

bool fl_draft_convert(struct fl_draft *draft,
                      const struct fl_draft_operation *from,
                      struct fl_operation *op, bool *keep)
{
    const struct fl_model *model = draft->h->model;
    int fn = fl_model_fn(model, draft->names[from->name]);
    assert(fn >= 0);
    struct fl_draft_operation split = *from;
    struct conversion c = {draft, &split, &model->types[fn]};
    split_pairs(&split, draft->rules.echoes, count_args(c.type));
    *op = (struct fl_operation){.fn = (uint32_t)fn,
                                .ret = FL_OPEN,
                                .result = FL_NONE,
                                .line = from->line};
    *keep = from->outcome != FL_OUTCOME_GONE;
    if (!*keep) {
        return true;
    }
    if (!take_key(&c, &op->key) || !take_args(&c, op)) {
        return false;
    }
    return from->outcome == FL_OUTCOME_OPEN || take_result(&c, op, keep);
}
