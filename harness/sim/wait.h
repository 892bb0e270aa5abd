/*
 * Waiting, and the passing of virtual time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_WAIT_H
#define HX_SIM_WAIT_H

#include "harness/sim/world.h"

/* Lets everything happen that is due at w->now and w->step: deadlines pass,
 * rests end, crashed processes come back, timed rules act. */
void wait_expire(struct world *w);

/* Nobody can run: time passes to the next moment at which somebody can, a
 * spinner gets another round, or the run ends. */
void wait_pass(struct world *w);

/* Lets `f`, which waits, rests or spins, go on. */
void wait_ready(struct world *w, struct fiber *f, bool woken);

/* The current fiber, which will go on one day, says before which operation it
 * stops: on `object`, or on the mutex that it takes when its wait is over. */
void wait_announce(struct world *w, enum fl_step_kind kind, const void *object);

/* The current fiber rests: for `amount` steps of others, or ns. */
void wait_rest(struct world *w, uint64_t amount, bool in_steps);

/* `f` (not the current one) is taken out of the run: crashed or frozen. */
void wait_drop(struct world *w, struct fiber *f, enum fiber_state state);

#endif
