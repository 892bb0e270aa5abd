/*
 * The menu of strategies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>
#include <string.h>

const struct strategy *const strategies[] = {
    &strategy_auto,        &strategy_random,
    &strategy_sticky,      &strategy_pct,
    &strategy_pos,         &strategy_urw,
    &strategy_surw,        &strategy_stall,
    &strategy_coverage,    &strategy_delay,
    &strategy_systematic,  &strategy_adversary,
    &strategy_round_robin, &strategy_exhaustive,
    &strategy_dpor,        NULL,
};

const struct strategy *strategy_find(const char *name)
{
    for (size_t i = 0; strategies[i] != NULL; i++) {
        if (strcmp(strategies[i]->name, name) == 0) {
            return strategies[i];
        }
    }
    return NULL;
}

const struct strategy *strategy_recall(const char *name)
{
    assert(name != NULL);
    return strcmp(name, strategy_pruned.name) == 0 ? &strategy_pruned
                                                   : strategy_find(name);
}

uint32_t strategy_place(const struct strategy *strategy)
{
    uint32_t place = 0;
    while (strategies[place] != NULL && strategies[place] != strategy) {
        place++;
    }
    assert(place < STRATEGIES_MAX);
    return strategies[place] == NULL ? STRATEGIES_MAX - 1 : place;
}

uint64_t strategy_below(struct choice *choice, uint64_t n)
{
    assert(n > 0);
    uint64_t word = choice_word(choice, STREAM_SCHEDULE) >> 32;
    return n <= UINT32_MAX ? word * n >> 32 : word % n;
}

uint32_t strategy_any(uint64_t enabled, struct choice *choice)
{
    assert(enabled != 0);
    uint32_t only = (uint32_t)__builtin_ctzll(enabled);
    uint64_t rest = enabled & (enabled - 1);
    if (rest == 0) {
        return only;
    }
    if ((rest & (rest - 1)) == 0) { /* two: one bit decides */
        uint64_t word = choice_word(choice, STREAM_SCHEDULE);
        return (word >> 63) != 0 ? only : (uint32_t)__builtin_ctzll(rest);
    }
    uint32_t count = (uint32_t)__builtin_popcountll(enabled);
    uint64_t word = choice_word(choice, STREAM_SCHEDULE) >> 32;
    for (uint32_t skip = (uint32_t)(word * count >> 32); skip > 0; skip--) {
        enabled &= enabled - 1;
    }
    return (uint32_t)__builtin_ctzll(enabled);
}

static bool allocates(const struct operation *o)
{
    return o->kind == FL_STEP_ALLOC || o->kind == FL_STEP_FREE;
}

bool operation_races(const struct operation *a, const struct operation *b)
{
    if (allocates(a) && allocates(b)) {
        return true; /* which block comes back */
    }
    if (a->location == NULL || b->location == NULL || a->starts || b->starts) {
        return false;
    }
    uintptr_t one = (uintptr_t)a->location;
    uintptr_t other = (uintptr_t)b->location;
    uint32_t one_size = a->size == 0 ? 1 : a->size;
    uint32_t other_size = b->size == 0 ? 1 : b->size;
    bool reads = a->kind == FL_STEP_LOAD && b->kind == FL_STEP_LOAD;
    return !reads && one < other + other_size && other < one + one_size;
}

uint32_t strategy_world(const char *name)
{
    const struct strategy *s = name == NULL ? NULL : strategy_recall(name);
    return s == NULL || !s->searches ? 0 : s->attentive ? 2 : 1;
}
