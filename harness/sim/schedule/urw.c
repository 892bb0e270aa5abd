/*
 * URW: a random walk that is uniform over whole interleavings.
 *
 * Zhao, Wolff, Mathur, Roychoudhury, "Selectively uniform concurrency testing",
 * ASPLOS 2025.  The plain walk prefers schedules in which little is left to
 * choose: of two threads of k points, the one where the first runs through at
 * once has probability 2^-k.  With r[t] points of thread t still to come, t is
 * taken with probability r[t] / sum r, and then every interleaving of threads
 * of known lengths is equally likely.
 *
 * The lengths are those of the profile runs; a run that differs only makes the
 * law an approximation.  A thread that runs on past its length counts as one
 * that has a single point to come.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

enum {
    THREADS = 64,
    UNKNOWN = 16, /* points of a thread of which no profile tells */
};

struct urw {
    uint32_t left[THREADS]; /* points still to come */
    uint32_t running;       /* who was picked last, or THREADS */
    uint64_t step;          /* and at which step */
};

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    (void)choice;
    struct urw *u = self;
    for (uint32_t t = 0; t < THREADS; t++) {
        u->left[t] = profile->points == NULL ? UNKNOWN : profile->points[t];
    }
    u->running = THREADS;
    u->step = 0;
    return true;
}

static uint64_t weight(const struct urw *u, uint32_t thread)
{
    return u->left[thread] > 0 ? u->left[thread] : 1;
}

/* What was run since the last decision has been run. */
static void settle(struct urw *u, uint64_t step)
{
    assert(step >= u->step);
    if (u->running < THREADS) {
        uint64_t made = step - u->step;
        uint32_t *left = &u->left[u->running];
        *left = made < *left ? *left - (uint32_t)made : 0;
    }
    u->step = step;
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    struct urw *u = self;
    assert(moment->enabled != 0);
    settle(u, moment->step);
    uint64_t sum = 0;
    for (uint64_t left = moment->enabled; left != 0; left &= left - 1) {
        sum += weight(u, (uint32_t)__builtin_ctzll(left));
    }
    uint32_t chosen = (uint32_t)__builtin_ctzll(moment->enabled);
    if ((moment->enabled & (moment->enabled - 1)) != 0) {
        uint64_t at = strategy_below(choice, sum);
        for (uint64_t left = moment->enabled; left != 0; left &= left - 1) {
            chosen = (uint32_t)__builtin_ctzll(left);
            if (at < weight(u, chosen)) {
                break;
            }
            at -= weight(u, chosen);
        }
    }
    u->running = chosen;
    bool alone = (moment->enabled & (moment->enabled - 1)) == 0;
    return (struct pick){.thread = chosen, .distance = alone ? UINT64_MAX : 1};
}

const struct strategy strategy_urw = {
    .name = "urw",
    .about = "all interleavings of threads of the profile's lengths alike",
    .size = sizeof(struct urw),
    .begin = begin,
    .pick = pick,
};
