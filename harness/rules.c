/*
 * The rules of a scenario in a run.
 *
 * Each rule has its triggers in one row; a site is put to those that live, in
 * order, from where the last answer left off.
 *
 *     site ──> trigger due? ──> p, limit ──> whom? ──> room? ──> fault decides
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/rules.h"

#include "harness/agenda.h"
#include "harness/budget.h"
#include "harness/need.h"
#include "harness/targets.h"
#include "harness/trigger.h"
#include "harness/victims.h"
#include "harness/visits.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MILLION = 1000000,
    TRIGGERS_MAX = RULES_MAX * ANY_OF_MAX,
    OCCURRENCES_MIN = 64,
};

/* One rule: what it is in every run, and in this one. */
struct armed_rule {
    const struct rule *rule;
    const struct fault *fault;
    uint64_t candidates;
    uint64_t *links; /* bit b of links[a]: a->b; NULL: not about links; owned */
    uint32_t acted;  /* in this run */
    uint64_t fired;  /* in all runs */
    uint64_t active; /* runs */
};

struct rules {
    const struct scenario *scenario;
    struct targets all;
    struct choice *choice;
    struct agenda *agenda;
    bool lenient; /* the agenda, if there is one */
    bool replays;
    uint64_t heal_at; /* no fault begins from then on */
    uint64_t performed;
    uint32_t sites;
    uint64_t moment;
    struct budget budget;

    uint32_t count;
    struct armed_rule armed[RULES_MAX];
    uint32_t triggers_count;
    struct trigger triggers[TRIGGERS_MAX];

    struct occurrence *occurrences;
    uint32_t occurrences_count;
    uint32_t occurrences_max;

    struct visits visits;
};

static const struct fault *find_fault(const char *kind)
{
    for (uint32_t i = 0; faults[i] != NULL; i++) {
        if (strcmp(faults[i]->name, kind) == 0) {
            return faults[i];
        }
    }
    return NULL;
}

static void find_links(struct rules *rules, struct armed_rule *armed)
{
    const struct target *target = &armed->rule->target;
    if (target->set_of != TARGET_LINKS || !target->set ||
        target->pick != PICK_NAMED) {
        return;
    }
    armed->links =
        need(calloc(TARGETS_MAX, sizeof(*armed->links)), "fault rules");
    for (uint32_t i = 0; i < target->names.count; i++) {
        targets_link(&rules->all, target->names.name[i], armed->links);
    }
}

static void add_triggers(struct rules *rules, uint32_t index)
{
    const struct armed_rule *armed = &rules->armed[index];
    const struct rule *rule = armed->rule;
    uint32_t count = rule->when_count > 0 ? rule->when_count : 1;
    for (uint32_t i = 0; i < count && armed->fault != NULL; i++) {
        assert(rules->triggers_count < TRIGGERS_MAX);
        struct trigger *t = &rules->triggers[rules->triggers_count++];
        const struct when *when = rule->when_count > 0 ? &rule->when[i] : NULL;
        trigger_init(t, armed->fault, rule, when, rules->all.count);
        t->rule_index = index;
    }
}

struct rules *rules_new(const struct rules_setting *setting)
{
    const struct scenario *scenario = setting->scenario;
    assert(setting->threads <= TARGETS_MAX);
    assert(scenario->rules_count <= RULES_MAX);
    struct rules *rules = need(calloc(1, sizeof(*rules)), "fault rules");
    rules->scenario = scenario;
    rules->all = (struct targets){.count = setting->threads,
                                  .replicas = setting->replicas,
                                  .names = setting->names};
    uint32_t counted =
        setting->replicas > 0 ? setting->replicas : setting->threads;
    rules->budget.max = scenario->limits.down_or_cut_max;
    rules->budget.counted = targets_first(counted);
    rules->agenda = agenda_new(setting->replicas);
    bool heals = scenario->liveness.set && scenario->liveness.heal_after_ns > 0;
    rules->heal_at = heals ? scenario->liveness.heal_after_ns : UINT64_MAX;
    rules->count = scenario->rules_count;
    for (uint32_t i = 0; i < rules->count; i++) {
        struct armed_rule *armed = &rules->armed[i];
        armed->rule = &scenario->rules[i];
        armed->fault = find_fault(armed->rule->kind);
        if (armed->fault != NULL && armed->fault->decide == NULL) {
            armed->fault = NULL; /* cannot act yet: rules_resolve() said so */
        }
        armed->candidates =
            targets_candidates(&rules->all, &armed->rule->target);
        if (armed->fault != NULL && !armed->rule->target.set &&
            (armed->fault->sites >> SITE_SEND & 1) != 0) {
            armed->candidates = targets_first(rules->all.count);
        }
        find_links(rules, armed);
        add_triggers(rules, i);
    }
    return rules;
}

void rules_free(struct rules *rules)
{
    if (rules == NULL) {
        return;
    }
    for (uint32_t i = 0; i < rules->count; i++) {
        free(rules->armed[i].links);
    }
    for (uint32_t i = 0; i < rules->triggers_count; i++) {
        trigger_release(&rules->triggers[i]);
    }
    agenda_free(rules->agenda);
    free(rules->occurrences);
    free(rules);
}

static void find_moment(struct rules *rules)
{
    rules->moment = UINT64_MAX;
    for (uint32_t i = 0; i < rules->triggers_count; i++) {
        const struct trigger *t = &rules->triggers[i];
        if (t->live && t->moment < rules->moment) {
            rules->moment = t->moment;
        }
    }
    if (rules->moment >= rules->heal_at) {
        rules->moment = UINT64_MAX;
    }
}

/* Draws which rules are active in this run, and what they wait for. */
static void arm(struct rules *rules, uint64_t index)
{
    bool active[RULES_MAX] = {false};
    for (uint32_t i = 0; i < rules->count; i++) {
        struct armed_rule *armed = &rules->armed[i];
        uint32_t swarm = armed->rule->swarm_ppm;
        active[i] = swarm >= MILLION ||
                    choice_chance(rules->choice, STREAM_FAULTS, swarm);
        armed->active += active[i] ? 1 : 0;
    }
    rules->sites = 0;
    for (uint32_t i = 0; i < rules->triggers_count; i++) {
        struct trigger *t = &rules->triggers[i];
        t->live = false;
        if (active[t->rule_index]) {
            struct arming arming = {
                .choice = rules->choice,
                .index = index,
                .candidates = rules->armed[t->rule_index].candidates,
            };
            trigger_arm(t, &arming);
            rules->sites |= t->sites;
        }
    }
    find_moment(rules);
}

/* Counts the rules that a trace has occurrences of as active. */
static void count_active(struct rules *rules, const struct trace *trace)
{
    assert(trace != NULL);
    bool active[RULES_MAX] = {false};
    for (uint32_t i = 0; i < trace->occurrences_count; i++) {
        uint32_t rule = trace->occurrences[i].rule;
        if (rule < rules->count && !active[rule]) {
            active[rule] = true;
            rules->armed[rule].active++;
        }
    }
}

void rules_be_lenient(struct rules *rules, bool lenient)
{
    rules->lenient = lenient;
}

void rules_begin(struct rules *rules, struct choice *choice,
                 const struct trace *trace, uint64_t index)
{
    rules->choice = choice;
    rules->replays = trace != NULL;
    rules->performed = 0;
    rules->occurrences_count = 0;
    visits_begin(&rules->visits);
    budget_begin(&rules->budget);
    for (uint32_t i = 0; i < rules->count; i++) {
        rules->armed[i].acted = 0;
    }
    if (rules->replays) {
        agenda_begin(rules->agenda, trace, rules->lenient);
        rules->sites = agenda_sites(rules->agenda);
        count_active(rules, trace);
    } else {
        arm(rules, index);
    }
}

uint32_t rules_sites(const struct rules *rules)
{
    return rules->sites;
}

uint64_t rules_alarm(const struct rules *rules, uint32_t thread)
{
    if (thread >= rules->all.count) {
        return UINT64_MAX;
    }
    if (rules->replays) {
        return agenda_awaits(rules->agenda, thread) ? 0 : UINT64_MAX;
    }
    uint64_t alarm = UINT64_MAX;
    for (uint32_t i = 0; i < rules->triggers_count; i++) {
        const struct trigger *t = &rules->triggers[i];
        if (t->live && t->kind == TRIGGER_STEP && t->due[thread] < alarm) {
            alarm = t->due[thread];
        }
    }
    return alarm;
}

uint64_t rules_moment(const struct rules *rules)
{
    return rules->replays ? agenda_moment(rules->agenda) : rules->moment;
}

static bool is_about(const struct armed_rule *armed, const struct site *site)
{
    return site->kind != SITE_SEND || armed->links == NULL ||
           (armed->links[site->thread % TARGETS_MAX] >>
                (site->to % TARGETS_MAX) &
            1) != 0;
}

/* Shortens what would last beyond the moment at which everything heals. */
static void end_by(struct action *action, uint64_t now, uint64_t heal_at)
{
    if (heal_at == UINT64_MAX) {
        return;
    }
    assert(now < heal_at);
    uint64_t left = heal_at - now;
    bool lasts = action->act == ACT_DELAY || action->act == ACT_PAUSE ||
                 action->act == ACT_CUT || action->act == ACT_CLOG;
    if (lasts && !action->in_steps && action->amount > left) {
        action->amount = left;
    }
    if (action->act == ACT_CRASH && action->down_for != UINT64_MAX &&
        action->down_for > left) {
        action->down_for = left;
    }
}

/* Keeps what happened, for the trace. */
static void keep(struct rules *rules, uint32_t rule, const struct site *site,
                 const struct action *action)
{
    if (rules->occurrences_count == rules->occurrences_max) {
        uint32_t max = rules->occurrences_max * 2;
        max = max < OCCURRENCES_MIN ? OCCURRENCES_MIN : max;
        rules->occurrences =
            need(realloc(rules->occurrences, max * sizeof(*rules->occurrences)),
                 "fault rules");
        rules->occurrences_max = max;
    }
    rules->occurrences[rules->occurrences_count++] =
        (struct occurrence){.rule = rule, .site = *site, .action = *action};
    if (rule < rules->count) {
        rules->armed[rule].acted++;
        rules->armed[rule].fired++;
    }
    budget_take(&rules->budget, action, site->time);
}

/* The scenario's own copy of the point's name, for the occurrence. */
static const char *point_of(const struct trigger *t, const struct site *site)
{
    const struct names *list = t->when == NULL       ? NULL
                               : trigger_is_event(t) ? &t->when->event
                                                     : &t->when->point;
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        if (site->point != NULL && strcmp(list->name[i], site->point) == 0) {
            return list->name[i];
        }
    }
    return NULL;
}

static void retire(struct rules *rules, uint32_t rule)
{
    for (uint32_t i = 0; i < rules->triggers_count; i++) {
        if (rules->triggers[i].rule_index == rule) {
            rules->triggers[i].live = false;
        }
    }
}

/* The trigger is due: does the rule act? */
static bool try_rule(struct rules *rules, const struct trigger *t,
                     const struct site *site, struct action *action)
{
    const struct armed_rule *armed = &rules->armed[t->rule_index];
    const struct rule *rule = armed->rule;
    if (!is_about(armed, site) ||
        (!t->each && rule->p_ppm < MILLION &&
         !choice_chance(rules->choice, STREAM_FAULTS, rule->p_ppm))) {
        return false;
    }
    struct fault_context context = {.scenario = rules->scenario,
                                    .rule = rule,
                                    .targets = armed->candidates,
                                    .choice = rules->choice,
                                    .threads = rules->all.count,
                                    .replicas = rules->all.replicas};
    context.targets = victims_pick(t, site, &rules->budget, &context);
    if (context.targets == 0) {
        return false;
    }
    *action = armed->fault->decide(&context, site);
    if (action->act == ACT_NONE) {
        return false;
    }
    end_by(action, site->time, rules->heal_at);
    struct site kept = *site;
    kept.next = 0;
    kept.point = point_of(t, site);
    kept.held_steps =
        t->held[site->thread % rules->all.count] == 0
            ? 0
            : site->thread_step + 1 - t->held[site->thread % rules->all.count];
    keep(rules, t->rule_index, &kept, action);
    if (rule->limit > 0 && armed->acted >= rule->limit) {
        retire(rules, t->rule_index);
    }
    return true;
}

static bool ask_agenda(struct rules *rules, const struct site *site,
                       struct action *action)
{
    const struct occurrence *due = agenda_take(rules->agenda, site);
    if (due == NULL) {
        return false;
    }
    *action = due->action;
    struct site kept = *site;
    kept.point = due->site.point;
    keep(rules, due->rule, &kept, action);
    return true;
}

bool rules_ask(struct rules *rules, struct site *site, struct action *action)
{
    assert(site->kind < SITES);
    assert(site->next <= rules->triggers_count);
    if (site->time >= rules->heal_at) {
        return false;
    }
    if (rules->replays) {
        return ask_agenda(rules, site, action);
    }
    bool acts = false;
    while (!acts && site->next < rules->triggers_count) {
        struct trigger *t = &rules->triggers[site->next++];
        acts = t->live && (t->sites >> site->kind & 1) != 0 &&
               trigger_due(t, rules->choice, site, rules->performed) &&
               try_rule(rules, t, site, action);
    }
    if (!acts) {
        site->next = 0; /* the next question is a new one */
    }
    if (site->kind == SITE_TIME) {
        find_moment(rules);
    }
    return acts;
}

void rules_held(struct rules *rules, uint32_t thread, const char *name,
                bool now, uint64_t thread_step)
{
    for (uint32_t i = 0; i < rules->triggers_count && !rules->replays; i++) {
        struct trigger *t = &rules->triggers[i];
        if (t->live && now) {
            trigger_held(t, rules->choice, thread, thread_step, name);
        } else if (t->live) {
            trigger_unheld(t, thread, name);
        }
    }
}

uint64_t rules_performed(struct rules *rules, uint32_t thread)
{
    assert(thread < TARGETS_MAX);
    rules->performed++;
    if (rules->replays) {
        return rules->performed;
    }
    for (uint32_t i = 0; i < rules->triggers_count; i++) {
        trigger_performed(&rules->triggers[i], rules->performed);
    }
    find_moment(rules);
    return rules->performed;
}

uint32_t rules_visit(struct rules *rules, const struct site *site)
{
    return visits_count(&rules->visits, site);
}

void rules_down(struct rules *rules, uint32_t thread, bool down)
{
    assert(thread < TARGETS_MAX);
    uint64_t bit = UINT64_C(1) << thread;
    if (down) {
        rules->budget.crashed |= bit;
    } else {
        rules->budget.crashed &= ~bit;
    }
    for (uint32_t i = 0; i < rules->triggers_count && !rules->replays; i++) {
        trigger_down(&rules->triggers[i], thread);
    }
}

const struct occurrence *rules_occurrences(const struct rules *rules,
                                           uint32_t *count)
{
    *count = rules->occurrences_count;
    return rules->occurrences;
}

uint64_t rules_fired(const struct rules *rules, uint32_t rule)
{
    return rule < rules->count ? rules->armed[rule].fired : 0;
}

uint64_t rules_active(const struct rules *rules, uint32_t rule)
{
    return rule < rules->count ? rules->armed[rule].active : 0;
}
