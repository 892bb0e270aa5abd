/*
 * Reach: what the runs of a campaign have shown, in a share of them.
 *
 * A pass says more if it is known how much was seen: which atomic accesses of
 * the code were made at all, how many pairs of them met (one stored what the
 * other then read, as strategy `coverage` counts them), in how many ways they
 * did in whole runs, and when something new was seen last.
 *
 * Looking costs a run its short ways (world_settle_down()), so that only some
 * are looked at: the first ones, and those that are repeated anyway.  A search
 * goes without short ways, and all of its executions are.  What a run shows is
 * a function of its index, and so is what is told of all of them, whoever made
 * which, in which process and on which machine: an access is known by where it
 * lies in its file (reach_book.h), a set is cut at an index by the first run of
 * each of its members, and sets of several parts are united.
 *
 * A worker appends to its sets, and its parent may read them meanwhile.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_REACH_H
#define HX_REACH_H

#include "harness/sim/operation.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct reach_book;

enum {
    REACH_FIRST = 32,      /* runs at the beginning are all looked at, */
    REACH_EVERY = 200,     /* and then one in so many, if it is made twice, */
    REACH_SAMPLES = 65536, /* up to so many; a multiple of 64 */
    REACH_SITES = 512,     /* accesses in the code */
    REACH_PAIRS = 4096,    /* of them */
    REACH_WAYS = 4096,     /* of runs that are told apart; a power of 2 */
    REACH_PLACES = 1024    /* locations of memory in a run; a power of 2 */
};

/* An access in the code. */
struct reach_site {
    uint64_t code;  /* where it lies: reach_code_of() */
    uint64_t index; /* of the first run that made it */
};

struct reach_pair {
    uint16_t writer; /* numbers of sites */
    uint16_t reader;
    uint64_t index;
};

/* Who read from whom in a whole run, mixed; never 0. */
struct reach_way {
    uint64_t way;
    uint64_t index;
};

/* Who stored last to a location. */
struct reach_place {
    const void *location;
    uint64_t run; /* that it is about */
    uint32_t writer;
    uint64_t when; /* which access of which thread that was */
};

/* What one worker has seen.  All zero: nothing. */
struct reach {
    const struct reach_book *book; /* of the code; NULL: a code is its pc */
    uint64_t first;                /* index of the campaign */
    _Atomic uint64_t searched;     /* executions of a search */
    _Atomic uint64_t looked[REACH_SAMPLES / 64]; /* bits: other runs */
    /* There was more than there is room for: accesses and pairs, or ways. */
    _Atomic bool full;
    _Atomic bool ways_full;
    _Atomic uint32_t sites_count;
    _Atomic uint32_t pairs_count;
    _Atomic uint32_t ways_count;
    struct reach_site sites[REACH_SITES];
    struct reach_pair pairs[REACH_PAIRS];
    struct reach_way ways[REACH_WAYS];
    /* The worker's own: */
    uint16_t numbers[2 * REACH_SITES]; /* by a hash of code: 1 + its number */
    uint16_t way_numbers[2 * REACH_WAYS];        /* the same of ways */
    uint64_t met[REACH_SITES][REACH_SITES / 64]; /* pairs that are known */
    struct reach_place places[REACH_PLACES];
    uint64_t runs;         /* begun, */
    uint64_t index;        /* and that of the one in hand, */
    bool searches;         /* of a search */
    uint64_t way;          /* of it: who read from whom */
    uint32_t accesses[64]; /* of each of its threads */
};

/* The number of run `index` among those that are looked at in a campaign from
 * `first` on; REACH_SAMPLES: it is none of them. */
uint32_t reach_sample(uint64_t first, uint64_t index);

/* The next run is `index`, and `sample` its number; or, in a search, whose runs
 * share an index, REACH_SAMPLES. */
void reach_next(struct reach *reach, uint64_t index, uint32_t sample);

/* It begins, and has the index `index` in its campaign. */
void reach_begin(struct reach *reach, uint64_t index);

/* It has ended. */
void reach_end(struct reach *reach);

/* An access of thread `thread` (below 64), about to be made: nobody comes in
 * between. */
void reach_access(struct reach *reach, uint32_t thread,
                  const struct operation *access);

/*
 * Takes in what another worker, or another machine, has seen in its runs below
 * index `next`: as if it had made no others.  It may be making one.  An
 * execution of a search has no such index, and each machine makes them all.
 */
void reach_join(struct reach *all, const struct reach *others, uint64_t next);

/* Adds one member, first seen in run `index`: what was kept of a set.
 * reach_add_site() returns its number, REACH_SITES: there is no room. */
uint32_t reach_add_site(struct reach *reach, uint64_t code, uint64_t index);
void reach_add_pair(struct reach *reach, struct reach_pair pair);
void reach_add_way(struct reach *reach, struct reach_way way);

/* How many runs were looked at. */
uint64_t reach_looked(const struct reach *reach);

/* The least index above all runs that showed something new; 0: none did. */
uint64_t reach_new_until(const struct reach *reach);

/* Whether the access `code` was made. */
bool reach_has(const struct reach *reach, uint64_t code);

#endif
