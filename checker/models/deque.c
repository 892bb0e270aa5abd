/*
 * A queue with two ends, without a limit.  State: values, front to back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>

static const struct fl_operation_type types[] = {
    [FL_DEQUE_PUSH_FRONT] = {.name = "push_front",
                             .args = {FL_KIND_INT},
                             .result = FL_KIND_VOID},
    [FL_DEQUE_PUSH_BACK] = {.name = "push_back",
                            .args = {FL_KIND_INT},
                            .result = FL_KIND_VOID},
    [FL_DEQUE_POP_FRONT] = {.name = "pop_front", .result = FL_KIND_INT},
    [FL_DEQUE_POP_BACK] = {.name = "pop_back", .result = FL_KIND_INT},
};

static bool is_push(const struct fl_operation *op)
{
    return op->fn == FL_DEQUE_PUSH_FRONT || op->fn == FL_DEQUE_PUSH_BACK;
}

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    assert(op->fn <= FL_DEQUE_POP_BACK);
    bool at_front =
        op->fn == FL_DEQUE_PUSH_FRONT || op->fn == FL_DEQUE_POP_FRONT;
    size_t count = *size / sizeof(fl_value);
    if (is_push(op)) {
        fl_sequence_insert(state, size, at_front ? 0 : count, op->args[0]);
        return FL_NONE;
    }
    /* Of an empty one, index 0 is beyond the end, too. */
    return fl_sequence_remove(state, size,
                              at_front || count == 0 ? 0 : count - 1);
}

static bool is_inert(const struct fl_operation *op)
{
    return !is_push(op) && op->result == FL_NONE;
}

static void tell_values(const struct fl_operation *op, struct fl_values *values)
{
    bool is_open = op->ret == FL_OPEN;
    *values = (struct fl_values){.given = FL_NONE, .taken = FL_NONE};
    if (is_push(op)) {
        values->gives = true;
        values->given = op->args[0];
        return;
    }
    values->takes = !is_open && op->result != FL_NONE;
    values->taken = op->result;
}

/* A value with its operations: those that stay keep their order, and "empty"
 * only gets easier.  An open pop may have made room for anything. */
static void drop_unit(const struct fl_history *h, uint32_t i, bool *drop)
{
    assert(i < h->count);
    const struct fl_operation *op = &h->operations[i];
    bool is_open = op->ret == FL_OPEN;
    if (!is_open && is_inert(op)) {
        drop[i] = true;
        return;
    }
    if (is_open && !is_push(op)) {
        return;
    }
    fl_value value = is_push(op) ? op->args[0] : op->result;
    for (uint32_t k = 0; k < h->count; k++) {
        struct fl_values about;
        tell_values(&h->operations[k], &about);
        drop[k] = (about.gives && about.given == value) ||
                  (about.takes && about.taken == value);
    }
}

const struct fl_model fl_model_of_deque = {
    .name = "deque",
    .about = "values are pushed and popped at both ends; no limit",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = fl_sequence_max,
    .start = fl_sequence_start,
    .step = step,
    .describe = fl_sequence_describe,
    .unit = drop_unit,
    .inert = is_inert,
    .values = tell_values,
};
