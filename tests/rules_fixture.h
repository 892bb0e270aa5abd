/*
 * Rules, and sites made by hand to ask them at.  No world runs here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_RULES_FIXTURE_H
#define TESTS_RULES_FIXTURE_H

#include "harness/rules.h"
#include "tests/tap.h"

#include <assert.h>
#include <string.h>

/* ns */
#define MS INT64_C(1000000)

enum {
    MILLION = 1000000,
};

static const char *const thread_names[] = {"T0", "T1", "T2", "T3"};
static const char *const node_names[] = {
    "replica1", "replica2", "replica3", "replica4",
    "replica5", "client1",  "client2",
};

/* A scenario with rules, and what runs them. */
struct stage {
    struct scenario scenario;
    struct choice choice;
    struct rules *rules;
};

static inline void open_stage(struct stage *s, enum system_kind kind)
{
    memset(s, 0, sizeof(*s));
    s->scenario.system.kind = kind;
    s->scenario.system.threads = 4;
    s->scenario.system.replicas = 5;
    s->scenario.system.clients = 2;
}

static inline struct rule *add_rule(struct stage *s, const char *kind)
{
    struct rule *rule = &s->scenario.rules[s->scenario.rules_count++];
    rule->kind = kind;
    rule->p_ppm = MILLION;
    rule->swarm_ppm = MILLION;
    rule->disk_ppm = MILLION;
    return rule;
}

static inline struct when *add_when(struct rule *rule)
{
    struct when *when = &rule->when[rule->when_count++];
    when->set = true;
    return when;
}

static inline void begin(struct stage *s, uint64_t index)
{
    if (s->rules == NULL) {
        bool network = s->scenario.system.kind == SYSTEM_NETWORK;
        struct rules_setting setting = {
            .scenario = &s->scenario,
            .threads = network ? 7 : 4,
            .replicas = network ? 5 : 0,
            .names = network ? node_names : thread_names,
        };
        s->rules = rules_new(&setting);
    }
    choice_begin(&s->choice, CHOICE_EXPLORE, choice_seed_of(1, index));
    rules_begin(s->rules, &s->choice, NULL, index);
}

static inline void close_stage(struct stage *s)
{
    rules_free(s->rules);
    choice_release(&s->choice);
}

static inline struct quantity constant(enum unit unit, int64_t value)
{
    return (struct quantity){.set = true,
                             .unit = unit,
                             .kind = DIST_CONSTANT,
                             .a = value,
                             .min = INT64_MIN,
                             .max = INT64_MAX};
}

static inline struct quantity range(enum unit unit, int64_t from, int64_t to)
{
    struct quantity q = constant(unit, from);
    q.kind = DIST_UNIFORM;
    q.b = to;
    return q;
}

static inline void name_one(struct names *names, const char *name)
{
    names->name[names->count++] = name;
}

static inline void target_named(struct rule *rule, enum target_set set,
                                const char *name)
{
    rule->target.set = true;
    rule->target.set_of = set;
    rule->target.pick = PICK_NAMED;
    name_one(&rule->target.names, name);
}

static inline void target_pick(struct rule *rule, enum target_set set,
                               enum target_pick pick, uint32_t count)
{
    rule->target.set = true;
    rule->target.set_of = set;
    rule->target.pick = pick;
    rule->target.count = count;
}

static inline struct site at_step(uint32_t thread, uint64_t step)
{
    return (struct site){.kind = SITE_STEP,
                         .thread = thread,
                         .own_step = (uint32_t)step,
                         .thread_step = step,
                         .step = step * 4 + thread,
                         .to = UINT32_MAX};
}

static inline struct site at_time(uint64_t time)
{
    return (struct site){.kind = SITE_TIME, .time = time, .to = UINT32_MAX};
}

static inline struct site at_point(uint32_t thread, const char *point,
                                   uint32_t hit)
{
    struct site site = at_step(thread, hit);
    site.kind = SITE_POINT;
    site.point = point;
    site.hit = hit;
    return site;
}

static inline struct site at_call(enum site_kind kind, uint32_t thread,
                                  uint64_t count)
{
    struct site site = at_step(thread, count);
    site.kind = kind;
    site.count = count;
    return site;
}

static inline struct site at_send(uint32_t from, uint32_t to, uint64_t count)
{
    struct site site = at_call(SITE_SEND, from, count);
    site.to = to;
    return site;
}

/* How often something acts at `site`; `action` is the last of it. */
static inline uint32_t act_at(struct stage *s, struct site site,
                              struct action *action)
{
    uint32_t count = 0;
    while (rules_ask(s->rules, &site, action) && count < 100) {
        count++;
    }
    return count;
}

#endif
