/*
 * Triggers: their kinds, and how they are armed for a run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/trigger.h"

#include "harness/need.h"
#include "harness/targets.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEVER UINT64_MAX

enum {
    MILLION = 1000000,
    CALLS = 1u << SITE_CAS_WEAK | 1u << SITE_ALLOC | 1u << SITE_SEND,
};

static bool has(const struct fault *fault, enum site_kind kind)
{
    return (fault->sites >> kind & 1) != 0;
}

/* A rule without `when`. */
static enum trigger_kind kind_alone(const struct fault *fault,
                                    const struct rule *rule)
{
    bool steps = rule->every.set && rule->every.unit != UNIT_NS;
    if (steps) {
        return has(fault, SITE_STEP) ? TRIGGER_STEP : TRIGGER_IMPOSSIBLE;
    }
    if (rule->every.set) {
        return has(fault, SITE_TIME)   ? TRIGGER_MOMENT
               : has(fault, SITE_SEND) ? TRIGGER_WINDOW
                                       : TRIGGER_IMPOSSIBLE;
    }
    if (has(fault, SITE_START)) {
        return TRIGGER_START;
    }
    if (has(fault, SITE_STEP) && rule->p_ppm < MILLION) {
        return TRIGGER_STEP;
    }
    return has(fault, SITE_TIME) ? TRIGGER_MOMENT : TRIGGER_SITE;
}

/* A point that a target reaches, or an event, which excludes whatever is asked
 * of one target. */
static enum trigger_kind kind_at_point(const struct fault *fault,
                                       const struct when *when)
{
    bool one = when->point.count > 0 || when->holding.count > 0 ||
               when->step.set || when->call.set || when->every_step;
    bool odd = when->event.count > 0 && one;
    return has(fault, SITE_POINT) && !odd ? TRIGGER_SITE : TRIGGER_IMPOSSIBLE;
}

enum trigger_kind trigger_kind_of(const struct fault *fault,
                                  const struct rule *rule,
                                  const struct when *when)
{
    if (when == NULL) {
        return kind_alone(fault, rule);
    }
    if (when->point.count > 0 || when->event.count > 0) {
        return kind_at_point(fault, when);
    }
    if (when->call.set) {
        return (fault->sites & CALLS) != 0 ? TRIGGER_SITE : TRIGGER_IMPOSSIBLE;
    }
    if (when->step.set || when->holding.count > 0 || when->every_step) {
        return has(fault, SITE_STEP)         ? TRIGGER_STEP
               : (fault->sites & CALLS) != 0 ? TRIGGER_SITE
                                             : TRIGGER_IMPOSSIBLE;
    }
    if (has(fault, SITE_TIME)) {
        return TRIGGER_MOMENT;
    }
    if (when->time.set && rule->duration.set && has(fault, SITE_SEND)) {
        return TRIGGER_WINDOW;
    }
    return (fault->sites & CALLS) != 0 ? TRIGGER_SITE : TRIGGER_IMPOSSIBLE;
}

static uint32_t sites_of(const struct trigger *t, const struct fault *fault)
{
    switch (t->kind) {
    case TRIGGER_IMPOSSIBLE:
        return 0;
    case TRIGGER_START:
        return 1u << SITE_START;
    case TRIGGER_MOMENT:
        return 1u << SITE_TIME;
    case TRIGGER_WINDOW:
        return 1u << SITE_TIME | 1u << SITE_SEND;
    case TRIGGER_STEP:
        return 1u << SITE_STEP;
    case TRIGGER_SITE:
        break;
    }
    bool point = t->when != NULL &&
                 (t->when->point.count > 0 || t->when->event.count > 0);
    return fault->sites & (point ? 1u << SITE_POINT : (uint32_t)CALLS);
}

void trigger_init(struct trigger *t, const struct fault *fault,
                  const struct rule *rule, const struct when *when,
                  uint32_t threads)
{
    assert(threads <= TARGETS_MAX);
    *t = (struct trigger){.rule = rule,
                          .when = when,
                          .kind = trigger_kind_of(fault, rule, when),
                          .takes_down = fault->down,
                          .shapes = fault->targets == 1u << TARGET_NODES,
                          .threads = threads};
    t->sites = sites_of(t, fault);
    t->each = t->kind == TRIGGER_STEP && when == NULL && !rule->every.set;
    t->whoever = when == NULL
                     ? !rule->every.set
                     : when->point.count > 0 || when->holding.count > 0;
    t->due =
        need(calloc(2 * (size_t)threads + 1, sizeof(*t->due)), "fault rules");
    t->held = t->due + threads;
}

void trigger_release(struct trigger *t)
{
    free(t->due);
    t->due = NULL;
    t->held = NULL;
}

uint64_t trigger_draw(const struct quantity *q, struct choice *choice)
{
    if (!q->set) {
        return 0;
    }
    int64_t drawn = quantity_draw(q, choice, STREAM_FAULTS);
    return drawn < 0 ? 0 : (uint64_t)drawn;
}

/* Steps until the next one that is hit with probability p: so that a rare
 * fault costs nothing at the steps between. */
static uint64_t draw_gap(const struct trigger *t, struct choice *choice)
{
    uint32_t p = t->rule->p_ppm;
    if (p == 0) {
        return NEVER;
    }
    struct quantity gap = {.set = true,
                           .unit = UNIT_STEPS,
                           .kind = DIST_EXPONENTIAL,
                           .a = MILLION / p,
                           .min = 0,
                           .max = INT64_MAX};
    return p >= MILLION ? 0 : trigger_draw(&gap, choice);
}

uint64_t trigger_next_step(const struct trigger *t, struct choice *choice,
                           uint64_t step)
{
    uint64_t gap = 0;
    if (t->each) {
        gap = draw_gap(t, choice);
    } else {
        assert(t->rule->every.set);
        gap = trigger_draw(&t->rule->every, choice);
        gap = gap == 0 ? 0 : gap - 1;
    }
    return gap >= NEVER - step ? NEVER : step + gap;
}

/* Draws one of those who could be meant, or as many as the target says. */
static void draw_victims(struct trigger *t, const struct arming *a)
{
    const struct target *target = &t->rule->target;
    uint32_t count = (uint32_t)__builtin_popcountll(a->candidates);
    uint32_t wanted = count;
    bool systematic = t->when != NULL && t->when->every_step;
    t->victims = a->candidates;
    if (!target->set || target->set_of == TARGET_LINKS || count == 0) {
        return;
    }
    switch (target->pick) {
    case PICK_ANY:
        wanted = t->whoever || systematic ? count : 1;
        break;
    case PICK_RANDOM:
        wanted = target->count;
        break;
    case PICK_MINORITY:
        wanted = (count - 1) / 2;
        break;
    case PICK_MAJORITY:
        wanted = count / 2 + 1;
        break;
    case PICK_ALL:
    case PICK_NAMED:
    case PICK_LEADER:
        break;
    }
    t->victims = targets_draw(a->candidates, wanted, a->choice);
}

/* Systematic: run k is about own step k; of "any" thread, about step k / n of
 * thread k mod n. */
static void arm_every_step(struct trigger *t, const struct arming *a)
{
    uint32_t count = (uint32_t)__builtin_popcountll(t->victims);
    t->from_step = a->index;
    if (t->rule->target.pick != PICK_ANY || count == 0) {
        return;
    }
    uint64_t left = t->victims;
    for (uint64_t skip = a->index % count; skip > 0; skip--) {
        left &= left - 1;
    }
    t->victims = left & (~left + 1);
    t->from_step = a->index / count;
}

static void arm_steps(struct trigger *t, struct choice *choice)
{
    bool holding = t->when != NULL && t->when->holding.count > 0;
    for (uint32_t i = 0; i < t->threads; i++) {
        t->due[i] = NEVER;
        if ((t->victims >> i & 1) == 0 || holding) {
            continue;
        }
        t->due[i] =
            t->when != NULL ? t->from_step : trigger_next_step(t, choice, 0);
    }
}

static void arm_moment(struct trigger *t, struct choice *choice)
{
    t->moment = 0;
    t->window_end = 0;
    if (t->when != NULL) {
        t->moment = t->from_ops > 0 ? NEVER : t->from_time;
    } else if (t->rule->every.set) {
        uint64_t gap = trigger_draw(&t->rule->every, choice);
        t->moment = gap > 0 ? gap : 1;
    }
}

void trigger_arm(struct trigger *t, const struct arming *a)
{
    const struct when *when = t->when;
    t->live = true;
    t->served = 0;
    t->moment = NEVER;
    t->from_step = 0;
    if (t->kind != TRIGGER_MOMENT && !trigger_is_event(t)) {
        draw_victims(t, a);
    } else {
        t->victims = a->candidates;
    }
    if (when != NULL) {
        if (when->every_step) {
            arm_every_step(t, a);
        } else if (when->step.set && when->holding.count == 0) {
            t->from_step = trigger_draw(&when->step, a->choice);
        }
        t->from_time = trigger_draw(&when->time, a->choice);
        t->from_ops = trigger_draw(&when->after_ops, a->choice);
        t->call = trigger_draw(&when->call, a->choice);
        t->hit = trigger_draw(&when->hit, a->choice);
        if (when->holding.count > 0) {
            memset(t->held, 0, t->threads * sizeof(*t->held));
        }
    }
    if (t->kind == TRIGGER_STEP) {
        arm_steps(t, a->choice);
    } else if (t->kind == TRIGGER_MOMENT || t->kind == TRIGGER_WINDOW) {
        arm_moment(t, a->choice);
    }
}
