/*
 * Storms: more faults than anybody survives, at once, and again.
 *
 * Whatever happens to threads, processes and nodes that wait, rest, spin, hold
 * locks, begin or end, all modes make the same run of it, no run is called a
 * deadlock that a fault has blocked, and nothing of ours fails.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/agree_fixture.h"

enum {
    RUNS = 300, /* of each storm */
    SEED = 21
};

static const char *const storms[] = {
    /* one process that dies again and again */
    "system: { kind: processes, algorithm: shm_region, processes: 1 }\n"
    "workload: { ops_per_process: 4, amount: 1..50 }\n"
    "faults:\n"
    "  - kind: kill\n    target: { processes: any }\n    every: 5..30 steps\n"
    "    respawn: 1us..1ms\n    limit: 6\n",
    /* processes that die, freeze, and have wrong clocks */
    "system: { kind: processes, algorithm: shm_region, processes: 3 }\n"
    "workload: { ops_per_process: 4, amount: 1..50 }\n"
    "faults:\n"
    "  - kind: kill\n    target: { processes: random(2) }\n"
    "    every: 1us..9us\n    respawn: 1us..20us\n    pid_reuse: 0.5\n"
    "    limit: 8\n"
    "  - kind: pause\n    target: { processes: any }\n    every: 1us..9us\n"
    "    for: 1us..9us\n"
    "  - kind: clock_jump\n    target: { processes: any }\n"
    "    every: 1us..9us\n    by: -1ms..1ms\n",
    /* all processes die, and none comes back */
    "system: { kind: processes, algorithm: shm_region, processes: 3 }\n"
    "workload: { ops_per_process: 4, amount: 1..50 }\n"
    "faults:\n"
    "  - kind: kill\n    target: { processes: all }\n"
    "    when: { time: 1us..6us }\n",
    /* threads of a queue that should not care */
    "system: { kind: threads, algorithm: ms_queue_hp, threads: 4 }\n"
    "workload: { ops_per_thread: 4 }\n"
    "faults:\n"
    "  - kind: crash\n    target: { threads: any }\n"
    "    every: 20..60 steps\n    limit: 3\n"
    "  - kind: delay\n    target: { threads: any }\n    every: 3..9 steps\n"
    "    for: 1..20 steps\n"
    "  - kind: delay\n    target: { threads: any }\n    every: 7..20 steps\n"
    "    for: 1us..5us\n"
    "  - kind: pause\n    target: { threads: random(3) }\n"
    "    every: 1us..4us\n    for: 1us..4us\n"
    "  - kind: cas_spurious_fail\n    p: 0.3\n"
    "  - kind: eager_reuse\n",
    /* threads that spin, some of them frozen for ever */
    "system: { kind: threads, algorithm: spin_lock, threads: 4 }\n"
    "workload: { ops_per_thread: 3 }\n"
    "faults:\n"
    "  - kind: pause\n    target: { threads: any }\n"
    "    when: { time: 1us..6us }\n"
    "  - kind: delay\n    target: { threads: any }\n    every: 3..9 steps\n"
    "    for: 1..30 steps\n"
    "  - kind: pause\n    target: { threads: any }\n    every: 1us..2us\n"
    "    for: 1us..9us\n"
    "  - kind: crash\n    target: { threads: any }\n"
    "    when: { step: 0..40 }\n    limit: 1\n",
    /* all threads crash */
    "system: { kind: threads, algorithm: two_lock_queue, threads: 3 }\n"
    "workload: { ops_per_thread: 3 }\n"
    "faults:\n"
    "  - kind: crash\n    target: { threads: all }\n"
    "    when: { time: 0us..5us }\n",
    /* nodes that come and go */
    "system:\n  kind: network\n  algorithm: abd_register\n"
    "  nodes: { replica: 3, client: 2 }\n"
    "workload:\n  clients: { ops: 4 }\n  timeout: 100ms\n"
    "network:\n  default:\n    latency: 1ms..9ms\n    loss: 0.1\n"
    "    duplicate: 0.1\n    reorder: allowed\n"
    "faults:\n"
    "  - kind: restart\n    target: { nodes: random(2) }\n"
    "    every: 5ms..20ms\n    down_for: 1ms..9ms\n    limit: 40\n"
    "  - kind: pause\n    target: { nodes: random(2) }\n"
    "    every: 5ms..20ms\n    for: 1ms..20ms\n"
    "  - kind: clog\n    pattern: [all, swizzle]\n"
    "    target: { nodes: random(2) }\n    every: 5ms..20ms\n"
    "    for: 1ms..20ms\n"
    "run: { sim_time: 2s }\n",
};

enum {
    STORMS = sizeof(storms) / sizeof(storms[0])
};

START_TEST(all_modes_make_the_same_run_of_a_storm)
{
    char text[3000];
    int size = snprintf(text, sizeof(text), "scenario: 1\nname: storm\n%s",
                        storms[_i]);
    ck_assert_int_lt(size, (int)sizeof(text));
    struct scenario *s =
        scenario_parse("storm.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    for (uint64_t i = 1; i <= agree_runs(RUNS); i++) {
        agree_once(r, SEED, i, false);
        struct run_outcome o;
        struct run_request request = {.seed = SEED, .index = i};
        runner_run(r, &request, &o);
        ck_assert_msg(o.verdict != FL_VIOLATION, "run %lu: %s, %s",
                      (unsigned long)i, run_end_name(o.end), o.detail);
    }
    for (uint32_t rule = 0; rule < s->rules_count; rule++) {
        ck_assert_msg(runner_fired(r, rule) > 0, "rule %u never acted",
                      rule + 1);
    }
    runner_free(r);
    scenario_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("storm");
    TCase *modes = tcase_create("modes");
    tcase_set_timeout(modes, 300);
    tcase_add_loop_test(modes, all_modes_make_the_same_run_of_a_storm, 0,
                        STORMS);
    suite_add_tcase(suite, modes);
    return check_tap_run(suite);
}
