/*
 * Fate: how faults act on fibers, and how a run that cannot go on ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_FATE_H
#define HX_SIM_FATE_H

#include "harness/sim/world.h"

/* The run begins: rules for its start act. */
void fate_start(struct world *w);

/* The current fiber is at the named point `name`, for the `hit`-th time in the
 * run.  False: no rule watches points. */
bool fate_point(struct world *w, const char *name, uint32_t hit);

/* Timed rules that are due at w->now act. */
void fate_timed(struct world *w);

/* The current fiber has performed an operation: rules that count them act. */
void fate_performed(struct world *w);

/* The rest that a fault gave to `f` is over. */
void fate_rested(struct world *w, struct fiber *f);

/* Liveness: faults end, cuts heal, paused threads go on. */
void fate_heal(struct world *w);

/* Whether a fault has blocked somebody, and may: that is no violation. */
bool fate_excuses(const struct world *w);

/* Nobody can ever run again: deadlock, livelock, or survivors blocked by one
 * that a fault took away.  Ends the run. */
void fate_stuck(struct world *w);

/* The virtual time of the scenario is over.  Ends the run. */
void fate_out_of_time(struct world *w);

#endif
