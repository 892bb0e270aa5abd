/*
 * Concurrency Kit's hash set for one writer and many readers, as its source has
 * it.
 *
 *     slots of a cache line: | a | gone | b |   | ...    probed in that order
 *
 * A reader takes no lock.  An element that is set again may move to a slot that
 * was left nearer to where probing starts; the writer counts a generation up
 * between the two stores, and a reader that saw another count begins again, or
 * it could pass the new place before and the old one after.
 *
 * Writers take turns under a lock, as the header asks.  A set that has grown
 * (param `filled`) leaves its old slots to readers in them: freed at the end,
 * or at once by the variant `freed`.  All hashes are the same here, so that
 * all elements are in each other's way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define CK_USE_CC_BUILTINS 1
#include <ck_hs.h>

#include "algorithms/libraries/twice.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    PATCHED_SOURCE,
    FREED,
};

enum param {
    FILLED,
};

enum {
    SLOTS = 8,    /* at first; it grows when more than half are taken */
    MEASURE = 16, /* of the alignment of blocks */
};

struct subject {
    ck_hs_t set;
    pthread_mutex_t writers;
    enum flaw flaw;
};

static unsigned long hash(const void *key, unsigned long seed)
{
    (void)key;
    (void)seed;
    return 0;
}

fl_value PERFORM(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct subject *s = self;
    /* Elements travel as pointers that nobody follows, and NULL is none. */
    void *key = (void *)(intptr_t)(call->args[0] + 1); // NOLINT
    if (call->fn == FL_SET_CONTAINS) {
        return ck_hs_get(&s->set, hash(key, 0), key) != NULL;
    }
    bool changed = false;
    (void)pthread_mutex_lock(&s->writers);
    if (call->fn == FL_SET_REMOVE) {
        changed = ck_hs_remove(&s->set, hash(key, 0), key) != NULL;
    } else {
        assert(call->fn == FL_SET_INSERT);
        void *previous = NULL;
        if (!ck_hs_set(&s->set, hash(key, 0), key, &previous)) {
            abort(); /* no memory */
        }
        changed = previous == NULL;
    }
    (void)pthread_mutex_unlock(&s->writers);
    return changed;
}

#ifndef PATCHED

/* A block that the set asked for. */
struct block {
    struct block *next; /* of those left */
    _Alignas(MEASURE) char memory[];
};

/* Slots that a reader may still be in, and whether they are kept for it: the
 * set hands its memory back to a function that is told no more. */
static struct block *left;
static bool is_kept;

static void *take_block(size_t size)
{
    struct block *block = malloc(sizeof(*block) + size);
    // cppcheck-suppress memleak  ; free_block() finds it again
    return block == NULL ? NULL : block->memory;
}

static void free_block(void *memory, size_t size, bool deferred)
{
    (void)size;
    void *start = (char *)memory - offsetof(struct block, memory);
    struct block *block = start;
    if (deferred && is_kept) {
        block->next = left;
        left = block;
    } else {
        free(block);
    }
}

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "5.6", "", "as the library has it"},
    [PATCHED_SOURCE] = {"patched", "5.B8", "schedule",
                        "an element moves without a new generation"},
    [FREED] = {"freed", "5.B9", "schedule",
               "old slots are freed at once, against the header"},
    {0},
};

static const struct fl_param params[] = {
    [FILLED] = {.name = "filled",
                .initial = 0,
                .min = 0,
                .max = SLOTS / 2,
                .about = "elements there at first, so that it grows sooner"},
    {0},
};

static void *create(const struct fl_setup *setup)
{
    static struct ck_malloc memory = {.malloc = take_block, .free = free_block};
    struct subject *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return NULL;
    }
    s->flaw = (enum flaw)setup->variant;
    is_kept = s->flaw != FREED;
    (void)pthread_mutex_init(&s->writers, NULL);
    if (!ck_hs_init(&s->set, CK_HS_MODE_SPMC | CK_HS_MODE_DIRECT, hash, NULL,
                    &memory, SLOTS, 0)) {
        free(s);
        return NULL;
    }
    for (int64_t i = 1; i <= setup->params[FILLED]; i++) {
        (void)ck_hs_put(&s->set, hash(NULL, 0),
                        (void *)(intptr_t)(-1 - i)); // NOLINT
    }
    return s;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    const struct subject *s = self;
    return s->flaw == PATCHED_SOURCE ? perform_patched(self, client, call)
                                     : perform_sound(self, client, call);
}

static void destroy(void *self)
{
    struct subject *s = self;
    ck_hs_destroy(&s->set);
    while (left != NULL) {
        struct block *block = left;
        left = block->next;
        free(block);
    }
    (void)pthread_mutex_destroy(&s->writers);
    free(s);
}

static const struct fl_mix mix[] = {
    {FL_SET_INSERT, 2}, {FL_SET_REMOVE, 1}, {FL_SET_CONTAINS, 2}};

const struct fl_algorithm fl_algorithm = {
    .name = "ck_set",
    .family = "libraries",
    .row = "5.6",
    .source = "Concurrency Kit 0.7.1, src/ck_hs.c",
    .about = "hash set whose readers take no lock",
    .model = "set",
    .kind = FL_THREADS,
    .variants = variants,
    .params = params,
    .mix = mix,
    .mix_count = 3,
    .create = create,
    .perform = perform,
    .destroy = destroy,
};

#endif
