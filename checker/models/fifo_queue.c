/*
 * A first-in first-out queue without a limit.  State: values, oldest first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>

static const struct fl_operation_type types[] = {
    [FL_QUEUE_ENQUEUE] = {.name = "enqueue",
                          .args = {FL_KIND_INT},
                          .result = FL_KIND_VOID},
    [FL_QUEUE_DEQUEUE] = {.name = "dequeue", .result = FL_KIND_INT},
    [FL_QUEUE_PEEK] = {.name = "peek", .result = FL_KIND_INT, .pure = true},
};

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    assert(op->fn <= FL_QUEUE_PEEK);
    if (op->fn == FL_QUEUE_ENQUEUE) {
        fl_sequence_insert(state, size, *size / sizeof(fl_value), op->args[0]);
        return FL_NONE;
    }
    if (op->fn == FL_QUEUE_DEQUEUE) {
        return fl_sequence_remove(state, size, 0);
    }
    return fl_sequence_at(state, *size, 0);
}

const struct fl_model fl_model_of_fifo_queue = {
    .name = "fifo_queue",
    .about = "first in, first out; no limit",
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
    .relaxed = &fl_model_of_fifo_queue_k,
};
