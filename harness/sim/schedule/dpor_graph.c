/*
 * The graph of an execution as a hash.
 *
 * Each event contributes what it is, and for each piece of memory that it
 * touches the write that it came behind; the sum does not depend on the order
 * in which independent events were executed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/dpor.h"

enum {
    WIDEST = 16 /* bytes of an atomic access */
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93u;
    return hash ^ hash >> 29;
}

static uint64_t name(const struct event *e)
{
    return (uint64_t)e->thread << 32 | e->own;
}

static bool meet(const struct touch *a, const struct touch *b)
{
    return a->at < b->at + b->size && b->at < a->at + a->size;
}

static bool covers(const struct touch *a, const struct touch *b)
{
    return a->at <= b->at && b->at + b->size <= a->at + a->size;
}

/* The last write before event `i` to some of what `t` covers; 0: none.
 * `whole`: it wrote all of that, or there is none. */
static uint64_t last_write(const struct dpor *d, uint32_t i,
                           const struct touch *t, bool *whole)
{
    *whole = true;
    while (i-- > 0) {
        const struct event *e = &d->events[i];
        for (uint32_t k = 0; k < e->did.count; k++) {
            const struct touch *u = &e->did.touches[k];
            if (u->writes && meet(u, t)) {
                *whole = covers(u, t);
                return name(e);
            }
        }
    }
    return 0;
}

/* The writes that what `t` covers came from, byte by byte if need be. */
static uint64_t source(const struct dpor *d, uint32_t i, const struct touch *t)
{
    bool whole;
    uint64_t from = last_write(d, i, t, &whole);
    if (whole || t->size > WIDEST) {
        return from;
    }
    uint64_t hash = t->size;
    for (uint32_t k = 0; k < t->size; k++) {
        struct touch byte = {.at = t->at + k, .size = 1};
        hash = mix(hash, last_write(d, i, &byte, &whole));
    }
    return hash;
}

/* Piece number `piece` of the run is the event before that. */
static uint64_t named(const struct dpor *d, uint32_t piece)
{
    return piece == 0 ? 0 : name(&d->events[piece - 1]);
}

/* What event `i` is, and behind what. */
static uint64_t hash_event(const struct dpor *d, uint32_t i)
{
    const struct event *e = &d->events[i];
    uint64_t hash =
        mix(name(e), (uint64_t)e->next.kind << 1 | (e->next.starts ? 1 : 0));
    hash = d->weak && e->did.sourced ? hash : mix(hash, e->choices);
    for (uint32_t k = 0; k < e->did.count; k++) {
        const struct touch *t = &e->did.touches[k];
        if ((t->at & EVENT_ORDER) != 0) {
            continue;
        }
        uint64_t from = k == 0 && e->did.sourced ? named(d, e->did.source)
                                                 : source(d, i, t);
        if (t->entry != 0) { /* or it will come out of the buffer */
            from = (uint64_t)t->flusher << 32 | t->entry;
        }
        hash = mix(hash, from);
        hash = mix(hash, t->at << 1 | (t->writes ? 1 : 0));
    }
    return hash;
}

uint64_t dpor_graph(const struct dpor *d)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        sum += hash_event(d, i);
    }
    return sum;
}
