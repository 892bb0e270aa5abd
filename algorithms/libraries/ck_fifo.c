/*
 * Concurrency Kit's FIFO for one producer and one consumer.
 *
 * Its form for many needs a double compare-and-swap, which the library offers
 * in inline assembly only, and that nobody can see.
 *
 * <ck_fifo.h> is taken as it is, with the compiler's atomics (see ck_ring.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define CK_USE_CC_BUILTINS 1
#include <ck_fifo.h>

#include "algorithms/libraries/twice.h"

#include <assert.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    PATCHED_HEADER,
};

struct subject {
    ck_fifo_spsc_t fifo;
    enum flaw flaw;
};

fl_value PERFORM(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct ck_fifo_spsc *fifo = &((struct subject *)self)->fifo;
    void *value = NULL;
    if (call->fn == FL_QUEUE_DEQUEUE) {
        return ck_fifo_spsc_dequeue(fifo, &value) ? (fl_value)(intptr_t)value
                                                  : FL_NONE;
    }
    assert(call->fn == FL_QUEUE_ENQUEUE);
    /* What the consumer is done with is used again before memory is asked
     * for, as the library's documentation has it. */
    struct ck_fifo_spsc_entry *entry = ck_fifo_spsc_recycle(fifo);
    if (entry == NULL) {
        entry = malloc(sizeof(*entry));
    }
    if (entry != NULL) {
        /* Values travel as pointers that nobody follows. */
        value = (void *)(intptr_t)call->args[0]; // NOLINT
        ck_fifo_spsc_enqueue(fifo, entry, value);
    }
    return FL_NONE;
}

#ifndef PATCHED

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "5.3", "", "as the library has it"},
    [PATCHED_HEADER] = {"patched", "5.B4", "schedule",
                        "a value is written after its entry is published"},
    {0},
};

static void *create(const struct fl_setup *setup)
{
    struct subject *s = calloc(1, sizeof(*s));
    struct ck_fifo_spsc_entry *stub = calloc(1, sizeof(*stub));
    if (s == NULL || stub == NULL) {
        free(s);
        free(stub);
        return NULL;
    }
    s->flaw = (enum flaw)setup->variant;
    ck_fifo_spsc_init(&s->fifo, stub);
    return s;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    const struct subject *s = self;
    return s->flaw == PATCHED_HEADER ? perform_patched(self, client, call)
                                     : perform_sound(self, client, call);
}

/* One producer, and one consumer. */
static uint32_t cast(uint32_t client, uint32_t clients, uint32_t fn)
{
    (void)fn;
    return clients < 2 || client == 0 ? FL_QUEUE_ENQUEUE : FL_QUEUE_DEQUEUE;
}

static void destroy(void *self)
{
    struct subject *s = self;
    struct ck_fifo_spsc_entry *entry = NULL;
    ck_fifo_spsc_deinit(&s->fifo, &entry);
    while (entry != NULL) {
        struct ck_fifo_spsc_entry *next = entry->next;
        free(entry);
        entry = next;
    }
    free(s);
}

static const struct fl_mix mix[] = {{FL_QUEUE_ENQUEUE, 1},
                                    {FL_QUEUE_DEQUEUE, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "ck_fifo",
    .family = "libraries",
    .row = "5.3",
    .source = "Concurrency Kit 0.7.1, ck_fifo.h",
    .about = "FIFO for one producer and one consumer",
    .model = "fifo_queue",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = 2,
    .create = create,
    .perform = perform,
    .cast = cast,
    .destroy = destroy,
};

#endif
