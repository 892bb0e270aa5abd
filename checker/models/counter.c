/*
 * A counter that adds and gives the value before (fetch-and-add).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>

static const struct fl_operation_type types[] = {
    [FL_COUNTER_ADD] = {.name = "add",
                        .args = {FL_KIND_INT},
                        .result = FL_KIND_INT},
    [FL_COUNTER_READ] = {.name = "read", .result = FL_KIND_INT, .pure = true},
};

static size_t state_max(const struct fl_space *space)
{
    (void)space;
    return sizeof(fl_value);
}

static size_t start(const struct fl_space *space, void *state)
{
    fl_value *value = state;
    *value = space->initial == FL_NONE ? 0 : space->initial;
    return sizeof(*value);
}

/* Wraps around, as the machine does. */
static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    assert(*size == sizeof(fl_value));
    fl_value *value = state;
    fl_value before = *value;
    if (op->fn == FL_COUNTER_ADD) {
        *value = (fl_value)((uint64_t)before + (uint64_t)op->args[0]);
    }
    return before;
}

static bool is_inert(const struct fl_operation *op)
{
    return op->fn == FL_COUNTER_READ || op->args[0] == 0;
}

const struct fl_model fl_model_of_counter = {
    .name = "counter",
    .about = "add gives the value before",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = state_max,
    .start = start,
    .step = step,
    .describe = fl_number_describe,
    .inert = is_inert,
};
