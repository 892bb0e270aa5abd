/*
 * Wake-up trees: sequences of events that a node of the search still has to
 * begin with, in the order in which they are to be tried.
 *
 * Branches live in one pool and are named by number; 0 is none.  Footprints of
 * finished threads (sleep sets) live in a pool of the same kind.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCHEDULE_DPOR_TREE_H
#define HX_SCHEDULE_DPOR_TREE_H

#include "harness/sim/schedule/dpor_events.h"

struct branch {
    uint32_t next;  /* sibling tried after it */
    uint32_t child; /* first of those below */
    uint32_t choices;
    uint8_t thread;
    bool loose;           /* a leaf that covers less than it seems to */
    struct footprint did; /* or, in a leaf, what it does at most */
};

struct branches {
    struct branch *list; /* [0] is not used */
    uint32_t count;
    uint32_t max;
    uint32_t free; /* chain by `next` */
};

/* One step of a sequence that is to be inserted. */
struct wakeup_step {
    struct footprint did;
    uint32_t choices;
    uint8_t thread;
    bool loose; /* `did` is more than it may come to */
};

struct wakeup {
    struct wakeup_step *steps;
    uint32_t count;
    uint16_t begun[DPOR_THREADS]; /* events that each thread had before it */
};

/* A fresh branch: all zero. */
uint32_t branch_new(struct branches *pool);

/* Gives back one branch, and a list with all that is below. */
void branch_free(struct branches *pool, uint32_t branch);
void branches_free(struct branches *pool, uint32_t first);

/* Whether a piece of `thread` can be moved to the front of `v`: a weak
 * initial. */
bool wakeup_begins(const struct wakeup *v, uint32_t thread,
                   const struct footprint *did);

/* Takes the first sequence out of the list that starts at *first, which is not
 * empty: from a branch of the list down to a leaf.  `v` keeps its `begun`. */
void wakeup_take(struct branches *pool, uint32_t *first, struct wakeup *v);

/* Takes the first step of `thread` out of `v`, if there is one. */
void wakeup_drop(struct wakeup *v, uint32_t thread);

/*
 * Inserts `v` into the list that starts at *first, unless a leaf covers it
 * already (Abdulla et al., JACM 2017, definition 6.2).  `v` is used up.  True
 * if a branch was added.
 *
 * What begins with a leaf is all found there only if nothing that comes before
 * the leaf could be moved in front of it.  Where steps are taken to do more
 * than they may come to, that is not known: such a leaf is loose, and grows by
 * what it would have covered.
 */
bool wakeup_insert(struct branches *pool, uint32_t *first, struct wakeup *v);

#endif
