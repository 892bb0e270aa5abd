/*
 * Concurrency Kit's stack for unique producers and many consumers.
 *
 * "Unique" means that no entry is pushed twice, nor freed, while others may
 * still look at it: entries come from the heap and stay until the end, so that
 * the stack needs no tag.  The variant `freed` breaks that promise.
 *
 * <ck_stack.h> is taken as it is, with the compiler's atomics (see ck_ring.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define CK_USE_CC_BUILTINS 1
#include <ck_stack.h>

#include "algorithms/libraries/twice.h"

#include <assert.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    PATCHED_HEADER,
    FREED,
};

struct entry {
    ck_stack_entry_t link; /* first: a link is its entry */
    fl_value value;
    struct entry *older; /* of all that this client pushed */
};

enum {
    CLIENTS = 64
};

struct subject {
    ck_stack_t stack;
    enum flaw flaw;
    struct entry *pushed[CLIENTS];
};

static fl_value push(struct subject *s, uint32_t client, fl_value value)
{
    struct entry *entry = malloc(sizeof(*entry));
    assert(client < CLIENTS);
    if (entry == NULL) {
        return FL_NONE;
    }
    entry->value = value;
    entry->older = s->pushed[client];
    s->pushed[client] = s->flaw != FREED ? entry : NULL;
    ck_stack_push_upmc(&s->stack, &entry->link);
    return FL_NONE;
}

fl_value PERFORM(void *self, uint32_t client, const struct fl_call *call)
{
    struct subject *s = self;
    if (call->fn == FL_STACK_PUSH) {
        return push(s, client, call->args[0]);
    }
    assert(call->fn == FL_STACK_POP);
    struct entry *entry = (struct entry *)ck_stack_pop_upmc(&s->stack);
    if (entry == NULL) {
        return FL_NONE;
    }
    fl_value value = entry->value;
    if (s->flaw == FREED) {
        free(entry);
    }
    return value;
}

#ifndef PATCHED

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "5.2", "", "as the library has it"},
    [PATCHED_HEADER] = {"patched", "5.B2", "schedule",
                        "the swap of the head in a pop is a plain store"},
    [FREED] = {"freed", "5.B3", "schedule",
               "the caller frees what it popped, against the header"},
    {0},
};

static void *create(const struct fl_setup *setup)
{
    struct subject *s = calloc(1, sizeof(*s));
    if (s != NULL) {
        s->flaw = (enum flaw)setup->variant;
        ck_stack_init(&s->stack);
    }
    return s;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    const struct subject *s = self;
    return s->flaw == PATCHED_HEADER ? perform_patched(self, client, call)
                                     : perform_sound(self, client, call);
}

static void destroy(void *self)
{
    struct subject *s = self;
    for (uint32_t i = 0; i < CLIENTS; i++) {
        while (s->pushed[i] != NULL) {
            struct entry *older = s->pushed[i]->older;
            free(s->pushed[i]);
            s->pushed[i] = older;
        }
    }
    free(s);
}

static const struct fl_mix mix[] = {{FL_STACK_PUSH, 1}, {FL_STACK_POP, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "ck_stack",
    .family = "libraries",
    .row = "5.2",
    .source = "Concurrency Kit 0.7.1, ck_stack.h",
    .about = "Treiber stack whose entries are never reused",
    .model = "stack",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = 2,
    .create = create,
    .perform = perform,
    .destroy = destroy,
};

#endif
