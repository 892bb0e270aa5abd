/*
 * Reach: what the runs of a campaign have shown, in a share of them.
 *
 * A pass says more if it is known how much was seen: which atomic accesses of
 * the code were made at all, how many pairs of them met (one stored what the
 * other then read, as strategy `coverage` counts them), in how many ways they
 * did in whole runs, and when something new was seen last.
 *
 * Looking costs a run its short ways (world_settle_down()), so that only some
 * are looked at: the first ones, and those that are repeated anyway.  What they
 * show is a function of their index, and so is what is told of all of them,
 * whoever made which.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_REACH_H
#define HX_REACH_H

#include "harness/sim/operation.h"

#include <stdbool.h>
#include <stdint.h>

struct plugin;

enum {
    REACH_FIRST = 32,   /* runs at the beginning are all looked at, */
    REACH_EVERY = 200,  /* and then one in so many, if it is made twice */
    REACH_SITES = 512,  /* accesses in the code */
    REACH_PAIRS = 4096, /* of them */
    REACH_WAYS = 8192,  /* of runs that are told apart; a power of 2 */
    REACH_PLACES = 1024 /* locations of memory in a run; a power of 2 */
};

/* An access in the code. */
struct reach_site {
    uintptr_t pc;   /* to which its call returns */
    uint64_t index; /* of the first run that made it */
};

struct reach_pair {
    uint16_t writer; /* numbers of sites */
    uint16_t reader;
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
    uint64_t looked; /* runs */
    uint64_t index;  /* of the run in hand */
    bool full;       /* there was more than there is room for */
    uint32_t sites_count;
    uint32_t pairs_count;
    struct reach_site sites[REACH_SITES];
    struct reach_pair pairs[REACH_PAIRS];
    uint16_t numbers[2 * REACH_SITES]; /* by a hash of pc: 1 + its number */
    uint64_t met[REACH_SITES][REACH_SITES / 64]; /* pairs that are known */
    struct reach_place places[REACH_PLACES];
    uint64_t way;          /* of the run in hand: who read from whom */
    uint32_t accesses[64]; /* of each of its threads */
    uint32_t ways_count;
    uint64_t ways[REACH_WAYS]; /* of all runs, by their lowest bits; 0: none */
};

/* Run `index` begins. */
void reach_begin(struct reach *reach, uint64_t index);

/* An access of thread `thread` (below 64), about to be made: nobody comes in
 * between. */
void reach_access(struct reach *reach, uint32_t thread,
                  const struct operation *access);

/* Takes in what another worker has seen, whose last run has ended. */
void reach_join(struct reach *all, struct reach *others);

/* The least index above all runs that showed something new; 0: none did. */
uint64_t reach_new_until(const struct reach *reach);

/* Whether the access at `pc` was made. */
bool reach_has(const struct reach *reach, uintptr_t pc);

/*
 * Finds the atomic accesses in the code of the first copy of `plugin`: stores
 * at most `max` of their program counters, in their order, and returns how many
 * there are.  0 where calls cannot be told from the code: not on x86-64.
 */
uint32_t reach_find_sites(const struct plugin *plugin, uintptr_t *pcs,
                          uint32_t max);

#endif
