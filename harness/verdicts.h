/*
 * The verdict cache: histories that were seen before need no second search.
 *
 * In millions of executions of a small scenario only some hundred histories
 * are distinct.  Two histories are the same if each client performed the same
 * operations with the same results and the same pairs precede each other.  A
 * history is reduced to that form and hashed to 128 bits; only passes are
 * kept, a failing history is always decided in full.
 *
 * The probability that two different histories of N share a hash is below
 * N^2 / 2^129: 2^-89 for a million.  A clash could only hide a violation, never
 * invent one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_VERDICTS_H
#define HX_VERDICTS_H

#include "checker/history.h"

struct verdicts;

/* The hash of a history's canonical form. */
struct history_hash {
    uint64_t low;
    uint64_t high;
};

/* An empty cache; ends the program if there is no memory. */
struct verdicts *verdicts_new(void);
void verdicts_free(struct verdicts *verdicts);

/* The canonical hash of `h`. */
struct history_hash verdicts_hash(struct verdicts *verdicts,
                                  const struct fl_history *h);

/* The hash of `h` as it was recorded, which tells more histories apart than the
 * canonical one, and is had for less; and a cache of its own for it. */
struct history_hash verdicts_recorded(const struct fl_history *h);
bool verdicts_passed_recorded(const struct verdicts *verdicts,
                              struct history_hash hash);
void verdicts_add_recorded(struct verdicts *verdicts, struct history_hash hash);

/* Whether a history with this hash has passed. */
bool verdicts_passed(const struct verdicts *verdicts, struct history_hash hash);

/* Notes that it has.  When the cache is full, it starts over. */
void verdicts_add(struct verdicts *verdicts, struct history_hash hash);

#endif
