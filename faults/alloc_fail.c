/*
 * Allocation failure: malloc() and its kin return NULL.
 *
 * With `bytes`, only requests of at least that size fail.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind == SITE_ALLOC);
    if (site->size < fault_draw(context, &context->rule->bytes, 0)) {
        return (struct action){.act = ACT_NONE};
    }
    return (struct action){.act = ACT_FAIL, .targets = context->targets};
}

const struct fault fault_alloc_fail = {
    .name = "alloc_fail",
    .about = "an allocation returns NULL",
    .parameters = "bytes, p, limit, swarm",
    .sites = 1u << SITE_ALLOC,
    .targets =
        1u << TARGET_THREADS | 1u << TARGET_PROCESSES | 1u << TARGET_NODES,
    .decide = decide,
};
