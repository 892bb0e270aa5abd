/*
 * An append-only log: what was appended stays, at the index that the append
 * answered.  State: entries, the oldest first.
 *
 * An entry that nobody read cannot be left out: the later ones would move.  So
 * there are no units but observers, and no values to promote.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>

static const struct fl_operation_type types[] = {
    [FL_LOG_APPEND] = {.name = "append",
                       .args = {FL_KIND_INT},
                       .result = FL_KIND_INT},
    [FL_LOG_READ] = {.name = "read",
                     .args = {FL_KIND_INT},
                     .result = FL_KIND_INT,
                     .pure = true},
    [FL_LOG_LENGTH] = {.name = "length", .result = FL_KIND_INT, .pure = true},
};

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    size_t count = *size / sizeof(fl_value);
    assert(op->fn <= FL_LOG_LENGTH);
    if (op->fn == FL_LOG_APPEND) {
        fl_sequence_insert(state, size, count, op->args[0]);
        return (fl_value)count;
    }
    if (op->fn == FL_LOG_LENGTH) {
        return (fl_value)count;
    }
    /* A negative index is beyond the end, too. */
    return fl_sequence_at(state, *size, (size_t)op->args[0]);
}

const struct fl_model fl_model_of_log = {
    .name = "log",
    .about = "append gives the index, from 0; read gives none beyond the end",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = fl_sequence_max,
    .start = fl_sequence_start,
    .step = step,
    .describe = fl_sequence_describe,
};
