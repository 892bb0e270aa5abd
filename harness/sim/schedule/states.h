/*
 * States that a search has met, by a hash of 128 bits, each with the least that
 * had been spent of its bound when it was met.
 *
 * Two states with one hash count as one: of a hundred million, with probability
 * 2 in 10^23 some do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCHEDULE_STATES_H
#define HX_SCHEDULE_STATES_H

#include <stdbool.h>
#include <stdint.h>

enum {
    STATES_MAX = 1 << 20, /* slots: 24 MB */
};

struct state {
    uint64_t low;
    uint64_t high; /* both 0: free */
    uint32_t spent;
};

/* Zeroed: empty. */
struct states {
    struct state *slots;
    uint32_t count;
    uint32_t max; /* a power of two */
    bool full;    /* no more are kept: those that come are taken to be new */
};

/* Whether `state` was met with no more spent than now; if not, it is now. */
bool states_met(struct states *s, const struct state *state);

/* Forgets everything, and keeps the room. */
void states_clear(struct states *s);

/* Frees what it holds; it is empty then. */
void states_release(struct states *s);

#endif
