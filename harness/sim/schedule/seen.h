/*
 * A set of hashes: what a search has seen before.
 *
 * Two things with one hash count as one: of a million, with probability 3 in
 * a hundred million some do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCHEDULE_SEEN_H
#define HX_SCHEDULE_SEEN_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SEEN_MAX = 1 << 22, /* slots: 32 MB */
};

/* Zeroed: empty. */
struct seen {
    uint64_t *slots; /* 0: free */
    uint32_t count;
    uint32_t max; /* a power of two */
    bool full;    /* no more is kept: `count` is a lower bound */
};

/* Adds `hash`; true if it is new, or nobody knows. */
bool seen_add(struct seen *s, uint64_t hash);

/* Forgets everything, and keeps the room. */
void seen_clear(struct seen *s);

/* Frees what it holds; it is empty then. */
void seen_release(struct seen *s);

#endif
