/*
 * Spurious failure: a weak compare-and-swap fails although the values match.
 *
 * C allows it, and processors with load-linked and store-conditional do it;
 * x86-64 never does, so code that forgets it is only caught elsewhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind == SITE_CAS_WEAK);
    return (struct action){.act = ACT_FAIL, .targets = context->targets};
}

const struct fault fault_cas_spurious_fail = {
    .name = "cas_spurious_fail",
    .about = "a weak compare-and-swap fails although the values match",
    .parameters = "p, limit, swarm",
    .sites = 1u << SITE_CAS_WEAK,
    .targets = 1u << TARGET_THREADS | 1u << TARGET_PROCESSES,
    .decide = decide,
};
