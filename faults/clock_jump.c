/*
 * Clock jump: a clock is suddenly off by `by`, forward or back.
 *
 * A node has one clock.  A process has a clock on the wall, which jumps, and a
 * monotonic one, which does not: code that should have used it is found out.
 * Threads share the clock of their process, which nobody sets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

enum {
    JUMP_NS = 1000000000 /* without `by` */
};

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind < SITES);
    const struct quantity *by = &context->rule->by;
    int64_t jump = JUMP_NS;
    if (by->set) {
        jump = quantity_draw(by, context->choice, STREAM_FAULTS);
    }
    return (struct action){
        .act = ACT_CLOCK,
        .amount = (uint64_t)jump, /* two's complement: see ACT_CLOCK */
        .targets = context->targets,
    };
}

const struct fault fault_clock_jump = {
    .name = "clock_jump",
    .about = "a clock jumps forward or back",
    .parameters = "by, p, limit, swarm",
    .sites = 1u << SITE_TIME | 1u << SITE_STEP | 1u << SITE_POINT,
    .targets =
        1u << TARGET_NODES | 1u << TARGET_CLIENTS | 1u << TARGET_PROCESSES,
    .decide = decide,
};
