/*
 * The edges of what the engine decides: who waits and who only looks often,
 * who is blocked by a fault and who by his fellows, and what a search covers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/run.h"
#include "tests/check_tap.h"

#include <string.h>

/* A runner of one variant of tests/plugins/corners.c. */
struct corner {
    struct scenario *scenario;
    struct runner *runner;
};

static void open_corner(struct corner *c, const char *variant, uint32_t threads,
                        const char *extra)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[2000];
    int size =
        snprintf(text, sizeof(text),
                 "scenario: 1\nname: corners\nsystem:\n  kind: threads\n"
                 "  algorithm: %s/tests/plugins/corners.so\n  threads: %u\n%s",
                 build == NULL ? "build" : build, threads, extra);
    c->scenario = scenario_parse("corners.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(c->scenario);
    c->runner = runner_new(c->scenario, variant, stderr);
    ck_assert_ptr_nonnull(c->runner);
}

static void close_corner(struct corner *c)
{
    runner_free(c->runner);
    scenario_free(c->scenario);
}

static const char one_call[] = "workload: { ops_per_thread: 1 }\n";

/* Runs 0 to count - 1 by `strategy`; all must end as one of `ends` says.
 * Returns how many ended as the first of them. */
static uint64_t run_all(const struct corner *c, const char *strategy,
                        uint64_t count, const enum run_end ends[2])
{
    uint64_t firsts = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct run_outcome o;
        struct run_request request = {
            .seed = 5, .index = i, .strategy = strategy};
        runner_run(c->runner, &request, &o);
        ck_assert_msg(o.end == ends[0] || o.end == ends[1], "run %lu: '%s', %s",
                      (unsigned long)i, run_end_name(o.end), o.detail);
        firsts += o.end == ends[0] ? 1 : 0;
    }
    return firsts;
}

static void must_end(const char *variant, uint32_t threads, const char *extra,
                     enum run_end end)
{
    struct corner c;
    open_corner(&c, variant, threads, extra);
    const enum run_end ends[2] = {end, end};
    run_all(&c, NULL, 60, ends);
    close_corner(&c);
}

static void must_reach(const char *variant, const char *strategy)
{
    struct corner c;
    open_corner(&c, variant, 2, one_call);
    const enum run_end ends[2] = {RUN_FINISHED, RUN_FINISHED};
    run_all(&c, strategy, 4000, ends);
    ck_assert_msg(runner_reached(c.runner, 0) > 0, "%s: never reached",
                  variant);
    close_corner(&c);
}

START_TEST(whoever_looks_a_bounded_number_of_times_ends)
{
    must_end("counted", 1, one_call, RUN_FINISHED);
    must_end("counted", 2, one_call, RUN_FINISHED);
}
END_TEST

START_TEST(whoever_looks_at_the_clock_sees_it_move)
{
    must_end("polls", 1, one_call, RUN_FINISHED);
    must_end("polls", 3, one_call, RUN_FINISHED);
}
END_TEST

START_TEST(only_a_loop_that_is_proved_is_a_livelock)
{
    must_end("fixed", 1, one_call, RUN_LIVELOCK);
    must_end("fixed", 3, one_call, RUN_LIVELOCK);
    must_end("statistic", 2, one_call, RUN_STEP_LIMIT);
}
END_TEST

START_TEST(a_bounded_wait_may_end_while_others_work)
{
    must_reach("gives_up", NULL);
    must_reach("collects", NULL);
}
END_TEST

START_TEST(a_store_wakes_whoever_reads_a_part_of_it)
{
    must_reach("wide", NULL);
}
END_TEST

START_TEST(whoever_yielded_may_come_back_at_any_point)
{
    must_reach("yields", "random");
    must_reach("yields", "sticky");
}
END_TEST

START_TEST(a_waiter_paused_for_ever_is_no_deadlock)
{
    must_end("holds", 2,
             "workload: { ops_per_thread: 1 }\n"
             "faults:\n  - kind: pause\n    target: { threads: T0 }\n"
             "    when: { time: 2us }\n",
             RUN_FINISHED);
}
END_TEST

START_TEST(a_circle_of_waiters_is_a_deadlock_whoever_crashed)
{
    struct corner c;
    open_corner(&c, "crossed", 3,
                "workload: { ops_per_thread: 1 }\n"
                "faults:\n  - kind: crash\n    target: { threads: T2 }\n"
                "    when: { step: 0 }\n");
    const enum run_end ends[2] = {RUN_DEADLOCK, RUN_FINISHED};
    ck_assert_uint_gt(run_all(&c, NULL, 300, ends), 0);
    close_corner(&c);
}
END_TEST

START_TEST(who_spins_on_trylock_of_a_dead_holder_is_blocked)
{
    must_end("tries", 2,
             "workload: { ops_per_thread: 1 }\n"
             "faults:\n  - kind: crash\n    target: { threads: any }\n"
             "    when: { point: corner.inside, hit: 1 }\n",
             RUN_FINISHED);
}
END_TEST

START_TEST(a_wake_is_not_lost_with_the_dead)
{
    struct corner c;
    open_corner(&c, "posts", 3,
                "workload: { ops_per_thread: 1 }\n"
                "faults:\n  - kind: crash\n    target: { threads: T0 }\n"
                "    when: { time: 100us..102us }\n");
    const enum run_end ends[2] = {RUN_FINISHED, RUN_FINISHED};
    run_all(&c, NULL, 2000, ends);
    close_corner(&c);
}
END_TEST

START_TEST(an_object_that_never_settles_is_given_up)
{
    struct corner c;
    open_corner(&c, "settles", 1, one_call);
    const enum run_end ends[2] = {RUN_STUCK, RUN_STUCK};
    run_all(&c, NULL, 1, ends);
    close_corner(&c);
}
END_TEST

/* What is the same in every mode. */
static void must_agree(const struct corner *c, const struct run_request *asked)
{
    struct run_request request = *asked;
    struct run_outcome explored;
    struct run_outcome recorded;
    struct run_outcome replayed;
    runner_run(c->runner, &request, &explored);
    request.mode = RUN_RECORD;
    runner_run(c->runner, &request, &recorded);
    ck_assert_msg(recorded.end == explored.end &&
                      recorded.steps == explored.steps &&
                      recorded.switches == explored.switches,
                  "run %lu: '%s' after %lu steps, recorded '%s' after %lu",
                  (unsigned long)request.index, run_end_name(explored.end),
                  (unsigned long)explored.steps, run_end_name(recorded.end),
                  (unsigned long)recorded.steps);
    struct trace *trace = runner_trace(c->runner);
    struct run_request replay = {.mode = RUN_REPLAY, .trace = trace};
    uint64_t digest = recorded.digest;
    runner_run(c->runner, &replay, &replayed);
    ck_assert_msg(replayed.end == recorded.end && replayed.digest == digest,
                  "run %lu: '%s', replayed '%s': %s",
                  (unsigned long)request.index, run_end_name(recorded.end),
                  run_end_name(replayed.end), replayed.detail);
    trace_free(trace);
}

START_TEST(faults_in_enter_and_leave_are_repeated_exactly)
{
    struct corner c;
    open_corner(&c, "enters", 3,
                "workload: { ops_per_thread: 2 }\n"
                "faults:\n  - kind: crash\n    target: { threads: any }\n"
                "    when: { step: 0..24 }\n    limit: 1\n"
                "  - kind: delay\n    target: { threads: any }\n"
                "    when: { step: 0..24 }\n    for: 3..9 steps\n");
    for (uint64_t i = 0; i < 1000; i++) {
        must_agree(&c, &(struct run_request){.seed = 2, .index = i});
    }
    close_corner(&c);
}
END_TEST

START_TEST(what_a_search_draws_is_recorded_with_it)
{
    static const char *const variants[] = {"gambles", "locks", "spins",
                                           "holds"};
    for (size_t v = 0; v < sizeof(variants) / sizeof(variants[0]); v++) {
        struct corner c;
        open_corner(&c, variants[v], v == 3 ? 2 : 3, one_call);
        for (uint64_t i = 0; i < 300; i++) {
            must_agree(&c, &(struct run_request){.seed = 3,
                                                 .index = 4,
                                                 .strategy = "exhaustive",
                                                 .exhaustive_next = i > 0,
                                                 .preemptions = 2});
        }
        close_corner(&c);
    }
}
END_TEST

START_TEST(a_search_of_a_program_that_is_unsteady_is_not_complete)
{
    struct corner c;
    open_corner(&c, "unsteady", 2, one_call);
    struct run_outcome o = {.last = false};
    for (uint64_t i = 0; i < 20000 && !o.last; i++) {
        struct run_request request = {.seed = 3,
                                      .strategy = "exhaustive",
                                      .exhaustive_next = i > 0,
                                      .preemptions = 4};
        runner_run(c.runner, &request, &o);
    }
    ck_assert(!o.exhausted);
    close_corner(&c);
}
END_TEST

START_TEST(the_smallest_and_the_largest_workloads_run)
{
    const enum run_end ends[2] = {RUN_FINISHED, RUN_FINISHED};
    static const struct {
        uint32_t threads;
        const char *work;
    } sizes[] = {
        {1, "workload: { ops_per_thread: 1 }\n"},
        {2, "workload:\n  program:\n    - []\n    - []\n"},
        {2, "workload:\n  program:\n    - [add 1]\n    - []\n"},
        {60, "workload: { ops_per_thread: 1 }\nrun: { steps_max: 100000 }\n"},
        {60, "workload: { ops_per_thread: 3 }\nrun: { steps_max: 100000 }\n"},
    };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct corner c;
        open_corner(&c, "sound", sizes[i].threads, sizes[i].work);
        run_all(&c, NULL, 40, ends);
        for (uint64_t k = 0; k < 20; k++) {
            must_agree(&c, &(struct run_request){.seed = 8, .index = k});
        }
        close_corner(&c);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("corners");
    TCase *waits = tcase_create("waits");
    tcase_set_timeout(waits, 120);
    tcase_add_test(waits, whoever_looks_a_bounded_number_of_times_ends);
    tcase_add_test(waits, whoever_looks_at_the_clock_sees_it_move);
    tcase_add_test(waits, only_a_loop_that_is_proved_is_a_livelock);
    tcase_add_test(waits, a_bounded_wait_may_end_while_others_work);
    tcase_add_test(waits, a_store_wakes_whoever_reads_a_part_of_it);
    tcase_add_test(waits, whoever_yielded_may_come_back_at_any_point);
    tcase_add_test(waits, a_waiter_paused_for_ever_is_no_deadlock);
    tcase_add_test(waits, a_circle_of_waiters_is_a_deadlock_whoever_crashed);
    tcase_add_test(waits, who_spins_on_trylock_of_a_dead_holder_is_blocked);
    tcase_add_test(waits, a_wake_is_not_lost_with_the_dead);
    tcase_add_test(waits, an_object_that_never_settles_is_given_up);
    suite_add_tcase(suite, waits);
    TCase *again = tcase_create("again");
    tcase_set_timeout(again, 120);
    tcase_add_test(again, faults_in_enter_and_leave_are_repeated_exactly);
    tcase_add_test(again, what_a_search_draws_is_recorded_with_it);
    tcase_add_test(again,
                   a_search_of_a_program_that_is_unsteady_is_not_complete);
    tcase_add_test(again, the_smallest_and_the_largest_workloads_run);
    suite_add_tcase(suite, again);
    return check_tap_run(suite);
}
