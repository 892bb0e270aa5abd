/*
 * The portfolio: which strategy makes which run.
 *
 * Many flaws show within a few runs of the right strategy, and nobody knows
 * which that is: so the first runs go round those that differ most.  After them
 * `stall` makes some five runs of six, since it joins what the others are good
 * at and comes near the best of most rows of `make bench` by itself; the rest
 * is shared out among all others, for flaws unlike those that were measured.
 * The shares are round numbers; docs/strategies.md says what fitting them would
 * bring, and what it would to lead them by what runs have shown.
 * Reuse of freed memory and the patience with loops that wait are drawn by each
 * run, whatever its strategy.
 *
 * The index is all that decides: run i is the same for any number of workers,
 * and can be made again alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

/* Who makes the runs 0, 1, 2, ...; campaigns begin with run 1. */
static const struct strategy *const early[] = {
    &strategy_stall,  &strategy_round_robin, &strategy_stall,
    &strategy_random, &strategy_round_robin, &strategy_stall,
    &strategy_pos,    &strategy_adversary,
};

enum {
    EARLY = sizeof(early) / sizeof(early[0])
};

/* Behind those, it makes the runs `at`, `at` + `every`, `at` + 2 `every` ... */
struct share {
    const struct strategy *strategy;
    uint64_t every;
    uint64_t at;
};

/* No two may meet. */
static const struct share shares[] = {
    {&strategy_adversary, 32, 27}, {&strategy_systematic, 64, 10},
    {&strategy_urw, 64, 15},       {&strategy_surw, 64, 21},
    {&strategy_coverage, 64, 32},  {&strategy_round_robin, 64, 37},
    {&strategy_pct, 64, 42},       {&strategy_random, 64, 47},
    {&strategy_pos, 64, 53},       {&strategy_delay, 64, 1},
    {&strategy_sticky, 64, 5},
};

enum {
    SHARES = sizeof(shares) / sizeof(shares[0])
};

/* How many of the first runs are its. */
static uint64_t early_turns(const struct strategy *strategy, uint64_t below)
{
    assert(below <= EARLY);
    uint64_t turns = 0;
    for (uint64_t i = 0; i < below; i++) {
        turns += early[i] == strategy ? 1 : 0;
    }
    return turns;
}

/* How many of the runs behind the first ones, and before `index`, are its. */
static uint64_t turns_of(const struct share *s, uint64_t index)
{
    assert(s->at < s->every && index >= EARLY);
    uint64_t before = s->every - 1 - s->at;
    return (index + before) / s->every - (EARLY + before) / s->every;
}

static const struct strategy *member(uint64_t index, uint64_t *turn)
{
    if (index < EARLY) {
        *turn = early_turns(early[index], index);
        return early[index];
    }
    const struct strategy *strategy = &strategy_stall;
    uint64_t turns = index - EARLY; /* what is left of them is stall's */
    for (uint32_t i = 0; i < SHARES; i++) {
        const struct share *s = &shares[i];
        if (index % s->every == s->at) {
            strategy = s->strategy;
            turns = turns_of(s, index);
            break;
        }
        turns -= turns_of(s, index);
    }
    *turn = early_turns(strategy, EARLY) + turns;
    return strategy;
}

const struct strategy strategy_auto = {
    .name = "auto",
    .about = "the portfolio: each in turn at first, then mostly stall",
    .member = member,
};
