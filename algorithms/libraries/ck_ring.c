/*
 * Concurrency Kit's ring, many producers and consumers, as its header has it.
 *
 *     p_head   claimed by producers        c_head   claimed by consumers
 *     p_tail   written up to here
 *
 * <ck_ring.h> is taken as it is.  Its atomic operations are inline assembly on
 * x86, which nobody can see; CK_USE_CC_BUILTINS, a switch of its own, takes
 * the compiler's instead.  Its loads and stores are volatile accesses then, and
 * plain ones of pointers, so a scenario says `races: explore`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define CK_USE_CC_BUILTINS 1
#include <ck_ring.h>

#include "algorithms/libraries/twice.h"

#include <assert.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    PATCHED_HEADER,
};

struct subject {
    ck_ring_t ring;
    enum flaw flaw;
    ck_ring_buffer_t slots[];
};

fl_value PERFORM(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct subject *s = self;
    void *value = NULL;
    if (call->fn == FL_QUEUE_ENQUEUE) {
        /* Values travel as pointers that nobody follows. */
        value = (void *)(intptr_t)call->args[0]; // NOLINT
        return ck_ring_enqueue_mpmc(&s->ring, s->slots, value);
    }
    assert(call->fn == FL_QUEUE_DEQUEUE);
    return ck_ring_dequeue_mpmc(&s->ring, s->slots, &value)
               ? (fl_value)(intptr_t)value
               : FL_NONE;
}

#ifndef PATCHED

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "5.1", "", "as the library has it"},
    [PATCHED_HEADER] = {"patched", "5.B1", "schedule",
                        "producers do not wait for those before them"},
    {0},
};

enum param {
    SIZE,
};

static const struct fl_param params[] = {
    [SIZE] = {.name = "size",
              .initial = 4,
              .min = 2,
              .max = 1024,
              .about = "slots, a power of two; one stays empty"},
    {0},
};

static void *create(const struct fl_setup *setup)
{
    unsigned size = (unsigned)setup->params[SIZE];
    if ((size & (size - 1)) != 0) {
        return NULL;
    }
    struct subject *s = calloc(1, sizeof(*s) + size * sizeof(s->slots[0]));
    if (s != NULL) {
        s->flaw = (enum flaw)setup->variant;
        ck_ring_init(&s->ring, size);
    }
    return s;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    const struct subject *s = self;
    return s->flaw == PATCHED_HEADER ? perform_patched(self, client, call)
                                     : perform_sound(self, client, call);
}

static const struct fl_mix mix[] = {{FL_QUEUE_ENQUEUE, 1},
                                    {FL_QUEUE_DEQUEUE, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "ck_ring",
    .family = "libraries",
    .row = "5.1",
    .source = "Concurrency Kit 0.7.1, ck_ring.h",
    .about = "bounded ring for many producers and consumers",
    .model = "bounded_queue",
    .kind = FL_THREADS,
    .variants = variants,
    .params = params,
    .mix = mix,
    .mix_count = 2,
    .create = create,
    .perform = perform,
    .destroy = free,
};

#endif
