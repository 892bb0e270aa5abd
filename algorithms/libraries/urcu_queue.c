/*
 * Userspace RCU's wait-free concurrent queue, as its headers have it.
 *
 * An enqueue is one exchange of the tail and one store; a dequeue takes the
 * queue's lock, and waits for an enqueuer that is between the two.
 *
 * The headers are taken as they are, but for assembly: urcu.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "algorithms/libraries/urcu.h"
/* behind them */
#include <urcu/wfcqueue.h>

#include "algorithms/libraries/twice.h"

#include <assert.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    PATCHED_HEADER,
};

struct node {
    struct cds_wfcq_node link; /* first: a link is its node */
    fl_value value;
};

struct subject {
    struct cds_wfcq_head head;
    struct cds_wfcq_tail tail;
    enum flaw flaw;
};

static struct node *take(struct subject *s)
{
    return (struct node *)cds_wfcq_dequeue_blocking(&s->head, &s->tail);
}

fl_value PERFORM(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct subject *s = self;
    if (call->fn == FL_QUEUE_ENQUEUE) {
        struct node *node = malloc(sizeof(*node));
        if (node != NULL) {
            node->value = call->args[0];
            cds_wfcq_node_init(&node->link);
            (void)cds_wfcq_enqueue(&s->head, &s->tail, &node->link);
        }
        return FL_NONE;
    }
    assert(call->fn == FL_QUEUE_DEQUEUE);
    struct node *node = take(s);
    fl_value value = node == NULL ? FL_NONE : node->value;
    free(node);
    return value;
}

#ifndef PATCHED

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "5.4", "", "as the library has it"},
    [PATCHED_HEADER] = {"patched", "5.B5", "schedule",
                        "the exchange of the tail is a load and a store"},
    {0},
};

static void *create(const struct fl_setup *setup)
{
    struct subject *s = calloc(1, sizeof(*s));
    if (s != NULL) {
        s->flaw = (enum flaw)setup->variant;
        cds_wfcq_init(&s->head, &s->tail);
    }
    return s;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    const struct subject *s = self;
    return s->flaw == PATCHED_HEADER ? perform_patched(self, client, call)
                                     : perform_sound(self, client, call);
}

/* Does not wait: a queue that a changed header has broken would never end. */
static void destroy(void *self)
{
    struct subject *s = self;
    struct cds_wfcq_node *link =
        __cds_wfcq_dequeue_nonblocking(&s->head, &s->tail);
    while (link != NULL && link != CDS_WFCQ_WOULDBLOCK) {
        free(link);
        link = __cds_wfcq_dequeue_nonblocking(&s->head, &s->tail);
    }
    cds_wfcq_destroy(&s->head, &s->tail);
    free(s);
}

static const struct fl_mix mix[] = {{FL_QUEUE_ENQUEUE, 1},
                                    {FL_QUEUE_DEQUEUE, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "urcu_queue",
    .family = "libraries",
    .row = "5.4",
    .source = "Userspace RCU 0.13.2, urcu/wfcqueue.h",
    .about = "queue with a wait-free enqueue",
    .model = "fifo_queue",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = 2,
    .create = create,
    .perform = perform,
    .destroy = destroy,
};

#endif
