/*
 * Clog: the links of a node hold their messages, and release them in a burst.
 *
 * Nothing is lost, so nobody retransmits in vain; what arrives is old.  The
 * pattern `swizzle` stops the links one by one and releases them in another
 * order (after FoundationDB's simulator), so that for a while each peer has
 * another picture of who is there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>
#include <string.h>

enum {
    ORDERS = 1 << 20 /* swizzles told apart */
};

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind < SITES);
    const struct rule *rule = context->rule;
    const struct names *pattern = &rule->pattern;
    const char *name = "all";
    if (pattern->count > 0) {
        name = pattern->name[choice_below(context->choice, STREAM_FAULTS,
                                          pattern->count)];
    }
    struct action action = {
        .act = ACT_CLOG,
        .targets = context->targets,
        .amount = fault_draw(context, &rule->duration, UINT64_MAX),
    };
    if (strcmp(name, "swizzle") == 0 && action.amount != UINT64_MAX) {
        action.shape = 1 + choice_below(context->choice, STREAM_FAULTS, ORDERS);
    }
    return action;
}

const struct fault fault_clog = {
    .name = "clog",
    .about = "a node's links hold their messages, then release them in a burst",
    .parameters = "pattern, for, p, limit, swarm",
    .sites = 1u << SITE_TIME | 1u << SITE_STEP | 1u << SITE_POINT,
    .targets = 1u << TARGET_NODES | 1u << TARGET_CLIENTS,
    .down = true,
    .decide = decide,
};
