/*
 * A set.  State: its elements in ascending order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>

static const struct fl_operation_type types[] = {
    [FL_SET_INSERT] = {.name = "insert",
                       .args = {FL_KIND_INT},
                       .result = FL_KIND_BOOL},
    [FL_SET_REMOVE] = {.name = "remove",
                       .args = {FL_KIND_INT},
                       .result = FL_KIND_BOOL},
    [FL_SET_CONTAINS] = {.name = "contains",
                         .args = {FL_KIND_INT},
                         .result = FL_KIND_BOOL,
                         .pure = true},
};

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    size_t count = *size / sizeof(fl_value);
    assert(op->fn <= FL_SET_CONTAINS);
    size_t at = 0;
    size_t end = count; /* the first that is not less lies from at to end */
    while (at < end) {
        size_t middle = at + (end - at) / 2;
        if (fl_sequence_at(state, *size, middle) < op->args[0]) {
            at = middle + 1;
        } else {
            end = middle;
        }
    }
    bool found = at < count && fl_sequence_at(state, *size, at) == op->args[0];
    if (op->fn == FL_SET_INSERT && !found) {
        fl_sequence_insert(state, size, at, op->args[0]);
        return true;
    }
    if (op->fn == FL_SET_REMOVE && found) {
        (void)fl_sequence_remove(state, size, at);
        return true;
    }
    return op->fn == FL_SET_INSERT ? false : found;
}

static const char *describe(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max)
{
    fl_sequence_describe(space, state, size, text, max);
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '[') {
            *c = '{';
        } else if (*c == ']') {
            *c = '}';
        }
    }
    return text;
}

static bool is_inert(const struct fl_operation *op)
{
    return op->fn == FL_SET_CONTAINS || op->result == 0;
}

/* An element with all its operations; an observer alone. */
static void drop_unit(const struct fl_history *h, uint32_t i, bool *drop)
{
    assert(i < h->count);
    const struct fl_operation *op = &h->operations[i];
    if (op->fn == FL_SET_CONTAINS || (op->ret != FL_OPEN && is_inert(op))) {
        drop[i] = true;
        return;
    }
    for (uint32_t k = 0; k < h->count; k++) {
        drop[k] = h->operations[k].args[0] == op->args[0];
    }
}

const struct fl_model fl_model_of_set = {
    .name = "set",
    .about = "insert and remove say whether they changed it",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = fl_sequence_max,
    .start = fl_sequence_start,
    .step = step,
    .describe = describe,
    .by_element = true,
    .unit = drop_unit,
    .inert = is_inert,
};
