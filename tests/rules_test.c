/*
 * Rules: each trigger, limits of a rule, and swarms.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/rules_fixture.h"

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
        {NULL, NULL},
    };
    return tap_run("rules", cases);
}
