/*
 * A bounded ring for many producers and one consumer.
 *
 * A producer claims a position by raising the tail, and then fills the slot of
 * that position; the consumer empties slots in order and raises the head.
 *
 *     position    head ... ... ... tail          slot = position % capacity
 *                  v                v
 *     slots     [ 7 | 8 |   | 9 |   |   ]        the third is claimed, and not
 *                         ^ not filled yet       yet filled
 *
 * A raised tail says that a slot is claimed, not that it is filled.  So each
 * slot carries the number of the position that it was filled for, plus one,
 * and the consumer waits for it.  (It waits for a producer that stops between
 * the two: this ring is not lock-free.)
 *
 * Sabot, as published, trusts the tail; and a producer that has lost the race
 * for the tail `tries` times says that the ring is full.
 *
 * There is one consumer *at a time*: clients that dequeue hand the role on by
 * a mutex, so that any mix of calls is allowed.
 *
 * Linearization points: enqueue at its successful swap of the tail; "full" at
 * the load of head that showed it; dequeue at the store of head; "empty" at
 * the load of tail.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    AS_PUBLISHED,
    GIVES_UP,
    RELAXED,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "2.2", "", "a slot says for which position it is full"},
    [AS_PUBLISHED] = {"as_published", "2.B1", "schedule",
                      "the consumer trusts the tail, and takes slots that are "
                      "claimed and not yet filled"},
    [GIVES_UP] = {"gives_up", "2.B2", "schedule",
                  "a producer that lost the tail often enough says full"},
    [RELAXED] = {"relaxed", "2.B3", "memory",
                 "the mark of a full slot is stored relaxed: the value may "
                 "come after it"},
    {0},
};

enum param {
    CAPACITY,
    TRIES,
};

static const struct fl_param params[] = {
    [CAPACITY] = {.name = "capacity",
                  .initial = 4,
                  .min = 1,
                  .max = 65536,
                  .about = "values that it holds"},
    [TRIES] = {.name = "tries",
               .initial = 100,
               .min = 1,
               .max = 1000000,
               .about = "lost races for the tail before gives_up gives up; "
                        "100 as published"},
    {0},
};

struct slot {
    /* Both atomic: in the published form they are read while written. */
    _Atomic(uint64_t) filled; /* position + 1 of its value; 0 at first */
    _Atomic(fl_value) value;
};

struct mpsc_ring {
    _Atomic(uint64_t) head; /* the next position to empty */
    _Atomic(uint64_t) tail; /* the next position to claim */
    pthread_mutex_t consumer;
    enum flaw flaw;
    uint64_t capacity;
    int64_t tries;
    struct slot slots[];
};

/* Claims a position.  False: the ring is full. */
static bool claim(struct mpsc_ring *r, uint64_t *position)
{
    uint64_t tail = atomic_load(&r->tail);
    for (int64_t lost = 0; lost < r->tries || r->flaw != GIVES_UP; lost++) {
        /* In one order with the store in dequeue(): the slot is empty, and
         * "full" is no answer from before somebody took. */
        uint64_t head = atomic_load(&r->head);
        if (tail >= head + r->capacity) {
            return false;
        }
        if (atomic_compare_exchange_strong(&r->tail, &tail, tail + 1)) {
            *position = tail;
            return true;
        }
    }
    return false;
}

static bool enqueue(struct mpsc_ring *r, fl_value value)
{
    uint64_t position = 0;
    if (!claim(r, &position)) {
        return false;
    }
    fl_point("mpsc_ring.enq.claimed");
    struct slot *slot = &r->slots[position % r->capacity];
    /* Relaxed: published by the release below. */
    atomic_store_explicit(&slot->value, value, memory_order_relaxed);
    /* Release: pairs with the acquire in wait_until_filled(). */
    if (r->flaw == RELAXED) {
        atomic_store_explicit(&slot->filled, position + 1,
                              memory_order_relaxed);
    } else {
        atomic_store_explicit(&slot->filled, position + 1,
                              memory_order_release);
    }
    return true;
}

static void wait_until_filled(const struct mpsc_ring *r, struct slot *slot,
                              uint64_t position)
{
    if (r->flaw == AS_PUBLISHED) {
        return;
    }
    /* Acquire: pairs with the release in enqueue(): the value is there. */
    while (atomic_load_explicit(&slot->filled, memory_order_acquire) !=
           position + 1) {
    }
}

/* The caller is the consumer. */
static fl_value dequeue(struct mpsc_ring *r)
{
    /* Relaxed: only consumers write it, one at a time. */
    uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    if (head == atomic_load(&r->tail)) {
        return FL_NONE;
    }
    struct slot *slot = &r->slots[head % r->capacity];
    wait_until_filled(r, slot, head);
    fl_value value = atomic_load_explicit(&slot->value, memory_order_relaxed);
    atomic_store_explicit(&slot->value, FL_NONE, memory_order_relaxed);
    /* Pairs with the load in claim(): the slot may be filled. */
    atomic_store(&r->head, head + 1);
    return value;
}

static void *create(const struct fl_setup *setup)
{
    uint64_t capacity = (uint64_t)setup->params[CAPACITY];
    struct mpsc_ring *r =
        calloc(1, sizeof(*r) + capacity * sizeof(r->slots[0]));
    if (r == NULL) {
        return NULL;
    }
    r->flaw = (enum flaw)setup->variant;
    r->capacity = capacity;
    r->tries = setup->params[TRIES];
    pthread_mutex_init(&r->consumer, NULL);
    for (uint64_t i = 0; i < capacity; i++) {
        atomic_init(&r->slots[i].value, FL_NONE);
    }
    return r;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct mpsc_ring *r = self;
    if (call->fn == FL_QUEUE_ENQUEUE) {
        return enqueue(r, call->args[0]);
    }
    assert(call->fn == FL_QUEUE_DEQUEUE);
    pthread_mutex_lock(&r->consumer);
    fl_value value = dequeue(r);
    pthread_mutex_unlock(&r->consumer);
    return value;
}

static const struct fl_mix mix[] = {{FL_QUEUE_ENQUEUE, 60},
                                    {FL_QUEUE_DEQUEUE, 40}};

static const char *const points[] = {"mpsc_ring.enq.claimed", NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "mpsc_ring",
    .family = "shuffle",
    .row = "2.2",
    .source = "Sabot (Ugbot/Sabot, commit a8a91f7), "
              "sabot/_cython/shuffle/lock_free_queue",
    .about = "bounded ring for many producers and one consumer",
    .model = "bounded_queue",
    .kind = FL_THREADS,
    .variants = variants,
    .params = params,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .points = points,
    .create = create,
    .perform = perform,
    .destroy = free,
};
