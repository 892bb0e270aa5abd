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

static bool overlap(const struct touch *a, const struct touch *b)
{
    return (a->writes || b->writes) && a->at < b->at + b->size &&
           b->at < a->at + a->size;
}

bool footprint_conflicts(const struct footprint *a, const struct footprint *b)
{
    if (a->everything || b->everything) {
        return true;
    }
    if ((a->called && b->returned) || (a->returned && b->called)) {
        return true;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        for (uint32_t k = 0; k < b->count; k++) {
            if (overlap(&a->touches[i], &b->touches[k])) {
                return true;
            }
        }
    }
    return false;
}

static bool has(const struct footprint *f, const struct touch *t)
{
    for (uint32_t i = 0; i < f->count; i++) {
        const struct touch *u = &f->touches[i];
        if (u->at <= t->at && t->at + t->size <= u->at + u->size &&
            (u->writes || !t->writes)) {
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
            footprint_add(f, (const void *)t->at, t->size, t->writes);
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

void event_did(struct event *e, const struct footprint *done)
{
    e->did = (struct footprint){.source = done->source,
                                .sourced = done->sourced,
                                .everything = done->everything,
                                .called = done->called,
                                .returned = done->returned};
    struct touch *own = NULL;
    if (is_access(e)) {
        bool writes = false;
        for (uint32_t i = 0; i < done->count; i++) {
            writes =
                writes || (done->touches[i].at == (uintptr_t)e->next.location &&
                           done->touches[i].writes);
        }
        footprint_add(&e->did, e->next.location, e->next.size, writes);
        own = &e->did.touches[0];
    }
    if (e->weak) {
        add_order(e, own);
    }
    footprint_join(&e->did, done);
    e->did.everything = e->did.everything || e->next.kind == FL_STEP_SEND ||
                        e->next.kind == FL_STEP_RECEIVE;
}

struct footprint event_at_most(const struct event *e)
{
    struct footprint f = e->did;
    bool fixed = e->next.kind == FL_STEP_STORE || e->next.starts;
    if (is_access(e) && e->next.compares) {
        assert(f.count > 0);
        f.touches[0].writes = true;
    }
    if (!fixed) {
        f.returned = f.returned || e->within;
    }
    f.everything = f.everything || e->next.kind == FL_STEP_ALLOC;
    return f;
}
