/*
 * Random walk: at every point each enabled thread is equally likely.
 *
 * Drawn as run lengths: with n threads enabled the running one goes on with
 * probability 1/n, so the number of points until another one runs is
 * geometric, and the walk is asked only there.  The process has no memory: when
 * it is asked earlier, because the enabled set changed, it draws anew among
 * all of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"
#include "harness/sim/schedule/walk.h"

#include <assert.h>

/* Points until a thread other than the one picked runs: geometric, p = (n-1)/n
 * of leaving at each. */
static uint64_t run_length(uint32_t enabled_count, struct choice *choice)
{
    assert(enabled_count > 0);
    if (enabled_count == 1) {
        return UINT64_MAX;
    }
    uint64_t word = choice_word(choice, STREAM_SCHEDULE);
    uint64_t length = 1;
    uint64_t stay = UINT32_MAX / enabled_count;
    while ((uint32_t)word <= stay) {
        length++;
        word = choice_word(choice, STREAM_SCHEDULE);
    }
    return length;
}

struct random_walk {
    uint64_t due; /* step at which the run length drawn last is over */
};

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    (void)profile;
    (void)choice;
    struct random_walk *r = self;
    r->due = 0;
    return true;
}

/* A step of any walk; `from`: those that may be picked. */
static __attribute__((noinline)) struct pick
walk_of_many(uint64_t *due, const struct moment *moment, uint64_t from,
             struct choice *choice)
{
    uint32_t count = (uint32_t)__builtin_popcountll(moment->enabled);
    uint64_t length =
        count == 2 ? walk_length_of_two(choice) : run_length(count, choice);
    *due = length == UINT64_MAX ? length : moment->step + length;
    return (struct pick){.thread = strategy_any(from, choice),
                         .distance = length};
}

struct pick strategy_walk(uint64_t *due, const struct moment *moment,
                          struct choice *choice)
{
    assert(moment->enabled != 0);
    uint64_t enabled = moment->enabled;
    if (moment->forced || moment->step != *due) {
        return walk_of_many(due, moment, enabled, choice);
    }
    /* The length of the running one is over. */
    uint64_t others = enabled & ~((uint64_t)1 << moment->running);
    if (!walk_has_other(others)) {
        return walk_of_many(due, moment, others == 0 ? enabled : others,
                            choice);
    }
    assert(others != enabled); /* else it is forced */
    /* The other one of two: what most steps of most walks come to. */
    uint64_t length = walk_length_of_two(choice);
    *due = moment->step + length;
    return (struct pick){.thread = (uint32_t)__builtin_ctzll(others),
                         .distance = length};
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    struct random_walk *r = self;
    return strategy_walk(&r->due, moment, choice);
}

static uint64_t *walks(void *self)
{
    struct random_walk *r = self;
    return &r->due;
}

const struct strategy strategy_random = {
    .name = "random",
    .about = "random walk: each enabled thread is equally likely at each point",
    .size = sizeof(struct random_walk),
    .begin = begin,
    .pick = pick,
    .walks = walks,
};
