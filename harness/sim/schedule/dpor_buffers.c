/*
 * Store buffers, in a search over partial orders.
 *
 * The thread that empties a buffer makes one event of each store in it, so its
 * event number n is the store number n of the thread that it serves; before
 * that comes the store itself, and behind it whatever needs the buffer empty.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/dpor.h"

#include <string.h>

enum {
    BUFFER_ENTRIES = 8 /* stores in a buffer: BUFFER_MAX of memory/model.h */
};

/* The event of `thread` that has the number `own`, or NO_EVENT. */
static uint32_t find_own(const struct dpor *d, uint32_t thread, uint32_t own)
{
    uint32_t i = d->last[thread];
    while (i != NO_EVENT && d->events[i].own > own) {
        i = d->events[i].before;
    }
    return i != NO_EVENT && d->events[i].own == own ? i : NO_EVENT;
}

/* The event that put store `number` into the buffer of `thread`. */
static uint32_t find_store(const struct dpor *d, uint32_t thread,
                           uint32_t number)
{
    uint32_t found = NO_EVENT;
    for (uint32_t i = d->last[thread]; i != NO_EVENT; i = d->events[i].before) {
        if (d->events[i].stores < number) {
            break;
        }
        found = i;
    }
    return found;
}

static bool covers(const struct operation *store, const struct operation *load)
{
    uintptr_t at = (uintptr_t)store->location;
    uintptr_t wanted = (uintptr_t)load->location;
    return at <= wanted && wanted + load->size <= at + store->size;
}

static bool meet(const struct operation *a, const struct operation *b)
{
    uintptr_t at = (uintptr_t)a->location;
    uintptr_t other = (uintptr_t)b->location;
    return at < other + b->size && other < at + a->size;
}

/* The number of the newest store of its own thread that has some, but not all
 * of the bytes of the load `e`: it must be out of the buffer.  0: none. */
static uint32_t find_split(const struct dpor *d, const struct event *e)
{
    for (uint32_t i = e->before; i != NO_EVENT; i = d->events[i].before) {
        const struct event *f = &d->events[i];
        if (f->next.buffered && meet(&f->next, &e->next)) {
            return covers(&f->next, &e->next) ? 0 : f->stores;
        }
    }
    return 0;
}

void dpor_behind(const struct dpor *d, struct event *e)
{
    const struct operation *next = &e->next;
    uint32_t flusher = next->flusher;
    if (next->flushes) {
        e->behind = find_store(d, next->thread, e->own);
        return;
    }
    if (flusher == 0) {
        return;
    }
    assert(flusher < DPOR_THREADS);
    if (next->drains) {
        e->behind = d->last[flusher];
    } else if (next->buffered) {
        e->stores++;
        if (e->stores > BUFFER_ENTRIES) {
            e->behind = find_own(d, flusher, e->stores - BUFFER_ENTRIES);
        }
    } else if (next->kind == FL_STEP_LOAD && !next->plain) {
        uint32_t split = find_split(d, e);
        e->behind = split == 0 ? NO_EVENT : find_own(d, flusher, split);
    }
}

/* Whether event `e` wrote some of what `load` reads. */
static bool wrote(const struct event *e, const struct operation *load)
{
    uintptr_t at = (uintptr_t)load->location;
    for (uint32_t i = 0; i < e->did.count; i++) {
        const struct touch *t = &e->did.touches[i];
        if (t->writes && t->at < at + load->size && at < t->at + t->size) {
            return true;
        }
    }
    return false;
}

uint16_t dpor_own_store(const struct dpor *d, uint32_t i)
{
    const struct operation *next = &d->events[i].next;
    if (next->kind != FL_STEP_LOAD || next->plain || next->flusher == 0 ||
        next->resumes) {
        return 0;
    }
    while (i-- > 0) {
        const struct event *e = &d->events[i];
        if (wrote(e, next)) {
            bool own = e->thread == next->flusher && covers(&e->next, next);
            return own ? (uint16_t)e->own : 0;
        }
    }
    return 0;
}

void dpor_begun(const struct dpor *d, uint16_t begun[DPOR_THREADS])
{
    for (uint32_t t = 0; t < DPOR_THREADS; t++) {
        uint32_t last = d->last[t];
        begun[t] = last == NO_EVENT ? 0 : (uint16_t)d->events[last].own;
    }
}

void dpor_begun_before(const struct dpor *d, uint32_t k,
                       uint16_t begun[DPOR_THREADS])
{
    memset(begun, 0, DPOR_THREADS * sizeof(*begun));
    for (uint32_t i = 0; i < k; i++) {
        begun[d->events[i].thread]++;
    }
}
