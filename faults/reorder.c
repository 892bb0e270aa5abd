/*
 * Reorder: a message is overtaken by those sent after it.
 *
 * It is held back for `by` and lets the others pass, even on a link that
 * otherwise keeps messages in order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

enum {
    HELD_NS = 5000000 /* at most, without `by` */
};

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind == SITE_SEND);
    const struct quantity *by = &context->rule->by;
    uint64_t held =
        by->set ? fault_draw(context, by, 0)
                : 1 + choice_below(context->choice, STREAM_FAULTS, HELD_NS);
    return (struct action){
        .act = ACT_LATE,
        .amount = held,
        .overtake = true,
        .targets = context->targets,
    };
}

const struct fault fault_reorder = {
    .name = "reorder",
    .about = "a message is overtaken by later ones",
    .parameters = "by, for, p, limit, swarm",
    .sites = 1u << SITE_SEND,
    .targets = 1u << TARGET_NODES | 1u << TARGET_CLIENTS | 1u << TARGET_LINKS,
    .decide = decide,
};
