/*
 * POS: partial order sampling.
 *
 * Yuan, Yang, Gu, "Partial order aware concurrency sampling", CAV 2018.  Every
 * operation gets a random priority when a thread comes to it; the highest of
 * the enabled ones is done, and then those that race with it (same memory, one
 * of the two writes) draw again.  So two operations that race go either way
 * alike, whatever happens between them, and those that do not race cost no
 * chance: every partial order is met with positive probability, and the bound
 * is better than the walk's by an exponential of the length.
 *
 * It needs neither a depth nor a profile.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    (void)profile;
    (void)choice;
    struct priorities *p = self;
    p->drawn = 0;
    p->done = (struct operation){.location = NULL};
    return true;
}

void priorities_draw(struct priorities *p, const struct moment *moment,
                     struct choice *choice)
{
    assert(moment->pending != NULL);
    if (moment->running < STRATEGY_THREADS) { /* it has come to another one */
        p->drawn &= ~((uint64_t)1 << moment->running);
    }
    for (uint64_t left = moment->enabled; left != 0; left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left);
        if ((p->drawn >> t & 1) == 0 ||
            operation_races(&p->done, &moment->pending[t])) {
            p->priority[t] = choice_word(choice, STREAM_SCHEDULE);
        }
    }
    p->drawn |= moment->enabled;
    p->done = (struct operation){.location = NULL};
}

uint32_t priorities_highest(const struct priorities *p, uint64_t among)
{
    assert(among != 0);
    uint32_t best = (uint32_t)__builtin_ctzll(among);
    for (uint64_t left = among & (among - 1); left != 0; left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left);
        best = p->priority[t] > p->priority[best] ? t : best;
    }
    return best;
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    struct priorities *p = self;
    priorities_draw(p, moment, choice);
    uint64_t free = moment->enabled & ~moment->blocked;
    uint32_t chosen = priorities_highest(p, free != 0 ? free : moment->enabled);
    p->done = moment->pending[chosen];
    return (struct pick){.thread = chosen, .distance = 1};
}

const struct strategy strategy_pos = {
    .name = "pos",
    .about = "random priorities of operations; those that race draw again",
    .size = sizeof(struct priorities),
    .attentive = true,
    .begin = begin,
    .pick = pick,
};
