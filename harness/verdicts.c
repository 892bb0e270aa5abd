/*
 * The verdict cache: an open-addressing table of 128-bit hashes.
 *
 * Canonical form: the history falls into phases; a new one begins with each
 * call that follows a return.  `a` precedes `b` iff a returned in an earlier
 * phase than b was called in, so the phases say all that *precedes* does:
 *
 *     stamps   c c r c r r c      c call, r return
 *     phase    0 0 0 1 1 1 2
 *
 * An event (a crash, a recovery) has a phase of its own, so what came before it
 * and what came behind are told apart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/verdicts.h"

#include "harness/need.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    SLOTS = 1 << 16,
    PROBES = 16,
};

struct verdicts {
    uint32_t used;
    unsigned char *form; /* the canonical form being hashed */
    size_t form_max;
    uint32_t *phases; /* by stamp */
    uint32_t phases_max;
    struct history_hash slots[SLOTS]; /* 0,0 = empty */
};

/* One operation in canonical form. */
struct canonical {
    uint32_t client;
    uint32_t fn;
    uint32_t called;
    uint32_t returned;
    fl_value key;
    fl_value args[FL_ARGS_MAX];
    fl_value result;
};

struct verdicts *verdicts_new(void)
{
    struct verdicts *verdicts =
        need(malloc(sizeof(*verdicts)), "the verdict cache");
    /* Every page is there from the beginning: a worker that grows later, grows
     * because of something else. */
    memset(verdicts, 0, sizeof(*verdicts));
    __asm__ volatile("" : : "r"(verdicts) : "memory"); /* not calloc() */
    return verdicts;
}

void verdicts_free(struct verdicts *verdicts)
{
    if (verdicts != NULL) {
        free(verdicts->form);
        free(verdicts->phases);
        free(verdicts);
    }
}

static void make_room(struct verdicts *v, const struct fl_history *h)
{
    if (h->stamps + 1 > v->phases_max) {
        v->phases_max = 2 * h->stamps + 64;
        v->phases = need(realloc(v->phases, v->phases_max * sizeof(*v->phases)),
                         "the verdict cache");
    }
    size_t size = (h->count + h->events_count) * sizeof(struct canonical);
    if (size > v->form_max) {
        v->form_max = 2 * size + 1024;
        v->form = need(realloc(v->form, v->form_max), "the verdict cache");
    }
}

/* Fills v->phases: the phase of each stamp. */
static void find_phases(struct verdicts *v, const struct fl_history *h)
{
    enum {
        CALL = 1,
        RETURN = 2,
        EVENT = 3
    };
    memset(v->phases, 0, (h->stamps + 1) * sizeof(*v->phases));
    for (uint32_t i = 0; i < h->count; i++) {
        v->phases[h->operations[i].call] = CALL;
        if (h->operations[i].ret != FL_OPEN) {
            v->phases[h->operations[i].ret] = RETURN;
        }
    }
    for (uint32_t i = 0; i < h->events_count; i++) {
        v->phases[h->events[i].at] = EVENT;
    }
    uint32_t phase = 0;
    uint32_t last = CALL;
    for (uint32_t s = 0; s < h->stamps; s++) {
        uint32_t kind = v->phases[s];
        if ((kind == CALL && last == RETURN) || kind == EVENT ||
            last == EVENT) {
            phase++;
        }
        last = kind == 0 ? last : kind;
        v->phases[s] = phase;
    }
}

struct history_hash verdicts_hash(struct verdicts *v,
                                  const struct fl_history *h)
{
    assert(h->stamps >= h->count);
    make_room(v, h);
    find_phases(v, h);
    struct canonical *form = (struct canonical *)(void *)v->form;
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        struct canonical c = {
            .client = op->client,
            .fn = op->fn,
            .called = v->phases[op->call],
            .returned = op->ret == FL_OPEN ? FL_OPEN : v->phases[op->ret],
            .key = op->key,
            .args = {op->args[0], op->args[1]},
            .result = op->ret == FL_OPEN ? FL_NONE : op->result,
        };
        /* By client; a client's own operations are in order already. */
        uint32_t at = count++;
        while (at > 0 && form[at - 1].client > c.client) {
            form[at] = form[at - 1];
            at--;
        }
        form[at] = c;
    }
    for (uint32_t i = 0; i < h->events_count; i++) {
        form[count++] = (struct canonical){
            .client = h->events[i].client,
            .fn = UINT32_MAX - (uint32_t)h->events[i].kind,
            .called = v->phases[h->events[i].at],
            .returned = 0,
            .key = 0,
            .args = {0},
            .result = 0,
        };
    }
    XXH128_hash_t hash = XXH3_128bits(form, count * sizeof(*form));
    return (struct history_hash){.low = hash.low64 | 1, .high = hash.high64};
}

static uint32_t slot_of(struct history_hash hash, uint32_t probe)
{
    return (uint32_t)(hash.high + probe) & (SLOTS - 1);
}

bool verdicts_passed(const struct verdicts *v, struct history_hash hash)
{
    for (uint32_t i = 0; i < PROBES; i++) {
        const struct history_hash *s = &v->slots[slot_of(hash, i)];
        if (s->low == hash.low && s->high == hash.high) {
            return true;
        }
        if (s->low == 0) {
            return false;
        }
    }
    return false;
}

void verdicts_add(struct verdicts *v, struct history_hash hash)
{
    if (v->used >= SLOTS / 2) {
        memset(v->slots, 0, sizeof(v->slots));
        v->used = 0;
    }
    for (uint32_t i = 0; i < PROBES; i++) {
        struct history_hash *s = &v->slots[slot_of(hash, i)];
        if (s->low == 0) {
            *s = hash;
            v->used++;
            return;
        }
    }
}
