/*
 * Lockstep: threads that let go of their locks for each other, in step.
 *
 * Who tries a lock, is refused, lets go of what he holds and begins anew, as
 * std::lock() does, may do so for ever while another one does the same: if they
 * are in step, each finds the other one's lock held again.  To the letter that
 * is a livelock.  But it takes a schedule that never falls out of step; any
 * other one, as of a real machine, ends it, and correct programs do this.  So
 * it is told from other loops with effects (lull.h), and by default accuses
 * nobody.
 *
 * Told by this: in the loop everybody who stepped was refused a lock that he
 * tried, and each lock that was refused was also let go.  Somebody who keeps
 * one that others try again and again is no such case.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_LOCKSTEP_H
#define HX_SIM_LOCKSTEP_H

#include "harness/sim/world.h"

enum {
    TRIED_MAX = 16 /* locks, tried or let go; of more nothing is said */
};

/* Moments are counts of states that were noted: 0 is before the first. */
struct lockstep {
    struct {
        const void *lock;
        uint32_t refused; /* the last time */
        uint32_t let_go;
    } tried[TRIED_MAX];
    uint32_t count;
    bool full;
    uint32_t refused[FIBERS_MAX]; /* the last time, by fiber */
};

/* Nothing has happened yet. */
void lockstep_begin(struct lockstep *l);

/* At `moment` a try of `fiber` for `lock` was refused; `lock` was let go. */
void lockstep_refused(struct lockstep *l, const void *lock, uint32_t fiber,
                      uint32_t moment);
void lockstep_let_go(struct lockstep *l, const void *lock, uint32_t moment);

/* Whether those of the set `stepped` were in step after the moment `from`. */
bool lockstep_is(const struct lockstep *l, uint32_t from, uint64_t stepped);

#endif
