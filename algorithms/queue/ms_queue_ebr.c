/*
 * The queue of Michael and Scott with Fraser's epochs: nodes are freed.
 *
 * There is a global epoch.  A client announces the epoch that it read before
 * it touches the queue, and that it is done afterwards.  The epoch moves on
 * only when every client inside has announced the present one, so whoever is
 * inside is at most one epoch behind.  A node that was unlinked in epoch e can
 * be known only to clients that went inside in e or before; when the epoch is
 * e + 2 they have all left.
 *
 *     unlinked, retired in e        e + 1              e + 2: free
 *     ----------|---------------------|------------------|------>
 *          |- inside, announced e ------- at the latest -|
 *
 * A client that stops inside stops the epoch: nothing is freed any more.
 *
 * Linearization points: as in ms_queue.c.
 *
 * Deviation: Fraser keeps three lists of retired nodes for each client, one an
 * epoch, and counts epochs modulo 3.  One list in the order of retirement,
 * with the epoch in the node, frees the same nodes at the same time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    ADVANCE_WITHOUT_CHECKING,
    FREE_AFTER_ONE,
    ANNOUNCE_LATE,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.4", "", "as published"},
    [ADVANCE_WITHOUT_CHECKING] = {"advance_without_checking", "0.B7",
                                  "schedule",
                                  "the epoch moves on whoever is inside"},
    [FREE_AFTER_ONE] = {"free_after_one", "0.B7", "schedule",
                        "a node is freed one epoch after its retirement"},
    [ANNOUNCE_LATE] = {"announce_late", "0.B7", "schedule",
                       "a client announces itself after its first read"},
    {0},
};

enum param {
    RECLAIM,
    EPOCH_BATCH,
    CAPACITY,
};

static const char *const reclaims[] = {"ebr", NULL};

static const struct fl_param params[] = {
    [RECLAIM] = {.name = "reclaim",
                 .words = reclaims,
                 .about = "epoch-based reclamation"},
    [EPOCH_BATCH] = {.name = "epoch_batch",
                     .initial = 1,
                     .min = 1,
                     .max = 4096,
                     .about = "nodes that a client retires between two "
                              "attempts to move the epoch on"},
    [CAPACITY] = {.name = "capacity",
                  .max = 65536,
                  .about = "taken as for the pool form, where it makes nodes "
                           "in advance; here malloc makes each"},
    {0},
};

/* Announced by a client that is not inside.  Epochs count from 1. */
enum {
    OUTSIDE = 0
};

struct node {
    _Atomic(struct node *) next;
    fl_value value;
    uint64_t epoch;       /* in which it was retired */
    struct node *retired; /* the node that its remover retired after it */
};

struct client {
    _Atomic(uint64_t) announced;
    struct node *oldest; /* retired by this client and not yet freed */
    struct node *newest;
    int64_t since; /* retirements since it last tried to advance */
};

struct ms_queue {
    _Atomic(struct node *) head;
    _Atomic(struct node *) tail;
    _Atomic(uint64_t) epoch;
    enum flaw flaw;
    int64_t epoch_batch;
    _Atomic(int64_t) retired_count; /* of all, for the report */
    uint32_t clients_count;
    struct client clients[];
};

static void announce(struct ms_queue *q, struct client *mine)
{
    /* Sequentially consistent: announced before the queue is read.  Pairs
     * with the loads in try_advance(), which come after the unlinking. */
    atomic_store(&mine->announced, atomic_load(&q->epoch));
}

/* Goes inside and reads `*source`, in this order. */
static struct node *enter_at(struct ms_queue *q, struct client *mine,
                             _Atomic(struct node *) *source)
{
    if (q->flaw == ANNOUNCE_LATE) {
        struct node *node = atomic_load(source);
        announce(q, mine);
        return node;
    }
    announce(q, mine);
    return atomic_load(source);
}

static void leave_inside(struct client *mine)
{
    /* Release: our reads of the nodes come before whoever frees them; pairs
     * with the load in try_advance(). */
    atomic_store_explicit(&mine->announced, OUTSIDE, memory_order_release);
}

/* Moves the epoch on if everybody inside has announced the present one. */
static void try_advance(struct ms_queue *q)
{
    uint64_t epoch = atomic_load(&q->epoch);
    for (uint32_t i = 0; i < q->clients_count; i++) {
        uint64_t announced = atomic_load(&q->clients[i].announced);
        if (announced != OUTSIDE && announced != epoch &&
            q->flaw != ADVANCE_WITHOUT_CHECKING) {
            return;
        }
    }
    atomic_compare_exchange_strong(&q->epoch, &epoch, epoch + 1);
}

/* Frees the nodes of `mine` that nobody can know any more. */
static void collect(struct ms_queue *q, struct client *mine)
{
    uint64_t wait = q->flaw == FREE_AFTER_ONE ? 1 : 2;
    uint64_t epoch = atomic_load(&q->epoch);
    int64_t freed = 0;
    while (mine->oldest != NULL && mine->oldest->epoch + wait <= epoch) {
        struct node *node = mine->oldest;
        mine->oldest = node->retired;
        free(node);
        freed++;
    }
    if (freed > 0) {
        fl_retired(atomic_fetch_sub(&q->retired_count, freed) - freed);
    }
}

/* `node` has been unlinked; the caller is outside. */
static void retire(struct ms_queue *q, struct client *mine, struct node *node)
{
    node->retired = NULL;
    node->epoch = atomic_load(&q->epoch);
    if (mine->oldest == NULL) {
        mine->oldest = node;
    } else {
        assert(mine->newest->epoch <= node->epoch);
        mine->newest->retired = node;
    }
    mine->newest = node;
    fl_retired(atomic_fetch_add(&q->retired_count, 1) + 1);
    mine->since++;
    if (mine->since >= q->epoch_batch) {
        mine->since = 0;
        try_advance(q);
        collect(q, mine);
    }
}

static struct node *new_node(fl_value value)
{
    struct node *node = malloc(sizeof(*node));
    if (node != NULL) {
        atomic_init(&node->next, NULL);
        node->value = value;
    }
    return node;
}

static void enqueue(struct ms_queue *q, struct client *mine, fl_value value)
{
    struct node *node = new_node(value);
    while (node == NULL) { /* enqueue must not fail: wait for memory */
        sched_yield();
        node = new_node(value);
    }
    struct node *tail = enter_at(q, mine, &q->tail);
    for (;;) {
        struct node *next = atomic_load(&tail->next);
        if (next != NULL) {
            struct node *seen = tail;
            atomic_compare_exchange_weak(&q->tail, &seen, next); /* help */
        } else if (atomic_compare_exchange_weak(&tail->next, &next, node)) {
            break;
        }
        tail = atomic_load(&q->tail);
    }
    fl_point("ms_queue.enq.linked");
    atomic_compare_exchange_strong(&q->tail, &tail, node);
    leave_inside(mine);
}

static fl_value dequeue(struct ms_queue *q, struct client *mine)
{
    struct node *head = enter_at(q, mine, &q->head);
    fl_value value = FL_NONE;
    for (;;) {
        struct node *tail = atomic_load(&q->tail);
        struct node *next = atomic_load(&head->next);
        /* A re-read of head, as in the paper, is not needed: nodes that we
         * know are not recycled while we are inside.  But next may be null
         * only if head was the dummy then. */
        if (next == NULL) {
            leave_inside(mine);
            return FL_NONE;
        }
        if (head == tail) {
            atomic_compare_exchange_weak(&q->tail, &tail, next); /* help */
        } else {
            value = next->value;
            struct node *seen = head;
            if (atomic_compare_exchange_weak(&q->head, &seen, next)) {
                break;
            }
        }
        head = atomic_load(&q->head);
    }
    leave_inside(mine);
    retire(q, mine, head);
    return value;
}

static void *create(const struct fl_setup *setup)
{
    uint32_t count = setup->clients;
    struct ms_queue *q = calloc(1, sizeof(*q) + count * sizeof(q->clients[0]));
    struct node *dummy = new_node(FL_NONE);
    if (q == NULL || dummy == NULL) {
        free(q);
        free(dummy);
        return NULL;
    }
    q->flaw = (enum flaw)setup->variant;
    q->epoch_batch = setup->params[EPOCH_BATCH];
    q->clients_count = count;
    atomic_init(&q->epoch, 1);
    atomic_init(&q->head, dummy);
    atomic_init(&q->tail, dummy);
    return q;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct ms_queue *q = self;
    assert(client < q->clients_count);
    if (call->fn == FL_QUEUE_ENQUEUE) {
        enqueue(q, &q->clients[client], call->args[0]);
        return FL_NONE;
    }
    assert(call->fn == FL_QUEUE_DEQUEUE);
    return dequeue(q, &q->clients[client]);
}

static void destroy(void *self)
{
    struct ms_queue *q = self;
    for (uint32_t i = 0; i < q->clients_count; i++) {
        struct node *node = q->clients[i].oldest;
        while (node != NULL) {
            struct node *after = node->retired;
            free(node);
            node = after;
        }
    }
    struct node *node = atomic_load(&q->head);
    while (node != NULL) {
        struct node *next = atomic_load(&node->next);
        free(node);
        node = next;
    }
    free(q);
}

static const struct fl_mix mix[] = {{FL_QUEUE_ENQUEUE, 50},
                                    {FL_QUEUE_DEQUEUE, 50}};

static const char *const points[] = {"ms_queue.enq.linked", NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "ms_queue_ebr",
    .family = "queue",
    .row = "0.4",
    .source = "K. Fraser, Practical Lock-Freedom, University of Cambridge, "
              "UCAM-CL-TR-579, 2004, section 5.2.3",
    .about = "lock-free queue that frees its nodes by epochs",
    .model = "fifo_queue",
    .kind = FL_THREADS,
    .variants = variants,
    .params = params,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .points = points,
    .create = create,
    .perform = perform,
    .destroy = destroy,
};
