/*
 * Twins: who is alike, and what they may do first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/twins.h"

#include "harness/object.h"
#include "harness/runner.h"
#include "harness/sim/schedule/list.h"

#include <assert.h>
#include <string.h>

enum {
    FACTORIAL_MAX = 20 /* more does not fit into 64 bits */
};

/* Whether clients `a` and `b` will do the same at the same times. */
static bool is_alike(const struct plan *a, const struct plan *b)
{
    if (a->count != b->count || (a->think == NULL) != (b->think == NULL)) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const struct fl_call *one = &a->calls[i];
        const struct fl_call *other = &b->calls[i];
        if (one->fn != other->fn || one->key != other->key ||
            memcmp(one->args, other->args, sizeof(one->args)) != 0 ||
            (a->think != NULL && a->think[i] != b->think[i])) {
            return false;
        }
    }
    return true;
}

/* Whether the strategy tries all schedules, as the scenario has them. */
static bool is_searching(const struct runner *r)
{
    const struct run_request *q = r->request;
    return q->mode == RUN_EXPLORE && q->workload == NULL && q->faults == NULL &&
           (r->strategy == &strategy_exhaustive ||
            r->strategy == &strategy_pruned || r->strategy == &strategy_dpor);
}

/* What keeps all clients of this runner apart. */
static enum apart find_obstacle(const struct runner *r)
{
    if (r->scenario->schedule.symmetry == SYMMETRY_OFF) {
        return APART_UNASKED;
    }
    if (!is_searching(r)) {
        return APART_NO_SEARCH;
    }
    if (r->algorithm->kind != FL_THREADS) {
        return APART_KIND;
    }
    if (r->scenario->rules_count > 0) {
        return APART_FAULTS;
    }
    return r->twins.told;
}

/* What keeps its clients apart, if nothing does all threads. */
static enum apart keep_apart(const struct runner *r)
{
    bool program = r->scenario->system.source.files.count > 0;
    if (program || r->clients < 2) {
        return APART_MADE; /* all others are made by the code */
    }
    return plugin_object(r->plugin, 0) == NULL && !r->algorithm->alike
               ? APART_NUMBERED
               : APART_NOT;
}

void twins_pair(struct twins *t, uint32_t thread, uint64_t others)
{
    assert(thread < FIBERS_MAX && (others & fiber_bit(thread)) == 0);
    if (others == 0) {
        return;
    }
    t->before[thread] = others;
    t->members |= others | fiber_bit(thread);
    t->fresh |= (others | fiber_bit(thread)) & ~t->begun;
    uint32_t place = 1 + (uint32_t)__builtin_popcountll(others); /* 2 .. k */
    bool fits = place <= FACTORIAL_MAX && t->product < UINT64_MAX / place;
    t->product = fits ? t->product * place : UINT64_MAX;
    t->stands_for = t->product > t->stands_for ? t->product : t->stands_for;
    t->apart = APART_NOT;
}

/* Finds which clients are alike. */
static void pair_clients(struct runner *r)
{
    for (uint32_t b = 0; b < r->clients; b++) {
        uint64_t others = 0;
        for (uint32_t a = 0; a < b; a++) {
            bool same =
                is_alike(&r->workload->plans[a], &r->workload->plans[b]);
            others |= same ? fiber_bit(a) : 0;
        }
        twins_pair(&r->twins, b, others);
    }
}

void twins_find(struct runner *r)
{
    struct twins *t = &r->twins;
    bool goes_on = r->request->exhaustive_next;
    enum apart before = t->apart;
    t->members = t->fresh = t->begun = t->named = 0;
    memset(t->before, 0, sizeof(t->before));
    t->product = 1;
    t->stands_for = goes_on && t->stands_for > 1 ? t->stands_for : 1;
    t->apart = find_obstacle(r);
    r->world.twins = NULL;
    if (t->apart != APART_NOT) {
        t->stands_for = 1;
        return;
    }
    assert(r->replicas == 0 && r->clients <= FIBERS_MAX);
    enum apart clients = keep_apart(r);
    t->apart = clients == APART_NOT ? APART_CALLS : clients;
    if (clients == APART_NOT) {
        pair_clients(r);
    }
    if (goes_on && before == APART_NOT) {
        t->apart = APART_NOT; /* some run has had twins */
    }
    t->begins = r->strategy != &strategy_dpor;
    families_begin(&t->families,
                   r->strategy != &strategy_pruned && !r->world.silent_stores);
    r->world.twins = t;
}

uint64_t twins_narrow(const struct twins *twins, uint64_t enabled)
{
    uint64_t narrow = enabled;
    for (uint64_t left = enabled & twins->fresh; left != 0; left &= left - 1) {
        uint32_t thread = (uint32_t)__builtin_ctzll(left);
        if ((twins->before[thread] & twins->fresh) != 0) {
            narrow &= ~fiber_bit(thread);
        }
    }
    /* The least of them is as free to begin as they are. */
    assert(narrow != 0 || enabled == 0);
    return narrow;
}

void twins_tell_apart(struct twins *t, enum apart how)
{
    if (t->told == APART_NOT) {
        t->told = how;
        t->lost++;
    }
}

void twins_named(struct world *w)
{
    if (w == NULL || w->twins == NULL || w->current == NULL) {
        return;
    }
    w->twins->named |= fiber_bit(w->current->id);
    if ((w->twins->members & fiber_bit(w->current->id)) != 0) {
        twins_tell_apart(w->twins, APART_NAMED);
    }
}

void twins_ordered(struct world *w, uint64_t threads)
{
    for (uint64_t left = w->twins == NULL ? 0 : threads & w->twins->members;
         left != 0; left &= left - 1) {
        uint32_t thread = (uint32_t)__builtin_ctzll(left);
        if ((w->twins->before[thread] & threads) != 0) {
            twins_tell_apart(w->twins, APART_ORDERED);
        }
    }
}
