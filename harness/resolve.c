/*
 * Names in fault rules that match nothing are errors: a rule that cannot act
 * would make a campaign pass that tested less than it says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/resolve.h"

#include "harness/algorithm.h"
#include "harness/rules.h"
#include "harness/trigger.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    KINDS_MAX = 64,
    TEXT_MAX = 96,
};

/* What the complaints of one rule need. */
struct resolving {
    const struct scenario *scenario;
    const struct fl_algorithm *algorithm;
    const struct cast *cast;
    FILE *errors;
    uint32_t count;
};

void cast_init(struct cast *cast, const struct scenario *scenario)
{
    bool network = scenario->system.kind == SYSTEM_NETWORK;
    cast->all = (struct targets){
        .count = targets_count(scenario),
        .replicas = network ? scenario->system.replicas : 0,
        .names = cast->names,
    };
    if (cast->all.replicas > cast->all.count) {
        cast->all.replicas = cast->all.count;
    }
    for (uint32_t i = 0; i < cast->all.count; i++) {
        cast->names[i] = targets_name(scenario, i, cast->texts[i]);
    }
}

const char *cast_describe(const struct cast *cast, char *text, size_t max)
{
    uint32_t n = cast->all.count;
    uint32_t r = cast->all.replicas;
    if (n == 0) {
        snprintf(text, max, "nobody");
    } else if (r > 0 && n > r) {
        snprintf(text, max, "%s to %s and %s to %s", cast->names[0],
                 cast->names[r - 1], cast->names[r], cast->names[n - 1]);
    } else {
        snprintf(text, max, "%s to %s", cast->names[0], cast->names[n - 1]);
    }
    return text;
}

/* "; did you mean 'x'?", or nothing if no word is near. */
static const char *suggest(const char *word, const char *const *words,
                           char text[TEXT_MAX])
{
    const char *near = words == NULL ? NULL : scenario_nearest(word, words);
    text[0] = '\0';
    if (near != NULL) {
        snprintf(text, TEXT_MAX, "; did you mean '%s'?", near);
    }
    return text;
}

static const struct fault *resolve_kind(struct resolving *r,
                                        const struct rule *rule)
{
    const char *kinds[KINDS_MAX + 1] = {0};
    for (uint32_t i = 0; faults[i] != NULL; i++) {
        assert(i < KINDS_MAX);
        kinds[i] = faults[i]->name;
        if (strcmp(faults[i]->name, rule->kind) == 0) {
            return faults[i];
        }
    }
    char text[TEXT_MAX];
    r->count++;
    scenario_complain(r->scenario, rule->place, r->errors,
                      "there is no fault '%s'%s", rule->kind,
                      suggest(rule->kind, kinds, text));
    return NULL;
}

static const char *set_name(enum target_set set)
{
    switch (set) {
    case TARGET_THREADS:
        return "threads";
    case TARGET_PROCESSES:
        return "processes";
    case TARGET_NODES:
        return "nodes";
    case TARGET_RANKS:
        return "ranks";
    case TARGET_HOSTS:
        return "hosts";
    case TARGET_CLIENTS:
        return "clients";
    case TARGET_LINKS:
        return "links";
    }
    return "?";
}

/* Which sets a system of this kind has. */
static uint32_t sets_of(enum system_kind kind)
{
    switch (kind) {
    case SYSTEM_THREADS:
        return 1u << TARGET_THREADS | 1u << TARGET_CLIENTS;
    case SYSTEM_PROCESSES:
        return 1u << TARGET_PROCESSES | 1u << TARGET_CLIENTS;
    case SYSTEM_NETWORK:
        return 1u << TARGET_NODES | 1u << TARGET_CLIENTS | 1u << TARGET_LINKS;
    case SYSTEM_RANKS:
        return 1u << TARGET_RANKS | 1u << TARGET_HOSTS | 1u << TARGET_LINKS;
    }
    return 0;
}

static void resolve_names(struct resolving *r, const struct target *target)
{
    for (uint32_t i = 0; i < target->names.count; i++) {
        const char *name = target->names.name[i];
        uint64_t links[TARGETS_MAX] = {0};
        bool found = target->set_of == TARGET_LINKS
                         ? targets_link(&r->cast->all, name, links)
                         : targets_named(&r->cast->all, name) != 0;
        if (!found) {
            char who[TEXT_MAX];
            r->count++;
            scenario_complain(r->scenario, target->names.place[i], r->errors,
                              "'%s' matches nobody: there are %s", name,
                              cast_describe(r->cast, who, sizeof(who)));
        }
    }
}

/* What a fault must be able to act on to act on `set`: the clients of threads
 * are those threads. */
static uint32_t acted_on(enum system_kind kind, uint32_t set)
{
    if (set == 1u << TARGET_CLIENTS && kind == SYSTEM_THREADS) {
        return 1u << TARGET_THREADS;
    }
    if (set == 1u << TARGET_CLIENTS && kind == SYSTEM_PROCESSES) {
        return 1u << TARGET_PROCESSES;
    }
    return set;
}

static void resolve_target(struct resolving *r, const struct rule *rule,
                           const struct fault *fault)
{
    const struct target *target = &rule->target;
    uint32_t set = 1u << target->set_of;
    uint32_t sets = sets_of(r->scenario->system.kind);
    if (!target->set) {
        if ((fault->targets & sets & ~(1u << TARGET_CLIENTS)) == 0) {
            r->count++;
            scenario_complain(r->scenario, rule->place, r->errors,
                              "'%s' has nobody to act on in this system",
                              fault->name);
        }
        return;
    }
    if ((sets & set) == 0) {
        r->count++;
        scenario_complain(r->scenario, target->place, r->errors,
                          "this system has no %s", set_name(target->set_of));
        return;
    }
    if ((fault->targets & acted_on(r->scenario->system.kind, set)) == 0) {
        r->count++;
        scenario_complain(r->scenario, target->place, r->errors,
                          "'%s' cannot act on %s", fault->name,
                          set_name(target->set_of));
        return;
    }
    if (target->pick == PICK_LEADER) {
        r->count++;
        scenario_complain(r->scenario, target->place, r->errors,
                          "no algorithm says who leads; name a node, or "
                          "'random(1)'");
        return;
    }
    if (target->pick == PICK_NAMED) {
        resolve_names(r, target);
    } else if (targets_candidates(&r->cast->all, target) == 0) {
        r->count++;
        scenario_complain(r->scenario, target->place, r->errors,
                          "there are no %s", set_name(target->set_of));
    }
}

static void resolve_words(struct resolving *r, const struct names *names,
                          const char *const *words, const char *what)
{
    for (uint32_t i = 0; i < names->count; i++) {
        bool found = false;
        for (uint32_t k = 0; words != NULL && words[k] != NULL; k++) {
            found = found || strcmp(words[k], names->name[i]) == 0;
        }
        if (!found) {
            char text[TEXT_MAX];
            r->count++;
            scenario_complain(r->scenario, names->place[i], r->errors,
                              "%s has no %s '%s'%s", r->algorithm->name, what,
                              names->name[i],
                              suggest(names->name[i], words, text));
        }
    }
}

/* What a rule waits for must be something that its fault can act at. */
static void resolve_trigger(struct resolving *r, const struct rule *rule,
                            const struct fault *fault, const struct when *when)
{
    if (trigger_kind_of(fault, rule, when) != TRIGGER_IMPOSSIBLE) {
        return;
    }
    const char *why = "at that";
    if (when == NULL) {
        why = "in an interval of steps";
    } else if (when->event.count > 0) {
        why = "on an event, which excludes step, call, point and holding, and "
              "is none of a message or an allocation";
    } else if (when->point.count > 0) {
        why = "at a named point";
    } else if (when->call.set) {
        why = "at a call: it is no call that fails";
    } else if (when->step.set || when->holding.count > 0) {
        why = "at a step";
    } else if (when->time.set || when->after_ops.set) {
        why = "at a moment";
    }
    r->count++;
    scenario_complain(r->scenario, rule->place, r->errors, "'%s' cannot act %s",
                      fault->name, why);
}

static void resolve_rule(struct resolving *r, const struct rule *rule)
{
    const struct fault *fault = resolve_kind(r, rule);
    if (fault == NULL) {
        return;
    }
    if (fault->later != NULL) {
        r->count++;
        scenario_complain(r->scenario, rule->place, r->errors,
                          "'%s' cannot act yet: %s", fault->name, fault->later);
        return;
    }
    resolve_target(r, rule, fault);
    if (rule->when_count > 0 && rule->every.set) {
        r->count++;
        scenario_complain(r->scenario, rule->place, r->errors,
                          "'when' and 'every' exclude each other");
    }
    for (uint32_t i = 0; i < rule->when_count; i++) {
        const struct when *when = &rule->when[i];
        resolve_words(r, &when->point, r->algorithm->points, "point");
        resolve_words(r, &when->event, r->algorithm->points, "point");
        resolve_words(r, &when->holding, r->algorithm->locks, "lock");
        resolve_trigger(r, rule, fault, when);
    }
    if (rule->when_count == 0) {
        resolve_trigger(r, rule, fault, NULL);
    }
}

uint32_t rules_resolve(const struct scenario *scenario,
                       const struct fl_algorithm *algorithm, FILE *errors)
{
    struct cast cast;
    cast_init(&cast, scenario);
    struct resolving r = {.scenario = scenario,
                          .algorithm = algorithm,
                          .cast = &cast,
                          .errors = errors};
    assert(scenario->rules_count <= RULES_MAX);
    for (uint32_t i = 0; i < scenario->rules_count; i++) {
        resolve_rule(&r, &scenario->rules[i]);
    }
    return r.count;
}
