/*
 * The queue of Michael and Scott: a linked list with a dummy at its head.
 *
 *     head --> dummy --> first --> ... --> last          next of last: null
 *                                            ^
 *                              tail ---------+   (or one node behind)
 *
 * An enqueuer links its node behind the last one and then swings the tail.
 * Between the two the tail lags, and whoever meets it so helps: that is why a
 * client that stops there stops nobody.  Names E1 to E17 and D1 to D20 are
 * the lines of the paper's figure 1.
 *
 * Pointers are counted against ABA, and nodes are type-stable: none is freed
 * before the queue is, and a client recycles the nodes that it dequeued.
 *
 *     pointer:  | count : 16 | address : 48 |
 *
 * Linearization points: enqueue at the successful swap of the last next (E9);
 * dequeue at the successful swap of head (D13); "empty" at the load of next
 * that gave null (D4), valid because head is re-read afterwards (D5).
 *
 * Deviation: the paper shares one free list by Treiber's stack.  Here each
 * client has its own, so that recycling is not part of what is explored.
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
    NO_HELP,
    HEAD_PASSES_TAIL,
    LATE_READ,
    NO_TAG,
    NO_RECHECK,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.1", "", "as published"},
    [NO_HELP] = {"no_help", "0.B1", "crash",
                 "who meets a lagging tail waits until its enqueuer swings it"},
    [HEAD_PASSES_TAIL] = {"head_passes_tail", "0.B2", "schedule",
                          "dequeue does not ask whether head has met tail"},
    [LATE_READ] = {"late_read", "0.B3", "schedule",
                   "the value is read after the swap of head"},
    [NO_TAG] = {"no_tag", "0.B4", "schedule",
                "counts stand still: a pointer that came back passes for one "
                "that stayed"},
    [NO_RECHECK] = {"no_recheck", "0.B5", "schedule",
                    "head is not read again before its next is believed"},
    {0},
};

enum param {
    RECLAIM,
    CAPACITY,
};

static const char *const reclaims[] = {"pool", NULL};

static const struct fl_param params[] = {
    [RECLAIM] = {.name = "reclaim",
                 .words = reclaims,
                 .about = "nodes are recycled, never freed"},
    [CAPACITY] = {.name = "capacity",
                  .max = 65536,
                  .about = "nodes made in advance, in equal shares; more are "
                           "made when a client has no spare one"},
    {0},
};

enum {
    COUNT_SHIFT = 48
};

#define ADDRESS (((uint64_t)1 << COUNT_SHIFT) - 1)

struct node {
    _Atomic(uint64_t) next;
    /* Atomic, since a dequeuer may read it while the node's next owner writes
     * it; the dequeuer's swap then fails. */
    _Atomic(fl_value) value;
    struct node *made;  /* the node that its maker made before */
    struct node *spare; /* the next of its recycler's spare nodes */
};

/* What one client has to itself. */
struct client {
    struct node *made;   /* every node that it ever made, for the end */
    struct node *oldest; /* spare nodes, in the order of their dequeues */
    struct node *newest;
};

struct ms_queue {
    _Atomic(uint64_t) head;
    _Atomic(uint64_t) tail;
    enum flaw flaw;
    uint32_t clients_count;
    struct client clients[];
};

static struct node *node_of(uint64_t pointer)
{
    uint64_t address = pointer & ADDRESS;
    return (struct node *)address; /* NOLINT(performance-no-int-to-ptr) */
}

/* Swaps `*word` from `seen` to `node`, with the next count.
 *
 * Release: whoever reads the pointer must see the node's value and its null
 * next, written before.  Pairs with the acquire in look(). */
static bool swap(const struct ms_queue *q, _Atomic(uint64_t) *word,
                 uint64_t seen, const struct node *node)
{
    uint64_t count = (seen >> COUNT_SHIFT) + (q->flaw == NO_TAG ? 0 : 1);
    assert((uintptr_t)node >> COUNT_SHIFT == 0);
    return atomic_compare_exchange_weak_explicit(
        word, &seen, count << COUNT_SHIFT | (uintptr_t)node,
        memory_order_release, memory_order_relaxed);
}

/* Reads a pointer.  Pairs with the release in swap(). */
static uint64_t look(const _Atomic(uint64_t) *word)
{
    return atomic_load_explicit(word, memory_order_acquire);
}

static struct node *make_node(struct client *mine)
{
    struct node *node = calloc(1, sizeof(*node));
    if (node != NULL) {
        node->made = mine->made;
        mine->made = node;
    }
    return node;
}

static struct node *take_node(struct client *mine)
{
    struct node *node = mine->oldest;
    if (node != NULL) {
        mine->oldest = node->spare;
        return node;
    }
    while ((node = make_node(mine)) == NULL) {
        sched_yield(); /* enqueue must not fail: wait for memory */
    }
    return node;
}

static void recycle_node(struct client *mine, struct node *node)
{
    node->spare = NULL;
    if (mine->oldest == NULL) {
        mine->oldest = node;
    } else {
        mine->newest->spare = node;
    }
    mine->newest = node;
}

/* The tail was met one node behind (E13, D10): swings it to `next`. */
static void help(struct ms_queue *q, uint64_t tail, uint64_t next)
{
    if (q->flaw != NO_HELP) {
        swap(q, &q->tail, tail, node_of(next));
    }
}

static void enqueue(struct ms_queue *q, struct client *mine, fl_value value)
{
    struct node *node = take_node(mine); /* E1 to E3 */
    /* Relaxed: published by the release at E9. */
    atomic_store_explicit(&node->value, value, memory_order_relaxed);
    /* The count of next stays: it is what makes an old swap of it fail.
     * Release, for one who still has this node as its head: if it sees the new
     * null at D4, it must see at D5 that head has moved on. */
    atomic_fetch_and_explicit(&node->next, ~ADDRESS, memory_order_release);

    uint64_t tail;
    for (;;) {
        tail = look(&q->tail);                      /* E5 */
        uint64_t next = look(&node_of(tail)->next); /* E6 */
        if (tail != look(&q->tail)) {               /* E7 */
            continue;
        }
        if (node_of(next) != NULL) { /* E8, E12 */
            help(q, tail, next);
        } else if (swap(q, &node_of(tail)->next, next, node)) { /* E9 */
            break;
        }
    }
    fl_point("ms_queue.enq.linked");
    swap(q, &q->tail, tail, node); /* E17: if it fails, somebody helped */
}

static fl_value dequeue(struct ms_queue *q, struct client *mine)
{
    for (;;) {
        uint64_t head = look(&q->head);                        /* D2 */
        uint64_t tail = look(&q->tail);                        /* D3 */
        uint64_t next = look(&node_of(head)->next);            /* D4 */
        if (q->flaw != NO_RECHECK && head != look(&q->head)) { /* D5 */
            continue;
        }
        struct node *first = node_of(next);
        if (first == NULL) { /* D7: so head has met tail, too */
            return FL_NONE;
        }
        if (node_of(head) == node_of(tail) && q->flaw != HEAD_PASSES_TAIL) {
            help(q, tail, next); /* D6, D10 */
            continue;
        }
        /* D12: before the swap, since afterwards the node may be recycled. */
        fl_value value =
            atomic_load_explicit(&first->value, memory_order_relaxed);
        if (!swap(q, &q->head, head, first)) { /* D13 */
            continue;
        }
        if (q->flaw == LATE_READ) {
            value = atomic_load_explicit(&first->value, memory_order_relaxed);
        }
        recycle_node(mine, node_of(head)); /* D19 */
        return value;
    }
}

static void destroy(void *self)
{
    struct ms_queue *q = self;
    for (uint32_t i = 0; i < q->clients_count; i++) {
        struct node *node = q->clients[i].made;
        while (node != NULL) {
            struct node *before = node->made;
            free(node);
            node = before;
        }
    }
    free(q);
}

static void *create(const struct fl_setup *setup)
{
    uint32_t count = setup->clients;
    struct ms_queue *q = calloc(1, sizeof(*q) + count * sizeof(q->clients[0]));
    if (q == NULL) {
        return NULL;
    }
    q->flaw = (enum flaw)setup->variant;
    q->clients_count = count;
    assert(count > 0);
    struct node *node = make_node(&q->clients[0]);
    atomic_init(&q->head, (uintptr_t)node);
    atomic_init(&q->tail, (uintptr_t)node);
    for (int64_t i = 0; i < setup->params[CAPACITY] && node != NULL; i++) {
        struct client *client = &q->clients[(uint64_t)i % count];
        node = make_node(client);
        if (node != NULL) {
            recycle_node(client, node);
        }
    }
    if (node == NULL) {
        destroy(q);
        return NULL;
    }
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

static const struct fl_mix mix[] = {{FL_QUEUE_ENQUEUE, 50},
                                    {FL_QUEUE_DEQUEUE, 50}};

static const char *const points[] = {"ms_queue.enq.linked", NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "ms_queue",
    .family = "queue",
    .row = "0.1",
    .source = "M. M. Michael and M. L. Scott, Simple, Fast, and Practical "
              "Non-Blocking and Blocking Concurrent Queue Algorithms, PODC "
              "1996",
    .about = "lock-free queue with counted pointers and recycled nodes",
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
