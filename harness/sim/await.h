/*
 * Awaits: loops that only wait, cut at their first round without a result.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_AWAIT_H
#define HX_SIM_AWAIT_H

#include "harness/sim/world.h"

/* A run begins; `on`: loops are cut in it. */
void await_begin(struct world *w, bool on);

/* Frees the room.  NULL is allowed. */
void await_free(struct awaits *awaits);

/* The current fiber is about to make the read `next`, and stopped before it:
 * if it has come here in this very state since its last effect, it is parked
 * and goes no further in this run. */
void await_point(struct world *w, const struct operation *next);

/* Nobody can run, and nothing will change that.  If somebody whose loop was
 * cut could go on after all, for what it read is not there any more, the run
 * is cut short: true. */
bool await_settle(struct world *w);

#endif
