/*
 * The two-lock queue of Michael and Scott: enqueuers share one lock, dequeuers
 * another, and a dummy node keeps the two ends apart.
 *
 * When the queue is empty both ends work on one node: the enqueuer writes its
 * next, the dequeuer reads it.  That field is therefore atomic; nothing else
 * is shared between the two locks.
 *
 * Not crash tolerant: whoever dies with a lock in hand blocks its side for
 * ever.
 *
 * Linearization points: enqueue at the store of next; dequeue, empty or not,
 * at the load of next under the head lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    LATE_READ,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.2", "", "as published"},
    [LATE_READ] = {"late_read", "0.B3", "schedule",
                   "the value is read after the head lock is given up"},
    {0},
};

struct node {
    _Atomic(struct node *) next;
    fl_value value;
};

struct two_lock_queue {
    struct node *head; /* the dummy; guarded by head_lock */
    struct node *tail; /* guarded by tail_lock */
    pthread_mutex_t head_lock;
    pthread_mutex_t tail_lock;
    enum flaw flaw;
};

static void lock(pthread_mutex_t *mutex, const char *name)
{
    int error = pthread_mutex_lock(mutex);
    assert(error == 0);
    (void)error;
    fl_hold(name);
}

static void unlock(pthread_mutex_t *mutex, const char *name)
{
    fl_unhold(name);
    int error = pthread_mutex_unlock(mutex);
    assert(error == 0);
    (void)error;
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

static void enqueue(struct two_lock_queue *q, fl_value value)
{
    struct node *node = new_node(value);
    while (node == NULL) { /* enqueue must not fail: wait for memory */
        sched_yield();
        node = new_node(value);
    }
    lock(&q->tail_lock, "queue.tail");
    /* Release: pairs with the acquire in dequeue(), which is under the other
     * lock: whoever finds the node must find its value. */
    atomic_store_explicit(&q->tail->next, node, memory_order_release);
    q->tail = node;
    unlock(&q->tail_lock, "queue.tail");
}

static fl_value dequeue(struct two_lock_queue *q)
{
    lock(&q->head_lock, "queue.head");
    struct node *dummy = q->head;
    /* Acquire: pairs with the release in enqueue(). */
    struct node *first =
        atomic_load_explicit(&dummy->next, memory_order_acquire);
    if (first == NULL) {
        unlock(&q->head_lock, "queue.head");
        return FL_NONE;
    }
    fl_value value = first->value;
    q->head = first; /* the new dummy */
    unlock(&q->head_lock, "queue.head");
    if (q->flaw == LATE_READ) {
        value = first->value;
    }
    free(dummy);
    return value;
}

static void *create(const struct fl_setup *setup)
{
    struct two_lock_queue *q = calloc(1, sizeof(*q));
    struct node *dummy = new_node(FL_NONE);
    if (q == NULL || dummy == NULL) {
        free(q);
        free(dummy);
        return NULL;
    }
    q->flaw = (enum flaw)setup->variant;
    q->head = dummy;
    q->tail = dummy;
    pthread_mutex_init(&q->head_lock, NULL);
    pthread_mutex_init(&q->tail_lock, NULL);
    return q;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    if (call->fn == FL_QUEUE_ENQUEUE) {
        enqueue(self, call->args[0]);
        return FL_NONE;
    }
    assert(call->fn == FL_QUEUE_DEQUEUE);
    return dequeue(self);
}

static void destroy(void *self)
{
    struct two_lock_queue *q = self;
    struct node *node = q->head;
    while (node != NULL) {
        struct node *next = atomic_load(&node->next);
        free(node);
        node = next;
    }
    /* Not the locks: a client that crashed may hold one. */
    free(q);
}

static const struct fl_mix mix[] = {{FL_QUEUE_ENQUEUE, 50},
                                    {FL_QUEUE_DEQUEUE, 50}};

static const char *const locks[] = {"queue.head", "queue.tail", NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "two_lock_queue",
    .family = "queue",
    .row = "0.2",
    .source = "M. M. Michael and M. L. Scott, Simple, Fast, and Practical "
              "Non-Blocking and Blocking Concurrent Queue Algorithms, PODC "
              "1996",
    .about = "blocking queue with a lock at each end",
    .model = "fifo_queue",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .locks = locks,
    .create = create,
    .perform = perform,
    .alike = true,
    .destroy = destroy,
};
