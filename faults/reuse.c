/*
 * Reuse: freed addresses come back at once, which provokes ABA.
 *
 * Newest-first alone hides the textbook ABA (the popper's own block comes back
 * to itself), so `eager` draws between newest, oldest and random once a run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name;
    enum reuse reuse;
} words[] = {
    {"newest", REUSE_NEWEST}, {"oldest", REUSE_OLDEST},
    {"random", REUSE_RANDOM}, {"never", REUSE_NEVER},
    {"eager", REUSE_EAGER},   {"mixed", REUSE_MIXED},
};

static enum reuse named(const char *name)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].name, name) == 0) {
            return words[i].reuse;
        }
    }
    return REUSE_EAGER;
}

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind == SITE_START);
    const struct names *allowed = &context->rule->reuse;
    enum reuse reuse = REUSE_EAGER;
    if (allowed->count > 0) {
        uint32_t i =
            choice_below(context->choice, STREAM_FAULTS, allowed->count);
        reuse = named(allowed->name[i]);
    }
    if (reuse == REUSE_EAGER || reuse == REUSE_MIXED) {
        uint32_t ways = reuse == REUSE_EAGER ? 3 : 4;
        reuse = words[choice_below(context->choice, STREAM_FAULTS, ways)].reuse;
    }
    assert(reuse != REUSE_EAGER && reuse != REUSE_MIXED);
    return (struct action){.act = ACT_REUSE, .shape = (uint32_t)reuse};
}

const struct fault fault_reuse = {
    .name = "reuse",
    .about = "freed addresses come back newest, oldest or random first, or "
             "never",
    .parameters = "reuse, swarm",
    .sites = 1u << SITE_START,
    .targets =
        1u << TARGET_THREADS | 1u << TARGET_PROCESSES | 1u << TARGET_NODES,
    .decide = decide,
};

const struct fault fault_eager_reuse = {
    .name = "eager_reuse",
    .about = "reuse, by this name",
    .parameters = "reuse, swarm",
    .sites = 1u << SITE_START,
    .targets =
        1u << TARGET_THREADS | 1u << TARGET_PROCESSES | 1u << TARGET_NODES,
    .decide = decide,
};
