/*
 * The budget of a run: how many targets are down or cut off at a time.
 *
 * A protocol for f failures may stall at f + 1, and that is no bug.  So
 * limits.down_or_cut_max is kept by whoever picks targets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_BUDGET_H
#define HX_BUDGET_H

#include "harness/fault.h"

enum {
    OUTAGES_MAX = 32 /* cuts, clogs and pauses at a time that are counted */
};

/* Targets that are away until a moment. */
struct outage {
    uint64_t until;
    uint64_t targets;
    uint32_t missed; /* further ones, nobody in particular */
};

struct budget {
    uint32_t max;     /* 0 = no limit */
    uint64_t counted; /* those whom the limit is about: replicas, or all */
    uint64_t crashed;
    uint32_t count;
    struct outage outages[OUTAGES_MAX];
};

/* Nobody is down. */
void budget_begin(struct budget *budget);

/* Who is down or cut off at `now`; what has ended is forgotten. */
uint64_t budget_down(struct budget *budget, uint64_t now);

/* How many more may be: UINT32_MAX without a limit.  After budget_down(). */
uint32_t budget_room(const struct budget *budget);

/* `action` begins at `now`. */
void budget_take(struct budget *budget, const struct action *action,
                 uint64_t now);

#endif
