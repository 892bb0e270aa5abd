/*
 * The strategist: whose turn it is to schedule a run, and what it is told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/strategist.h"

#include "harness/need.h"
#include "harness/sim/await.h"
#include "harness/sim/schedule/list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* A run that is so much longer than those of the profile has somebody who
     * waits for one that the strategy keeps from running. */
    FAIR_FACTOR = 8,
    FAIR_MORE = 256
};

/* Properties of single operations are put to the test by an adversary, in
 * every other run. */
static bool wants_adversary(const struct runner *r)
{
    const struct check_section *c = &r->scenario->check;
    return c->progress == PROGRESS_WAIT_FREE || c->bypass_bound != 0;
}

/* The strategy of this name.  What was found last is kept by the place of its
 * name, which is the scenario's and stays. */
static const struct strategy *find_named(struct runner *r, const char *name)
{
    const struct run_request *q = r->request;
    if (q->strategy != NULL || r->named != name) {
        r->named = q->strategy != NULL ? NULL : name;
        r->by_name = strategy_find(name);
    }
    bool bounded = q->bounded || q->preemptions != 0 ||
                   r->scenario->schedule.preemptions_set;
    return r->by_name == &strategy_exhaustive && !bounded ? &strategy_dpor
                                                          : r->by_name;
}

/* Whether what is judged depends on more than the order of dependent events:
 * on who overtakes whom, or who is alone from when on. */
static bool is_counting(const struct check_section *c)
{
    return c->bypass_bound != 0 ||
           (c->steps_bound != 0 && c->progress == PROGRESS_OBSTRUCTION_FREE);
}

enum unpruned strategist_unpruned(const struct runner *r)
{
    const struct scenario *s = r->scenario;
    const struct run_request *q = r->request;
    if (!s->schedule.prune_states) {
        return UNPRUNED_UNASKED;
    }
    if (r->strategy != &strategy_exhaustive &&
        r->strategy != &strategy_pruned) {
        return UNPRUNED_NO_SEARCH;
    }
    if (q->workload != NULL || q->faults != NULL) {
        return UNPRUNED_NO_SEARCH; /* parts of a failure are tried */
    }
    if (s->rules_count > 0 || s->liveness.set) {
        return UNPRUNED_FAULTS;
    }
    if (r->algorithm->kind != FL_THREADS) {
        return UNPRUNED_KIND;
    }
    if (r->world.silent_stores) {
        return UNPRUNED_SILENT;
    }
    return is_counting(&s->check) ? UNPRUNED_COUNTS : UNPRUNED_NOT;
}

void strategist_pick(struct runner *r)
{
    const struct run_request *q = r->request;
    const struct names *names = &r->scenario->schedule.strategy;
    const char *name = q->strategy;
    r->turn = q->index;
    if (r->surveying) {
        r->strategy = &strategy_survey;
        return;
    }
    if (name == NULL && names->count == 0 && wants_adversary(r)) {
        r->turn = q->index / 2;
        if (q->index % 2 == 1) {
            r->strategy = strategy_find("adversary");
            return;
        }
    }
    if (name == NULL && names->count > 0) {
        name = names->name[q->index % names->count];
        r->turn = q->index / names->count;
    }
    r->strategy = find_named(r, name == NULL ? "auto" : name);
    assert(r->strategy != NULL); /* names were resolved */
    if (r->strategy == &strategy_exhaustive &&
        strategist_unpruned(r) == UNPRUNED_NOT) {
        r->strategy = &strategy_pruned;
    }
    if (r->strategy->member != NULL) {
        r->strategy = r->strategy->member(r->turn, &r->turn);
    }
}

void *strategist_state(struct runner *r, const struct strategy *strategy)
{
    if (strategy == &strategy_survey) {
        return &r->survey;
    }
    if (strategy == &strategy_pruned) {
        if (r->pruned == NULL) {
            r->pruned = need(calloc(1, strategy->size), "the search");
        }
        return r->pruned;
    }
    uint32_t place = strategy_place(strategy);
    assert(strategies[place] == strategy);
    return r->states[place];
}

/* Where a search finds what could be read: under the one model for which what
 * could be read is a matter of the execution graph. */
static struct offer *offer_of(struct runner *r)
{
    const struct system_section *s = &r->scenario->system;
    bool graphs = s->memory == MEMORY_C11 && s->kind == SYSTEM_THREADS &&
                  !s->stale_max_set;
    return graphs ? &r->world.offer : NULL;
}

/* Why there is none, though the memory model has views. */
static enum ungraphed ungraphed(const struct runner *r, bool ordered)
{
    const struct system_section *s = &r->scenario->system;
    if (s->memory != MEMORY_C11) {
        return UNGRAPHED_NOT;
    }
    return s->kind != SYSTEM_THREADS ? UNGRAPHED_KIND
           : s->stale_max_set        ? UNGRAPHED_BOUND
           : ordered                 ? UNGRAPHED_ORDERED
                                     : UNGRAPHED_NOT;
}

bool strategist_may_cut(const struct scenario *s)
{
    return s->check.steps_bound == 0 && s->check.bypass_bound == 0 &&
           s->check.progress <= PROGRESS_DEADLOCK_FREE;
}

void strategist_begin(struct runner *r)
{
    struct world *w = &r->world;
    w->strategy = r->strategy;
    w->strategy_state = strategist_state(r, r->strategy);
    const struct schedule_section *s = &r->scenario->schedule;
    struct profile profile = {
        .threads = r->lanes,
        .steps = r->profile_steps,
        .depth = s->depth,
        .preemptions = r->request->preemptions != 0 ? r->request->preemptions
                       : s->preemptions_set         ? s->preemptions
                                                    : 0,
        .delays = s->delays,
        .fair_after = s->fair_after != 0
                          ? s->fair_after
                          : FAIR_FACTOR * r->profile_steps + FAIR_MORE,
        .seed = r->request->seed,
        .turn = r->turn,
        .points = r->points,
        .weak = r->scenario->system.memory == MEMORY_C11,
        .placed = r->scenario->system.memory == MEMORY_C11 &&
                  r->scenario->system.mo != MO_INSERT,
        .ordered = w->sites != 0 || is_counting(&r->scenario->check),
        .buffers = r->scenario->system.memory == MEMORY_TSO,
        .cuts = w->awaits != NULL,
        .may_cut = !s->awaits_set && strategist_may_cut(r->scenario),
        .offer = offer_of(r),
        .ungraphed =
            ungraphed(r, w->sites != 0 || is_counting(&r->scenario->check)),
        .c20 = r->scenario->system.release_sequence == RELEASE_SEQUENCE_C20,
        .survey = &r->survey,
        .search = r->twins.lost,
        .twins =
            w->twins != NULL && !w->twins->begins ? w->twins->before : NULL,
    };
    if (r->request->exhaustive_next) {
        profile.preemptions = r->request->preemptions;
    }
    w->attends = w->strategy->attentive;
    w->footprint = w->attends && w->strategy->searches ? &w->done : NULL;
    if (w->footprint != NULL) {
        w->offer = (struct offer){.made = false};
    }
    w->offer.wanted = false;
    w->offer.cuts = false;
    w->strategy->begin(w->strategy_state, &profile, &w->choice);
    await_begin(w, w->awaits != NULL || w->offer.cuts);
}
