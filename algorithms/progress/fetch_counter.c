/*
 * A counter without a lock: by fetch-and-add, or by trying again.
 *
 * The sound form is wait-free: an operation is one instruction, whatever the
 * others do.  The variant reads, adds and swaps if nobody was faster, and tries
 * again if somebody was: still linearizable and lock-free, since whoever is
 * faster has finished; but one client may try for ever.
 *
 * Linearization points: the fetch-and-add, the swap that succeeds, the load of
 * a read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    RETRIES,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.14", "", "one fetch-and-add"},
    [RETRIES] = {"retries", "0.B19", "schedule",
                 "reads, adds, swaps, and tries again: not wait-free"},
    {0},
};

struct fetch_counter {
    _Atomic(fl_value) count;
    enum flaw flaw;
};

static fl_value add(struct fetch_counter *c, fl_value amount)
{
    /* Relaxed throughout: the count guards nothing but itself, and the changes
     * of one location have one order. */
    if (c->flaw == SOUND) {
        return atomic_fetch_add_explicit(&c->count, amount,
                                         memory_order_relaxed);
    }
    fl_value seen = atomic_load_explicit(&c->count, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        &c->count, &seen, seen + amount, memory_order_relaxed,
        memory_order_relaxed)) {
    }
    return seen;
}

static void *create(const struct fl_setup *setup)
{
    struct fetch_counter *c = calloc(1, sizeof(*c));
    if (c != NULL) {
        c->flaw = (enum flaw)setup->variant;
    }
    return c;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct fetch_counter *c = self;
    if (call->fn == FL_COUNTER_ADD) {
        return add(c, call->args[0]);
    }
    assert(call->fn == FL_COUNTER_READ);
    /* Relaxed: as above. */
    return atomic_load_explicit(&c->count, memory_order_relaxed);
}

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 80},
                                    {FL_COUNTER_READ, 20}};

const struct fl_algorithm fl_algorithm = {
    .name = "fetch_counter",
    .family = "progress",
    .row = "0.14",
    .source = "M. Herlihy, Wait-Free Synchronization, ACM TOPLAS 13(1), 1991, "
              "section 3.2",
    .about = "a counter by fetch-and-add",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .create = create,
    .perform = perform,
    .alike = true,
    .destroy = free,
};
