/*
 * Loss: a message never arrives.
 *
 * Beside the steady loss of a link (network.default.loss), for what a rule can
 * say and a link cannot: the third message, one node, one second.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind == SITE_SEND);
    return (struct action){.act = ACT_DROP, .targets = context->targets};
}

const struct fault fault_loss = {
    .name = "loss",
    .about = "a message never arrives",
    .parameters = "for, p, limit, swarm",
    .sites = 1u << SITE_SEND,
    .targets = 1u << TARGET_NODES | 1u << TARGET_CLIENTS | 1u << TARGET_LINKS,
    .decide = decide,
};

const struct fault fault_message_loss = {
    .name = "message_loss",
    .about = "loss, by this name",
    .parameters = "for, p, limit, swarm",
    .sites = 1u << SITE_SEND,
    .targets = 1u << TARGET_NODES | 1u << TARGET_CLIENTS | 1u << TARGET_LINKS,
    .decide = decide,
};
