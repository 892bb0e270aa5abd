/*
 * Whom one occurrence of a fault is about.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/victims.h"

#include "harness/targets.h"

#include <assert.h>

static uint32_t count_of(uint64_t set)
{
    return (uint32_t)__builtin_popcountll(set);
}

/* Picks of `up`, `room` of them at most; the target speaks of `all`. */
static uint64_t pick_now(const struct fault_context *context, uint64_t up,
                         uint32_t room)
{
    const struct target *target = &context->rule->target;
    struct choice *choice = context->choice;
    uint32_t all = count_of(context->targets);
    uint32_t wanted = 0;
    switch (target->set ? target->pick : PICK_ALL) {
    case PICK_ANY:
        wanted = 1;
        break;
    case PICK_RANDOM:
        wanted = target->count;
        break;
    case PICK_MINORITY:
        wanted = all > 0 ? (all - 1) / 2 : 0;
        wanted = wanted < room ? wanted : room;
        if (wanted > 1) {
            wanted = 1 + choice_below(choice, STREAM_FAULTS, wanted);
        }
        break;
    case PICK_MAJORITY:
        wanted = all / 2 + 1;
        if (wanted > room || wanted > count_of(up)) {
            return 0; /* less than a majority is not what was asked for */
        }
        break;
    case PICK_ALL:
    case PICK_NAMED:
    case PICK_LEADER:
        return count_of(up) > room ? 0 : up;
    }
    return targets_draw(up, wanted < room ? wanted : room, choice);
}

uint64_t victims_pick(const struct trigger *t, const struct site *site,
                      struct budget *budget, struct fault_context *context)
{
    context->down = budget_down(budget, site->time);
    context->room = budget_room(budget);
    uint64_t counted = budget->counted;
    uint64_t candidates = context->targets;
    if (t->kind == TRIGGER_START || (t->shapes && !t->rule->target.set)) {
        return candidates; /* the fault itself keeps to the room */
    }
    if (t->kind == TRIGGER_MOMENT || trigger_is_event(t)) {
        uint64_t up = candidates & ~context->down;
        bool limited = t->takes_down && (up & counted) != 0;
        return pick_now(context, up, limited ? context->room : UINT32_MAX);
    }
    uint64_t me = UINT64_C(1) << (site->thread % TARGETS_MAX);
    bool counts = t->takes_down && (me & counted & ~context->down) != 0;
    return counts && context->room == 0 ? 0 : me;
}
