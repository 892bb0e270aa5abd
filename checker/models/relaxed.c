/*
 * A queue and a stack that may be out of order by k: a removal takes one of
 * the k values that are next (quasi-linearizability: Afek, Korland, Yanovsky
 * 2010; Henzinger, Kirsch, Payer, Sezgin, Sokolova 2013).  With k = 1 they are
 * exact.  "Empty" means that nothing is there.  State: values, oldest first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>

static const struct fl_operation_type queue_types[] = {
    [FL_QUEUE_ENQUEUE] = {.name = "enqueue",
                          .args = {FL_KIND_INT},
                          .result = FL_KIND_VOID},
    [FL_QUEUE_DEQUEUE] = {.name = "dequeue", .result = FL_KIND_INT},
    [FL_QUEUE_PEEK] = {.name = "peek", .result = FL_KIND_INT, .pure = true},
};

static const struct fl_operation_type stack_types[] = {
    [FL_STACK_PUSH] = {.name = "push",
                       .args = {FL_KIND_INT},
                       .result = FL_KIND_VOID},
    [FL_STACK_POP] = {.name = "pop", .result = FL_KIND_INT},
    [FL_STACK_PEEK] = {.name = "peek", .result = FL_KIND_INT, .pure = true},
};

/* The row as an operation sees it: from which end, and how far. */
struct view {
    const void *state;
    size_t size;
    size_t count;
    size_t reach;
    bool from_back;
};

static struct view look(const struct fl_space *space, const void *state,
                        size_t size)
{
    size_t count = size / sizeof(fl_value);
    size_t relax = space->relax == 0 ? 1 : space->relax;
    return (struct view){
        .state = state,
        .size = size,
        .count = count,
        .reach = relax < count ? relax : count,
        .from_back = space->history->model == &fl_model_of_stack_k,
    };
}

static size_t place_of(const struct view *v, size_t rank)
{
    return v->from_back ? v->count - 1 - rank : rank;
}

static fl_value value_at(const struct view *v, size_t rank)
{
    return fl_sequence_at(v->state, v->size, place_of(v, rank));
}

/*
 * Whether the one at `rank` may be taken by `op`.  Equal neighbours leave the
 * same row, so only the first of them is tried; a peek leaves all, so that of
 * equal values any one is as good.
 */
static bool is_choice(const struct view *v, const struct fl_operation *op,
                      size_t rank)
{
    fl_value value = value_at(v, rank);
    if (op->ret != FL_OPEN && value != op->result) {
        return false;
    }
    if (op->fn != FL_QUEUE_PEEK) {
        return rank == 0 || value_at(v, rank - 1) != value;
    }
    size_t first = 0;
    while (value_at(v, first) != value) {
        first++;
    }
    return first == rank;
}

static uint32_t count_ways(const struct fl_space *space, const void *state,
                           size_t size, const struct fl_operation *op)
{
    struct view v = look(space, state, size);
    if (op->fn == FL_QUEUE_ENQUEUE) {
        return 1;
    }
    if (v.count == 0) {
        return op->ret == FL_OPEN || op->result == FL_NONE;
    }
    uint32_t ways = 0;
    for (size_t rank = 0; rank < v.reach; rank++) {
        ways += is_choice(&v, op, rank);
    }
    return ways;
}

static fl_value go(const struct fl_space *space, void *state, size_t *size,
                   const struct fl_operation *op, uint32_t way)
{
    struct view v = look(space, state, *size);
    if (op->fn == FL_QUEUE_ENQUEUE) {
        fl_sequence_insert(state, size, v.count, op->args[0]);
        return FL_NONE;
    }
    if (v.count == 0) {
        return FL_NONE;
    }
    size_t rank = 0;
    while (!is_choice(&v, op, rank) || way > 0) {
        way -= is_choice(&v, op, rank);
        rank++;
        assert(rank < v.reach);
    }
    if (op->fn == FL_QUEUE_PEEK) {
        return value_at(&v, rank);
    }
    return fl_sequence_remove(state, size, place_of(&v, rank));
}

const struct fl_model fl_model_of_fifo_queue_k = {
    .name = "fifo_queue_k",
    .about = "a queue that may give any of its k oldest values",
    .types = queue_types,
    .types_count = sizeof(queue_types) / sizeof(queue_types[0]),
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
    .relaxed = &fl_model_of_fifo_queue_k,
};

const struct fl_model fl_model_of_stack_k = {
    .name = "stack_k",
    .about = "a stack that may give any of its k newest values",
    .types = stack_types,
    .types_count = sizeof(stack_types) / sizeof(stack_types[0]),
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
    .relaxed = &fl_model_of_stack_k,
};
