/*
 * The virtual clock: programs see the world's time, plus a fixed epoch.
 *
 * All clocks of a program (real time, monotonic, processor time) show the same
 * moment, so that a time limit means the same on any of them; until a fault
 * sets the wall clock of a process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_CLOCK_H
#define HX_SIM_CLOCK_H

#include "harness/sim/table.h"
#include "harness/sim/world.h"

/* clock_gettime(): a point, for time is a thing that threads share. */
int clock_read(clockid_t clock, struct timespec *now, uintptr_t pc);

/* Sleeps until the limit; 0 or EINVAL. */
int clock_sleep(const struct sim_limit *limit, uintptr_t pc);

/* The wall clock of `process` jumps by `by` ns.  Whoever waits for a moment of
 * it waits that much less, or more. */
void clock_jump(struct world *w, uint32_t process, int64_t by);

#endif
