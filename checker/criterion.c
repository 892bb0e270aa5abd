/*
 * The table of criterion.h, row by row.
 *
 * Sources: Herlihy, Wing 1990; Aguilera, Frolund 2003; Guerraoui, Levy 2004;
 * Berryhill, Golab, Tripunitara 2015; Izraelevitz, Mendes, Scott 2016.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/criterion.h"

#include <assert.h>
#include <string.h>

static const char *const names[] = {
    [FL_LINEARIZABLE] = "linearizable",
    [FL_STRICT] = "strict",
    [FL_PERSISTENT] = "persistent",
    [FL_RECOVERABLE] = "recoverable",
    [FL_DURABLE] = "durable",
    [FL_DURABLE_STRICT] = "durable_strict",
    [FL_SEQUENTIAL] = "sequential",
    [FL_QUIESCENT] = "quiescent",
    [FL_DETECTABLE] = "detectable",
    [FL_BUFFERED_DURABLE] = "buffered_durable",
    [FL_BUFFERED_STRICT] = "buffered_strict",
};

enum {
    NAMES_COUNT = sizeof(names) / sizeof(names[0])
};

const char *fl_criterion_name(enum fl_criterion criterion)
{
    assert((unsigned)criterion < NAMES_COUNT);
    return names[criterion];
}

int fl_criterion_find(const char *name)
{
    for (int i = 0; i < NAMES_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

bool fl_criterion_binds(enum fl_criterion criterion)
{
    return criterion != FL_LINEARIZABLE && criterion < FL_SEQUENTIAL &&
           criterion != FL_DURABLE;
}

bool fl_loses(enum fl_criterion criterion)
{
    return criterion == FL_BUFFERED_DURABLE || criterion == FL_BUFFERED_STRICT;
}

/* The next operation of the client of `i`, on the same key if `same_key`. */
static uint32_t next_operation(const struct fl_history *h, uint32_t i,
                               bool same_key)
{
    const struct fl_operation *op = &h->operations[i];
    assert(op->ret == FL_OPEN);
    for (uint32_t k = i + 1; k < h->count; k++) {
        const struct fl_operation *later = &h->operations[k];
        if (later->client == op->client &&
            (!same_key || later->key == op->key)) {
            return k;
        }
    }
    return FL_OPEN;
}

static uint32_t era_end(const struct fl_history *h, uint32_t i)
{
    for (uint32_t e = 0; e < h->events_count; e++) {
        if (h->events[e].kind == FL_EVENT_CRASH_ALL &&
            h->events[e].at > h->operations[i].call) {
            return h->events[e].at;
        }
    }
    return FL_OPEN;
}

uint32_t fl_criterion_deadline(const struct fl_history *h,
                               enum fl_criterion criterion, uint32_t i)
{
    assert(i < h->count);
    if (h->operations[i].ret != FL_OPEN) {
        return FL_OPEN;
    }
    uint32_t next;
    switch (criterion) {
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
        return fl_history_cut(h, i);
    case FL_PERSISTENT:
        next = next_operation(h, i, false);
        return next == FL_OPEN ? FL_OPEN : h->operations[next].call;
    case FL_DURABLE_STRICT:
        return era_end(h, i);
    }
    assert(false);
    return FL_OPEN;
}

uint32_t fl_criterion_succ(const struct fl_history *h,
                           enum fl_criterion criterion, uint32_t i)
{
    if (criterion != FL_RECOVERABLE || h->operations[i].ret != FL_OPEN) {
        return FL_OPEN;
    }
    return next_operation(h, i, true);
}

uint32_t fl_criterion_client(const struct fl_history *h,
                             enum fl_criterion criterion, uint32_t i)
{
    const struct fl_operation *op = &h->operations[i];
    bool renames = criterion == FL_DURABLE || criterion == FL_DURABLE_STRICT ||
                   criterion == FL_BUFFERED_DURABLE ||
                   criterion == FL_BUFFERED_STRICT;
    if (!renames) {
        return op->client;
    }
    uint32_t era = 0;
    for (uint32_t e = 0; e < h->events_count; e++) {
        era += h->events[e].kind == FL_EVENT_CRASH_ALL &&
               h->events[e].at < op->call;
    }
    uint32_t most = 0;
    for (uint32_t k = 0; k < h->count; k++) {
        most = h->operations[k].client > most ? h->operations[k].client : most;
    }
    return op->client + era * (most + 1);
}
