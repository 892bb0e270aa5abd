/*
 * Restart: a process or node crashes and comes back after `down_for`.
 *
 * Its memory, its timers and the messages on their way to it are lost.  What
 * its stable storage still holds, `disk` says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

enum {
    DOWN_FOR_NS = 100000000 /* without `down_for` */
};

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind < SITES);
    struct action action = {
        .act = ACT_CRASH,
        .targets = context->targets,
        .down_for = fault_draw(context, &context->rule->down_for, DOWN_FOR_NS),
    };
    fault_lose(context, &action);
    assert(action.down_for != UINT64_MAX);
    return action;
}

const struct fault fault_restart = {
    .name = "restart",
    .about = "a process or node crashes, and starts again after a while",
    .parameters = "down_for, disk, p, limit, swarm",
    .sites = 1u << SITE_STEP | 1u << SITE_POINT | 1u << SITE_TIME,
    .targets = 1u << TARGET_PROCESSES | 1u << TARGET_NODES,
    .down = true,
    .decide = decide,
};
