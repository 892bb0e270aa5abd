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
 * In front of that stands a smaller cache by the history as it was recorded, of
 * which the canonical form is a function: most runs end there.  An entry gives
 * way to the next one of its place.
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
    RECORDED = 1 << 13,
};

struct verdicts {
    uint32_t used;
    unsigned char *form; /* the canonical form being hashed */
    size_t form_max;
    uint32_t *phases; /* by stamp */
    uint32_t phases_max;
    struct history_hash slots[SLOTS]; /* 0,0 = empty */
    struct history_hash recorded[RECORDED];
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
     * because of something else.  Between the two stands what a compiler may
     * not look behind, or it makes calloc() of them, which touches nothing. */
    __asm__ volatile("" : : "r"(verdicts) : "memory"); /* not calloc() */
    memset(verdicts, 0, sizeof(*verdicts));
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

/* The halves of a product, folded: what wyhash mixes with (Wang Yi). */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Takes in two words, in both halves of the hash. */
static inline void take_in(struct history_hash *hash, uint64_t a, uint64_t b)
{
    hash->low =
        fold(hash->low ^ a ^ 0xa0761d6478bd642fu, b ^ 0xe7037ed1a0b428dbu);
    hash->high =
        fold(hash->high ^ b ^ 0x8ebc6af09c88c6e3u, a ^ 0x589965cc75374cc3u);
}

static inline uint64_t both(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

/* With a clock, what is lost in a crash is a matter of time, too. */
static void take_in_times(struct history_hash *hash, const struct fl_history *h)
{
    for (uint32_t s = 0; h->clocked && s < h->stamps; s++) {
        take_in(hash, h->times[s], s);
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
        const struct fl_event *event = &h->events[i];
        form[count++] = (struct canonical){
            .client = event->client,
            .fn = UINT32_MAX - (uint32_t)event->kind,
            .called = v->phases[event->at],
            .returned = 0,
            .key = (fl_value)event->resolved,
            .args = {0},
            .result = event->result,
        };
    }
    XXH128_hash_t hash = XXH3_128bits(form, count * sizeof(*form));
    struct history_hash canonical = {.low = hash.low64, .high = hash.high64};
    take_in_times(&canonical, h);
    canonical.low |= 1;
    return canonical;
}

struct history_hash verdicts_recorded(const struct fl_history *h)
{
    struct history_hash hash = {.low = h->count, .high = h->stamps};
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        take_in(&hash, both(op->client, op->fn), both(op->call, op->ret));
        take_in(&hash, (uint64_t)op->key, (uint64_t)op->result);
        take_in(&hash, (uint64_t)op->args[0], (uint64_t)op->args[1]);
    }
    for (uint32_t i = 0; i < h->events_count; i++) {
        const struct fl_event *event = &h->events[i];
        take_in(&hash, both(event->client, (uint32_t)event->kind), event->at);
        take_in(&hash, (uint64_t)event->resolved, (uint64_t)event->result);
    }
    take_in_times(&hash, h);
    hash.low |= 1;
    return hash;
}

bool verdicts_passed_recorded(const struct verdicts *v,
                              struct history_hash hash)
{
    const struct history_hash *s = &v->recorded[hash.high % RECORDED];
    return s->low == hash.low && s->high == hash.high;
}

void verdicts_add_recorded(struct verdicts *v, struct history_hash hash)
{
    v->recorded[hash.high % RECORDED] = hash;
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
