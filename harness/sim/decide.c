/*
 * The decision who runs next.
 *
 * Exploring asks the strategy; a replay follows the switches of its trace.  A
 * replay that cannot (the thread of a switch is not enabled) has diverged; a
 * tolerant one, which is how edited traces are run, takes the plainest choice
 * instead: stay, or else the lowest-numbered enabled thread.
 *
 * A fiber that yielded is passed over until each other fiber that was enabled
 * then has had a step (the fair scheduler of CHESS: Musuvathi, Qadeer 2008).
 * A search also tries that it goes on at once, and leaving it is no preemption.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/decide.h"

#include "harness/sim/journal.h"
#include "harness/sim/memory.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/sim/schedule/walk.h"
#include "harness/sim/sync.h"
#include "harness/sim/twins.h"
#include "harness/sim/wait.h"

#include <assert.h>
#include <stdlib.h>

uint64_t decide_moment(const struct world *w, bool forced)
{
    return w->step << 1 | (forced ? 1 : 0);
}

void decide_yield(struct world *w)
{
    struct fiber *f = w->current;
    if (w->searches) {
        w->lets_go = true;
        world_reconsider(w);
        return;
    }
    f->yield_mask = w->enabled & ~fiber_bit(f->id);
    if (f->yield_mask == 0) {
        return;
    }
    w->yielding |= fiber_bit(f->id);
    if (w->strategy != NULL && w->strategy->yielded != NULL &&
        w->replay == NULL) {
        w->strategy->yielded(w->strategy_state, f->id);
    }
    world_reconsider(w);
}

/* `chosen` gets a step: those that wait for it to have one note it. */
static void note_turn(struct world *w, uint32_t chosen)
{
    for (uint64_t left = w->yielding; left != 0; left &= left - 1) {
        struct fiber *f = &w->fibers[__builtin_ctzll(left)];
        f->yield_mask &= ~fiber_bit(chosen) & w->enabled;
        if (f->yield_mask == 0) { /* one more to choose from */
            w->yielding &= ~fiber_bit(f->id);
            w->due = w->replay == NULL && w->step + 1 < w->due ? w->step + 1
                                                               : w->due;
        }
    }
}

/* The fibers to choose from: those that did not yield, if there are any, and of
 * twins that have not begun the least. */
static uint64_t candidates(struct world *w)
{
    uint64_t all = w->enabled;
    if (w->twins != NULL && w->twins->begins) {
        all = twins_narrow(w->twins, all);
    }
    uint64_t enabled = all & ~w->yielding;
    if (enabled == 0) {
        w->yielding = 0;
        enabled = all;
    }
    return enabled;
}

static uint32_t plainest(const struct world *w, uint64_t enabled)
{
    if (w->current != NULL && (enabled & fiber_bit(w->current->id)) != 0) {
        return w->current->id;
    }
    return (uint32_t)__builtin_ctzll(enabled);
}

/* The step at which the next switch of the trace is due. */
static uint64_t replay_due(const struct world *w)
{
    const struct trace *t = w->replay;
    return w->replay_next < t->switches_count
               ? t->switches[w->replay_next].step >> 1
               : UINT64_MAX;
}

/* Follows the trace; sets w->due. */
static uint32_t follow(struct world *w, uint64_t enabled, bool forced)
{
    const struct trace *t = w->replay;
    uint64_t moment = decide_moment(w, forced);
    while (w->tolerant && w->replay_next < t->switches_count &&
           t->switches[w->replay_next].step < moment) {
        w->replay_next++; /* its moment never came */
    }
    uint32_t thread = plainest(w, enabled);
    if (w->replay_next < t->switches_count &&
        t->switches[w->replay_next].step == moment) {
        uint32_t wanted = t->switches[w->replay_next].thread;
        w->replay_next++;
        if (wanted < FIBERS_MAX && (w->enabled & fiber_bit(wanted)) != 0) {
            thread = wanted;
        } else if (!w->tolerant) {
            world_fail(w, RUN_DIVERGED,
                       "step %llu: the trace goes on with thread %u, which "
                       "cannot run",
                       (unsigned long long)w->step, wanted);
            return thread;
        }
    }
    w->due = replay_due(w);
    if (w->due <= w->step) {
        w->due = w->step + 1;
    }
    return thread;
}

/* Whether what `f` is about to do would only wait. */
static bool is_blocked(const struct world *w, uint32_t id)
{
    const struct operation *next = &w->pending[id];
    switch ((enum awaited)next->awaits) {
    case AWAITS_LOCK: {
        uint32_t holder = sync_holder(w->sync, next->location);
        return holder != NO_FIBER && holder != id;
    }
    case AWAITS_THREAD:
        return w->fibers[next->thread].state != FIBER_DONE &&
               !sync_is_cancelled(w->sync, id);
    case AWAITS_NOTHING:
        break;
    }
    return false;
}

/* What only attentive strategies want to know. */
static void look(struct world *w, struct moment *moment)
{
    for (uint64_t left = moment->enabled; left != 0; left &= left - 1) {
        uint32_t id = (uint32_t)__builtin_ctzll(left);
        bool held_back = w->by_operations && memory_holds_back(w, id);
        if (held_back ||
            (w->pending[id].awaits != AWAITS_NOTHING && is_blocked(w, id))) {
            moment->blocked |= fiber_bit(id);
        }
        if (w->offer.wanted && sync_would_wait(w->sync, &w->pending[id], id)) {
            moment->waiting |= fiber_bit(id);
        }
    }
    moment->waiting |= moment->blocked;
    moment->pending = w->pending;
    moment->done = &w->done;
}

/* So many steps ahead, at most for ever. */
static inline uint64_t step_after(const struct world *w, uint64_t distance)
{
    uint64_t due = w->step + distance;
    return due < distance ? UINT64_MAX : due;
}

/* What the strategy says. */
static struct pick consult(struct world *w, struct moment *moment)
{
    if (w->attends) {
        look(w, moment);
    }
    struct pick pick = w->strategy->pick(w->strategy_state, moment, &w->choice);
    assert(!w->attends || pick.distance == 1);
    w->done.returned = false; /* of the pieces to come; searches clear all */
    return pick;
}

static uint32_t ask(struct world *w, uint64_t enabled, bool forced)
{
    uint32_t running = w->current == NULL ? NO_FIBER : w->current->id;
    struct moment moment = {.enabled = enabled,
                            .running = running,
                            .forced = forced || running == NO_FIBER ||
                                      w->lets_go || w->fibers[running].pseudo ||
                                      (enabled & fiber_bit(running)) == 0,
                            .step = w->step};
    struct pick pick = consult(w, &moment);
    if (w->footprint != NULL) {
        footprint_clear(w->footprint);
        w->footprint->number++;
        w->offer.made = false;
        w->offer.fences = 0;
        w->offer.moved.move = MOVE_NONE;
        w->offer.gave.move = MOVE_NONE;
        w->offer.used.why = UNGRAPHED_NOT;
        if (pick.thread == NO_FIBER) {
            world_fail(w, RUN_CUT, "what could follow was run before");
            return (uint32_t)__builtin_ctzll(enabled);
        }
    }
    assert(pick.thread < NO_FIBER && (enabled & fiber_bit(pick.thread)) != 0);
    assert(pick.distance > 0);
    w->due = step_after(w, pick.distance);
    return pick.thread;
}

/* In a random walk whose run length is over, with two enabled, it is the other
 * one: NULL if that is not so.  What strategy_walk() does, without a call: 3 %
 * of a short run. */
static inline struct fiber *walk_on(struct world *w)
{
    const struct fiber *running = w->current;
    if (w->walk == NULL || *w->walk != w->step || running->pseudo) {
        return NULL;
    }
    uint64_t others = w->enabled & ~fiber_bit(running->id);
    if (!walk_has_other(others)) {
        return NULL;
    }
    w->due = w->step + walk_length_of_two(&w->choice);
    *w->walk = w->due;
    w->switches++;
    w->preemptions++;
    return &w->fibers[__builtin_ctzll(others)];
}

struct fiber *decide_calmly(struct world *w)
{
    struct fiber *other = walk_on(w);
    if (other != NULL) {
        return other;
    }
    struct fiber *running = w->current;
    assert(w->calm && !w->ended && w->yielding == 0);
    struct moment moment = {.enabled = w->enabled,
                            .running = running->id,
                            .forced = running->pseudo,
                            .step = w->step};
    struct pick pick = consult(w, &moment);
    assert(pick.thread < NO_FIBER &&
           (w->enabled & fiber_bit(pick.thread)) != 0);
    assert(pick.distance > 0);
    w->due = step_after(w, pick.distance);
    if (pick.thread != running->id) {
        w->switches++;
        w->preemptions += running->pseudo ? 0 : 1;
    }
    return &w->fibers[pick.thread];
}

/* Counts a switch, and keeps it if the run is recorded. */
static void note_switch(struct world *w, uint32_t thread, bool forced)
{
    w->switches++;
    if (!forced && w->current != NULL && !w->current->pseudo &&
        (w->enabled & fiber_bit(w->current->id)) != 0) {
        w->preemptions++;
    }
    if (w->trace != NULL) {
        journal_switch(w, decide_moment(w, forced), thread);
    }
}

bool world_searches(const struct world *w)
{
    return w->replay == NULL && w->strategy != NULL &&
           w->strategy->choose != NULL;
}

uint32_t world_choose(struct world *w, enum stream stream, uint32_t below)
{
    if (below <= 1) {
        return 0;
    }
    if (world_searches(w)) {
        return world_settle(w, stream, below, 0);
    }
    return choice_below(&w->choice, stream, below);
}

uint32_t world_settle(struct world *w, enum stream stream, uint32_t below,
                      uint32_t drawn)
{
    assert(below > 0 && drawn < below);
    if (below > 1 && world_searches(w)) {
        drawn = w->strategy->choose(w->strategy_state, below);
    }
    uint64_t settled = choice_settle(&w->choice, stream, drawn);
    return settled < below ? (uint32_t)settled : below - 1;
}

struct fiber *decide_next(struct world *w, bool forced)
{
    while (w->enabled == 0 && !w->ended) {
        wait_pass(w);
    }
    if (w->ended) {
        return NULL;
    }
    uint64_t enabled = candidates(w);
    uint32_t chosen = w->replay != NULL ? follow(w, enabled, forced)
                                        : ask(w, enabled, forced);
    w->lets_go = false;
    if (w->ended) {
        return NULL; /* diverged, noticed on the main stack */
    }
    /* A trace keeps every switch; and every forced decision, since a fiber
     * that waited and goes on itself may wait again at the same step. */
    uint32_t running = w->current == NULL ? NO_FIBER : w->current->id;
    if (chosen != running) {
        note_switch(w, chosen, forced);
    } else if (forced && w->trace != NULL) {
        journal_switch(w, decide_moment(w, forced), chosen);
    }
    if (w->yielding != 0) {
        note_turn(w, chosen);
    }
    if (w->twins != NULL) {
        twins_began(w->twins, chosen);
    }
    world_due_next(w); /* a fiber that begins has not worked it out yet */
    return &w->fibers[chosen];
}
