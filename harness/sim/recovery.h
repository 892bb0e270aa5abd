/*
 * Recovery: whether somebody gets a lock again after a crash, and in time.
 *
 * The property `lock_recovers: { within: D }` promises that after a crash no
 * span of virtual time longer than D passes in which operations want a lock
 * and nobody takes one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_RECOVERY_H
#define HX_SIM_RECOVERY_H

#include "harness/sim/world.h"

/* The operation of `f`, which was just crashed, is cut off. */
void recovery_cut(struct world *w, struct fiber *f);

/* Somebody crashed: if no client is left that runs, that was a crash of
 * everybody, and an era of the history ends. */
void recovery_all(struct world *w);

/* An operation is called, or has returned. */
void recovery_called(struct world *w);
void recovery_returned(struct world *w);

/* A named lock was taken. */
void recovery_held(struct world *w);

/* Fails the run if the promise is broken by now. */
void recovery_watch(struct world *w);

#endif
