/*
 * Pause: a thread, process or node is frozen: it looks dead, and is not.
 *
 * What it knew when it froze is old when it goes on, and it does not know
 * that: a lease that ran out, an owner that was replaced, a vote long cast.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind < SITES);
    const struct quantity *length = &context->rule->duration;
    return (struct action){
        .act = ACT_PAUSE,
        .in_steps = length->set && length->unit != UNIT_NS,
        .amount = fault_draw(context, length, UINT64_MAX),
        .targets = context->targets,
    };
}

const struct fault fault_pause = {
    .name = "pause",
    .about = "a thread, process or node is frozen, for a while or for ever",
    .parameters = "for, p, limit, swarm",
    .sites = 1u << SITE_STEP | 1u << SITE_POINT | 1u << SITE_TIME,
    .targets = 1u << TARGET_THREADS | 1u << TARGET_PROCESSES |
               1u << TARGET_NODES | 1u << TARGET_CLIENTS,
    .down = true,
    .decide = decide,
};
