/*
 * Events: what they touch, and whether they depend on each other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/dpor_events.h"

enum {
    SEQ_CST = 5 /* of `enum order` */
};

/* Stands for the order of all sequentially consistent operations. */
static const char total_order;

/* Whether store `own->entry` of a buffer is in memory, so that `write` could
 * come between it and the load that found it. */
static bool meets_own(const struct touch *own, const struct touch *write,
                      const uint16_t *begun)
{
    return write->flusher != own->flusher && begun[own->flusher] >= own->entry;
}

/* `of_a`: how many events of each thread precede b, which matters to what a
 * has read; and `of_b`. */
static bool overlap(const struct touch *a, const struct touch *b,
                    const uint16_t *of_a, const uint16_t *of_b)
{
    if ((!a->writes && !b->writes) || a->at >= b->at + b->size ||
        b->at >= a->at + a->size) {
        return false;
    }
    if (a->entry != 0 && !a->writes) {
        return meets_own(a, b, of_a);
    }
    return b->entry == 0 || b->writes || meets_own(b, a, of_b);
}

static bool conflict(const struct footprint *a, const struct footprint *b,
                     const uint16_t *of_a, const uint16_t *of_b)
{
    if (a->everything || b->everything) {
        return true;
    }
    if ((a->called && b->returned) || (a->returned && b->called)) {
        return true;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        for (uint32_t k = 0; k < b->count; k++) {
            if (overlap(&a->touches[i], &b->touches[k], of_a, of_b)) {
                return true;
            }
        }
    }
    return false;
}

bool footprint_conflicts(const struct footprint *a, const struct footprint *b,
                         const uint16_t begun[DPOR_THREADS])
{
    return conflict(a, b, begun, begun);
}

bool event_conflicts(const struct event *f, const struct event *e)
{
    return conflict(&f->did, &e->did, e->clock, f->clock);
}

static bool has(const struct footprint *f, const struct touch *t)
{
    for (uint32_t i = 0; i < f->count; i++) {
        const struct touch *u = &f->touches[i];
        if (u->at <= t->at && t->at + t->size <= u->at + u->size &&
            (u->writes || !t->writes) && u->entry == t->entry &&
            u->flusher == t->flusher) {
            return true;
        }
    }
    return false;
}

void footprint_join(struct footprint *f, const struct footprint *more)
{
    f->everything = f->everything || more->everything;
    f->called = f->called || more->called;
    f->returned = f->returned || more->returned;
    for (uint32_t i = 0; i < more->count; i++) {
        const struct touch *t = &more->touches[i];
        if (!has(f, t)) {
            footprint_put(f, t);
        }
    }
}

static bool is_access(const struct event *e)
{
    switch (e->next.kind) {
    case FL_STEP_LOAD:
    case FL_STEP_STORE:
    case FL_STEP_UPDATE:
    case FL_STEP_REFUSE:
        return !e->next.starts && !e->next.resumes;
    case FL_STEP_CALL:
    case FL_STEP_RETURN:
    case FL_STEP_FENCE:
    case FL_STEP_ALLOC:
    case FL_STEP_FREE:
    case FL_STEP_SYNC:
    case FL_STEP_POINT:
    case FL_STEP_SEND:
    case FL_STEP_RECEIVE:
    case FL_STEP_TIME:
    case FL_STEP_CRASH:
        break;
    }
    return false;
}

/* Fences order themselves with all that is sequentially consistent; and a
 * load of that kind bounds what later ones may read. */
static void add_order(struct event *e, const struct touch *own)
{
    bool ordered = e->next.order == SEQ_CST;
    if (e->next.kind == FL_STEP_FENCE && !e->next.starts && !e->next.resumes) {
        footprint_add(&e->did,
                      (const void *)((uintptr_t)&total_order | EVENT_ORDER), 1,
                      true);
    } else if (own != NULL && ordered) {
        footprint_add(&e->did, (const void *)(own->at | EVENT_ORDER), own->size,
                      true);
        footprint_add(&e->did,
                      (const void *)((uintptr_t)&total_order | EVENT_ORDER), 1,
                      false);
    }
}

/* What the access of `e` itself is. */
static struct touch access_of(const struct event *e,
                              const struct footprint *done, uint16_t own_store)
{
    struct touch t = {.at = (uintptr_t)e->next.location,
                      .size = e->next.size == 0 ? 1 : e->next.size,
                      .writes = e->next.flushes,
                      .entry =
                          done->forwarded == 0 ? own_store : done->forwarded};
    for (uint32_t i = 0; i < done->count; i++) {
        t.writes = t.writes ||
                   (done->touches[i].at == t.at && done->touches[i].writes);
    }
    t.flusher = t.entry != 0 || e->next.flushes ? e->next.flusher : 0;
    return t;
}

void event_did(struct event *e, const struct footprint *done,
               uint16_t own_store)
{
    e->did = (struct footprint){.source = done->source,
                                .sourced = done->sourced && e->weak,
                                .everything = done->everything,
                                .reuses = done->reuses,
                                .called = done->called,
                                .returned = done->returned,
                                .lock = done->lock,
                                .held = done->held,
                                .holder = done->holder};
    struct touch *own = NULL;
    if (is_access(e) && !e->next.buffered) {
        struct touch t = access_of(e, done, own_store);
        footprint_put(&e->did, &t);
        own = &e->did.touches[0];
    }
    if (e->weak) {
        add_order(e, own);
    }
    footprint_join(&e->did, done);
    e->did.everything = e->did.everything || e->next.kind == FL_STEP_SEND ||
                        e->next.kind == FL_STEP_RECEIVE;
}

/* An access that did not write, and could have. */
static bool is_loose_access(const struct event *e)
{
    return is_access(e) && e->next.compares && !e->did.touches[0].writes;
}

struct footprint event_at_most(const struct event *e)
{
    struct footprint f = e->did;
    bool fixed = e->next.kind == FL_STEP_STORE || e->next.starts;
    if (is_access(e) && e->next.compares) {
        assert(f.count > 0);
        f.touches[0].writes = true;
    }
    if (!fixed && !e->apart) {
        f.returned = f.returned || e->within;
    }
    f.everything = f.everything || f.reuses;
    return f;
}

bool event_is_loose(const struct event *e)
{
    struct footprint most = event_at_most(e);
    return most.everything != e->did.everything ||
           most.returned != e->did.returned || is_loose_access(e);
}
