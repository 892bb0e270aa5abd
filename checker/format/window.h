/*
 * Operations in the order of their calls become operations with ranks for
 * stamps: a heap of the returns that are to come, and a queue of what waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_WINDOW_H
#define FL_WINDOW_H

#include "checker/block.h"
#include "checker/check.h"
#include "checker/format/jsonl.h"

/* What equal stamps mean. */
enum fl_ties {
    FL_TIES_REFUSED,
    FL_TIES_CALLS_FIRST,   /* operations that touch are concurrent */
    FL_TIES_RETURNS_FIRST, /* the one that ends there comes first */
};

enum {
    FL_WINDOW_MOST = 1 << 20 /* operations that may wait for one in flight */
};

/* Nobody is named: whoever is free. */
#define FL_WINDOW_NOBODY UINT32_MAX

/* An operation as read: `op` has neither stamp, but FL_OPEN for the return of
 * one that is open. */
struct fl_arrival {
    struct fl_operation op;
    int64_t call;
    int64_t ret; /* unless it is open */
};

/* An operation in flight, and which it is. */
struct fl_flying {
    int64_t ret; /* as read */
    uint64_t number;
};

/* All zero, but for `most` and `ties`: nothing was read. */
struct fl_window {
    uint32_t most; /* operations that may wait */
    enum fl_ties ties;
    struct fl_block ring;  /* of those that wait; a power of two */
    uint32_t room;         /* in it */
    uint64_t first;        /* number of the first that waits */
    uint64_t next;         /* number of the next that is added */
    struct fl_block heap;  /* by return */
    uint32_t flying;       /* in it */
    uint64_t ranks;        /* given out */
    int64_t last;          /* the last stamp that got one */
    int64_t last_call;     /* of the calls */
    bool any;              /* was called */
    uint64_t held;         /* the most that waited at once */
    struct fl_block busy;  /* by client: has one in flight; bytes */
    struct fl_block group; /* struct fl_arrival: called at last_call, where
                            * returns come first: not yet ranked */
    uint32_t group_count;
    bool is_crowd;        /* clients are not named */
    struct fl_block free; /* uint32_t: of the crowd, the last first */
    uint32_t free_count;
    uint32_t crowd;        /* clients made */
    struct fl_error error; /* of what was refused */
};

/* Adds an operation with its stamps as read.  FL_BAD_INPUT: window->error. */
enum fl_status fl_window_add(struct fl_window *w, const struct fl_arrival *a);

/* No more comes.  FL_BAD_INPUT likewise. */
enum fl_status fl_window_end(struct fl_window *w);

/* The first that waits, if its ranks are known: to be used at once, and taken
 * away.  NULL: none. */
const struct fl_operation *fl_window_take(struct fl_window *w);

/* Forgets everything but `most`, `ties` and `held`, to begin another history;
 * keeps the memory. */
void fl_window_clear(struct fl_window *w);

/* Gives the memory back. */
void fl_window_release(struct fl_window *w);

#endif
