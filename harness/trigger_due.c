/*
 * Triggers in a run: are they due?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/targets.h"
#include "harness/trigger.h"

#include <assert.h>
#include <string.h>

#define NEVER UINT64_MAX

static bool names(const struct names *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(list->name[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Is the site about one of those it waits for?  A message is its sender's and
 * its receiver's. */
static bool is_victim(const struct trigger *t, const struct site *site)
{
    uint64_t who = UINT64_C(1) << (site->thread % TARGETS_MAX);
    if (site->kind == SITE_SEND) {
        who |= UINT64_C(1) << (site->to % TARGETS_MAX);
    }
    return (t->victims & who) != 0;
}

/* Whatever else `when` says, beside what it waits for. */
static bool holds(const struct trigger *t, const struct site *site,
                  uint64_t performed)
{
    const struct when *when = t->when;
    if (when == NULL) {
        return true;
    }
    if (site->time < t->from_time || performed < t->from_ops) {
        return false;
    }
    return when->holding.count == 0 ||
           (site->thread < t->threads && t->held[site->thread] != 0);
}

static bool due_at_step(struct trigger *t, struct choice *choice,
                        const struct site *site, uint64_t performed)
{
    uint32_t thread = site->thread;
    if (thread >= t->threads || site->thread_step < t->due[thread] ||
        !holds(t, site, performed)) {
        return false;
    }
    t->due[thread] = t->when != NULL
                         ? NEVER
                         : trigger_next_step(t, choice, site->thread_step + 1);
    return true;
}

/* Whoever it is that comes there. */
static bool is_event(const struct trigger *t, const struct site *site)
{
    return site->point != NULL && names(&t->when->event, site->point) &&
           (!t->when->hit.set || site->hit == t->hit);
}

/* With `step`, the first such site from that step on; else each of them. */
static bool due_at_site(struct trigger *t, const struct site *site,
                        uint64_t performed)
{
    const struct when *when = t->when;
    if (trigger_is_event(t)) {
        return is_event(t, site) && holds(t, site, performed);
    }
    if (!is_victim(t, site) || !holds(t, site, performed)) {
        return false;
    }
    if (when == NULL) {
        return true;
    }
    if (when->point.count > 0 &&
        (site->point == NULL || !names(&when->point, site->point) ||
         (when->hit.set && site->hit != t->hit))) {
        return false;
    }
    if (when->call.set && site->count != t->call) {
        return false;
    }
    uint64_t from = t->from_step;
    bool once = when->step.set || when->every_step;
    if (when->holding.count > 0 && when->step.set) {
        from = t->due[site->thread];
    }
    uint64_t me = UINT64_C(1) << (site->thread % TARGETS_MAX);
    if (once && (site->thread_step < from || (t->served & me) != 0)) {
        return false;
    }
    t->served |= once ? me : 0;
    return true;
}

/* The moment has come; the next one is later. */
static void pass_moment(struct trigger *t, struct choice *choice, uint64_t now)
{
    t->moment = NEVER;
    if (t->when == NULL && t->rule->every.set) {
        uint64_t gap = trigger_draw(&t->rule->every, choice);
        gap = gap > 0 ? gap : 1;
        t->moment = gap < NEVER - now ? now + gap : NEVER;
    }
}

static bool due_in_window(struct trigger *t, struct choice *choice,
                          const struct site *site, uint64_t performed)
{
    if (site->kind == SITE_SEND) {
        return site->time < t->window_end && is_victim(t, site);
    }
    if (site->time >= t->moment && holds(t, site, performed)) {
        uint64_t length = trigger_draw(&t->rule->duration, choice);
        t->window_end =
            length < NEVER - site->time ? site->time + length : NEVER;
        pass_moment(t, choice, site->time);
    }
    return false;
}

bool trigger_due(struct trigger *t, struct choice *choice,
                 const struct site *site, uint64_t performed)
{
    assert(t->live && (t->sites >> site->kind & 1) != 0);
    switch (t->kind) {
    case TRIGGER_IMPOSSIBLE:
        return false;
    case TRIGGER_START:
        return true;
    case TRIGGER_MOMENT:
        if (site->time < t->moment || !holds(t, site, performed)) {
            return false;
        }
        pass_moment(t, choice, site->time);
        return true;
    case TRIGGER_WINDOW:
        return due_in_window(t, choice, site, performed);
    case TRIGGER_STEP:
        return due_at_step(t, choice, site, performed);
    case TRIGGER_SITE:
        return due_at_site(t, site, performed);
    }
    return false;
}

void trigger_held(struct trigger *t, struct choice *choice, uint32_t thread,
                  uint64_t thread_step, const char *name)
{
    if (t->when == NULL || thread >= t->threads ||
        !names(&t->when->holding, name) || (t->victims >> thread & 1) == 0) {
        return;
    }
    uint64_t after = trigger_draw(&t->when->step, choice);
    t->held[thread] = thread_step + 1;
    t->served &= ~(UINT64_C(1) << thread);
    t->due[thread] = thread_step + after;
}

void trigger_unheld(struct trigger *t, uint32_t thread, const char *name)
{
    if (t->when == NULL || thread >= t->threads ||
        !names(&t->when->holding, name)) {
        return;
    }
    t->held[thread] = 0;
    t->due[thread] = NEVER;
}

void trigger_down(struct trigger *t, uint32_t thread)
{
    bool holding = t->when != NULL && t->when->holding.count > 0;
    if (t->live && holding && thread < t->threads) {
        t->held[thread] = 0;
        t->due[thread] = NEVER;
    }
}

void trigger_performed(struct trigger *t, uint64_t performed)
{
    bool waits = t->kind == TRIGGER_MOMENT && t->when != NULL &&
                 t->from_ops > 0 && performed == t->from_ops;
    if (t->live && waits) {
        t->moment = t->from_time; /* if that is over: at once */
    }
}
