/*
 * The scheduler: what happens at a point, and who runs next.
 *
 * A point costs one addition and one comparison until something is due: the
 * strategy wants to be asked, a rule is due for the running thread, a deadline
 * or the step limit is reached.  All of these are folded into `until`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/world.h"

#include "harness/rules.h"
#include "harness/sim/decide.h"
#include "harness/sim/fiber.h"
#include "harness/sim/journal.h"
#include "harness/sim/lull.h"
#include "harness/sim/progress.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/sim/wait.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct world *world; /* see world.h: hooks have no argument to carry it in */

uint64_t world_own_step(const struct world *w)
{
    const struct fiber *f = w->current;
    assert(f != NULL);
    return f->steps + (w->step - f->resumed);
}

void world_settle_down(struct world *w)
{
    assert(w->current == NULL);
    rounds_begin(w);
    w->calm = !w->recording && w->replay == NULL && w->trace == NULL &&
              w->footprint == NULL && w->sites == 0 && w->steps_bound == 0 &&
              w->awaits == NULL && w->reach == NULL && !w->by_operations &&
              w->twins == NULL;
    w->plain_quick = w->calm && w->memory == NULL && !w->plain_points;
    w->walk = w->calm && w->strategy != NULL && w->strategy->walks != NULL
                  ? w->strategy->walks(w->strategy_state)
                  : NULL;
}

/* The step at which the slow path must be entered next. */
static void set_until(struct world *w)
{
    const struct fiber *f = w->current;
    uint64_t until = w->steps_max;
    if (f->alarm != UINT64_MAX) {
        uint64_t own = world_own_step(w);
        uint64_t ahead = f->alarm > own ? f->alarm - own : 1;
        until = moment_sooner(until, w->step + ahead);
    }
    if (w->steps_bound != 0) {
        until = moment_sooner(until, progress_until(w));
    }
    until = moment_sooner(until, w->next_rest);
    until = moment_sooner(until, w->lull_due);
    if (w->next_deadline != FOREVER && w->point_ns != 0) {
        uint64_t left =
            w->next_deadline > w->now ? w->next_deadline - w->now : 1;
        uint64_t ahead = (left - 1) / w->point_ns + 1;
        until = moment_sooner(until, w->step + ahead);
    }
    if (w->recording) {
        until = moment_sooner(until, (w->step | 63) + 1); /* a digest is due */
    }
    if (w->awaits != NULL || w->reach != NULL) {
        until = w->step; /* each access is looked at */
    }
    w->others = until > w->step ? until : w->step + 1;
    until = moment_sooner(w->due, w->others);
    w->until = until > w->step ? until : w->step + 1;
    w->quick = w->calm && w->memory == NULL ? w->until : 0;
}

/* Leaves the running fiber for `to`; both books of steps are kept. */
static void switch_to(struct world *w, struct fiber *to)
{
    struct fiber *from = w->current;
    from->steps = world_own_step(w);
    to->resumed = w->step;
    world_digest(w, w->step << 6 | to->id);
    fiber_jump(w, to);
    /* Somebody has come back to `from`. */
    assert(w->current == from);
    set_until(w);
}

/* Who goes on when the running fiber leaves; NULL: outside any fiber. */
static struct fiber *successor(struct world *w)
{
    struct fiber *from = w->current;
    from->steps = world_own_step(w);
    from->resumed = w->step;
    if (from->state == FIBER_CRASHED) {
        return NULL; /* it may be given a new life on this very stack */
    }
    struct fiber *to = decide_next(w, true);
    if (to != NULL) {
        to->resumed = w->step;
        world_digest(w, w->step << 6 | to->id);
    }
    return to;
}

void world_leave(struct world *w)
{
    fiber_leave(w, successor(w));
}

void world_reschedule(struct world *w)
{
    struct fiber *from = w->current;
    struct fiber *to = decide_next(w, true);
    if (to == NULL) {
        fiber_leave(w, NULL);
    }
    if (to != from) {
        switch_to(w, to);
    } else {
        set_until(w);
    }
}

/* The rules are due for the running fiber: a step, a lock held so long. */
static void ask_alarm(struct world *w, struct fiber *f)
{
    if (world_own_step(w) >= f->alarm) {
        world_site(w, SITE_STEP, world_own_step(w), 0);
        f->alarm = rules_alarm(w->rules, f->process_target);
    }
}

/* What world_point_due() does otherwise by decide_next(), switch_to() and
 * set_until(). */
void world_turn(struct world *w)
{
    struct fiber *from = w->current;
    struct fiber *to = decide_calmly(w);
    w->until = moment_sooner(w->due, w->others);
    w->quick = w->memory == NULL ? w->until : 0;
    if (to == from) {
        return;
    }
    from->steps += w->step - from->resumed;
    to->resumed = w->step;
    world_digest(w, w->step << 6 | to->id);
    fiber_jump(w, to);
    assert(w->current == from);
    if (__builtin_expect(w->others == 0, 0)) {
        set_until(w); /* whoever left was not calm */
    }
}

/* Whatever may be due. */
static __attribute__((noinline)) void due_slowly(struct world *w)
{
    struct fiber *f = w->current;
    if (w->step >= w->steps_max) {
        char lull[120];
        world_fail(w, RUN_STEP_LIMIT, "%llu steps, and clients still run%s",
                   (unsigned long long)w->step,
                   lull_describe(w, lull, sizeof(lull)));
    }
    if (w->recording && (w->step & 63) == 0) {
        journal_digest(w);
    }
    wait_expire(w);
    if (w->steps_bound != 0) {
        progress_watch(w);
    }
    if (f->alarm != UINT64_MAX) {
        ask_alarm(w, f);
    }
    if (w->step >= w->lull_due) {
        lull_watch(w);
    }
    if (w->step >= w->due) {
        struct fiber *to = decide_next(w, false);
        assert(to != NULL);
        if (to != f) {
            switch_to(w, to);
        }
    }
    set_until(w);
}

void world_point_due(struct world *w)
{
    if (__builtin_expect(w->calm && world_is_turn(w, w->step, w->now), 1)) {
        world_turn(w);
    } else {
        due_slowly(w);
    }
}

void world_due(struct world *w, enum fl_step_kind kind, const void *address)
{
    w->pending[w->current->id] =
        (struct operation){.kind = kind, .location = address};
    world_point_due(w);
}

void world_fail(struct world *w, enum run_end end, const char *format, ...)
{
    if (!w->ended) {
        w->ended = true;
        w->end = end;
        w->failed = w->current == NULL ? UINT32_MAX : w->current->id;
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(w->detail, sizeof(w->detail), format, arguments);
        va_end(arguments);
        if (w->recording && w->log != NULL) {
            w->log->fail_step = w->log->steps_count;
        }
    }
    if (w->current != NULL) {
        fiber_leave(w, NULL);
    }
}

uint32_t world_spawn(struct world *w, uint32_t process,
                     void (*entry)(void *argument), void *argument)
{
    if (w->fibers_count >= FIBERS_MAX) {
        return NO_FIBER;
    }
    uint32_t id = w->fibers_count++;
    struct fiber *f = &w->fibers[id];
    memset(f, 0, offsetof(struct fiber, reads));
    f->id = id;
    f->process = process;
    f->process_target = process;
    f->client = UINT32_MAX;
    f->state = FIBER_READY;
    f->entry = entry;
    f->argument = argument;
    f->wait_owner = NO_FIBER;
    f->deadline = FOREVER;
    f->alarm = UINT64_MAX;
    f->ticket = FL_OPEN;
    w->restart_at[id] = FOREVER;
    fiber_make(w->stacks, f, w->fill);
    w->pending[id] = (struct operation){.starts = true};
    w->enabled |= fiber_bit(id);
    world_reconsider(w);
    return id;
}

struct fiber *world_over(struct world *w)
{
    struct fiber *f = w->current;
    f->state = FIBER_DONE;
    w->enabled &= ~(fiber_bit(f->id));
    world_wake_all(w, f);
    return successor(w);
}

void world_exit(struct world *w)
{
    fiber_leave(w, world_over(w));
}

void world_client_done(struct world *w)
{
    assert(w->clients_left > 0);
    w->clients_left--;
    if (w->clients_left == 0) {
        /* Whoever could still run is stopped by this. */
        w->done.everything = (w->enabled & ~fiber_bit(w->current->id)) != 0;
        w->ended = true;
        w->end = RUN_FINISHED;
    }
}

void world_run(struct world *w)
{
    assert(w->current == NULL);
    while (!w->ended) {
        struct fiber *to = decide_next(w, true);
        if (to == NULL) {
            break;
        }
        to->resumed = w->step;
        world_digest(w, w->step << 6 | to->id);
        w->until = w->step + 1;
        fiber_jump(w, to);
        assert(w->current == NULL); /* the run has ended, or it crashed */
    }
}
