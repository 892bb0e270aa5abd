/*
 * Twins: threads that are alike, as long as they have not begun.
 *
 * Two threads that will make the same calls with the same arguments, and are
 * not told apart by the code they run, are named 1 and 2 by chance: whatever
 * can happen after the second begins first also happens, with the two names
 * exchanged, after the first does.  So a search over schedules lets only the
 * least of those that have not run yet begin.  Of k such threads, one schedule
 * then stands for up to k! of them (as symmetry reduction in Clarke, Emerson,
 * Jha, Sistla, CAV 1998; here for the first steps only, which needs no
 * canonical form of a state).
 *
 * A search without redundancy plans what it runs from what depends on what, and
 * must not be kept from a beginning that it has planned.  It is told who is
 * alike, and lets none overtake another as long as they do the same
 * (schedule/dpor_twins.c, schedule/graphs_twins.c).
 *
 * What a run counts (preemptions, steps, time) does not depend on names, and
 * what a history is judged by neither.  Code that looks at its own number
 * (pthread_self, gettid) can tell who it is, and so does the order in which
 * loops that seem to wait are given further rounds (spin.c): then nobody is a
 * twin any more, and the search begins anew.
 *
 * Threads that the code makes itself: families.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_TWINS_H
#define HX_SIM_TWINS_H

#include "harness/sim/families.h"
#include "harness/sim/world.h"
#include "harness/tally.h"

struct twins {
    uint64_t members;            /* bits: threads that have a twin, */
    uint64_t fresh;              /* and of them those that have not run */
    uint64_t before[FIBERS_MAX]; /* of each, its twins with lower numbers */
    uint64_t begun;              /* all threads that have run */
    uint64_t named;              /* and that looked at their own number */
    struct families families;    /* those that the code has made */
    bool begins;                 /* they begin in one order; or their search
                                  * knows more of them (profile.twins) */
    uint64_t product;            /* of k!, in the run in hand */
    uint64_t stands_for;         /* schedules, at most: the most of them */
    enum apart apart;            /* why there are none, in the run in hand */
    enum apart told; /* what told threads apart in some run, so that there are
                      * no twins as long as this runner lives; or APART_NOT */
    uint32_t lost;   /* how often a search was made worthless by that: it is
                      * another search then */
};

/*
 * Finds the twins among the threads of the run that begins, if the scenario
 * wants it and its strategy tries all schedules: sets w->twins, or NULL.
 * Called when the workload and the strategy are known.
 */
void twins_find(struct runner *r);

/* The threads of `enabled`, without those that have a lower twin which has not
 * begun either.  Never empty if `enabled` is not. */
uint64_t twins_narrow(const struct twins *twins, uint64_t enabled);

/* `thread` runs. */
static inline void twins_began(struct twins *twins, uint32_t thread)
{
    assert(thread < FIBERS_MAX);
    twins->fresh &= ~((uint64_t)1 << thread);
    twins->begun |= (uint64_t)1 << thread;
}

/* `thread` is like `others`, which have lower numbers and are alike. */
void twins_pair(struct twins *twins, uint32_t thread, uint64_t others);

/* Nobody has a twin any more; the search begins anew. */
void twins_tell_apart(struct twins *twins, enum apart how);

/* The current fiber looks at its own number. */
void twins_named(struct world *w);

/* Of `threads`, the one that has the lowest number goes on: if two of them are
 * twins they are none any more. */
void twins_ordered(struct world *w, uint64_t threads);

#endif
