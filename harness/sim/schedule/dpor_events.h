/*
 * Events of an execution, as a search over partial orders sees them.
 *
 * An event is what one thread does between two questions to the strategy.  Two
 * events are dependent if their order can matter: they touch the same bytes or
 * object and one changes it, or one is the response of an operation and the
 * other a call (a history keeps which came first).  Happens-before is the
 * least order that contains dependence in the order of execution, the order of
 * each thread, and "made it possible" (a thread is created, a lock given
 * back).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCHEDULE_DPOR_EVENTS_H
#define HX_SCHEDULE_DPOR_EVENTS_H

#include "harness/sim/operation.h"

enum {
    DPOR_THREADS = 64,
    DPOR_DEPTH = 1 << 13, /* events of one run */
};

#define NO_EVENT UINT32_MAX

/* In an address: not the bytes there, but the order that sequentially
 * consistent accesses of them have. */
#define EVENT_ORDER ((uintptr_t)1 << 63)

struct event {
    uint8_t thread;
    bool within;           /* after it, an operation of the history is open */
    bool weak;             /* the memory model is not sequential consistency */
    bool apart;            /* a return of the history is an event of its own */
    uint32_t own;          /* number among its thread's, from 1 */
    uint32_t before;       /* its thread's event before it, or NO_EVENT */
    uint32_t enabler;      /* the event that made it possible, or NO_EVENT */
    uint32_t waker;        /* ... of a thread that was woken to wait for a lock:
                            * the one that woke it, or NO_EVENT */
    uint32_t behind;       /* one that it comes behind for the sake of its
                            * store buffer, and not before; or NO_EVENT */
    uint32_t stores;       /* into that, up to this event */
    uint64_t beside;       /* threads whose event of this number it comes
                            * behind, for they are twins (dpor_twins.c), */
    uint64_t alike;        /* and of them those that did the same so far */
    uint32_t choices;      /* hash of the decisions made in it; 0: none */
    struct operation next; /* what it was about to do */
    struct footprint did;
    uint16_t clock[DPOR_THREADS]; /* of each thread, how many events are
                                   * before it or it */
};

/*
 * Whether the order of two neighbouring pieces of different threads can matter,
 * where each thread has had `begun` events.
 *
 * What a load finds that its own thread stored last is the same whether that is
 * still in the buffer or has just come to memory.  So it does not depend on
 * that step; and a store of others can come between only when it is done.
 */
bool footprint_conflicts(const struct footprint *a, const struct footprint *b,
                         const uint16_t begun[DPOR_THREADS]);

/* The same for two events of one run, of which `e` is the later; what it is
 * known to be behind is in its clock. */
bool event_conflicts(const struct event *f, const struct event *e);

/* Adds all that `more` touches to `f`. */
void footprint_join(struct footprint *f, const struct footprint *more);

/* What `e` did: its operation, and what the world saw of it (`done`).
 * `own_store`: the store of its thread that it read, if that is in memory. */
void event_did(struct event *e, const struct footprint *done,
               uint16_t own_store);

/* At most what `e` would do elsewhere in the execution, where what it reads
 * may be something else. */
struct footprint event_at_most(const struct event *e);

/* Whether that is more than it did here. */
bool event_is_loose(const struct event *e);

/* Whether `e` takes a lock that must be free. */
static inline bool event_locks(const struct event *e)
{
    return e->next.awaits == AWAITS_LOCK;
}

/* Whether `first` is before `then` in happens-before, or is it. */
static inline bool event_before(const struct event *first,
                                const struct event *then)
{
    return then->clock[first->thread] >= first->own;
}

#endif
