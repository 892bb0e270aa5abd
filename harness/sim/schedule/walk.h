/*
 * One draw of a random walk, for whoever makes very many of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_SCHEDULE_WALK_H
#define HX_SIM_SCHEDULE_WALK_H

#include "harness/choice.h"

/* Points until the other one of two that are enabled runs: geometric, 1/2 at
 * each, without a loop. */
static inline uint64_t walk_length_of_two(struct choice *choice)
{
    uint64_t word = choice_word(choice, STREAM_SCHEDULE);
    return 1 + (uint64_t)__builtin_ctzll(word | (uint64_t)1 << 63);
}

#endif
