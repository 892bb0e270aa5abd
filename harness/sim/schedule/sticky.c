/*
 * Sticky random walk: the running thread goes on with probability 15/16.
 *
 * A bug that needs one thread to rest for m points is found by the plain walk
 * with probability 2^-m; long runs of one thread find it in few executions.
 * Every fourth run is stickier still, 63/64.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

struct sticky {
    uint32_t shift; /* a switch at each point has probability 2^-shift */
};

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    (void)profile;
    struct sticky *s = self;
    s->shift = (choice_word(choice, STREAM_SCHEDULE) & 3) == 0 ? 6 : 4;
    return true;
}

static uint64_t run_length(const struct sticky *s, struct choice *choice)
{
    uint64_t mask = ((uint64_t)1 << s->shift) - 1;
    uint64_t length = 1;
    while ((choice_word(choice, STREAM_SCHEDULE) >> 20 & mask) != 0) {
        length++;
    }
    return length;
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    assert(moment->enabled != 0);
    return (struct pick){.thread = strategy_any(moment->enabled, choice),
                         .distance = run_length(self, choice)};
}

const struct strategy strategy_sticky = {
    .name = "sticky",
    .about = "random walk that stays on a thread for some 16 or 64 points",
    .size = sizeof(struct sticky),
    .begin = begin,
    .pick = pick,
};
