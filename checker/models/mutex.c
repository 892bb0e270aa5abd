/*
 * A mutex that anyone may release while it is held.  State: one value while it
 * is held, none while it is free.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>
#include <stdio.h>

static const struct fl_operation_type types[] = {
    [FL_LOCK_ACQUIRE] = {.name = "acquire", .result = FL_KIND_VOID},
    [FL_LOCK_RELEASE] = {.name = "release", .result = FL_KIND_VOID},
    [FL_LOCK_TRY] = {.name = "try", .result = FL_KIND_BOOL},
};

static size_t state_max(const struct fl_space *space)
{
    (void)space;
    return sizeof(fl_value);
}

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    assert(*size <= sizeof(fl_value));
    bool is_held = *size > 0;
    if (op->fn == FL_LOCK_RELEASE) {
        return fl_sequence_remove(state, size, 0) == FL_NONE ? FL_REFUSED
                                                             : FL_NONE;
    }
    if (is_held) {
        return op->fn == FL_LOCK_TRY ? false : FL_REFUSED;
    }
    fl_sequence_insert(state, size, 0, 1);
    return op->fn == FL_LOCK_TRY ? true : FL_NONE;
}

static const char *describe(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max)
{
    (void)space;
    (void)state;
    (void)snprintf(text, max, "%s", size == 0 ? "free" : "held");
    return text;
}

static bool is_inert(const struct fl_operation *op)
{
    return op->fn == FL_LOCK_TRY && op->result == 0;
}

const struct fl_model fl_model_of_mutex = {
    .name = "mutex",
    .about = "released by anyone while it is held",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = state_max,
    .start = fl_sequence_start,
    .step = step,
    .describe = describe,
    .inert = is_inert,
};
