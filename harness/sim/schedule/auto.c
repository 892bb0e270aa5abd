/*
 * The portfolio: which strategy makes which run.
 *
 * None wins everywhere (docs/strategies.md), so runs are shared out over their
 * index, by two tables: one for the first runs, where systematic schedules with
 * few delays are often the shortest way to a flaw, and one for all further
 * ones, where they have been tried.  Over a thousand runs they are below a
 * tenth.  The shares are those that brought every flaw of `make bench` nearest
 * to what the best strategy takes for it.  Reuse of freed memory and the
 * patience with loops that wait are drawn by each run, whatever its strategy.
 *
 * The tables are all that decides: run i is the same for any number of workers,
 * and can be made again alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

enum {
    TABLE = 32,
    FIRST = 6 * TABLE, /* runs of the first table */
};

static const struct strategy *const tables[2][TABLE] = {
    {
        &strategy_systematic,  &strategy_round_robin, &strategy_pos,
        &strategy_urw,         &strategy_systematic,  &strategy_coverage,
        &strategy_round_robin, &strategy_systematic,  &strategy_urw,
        &strategy_pos,         &strategy_systematic,  &strategy_round_robin,
        &strategy_systematic,  &strategy_adversary,   &strategy_urw,
        &strategy_coverage,    &strategy_systematic,  &strategy_pos,
        &strategy_round_robin, &strategy_systematic,  &strategy_pct,
        &strategy_urw,         &strategy_systematic,  &strategy_round_robin,
        &strategy_surw,        &strategy_systematic,  &strategy_coverage,
        &strategy_pos,         &strategy_systematic,  &strategy_round_robin,
        &strategy_urw,         &strategy_delay,
    },
    {
        &strategy_pct,         &strategy_pos,         &strategy_urw,
        &strategy_surw,        &strategy_coverage,    &strategy_round_robin,
        &strategy_pct,         &strategy_pos,         &strategy_urw,
        &strategy_delay,       &strategy_coverage,    &strategy_pct,
        &strategy_round_robin, &strategy_surw,        &strategy_pos,
        &strategy_random,      &strategy_pct,         &strategy_coverage,
        &strategy_urw,         &strategy_adversary,   &strategy_pos,
        &strategy_round_robin, &strategy_surw,        &strategy_pct,
        &strategy_sticky,      &strategy_urw,         &strategy_systematic,
        &strategy_pos,         &strategy_coverage,    &strategy_delay,
        &strategy_pct,         &strategy_round_robin,
    },
};

/* How often `strategy` is among the first `count` of a table. */
static uint64_t times(const struct strategy *const table[TABLE],
                      const struct strategy *strategy, uint64_t count)
{
    assert(count <= TABLE);
    uint64_t times = 0;
    for (uint64_t i = 0; i < count; i++) {
        times += table[i] == strategy ? 1 : 0;
    }
    return times;
}

static const struct strategy *member(uint64_t index, uint64_t *turn)
{
    bool first = index < FIRST;
    const struct strategy *const *table = tables[first ? 0 : 1];
    uint64_t from = first ? index : index - FIRST;
    const struct strategy *chosen = table[from % TABLE];
    *turn = from / TABLE * times(table, chosen, TABLE) +
            times(table, chosen, from % TABLE);
    if (!first) {
        *turn += FIRST / TABLE * times(tables[0], chosen, TABLE);
    }
    return chosen;
}

const struct strategy strategy_auto = {
    .name = "auto",
    .about = "the portfolio: those that sample take turns, by a fixed table",
    .member = member,
};
