/*
 * The strategies, one declaration each: what strategies.c lists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCHEDULE_LIST_H
#define HX_SCHEDULE_LIST_H

#include "harness/sim/schedule/strategy.h"
#include "harness/sim/schedule/survey.h"

extern const struct strategy strategy_auto;
extern const struct strategy strategy_random;
extern const struct strategy strategy_sticky;
extern const struct strategy strategy_pct;
extern const struct strategy strategy_urw;
extern const struct strategy strategy_pos;
extern const struct strategy strategy_surw;
extern const struct strategy strategy_delay;
extern const struct strategy strategy_systematic;
extern const struct strategy strategy_coverage;
extern const struct strategy strategy_stall;
extern const struct strategy strategy_adversary;
extern const struct strategy strategy_round_robin;
extern const struct strategy strategy_exhaustive;
extern const struct strategy strategy_dpor;

/* Not on the menu: strategy_dpor takes it where it must. */
extern const struct strategy strategy_orders;

/* Not on the menu: what strategy_exhaustive becomes with `prune: state`. */
extern const struct strategy strategy_pruned;

/* The priorities of POS: one for the operation that each thread is at. */
struct priorities {
    uint64_t priority[STRATEGY_THREADS];
    uint64_t drawn;        /* bits: threads that have one */
    struct operation done; /* what was picked last; it may race with them */
};

/* Draws the priorities that are missing, or to be drawn again. */
void priorities_draw(struct priorities *priorities, const struct moment *moment,
                     struct choice *choice);

/* Who of `among`, which is not empty, has the highest. */
uint32_t priorities_highest(const struct priorities *priorities,
                            uint64_t among);

/* Whether two operations of different threads may not change places: same
 * memory, and one writes; or both change what is allocated. */
bool operation_races(const struct operation *a, const struct operation *b);

#endif
