/*
 * The search of one part.  See search.c for how, check.c for who calls it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_SEARCH_H
#define FL_SEARCH_H

#include "checker/breadth.h"
#include "checker/memo.h"
#include "checker/part.h"

/* Why a search ended. */
enum fl_end {
    FL_END_NOT_YET,
    FL_END_PASS,
    FL_END_VIOLATION,
    FL_END_NODES,
    FL_END_BYTES,
    FL_END_TIME,
    FL_END_NO_MEMORY,
};

/* One level: a configuration, and which of its items are still to be tried. */
struct fl_frame {
    uint32_t state;
    uint32_t taken;    /* the item that led on from here */
    uint32_t frontier; /* where its candidates begin */
    uint32_t count;    /* how many there are */
    uint32_t next;     /* the next one to try */
    uint32_t way;      /* and in which of its ways */
    uint32_t latest;   /* the greatest call that was taken, plus one */
    uint32_t top;      /* the greatest must-bit that was taken, plus one */
    uint32_t musts;    /* must-items taken */
};

struct fl_search {
    struct fl_part part;
    struct fl_memo memo;
    struct fl_budget budget;
    uint64_t nodes; /* model steps, of all parts so far */
    uint64_t entries;
    uint64_t bytes;    /* the most held by any part */
    uint64_t deadline; /* of the clock, in nanoseconds; 0: none */
    bool plain;        /* no reductions: for tests of the reductions */
    bool forks;        /* an operation may have several ways */

    struct fl_block links; /* two rings of untaken items, by call */
    struct fl_block done;  /* a bit for each item taken: musts, then opens */
    struct fl_block marks; /* for each twin number, the expansion it was in */
    struct fl_block frames;
    struct fl_block candidates;
    struct fl_block best; /* the items of the longest legal prefix */
    struct fl_block key;
    struct fl_block scratch;
    struct fl_block heads; /* sequential.c: where each client stands */
    struct fl_breadth breadth;
    uint32_t depth;
    uint64_t expansions;
    uint64_t work; /* since the clock was read */
    uint32_t best_count;
    uint32_t best_musts;
    uint32_t best_shared; /* so many levels of `best` are still those of the
                           * path */
    uint32_t blocked;     /* an item, or FL_OPEN */
};

/*
 * Searches `search->part`, in depth, within what is left of the budget.
 *
 * Afterwards search->frames[0 .. depth) hold the order if it passed, and
 * `best` the longest legal prefix otherwise.
 */
enum fl_end fl_search_run(struct fl_search *search);

/* The same for sequential consistency: the order of each client, and no time.
 * The part must be the whole history. */
enum fl_end fl_sequential_run(struct fl_search *search);

/* Steps that both have in common: memory and counters, the first frame, the
 * next way of an item, bytes held, and what is told of a search at its end. */
bool fl_search_begin(struct fl_search *s);
bool fl_search_root(struct fl_search *s, struct fl_frame *root);
bool fl_search_fork(const struct fl_search *s, struct fl_frame *frame,
                    uint32_t i);
uint64_t fl_search_held(const struct fl_search *s);
void fl_search_finish(struct fl_search *s, enum fl_end end,
                      void (*keep)(struct fl_search *));

/*
 * Applies item `i` to the frame's state, in way frame->way.  `*state` is the
 * state after it, or FL_OPEN if the model does not accept it.  Anything but
 * FL_END_NOT_YET ends the search.
 */
enum fl_end fl_search_step(struct fl_search *s, const struct fl_frame *frame,
                           uint32_t i, uint32_t *state);

/* --- the search in breadth, of a part without conditions ------------------ */

/* Begins with the model's first state and nothing in flight.  The part has its
 * items, or room for `room` that are still to come.  False: no memory. */
bool fl_breadth_begin(struct fl_search *s, uint32_t room);

/* Makes room for so many items, in flight or not.  False: no memory. */
bool fl_breadth_room(struct fl_search *s, uint32_t room);

/* Item `i` of the part is called.  False: no memory. */
bool fl_breadth_call(struct fl_search *s, uint32_t i);

/*
 * Item `x`, in flight, returns: keeps the configurations in which it has taken
 * effect.  FL_END_NOT_YET: there are some.  FL_END_VIOLATION: there are none,
 * and the configurations before are in `next`.
 */
enum fl_end fl_breadth_return(struct fl_search *s, uint32_t x);

/* Forgets states and steps that no configuration needs, if that pays.  False:
 * no memory. */
bool fl_breadth_collect(struct fl_search *s);

/* A clock in nanoseconds, for time budgets and nothing else. */
uint64_t fl_clock_read(void);

/* Ends the search's memory. */
void fl_search_release(struct fl_search *search);

#endif
