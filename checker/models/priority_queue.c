/*
 * A priority queue: the greatest value comes first.  State: values, sorted,
 * the greatest first, so that equal contents are equal bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>

static const struct fl_operation_type types[] = {
    [FL_PRIORITY_INSERT] = {.name = "insert",
                            .args = {FL_KIND_INT},
                            .result = FL_KIND_VOID},
    [FL_PRIORITY_POLL] = {.name = "poll", .result = FL_KIND_INT},
    [FL_PRIORITY_PEEK] = {.name = "peek", .result = FL_KIND_INT, .pure = true},
};

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    assert(op->fn <= FL_PRIORITY_PEEK);
    if (op->fn == FL_PRIORITY_INSERT) {
        size_t at = 0;
        size_t end = *size / sizeof(fl_value);
        while (at < end) { /* the first that is not greater */
            size_t middle = at + (end - at) / 2;
            if (fl_sequence_at(state, *size, middle) > op->args[0]) {
                at = middle + 1;
            } else {
                end = middle;
            }
        }
        fl_sequence_insert(state, size, at, op->args[0]);
        return FL_NONE;
    }
    if (op->fn == FL_PRIORITY_POLL) {
        return fl_sequence_remove(state, size, 0);
    }
    return fl_sequence_at(state, *size, 0);
}

const struct fl_model fl_model_of_priority_queue = {
    .name = "priority_queue",
    .about = "the greatest value first",
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
};
