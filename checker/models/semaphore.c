/*
 * A counting semaphore.  An acquisition is possible only while a permit is
 * free; whoever waits has not taken effect yet.  At first there are as many
 * permits as the initial value says, or else the capacity, or else one.  Above
 * the capacity a release is impossible.  State: the number of free permits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

static const struct fl_operation_type types[] = {
    [FL_SEMAPHORE_ACQUIRE] = {.name = "acquire", .result = FL_KIND_VOID},
    [FL_SEMAPHORE_RELEASE] = {.name = "release", .result = FL_KIND_VOID},
    [FL_SEMAPHORE_TRY] = {.name = "try", .result = FL_KIND_BOOL},
    [FL_SEMAPHORE_VALUE] = {.name = "value",
                            .result = FL_KIND_INT,
                            .pure = true},
};

static size_t state_max(const struct fl_space *space)
{
    (void)space;
    return sizeof(fl_value);
}

static size_t start(const struct fl_space *space, void *state)
{
    fl_value *permits = state;
    *permits = space->initial != FL_NONE ? space->initial
               : space->capacity > 0     ? (fl_value)space->capacity
                                         : 1;
    return sizeof(*permits);
}

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)size;
    fl_value *permits = state;
    assert(op->fn <= FL_SEMAPHORE_VALUE);
    if (op->fn == FL_SEMAPHORE_VALUE) {
        return *permits;
    }
    if (op->fn == FL_SEMAPHORE_RELEASE) {
        if (space->capacity > 0 && *permits >= (fl_value)space->capacity) {
            return FL_REFUSED;
        }
        (*permits)++;
        return FL_NONE;
    }
    bool is_free = *permits > 0;
    *permits -= is_free;
    if (op->fn == FL_SEMAPHORE_TRY) {
        return is_free;
    }
    return is_free ? FL_NONE : FL_REFUSED;
}

static const char *describe(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max)
{
    (void)space;
    (void)size;
    const fl_value *permits = state;
    assert(max > 0);
    (void)snprintf(text, max, "%" PRId64 " free", *permits);
    return text;
}

static bool is_inert(const struct fl_operation *op)
{
    return op->fn == FL_SEMAPHORE_VALUE ||
           (op->fn == FL_SEMAPHORE_TRY && op->result == 0);
}

const struct fl_model fl_model_of_semaphore = {
    .name = "semaphore",
    .about = "permits; a try fails only while none is free",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = state_max,
    .start = start,
    .step = step,
    .describe = describe,
    .inert = is_inert,
};
