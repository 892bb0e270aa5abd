/*
 * The decision who runs next: strategy, replay, yields.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_DECIDE_H
#define HX_SIM_DECIDE_H

#include "harness/sim/world.h"

/*
 * Chooses the fiber that goes on, counts and keeps the switch, and sets
 * w->due.  `forced`: the running fiber cannot go on.  When nobody can, time
 * passes until somebody can; NULL if the run has ended instead.
 */
struct fiber *decide_next(struct world *w, bool forced);

/* The same in a calm run (world_settle_down()) at a point of the running
 * fiber, when nobody yields: the strategy alone decides. */
struct fiber *decide_calmly(struct world *w);

/* The running fiber steps back behind all others that are enabled. */
void decide_yield(struct world *w);

/* The moment of a switch, as traces keep it: twice the step, plus one if the
 * running fiber could not go on. */
uint64_t decide_moment(const struct world *w, bool forced);

#endif
