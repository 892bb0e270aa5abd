/*
 * Threads that are alike (harness/sim/twins.h), in a search over partial
 * orders: none overtakes another as long as they do the same.
 *
 * Of twins t < u, event number n of u comes behind event number n of t, if up
 * to there they were the same: they read the same writes, and wrote nothing
 * but what is their own.  That is a program of its own, in which each event of
 * t lets u go on; its executions are searched as those of any other, with what
 * t did among the causes of what u does.  So sleep sets and plans need not know
 * who is whose twin.
 *
 *     T0  read x (0)   write x              T0  read x (0)
 *     T1       read x (0)       write x     T1       ...  not before that
 *
 * No execution is lost.  Take any, in some order of its events.  Events that
 * are the same, of twins that were the same up to them, can all be moved to
 * where the first of them is: nothing that they depend on is in between, or
 * they would not be the same.  Then let those of the twins that differ from
 * there on have their names by who comes first.  Now nobody overtakes.
 *
 * And often nothing is run twice: where twins differ first, one wrote, or the
 * reads had a write in between, so only one order of their names is possible.
 * (Elsewhere, as if they differ by what no other thread can see, two names of
 * one execution may be run.)
 *
 * SPORE (Kokologiannakis, Marmanis, Vafeiadis, PLDI 2024) compares what twins
 * read, too, and extends the reduction by what it knows of renamed executions;
 * here the program is restricted, and the reduction stays as it was.
 *
 * Under store buffers the first store of a twin is nobody's business; twins
 * that were the same up to it are told apart by whose comes to memory first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/dpor.h"

/* The event of `thread` that has the number `own`, or NO_EVENT. */
static uint32_t find_own(const struct dpor *d, uint32_t thread, uint32_t own)
{
    assert(thread < DPOR_THREADS);
    uint32_t i = d->last[thread];
    while (i != NO_EVENT && d->events[i].own > own) {
        i = d->events[i].before;
    }
    return i != NO_EVENT && d->events[i].own == own ? i : NO_EVENT;
}

/* The first event of `thread` that put something into its store buffer. */
static uint32_t find_first_store(const struct dpor *d, uint32_t thread)
{
    uint32_t found = NO_EVENT;
    for (uint32_t i = d->last[thread]; i != NO_EVENT; i = d->events[i].before) {
        found = d->events[i].next.buffered ? i : found;
    }
    return found;
}

/* The flushers of the twins of the thread whose first store comes to memory. */
static uint64_t find_flushers(const struct dpor *d,
                              const struct operation *flush)
{
    uint32_t store = find_first_store(d, flush->thread);
    if (store == NO_EVENT) {
        return 0;
    }
    const struct event *e = &d->events[store];
    uint64_t flushers = 0;
    for (uint64_t left = e->alike; left != 0; left &= left - 1) {
        uint32_t twin = (uint32_t)__builtin_ctzll(left);
        uint32_t other = find_own(d, twin, e->own);
        assert(other != NO_EVENT);
        flushers |= dpor_bit(d->events[other].next.flusher);
    }
    return flushers;
}

/* Whose events of the same number the next event of `thread`, which does
 * `next`, has to come behind. */
static uint64_t find_beside(const struct dpor *d, uint32_t thread,
                            const struct operation *next)
{
    uint32_t before = d->last[thread];
    if (next->flushes) {
        return before == NO_EVENT ? find_flushers(d, next) : 0;
    }
    if (before == NO_EVENT) {
        return d->twins[thread];
    }
    const struct event *e = &d->events[before];
    return e->next.buffered ? 0 : e->alike;
}

uint64_t dpor_held(const struct dpor *d, uint64_t threads)
{
    uint64_t held = 0;
    for (uint64_t left = d->twins == NULL ? 0 : threads; left != 0;
         left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left);
        uint32_t own = d->last[t] == NO_EVENT ? 0 : d->events[d->last[t]].own;
        uint64_t beside = find_beside(d, t, &d->pending[t]);
        for (; beside != 0; beside &= beside - 1) {
            uint32_t u = (uint32_t)__builtin_ctzll(beside);
            if (d->last[u] == NO_EVENT || d->events[d->last[u]].own <= own) {
                held |= dpor_bit(t);
            }
        }
    }
    return held;
}

void dpor_stand_beside(const struct dpor *d, struct event *e)
{
    e->beside = d->twins == NULL ? 0 : find_beside(d, e->thread, &e->next);
    e->alike = 0;
}

uint32_t dpor_beside(const struct dpor *d, const struct event *e,
                     uint64_t *beside)
{
    assert(*beside != 0);
    uint32_t twin = (uint32_t)__builtin_ctzll(*beside);
    *beside &= *beside - 1;
    return find_own(d, twin, e->own);
}

/* Whether `e` is something that twins could have done alike: no decision, no
 * lock, nothing that all others see. */
static bool is_plain(const struct event *e)
{
    const struct footprint *f = &e->did;
    bool plain = !f->everything && !f->timed && !f->returned && !f->blocked &&
                 e->choices == 0 && e->behind == NO_EVENT &&
                 e->next.awaits == AWAITS_NOTHING;
    for (uint32_t i = 0; plain && i < f->count; i++) {
        plain = f->touches[i].entry == 0;
    }
    return plain;
}

/* Whether both were about to do the same, and could from the same moment on. */
static bool begin_same(const struct event *e, const struct event *f)
{
    const struct operation *a = &e->next;
    const struct operation *b = &f->next;
    /* Threads that the code has made are enabled by what made each, one right
     * after the other (harness/sim/families.h). */
    bool first = e->before == NO_EVENT && f->before == NO_EVENT;
    return (first || e->enabler == f->enabler) && a->starts == b->starts &&
           a->resumes == b->resumes && a->buffered == b->buffered &&
           (a->starts || a->kind == b->kind) && e->did.count == f->did.count &&
           e->did.called == f->did.called;
}

/* Whether `e` depends on `g`, which came before it, and is not of its thread.
 */
static bool depends(const struct event *e, const struct event *g)
{
    return g->thread != e->thread && event_conflicts(g, e);
}

/* Whether `g` is of one of two twins, or empties a buffer of theirs. */
static bool is_theirs(const struct event *g, const struct event *e,
                      const struct event *f)
{
    uint8_t whose = g->next.flushes ? g->next.thread : g->thread;
    return whose == e->thread || whose == f->thread;
}

/* Whether event `i`, which has just been made, does what its twin's event `k`
 * did: neither depends on the other, nor on what else one of the two did, and
 * both on the same of all that came before. */
static bool is_same(const struct dpor *d, uint32_t k, uint32_t i)
{
    const struct event *f = &d->events[k];
    const struct event *e = &d->events[i];
    if (!is_plain(f) || !is_plain(e) || !begin_same(e, f)) {
        return false;
    }
    for (uint32_t j = i; j-- > 0;) {
        const struct event *g = &d->events[j];
        bool of_e = depends(e, g);
        bool of_f = j < k && depends(f, g);
        if (of_e != of_f || (of_e && is_theirs(g, e, f))) {
            return false;
        }
    }
    return true;
}

void dpor_compare(struct dpor *d, uint32_t i)
{
    struct event *e = &d->events[i];
    e->alike = 0;
    uint64_t beside = e->next.flushes ? 0 : e->beside;
    while (beside != 0) {
        uint32_t twin = (uint32_t)__builtin_ctzll(beside);
        uint32_t k = dpor_beside(d, e, &beside);
        if (k != NO_EVENT && is_same(d, k, i)) {
            e->alike |= dpor_bit(twin);
        }
    }
}
