/*
 * Rules: each trigger, target, limit and swarm, and replays, at sites made by
 * hand.  No world runs here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/rules.h"

#include "tests/tap.h"

#include <assert.h>
#include <string.h>
#include <time.h>

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

static void open_stage(struct stage *s, enum system_kind kind)
{
    memset(s, 0, sizeof(*s));
    s->scenario.system.kind = kind;
    s->scenario.system.threads = 4;
    s->scenario.system.replicas = 5;
    s->scenario.system.clients = 2;
}

static struct rule *add_rule(struct stage *s, const char *kind)
{
    struct rule *rule = &s->scenario.rules[s->scenario.rules_count++];
    rule->kind = kind;
    rule->p_ppm = MILLION;
    rule->swarm_ppm = MILLION;
    rule->disk_ppm = MILLION;
    return rule;
}

static struct when *add_when(struct rule *rule)
{
    struct when *when = &rule->when[rule->when_count++];
    when->set = true;
    return when;
}

static void begin(struct stage *s, uint64_t index)
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

static void close_stage(struct stage *s)
{
    rules_free(s->rules);
    choice_release(&s->choice);
}

static struct quantity constant(enum unit unit, int64_t value)
{
    return (struct quantity){.set = true,
                             .unit = unit,
                             .kind = DIST_CONSTANT,
                             .a = value,
                             .min = INT64_MIN,
                             .max = INT64_MAX};
}

static struct quantity range(enum unit unit, int64_t from, int64_t to)
{
    struct quantity q = constant(unit, from);
    q.kind = DIST_UNIFORM;
    q.b = to;
    return q;
}

static void name_one(struct names *names, const char *name)
{
    names->name[names->count++] = name;
}

static void target_named(struct rule *rule, enum target_set set,
                         const char *name)
{
    rule->target.set = true;
    rule->target.set_of = set;
    rule->target.pick = PICK_NAMED;
    name_one(&rule->target.names, name);
}

static void target_pick(struct rule *rule, enum target_set set,
                        enum target_pick pick, uint32_t count)
{
    rule->target.set = true;
    rule->target.set_of = set;
    rule->target.pick = pick;
    rule->target.count = count;
}

static struct site at_step(uint32_t thread, uint64_t step)
{
    return (struct site){.kind = SITE_STEP,
                         .thread = thread,
                         .own_step = (uint32_t)step,
                         .thread_step = step,
                         .step = step * 4 + thread,
                         .to = UINT32_MAX};
}

static struct site at_time(uint64_t time)
{
    return (struct site){.kind = SITE_TIME, .time = time, .to = UINT32_MAX};
}

static struct site at_point(uint32_t thread, const char *point, uint32_t hit)
{
    struct site site = at_step(thread, hit);
    site.kind = SITE_POINT;
    site.point = point;
    site.hit = hit;
    return site;
}

static struct site at_call(enum site_kind kind, uint32_t thread, uint64_t count)
{
    struct site site = at_step(thread, count);
    site.kind = kind;
    site.count = count;
    return site;
}

static struct site at_send(uint32_t from, uint32_t to, uint64_t count)
{
    struct site site = at_call(SITE_SEND, from, count);
    site.to = to;
    return site;
}

/* How often something acts at `site`; `action` is the last of it. */
static uint32_t act_at(struct stage *s, struct site site, struct action *action)
{
    uint32_t count = 0;
    while (rules_ask(s->rules, &site, action) && count < 100) {
        count++;
    }
    return count;
}

static void step_is_an_alarm(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "crash");
    target_named(rule, TARGET_THREADS, "T1");
    add_when(rule)->step = constant(UNIT_STEPS, 5);
    begin(&s, 0);
    CU_ASSERT_EQUAL(rules_sites(s.rules), 1u << SITE_STEP);
    CU_ASSERT_EQUAL(rules_alarm(s.rules, 1), 5);
    CU_ASSERT_EQUAL(rules_alarm(s.rules, 0), UINT64_MAX);
    CU_ASSERT_EQUAL(rules_moment(s.rules), UINT64_MAX);
    CU_ASSERT_EQUAL(act_at(&s, at_step(1, 4), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_step(0, 5), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_step(1, 5), &action), 1);
    CU_ASSERT_EQUAL(action.act, ACT_CRASH);
    CU_ASSERT_EQUAL(action.targets, 1u << 1);
    CU_ASSERT_EQUAL(action.down_for, UINT64_MAX);
    CU_ASSERT_EQUAL(rules_alarm(s.rules, 1), UINT64_MAX);
    CU_ASSERT_EQUAL(act_at(&s, at_step(1, 6), &action), 0);
    CU_ASSERT_EQUAL(rules_fired(s.rules, 0), 1);
    close_stage(&s);
}

static void step_range_is_drawn_once_a_run(void)
{
    struct stage s;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "crash");
    target_pick(rule, TARGET_THREADS, PICK_ANY, 0);
    add_when(rule)->step = range(UNIT_STEPS, 1, 40);
    uint32_t victims[4] = {0};
    uint64_t steps = 0;
    for (uint64_t run = 0; run < 1000; run++) {
        begin(&s, run);
        uint32_t alarmed = 0;
        for (uint32_t i = 0; i < 4; i++) {
            uint64_t alarm = rules_alarm(s.rules, i);
            if (alarm != UINT64_MAX) {
                alarmed++;
                victims[i]++;
                CU_ASSERT(alarm >= 1 && alarm <= 40);
                steps |= UINT64_C(1) << alarm;
            }
        }
        CU_ASSERT_EQUAL(alarmed, 1);
    }
    CU_ASSERT_EQUAL(steps, (UINT64_C(1) << 41) - 2);
    for (uint32_t i = 0; i < 4; i++) {
        CU_ASSERT(victims[i] > 180);
    }
    CU_ASSERT_EQUAL(rules_active(s.rules, 0), 1000);
    close_stage(&s);
}

static void time_is_a_moment(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_NETWORK);
    struct rule *rule = add_rule(&s, "pause");
    target_named(rule, TARGET_NODES, "replica2");
    rule->duration = constant(UNIT_NS, 7 * MS);
    add_when(rule)->time = constant(UNIT_NS, 3 * MS);
    begin(&s, 0);
    CU_ASSERT_EQUAL(rules_moment(s.rules), 3 * MS);
    CU_ASSERT_EQUAL(act_at(&s, at_time(2 * MS), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_time(3 * MS), &action), 1);
    CU_ASSERT_EQUAL(action.act, ACT_PAUSE);
    CU_ASSERT_EQUAL(action.targets, 1u << 1);
    CU_ASSERT_EQUAL(action.amount, 7 * MS);
    CU_ASSERT_EQUAL(rules_moment(s.rules), UINT64_MAX);
    CU_ASSERT_EQUAL(act_at(&s, at_time(4 * MS), &action), 0);
    close_stage(&s);
}

static void call_is_counted_by_thread(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "alloc_fail");
    target_named(rule, TARGET_THREADS, "T2");
    add_when(rule)->call = constant(UNIT_NONE, 3);
    begin(&s, 0);
    CU_ASSERT_EQUAL(rules_sites(s.rules), 1u << SITE_ALLOC);
    CU_ASSERT_EQUAL(act_at(&s, at_call(SITE_ALLOC, 2, 2), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_call(SITE_ALLOC, 1, 3), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_call(SITE_CAS_WEAK, 2, 3), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_call(SITE_ALLOC, 2, 3), &action), 1);
    CU_ASSERT_EQUAL(action.act, ACT_FAIL);
    CU_ASSERT_EQUAL(act_at(&s, at_call(SITE_ALLOC, 2, 4), &action), 0);
    close_stage(&s);
}

static void point_is_whoever_reaches_it(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "delay");
    target_pick(rule, TARGET_THREADS, PICK_ANY, 0);
    rule->duration = constant(UNIT_STEPS, 9);
    struct when *when = add_when(rule);
    name_one(&when->point, "q.linked");
    name_one(&when->point, "q.swung");
    when->hit = constant(UNIT_NONE, 2);
    begin(&s, 0);
    CU_ASSERT_EQUAL(act_at(&s, at_point(3, "q.linked", 1), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_point(3, "q.other", 2), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_point(3, "q.linked", 2), &action), 1);
    CU_ASSERT_EQUAL(action.targets, 1u << 3);
    CU_ASSERT_EQUAL(action.amount, 9);
    CU_ASSERT(action.in_steps);
    CU_ASSERT_EQUAL(act_at(&s, at_point(0, "q.swung", 2), &action), 1);
    CU_ASSERT_EQUAL(act_at(&s, at_point(0, "q.swung", 3), &action), 0);
    uint32_t count = 0;
    const struct occurrence *all = rules_occurrences(s.rules, &count);
    CU_ASSERT_EQUAL_FATAL(count, 2);
    CU_ASSERT_STRING_EQUAL(all[0].site.point, "q.linked");
    CU_ASSERT_STRING_EQUAL(all[1].site.point, "q.swung");
    close_stage(&s);
}

static void holding_counts_from_the_taking(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "crash");
    target_pick(rule, TARGET_THREADS, PICK_ANY, 0);
    struct when *when = add_when(rule);
    name_one(&when->holding, "region.sem");
    when->step = constant(UNIT_STEPS, 4);
    begin(&s, 0);
    CU_ASSERT_EQUAL(rules_alarm(s.rules, 2), UINT64_MAX);
    rules_held(s.rules, 2, "another", true, 10);
    CU_ASSERT_EQUAL(rules_alarm(s.rules, 2), UINT64_MAX);
    rules_held(s.rules, 2, "region.sem", true, 10);
    CU_ASSERT_EQUAL(rules_alarm(s.rules, 2), 14);
    rules_held(s.rules, 2, "region.sem", false, 12);
    CU_ASSERT_EQUAL(rules_alarm(s.rules, 2), UINT64_MAX);
    CU_ASSERT_EQUAL(act_at(&s, at_step(2, 14), &action), 0);
    rules_held(s.rules, 2, "region.sem", true, 20);
    CU_ASSERT_EQUAL(act_at(&s, at_step(2, 23), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_step(2, 24), &action), 1);
    uint32_t count = 0;
    const struct occurrence *all = rules_occurrences(s.rules, &count);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT_EQUAL(all[0].site.held_steps, 4);
    close_stage(&s);
}

static void after_ops_counts_all_clients(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_NETWORK);
    struct rule *rule = add_rule(&s, "clog");
    target_pick(rule, TARGET_NODES, PICK_RANDOM, 2);
    rule->duration = constant(UNIT_NS, MS);
    add_when(rule)->after_ops = constant(UNIT_OPS, 3);
    begin(&s, 0);
    CU_ASSERT_EQUAL(rules_moment(s.rules), UINT64_MAX);
    rules_performed(s.rules, 5);
    rules_performed(s.rules, 6);
    CU_ASSERT_EQUAL(rules_moment(s.rules), UINT64_MAX);
    rules_performed(s.rules, 5);
    CU_ASSERT(rules_moment(s.rules) <= 9 * MS);
    CU_ASSERT_EQUAL(act_at(&s, at_time(9 * MS), &action), 1);
    CU_ASSERT_EQUAL(action.act, ACT_CLOG);
    CU_ASSERT_EQUAL(__builtin_popcountll(action.targets), 2);
    CU_ASSERT_EQUAL(action.targets >> 5, 0); /* nodes are replicas */
    CU_ASSERT_EQUAL(rules_moment(s.rules), UINT64_MAX);
    close_stage(&s);
}

static void every_comes_again(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_NETWORK);
    struct rule *rule = add_rule(&s, "clock_jump");
    target_pick(rule, TARGET_NODES, PICK_ANY, 0);
    rule->by = range(UNIT_NS, -5 * MS, -MS);
    rule->every = range(UNIT_NS, 2 * MS, 4 * MS);
    begin(&s, 0);
    uint64_t last = 0;
    for (uint32_t i = 0; i < 50; i++) {
        uint64_t moment = rules_moment(s.rules);
        CU_ASSERT(moment >= last + 2 * MS && moment <= last + 4 * MS);
        CU_ASSERT_EQUAL(act_at(&s, at_time(moment), &action), 1);
        CU_ASSERT_EQUAL(__builtin_popcountll(action.targets), 1);
        CU_ASSERT((int64_t)action.amount <= -MS);
        CU_ASSERT((int64_t)action.amount >= -5 * MS);
        last = moment;
    }
    close_stage(&s);
}

static void every_may_count_steps(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "delay");
    target_named(rule, TARGET_THREADS, "T3");
    rule->every = constant(UNIT_STEPS, 10);
    begin(&s, 0);
    uint32_t acted = 0;
    for (uint64_t step = 0; step < 1000; step++) {
        if (rules_alarm(s.rules, 3) <= step) {
            acted += act_at(&s, at_step(3, step), &action);
        }
    }
    CU_ASSERT_EQUAL(acted, 100);
    close_stage(&s);
}

static void every_step_is_systematic(void)
{
    struct stage s;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "crash");
    target_pick(rule, TARGET_THREADS, PICK_ANY, 0);
    add_when(rule)->every_step = true;
    bool seen[4][10] = {{false}};
    for (uint64_t run = 0; run < 40; run++) {
        begin(&s, run);
        for (uint32_t i = 0; i < 4; i++) {
            uint64_t alarm = rules_alarm(s.rules, i);
            if (alarm != UINT64_MAX) {
                CU_ASSERT_FATAL(alarm < 10);
                CU_ASSERT(!seen[i][alarm]);
                seen[i][alarm] = true;
            }
        }
    }
    for (uint32_t i = 0; i < 40; i++) {
        CU_ASSERT(seen[i / 10][i % 10]);
    }
    close_stage(&s);

    open_stage(&s, SYSTEM_THREADS);
    rule = add_rule(&s, "crash");
    target_named(rule, TARGET_THREADS, "T1");
    add_when(rule)->every_step = true;
    begin(&s, 17);
    CU_ASSERT_EQUAL(rules_alarm(s.rules, 1), 17);
    close_stage(&s);
}

static void p_holds_for_each_call(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "cas_spurious_fail");
    target_pick(rule, TARGET_THREADS, PICK_ALL, 0);
    rule->p_ppm = 200000;
    begin(&s, 0);
    uint32_t acted = 0;
    for (uint64_t i = 1; i <= 10000; i++) {
        acted += act_at(&s, at_call(SITE_CAS_WEAK, i % 4, i), &action);
    }
    CU_ASSERT(acted > 1850 && acted < 2150);
    close_stage(&s);
}

static void p_holds_for_each_step(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "delay");
    target_pick(rule, TARGET_THREADS, PICK_ANY, 0);
    rule->p_ppm = 10000;
    begin(&s, 0);
    uint32_t acted = 0;
    uint32_t asked = 0;
    for (uint64_t step = 0; step < 20000; step++) {
        for (uint32_t thread = 0; thread < 4; thread++) {
            if (rules_alarm(s.rules, thread) <= step) {
                asked++;
                acted += act_at(&s, at_step(thread, step), &action);
            }
        }
    }
    CU_ASSERT(acted > 680 && acted < 920); /* of 800 */
    CU_ASSERT_EQUAL(asked, acted);         /* the steps between cost nothing */
    close_stage(&s);
}

static void limit_is_of_a_run(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "cas_spurious_fail");
    rule->limit = 3;
    for (uint64_t run = 0; run < 2; run++) {
        begin(&s, run);
        uint32_t acted = 0;
        for (uint64_t i = 1; i <= 10; i++) {
            acted += act_at(&s, at_call(SITE_CAS_WEAK, 0, i), &action);
        }
        CU_ASSERT_EQUAL(acted, 3);
    }
    CU_ASSERT_EQUAL(rules_fired(s.rules, 0), 6);
    close_stage(&s);
}

static void swarm_switches_rules_off(void)
{
    struct stage s;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "crash");
    rule->swarm_ppm = 250000;
    add_when(rule)->step = constant(UNIT_STEPS, 1);
    uint32_t active = 0;
    for (uint64_t run = 0; run < 2000; run++) {
        begin(&s, run);
        active += rules_sites(s.rules) != 0;
    }
    CU_ASSERT(active > 430 && active < 570);
    CU_ASSERT_EQUAL(rules_active(s.rules, 0), active);
    CU_ASSERT_EQUAL(rules_fired(s.rules, 0), 0);
    close_stage(&s);
}

static void any_of_is_one_or_the_other(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "crash");
    target_pick(rule, TARGET_THREADS, PICK_ANY, 0);
    rule->limit = 2;
    name_one(&add_when(rule)->point, "a");
    name_one(&add_when(rule)->point, "b");
    begin(&s, 0);
    CU_ASSERT_EQUAL(act_at(&s, at_point(0, "c", 1), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_point(0, "b", 1), &action), 1);
    CU_ASSERT_EQUAL(act_at(&s, at_point(1, "a", 1), &action), 1);
    CU_ASSERT_EQUAL(act_at(&s, at_point(2, "a", 2), &action), 0); /* limit */
    close_stage(&s);
}

/* The targets of an occurrence at a moment. */
static uint64_t targets_at(struct stage *s, uint64_t run)
{
    struct action action = {.act = ACT_NONE};
    begin(s, run);
    act_at(s, at_time(rules_moment(s->rules)), &action);
    return action.act == ACT_NONE ? 0 : action.targets;
}

static void targets_are_picked(void)
{
    static const struct {
        enum target_set set;
        enum target_pick pick;
        uint32_t count;
        uint32_t least;
        uint32_t most;
        uint64_t within;
    } picks[] = {
        {TARGET_NODES, PICK_ANY, 0, 1, 1, 0x1f},
        {TARGET_NODES, PICK_ALL, 0, 5, 5, 0x1f},
        {TARGET_NODES, PICK_RANDOM, 3, 3, 3, 0x1f},
        {TARGET_NODES, PICK_MINORITY, 0, 1, 2, 0x1f},
        {TARGET_NODES, PICK_MAJORITY, 0, 3, 3, 0x1f},
        {TARGET_CLIENTS, PICK_ALL, 0, 2, 2, 0x60},
        {TARGET_CLIENTS, PICK_ANY, 0, 1, 1, 0x60},
    };
    for (uint32_t i = 0; i < sizeof(picks) / sizeof(picks[0]); i++) {
        struct stage s;
        open_stage(&s, SYSTEM_NETWORK);
        struct rule *rule = add_rule(&s, "crash");
        target_pick(rule, picks[i].set, picks[i].pick, picks[i].count);
        add_when(rule)->time = constant(UNIT_NS, MS);
        uint64_t met = 0;
        uint32_t least = 64;
        uint32_t most = 0;
        for (uint64_t run = 0; run < 200; run++) {
            uint64_t targets = targets_at(&s, run);
            uint32_t count = (uint32_t)__builtin_popcountll(targets);
            least = count < least ? count : least;
            most = count > most ? count : most;
            met |= targets;
        }
        CU_ASSERT_EQUAL(least, picks[i].least);
        CU_ASSERT_EQUAL(most, picks[i].most);
        CU_ASSERT_EQUAL(met, picks[i].within);
        close_stage(&s);
    }
}

static void links_have_directions(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_NETWORK);
    struct rule *rule = add_rule(&s, "loss");
    target_named(rule, TARGET_LINKS, "client*->replica1");
    begin(&s, 0);
    CU_ASSERT_EQUAL(act_at(&s, at_send(5, 0, 1), &action), 1);
    CU_ASSERT_EQUAL(action.act, ACT_DROP);
    CU_ASSERT_EQUAL(act_at(&s, at_send(6, 0, 1), &action), 1);
    CU_ASSERT_EQUAL(act_at(&s, at_send(0, 5, 1), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_send(5, 1, 2), &action), 0);
    close_stage(&s);

    open_stage(&s, SYSTEM_NETWORK);
    rule = add_rule(&s, "duplicate");
    target_named(rule, TARGET_NODES, "replica2");
    begin(&s, 0);
    CU_ASSERT_EQUAL(act_at(&s, at_send(1, 5, 1), &action), 1);
    CU_ASSERT_EQUAL(act_at(&s, at_send(5, 1, 1), &action), 1);
    CU_ASSERT_EQUAL(act_at(&s, at_send(5, 2, 2), &action), 0);
    close_stage(&s);
}

static void messages_are_hit_in_a_window(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_NETWORK);
    struct rule *rule = add_rule(&s, "latency");
    rule->by = constant(UNIT_NS, 40 * MS);
    rule->duration = constant(UNIT_NS, 10 * MS);
    add_when(rule)->time = constant(UNIT_NS, 100 * MS);
    begin(&s, 0);
    struct site site = at_send(0, 5, 1);
    site.time = 99 * MS;
    CU_ASSERT_EQUAL(act_at(&s, site, &action), 0);
    CU_ASSERT_EQUAL(rules_moment(s.rules), 100 * MS);
    CU_ASSERT_EQUAL(act_at(&s, at_time(100 * MS), &action), 0);
    site.time = 109 * MS;
    CU_ASSERT_EQUAL(act_at(&s, site, &action), 1);
    CU_ASSERT_EQUAL(action.act, ACT_LATE);
    CU_ASSERT_EQUAL(action.amount, 40 * MS);
    site.time = 110 * MS;
    CU_ASSERT_EQUAL(act_at(&s, site, &action), 0);
    close_stage(&s);
}

/* --- limits ---------------------------------------------------------------*/

/* The bits of replicas that `action` leaves without a majority. */
static uint64_t stranded(const struct action *action)
{
    return action->lost;
}

/* Who is away, and until when; 0: is not. */
struct absence {
    uint64_t up_again[5];
    uint64_t cut_until[5];
};

/* Those whose time has come are up again. */
static void bring_back(struct stage *s, struct absence *absence, uint64_t now)
{
    for (uint32_t n = 0; n < 5; n++) {
        if (absence->up_again[n] != 0 && absence->up_again[n] <= now) {
            absence->up_again[n] = 0;
            rules_down(s->rules, n, false);
        }
    }
}

static void note_absence(struct absence *absence, const struct action *action,
                         uint64_t now)
{
    for (uint32_t n = 0; n < 5; n++) {
        if (action->act == ACT_CRASH && (action->targets >> n & 1) != 0) {
            CU_ASSERT_EQUAL(absence->up_again[n], 0);
            absence->up_again[n] = now + action->down_for;
        }
        uint64_t until = now + action->amount;
        if (action->act == ACT_CUT && (stranded(action) >> n & 1) != 0 &&
            absence->cut_until[n] < until) {
            absence->cut_until[n] = until;
        }
    }
}

static uint32_t count_away(const struct absence *absence, uint64_t now)
{
    uint32_t away = 0;
    for (uint32_t n = 0; n < 5; n++) {
        away += absence->up_again[n] > now || absence->cut_until[n] > now;
    }
    return away;
}

static void budget_is_kept(void)
{
    struct stage s;
    open_stage(&s, SYSTEM_NETWORK);
    s.scenario.limits.down_or_cut_max = 2;
    struct rule *rule = add_rule(&s, "partition");
    rule->every = range(UNIT_NS, MS, 20 * MS);
    rule->duration = range(UNIT_NS, MS, 30 * MS);
    name_one(&rule->shape, "halves");
    name_one(&rule->shape, "isolate_one");
    rule = add_rule(&s, "restart");
    target_pick(rule, TARGET_NODES, PICK_MINORITY, 0);
    rule->every = range(UNIT_NS, MS, 20 * MS);
    rule->down_for = constant(UNIT_NS, 15 * MS);
    uint32_t together = 0;
    uint32_t acted = 0;
    for (uint64_t run = 0; run < 50; run++) {
        begin(&s, run);
        struct absence absence = {0};
        for (uint32_t i = 0; i < 100; i++) {
            uint64_t now = rules_moment(s.rules);
            bring_back(&s, &absence, now);
            struct site site = at_time(now);
            struct action action;
            while (rules_ask(s.rules, &site, &action)) {
                acted++;
                note_absence(&absence, &action, now);
            }
            uint32_t away = count_away(&absence, now);
            CU_ASSERT(away <= 2);
            together += away == 2;
        }
    }
    CU_ASSERT(together > 100); /* and the limit is reached */
    CU_ASSERT(acted > 1000);
    close_stage(&s);
}

static void nothing_begins_after_the_heal(void)
{
    struct stage s;
    open_stage(&s, SYSTEM_NETWORK);
    s.scenario.liveness.set = true;
    s.scenario.liveness.heal_after_ns = 100 * MS;
    struct rule *rule = add_rule(&s, "partition");
    rule->every = constant(UNIT_NS, 30 * MS);
    rule->duration = constant(UNIT_NS, 50 * MS);
    begin(&s, 0);
    uint32_t acted = 0;
    while (rules_moment(s.rules) != UINT64_MAX) {
        struct action action;
        uint64_t now = rules_moment(s.rules);
        CU_ASSERT_FATAL(now < 100 * MS);
        CU_ASSERT_EQUAL(act_at(&s, at_time(now), &action), 1);
        CU_ASSERT(now + action.amount <= 100 * MS);
        acted++;
    }
    CU_ASSERT_EQUAL(acted, 3);
    close_stage(&s);
}

/* --- replay ---------------------------------------------------------------*/

enum {
    SITES_MAX = 4000
};

/* Some run's sites, drawn from `seed` alone. */
static uint32_t make_sites(uint64_t seed, struct site *sites)
{
    static const enum site_kind kinds[] = {
        SITE_STEP, SITE_STEP, SITE_CAS_WEAK, SITE_ALLOC, SITE_POINT, SITE_SEND};
    struct choice c = {0};
    choice_begin(&c, CHOICE_EXPLORE, seed);
    uint64_t steps[7] = {0};
    uint64_t counts[7][SITES] = {{0}};
    uint64_t start[7] = {0};
    uint32_t operation[7] = {0};
    uint32_t hits = 0;
    for (uint32_t i = 0; i < SITES_MAX; i++) {
        uint32_t thread = choice_below(&c, STREAM_WORKLOAD, 7);
        enum site_kind kind = kinds[choice_below(&c, STREAM_WORKLOAD, 6)];
        if (choice_chance(&c, STREAM_WORKLOAD, 50000)) {
            operation[thread]++;
            start[thread] = steps[thread];
        }
        sites[i] = (struct site){
            .kind = kind,
            .thread = thread,
            .operation = operation[thread],
            .own_step = (uint32_t)(steps[thread] - start[thread]),
            .thread_step = steps[thread],
            .step = i,
            .time = i * UINT64_C(10000),
            .count = ++counts[thread][kind],
            .point = kind == SITE_POINT ? "somewhere" : NULL,
            .hit = kind == SITE_POINT ? ++hits : 0,
            .size = 32,
            .to = kind == SITE_SEND ? (thread + 1) % 7 : UINT32_MAX,
        };
        steps[thread]++;
    }
    return SITES_MAX;
}

struct event {
    uint32_t site;
    struct action action;
};

/* Walks over the sites as a world would; returns the number of events. */
static uint32_t walk(struct stage *s, const struct site *sites, uint32_t count,
                     struct event *events)
{
    uint32_t n = 0;
    struct action action;
    for (uint32_t i = 0; i < count; i++) {
        struct site timed = at_time(sites[i].time);
        timed.step = sites[i].step;
        bool due = rules_moment(s->rules) <= sites[i].time;
        while (due && rules_ask(s->rules, &timed, &action)) {
            events[n++] = (struct event){i, action};
        }
        bool asked =
            (rules_sites(s->rules) >> sites[i].kind & 1) != 0 &&
            (sites[i].kind != SITE_STEP ||
             rules_alarm(s->rules, sites[i].thread) <= sites[i].thread_step);
        struct site site = sites[i];
        while (asked && rules_ask(s->rules, &site, &action)) {
            events[n++] = (struct event){i, action};
        }
        assert(n < SITES_MAX);
    }
    return n;
}

static void many_rules(struct stage *s)
{
    open_stage(s, SYSTEM_NETWORK);
    struct rule *rule = add_rule(s, "delay");
    target_pick(rule, TARGET_NODES, PICK_ANY, 0);
    rule->p_ppm = 20000;
    rule = add_rule(s, "alloc_fail");
    rule->p_ppm = 100000;
    rule = add_rule(s, "loss");
    rule->p_ppm = 100000;
    rule = add_rule(s, "reorder");
    rule->p_ppm = 100000;
    rule = add_rule(s, "partition");
    rule->every = range(UNIT_NS, MS, 2 * MS);
    rule->duration = range(UNIT_NS, MS, 2 * MS);
    rule = add_rule(s, "pause");
    target_pick(rule, TARGET_NODES, PICK_ANY, 0);
    rule->p_ppm = 100000;
    name_one(&add_when(rule)->point, "somewhere");
    rule = add_rule(s, "reuse");
    rule->swarm_ppm = 500000;
}

static struct site sites[SITES_MAX];
static struct event drawn[SITES_MAX];
static struct event again[SITES_MAX];

static void replay_acts_where_it_acted(void)
{
    for (uint64_t run = 0; run < 20; run++) {
        struct stage s;
        many_rules(&s);
        uint32_t count = make_sites(run + 1, sites);
        begin(&s, run);
        uint32_t events = walk(&s, sites, count, drawn);
        CU_ASSERT(events > 50);
        uint32_t kept = 0;
        const struct occurrence *all = rules_occurrences(s.rules, &kept);
        CU_ASSERT_EQUAL(kept, events);
        struct trace trace = {.occurrences_count = kept};
        trace.occurrences = calloc(kept, sizeof(*all));
        assert(trace.occurrences != NULL);
        memcpy(trace.occurrences, all, kept * sizeof(*all));

        choice_begin(&s.choice, CHOICE_EXPLORE, 99);
        rules_begin(s.rules, &s.choice, &trace, run);
        uint32_t replayed = walk(&s, sites, count, again);
        CU_ASSERT_EQUAL(replayed, events);
        CU_ASSERT_EQUAL(memcmp(drawn, again, events * sizeof(drawn[0])), 0);
        CU_ASSERT_EQUAL(s.choice.position[STREAM_FAULTS], 0);
        const struct occurrence *second = rules_occurrences(s.rules, &kept);
        CU_ASSERT_EQUAL(kept, trace.occurrences_count);
        for (uint32_t i = 0; i < kept; i++) {
            CU_ASSERT_EQUAL(second[i].rule, trace.occurrences[i].rule);
        }
        free(trace.occurrences);
        close_stage(&s);
    }
}

/* An edited run: every third site is gone.  What was due elsewhere still
 * acts, and nothing acts that did not. */
static void replay_of_an_edited_run_is_tolerant(void)
{
    struct stage s;
    many_rules(&s);
    uint32_t count = make_sites(3, sites);
    begin(&s, 3);
    uint32_t events = walk(&s, sites, count, drawn);
    uint32_t kept = 0;
    const struct occurrence *all = rules_occurrences(s.rules, &kept);
    struct trace trace = {.occurrences_count = kept};
    trace.occurrences = calloc(kept, sizeof(*all));
    assert(trace.occurrences != NULL);
    memcpy(trace.occurrences, all, kept * sizeof(*all));
    uint32_t left = 0;
    for (uint32_t i = 0; i < kept; i++) {
        bool moment = trace.occurrences[i].site.kind == SITE_TIME;
        left += moment || trace.occurrences[i].site.step % 3 != 0;
    }
    uint32_t fewer = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (sites[i].step % 3 != 0) {
            sites[fewer++] = sites[i];
        }
    }
    rules_begin(s.rules, &s.choice, &trace, 3);
    uint32_t replayed = walk(&s, sites, fewer, again);
    CU_ASSERT(replayed < events);
    CU_ASSERT_EQUAL(replayed, left);
    free(trace.occurrences);
    close_stage(&s);
}

static void arming_is_cheap(void)
{
    struct stage s;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "crash");
    target_pick(rule, TARGET_THREADS, PICK_ANY, 0);
    rule->limit = 1;
    add_when(rule)->step = range(UNIT_STEPS, 1, 400);
    rule = add_rule(&s, "cas_spurious_fail");
    rule->p_ppm = 20000;
    rule->swarm_ppm = 500000;
    rule = add_rule(&s, "alloc_fail");
    target_pick(rule, TARGET_THREADS, PICK_ANY, 0);
    add_when(rule)->call = range(UNIT_NONE, 1, 60);
    begin(&s, 0);
    struct timespec from;
    struct timespec to;
    enum {
        RUNS = 200000
    };
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (uint64_t run = 0; run < RUNS; run++) {
        rules_begin(s.rules, &s.choice, NULL, run);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    double ns = ((double)(to.tv_sec - from.tv_sec) * 1e9 +
                 (double)(to.tv_nsec - from.tv_nsec)) /
                RUNS;
    printf("# rules_begin() of three rules: %.0f ns\n", ns);
    CU_ASSERT(ns < 5000); /* sanitizers and loaded machines included */
    close_stage(&s);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a step is an alarm of its thread", step_is_an_alarm},
        {"a range of steps is drawn once a run",
         step_range_is_drawn_once_a_run},
        {"a time is a moment", time_is_a_moment},
        {"a call is counted by thread", call_is_counted_by_thread},
        {"a point is of whoever reaches it", point_is_whoever_reaches_it},
        {"holding counts steps from the taking",
         holding_counts_from_the_taking},
        {"after_ops counts all clients", after_ops_counts_all_clients},
        {"every comes again", every_comes_again},
        {"every may count steps", every_may_count_steps},
        {"every_step is systematic", every_step_is_systematic},
        {"p holds for each call", p_holds_for_each_call},
        {"p holds for each step", p_holds_for_each_step},
        {"a limit is of a run", limit_is_of_a_run},
        {"swarm switches rules off", swarm_switches_rules_off},
        {"any_of is one or the other", any_of_is_one_or_the_other},
        {"targets are picked", targets_are_picked},
        {"links have directions", links_have_directions},
        {"messages are hit in a window", messages_are_hit_in_a_window},
        {"down_or_cut_max is kept", budget_is_kept},
        {"nothing begins after the heal", nothing_begins_after_the_heal},
        {"a replay acts where the run acted", replay_acts_where_it_acted},
        {"a replay of an edited run is tolerant",
         replay_of_an_edited_run_is_tolerant},
        {"arming is cheap", arming_is_cheap},
        {NULL, NULL},
    };
    return tap_run("rules", cases);
}
