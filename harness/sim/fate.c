/*
 * Fate: faults decide elsewhere, here they act.
 *
 * A crash takes away every fiber of its target: its operation stays open for
 * ever, what it holds stays held (robust locks excepted), what it wrote stays
 * written.  Only a process or a node comes back, if its action says when.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/fate.h"

#include "harness/rules.h"
#include "harness/sim/clock.h"
#include "harness/sim/heap.h"
#include "harness/sim/journal.h"
#include "harness/sim/net.h"
#include "harness/sim/process.h"
#include "harness/sim/recovery.h"
#include "harness/sim/sync.h"
#include "harness/sim/wait.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The site that the running fiber is at. */
static struct site site_here(const struct world *w, uint32_t kind)
{
    const struct fiber *f = w->current;
    uint64_t own = world_own_step(w);
    return (struct site){.kind = (enum site_kind)kind,
                         .thread = f->process_target,
                         .operation = f->operation,
                         .own_step = (uint32_t)(own - f->place_start),
                         .thread_step = own,
                         .step = w->step,
                         .time = w->now,
                         .to = UINT32_MAX};
}

/* One fiber is crashed; its client's operation is cut off. */
static void crash_fiber(struct world *w, struct fiber *f, bool comes_back)
{
    if (f->state == FIBER_UNUSED || f->state == FIBER_DONE ||
        f->state == FIBER_CRASHED) {
        return;
    }
    sync_crash(w, f->id);
    wait_drop(w, f, FIBER_CRASHED);
    if (f->client == UINT32_MAX) {
        return;
    }
    recovery_cut(w, f);
    if (!comes_back) {
        w->frozen |= fiber_bit(f->id);
        world_client_done(w);
    }
}

static void crash(struct world *w, uint32_t target, const struct action *a)
{
    bool comes_back = a->down_for != UINT64_MAX && a->down_for != 0;
    bool any = false;
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        struct fiber *f = &w->fibers[i];
        if (f->process_target == target && f->state != FIBER_DONE &&
            f->state != FIBER_CRASHED) {
            any = true;
            crash_fiber(w, f, comes_back);
        }
    }
    if (!any) {
        return; /* it had ended before */
    }
    recovery_all(w);
    w->last_crash = w->now;
    rules_down(w->rules, target, true);
    if (w->net != NULL) {
        net_crash(w, target, a);
    } else if (w->scenario->system.kind == SYSTEM_PROCESSES) {
        process_died(target, a->pid_reused);
        heap_drop_process(w, target);
    }
    if (comes_back) {
        w->restart_at[target] = w->now + a->down_for;
        if (w->restart_at[target] < w->next_deadline) {
            w->next_deadline = w->restart_at[target];
        }
    }
    if (w->log != NULL && w->recording && target < 32) {
        w->log->crashed |= (uint32_t)1 << target;
    }
}

/* `f`, which is not running, rests from now on; if it waits, once its wait is
 * over. */
static void pause_other(struct world *w, struct fiber *f,
                        const struct action *a, uint32_t fault)
{
    f->fault = fault;
    if (f->state == FIBER_WAITING && !a->in_steps) {
        f->paused_until =
            a->amount == UINT64_MAX ? UINT64_MAX : w->now + a->amount;
        return;
    }
    if (f->state != FIBER_READY && f->state != FIBER_SPINNING) {
        return;
    }
    wait_drop(w, f, FIBER_RESTING);
    f->rest_until_step = UINT64_MAX;
    if (a->amount == UINT64_MAX) {
        w->frozen |= fiber_bit(f->id);
    } else if (a->in_steps) {
        f->rest_until_step = w->step + a->amount;
    } else {
        f->deadline = w->now + a->amount;
    }
    w->next_deadline = w->now; /* both are lower bounds: looked at next */
    w->next_rest = w->step;
}

static void act_crash(struct world *w, const struct action *a)
{
    struct fiber *here = w->current;
    for (uint64_t left = a->targets; left != 0; left &= left - 1) {
        crash(w, (uint32_t)__builtin_ctzll(left), a);
    }
    if (here != NULL && (w->ended || here->state == FIBER_CRASHED)) {
        world_leave(w);
    }
}

static void act_pause(struct world *w, const struct action *a, uint32_t fault)
{
    struct fiber *here = w->current;
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        struct fiber *f = &w->fibers[i];
        bool running = f == here && f->state == FIBER_READY;
        if (!running && (a->targets & fiber_bit(f->process_target)) != 0) {
            pause_other(w, f, a, fault);
        }
    }
    if (here != NULL && here->state == FIBER_READY && a->amount != 0 &&
        (a->targets & fiber_bit(here->process_target)) != 0) {
        here->fault = fault;
        wait_rest(w, a->amount, a->in_steps);
    }
}

static void jump_clocks(struct world *w, const struct action *a)
{
    for (uint64_t left = a->targets; left != 0; left &= left - 1) {
        clock_jump(w, (uint32_t)__builtin_ctzll(left), (int64_t)a->amount);
    }
}

/* Does what `a` says.  True: the operation at the site must fail. */
static bool act(struct world *w, struct action *a, const struct site *site)
{
    if (a->targets == 0) {
        a->targets = fiber_bit(site->thread);
    }
    uint32_t fault = journal_fault(w, a, site);
    switch (a->act) {
    case ACT_FAIL:
        return true;
    case ACT_DELAY:
    case ACT_PAUSE:
        act_pause(w, a, fault);
        return false;
    case ACT_CRASH:
        act_crash(w, a);
        return false;
    case ACT_REUSE:
        heap_set_reuse(w, (enum reuse)a->shape);
        return false;
    case ACT_CLOCK:
        if (w->net == NULL) {
            jump_clocks(w, a);
            return false;
        }
        net_act(w, a, fault);
        return false;
    case ACT_CUT:
    case ACT_CLOG:
        if (w->net != NULL) {
            net_act(w, a, fault);
        }
        return false;
    case ACT_NONE:
    case ACT_DROP:
    case ACT_DUPLICATE:
    case ACT_LATE:
        return false; /* messages are the network's own */
    }
    return false;
}

bool world_site(struct world *w, uint32_t site_kind, uint64_t count,
                size_t size)
{
    if (w->current == NULL || (w->sites >> site_kind & 1) == 0) {
        return false;
    }
    struct site site = site_here(w, site_kind);
    site.count = count;
    site.size = size;
    struct action action;
    bool fails = false;
    while (rules_ask(w->rules, &site, &action)) {
        fails = act(w, &action, &site) || fails;
    }
    if (fails) {
        world_polls(w); /* it may not fail the next time */
    }
    w->current->alarm = rules_alarm(w->rules, w->current->process_target);
    return fails;
}

bool fate_point(struct world *w, const char *name, uint32_t hit)
{
    if ((w->sites >> SITE_POINT & 1) == 0) {
        return false;
    }
    struct site site = site_here(w, SITE_POINT);
    site.point = name;
    site.hit = hit;
    site.visit = rules_visit(w->rules, &site);
    struct action action;
    while (rules_ask(w->rules, &site, &action)) {
        act(w, &action, &site);
    }
    w->current->alarm = rules_alarm(w->rules, w->current->process_target);
    return true;
}

/* The rules may have a new moment: the next point looks at the clock. */
static void look_ahead(struct world *w)
{
    uint64_t moment = w->sites == 0 ? FOREVER : rules_moment(w->rules);
    moment = moment < w->heal_at ? moment : w->heal_at;
    if (moment < w->next_deadline) {
        w->next_deadline = moment > w->now ? moment : w->now;
        world_due_next(w);
    }
}

void fate_start(struct world *w)
{
    struct site site = {.kind = SITE_START, .to = UINT32_MAX};
    struct action action;
    while ((w->sites >> SITE_START & 1) != 0 &&
           rules_ask(w->rules, &site, &action)) {
        act(w, &action, &site);
    }
    look_ahead(w);
}

/* A moment has come: by the clock, or after so many operations. */
static void act_now(struct world *w, uint64_t performed)
{
    const struct fiber *here = w->current;
    struct site site = {.kind = SITE_TIME,
                        .thread = here == NULL ? 0 : here->process_target,
                        .step = w->step,
                        .time = w->now,
                        .count = performed,
                        .to = UINT32_MAX};
    struct action action;
    while (!w->ended && rules_ask(w->rules, &site, &action)) {
        act(w, &action, &site);
    }
}

void fate_timed(struct world *w)
{
    if (w->sites != 0 && rules_moment(w->rules) <= w->now) {
        act_now(w, 0);
    }
}

void fate_performed(struct world *w)
{
    assert(w->current != NULL);
    uint64_t performed = rules_performed(w->rules, w->current->process_target);
    if ((w->sites >> SITE_TIME & 1) != 0) {
        act_now(w, performed);
        look_ahead(w);
    }
}

void fate_rested(struct world *w, struct fiber *f)
{
    w->frozen &= ~fiber_bit(f->id);
    journal_fault_over(w, f->fault);
}

/* Replicas that crashed for good come back, the first ones first, until as
 * many are up as `liveness.core` asks for. */
static void bring_up_core(struct world *w)
{
    const char *core = w->scenario->liveness.core;
    uint32_t replicas = w->scenario->system.replicas;
    if (core == NULL || w->net == NULL) {
        return;
    }
    uint32_t wanted = strcmp(core, "all") == 0 ? replicas : replicas / 2 + 1;
    uint32_t up = 0;
    for (uint32_t i = 0; i < replicas; i++) {
        up += w->fibers[i].state != FIBER_CRASHED ? 1 : 0;
    }
    for (uint32_t i = 0; i < replicas && up < wanted; i++) {
        if (w->fibers[i].state == FIBER_CRASHED) {
            w->restart_at[i] = FOREVER;
            world_restart(w, i);
            up++;
        }
    }
    assert(up >= wanted);
}

void fate_heal(struct world *w)
{
    w->sites = 0;
    w->heal_started = w->now;
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        struct fiber *f = &w->fibers[i];
        f->alarm = UINT64_MAX;
        f->paused_until = 0;
        if (f->state == FIBER_RESTING) {
            fate_rested(w, f);
            wait_ready(w, f, f->woken);
        }
    }
    if (w->net != NULL) {
        net_heal(w);
        bring_up_core(w);
    }
}
