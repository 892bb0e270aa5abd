/*
 * Progress: own steps of an operation, and who overtakes whom.
 *
 * An operation is overtaken when another client's is performed while it waits:
 * since the last time it counted it has made a step of its own, or it cannot
 * make one (it waits for a lock, or spins).  One that could go on and was not
 * let is no victim of the algorithm but of the schedule, and nothing is
 * counted; so the count means the same under a fair schedule and an unfair
 * one.  After a crash or a freeze nothing is counted either: who is overtaken
 * then may be so because of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/progress.h"

#include "harness/scenario.h"
#include "harness/sim/lull.h"

#include <assert.h>

static uint64_t own_steps(const struct world *w, const struct fiber *f)
{
    return f == w->current ? world_own_step(w) : f->steps;
}

static bool is_free(const struct world *w, const struct fiber *f)
{
    return f->state != FIBER_UNUSED && f->state != FIBER_DONE &&
           f->state != FIBER_CRASHED && (w->frozen & fiber_bit(f->id)) == 0 &&
           f->paused_until != FOREVER;
}

/* Whether everybody but the current fiber has ended, or is frozen. */
static bool is_alone(const struct world *w)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        if (&w->fibers[i] != w->current && is_free(w, &w->fibers[i])) {
            return false;
        }
    }
    return true;
}

/* The own step from which the bound counts; UINT64_MAX: not yet. */
static uint64_t counted_from(const struct world *w, const struct fiber *f)
{
    if (w->scenario->check.progress != PROGRESS_OBSTRUCTION_FREE) {
        return f->operation_start;
    }
    if (!f->alone) {
        return UINT64_MAX;
    }
    return f->alone_from > f->operation_start ? f->alone_from
                                              : f->operation_start;
}

uint64_t progress_until(struct world *w)
{
    struct fiber *f = w->current;
    assert(w->steps_bound > 0);
    if (!f->alone && is_alone(w)) {
        f->alone = true;
        f->alone_from = own_steps(w, f);
    }
    uint64_t from = counted_from(w, f);
    if (f->ticket == FL_OPEN || from == UINT64_MAX) {
        return UINT64_MAX;
    }
    uint64_t own = own_steps(w, f);
    uint64_t last = from + w->steps_bound;
    return own > last ? w->step : w->step + (last - own) + 1;
}

void progress_watch(struct world *w)
{
    struct fiber *f = w->current;
    uint64_t from = counted_from(w, f);
    uint64_t own = own_steps(w, f);
    if (f->ticket == FL_OPEN || from == UINT64_MAX || own <= from ||
        own - from <= w->steps_bound) {
        return;
    }
    bool alone = w->scenario->check.progress == PROGRESS_OBSTRUCTION_FREE;
    world_fail(w, RUN_STEPS_BOUND,
               "T%u took %llu own steps for one operation%s; the bound is %llu",
               f->id, (unsigned long long)(own - from), alone ? ", alone" : "",
               (unsigned long long)w->steps_bound);
}

void progress_called(struct world *w)
{
    struct fiber *f = w->current;
    assert(f != NULL && f->ticket != FL_OPEN);
    f->overtaken = 0;
    /* The point that it comes to next is not yet a step made. */
    f->overtaken_at = own_steps(w, f) + 1;
    if (w->steps_bound > 0) {
        world_reconsider_alarm(w);
    }
}

/* Whether a fault took somebody away, so that others may wait for ever. */
static bool is_disturbed(const struct world *w)
{
    return w->frozen != 0 || w->last_crash != FOREVER || w->net != NULL;
}

static bool waits(const struct world *w, const struct fiber *f)
{
    return f->state == FIBER_SPINNING ||
           (f->state == FIBER_WAITING && f->wait_object != NULL) ||
           (f->state == FIBER_READY && own_steps(w, f) > f->overtaken_at);
}

/* An operation was performed: `f`, in the middle of one, is overtaken. */
static void overtake(struct world *w, struct fiber *f)
{
    f->overtaken++;
    f->overtaken_at = own_steps(w, f);
    w->overtaken_most =
        f->overtaken > w->overtaken_most ? f->overtaken : w->overtaken_most;
    uint32_t bound = w->scenario->check.bypass_bound;
    if (bound != 0 && f->overtaken > bound) {
        world_fail(w, RUN_STARVED,
                   "%u operations of others were performed while one of T%u "
                   "waited; the bound is %u",
                   f->overtaken, f->id, bound);
    }
}

void progress_returned(struct world *w)
{
    struct fiber *here = w->current;
    uint64_t steps = own_steps(w, here) - here->operation_start;
    w->steps_most = steps > w->steps_most ? steps : w->steps_most;
    /* Performed: it no longer waits, though it may have a point to come before
     * its return is recorded. */
    here->overtaken_at = UINT64_MAX;
    lull_over(w);
    if (w->steps_bound > 0) {
        progress_watch(w);
    }
    if (w->in_flight <= 1) {
        return; /* nobody else is in the middle of one */
    }
    for (uint32_t i = 0; i < w->fibers_count && !is_disturbed(w); i++) {
        struct fiber *f = &w->fibers[i];
        if (f != here && f->ticket != FL_OPEN && waits(w, f)) {
            overtake(w, f);
        }
    }
}
