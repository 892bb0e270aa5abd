/*
 * Random histories with crashes of everybody and syncs between the operations,
 * and with times.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_ERAS_H
#define TESTS_ERAS_H

#include "tests/random_history.h"

#include <stdlib.h>

/* Makes room for a stamp at `at`. */
static inline void eras_shift(struct fl_history *h, uint32_t at)
{
    for (uint32_t i = 0; i < h->count; i++) {
        struct fl_operation *op = &h->operations[i];
        op->call += op->call >= at;
        op->ret += op->ret != FL_OPEN && op->ret >= at;
    }
    for (uint32_t e = 0; e < h->events_count; e++) {
        h->events[e].at += h->events[e].at >= at;
    }
    h->stamps++;
}

/* Adds an event of everybody at a random moment; a crash cuts off what is
 * under way.  Events stay in order. */
static inline void eras_add(struct fl_history *h, enum fl_event_kind kind,
                            uint64_t *seed)
{
    uint32_t at = random_below(seed, h->stamps + 1);
    for (uint32_t i = 0; i < h->count; i++) {
        struct fl_operation *op = &h->operations[i];
        if (kind == FL_EVENT_CRASH_ALL && op->call < at && op->ret >= at) {
            op->ret = FL_OPEN;
            op->result = FL_NONE;
        }
    }
    eras_shift(h, at);
    uint32_t e = h->events_count;
    assert(e < h->events_max);
    while (e > 0 && h->events[e - 1].at > at) {
        h->events[e] = h->events[e - 1];
        e--;
    }
    h->events[e] = (struct fl_event){.kind = kind, .at = at};
    h->events_count++;
}

/* Adds an operation that returns at once, of a client of its own, just before
 * the crash `event`; what follows does not know of it, as if it had been lost.
 * Only one that answers nothing can be made up. */
static inline void eras_lose(struct fl_history *h, uint32_t event,
                             uint64_t *seed)
{
    const struct fl_model *model = h->model;
    uint32_t fn = random_below(seed, model->types_count);
    const struct fl_operation_type *type = &model->types[fn];
    if (h->count == h->max || type->pure || type->result != FL_KIND_VOID ||
        type->args[0] != FL_KIND_INT || type->args[1] != FL_KIND_VOID) {
        return;
    }
    uint32_t at = h->events[event].at;
    eras_shift(h, at);
    eras_shift(h, at);
    uint32_t i = h->count;
    while (i > 0 && h->operations[i - 1].call > at) {
        h->operations[i] = h->operations[i - 1];
        i--;
    }
    h->operations[i] =
        (struct fl_operation){.client = 50 + h->count,
                              .fn = fn,
                              .call = at,
                              .ret = at + 1,
                              .key = h->operations[0].key,
                              .args = {1 + random_below(seed, 9)},
                              .result = FL_NONE};
    h->count++;
}

/* Gives every stamp a time, some of them equal. */
static inline void eras_time(struct fl_history *h, uint64_t *seed)
{
    free(h->times);
    h->times = malloc((h->stamps + 1ul) * sizeof(*h->times));
    assert(h->times != NULL);
    uint64_t now = 0;
    for (uint32_t at = 0; at < h->stamps; at++) {
        now += random_below(seed, 4);
        h->times[at] = now;
    }
}

#endif
