/*
 * The portfolio: which strategy makes which run.
 *
 * `stall` comes near the best of every row of `make bench` by itself, since it
 * joins what the others are good at, and makes some seven runs of ten.  The
 * rest is shared out: more to those that are ahead of it where it is weakest, a
 * little to all others, for flaws unlike those that were measured.  The shares
 * are round numbers and not fitted; docs/strategies.md says what fitting would
 * bring.
 * Reuse of freed memory and the patience with loops that wait are drawn by each
 * run, whatever its strategy.
 *
 * The shares are all that decides: run i is the same for any number of workers,
 * and can be made again alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

/* It makes the runs `at`, `at` + `every`, `at` + 2 `every` ... */
struct share {
    const struct strategy *strategy;
    uint64_t every;
    uint64_t at;
};

/* No two may meet. */
static const struct share shares[] = {
    {&strategy_urw, 16, 3},          {&strategy_adversary, 32, 6},
    {&strategy_round_robin, 16, 10}, {&strategy_systematic, 64, 8},
    {&strategy_coverage, 64, 16},    {&strategy_surw, 64, 24},
    {&strategy_pct, 64, 32},         {&strategy_pos, 64, 40},
    {&strategy_delay, 64, 48},       {&strategy_random, 64, 56},
    {&strategy_sticky, 64, 0},
};

enum {
    SHARES = sizeof(shares) / sizeof(shares[0])
};

static const struct strategy *member(uint64_t index, uint64_t *turn)
{
    uint64_t others = 0; /* runs before this one that are not stall's */
    for (uint32_t i = 0; i < SHARES; i++) {
        const struct share *s = &shares[i];
        assert(s->at < s->every);
        if (index % s->every == s->at) {
            *turn = index / s->every;
            return s->strategy;
        }
        others += (index + s->every - 1 - s->at) / s->every;
    }
    assert(others <= index);
    *turn = index - others;
    return &strategy_stall;
}

const struct strategy strategy_auto = {
    .name = "auto",
    .about = "the portfolio: mostly stall, and a share for the others",
    .member = member,
};
