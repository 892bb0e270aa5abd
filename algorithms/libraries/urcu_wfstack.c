/*
 * Userspace RCU's stack with a wait-free push, as its headers have it.
 *
 * A push is one exchange of the head, and then a store of the link to what was
 * there; a pop that comes between the two waits for the store.  Pops take the
 * library's own lock, since nodes are freed.  The variant `unlocked` pops
 * without it, against what the header says.
 *
 * The headers are taken as they are, but for assembly: urcu.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "algorithms/libraries/urcu.h"
/* behind them */
#include <urcu/wfstack.h>

#include "algorithms/libraries/twice.h"

#include <assert.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    PATCHED_HEADER,
    UNLOCKED,
};

struct node {
    struct cds_wfs_node link; /* first: a link is its node */
    fl_value value;
};

struct subject {
    struct cds_wfs_stack stack;
    enum flaw flaw;
};

static struct node *take(struct subject *s)
{
    cds_wfs_stack_ptr_t stack = {.s = &s->stack};
    return (struct node *)(s->flaw != UNLOCKED ? cds_wfs_pop_blocking(&s->stack)
                                               : __cds_wfs_pop_blocking(stack));
}

fl_value PERFORM(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct subject *s = self;
    if (call->fn == FL_STACK_PUSH) {
        struct node *node = malloc(sizeof(*node));
        if (node != NULL) {
            cds_wfs_stack_ptr_t stack = {.s = &s->stack};
            node->value = call->args[0];
            cds_wfs_node_init(&node->link);
            (void)cds_wfs_push(stack, &node->link);
        }
        return FL_NONE;
    }
    assert(call->fn == FL_STACK_POP);
    struct node *node = take(s);
    fl_value value = node == NULL ? FL_NONE : node->value;
    free(node);
    return value;
}

#ifndef PATCHED

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "5.8", "", "as the library has it"},
    [PATCHED_HEADER] = {"patched", "5.B12", "schedule",
                        "a pop does not wait for the link of a push"},
    [UNLOCKED] = {"unlocked", "5.B13", "schedule",
                  "pops run beside each other, against the header"},
    {0},
};

static void *create(const struct fl_setup *setup)
{
    struct subject *s = calloc(1, sizeof(*s));
    if (s != NULL) {
        s->flaw = (enum flaw)setup->variant;
        cds_wfs_init(&s->stack);
    }
    return s;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    const struct subject *s = self;
    return s->flaw == PATCHED_HEADER ? perform_patched(self, client, call)
                                     : perform_sound(self, client, call);
}

/* Does not wait: a stack that a changed header has broken would never end. */
static void destroy(void *self)
{
    struct subject *s = self;
    cds_wfs_stack_ptr_t stack = {.s = &s->stack};
    struct cds_wfs_node *link = __cds_wfs_pop_nonblocking(stack);
    while (link != NULL && link != CDS_WFS_WOULDBLOCK) {
        free(link);
        link = __cds_wfs_pop_nonblocking(stack);
    }
    cds_wfs_destroy(&s->stack);
    free(s);
}

static const struct fl_mix mix[] = {{FL_STACK_PUSH, 1}, {FL_STACK_POP, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "urcu_wfstack",
    .family = "libraries",
    .row = "5.8",
    .source = "Userspace RCU 0.13.2, urcu/wfstack.h",
    .about = "stack with a wait-free push",
    .model = "stack",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = 2,
    .create = create,
    .perform = perform,
    .destroy = destroy,
};

#endif
