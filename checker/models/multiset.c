/*
 * A multiset (bag): a remove takes any of the values in it.  State: values in
 * ascending order, so that equal contents are equal bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>

static const struct fl_operation_type types[] = {
    [FL_MULTISET_ADD] = {.name = "add",
                         .args = {FL_KIND_INT},
                         .result = FL_KIND_VOID},
    [FL_MULTISET_REMOVE] = {.name = "remove", .result = FL_KIND_INT},
    [FL_MULTISET_PEEK] = {.name = "peek", .result = FL_KIND_INT, .pure = true},
};

/* The index of the first value that is not below `value`. */
static size_t find_place(const void *state, size_t size, fl_value value)
{
    assert(size % sizeof(fl_value) == 0);
    size_t at = 0;
    while (at < size / sizeof(fl_value) &&
           fl_sequence_at(state, size, at) < value) {
        at++;
    }
    return at;
}

/* The distinct value number `way`, by its index; the count beyond the last. */
static size_t find_distinct(const void *state, size_t size, uint32_t way)
{
    assert(size % sizeof(fl_value) == 0);
    size_t count = size / sizeof(fl_value);
    size_t at = 0;
    for (; at < count; at++) {
        bool is_first = at == 0 || fl_sequence_at(state, size, at - 1) !=
                                       fl_sequence_at(state, size, at);
        if (is_first && way == 0) {
            return at;
        }
        way -= is_first;
    }
    return at;
}

static uint32_t count_ways(const struct fl_space *space, const void *state,
                           size_t size, const struct fl_operation *op)
{
    (void)space;
    if (op->fn == FL_MULTISET_ADD) {
        return 1;
    }
    if (op->ret != FL_OPEN) {
        size_t at = find_place(state, size, op->result);
        return op->result == FL_NONE
                   ? size == 0
                   : fl_sequence_at(state, size, at) == op->result;
    }
    uint32_t ways = 0;
    while (find_distinct(state, size, ways) < size / sizeof(fl_value)) {
        ways++;
    }
    return ways == 0 ? 1 : ways; /* "empty" is an answer, too */
}

static fl_value go(const struct fl_space *space, void *state, size_t *size,
                   const struct fl_operation *op, uint32_t way)
{
    (void)space;
    if (op->fn == FL_MULTISET_ADD) {
        fl_sequence_insert(state, size, find_place(state, *size, op->args[0]),
                           op->args[0]);
        return FL_NONE;
    }
    size_t at = op->ret == FL_OPEN ? find_distinct(state, *size, way)
                                   : find_place(state, *size, op->result);
    if (op->fn == FL_MULTISET_PEEK) {
        return fl_sequence_at(state, *size, at);
    }
    return fl_sequence_remove(state, size, at);
}

const struct fl_model fl_model_of_multiset = {
    .name = "multiset",
    .about = "a bag: a remove takes any of its values",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = fl_sequence_max,
    .start = fl_sequence_start,
    .step = fl_way_step,
    .ways = count_ways,
    .go = go,
    .describe = fl_sequence_describe,
    .unit = fl_container_unit,
    .inert = fl_container_inert,
    .values = fl_container_values,
};
