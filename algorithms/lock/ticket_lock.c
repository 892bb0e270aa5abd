/*
 * The ticket lock: draw a number, wait until it is called.
 *
 *     next:     the number that the next client will draw
 *     serving:  the number whose holder is inside
 *
 * The lock guards a plain counter, so that a hole in it shows in the answers:
 * two clients inside read the same count, and one addition is lost.
 *
 * Fair, since numbers are served in order; not crash tolerant, since the
 * number of a dead client is never passed on.
 *
 * Linearization points: add and read anywhere inside the lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    SAME_TICKET,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.13", "", "numbers are drawn by fetch-and-add"},
    [SAME_TICKET] = {"same_ticket", "0.B18", "schedule",
                     "a number is read and raised in two steps"},
    {0},
};

struct ticket_lock {
    _Atomic(uint32_t) next;
    _Atomic(uint32_t) serving;
    enum flaw flaw;
    fl_value count; /* guarded by the lock */
};

static uint32_t draw(struct ticket_lock *l)
{
    /* Relaxed: a number says nothing about what the lock guards. */
    if (l->flaw == SAME_TICKET) {
        uint32_t mine = atomic_load_explicit(&l->next, memory_order_relaxed);
        atomic_store_explicit(&l->next, mine + 1, memory_order_relaxed);
        return mine;
    }
    return atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);
}

static void acquire(struct ticket_lock *l)
{
    uint32_t mine = draw(l);
    /* Acquire: pairs with the release in release(); what the last owner wrote
     * is there. */
    while (atomic_load_explicit(&l->serving, memory_order_acquire) != mine) {
    }
    fl_hold("lock");
}

static void release(struct ticket_lock *l)
{
    fl_unhold("lock");
    /* Relaxed load: only the owner writes it.  Release: pairs with the acquire
     * in acquire(). */
    uint32_t mine = atomic_load_explicit(&l->serving, memory_order_relaxed);
    atomic_store_explicit(&l->serving, mine + 1, memory_order_release);
}

static void *create(const struct fl_setup *setup)
{
    struct ticket_lock *l = calloc(1, sizeof(*l));
    if (l != NULL) {
        l->flaw = (enum flaw)setup->variant;
    }
    return l;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct ticket_lock *l = self;
    acquire(l);
    fl_value before = l->count;
    if (call->fn == FL_COUNTER_ADD) {
        fl_point("lock.inside");
        l->count = before + call->args[0];
    } else {
        assert(call->fn == FL_COUNTER_READ);
    }
    release(l);
    return before;
}

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 80},
                                    {FL_COUNTER_READ, 20}};

static const char *const points[] = {"lock.inside", NULL};
static const char *const locks[] = {"lock", NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "ticket_lock",
    .family = "lock",
    .row = "0.13",
    .source = "J. M. Mellor-Crummey and M. L. Scott, Algorithms for Scalable "
              "Synchronization on Shared-Memory Multiprocessors, ACM TOCS "
              "9(1), 1991, section 2.2",
    .about = "a counter behind a ticket lock",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .points = points,
    .locks = locks,
    .create = create,
    .perform = perform,
    .alike = true,
    .destroy = free,
};
