/*
 * What the axioms of memory models say of an execution of a tiny program: which
 * relations have no cycles.
 *
 * A relation is a bit of each event for each event.  Events are numbered in the
 * order in which they were executed; the first AXIOMS_LOCATIONS are the stores
 * of the values that memory begins with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_AXIOMS_H
#define TESTS_AXIOMS_H

#include "harness/sim/memory.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    AXIOMS_LOCATIONS = 2,
    AXIOMS_THREADS = 4,
    AXIOMS_LENGTH = 5,
    AXIOMS_EVENTS = 24,
};

/* As the interpreter numbers them: tests/plugins/litmus.c. */
enum kind {
    KIND_LOAD = 1,
    KIND_STORE,
    KIND_ADD,
    KIND_SWAP,
    KIND_FENCE,
    KIND_PLAIN_READ,
    KIND_PLAIN_WRITE,
    KIND_COMPARE, /* swaps a 0 for the value */
    KIND_LOCK,
    KIND_UNLOCK,
    KIND_TRY = 14, /* ... the mutex, and gives it back */
    KIND_COUNT,    /* of a semaphore: posts, or tries to wait */
};

enum axioms {
    AXIOMS_SC,
    AXIOMS_TSO,
    AXIOMS_C11,
};

enum thing {
    OBJECT_NONE,
    OBJECT_MUTEX,
    OBJECT_COUNT,
};

struct instruction {
    enum kind kind;
    enum order order;
    uint32_t location;
    uint32_t value;
};

struct event {
    uint32_t thread; /* AXIOMS_THREADS: of none, before all */
    enum kind kind;
    enum order order;
    uint32_t location;
    bool reads;
    bool writes;
    uint32_t source; /* what it reads from, if it reads */
    uint32_t read;
    uint32_t written;
    enum thing object;
    bool gives;   /* the object; who takes it later is behind */
    bool takes;   /* it, */
    bool refused; /* ... or could not */
};

struct relation {
    uint32_t to[AXIOMS_EVENTS]; /* bits: what follows each */
};

struct twin {
    enum axioms axioms;
    bool inserts;
    bool c20;
    uint32_t threads;
    uint32_t length[AXIOMS_THREADS];
    struct instruction code[AXIOMS_THREADS][AXIOMS_LENGTH];
    /* the execution so far */
    uint32_t done[AXIOMS_THREADS];
    uint32_t count;
    struct event event[AXIOMS_EVENTS];
    uint32_t stores[AXIOMS_LOCATIONS]; /* in the modification order */
    uint32_t order[AXIOMS_LOCATIONS][AXIOMS_EVENTS];
    /* who is told of each execution */
    void (*tell)(const struct twin *twin, void *context);
    void *context;
};

static bool relation_has(const struct relation *r, uint32_t a, uint32_t b)
{
    return (r->to[a] >> b & 1) != 0;
}

static void relation_add(struct relation *r, uint32_t a, uint32_t b)
{
    r->to[a] |= (uint32_t)1 << b;
}

static void relation_close(struct relation *r, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        for (uint32_t a = 0; a < count; a++) {
            if (relation_has(r, a, k)) {
                r->to[a] |= r->to[k];
            }
        }
    }
}

static bool relation_is_cyclic(const struct relation *r, uint32_t count)
{
    struct relation closed = *r;
    relation_close(&closed, count);
    for (uint32_t a = 0; a < count; a++) {
        if (relation_has(&closed, a, a)) {
            return true;
        }
    }
    return false;
}

/* Where a store stands in the modification order of its location. */
static uint32_t twin_rank(const struct twin *t, uint32_t store)
{
    const uint32_t *order = t->order[t->event[store].location];
    uint32_t rank = 0;
    while (order[rank] != store) {
        rank++;
        assert(rank < AXIOMS_EVENTS);
    }
    return rank;
}

/* Program order; what is there before; and who gave what another took. */
static bool twin_is_before(const struct twin *t, uint32_t a, uint32_t b)
{
    const struct event *x = &t->event[a];
    const struct event *y = &t->event[b];
    return a < b && (x->thread == AXIOMS_THREADS || x->thread == y->thread ||
                     (x->object == y->object && x->gives && y->takes));
}

/* The same, or two that touch an object, of which one changes it. */
static bool twin_is_bound(const struct twin *t, uint32_t a, uint32_t b)
{
    const struct event *x = &t->event[a];
    const struct event *y = &t->event[b];
    bool meet = x->object != OBJECT_NONE && x->object == y->object;
    return twin_is_before(t, a, b) ||
           (a < b && meet && (!x->refused || !y->refused));
}

/* Reads-from, modification order, from-reads: of one location. */
static void twin_communicate(const struct twin *t, struct relation *r)
{
    for (uint32_t l = 0; l < AXIOMS_LOCATIONS; l++) {
        for (uint32_t i = 0; i + 1 < t->stores[l]; i++) {
            relation_add(r, t->order[l][i], t->order[l][i + 1]);
        }
    }
    for (uint32_t e = 0; e < t->count; e++) {
        const struct event *read = &t->event[e];
        if (!read->reads) {
            continue;
        }
        relation_add(r, read->source, e);
        uint32_t next = twin_rank(t, read->source) + 1;
        if (next < t->stores[read->location] &&
            t->order[read->location][next] != e) {
            relation_add(r, e, t->order[read->location][next]);
        }
    }
}

/* An update comes right behind what it read. */
static bool twin_is_atomic(const struct twin *t)
{
    for (uint32_t e = 0; e < t->count; e++) {
        const struct event *u = &t->event[e];
        if (u->reads && u->writes &&
            twin_rank(t, e) != twin_rank(t, u->source) + 1) {
            return false;
        }
    }
    return true;
}

static bool twin_is_sc(const struct twin *t)
{
    struct relation r = {{0}};
    twin_communicate(t, &r);
    for (uint32_t b = 0; b < t->count; b++) {
        for (uint32_t a = 0; a < b; a++) {
            if (twin_is_bound(t, a, b)) {
                relation_add(&r, a, b);
            }
        }
    }
    return !relation_is_cyclic(&r, t->count);
}

/* Whether `e`, of the same thread as a store before it, lets no buffer keep
 * that: an update, or a try of one, locks the bus. */
static bool twin_flushes(const struct event *e)
{
    bool updates = (e->reads && e->writes) || e->kind == KIND_COMPARE;
    return updates || e->object != OBJECT_NONE ||
           (e->kind == KIND_FENCE && e->order == ORDER_SEQ_CST);
}

/* Whether a store is in memory before a later load: what comes with it or
 * between them flushes. */
static bool twin_is_flushed(const struct twin *t, uint32_t a, uint32_t b)
{
    for (uint32_t e = a; e <= b; e++) {
        const struct event *x = &t->event[e];
        bool fenced = x->kind == KIND_STORE && x->order == ORDER_SEQ_CST;
        if (x->thread == t->event[a].thread &&
            (twin_flushes(x) || (fenced && e < b))) {
            return true;
        }
    }
    return false;
}

/* Such a fence only holds the compiler. */
static bool twin_is_idle(const struct event *e)
{
    return e->kind == KIND_FENCE && e->order != ORDER_SEQ_CST;
}

/* Whether `a` stays before `b` for all threads: stores alone may be late. */
static bool twin_is_kept(const struct twin *t, uint32_t a, uint32_t b)
{
    const struct event *x = &t->event[a];
    const struct event *y = &t->event[b];
    bool late =
        x->writes && y->reads && !y->writes && x->thread != AXIOMS_THREADS;
    return twin_is_bound(t, a, b) && !twin_is_idle(x) && !twin_is_idle(y) &&
           (!late || twin_is_flushed(t, a, b));
}

/* Whether `b` reads the store `a` of its own thread. */
static bool twin_is_own(const struct twin *t, uint32_t a, uint32_t b)
{
    const struct event *read = &t->event[b];
    return read->reads && read->source == a &&
           read->thread == t->event[a].thread;
}

static bool twin_is_tso(const struct twin *t)
{
    struct relation seen = {{0}};
    twin_communicate(t, &seen);
    struct relation global = {{0}};
    struct relation local = seen;
    for (uint32_t b = 0; b < t->count; b++) {
        const struct event *y = &t->event[b];
        for (uint32_t a = 0; a < t->count; a++) {
            const struct event *x = &t->event[a];
            if (twin_is_kept(t, a, b) ||
                (relation_has(&seen, a, b) && !twin_is_own(t, a, b))) {
                relation_add(&global, a, b);
            }
            if (twin_is_before(t, a, b) && x->location == y->location &&
                (x->reads || x->writes) && (y->reads || y->writes)) {
                relation_add(&local, a, b);
            }
        }
    }
    return !relation_is_cyclic(&global, t->count) &&
           !relation_is_cyclic(&local, t->count);
}

static bool event_acquires(const struct event *e)
{
    return e->order == ORDER_ACQUIRE || e->order == ORDER_ACQ_REL ||
           e->order == ORDER_SEQ_CST;
}

static bool event_releases(const struct event *e)
{
    return e->order == ORDER_RELEASE || e->order == ORDER_ACQ_REL ||
           e->order == ORDER_SEQ_CST;
}

/* Whether `store` is in the release sequence that `head` heads, or would. */
static bool twin_is_headed(const struct twin *t, uint32_t head, uint32_t store)
{
    const struct event *h = &t->event[head];
    if (h->location != t->event[store].location) {
        return false;
    }
    uint32_t last = twin_rank(t, store);
    for (uint32_t i = twin_rank(t, head) + 1; i <= last; i++) {
        const struct event *e = &t->event[t->order[h->location][i]];
        if (!(e->reads || (!t->c20 && e->thread == h->thread))) {
            return false;
        }
    }
    return twin_rank(t, head) <= last;
}

/* Fences of `thread` that release or acquire, behind `from` and before `to`. */
static uint32_t twin_fences(const struct twin *t, uint32_t thread,
                            uint32_t from, uint32_t to, bool releases)
{
    uint32_t found = 0;
    for (uint32_t e = from; e < to; e++) {
        const struct event *f = &t->event[e];
        if (f->kind == KIND_FENCE && f->thread == thread &&
            (releases ? event_releases(f) : event_acquires(f))) {
            found |= (uint32_t)1 << e;
        }
    }
    return found;
}

/* What synchronises by `read` with what `head` heads. */
static void twin_synchronise(const struct twin *t, uint32_t head, uint32_t read,
                             struct relation *hb)
{
    const struct event *h = &t->event[head];
    const struct event *r = &t->event[read];
    uint32_t froms = twin_fences(t, h->thread, 0, head, true) |
                     (event_releases(h) ? (uint32_t)1 << head : 0);
    uint32_t tos = twin_fences(t, r->thread, read, t->count, false) |
                   (event_acquires(r) ? (uint32_t)1 << read : 0);
    for (uint32_t e = 0; e < t->count; e++) {
        if ((froms >> e & 1) != 0) {
            hb->to[e] |= tos & ~((uint32_t)1 << e);
        }
    }
}

static void twin_happens_before(const struct twin *t, struct relation *hb)
{
    for (uint32_t b = 0; b < t->count; b++) {
        for (uint32_t a = 0; a < b; a++) {
            if (twin_is_before(t, a, b)) {
                relation_add(hb, a, b);
            }
        }
        for (uint32_t h = AXIOMS_LOCATIONS; t->event[b].reads && h < t->count;
             h++) {
            if (t->event[h].writes &&
                twin_is_headed(t, h, t->event[b].source)) {
                twin_synchronise(t, h, b, hb);
            }
        }
    }
    relation_close(hb, t->count);
}

/* The seq_cst events that speak for `e` on one side: itself, and fences. */
static uint32_t twin_strong(const struct twin *t, const struct relation *hb,
                            uint32_t e, bool behind)
{
    uint32_t found = 0;
    for (uint32_t f = 0; f < t->count; f++) {
        const struct event *x = &t->event[f];
        bool strong = x->order == ORDER_SEQ_CST && x->thread < AXIOMS_THREADS;
        bool fence = x->kind == KIND_FENCE &&
                     (behind ? relation_has(hb, e, f) : relation_has(hb, f, e));
        if (strong && (f == e || fence)) {
            found |= (uint32_t)1 << f;
        }
    }
    return found;
}

/* C++20, [atomics.order] 4, with the order of execution for S. */
static bool twin_is_in_order(const struct twin *t, const struct relation *hb,
                             uint32_t a, uint32_t b)
{
    uint32_t firsts = twin_strong(t, hb, a, false);
    uint32_t seconds = twin_strong(t, hb, b, true);
    for (uint32_t x = 0; x < t->count; x++) {
        if ((firsts >> x & 1) != 0 &&
            (seconds & (((uint32_t)1 << x) - 1)) != 0) {
            return false;
        }
    }
    return true;
}

static bool twin_is_c11(const struct twin *t)
{
    struct relation hb = {{0}};
    struct relation eco = {{0}};
    twin_happens_before(t, &hb);
    twin_communicate(t, &eco);
    relation_close(&eco, t->count);
    for (uint32_t a = 0; a < t->count; a++) {
        if (relation_has(&hb, a, a) || relation_has(&eco, a, a)) {
            return false;
        }
        for (uint32_t b = 0; b < t->count; b++) {
            if (relation_has(&eco, a, b) &&
                (relation_has(&hb, b, a) || !twin_is_in_order(t, &hb, a, b))) {
                return false;
            }
        }
    }
    return true;
}

static bool twin_is_plain(const struct event *e)
{
    return e->kind == KIND_PLAIN_READ || e->kind == KIND_PLAIN_WRITE;
}

/* Whether two plain accesses of a word, one of them a write, are in no order:
 * plain words are others than those of atomic accesses. */
static inline bool twin_races(const struct twin *t)
{
    struct relation hb = {{0}};
    twin_happens_before(t, &hb);
    for (uint32_t b = 0; b < t->count; b++) {
        for (uint32_t a = 0; a < b; a++) {
            const struct event *x = &t->event[a];
            const struct event *y = &t->event[b];
            bool meet = twin_is_plain(x) && twin_is_plain(y) &&
                        x->location == y->location;
            bool writes =
                x->kind == KIND_PLAIN_WRITE || y->kind == KIND_PLAIN_WRITE;
            if (meet && writes && !relation_has(&hb, a, b)) {
                return true;
            }
        }
    }
    return false;
}

static bool twin_allows(const struct twin *t)
{
    if (!twin_is_atomic(t)) {
        return false;
    }
    return t->axioms == AXIOMS_SC    ? twin_is_sc(t)
           : t->axioms == AXIOMS_TSO ? twin_is_tso(t)
                                     : twin_is_c11(t);
}

#endif
