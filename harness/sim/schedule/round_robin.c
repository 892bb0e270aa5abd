/*
 * Round robin: threads take turns, in the order of their numbers.
 *
 * The slice of a run is drawn once: 1 to 16 points.  Fair, and deterministic
 * given the slice; the profile run uses it, and progress tests, which need a
 * fair schedule.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

struct round_robin {
    uint64_t slice;
};

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    (void)profile;
    struct round_robin *r = self;
    r->slice = 1 + (choice_word(choice, STREAM_SCHEDULE) & 15);
    return true;
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    (void)choice;
    const struct round_robin *r = self;
    assert(r->slice > 0);
    uint64_t after =
        moment->running >= 63
            ? 0
            : moment->enabled & ~(((uint64_t)2 << moment->running) - 1);
    uint64_t from = after != 0 ? after : moment->enabled;
    return (struct pick){.thread = (uint32_t)__builtin_ctzll(from),
                         .distance = r->slice};
}

const struct strategy strategy_round_robin = {
    .name = "round_robin",
    .about = "threads take turns of a length drawn once per run",
    .size = sizeof(struct round_robin),
    .begin = begin,
    .pick = pick,
};
