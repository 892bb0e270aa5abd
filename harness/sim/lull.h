/*
 * Lulls: everybody steps, stores, and no operation is ever completed.
 *
 * Loops that only read are seen by spin.c.  Here are those that have effects:
 * two threads that undo each other's work, for ever.  Such a run is told from a
 * slow one by its state.  When no operation has been completed for a while, the
 * state of the program is noted at every point.  If it comes back, and in
 * between nobody completed an operation and everybody who could run did, then
 * the same steps can be made again, and again: a fair schedule without an end.
 * That is a livelock, exactly, whatever strategy led there.
 *
 * The state is what the program's further steps depend on: registers, stacks,
 * thread-local and all other memory, locks, store buffers, and which blocks the
 * heap has free.  Under c11 it is not what everybody has seen: in between they
 * have read the newest stores alone, which anybody may, or had seen all there
 * is (memory/state.c).
 *
 * Threads that try locks and let go of them in step, as std::lock() may, are
 * accused only where a property is asked for by name; else the run is cut
 * there (lockstep.h).
 *
 * What cannot be compared is not judged: a run with a clock, random numbers,
 * blocks that come back by chance, or a failure for no reason in the loop, with
 * a network, ends at its step limit, which is inconclusive and says that it may
 * be slow.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_LULL_H
#define HX_SIM_LULL_H

#include "harness/sim/world.h"

enum {
    LULL_STEPS = 512 /* without an operation completed, before states are noted,
                      * if a trace does not say */
};

struct lull;

/* Room for the states of a run; ends the program if there is no memory. */
struct lull *lull_new(void);
void lull_free(struct lull *lull);

/* A run begins, in which states are noted after `patience` such steps. */
void lull_begin(struct world *w, uint64_t patience);

/* An operation was completed. */
void lull_over(struct world *w);

/* The next point of the current fiber is before an operation that was given
 * this, as one number: a part of the state. */
void lull_give(struct world *w, uint64_t given);

/* A try of the current fiber for `lock` (NULL: no lock) was refused; `lock` was
 * let go. */
void lull_refused(struct world *w, const void *lock);
void lull_let_go(struct world *w, const void *lock);

/* How many states of the program were looked at, in all runs so far: each takes
 * longer than hundreds of steps. */
uint64_t lull_states(const struct world *w);

/* Whether a run was cut, so far, whose threads were in step (lockstep.h). */
bool lull_in_step(const struct world *w);

/* Two numbers as one, for that. */
static inline uint64_t given_two(uint64_t a, uint64_t b)
{
    return a * 0xbf58476d1ce4e5b9u + b;
}

/* The current fiber is at a point, and w->lull_due has come: notes the state,
 * and ends the run if it was there before. */
void lull_watch(struct world *w);

/* The run is at its step limit: what can be said of it, for its detail. */
const char *lull_describe(const struct world *w, char *text, size_t max);

#endif
