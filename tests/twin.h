/*
 * The twin: linearizability by trying everything, straight from the
 * definitions.
 *
 * All subsets of the open operations, all orders, no memo, no reductions; for
 * up to eight operations.  It is the judge of all else, so it is never made
 * faster.  The crash criteria are here as their papers define them, not as the
 * deadlines and successors of the search: an operation that a crash cut off
 * gets an interval of its own, or a place in the order of its client.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_TWIN_H
#define TESTS_TWIN_H

#include "checker/check.h"
#include "checker/model.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    TWIN_OPERATIONS_MAX = 10,
    TWIN_STATE_MAX = 8192
};

struct twin {
    const struct fl_history *h;
    enum fl_criterion criterion;
    struct fl_space space;
    uint32_t ends[TWIN_OPERATIONS_MAX]; /* of the kept operations */
    bool kept[TWIN_OPERATIONS_MAX];
    bool placed[TWIN_OPERATIONS_MAX];
};

/* The first crash that hits the client of `op` after its call. */
static inline uint32_t twin_crash(const struct fl_history *h,
                                  const struct fl_operation *op, bool all_only)
{
    uint32_t first = FL_OPEN;
    for (uint32_t e = 0; e < h->events_count; e++) {
        const struct fl_event *event = &h->events[e];
        bool hits = event->kind == FL_EVENT_CRASH_ALL ||
                    (event->kind == FL_EVENT_CRASH && !all_only &&
                     event->client == op->client);
        if (hits && event->at > op->call && event->at < first) {
            first = event->at;
        }
    }
    return first;
}

/* The first call after `op` of the same client, on the same key or any. */
static inline uint32_t twin_next(const struct fl_history *h,
                                 const struct fl_operation *op, bool any_key)
{
    uint32_t first = FL_OPEN;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *other = &h->operations[i];
        if (other->client == op->client && other->call > op->call &&
            other->call < first && (any_key || other->key == op->key)) {
            first = other->call;
        }
    }
    return first;
}

/* When a kept operation must have taken effect: an open one's history is
 * completed with a response, and this is where the definition puts it. */
static inline uint32_t twin_end(const struct twin *t, uint32_t i)
{
    const struct fl_operation *op = &t->h->operations[i];
    if (op->ret != FL_OPEN) {
        return op->ret;
    }
    switch (t->criterion) {
    case FL_LINEARIZABLE:
    case FL_RECOVERABLE:
    case FL_DURABLE:
    case FL_SEQUENTIAL:
    case FL_QUIESCENT:
    case FL_DETECTABLE:
    case FL_BUFFERED_DURABLE:
    case FL_BUFFERED_STRICT:
        return FL_OPEN;
    case FL_STRICT:
        return twin_crash(t->h, op, false);
    case FL_PERSISTENT:
        /* a response just before the next call */
        return twin_next(t->h, op, true) == FL_OPEN
                   ? FL_OPEN
                   : twin_next(t->h, op, true) - 1;
    case FL_DURABLE_STRICT:
        return twin_crash(t->h, op, true);
    }
    return FL_OPEN;
}

/* Whether nobody is busy with the object of `a` at some moment between `a` and
 * `b`. */
static inline bool twin_pauses(const struct twin *t, uint32_t a, uint32_t b)
{
    const struct fl_history *h = t->h;
    for (uint32_t at = t->ends[a]; at < h->operations[b].call; at++) {
        bool busy = false;
        for (uint32_t i = 0; i < h->count; i++) {
            const struct fl_operation *op = &h->operations[i];
            uint32_t until =
                op->ret == FL_OPEN ? twin_crash(h, op, false) : op->ret;
            busy = busy || (op->key == h->operations[a].key && op->call <= at &&
                            at < until);
        }
        if (!busy) {
            return true;
        }
    }
    return false;
}

/* Whether `a` must come before `b`: by its end, or (recoverable) because it is
 * cut off and `b` is the next of its client on the same object, or later. */
static inline bool twin_precedes(const struct twin *t, uint32_t a, uint32_t b)
{
    const struct fl_operation *first = &t->h->operations[a];
    const struct fl_operation *second = &t->h->operations[b];
    if (t->criterion == FL_SEQUENTIAL) {
        return first->client == second->client && first->call < second->call;
    }
    if (t->criterion == FL_QUIESCENT) {
        return first->key == second->key && first->ret != FL_OPEN &&
               twin_pauses(t, a, b);
    }
    if (t->ends[a] < second->call) {
        return true;
    }
    return t->criterion == FL_RECOVERABLE && first->ret == FL_OPEN &&
           first->client == second->client && first->key == second->key &&
           first->call < second->call;
}

static inline bool twin_may_follow(const struct twin *t, uint32_t i)
{
    if (!t->kept[i] || t->placed[i]) {
        return false;
    }
    for (uint32_t k = 0; k < t->h->count; k++) {
        if (t->kept[k] && !t->placed[k] && k != i && twin_precedes(t, k, i)) {
            return false;
        }
    }
    return true;
}

/* Durable: a client is another one in each era. */
static inline uint32_t twin_client(const struct twin *t, uint32_t i)
{
    const struct fl_operation *op = &t->h->operations[i];
    uint32_t era = 0;
    bool renames =
        t->criterion == FL_DURABLE || t->criterion == FL_DURABLE_STRICT;
    for (uint32_t e = 0; e < t->h->events_count && renames; e++) {
        era += t->h->events[e].kind == FL_EVENT_CRASH_ALL &&
               t->h->events[e].at < op->call;
    }
    return op->client + 1000 * era;
}

/* Whether the kept operations that are not placed can follow `state`. */
static inline bool twin_orders(struct twin *t, const void *state, size_t size,
                               uint32_t left)
{
    if (left == 0) {
        return true;
    }
    for (uint32_t i = 0; i < t->h->count; i++) {
        if (!twin_may_follow(t, i)) {
            continue;
        }
        struct fl_operation op = t->h->operations[i];
        op.client = twin_client(t, i);
        uint32_t ways = fl_state_ways(&t->space, state, size, &op);
        for (uint32_t way = 0; way < ways; way++) {
            _Alignas(16) unsigned char next[TWIN_STATE_MAX];
            size_t next_size = size;
            memcpy(next, state, size);
            if (!fl_state_go(&t->space, next, &next_size, &op, way)) {
                continue;
            }
            t->placed[i] = true;
            bool found = twin_orders(t, next, next_size, left - 1);
            t->placed[i] = false;
            if (found) {
                return true;
            }
        }
    }
    return false;
}

/* Whether some order explains `h`. */
static inline bool twin_passes(const struct fl_history *h,
                               const struct fl_options *options)
{
    assert(h->count <= TWIN_OPERATIONS_MAX);
    struct twin t = {.h = h, .criterion = options->criterion};
    fl_space_init(&t.space, h);
    fl_space_limit(&t.space, options->capacity, options->relax);
    assert(fl_state_max(&t.space) <= TWIN_STATE_MAX);
    for (uint32_t subset = 0; subset < 1u << h->count; subset++) {
        uint32_t left = 0;
        bool valid = true;
        for (uint32_t i = 0; i < h->count; i++) {
            t.kept[i] = subset >> i & 1;
            left += t.kept[i];
            valid = valid && (t.kept[i] || h->operations[i].ret == FL_OPEN);
            t.ends[i] = twin_end(&t, i);
        }
        _Alignas(16) unsigned char state[TWIN_STATE_MAX];
        size_t size = fl_state_start(&t.space, state);
        if (valid && twin_orders(&t, state, size, left)) {
            return true;
        }
    }
    return false;
}

#endif
