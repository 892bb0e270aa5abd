/*
 * Rounds: loops without a point that look at plain memory again and again.
 *
 * `while (!done) { }` with a volatile or plain `done` has no point at which
 * another thread could come, and would never end.  So plain accesses are
 * counted.  When a thread has made thousands of them without a point, it is
 * looked at closely: if it comes round to the same few places, and some of
 * those that it only reads are as they were, it may be waiting for them.  Then
 * there is a point, as a fair scheduler would have one, and it waits like who
 * spins on an atomic one (spin.c).  A loop that computes goes on after it; of
 * one that waits for nothing it is proved.
 *
 * All of it is counted, so it is the same in each run of a seed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_ROUNDS_H
#define HX_SIM_ROUNDS_H

#include "harness/sim/operation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ROUNDS_AFTER = 4096, /* plain accesses without a point, before a look */
    PLACES_MAX = 12      /* of one loop; whoever comes to more computes */
};

struct world;

/* A place of a loop: who looks at what. */
struct round_place {
    uintptr_t pc;
    const void *address;
    uint64_t value;
    uint32_t size;
    bool read;    /* it was only read, */
    bool changes; /* and found other values */
};

struct rounds {
    uint32_t left;  /* plain accesses before the next look */
    uint32_t fiber; /* whose they are; and at which step */
    uint64_t step;
    bool close;     /* each access is looked at, */
    bool sought;    /* once the first of the places was come to again */
    uint32_t count; /* of places */
    uint32_t known; /* accesses since the last new one */
    uint32_t looks; /* that ended in a point, one after the other */
    uint64_t spent; /* accesses that nobody else could run beside */
    uint64_t state; /* at the last look, where there is no point */
    struct round_place places[PLACES_MAX];
    uintptr_t waited_pc; /* of all runs: the least one at which a loop read
                          * what another thread then changed; or 0 */
};

/* A plain access of `size` bytes at `address`, before it is made. */
struct plain_access {
    const void *address;
    size_t size;
    bool writes;
    uintptr_t pc;
};

/* A run begins. */
void rounds_begin(struct world *w);

/* So many plain accesses were made: looks whether the current fiber waits.
 * May switch, and may end the run. */
void rounds_look(struct world *w, const struct plain_access *access);

#endif
