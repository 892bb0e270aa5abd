/*
 * The menu of strategies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>
#include <string.h>

const struct strategy *const strategies[] = {
    &strategy_random,      &strategy_sticky,     &strategy_pct,
    &strategy_round_robin, &strategy_exhaustive, NULL,
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
