/*
 * Userspace RCU's lock-free queue, as its headers have it.
 *
 *     head -> dummy -> a -> b <- tail
 *
 * Enqueue and dequeue are readers of RCU, so that no node comes back while one
 * of them holds its address.  The queue is never without a node: a dequeue that
 * would take the last one enqueues a dummy first.  RCU is the library's own,
 * compiled from its source.
 *
 * The header has a node freed a grace period after it was taken, and that is
 * too early (`as_published`): the tail may lag behind the head, and lead to the
 * node until the enqueuer that is to move it does.  The grace period waits for
 * that enqueuer, but not for a reader that begins after it began, and finds the
 * old tail.  A second one waits for those: the sound form frees after two.
 *
 * The headers are taken as they are, but for assembly: urcu.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "algorithms/libraries/rcu.h"
/* behind it */
#include <urcu/rculfqueue.h>

#include "algorithms/libraries/twice.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    PATCHED_HEADER,
    NO_READER,
    AS_PUBLISHED,
};

struct node {
    struct cds_lfq_node_rcu link; /* first: a link is its node */
    struct rcu_head head;
    fl_value value;
};

struct subject {
    struct cds_lfq_queue_rcu queue;
    enum flaw flaw;
};

static void free_node(struct rcu_head *head)
{
    free((char *)head - offsetof(struct node, head));
}

static void begin(const struct subject *s)
{
    if (s->flaw != NO_READER) {
        urcu_mb_read_lock();
    }
}

static void end(const struct subject *s)
{
    if (s->flaw != NO_READER) {
        urcu_mb_read_unlock();
    }
}

fl_value PERFORM(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct subject *s = self;
    struct node *node = NULL;
    fl_value value = FL_NONE;
    if (call->fn == FL_QUEUE_ENQUEUE) {
        node = malloc(sizeof(*node));
        if (node != NULL) {
            node->value = call->args[0];
            cds_lfq_node_init_rcu(&node->link);
            begin(s);
            cds_lfq_enqueue_rcu(&s->queue, &node->link);
            end(s);
        }
        return FL_NONE;
    }
    assert(call->fn == FL_QUEUE_DEQUEUE);
    begin(s);
    node = (struct node *)cds_lfq_dequeue_rcu(&s->queue);
    end(s);
    if (node != NULL) {
        value = node->value;
        rcu_after(&node->head, free_node);
    }
    rcu_pay(s->flaw == AS_PUBLISHED ? 1 : 2);
    return value;
}

#ifndef PATCHED

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "5.9", "", "freed after two grace periods"},
    [PATCHED_HEADER] = {"patched", "5.B14", "schedule",
                        "a dequeue moves the head by a plain store"},
    [NO_READER] = {"no_reader", "5.B15", "schedule",
                   "its callers are no readers of RCU, against the header"},
    [AS_PUBLISHED] = {"as_published", "5.B16", "schedule",
                      "freed after one grace period, as the header says"},
    {0},
};

static void *create(const struct fl_setup *setup)
{
    struct subject *s = calloc(1, sizeof(*s));
    if (s != NULL) {
        s->flaw = (enum flaw)setup->variant;
        cds_lfq_init_rcu(&s->queue, rcu_after);
    }
    return s;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    const struct subject *s = self;
    return s->flaw == PATCHED_HEADER ? perform_patched(self, client, call)
                                     : perform_sound(self, client, call);
}

static void enter(void *self, uint32_t client)
{
    (void)self;
    (void)client;
    urcu_mb_register_thread();
}

static void leave(void *self, uint32_t client)
{
    (void)self;
    (void)client;
    urcu_mb_unregister_thread();
}

/* Nobody else is left: no grace period is waited for. */
static void destroy(void *self)
{
    struct subject *s = self;
    struct cds_lfq_node_rcu *link = s->queue.head;
    while (link != NULL) {
        struct cds_lfq_node_rcu *next = link->next;
        free(link); /* dummies, too, begin with their link */
        link = next;
    }
    free(s);
}

static const struct fl_mix mix[] = {{FL_QUEUE_ENQUEUE, 1},
                                    {FL_QUEUE_DEQUEUE, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "urcu_lfqueue",
    .family = "libraries",
    .row = "5.9",
    .source = "Userspace RCU 0.13.2, urcu/rculfqueue.h",
    .about = "lock-free queue that frees by RCU",
    .model = "fifo_queue",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = 2,
    .create = create,
    .perform = perform,
    .enter = enter,
    .leave = leave,
    .destroy = destroy,
};

#endif
