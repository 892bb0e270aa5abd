/*
 * Delay bounding: turns without preemption, of which a few are skipped.
 *
 * Emmi, Qadeer, Rakamaric, "Delay-bounded scheduling", POPL 2011.  Threads run
 * in the order of their numbers, each until it ends or has to wait; at most D
 * times the thread whose turn it is is passed over.  There are O(k^D) such
 * schedules of k points, whatever the number of threads.
 *
 * Two strategies: `delay` draws D (1 to 4, unless the scenario says) and where
 * the delays are; `systematic` tries them in order, none, one, then two, each a
 * function of the run's number alone, so that any worker can make any of them.
 * In a drawn workload each has operations of its own; in a fixed program of k
 * points the first n (1 + k + k (k - 1) / 2) runs are all that there are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

enum {
    DELAYS_MAX = 16,
    DELAYS_DRAWN = 4,
    NOBODY = 64,
};

struct delay {
    uint64_t at[DELAYS_MAX]; /* steps, ascending */
    uint32_t count;
    uint32_t next;  /* the delay that comes next */
    uint32_t first; /* who has the first turn */
    uint64_t fair_after;
    uint64_t walk_due;
};

static void insert(struct delay *d, uint64_t step)
{
    assert(d->count < DELAYS_MAX);
    uint32_t at = d->count++;
    while (at > 0 && d->at[at - 1] > step) {
        d->at[at] = d->at[at - 1];
        at--;
    }
    d->at[at] = step;
}

static bool begin_drawn(void *self, const struct profile *profile,
                        struct choice *choice)
{
    struct delay *d = self;
    assert(profile->threads > 0);
    *d = (struct delay){.first =
                            (uint32_t)strategy_below(choice, profile->threads),
                        .fair_after = profile->fair_after};
    uint64_t wanted = profile->delays;
    if (wanted == 0) {
        wanted = 1 + strategy_below(choice, DELAYS_DRAWN);
    }
    for (uint64_t i = 0; i < wanted && i < DELAYS_MAX; i++) {
        insert(d, strategy_below(choice, profile->steps + 1));
    }
    return true;
}

/* The pair (a, b), a < b, with number `rank` among those of 0 .. : they are
 * ordered by b. */
static void unrank_pair(uint64_t rank, uint64_t *a, uint64_t *b)
{
    uint64_t low = 1;
    uint64_t high = (uint64_t)1 << 31;
    while (low < high) { /* the greatest b with b (b - 1) / 2 <= rank */
        uint64_t middle = low + (high - low + 1) / 2;
        if (middle * (middle - 1) / 2 <= rank) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    *b = low;
    *a = rank - low * (low - 1) / 2;
    assert(*a < *b);
}

static bool begin_in_order(void *self, const struct profile *profile,
                           struct choice *choice)
{
    struct delay *d = self;
    assert(profile->threads > 0);
    uint64_t points = profile->steps + 1;
    uint64_t rank = profile->turn / profile->threads;
    uint64_t pairs = points < UINT32_MAX ? points * (points - 1) / 2 : 0;
    if (rank >=
        1 + points + pairs) { /* all were made: further ones at random */
        return begin_drawn(self, profile, choice);
    }
    *d = (struct delay){.first = (uint32_t)(profile->turn % profile->threads),
                        .fair_after = profile->fair_after};
    if (rank > points) {
        uint64_t a = 0;
        uint64_t b = 0;
        unrank_pair(rank - 1 - points, &a, &b);
        insert(d, a);
        insert(d, b);
    } else if (rank > 0) {
        insert(d, rank - 1);
    }
    return true;
}

/* The first of `enabled` from number `from` on, in a circle. */
static uint32_t in_turn(uint64_t enabled, uint32_t from)
{
    assert(enabled != 0);
    uint64_t behind = from < NOBODY ? enabled >> from << from : 0;
    return (uint32_t)__builtin_ctzll(behind != 0 ? behind : enabled);
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    struct delay *d = self;
    if (d->fair_after != 0 && moment->step >= d->fair_after) {
        return strategy_walk(&d->walk_due, moment, choice);
    }
    uint32_t thread = moment->running < NOBODY
                          ? in_turn(moment->enabled, moment->running)
                          : in_turn(moment->enabled, d->first);
    while (d->next < d->count && d->at[d->next] <= moment->step) {
        thread = in_turn(moment->enabled, thread + 1);
        d->next++;
    }
    uint64_t distance =
        d->next < d->count ? d->at[d->next] - moment->step : UINT64_MAX;
    if (d->fair_after != 0 && d->fair_after - moment->step < distance) {
        distance = d->fair_after - moment->step;
    }
    return (struct pick){.thread = thread, .distance = distance};
}

const struct strategy strategy_delay = {
    .name = "delay",
    .about = "turns without preemption; 1 to 4 drawn ones are skipped",
    .size = sizeof(struct delay),
    .begin = begin_drawn,
    .pick = pick,
};

const struct strategy strategy_systematic = {
    .name = "systematic",
    .about = "the same with 0, 1, then 2 skipped, in order of the run's number",
    .size = sizeof(struct delay),
    .begin = begin_in_order,
    .pick = pick,
};
