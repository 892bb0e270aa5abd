/*
 * A barrier for `capacity` parties, again and again.
 *
 * Nobody passes before all have come, so one call that waits is not one step
 * of anything.  It is two operations, one after the other: `arrive`, which
 * answers the number of the phase (from 0), and `wait` for that phase, which
 * is possible only once all parties of it have arrived.  A call that does both
 * is recorded as both: the arrival as soon as it is called.
 *
 * State: how many have arrived in all phases together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

static const struct fl_operation_type types[] = {
    [FL_BARRIER_ARRIVE] = {.name = "arrive", .result = FL_KIND_INT},
    [FL_BARRIER_WAIT] = {.name = "wait",
                         .args = {FL_KIND_INT},
                         .result = FL_KIND_VOID,
                         .pure = true},
};

static size_t state_max(const struct fl_space *space)
{
    (void)space;
    return sizeof(fl_value);
}

static size_t start(const struct fl_space *space, void *state)
{
    (void)space;
    fl_value *arrived = state;
    *arrived = 0;
    return sizeof(*arrived);
}

static fl_value parties(const struct fl_space *space)
{
    return space->capacity == 0 ? 1 : (fl_value)space->capacity;
}

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)size;
    fl_value *arrived = state;
    assert(*arrived >= 0);
    fl_value phase = *arrived / parties(space);
    if (op->fn == FL_BARRIER_ARRIVE) {
        (*arrived)++;
        return phase;
    }
    return op->args[0] < phase ? FL_NONE : FL_REFUSED;
}

static const char *describe(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max)
{
    (void)size;
    const fl_value *arrived = state;
    assert(max > 0);
    (void)snprintf(text, max, "phase %" PRId64 ", %" PRId64 " of %" PRId64,
                   *arrived / parties(space), *arrived % parties(space),
                   parties(space));
    return text;
}

const struct fl_model fl_model_of_barrier = {
    .name = "barrier",
    .about = "nobody passes a phase before all parties have arrived",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = state_max,
    .start = start,
    .step = step,
    .describe = describe,
};
