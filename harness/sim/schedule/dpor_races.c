/*
 * Races: pairs of dependent events with nothing between them, whose order can
 * be turned round; and what must be run for that.
 *
 * For events e before e' in such a race, v = all that is not behind e, then
 * e'.  Whoever explores v from before e runs e' first.  If something that
 * sleeps there begins v (can be moved to its front), that was done already.
 *
 * Two that take the same lock race although the first gives it back in
 * between: the unlock cannot come last, but the one lock can come before the
 * other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/dpor.h"

#include <assert.h>

static void join(struct event *e, const struct event *other)
{
    for (uint32_t t = 0; t < DPOR_THREADS; t++) {
        if (other->clock[t] > e->clock[t]) {
            e->clock[t] = other->clock[t];
        }
    }
}

/* What is before `e` for the sake of its twins. */
static void join_beside(const struct dpor *d, struct event *e)
{
    for (uint64_t beside = e->beside; beside != 0;) {
        uint32_t k = dpor_beside(d, e, &beside);
        if (k != NO_EVENT) {
            join(e, &d->events[k]);
        }
    }
}

/* What is before `e` whatever it depends on. */
static void order_start(const struct dpor *d, struct event *e)
{
    if (e->before != NO_EVENT) {
        for (uint32_t t = 0; t < DPOR_THREADS; t++) {
            e->clock[t] = d->events[e->before].clock[t];
        }
    } else {
        for (uint32_t t = 0; t < DPOR_THREADS; t++) {
            e->clock[t] = 0;
        }
    }
    e->clock[e->thread] = (uint16_t)e->own;
}

static void join_conflicting(const struct dpor *d, struct event *e,
                             uint32_t count)
{
    for (uint32_t k = count; k-- > 0;) {
        const struct event *f = &d->events[k];
        if (!event_before(f, e) && event_conflicts(f, e)) {
            join(e, f);
        }
    }
}

void dpor_order(const struct dpor *d, struct event *e, uint32_t count)
{
    order_start(d, e);
    if (e->enabler != NO_EVENT) {
        join(e, &d->events[e->enabler]);
    }
    if (e->waker != NO_EVENT) {
        join(e, &d->events[e->waker]);
    }
    if (e->behind != NO_EVENT) {
        join(e, &d->events[e->behind]);
    }
    join_beside(d, e);
    join_conflicting(d, e, count);
    if (d->buffers) {
        /* Loads that read what their own thread stored conflict if `e` is
         * behind the step at which that came to memory: now that is known. */
        join_conflicting(d, e, count);
    }
}

/* Whether `e` touches the lock of `taker`. */
static bool touches_lock(const struct event *e, const struct event *taker)
{
    uintptr_t at = (uintptr_t)taker->next.location;
    for (uint32_t i = 0; i < e->did.count; i++) {
        if (e->did.touches[i].at == at) {
            return true;
        }
    }
    return false;
}

/* Whether the lock of `taker` was held by another before event `k`, so that it
 * cannot be taken there: by what was done to it last. */
static bool is_held(const struct dpor *d, uint32_t k, const struct event *taker)
{
    while (k-- > 0) {
        const struct event *e = &d->events[k];
        if (e->did.lock == (uintptr_t)taker->next.location) {
            return e->did.held && e->did.holder != taker->thread;
        }
        if (e->did.everything && touches_lock(e, taker)) {
            return false; /* its holder ended, and had others */
        }
    }
    return false;
}

static void add_step(struct wakeup *v, const struct event *e,
                     const struct footprint *did)
{
    struct wakeup_step *step = &v->steps[v->count++];
    step->thread = e->thread;
    step->choices = e->choices;
    step->did = *did;
    step->loose = false;
}

/* Whether event `i` is no more than that its thread began to wait, when nobody
 * could go on: in another order it comes to that later, if at all. */
static bool only_waits(const struct dpor *d, uint32_t i)
{
    return (d->nodes[i].runnable & dpor_bit(d->events[i].thread)) == 0;
}

/* What is not behind event `k`, and then `last`. */
static void collect(struct dpor *d, uint32_t k, const struct event *last)
{
    struct wakeup *v = &d->wakeup;
    v->count = 0;
    for (uint32_t i = k + 1; i < d->count; i++) {
        const struct event *e = &d->events[i];
        if (!event_before(&d->events[k], e) && !only_waits(d, i)) {
            add_step(v, e, &e->did);
        }
    }
    struct footprint most = event_at_most(last);
    add_step(v, last, &most);
    v->steps[v->count - 1].loose = event_is_loose(last);
}

/* Plans a run in which `last` comes before event `k`. */
static void reverse(struct dpor *d, uint32_t k, const struct event *last)
{
    assert(k < d->count);
    struct node *n = &d->nodes[k];
    collect(d, k, last);
    struct wakeup *v = &d->wakeup;
    if (d->buffers) {
        dpor_begun_before(d, k, v->begun);
    }
    if (((n->runnable & ~n->held) >> v->steps[0].thread & 1) == 0) {
        return; /* what it waits for is behind event k after all */
    }
    for (uint64_t q = n->asleep | n->done; q != 0; q &= q - 1) {
        uint32_t thread = (uint32_t)__builtin_ctzll(q);
        if (wakeup_begins(v, thread,
                          &d->sleepers.list[n->sleeping[thread]].did)) {
            return;
        }
    }
    wakeup_insert(&d->branches, &n->first, v);
}

/* Whether events `f` and `e`, dependent and with nothing between them, could
 * have come in the other order; and if so, plans it.  False: `f` is no
 * obstacle, and what it depends on may be. */
static bool meets(struct dpor *d, uint32_t k, const struct event *e)
{
    const struct event *f = &d->events[k];
    if (event_locks(e) && touches_lock(f, e) && is_held(d, k, e)) {
        return false;
    }
    bool ended = e->next.awaits == AWAITS_THREAD && e->next.thread == f->thread;
    if (k != e->enabler && k != e->waker && !ended) {
        reverse(d, k, e);
    }
    return true;
}

/* The races of `e`, which comes behind `count` events. */
static void race(struct dpor *d, const struct event *e, uint32_t count)
{
    struct event seen = {.thread = e->thread,
                         .own = e->own,
                         .before = e->before,
                         .enabler = e->enabler,
                         .beside = e->beside};
    order_start(d, &seen);
    if (e->enabler != NO_EVENT &&
        !(event_locks(e) && touches_lock(&d->events[e->enabler], e))) {
        join(&seen, &d->events[e->enabler]);
    }
    if (e->waker != NO_EVENT) {
        join(&seen, &d->events[e->waker]);
    }
    if (e->behind != NO_EVENT) {
        join(&seen, &d->events[e->behind]);
    }
    join_beside(d, &seen);
    for (uint32_t k = count; k-- > 0;) {
        const struct event *f = &d->events[k];
        if (f->thread != e->thread && !event_before(f, &seen) &&
            event_conflicts(f, e) && meets(d, k, e)) {
            join(&seen, f);
        }
    }
}

/* Threads that could still run when a run ended early have races, too. */
static void race_pending(struct dpor *d)
{
    uint64_t left = d->enabled;
    if (d->count > 0) {
        left &= ~((uint64_t)1 << d->events[d->count - 1].thread);
    }
    left &= ~dpor_held(d, left);
    static const struct footprint nothing;
    for (; left != 0; left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left);
        struct event e;
        dpor_event(d, &e, t, d->count);
        event_did(&e, &nothing, 0);
        bool stores = e.next.kind == FL_STEP_STORE && !e.next.buffered;
        if (stores || e.next.kind == FL_STEP_UPDATE) {
            e.did.touches[0].writes = true;
        } else if (e.next.kind == FL_STEP_SYNC && e.next.location != NULL) {
            footprint_add(&e.did, e.next.location, 0, true);
        }
        dpor_order(d, &e, d->count);
        race(d, &e, d->count);
    }
}

/* What event `i` has stopped for good (a store buffer that it emptied) could
 * have gone on before it. */
static void save_stopped(struct dpor *d, uint32_t i)
{
    struct node *n = &d->nodes[i];
    uint64_t left = n->gone & ~n->asleep & ~n->done;
    for (; left != 0; left &= left - 1) {
        struct wakeup *v = &d->wakeup;
        v->count = 1;
        v->steps[0] = (struct wakeup_step){
            .did = {.everything = true},
            .loose = true,
            .thread = (uint8_t)__builtin_ctzll(left),
        };
        wakeup_insert(&d->branches, &n->first, v);
    }
}

void dpor_reverse_races(struct dpor *d)
{
    for (uint32_t i = 0; i < d->count; i++) {
        race(d, &d->events[i], i);
        save_stopped(d, i);
    }
    race_pending(d);
}
