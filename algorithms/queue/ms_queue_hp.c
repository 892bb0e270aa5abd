/*
 * The queue of Michael and Scott with hazard pointers: nodes are freed.
 *
 * A client publishes the address of each node that it is about to touch, and
 * then reads again where it found it: if it is still there, whoever removes it
 * later must see the hazard and keep the node.  A removed node is *retired*;
 * from time to time a client compares its retired nodes with all hazards and
 * frees those that nobody names.
 *
 *     client 0    hazards: [ head | next ]    retired: n7 -> n4
 *     client 1    hazards: [ tail |  -   ]    retired: n5
 *
 * At most 2 * clients nodes are named, so a client that has retired
 * `threshold` nodes keeps at most 2 * clients + threshold of them.
 *
 * Linearization points: enqueue at the successful swap of the last next;
 * dequeue at the successful swap of head; "empty" at the load of next that
 * gave null, valid because head is re-read afterwards.
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
    NO_REVALIDATION,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.3", "", "as published"},
    [NO_REVALIDATION] = {"no_revalidation", "0.B6", "schedule",
                         "a hazard is believed without reading its source "
                         "again"},
    {0},
};

enum param {
    RECLAIM,
    THRESHOLD,
    CAPACITY,
};

static const char *const reclaims[] = {"hp", NULL};

static const struct fl_param params[] = {
    [RECLAIM] = {.name = "reclaim",
                 .words = reclaims,
                 .about = "hazard pointers"},
    [THRESHOLD] = {.name = "threshold",
                   .initial = 1,
                   .min = 1,
                   .max = 4096,
                   .about = "retired nodes before a client scans; few free "
                            "early, and find more"},
    [CAPACITY] = {.name = "capacity",
                  .max = 65536,
                  .about = "taken as for the pool form, where it makes nodes "
                           "in advance; here malloc makes each"},
    {0},
};

/* What a hazard protects. */
enum hazard {
    AT_END,  /* the node that head or tail points to */
    AT_NEXT, /* the node behind it */
    HAZARDS,
};

struct node {
    _Atomic(struct node *) next;
    fl_value value;
    struct node *retired; /* the node that its remover retired before */
};

struct client {
    _Atomic(struct node *) hazards[HAZARDS];
    struct node *retired; /* its own */
    int64_t retired_count;
};

struct ms_queue {
    _Atomic(struct node *) head;
    _Atomic(struct node *) tail;
    enum flaw flaw;
    int64_t threshold;
    _Atomic(int64_t) retired_count; /* of all, for the report */
    uint32_t clients_count;
    struct client clients[];
};

/* Reads `*source` and protects the node found there. */
static struct node *protect(const struct ms_queue *q, struct client *mine,
                            _Atomic(struct node *) *source)
{
    struct node *node = atomic_load(source);
    for (;;) {
        /* Sequentially consistent, and so is the load below: the hazard must
         * be visible before the source is read again.  Pairs with the order
         * of unlinking and scanning in is_hazardous(). */
        atomic_store(&mine->hazards[AT_END], node);
        if (q->flaw == NO_REVALIDATION) {
            return node;
        }
        struct node *again = atomic_load(source);
        if (again == node) {
            return node;
        }
        node = again;
    }
}

static void unprotect(struct client *mine)
{
    /* Release: our reads of the nodes come before whoever frees them; pairs
     * with the load in is_hazardous(). */
    for (uint32_t i = 0; i < HAZARDS; i++) {
        atomic_store_explicit(&mine->hazards[i], NULL, memory_order_release);
    }
}

static bool is_hazardous(const struct ms_queue *q, const struct node *node)
{
    for (uint32_t c = 0; c < q->clients_count; c++) {
        for (uint32_t i = 0; i < HAZARDS; i++) {
            if (atomic_load(&q->clients[c].hazards[i]) == node) {
                return true;
            }
        }
    }
    return false;
}

/* Frees the retired nodes of `mine` that nobody names. */
static void scan(struct ms_queue *q, struct client *mine)
{
    struct node *node = mine->retired;
    int64_t freed = 0;
    mine->retired = NULL;
    while (node != NULL) {
        struct node *before = node->retired;
        if (is_hazardous(q, node)) {
            node->retired = mine->retired;
            mine->retired = node;
        } else {
            free(node);
            freed++;
        }
        node = before;
    }
    assert(freed <= mine->retired_count);
    mine->retired_count -= freed;
    fl_retired(atomic_fetch_sub(&q->retired_count, freed) - freed);
}

static void retire(struct ms_queue *q, struct client *mine, struct node *node)
{
    node->retired = mine->retired;
    mine->retired = node;
    mine->retired_count++;
    fl_retired(atomic_fetch_add(&q->retired_count, 1) + 1);
    if (mine->retired_count >= q->threshold) {
        scan(q, mine);
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
    struct node *tail;
    for (;;) {
        tail = protect(q, mine, &q->tail);
        struct node *next = atomic_load(&tail->next);
        if (next != NULL) {
            atomic_compare_exchange_weak(&q->tail, &tail, next); /* help */
        } else if (atomic_compare_exchange_weak(&tail->next, &next, node)) {
            break;
        }
    }
    fl_point("ms_queue.enq.linked");
    struct node *last = tail;
    atomic_compare_exchange_strong(&q->tail, &last, node);
    unprotect(mine);
}

static fl_value dequeue(struct ms_queue *q, struct client *mine)
{
    struct node *head;
    fl_value value = FL_NONE;
    for (;;) {
        head = protect(q, mine, &q->head);
        struct node *tail = atomic_load(&q->tail);
        struct node *next = atomic_load(&head->next);
        atomic_store(&mine->hazards[AT_NEXT], next);
        /* While head is the dummy, next is in the queue and not retired. */
        if (q->flaw != NO_REVALIDATION && atomic_load(&q->head) != head) {
            continue;
        }
        if (next == NULL) {
            unprotect(mine);
            return FL_NONE;
        }
        if (head == tail) {
            atomic_compare_exchange_weak(&q->tail, &tail, next); /* help */
            continue;
        }
        value = next->value;
        struct node *seen = head;
        if (atomic_compare_exchange_weak(&q->head, &seen, next)) {
            break;
        }
    }
    unprotect(mine);
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
    q->threshold = setup->params[THRESHOLD];
    q->clients_count = count;
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
        struct node *node = q->clients[i].retired;
        while (node != NULL) {
            struct node *before = node->retired;
            free(node);
            node = before;
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
    .name = "ms_queue_hp",
    .family = "queue",
    .row = "0.3",
    .source = "M. M. Michael, Hazard Pointers: Safe Memory Reclamation for "
              "Lock-Free Objects, IEEE TPDS 15(6), 2004",
    .about = "lock-free queue that frees its nodes by hazard pointers",
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
