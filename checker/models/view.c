/*
 * What one reader sees of a broadcast: the model of the views of weakening.h.
 *
 *     state   whether the reader is registered, the atoms since it received
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>
#include <stdio.h>

enum {
    ATOMS_MAX = 63
};

struct view {
    uint64_t registered; /* 0 or 1 */
    uint64_t atoms;
};

static const struct fl_operation_type types[] = {
    [FL_ACCUMULATOR_SEND] = {.name = "send",
                             .args = {FL_KIND_INT},
                             .result = FL_KIND_VOID},
    [FL_ACCUMULATOR_RECEIVE] = {.name = "receive", .result = FL_KIND_BITS},
    [FL_ACCUMULATOR_REGISTER] = {.name = "register", .result = FL_KIND_VOID},
    [FL_ACCUMULATOR_DROP] = {.name = "drop", .result = FL_KIND_VOID},
};

static size_t state_max(const struct fl_space *space)
{
    (void)space;
    return sizeof(struct view);
}

static size_t start(const struct fl_space *space, void *state)
{
    (void)space;
    *(struct view *)state = (struct view){0};
    return sizeof(struct view);
}

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    assert(*size == sizeof(struct view));
    struct view *view = state;
    uint64_t atoms = view->atoms;
    switch (op->fn) {
    case FL_ACCUMULATOR_SEND:
        if (op->args[0] < 0 || op->args[0] >= ATOMS_MAX) {
            return FL_REFUSED;
        }
        view->atoms |= view->registered << op->args[0];
        return FL_NONE;
    case FL_ACCUMULATOR_RECEIVE:
        view->atoms = 0;
        return (fl_value)atoms;
    default: /* register, drop: with nothing, or not at all */
        *view = (struct view){.registered = op->fn == FL_ACCUMULATOR_REGISTER};
        return FL_NONE;
    }
}

static const char *describe(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max)
{
    (void)space;
    (void)size;
    const struct view *view = state;
    size_t at = 0;
    const char *gap = "";
    if (view->registered == 0) {
        (void)snprintf(text, max, "not registered");
        return text;
    }
    (void)snprintf(text, max, "{}");
    for (int atom = 0; atom < ATOMS_MAX && at + 8 < max; atom++) {
        if (view->atoms >> atom & 1) {
            int written = snprintf(text + at, max - at, "%s%d",
                                   at == 0 ? "{" : gap, atom);
            at += written > 0 ? (size_t)written : 0;
            gap = " ";
        }
    }
    if (at > 0 && at + 2 <= max) {
        (void)snprintf(text + at, max - at, "}");
    }
    return text;
}

static bool is_inert(const struct fl_operation *op)
{
    return op->fn == FL_ACCUMULATOR_RECEIVE && op->result == 0;
}

#define VIEW_MODEL(word, says)                                          \
    {                                                                   \
        .name = (word), .about = (says), .types = types,                \
        .types_count = sizeof(types) / sizeof(types[0]), .keyed = true, \
        .state_max = state_max, .start = start, .step = step,           \
        .describe = describe, .inert = is_inert                         \
    }

const struct fl_model fl_model_of_accumulator_reader =
    VIEW_MODEL("accumulator_reader",
               "a broadcast that reaches one reader after the other");
const struct fl_model fl_model_of_accumulator_pair =
    VIEW_MODEL("accumulator_pair",
               "a broadcast in the order of each writer, for each reader");
const struct fl_model fl_model_of_accumulator_once =
    VIEW_MODEL("accumulator_once",
               "a broadcast whose atoms arrive once, by the next pause");
