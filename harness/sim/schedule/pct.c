/*
 * PCT: probabilistic concurrency testing.
 *
 * Burckhardt, Kothari, Musuvathi, Nagarakatte, "A randomized scheduler with
 * probabilistic guarantees of finding bugs", ASPLOS 2010.  Threads have random
 * priorities, the highest enabled one runs, and at d - 1 random points the
 * running thread falls below all others.  A bug of depth d is found with
 * probability at least 1 / (n k^(d-1)).
 *
 * k is the length of a profile run of the same scenario.  A thread that yields
 * falls like at a change point, since it would otherwise spin for ever above
 * the one it waits for.  With `fair_after` the rest of a long run is a random
 * walk, so that it ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

enum {
    DEPTH_MAX = 16,
    THREADS = 64,
};

struct pct {
    int64_t priority[THREADS];  /* distinct; higher runs first */
    int64_t lowest;             /* below all of them */
    uint64_t change[DEPTH_MAX]; /* steps, ascending */
    uint32_t changes;
    uint32_t next; /* change point that comes next */
    uint64_t fair_after;
    uint64_t walk_due;
};

/* A random permutation of 1 .. n as priorities. */
static void shuffle(struct pct *p, struct choice *choice)
{
    for (uint32_t i = 0; i < THREADS; i++) {
        uint64_t j = strategy_below(choice, (uint64_t)i + 1);
        p->priority[i] = p->priority[j];
        p->priority[j] = i + 1;
    }
    p->lowest = 0;
}

static void insert_change(struct pct *p, uint64_t step)
{
    uint32_t at = p->changes++;
    while (at > 0 && p->change[at - 1] > step) {
        p->change[at] = p->change[at - 1];
        at--;
    }
    p->change[at] = step;
}

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    struct pct *p = self;
    shuffle(p, choice);
    uint32_t depth = profile->depth != 0
                         ? profile->depth
                         : (uint32_t)(2 + strategy_below(choice, 3));
    assert(depth >= 1);
    p->changes = 0;
    p->next = 0;
    for (uint32_t i = 1; i < depth && i < DEPTH_MAX; i++) {
        insert_change(p, 1 + strategy_below(choice, profile->steps + 1));
    }
    p->fair_after = profile->fair_after;
    p->walk_due = 0;
    return true;
}

static uint32_t highest(const struct pct *p, uint64_t enabled)
{
    uint32_t best = (uint32_t)__builtin_ctzll(enabled);
    for (uint64_t left = enabled & (enabled - 1); left != 0; left &= left - 1) {
        uint32_t thread = (uint32_t)__builtin_ctzll(left);
        if (p->priority[thread] > p->priority[best]) {
            best = thread;
        }
    }
    return best;
}

static void fall(struct pct *p, uint32_t thread)
{
    assert(thread < THREADS);
    p->priority[thread] = p->lowest--;
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    struct pct *p = self;
    if (p->fair_after != 0 && moment->step >= p->fair_after) {
        return strategy_walk(&p->walk_due, moment, choice);
    }
    while (p->next < p->changes && p->change[p->next] <= moment->step) {
        if (moment->running < THREADS) {
            fall(p, moment->running);
        }
        p->next++;
    }
    uint64_t distance =
        p->next < p->changes ? p->change[p->next] - moment->step : UINT64_MAX;
    if (p->fair_after != 0 && p->fair_after - moment->step < distance) {
        distance = p->fair_after - moment->step;
    }
    return (struct pick){.thread = highest(p, moment->enabled),
                         .distance = distance};
}

static void yielded(void *self, uint32_t thread)
{
    fall(self, thread);
}

const struct strategy strategy_pct = {
    .name = "pct",
    .about = "random priorities with d-1 change points (depth d, 2 to 4)",
    .size = sizeof(struct pct),
    .begin = begin,
    .pick = pick,
    .yielded = yielded,
};
