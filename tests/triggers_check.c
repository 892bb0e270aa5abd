/*
 * Triggers and targets in real runs: a rule acts when and on whom it says.
 *
 * Each row is a rule.  What must hold of each of its occurrences, how often it
 * may act in a run, and in which share of the runs it must have acted, is
 * said beside it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/acts_fixture.h"

enum {
    RUNS = 300,
    MS = 1000000,
};

/* `before`: the occurrence before it in the same run, or NULL. */
typedef bool holds(const struct occurrence *o, const struct occurrence *before);

static bool at_step_9(const struct occurrence *o,
                      const struct occurrence *before)
{
    (void)before;
    return o->site.kind == SITE_STEP && o->site.thread_step == 9;
}

static bool at_steps_5_to_9(const struct occurrence *o,
                            const struct occurrence *before)
{
    (void)before;
    return o->site.thread_step >= 5 && o->site.thread_step <= 9;
}

static bool at_call_2(const struct occurrence *o,
                      const struct occurrence *before)
{
    (void)before;
    return o->site.count == 2;
}

static bool at_point(const struct occurrence *o,
                     const struct occurrence *before)
{
    (void)before;
    return o->site.kind == SITE_POINT &&
           strcmp(o->site.point, "ms_queue.enq.linked") == 0;
}

static bool at_third_hit(const struct occurrence *o,
                         const struct occurrence *before)
{
    return at_point(o, before) && o->site.hit == 3;
}

/* Whoever came there, it is T1 that is hit. */
static bool on_event(const struct occurrence *o,
                     const struct occurrence *before)
{
    return at_point(o, before) && o->site.hit == 2 && o->action.targets == 2;
}

static bool each_20_steps(const struct occurrence *o,
                          const struct occurrence *before)
{
    return o->site.thread == 1 &&
           (before == NULL
                ? o->site.thread_step == 19
                : o->site.thread_step == before->site.thread_step + 20);
}

static bool each_4_ms(const struct occurrence *o,
                      const struct occurrence *before)
{
    return o->site.time ==
           (before == NULL ? 4 * MS : before->site.time + 4 * MS);
}

static bool at_7_ms(const struct occurrence *o, const struct occurrence *before)
{
    (void)before;
    return o->site.time == 7 * MS;
}

static bool while_holding(const struct occurrence *o,
                          const struct occurrence *before)
{
    (void)before;
    return o->site.kind == SITE_STEP && o->site.held_steps >= 1 &&
           o->site.held_steps <= 4;
}

static bool anywhere(const struct occurrence *o,
                     const struct occurrence *before)
{
    (void)o;
    (void)before;
    return true;
}

static const struct {
    const char *system;
    const char *rule;
    holds *holds;
    uint32_t most; /* in a run */
    double from;   /* share of runs in which it acts */
    double to;
    bool to_the_most; /* some run has as many as `most` */
} triggers[] = {
    {QUEUE,
     "kind: delay, target: { threads: T1 }, when: { step: 9 }, for: 3 "
     "steps",
     at_step_9, 1, 1, 1, true},
    {QUEUE,
     "kind: pause, target: { threads: any }, when: { step: 5..9 }, for: "
     "3 steps",
     at_steps_5_to_9, 1, 1, 1, true},
    {QUEUE,
     "kind: delay, target: { threads: all }, when: { step: 9 }, for: 3 "
     "steps",
     at_step_9, 3, 1, 1, true},
    {QUEUE, "kind: alloc_fail, target: { threads: T0 }, when: { call: 2 }",
     at_call_2, 1, 0.5, 1, true},
    {QUEUE,
     "kind: cas_spurious_fail, target: { threads: T2 }, when: { call: 2 "
     "}",
     at_call_2, 1, 0.9, 1, true},
    {REGISTER, "kind: loss, target: { clients: client1 }, when: { call: 2 }",
     at_call_2, 8, 1, 1, false},
    {QUEUE,
     "kind: crash, target: { threads: any }, when: { point: "
     "ms_queue.enq.linked }, limit: 1",
     at_point, 1, 0.9, 1, true},
    {QUEUE,
     "kind: delay, when: { point: ms_queue.enq.linked, hit: 3 }, for: 5 "
     "steps",
     at_third_hit, 1, 0.9, 1, true},
    {QUEUE,
     "kind: crash, target: { threads: T1 }, when: { event: "
     "ms_queue.enq.linked, hit: 2 }",
     on_event, 1, 0.9, 1, true},
    {REGION,
     "kind: kill, target: { processes: any }, when: { event: "
     "[region.half_written, unlock.owner_cleared_before_post] }, limit: 2, "
     "respawn: 1ms",
     anywhere, 2, 0.95, 1, true},
    {QUEUE,
     "kind: delay, target: { threads: T1 }, every: 20 steps, for: 2 "
     "steps",
     each_20_steps, 99, 1, 1, false},
    {REGISTER,
     "kind: pause, target: { nodes: replica1 }, every: 4ms, for: "
     "1ms",
     each_4_ms, 999, 1, 1, false},
    {REGISTER, "kind: crash, target: { nodes: any }, when: { time: 7ms }",
     at_7_ms, 1, 1, 1, true},
    {QUEUE, "kind: cas_spurious_fail, p: 0.5, limit: 2", anywhere, 2, 0.95, 1,
     true},
    {QUEUE, "kind: delay, p: 0.02, for: 5 steps, limit: 3", anywhere, 3, 0.6, 1,
     true},
    {QUEUE,
     "kind: delay, when: { step: 9 }, for: 3 steps, target: { threads: "
     "T0 }, p: 25%",
     at_step_9, 1, 0.18, 0.32, true},
    {QUEUE,
     "kind: delay, when: { step: 9 }, for: 3 steps, target: { threads: "
     "T0 }, swarm: 0.5",
     at_step_9, 1, 0.42, 0.58, true},
    {REGION,
     "kind: kill, target: { processes: any }, when: { holding: "
     "region.sem, step: 1..4 }, limit: 1, respawn: 1ms",
     while_holding, 1, 0.95, 1, true},
    {QUEUE, "kind: crash, target: { threads: any }, when: { after_ops: 5 }",
     anywhere, 1, 1, 1, true},
    {REGISTER, "kind: crash, target: { nodes: any }, when: { after_ops: 7 }",
     anywhere, 1, 1, 1, true},
    {REGISTER, "kind: crash, target: { clients: any }, when: { after_ops: 7 }",
     anywhere, 1, 1, 1, true},
    {QUEUE,
     "kind: delay, target: { threads: T0 }, when: { any_of: [ { step: "
     "9 }, { point: ms_queue.enq.linked } ] }, for: 2 steps",
     anywhere, 7, 1, 1, false},
};

enum {
    TRIGGERS = sizeof(triggers) / sizeof(triggers[0])
};

static struct acts acts;

static void open_rule(const char *system, const char *rule)
{
    char text[600];
    snprintf(text, sizeof(text), "faults:\n  - { %s }", rule);
    acts_open(&acts, system, text);
}

static void close_rule(void)
{
    acts_close(&acts);
}

/* The run in hand can be had again. */
static void expect_repeated(uint64_t index)
{
    struct run_outcome o = {.end = RUN_FINISHED};
    struct run_request replay = {.mode = RUN_REPLAY, .trace = acts.trace};
    uint64_t digest = acts.outcome.digest;
    runner_run(acts.runner, &replay, &o);
    ck_assert_msg(o.end == acts.outcome.end && o.digest == digest,
                  "run %llu: %s: %s", (unsigned long long)index,
                  run_end_name(o.end), o.detail);
}

START_TEST(a_rule_acts_when_it_says)
{
    open_rule(triggers[_i].system, triggers[_i].rule);
    if (strstr(triggers[_i].rule, "cas_spurious_fail") != NULL &&
        !runner_tells_weak(acts.runner)) {
        close_rule();
        return; /* compiled by clang */
    }
    uint32_t acted = 0;
    uint32_t most = 0;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct act_run run = acts_run(&acts, i);
        uint32_t count = run.trace->occurrences_count;
        for (uint32_t k = 0; k < count; k++) {
            const struct occurrence *o = &run.trace->occurrences[k];
            ck_assert_uint_eq(o->rule, 0);
            ck_assert_msg(triggers[_i].holds(o, k == 0 ? NULL : o - 1),
                          "%s: run %llu, thread %u, step %llu, time %llu, "
                          "count %llu, hit %u",
                          triggers[_i].rule, (unsigned long long)i,
                          o->site.thread,
                          (unsigned long long)o->site.thread_step,
                          (unsigned long long)o->site.time,
                          (unsigned long long)o->site.count, o->site.hit);
        }
        expect_repeated(i);
        acted += count > 0 ? 1 : 0;
        most = count > most ? count : most;
    }
    double share = (double)acted / RUNS;
    ck_assert_msg(share >= triggers[_i].from && share <= triggers[_i].to,
                  "%s: acted in %u of %d runs", triggers[_i].rule, acted, RUNS);
    ck_assert_msg(most <= triggers[_i].most &&
                      (!triggers[_i].to_the_most || most == triggers[_i].most),
                  "%s: acted %u times in a run", triggers[_i].rule, most);
    close_rule();
}
END_TEST

/* An event is somebody else's doing as well, and its victim is drawn then. */
START_TEST(an_event_hits_others)
{
    open_rule(QUEUE, "kind: pause, target: { threads: any }, for: 4 steps, "
                     "when: { event: ms_queue.enq.linked }");
    uint32_t met[3][3] = {{0}};
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct act_run run = acts_run(&acts, i);
        for (uint32_t k = 0; k < run.trace->occurrences_count; k++) {
            const struct occurrence *o = &run.trace->occurrences[k];
            ck_assert_int_eq(__builtin_popcountll(o->action.targets), 1);
            ck_assert_uint_lt(o->site.thread, 3);
            met[o->site.thread][__builtin_ctzll(o->action.targets)]++;
        }
    }
    for (uint32_t i = 0; i < 9; i++) {
        ck_assert_uint_gt(met[i / 3][i % 3], RUNS / 20);
    }
    close_rule();
}
END_TEST

START_TEST(every_step_is_tried)
{
    open_rule(QUEUE, "kind: delay, target: { threads: any }, when: { "
                     "every_step: true }, for: 9 steps");
    for (uint64_t i = 0; i < 60; i++) {
        struct act_run run = acts_run(&acts, i);
        ck_assert_uint_eq(run.trace->occurrences_count, 1);
        const struct site *site = &run.trace->occurrences[0].site;
        ck_assert_uint_eq(site->thread, i % 3);
        ck_assert_uint_eq(site->thread_step, i / 3 == 0 ? 1 : i / 3);
    }
    close_rule();
}
END_TEST

/* --- targets -------------------------------------------------------------- */

static const struct {
    const char *system;
    const char *target;
    uint32_t least; /* struck at once */
    uint32_t most;
    uint64_t all; /* who may be struck, and all of whom are in some run */
} targets[] = {
    {REGISTER, "{ nodes: any }", 1, 1, 0x1f},
    {REGISTER, "{ nodes: all }", 5, 5, 0x1f},
    {REGISTER, "{ nodes: replica2 }", 1, 1, 0x02},
    {REGISTER, "{ nodes: [replica1, replica4] }", 2, 2, 0x09},
    {REGISTER, "{ nodes: random(3) }", 3, 3, 0x1f},
    {REGISTER, "{ nodes: minority }", 1, 2, 0x1f},
    {REGISTER, "{ nodes: majority }", 3, 3, 0x1f},
    {REGISTER, "{ clients: any }", 1, 1, 0xe0},
    {REGISTER, "{ clients: [client1, client3] }", 2, 2, 0xa0},
    {QUEUE, "{ threads: random(2) }", 2, 2, 0x07},
    {QUEUE, "{ threads: [T0, T2] }", 2, 2, 0x05},
    {QUEUE, "{ clients: all }", 3, 3, 0x07},
    {REGION, "{ processes: majority }", 2, 2, 0x07},
    {REGION, "{ processes: P1 }", 1, 1, 0x02},
};

enum {
    TARGETS = sizeof(targets) / sizeof(targets[0])
};

START_TEST(a_target_is_whom_it_says)
{
    char rule[200];
    snprintf(rule, sizeof(rule),
             "kind: pause, target: %s, when: { time: 2us }, for: 1ms",
             targets[_i].target);
    open_rule(targets[_i].system, rule);
    uint64_t struck = 0;
    for (uint64_t i = 1; i <= 100; i++) {
        struct act_run run = acts_run(&acts, i);
        ck_assert_uint_eq(run.trace->occurrences_count, 1);
        uint64_t who = run.trace->occurrences[0].action.targets;
        uint32_t count = (uint32_t)__builtin_popcountll(who);
        ck_assert_msg(count >= targets[_i].least && count <= targets[_i].most,
                      "%s: %llx", targets[_i].target, (unsigned long long)who);
        struck |= who;
    }
    ck_assert_msg(struck == targets[_i].all, "%s: in all %llx",
                  targets[_i].target, (unsigned long long)struck);
    close_rule();
}
END_TEST

static const struct {
    const char *target;
    uint64_t from;
    uint64_t to;
    bool both;
} links[] = {
    {"\"replica1->client2\"", 0x01, 0x40, false},
    {"\"replica1<->client2\"", 0x01, 0x40, true},
    {"\"client*->replica*\"", 0xe0, 0x1f, false},
    {"\"client->replica3\"", 0xe0, 0x04, false},
    {"\"*->replica5\"", 0xff, 0x10, false},
    {"\"*\"", 0xff, 0xff, false},
};

enum {
    LINKS = sizeof(links) / sizeof(links[0])
};

/* A rule that loses all messages of some links loses those and no other. */
START_TEST(a_link_is_what_it_says)
{
    char rule[200];
    snprintf(rule, sizeof(rule), "kind: loss, target: %s", links[_i].target);
    open_rule(REGISTER, rule);
    uint32_t lost = 0;
    struct act_run run = acts_run(&acts, 1);
    for (uint32_t i = 0; i < run.log->messages_count; i++) {
        const struct log_message *m = &run.log->messages[i];
        bool there = links[_i].from >> m->from & links[_i].to >> m->to & 1;
        bool back = links[_i].from >> m->to & links[_i].to >> m->from & 1;
        bool meant = there || (links[_i].both && back);
        ck_assert_msg(meant == (m->fate == FL_LOST), "%s: %u->%u",
                      links[_i].target, m->from, m->to);
        lost += m->fate == FL_LOST ? 1 : 0;
    }
    ck_assert_uint_gt(lost, 0);
    close_rule();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("triggers");
    TCase *cases = tcase_create("triggers");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, a_rule_acts_when_it_says, 0, TRIGGERS);
    tcase_add_test(cases, every_step_is_tried);
    tcase_add_test(cases, an_event_hits_others);
    tcase_add_loop_test(cases, a_target_is_whom_it_says, 0, TARGETS);
    tcase_add_loop_test(cases, a_link_is_what_it_says, 0, LINKS);
    suite_add_tcase(suite, cases);
    return check_tap_run(suite);
}
