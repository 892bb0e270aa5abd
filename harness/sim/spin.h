/*
 * Spinning: rounds for those who may not be waiting at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_SPIN_H
#define HX_SIM_SPIN_H

#include "harness/sim/world.h"

/*
 * Nobody can run: gives the spinner that had the fewest rounds another one, if
 * there is one that had fewer than `most` and is not proved to spin for ever.
 * Time passes for one that looks at the clock, but not beyond `moment`.
 */
bool spin_again(struct world *w, uint32_t most, uint64_t moment);

/*
 * Whether others have made steps since somebody was proved to spin for ever,
 * which may have changed what no hook tells of: then he is not.  Not in a
 * search over operations, where plain stores are steps or races.
 */
bool spin_doubts(struct world *w);

/* A loop over plain memory: what it looks at, first what it may wait for. */
struct plain_loop {
    struct seen_read reads[READS_MAX];
    uint32_t waited;
    uint32_t count;
};

/*
 * A point, at which the current fiber waits until `loop` would find another
 * value: until somebody was seen to store there, others have made some steps,
 * or nobody else can run.  It returns at once if it would now.
 */
void spin_plainly(struct world *w, const struct plain_loop *loop);

/* Whether some spinner is not proved to be one. */
bool spin_is_guess(const struct world *w);

/*
 * A hash of all that decides what the current fiber does next, as it was at
 * the call that returns to `pc`: registers and stack above it, thread-locals,
 * globals, heap, shared region.  0 if its caller was not found.
 */
uint64_t probe_state(const struct world *w, uintptr_t pc);

/* The same of what belongs to the current fiber alone: registers, stack,
 * thread-local memory, errno. */
uint64_t probe_own_state(const struct world *w, uintptr_t pc);

/* All memory that the current fiber can depend on but its stack, mixed into
 * `hash`; never 0. */
uint64_t probe_memory(const struct world *w, uint64_t hash);

/* What a fiber that stopped at a point goes on with, in its own code: its
 * registers, and how far its stack reaches. */
struct probe_frame {
    uint64_t registers; /* a hash; 0: not known */
    uintptr_t top;      /* the lowest byte of the stack that is its own */
};

/* That of the current fiber, which is at a point. */
struct probe_frame probe_frame(const struct world *w);

/* The state of the whole program, as one number, never 0; `frames` are those
 * of its fibers, as far as they have moved since it was asked for first. */
uint64_t probe_all(const struct world *w, const struct probe_frame *frames);

#endif
