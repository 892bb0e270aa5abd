/*
 * Crash: a thread, process or node stops in the middle of what it does.
 *
 * It never runs again, and what it had in hand (a lock, a half-linked node, an
 * announced epoch) stays as it is; unless `down_for` brings a process or node
 * back, which then starts anew with its stable storage only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind < SITES);
    struct action action = {
        .act = ACT_CRASH,
        .targets = context->targets,
        .down_for = fault_draw(context, &context->rule->down_for, UINT64_MAX),
    };
    fault_lose(context, &action);
    return action;
}

const struct fault fault_crash = {
    .name = "crash",
    .about = "a thread, process or node never runs again",
    .parameters = "down_for, disk, p, limit, swarm",
    .sites =
        1u << SITE_STEP | 1u << SITE_POINT | 1u << SITE_TIME | 1u << SITE_ALLOC,
    .targets = 1u << TARGET_THREADS | 1u << TARGET_PROCESSES |
               1u << TARGET_NODES | 1u << TARGET_CLIENTS,
    .down = true,
    .decide = decide,
};
