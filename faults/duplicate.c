/*
 * Duplicate: a message arrives twice, the second time `by` later.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

enum {
    APART_NS = 1000000 /* at most, without `by` */
};

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind == SITE_SEND);
    const struct quantity *by = &context->rule->by;
    uint64_t apart =
        by->set ? fault_draw(context, by, 0)
                : choice_below(context->choice, STREAM_FAULTS, APART_NS);
    return (struct action){
        .act = ACT_DUPLICATE,
        .amount = apart,
        .targets = context->targets,
    };
}

const struct fault fault_duplicate = {
    .name = "duplicate",
    .about = "a message arrives twice",
    .parameters = "by, for, p, limit, swarm",
    .sites = 1u << SITE_SEND,
    .targets = 1u << TARGET_NODES | 1u << TARGET_CLIENTS | 1u << TARGET_LINKS,
    .decide = decide,
};
