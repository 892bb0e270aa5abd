/*
 * Delay: a thread rests at an awkward moment while the others go on.
 *
 * Lock-free code is hurt by a rest between a read and the update that trusts
 * it.  `for` counts steps of the others, or virtual time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

enum {
    STEPS_MAX = 100 /* of a delay without `for` */
};

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind < SITES);
    const struct quantity *length = &context->rule->duration;
    if (!length->set) {
        return (struct action){
            .act = ACT_DELAY,
            .in_steps = true,
            .amount =
                1 + choice_below(context->choice, STREAM_FAULTS, STEPS_MAX),
            .targets = context->targets,
        };
    }
    return (struct action){
        .act = ACT_DELAY,
        .in_steps = length->unit != UNIT_NS,
        .amount = fault_draw(context, length, 1),
        .targets = context->targets,
    };
}

const struct fault fault_delay = {
    .name = "delay",
    .about = "a thread rests for some steps of the others, or for a time",
    .parameters = "for, p, limit, swarm",
    .sites = 1u << SITE_STEP | 1u << SITE_POINT | 1u << SITE_TIME,
    .targets = 1u << TARGET_THREADS | 1u << TARGET_PROCESSES |
               1u << TARGET_NODES | 1u << TARGET_CLIENTS,
    .decide = decide,
};
