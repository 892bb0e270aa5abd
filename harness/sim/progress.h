/*
 * Progress: own steps of an operation, and who overtakes whom.
 *
 * Deadlock, livelock and survivors that are blocked are seen where nobody can
 * go on (stuck.c).  Here are the bounds: how many own steps an operation takes,
 * and how many operations of others are performed while it waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_PROGRESS_H
#define HX_SIM_PROGRESS_H

#include "harness/sim/world.h"

/* The current fiber has called an operation, or is about to return from one.
 * The latter ends the run if a bound was passed by it, or by those whom it has
 * overtaken. */
void progress_called(struct world *w);
void progress_returned(struct world *w);

/* The step at which the operation of the current fiber passes its bound if it
 * runs on; UINT64_MAX without a bound. */
uint64_t progress_until(struct world *w);

/* Ends the run if the operation of the current fiber has passed its bound. */
void progress_watch(struct world *w);

#endif
