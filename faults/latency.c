/*
 * Latency: a message takes `by` longer than its link would need.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

enum {
    ADDED_NS = 10000000 /* without `by` */
};

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind == SITE_SEND);
    return (struct action){
        .act = ACT_LATE,
        .amount = fault_draw(context, &context->rule->by, ADDED_NS),
        .targets = context->targets,
    };
}

const struct fault fault_latency = {
    .name = "latency",
    .about = "a message takes longer",
    .parameters = "by, for, p, limit, swarm",
    .sites = 1u << SITE_SEND,
    .targets = 1u << TARGET_NODES | 1u << TARGET_CLIENTS | 1u << TARGET_LINKS,
    .decide = decide,
};
