/*
 * The budget of a run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/budget.h"

#include <assert.h>

void budget_begin(struct budget *budget)
{
    budget->crashed = 0;
    budget->count = 0;
}

uint64_t budget_down(struct budget *budget, uint64_t now)
{
    uint64_t down = budget->crashed;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < budget->count; i++) {
        if (budget->outages[i].until > now) {
            budget->outages[kept] = budget->outages[i];
            down |= budget->outages[kept].targets;
            kept++;
        }
    }
    budget->count = kept;
    return down;
}

uint32_t budget_room(const struct budget *budget)
{
    if (budget->max == 0) {
        return budget->count < OUTAGES_MAX ? UINT32_MAX : 0;
    }
    uint64_t down = budget->crashed;
    uint32_t used = 0;
    for (uint32_t i = 0; i < budget->count; i++) {
        down |= budget->outages[i].targets;
        used += budget->outages[i].missed;
    }
    used += (uint32_t)__builtin_popcountll(down & budget->counted);
    if (budget->count >= OUTAGES_MAX || used >= budget->max) {
        return 0;
    }
    return budget->max - used;
}

/* The targets that `action` takes away, and for how long. */
static uint64_t targets_of(const struct action *action)
{
    switch (action->act) {
    case ACT_PAUSE:
    case ACT_CLOG:
        return action->in_steps ? 0 : action->targets;
    case ACT_CUT:
        return action->lost;
    case ACT_NONE:
    case ACT_DELAY:
    case ACT_CRASH:
    case ACT_FAIL:
    case ACT_REUSE:
    case ACT_DROP:
    case ACT_DUPLICATE:
    case ACT_LATE:
    case ACT_CLOCK:
        return 0;
    }
    return 0;
}

void budget_take(struct budget *budget, const struct action *action,
                 uint64_t now)
{
    if (action->act == ACT_CRASH) {
        budget->crashed |= action->targets;
        return;
    }
    uint64_t targets = targets_of(action);
    if (targets == 0 && action->missed == 0) {
        return;
    }
    bool ends = action->amount < UINT64_MAX - now;
    uint64_t until = ends ? now + action->amount : UINT64_MAX;
    if (budget->count == OUTAGES_MAX) { /* counted longer than it lasts */
        struct outage *last = &budget->outages[OUTAGES_MAX - 1];
        last->targets |= targets;
        last->missed += action->missed;
        last->until = until > last->until ? until : last->until;
        return;
    }
    budget->outages[budget->count++] = (struct outage){
        .until = until, .targets = targets, .missed = action->missed};
}
