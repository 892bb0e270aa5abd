/*
 * Kill: a process dies as by SIGKILL, and another takes its place.
 *
 * Recovery code often asks "is the owner still alive?" by its process id; with
 * `pid_reuse` the new process has the dead one's id and seems to be it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind < SITES);
    const struct rule *rule = context->rule;
    const struct quantity *after =
        rule->respawn.set ? &rule->respawn : &rule->down_for;
    struct action action = {
        .act = ACT_CRASH,
        .targets = context->targets,
        .down_for = fault_draw(context, after, UINT64_MAX),
    };
    if (rule->pid_reuse_ppm > 0 && action.down_for != UINT64_MAX) {
        action.pid_reused =
            choice_chance(context->choice, STREAM_FAULTS, rule->pid_reuse_ppm);
    }
    return action;
}

const struct fault fault_kill = {
    .name = "kill",
    .about = "a process dies by SIGKILL; a new one may get its process id",
    .parameters = "respawn, pid_reuse, p, limit, swarm",
    .sites = 1u << SITE_STEP | 1u << SITE_POINT | 1u << SITE_TIME,
    .targets =
        1u << TARGET_THREADS | 1u << TARGET_PROCESSES | 1u << TARGET_NODES,
    .down = true,
    .decide = decide,
};
