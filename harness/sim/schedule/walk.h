/*
 * One step of a random walk of two, for whoever makes very many of them: the
 * walk itself, and the world in its place (decide.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_SCHEDULE_WALK_H
#define HX_SIM_SCHEDULE_WALK_H

#include "harness/choice.h"

#include <stdbool.h>

/* Points until the other one of two that are enabled runs: geometric, 1/2 at
 * each, without a loop. */
static inline uint64_t walk_length_of_two(struct choice *choice)
{
    uint64_t word = choice_word(choice, STREAM_SCHEDULE);
    return 1 + (uint64_t)__builtin_ctzll(word | (uint64_t)1 << 63);
}

/* Whether `others`, the enabled threads but for the running one, is just one:
 * when the running one's length is over, it is that one's turn. */
static inline bool walk_has_other(uint64_t others)
{
    return others != 0 && (others & (others - 1)) == 0;
}

#endif
