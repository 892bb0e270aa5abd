/*
 * Test-and-test-and-set: spin on a load, and swap only when it looks free.
 *
 * The lock guards a plain counter, so that a hole in it shows in the answers:
 * two clients inside read the same count, and one addition is lost.
 *
 * Not crash tolerant, and not fair.
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
    TEST_THEN_SET,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.12", "", "an exchange both tests and sets"},
    [TEST_THEN_SET] = {"test_then_set", "0.B17", "schedule",
                       "the test and the set are two steps"},
    {0},
};

struct spin_lock {
    _Atomic(uint32_t) taken;
    enum flaw flaw;
    fl_value count; /* guarded by the lock */
};

static bool try_take(struct spin_lock *l)
{
    if (l->flaw == TEST_THEN_SET) {
        atomic_store_explicit(&l->taken, 1, memory_order_relaxed);
        return true;
    }
    /* Acquire: pairs with the release in release(); what the last owner wrote
     * is there. */
    return atomic_exchange_explicit(&l->taken, 1, memory_order_acquire) == 0;
}

static void acquire(struct spin_lock *l)
{
    do {
        /* Relaxed: only a hint; try_take() decides. */
        while (atomic_load_explicit(&l->taken, memory_order_relaxed) != 0) {
        }
    } while (!try_take(l));
    fl_hold("lock");
}

static void release(struct spin_lock *l)
{
    fl_unhold("lock");
    /* Release: pairs with the acquire in try_take(). */
    atomic_store_explicit(&l->taken, 0, memory_order_release);
}

static void *create(const struct fl_setup *setup)
{
    struct spin_lock *l = calloc(1, sizeof(*l));
    if (l != NULL) {
        l->flaw = (enum flaw)setup->variant;
    }
    return l;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct spin_lock *l = self;
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
    .name = "spin_lock",
    .family = "lock",
    .row = "0.12",
    .source = "L. Rudolph and Z. Segall, Dynamic Decentralized Cache Schemes "
              "for MIMD Parallel Processors, ISCA 1984",
    .about = "a counter behind a test-and-test-and-set lock",
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
