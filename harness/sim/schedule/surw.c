/*
 * SURW: uniform over the orders of a few operations that matter.
 *
 * Zhao, Wolff, Mathur, Roychoudhury, "Selectively uniform concurrency testing",
 * ASPLOS 2025.  Each run chooses what is interesting: the operations on one
 * shared location, or (one run in four) on all of them.  The thread whose turn
 * it is in their order is drawn by how many of them it has left, and whoever
 * comes to one out of turn is held back; all else goes on at random.  If the
 * counts of the profile hold and nothing blocks, every order of the interesting
 * operations is equally likely, however many others there are.
 *
 * Counts that do not hold only make the law an approximation: when nobody else
 * can go on, those held back do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"
#include "harness/sim/schedule/selection.h"

#include <assert.h>

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    struct selection *s = self;
    selection_begin(s, profile->survey, choice);
    assert(s->survey == NULL || s->survey->shared > 0);
    return true;
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    struct selection *s = self;
    assert(moment->pending != NULL && moment->enabled != 0);
    uint64_t free = moment->enabled & ~moment->blocked;
    free = free != 0 ? free : moment->enabled;
    uint64_t found = selection_find(s, moment, free);
    uint64_t among = free & ~selection_held(s, found);
    uint32_t chosen = strategy_any(among != 0 ? among : free, choice);
    if ((found >> chosen & 1) != 0) {
        selection_take(s, chosen, choice);
    }
    return (struct pick){.thread = chosen, .distance = 1};
}

const struct strategy strategy_surw = {
    .name = "surw",
    .about = "all orders of the operations on one shared location alike",
    .size = sizeof(struct selection),
    .attentive = true,
    .begin = begin,
    .pick = pick,
};
