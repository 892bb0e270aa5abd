/*
 * The portfolio: which strategy makes which run.
 *
 * None wins everywhere (docs/strategies.md), so runs are shared out by a fixed
 * table over their index, and each kind of flaw meets soon a strategy that is
 * good at it.  Reuse of freed memory and the patience with loops that wait are
 * drawn by each run, whatever its strategy.
 *
 * The table is all that decides: run i is the same for any number of workers,
 * and can be made again alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

enum {
    TABLE = 32
};

/* Two of 32 runs are systematic: below a tenth of any budget. */
static const struct strategy *const table[TABLE] = {
    &strategy_random,      &strategy_pct,  &strategy_pos,
    &strategy_urw,         &strategy_surw, &strategy_systematic,
    &strategy_sticky,      &strategy_pct,  &strategy_pos,
    &strategy_urw,         &strategy_surw, &strategy_pct,
    &strategy_delay,       &strategy_pos,  &strategy_pct,
    &strategy_random,      &strategy_urw,  &strategy_surw,
    &strategy_pct,         &strategy_pos,  &strategy_sticky,
    &strategy_systematic,  &strategy_urw,  &strategy_pct,
    &strategy_surw,        &strategy_pos,  &strategy_delay,
    &strategy_round_robin, &strategy_urw,  &strategy_surw,
    &strategy_pos,         &strategy_pct,
};

static const struct strategy *member(uint64_t index, uint64_t *turn)
{
    uint32_t place = (uint32_t)(index % TABLE);
    const struct strategy *chosen = table[place];
    uint64_t each = 0; /* of its runs in the whole table, and before `place` */
    uint64_t before = 0;
    for (uint32_t i = 0; i < TABLE; i++) {
        each += table[i] == chosen ? 1 : 0;
        before += table[i] == chosen && i < place ? 1 : 0;
    }
    assert(each > 0 && before < each);
    *turn = index / TABLE * each + before;
    return chosen;
}

const struct strategy strategy_auto = {
    .name = "auto",
    .about = "the portfolio: those that sample take turns, by a fixed table",
    .member = member,
};
