/*
 * The list of models, and how their operations and results are printed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/model.h"

#include "checker/models/models.h"
#include "checker/strings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    KEYS_COUNTED = 64 /* beyond it every operation counts as a key */
};

/* A line of text that is filled from the left and cut at its end. */
struct line {
    char *text;
    size_t max;
    size_t at;
};

struct alias {
    const char *name;
    const char *means;
};

const struct fl_model *const fl_models[] = {
    &fl_model_of_register,
    &fl_model_of_cas_register,
    &fl_model_of_kv,
    &fl_model_of_fifo_queue,
    &fl_model_of_bounded_queue,
    &fl_model_of_stack,
    &fl_model_of_priority_queue,
    &fl_model_of_set,
    &fl_model_of_counter,
    &fl_model_of_lock,
    &fl_model_of_mutex,
    &fl_model_of_quota_counter,
    &fl_model_of_accumulator,
    &fl_model_of_deque,
    &fl_model_of_multiset,
    &fl_model_of_semaphore,
    &fl_model_of_barrier,
    &fl_model_of_log,
    &fl_model_of_snapshot,
    &fl_model_of_txn_map,
    &fl_model_of_fifo_queue_k,
    &fl_model_of_stack_k,
    NULL,
};

static const struct alias aliases[] = {
    {"queue", "fifo_queue"},   {"cas-register", "cas_register"},
    {"ring", "bounded_queue"}, {"pqueue", "priority_queue"},
    {"bag", "multiset"},
};

static const struct fl_model *find_exactly(const char *name)
{
    for (size_t i = 0; fl_models[i] != NULL; i++) {
        if (strcmp(fl_models[i]->name, name) == 0) {
            return fl_models[i];
        }
    }
    return NULL;
}

const struct fl_model *fl_model_find(const char *name)
{
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (strcmp(aliases[i].name, name) == 0) {
            name = aliases[i].means;
        }
    }
    return find_exactly(name);
}

/* Other names of operations: a quota as memory managers speak of it. */
static const char *usual_name(const struct fl_model *model, const char *name)
{
    static const struct alias names[] = {
        {"alloc", "reserve"}, {"free", "release"}, {"total", "usage"}};
    if (model != &fl_model_of_quota_counter) {
        return name;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i].name, name) == 0) {
            return names[i].means;
        }
    }
    return name;
}

int fl_model_fn(const struct fl_model *model, const char *name)
{
    name = usual_name(model, name);
    for (uint32_t i = 0; i < model->types_count; i++) {
        if (strcmp(model->types[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* How many distinct keys there are, or a bound on it. */
static uint32_t count_keys(const struct fl_history *h)
{
    fl_value keys[KEYS_COUNTED];
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        fl_value key = h->operations[i].key;
        uint32_t at = 0;
        while (at < count && keys[at] != key) {
            at++;
        }
        if (at == KEYS_COUNTED) {
            return h->count;
        }
        if (at == count) {
            keys[count] = key;
            count++;
        }
    }
    return count;
}

void fl_space_init(struct fl_space *space, const struct fl_history *h)
{
    *space = (struct fl_space){
        .history = h,
        .initial = h->initial,
        .strings = h->strings,
        .keys = count_keys(h),
    };
    for (uint32_t i = 0; i < h->count; i++) {
        space->adds += !h->model->types[h->operations[i].fn].pure;
    }
    if (space->keys > 1) {
        space->object_max = h->model->state_max(space);
    }
}

void fl_space_limit(struct fl_space *space, uint32_t capacity, uint32_t relax)
{
    assert(space->history != NULL);
    space->capacity = capacity;
    space->relax = relax;
    if (space->keys > 1) {
        space->object_max = space->history->model->state_max(space);
    }
}

bool fl_operation_inert(const struct fl_model *model,
                        const struct fl_operation *op)
{
    if (model->types[op->fn].pure) {
        return true;
    }
    return op->ret != FL_OPEN && model->inert != NULL && model->inert(op);
}

static void add_text(struct line *line, const char *text)
{
    int written =
        snprintf(line->text + line->at, line->max - line->at, "%s", text);
    size_t room = line->max - line->at;
    line->at += written < 0               ? 0
                : (size_t)written >= room ? room - 1
                                          : (size_t)written;
    assert(line->at < line->max);
}

/* Adds a text of the history, with what would disturb a terminal or DOT shown
 * as `\xNN`. */
static void add_string(struct line *line, const struct fl_strings *strings,
                       fl_value value)
{
    if (strings == NULL || value < 0 ||
        value >= (fl_value)fl_strings_count(strings)) {
        add_text(line, "?");
        return;
    }
    size_t size;
    const char *text = fl_strings_text(strings, value, &size);
    for (size_t i = 0; i < size && line->at + 1 < line->max; i++) {
        unsigned char c = (unsigned char)text[i];
        char part[8] = {(char)c};
        if (c < ' ' || c == 127) {
            (void)snprintf(part, sizeof(part), "\\x%02x", c);
        } else if (c == '"' || c == '\\') {
            (void)snprintf(part, sizeof(part), "\\%c", c);
        }
        add_text(line, part);
    }
}

static void add_bits(struct line *line, fl_value value)
{
    const char *before = "{";
    for (int bit = 0; bit < 64; bit++) {
        if ((uint64_t)value >> bit & 1) {
            char part[16];
            (void)snprintf(part, sizeof(part), "%s%d", before, bit);
            add_text(line, part);
            before = " ";
        }
    }
    add_text(line, value == 0 ? "{}" : "}");
}

static void add_value(struct line *line, const struct fl_history *h,
                      enum fl_kind kind, fl_value value)
{
    if (value == FL_REFUSED) {
        add_text(line, "impossible");
        return;
    }
    char part[32];
    switch (kind) {
    case FL_KIND_VOID:
        add_text(line, "ok");
        break;
    case FL_KIND_INT:
        if (value == FL_NONE) {
            const char *none = h->model->none;
            add_text(line, none == NULL ? "empty" : none);
            break;
        }
        (void)snprintf(part, sizeof(part), "%" PRId64, value);
        add_text(line, part);
        break;
    case FL_KIND_BOOL:
        add_text(line, value == FL_NONE ? "?" : value ? "true" : "false");
        break;
    case FL_KIND_STRING:
        add_text(line, "\"");
        add_string(line, h->strings, value);
        add_text(line, "\"");
        break;
    case FL_KIND_BITS:
        add_bits(line, value);
        break;
    }
}

const char *fl_describe_call(const struct fl_history *h,
                             const struct fl_operation *op, char *text,
                             size_t max)
{
    assert(max > 0);
    assert(op->fn < h->model->types_count);
    const struct fl_operation_type *type = &h->model->types[op->fn];
    struct line line = {.text = text, .max = max};
    add_text(&line, type->name);
    add_text(&line, "(");
    for (int i = 0; i < FL_ARGS_MAX && type->args[i] != FL_KIND_VOID; i++) {
        add_text(&line, i > 0 ? ", " : "");
        add_value(&line, h, type->args[i], op->args[i]);
    }
    add_text(&line, ")");
    return text;
}

const char *fl_describe_key(const struct fl_history *h, fl_value key,
                            char *text, size_t max)
{
    assert(max > 0);
    struct line line = {.text = text, .max = max};
    text[0] = '\0';
    if (key >= FL_TEXT_KEYS) {
        add_string(&line, h->strings, key - FL_TEXT_KEYS);
    } else if (key != FL_NONE) {
        char part[32];
        (void)snprintf(part, sizeof(part), "%" PRId64, key);
        add_text(&line, part);
    }
    return text;
}

const char *fl_describe_result(const struct fl_history *h, uint32_t fn,
                               fl_value result, char *text, size_t max)
{
    assert(max > 0);
    assert(fn < h->model->types_count);
    struct line line = {.text = text, .max = max};
    text[0] = '\0';
    add_value(&line, h, h->model->types[fn].result, result);
    return text;
}
