/*
 * A first-in first-out queue that holds at most `capacity` values and answers
 * false when it is full.  State: values, oldest first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>

static const struct fl_operation_type types[] = {
    [FL_QUEUE_ENQUEUE] = {.name = "enqueue",
                          .args = {FL_KIND_INT},
                          .result = FL_KIND_BOOL},
    [FL_QUEUE_DEQUEUE] = {.name = "dequeue", .result = FL_KIND_INT},
    [FL_QUEUE_PEEK] = {.name = "peek", .result = FL_KIND_INT, .pure = true},
};

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    size_t count = *size / sizeof(fl_value);
    assert(space->capacity == 0 || count <= space->capacity);
    if (op->fn == FL_QUEUE_ENQUEUE) {
        if (space->capacity > 0 && count >= space->capacity) {
            return false;
        }
        fl_sequence_insert(state, size, count, op->args[0]);
        return true;
    }
    if (op->fn == FL_QUEUE_DEQUEUE) {
        return fl_sequence_remove(state, size, 0);
    }
    return fl_sequence_at(state, *size, 0);
}

const struct fl_model fl_model_of_bounded_queue = {
    .name = "bounded_queue",
    .about = "first in, first out; enqueue gives false when it is full",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = fl_sequence_max,
    .start = fl_sequence_start,
    .step = step,
    .describe = fl_sequence_describe,
    .unit = fl_container_unit,
    .inert = fl_container_inert,
    .values = fl_container_values,
    .takes_first = fl_container_takes_first,
};
