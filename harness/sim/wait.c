/*
 * Waiting, and the passing of virtual time.
 *
 * While somebody can run, time passes 100 ns a point.  When nobody can, it
 * jumps to the next deadline, delivery, restart or timed rule; but before, a
 * fiber that spins is given further rounds, in case it only seems to (spin.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/wait.h"

#include "harness/sim/await.h"

#include "harness/rules.h"
#include "harness/sim/fate.h"
#include "harness/sim/journal.h"
#include "harness/sim/net.h"
#include "harness/sim/recovery.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/sim/spin.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void wait_ready(struct world *w, struct fiber *f, bool woken)
{
    assert(f->state == FIBER_WAITING || f->state == FIBER_SPINNING ||
           f->state == FIBER_RESTING);
    w->spinning &= ~fiber_bit(f->id);
    f->woken = woken;
    f->reads_count = 0;
    f->deadline = FOREVER;
    if (f->paused_until > w->now) { /* a fault holds it beyond its wait */
        f->state = FIBER_RESTING;
        f->rest_until_step = UINT64_MAX;
        f->deadline = f->paused_until;
        w->frozen |= f->deadline == FOREVER ? fiber_bit(f->id) : 0;
        w->next_deadline = moment_sooner(w->next_deadline, f->deadline);
        return;
    }
    f->state = FIBER_READY;
    w->enabled |= fiber_bit(f->id);
    world_reconsider(w);
}

void wait_drop(struct world *w, struct fiber *f, enum fiber_state state)
{
    w->enabled &= ~fiber_bit(f->id);
    w->spinning &= ~fiber_bit(f->id);
    w->yielding &= ~fiber_bit(f->id);
    f->state = state;
    f->deadline = FOREVER;
    f->reads_all = 0;
    world_reconsider(w);
}

void wait_announce(struct world *w, enum fl_step_kind kind, const void *object)
{
    const struct fiber *f = w->current;
    bool locks = f->then_locks != NULL;
    w->pending[f->id] = (struct operation){
        .kind = kind,
        .location = locks ? f->then_locks : object,
        .resumes = true,
        .move = locks ? MOVE_LOCK : MOVE_NONE,
        .awaits = locks ? AWAITS_LOCK : AWAITS_NOTHING,
    };
    if (object != NULL) {
        world_touch(w, object, 0, true);
    }
}

bool world_wait(struct world *w, const void *object, const char *what,
                uint32_t owner, uint64_t deadline)
{
    struct fiber *f = w->current;
    if (f == NULL) {
        world_fail(w, RUN_DEADLOCK,
                   "the set-up waits for a %s, and nobody else runs", what);
        return false;
    }
    f->state = FIBER_WAITING;
    f->wait_object = object;
    f->wait_what = what;
    f->wait_owner = owner;
    f->deadline = deadline;
    w->done.timed = w->done.timed || deadline != FOREVER;
    f->reads_count = 0;
    w->enabled &= ~fiber_bit(f->id);
    w->next_deadline = moment_sooner(w->next_deadline, deadline);
    wait_announce(w, FL_STEP_SYNC, object);
    journal_wait(w);
    world_reschedule(w);
    journal_wait_over(w, f);
    f->wait_object = NULL; /* until now it tells what a wake was for */
    return f->woken;
}

static uint64_t waiters(const struct world *w, const void *object)
{
    uint64_t waiting = 0;
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        if (f->state == FIBER_WAITING && f->wait_object == object) {
            waiting |= fiber_bit(i);
        }
    }
    return waiting;
}

uint32_t world_wake_one(struct world *w, const void *object)
{
    assert(object != NULL);
    world_touch(w, object, 0, true);
    uint64_t waiting = waiters(w, object);
    if (waiting == 0) {
        return NO_FIBER;
    }
    uint32_t count = (uint32_t)__builtin_popcountll(waiting);
    uint32_t skip = world_choose(w, STREAM_WAKE, count);
    while (skip-- > 0) {
        waiting &= waiting - 1;
    }
    uint32_t id = (uint32_t)__builtin_ctzll(waiting);
    wait_ready(w, &w->fibers[id], true);
    return id;
}

void world_wake_all(struct world *w, const void *object)
{
    assert(object != NULL);
    world_touch(w, object, 0, true);
    for (uint64_t left = waiters(w, object); left != 0; left &= left - 1) {
        wait_ready(w, &w->fibers[__builtin_ctzll(left)], true);
    }
}

void wait_rest(struct world *w, uint64_t amount, bool in_steps)
{
    struct fiber *f = w->current;
    assert(f != NULL && amount > 0);
    w->done.timed = true;
    f->state = FIBER_RESTING;
    f->rest_until_step = UINT64_MAX;
    f->deadline = FOREVER;
    if (amount == UINT64_MAX) {
        w->frozen |= fiber_bit(f->id);
    } else if (in_steps) {
        f->rest_until_step = w->step + amount;
        w->next_rest = moment_sooner(w->next_rest, f->rest_until_step);
    } else {
        f->deadline = w->now + amount;
        w->next_deadline = moment_sooner(w->next_deadline, f->deadline);
    }
    w->enabled &= ~fiber_bit(f->id);
    wait_announce(w, FL_STEP_TIME, NULL);
    world_reschedule(w);
}

/* Computes next_deadline and next_rest anew. */
static void find_next(struct world *w)
{
    w->next_deadline = w->sites == 0 ? FOREVER : rules_moment(w->rules);
    w->next_deadline = moment_sooner(w->next_deadline, w->heal_at);
    w->next_rest = UINT64_MAX;
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        w->next_deadline = moment_sooner(w->next_deadline, w->restart_at[i]);
        if (f->state == FIBER_WAITING || f->state == FIBER_RESTING) {
            w->next_deadline = moment_sooner(w->next_deadline, f->deadline);
        }
        if (f->state == FIBER_RESTING || f->state == FIBER_SPINNING) {
            w->next_rest = moment_sooner(w->next_rest, f->rest_until_step);
        }
    }
}

static void end_rest(struct world *w, struct fiber *f)
{
    fate_rested(w, f);
    f->paused_until = 0;
    wait_ready(w, f, f->woken);
}

void wait_expire(struct world *w)
{
    if (w->now < w->next_deadline && w->step < w->next_rest) {
        return;
    }
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        struct fiber *f = &w->fibers[i];
        if (f->state == FIBER_WAITING && f->deadline <= w->now) {
            wait_ready(w, f, false);
        } else if (f->state == FIBER_RESTING &&
                   (f->deadline <= w->now || f->rest_until_step <= w->step)) {
            end_rest(w, f);
        }
        if (f->state == FIBER_SPINNING && f->rest_until_step <= w->step) {
            f->spin_rounds = 0;
            f->proven = false;
            wait_ready(w, f, true);
        }
        if (w->restart_at[i] <= w->now) {
            w->restart_at[i] = FOREVER;
            world_restart(w, i);
        }
    }
    if (w->heal_at <= w->now) {
        w->heal_at = FOREVER;
        fate_heal(w);
    }
    fate_timed(w);
    find_next(w);
    recovery_watch(w);
}

/* The earliest moment at which somebody will be able to run: timed rules alone
 * do not count, for a fault frees nobody; but the final heal may. */
static uint64_t next_moment(const struct world *w)
{
    uint64_t moment = w->net == NULL ? FOREVER : net_moment(w->net);
    moment = moment_sooner(moment, w->heal_at);
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        moment = moment_sooner(moment, w->restart_at[i]);
        if (f->state == FIBER_WAITING || f->state == FIBER_RESTING) {
            moment = moment_sooner(moment, f->deadline);
        }
    }
    return moment == FOREVER ? FOREVER
                             : moment_sooner(moment, w->next_deadline);
}

/* Ends the shortest rest counted in steps: nobody else can make steps. */
static bool cut_rest(struct world *w)
{
    struct fiber *first = NULL;
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        struct fiber *f = &w->fibers[i];
        if (f->state == FIBER_RESTING && f->rest_until_step != UINT64_MAX &&
            (first == NULL || f->rest_until_step < first->rest_until_step)) {
            first = f;
        }
    }
    if (first != NULL) {
        end_rest(w, first);
    }
    return first != NULL;
}

/* Time passes to `moment`, at which somebody will be able to run. */
static void pass_to(struct world *w, uint64_t moment)
{
    if (moment > w->time_max) {
        w->now = w->now > w->time_max ? w->now : w->time_max;
        fate_out_of_time(w);
        return;
    }
    w->now = moment > w->now ? moment : w->now;
    if (w->net != NULL) {
        net_advance(w);
    }
    wait_expire(w);
}

void wait_pass(struct world *w)
{
    assert(w->enabled == 0 && !w->ended);
    find_next(w);
    if (cut_rest(w)) {
        return;
    }
    uint64_t moment = next_moment(w);
    if (w->spinning != 0 && spin_again(w, SPIN_ROUNDS, moment)) {
        return;
    }
    if (moment != FOREVER) {
        pass_to(w, moment);
    } else if (await_settle(w)) {
        return;
    } else if (w->spinning == 0 || fate_excuses(w) ||
               !(spin_again(w, UINT32_MAX, moment) ||
                 (spin_doubts(w) && spin_again(w, UINT32_MAX, moment)))) {
        fate_stuck(w);
    }
}
