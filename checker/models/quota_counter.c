/*
 * A quota: reservations whose sum must stay within `capacity`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>

static const struct fl_operation_type types[] = {
    [FL_QUOTA_RESERVE] = {.name = "reserve",
                          .args = {FL_KIND_INT},
                          .result = FL_KIND_BOOL},
    [FL_QUOTA_RELEASE] = {.name = "release",
                          .args = {FL_KIND_INT},
                          .result = FL_KIND_BOOL},
    [FL_QUOTA_USAGE] = {.name = "usage", .result = FL_KIND_INT, .pure = true},
};

static size_t state_max(const struct fl_space *space)
{
    (void)space;
    return sizeof(fl_value);
}

static size_t start(const struct fl_space *space, void *state)
{
    fl_value *used = state;
    *used = space->initial == FL_NONE ? 0 : space->initial;
    return sizeof(*used);
}

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    assert(*size == sizeof(fl_value));
    fl_value *used = state;
    if (op->fn == FL_QUOTA_USAGE) {
        return *used;
    }
    uint64_t amount = (uint64_t)op->args[0];
    if (op->fn == FL_QUOTA_RELEASE) {
        *used = (fl_value)((uint64_t)*used - amount);
        return true;
    }
    fl_value after = (fl_value)((uint64_t)*used + amount);
    if (space->capacity > 0 && after > (fl_value)space->capacity) {
        return false;
    }
    *used = after;
    return true;
}

static bool is_inert(const struct fl_operation *op)
{
    return op->fn == FL_QUOTA_USAGE || op->args[0] == 0 ||
           (op->fn == FL_QUOTA_RESERVE && op->result == 0);
}

const struct fl_model fl_model_of_quota_counter = {
    .name = "quota_counter",
    .about = "reservations within a capacity; false when over it",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = state_max,
    .start = start,
    .step = step,
    .describe = fl_number_describe,
    .inert = is_inert,
};
