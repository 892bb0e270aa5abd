/*
 * Lulls: who undoes each other's work for ever is accused, and nobody who is
 * only slow.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/runner.h"
#include "harness/shrink.h"
#include "harness/sim/lull.h"
#include "harness/wall.h"

enum {
    RUNS = 60 /* of each kind */
};

#include "tests/lull_fixture.h"

static const char lulls[] = "tests/plugins/lulls";
static const char one_call[] = "workload: { ops_per_thread: 1 }\n";

static const char *const places[] = {
    "register", "stack",  "other_stack", "global",    "thread",   "heap",
    "early",    "fresh",  "error",       "semaphore", "specific", "readers",
    "clock",    "chance", "sleeps",      "waiting"};

/* However it counts, a loop that ends is not accused. */
START_TEST(whoever_counts_his_rounds_is_slow)
{
    const char *place = places[_i];
    all_end(lulls, place, NULL, one_call, RUN_FINISHED);
    all_end(lulls, place, "round_robin", one_call, RUN_FINISHED);
    all_end("tests/plugins/lulls_early", place, "round_robin", one_call,
            RUN_FINISHED);
}
END_TEST

/* The same where states are noted from the first step on, as when the trace of
 * a livelock is edited. */
START_TEST(whoever_counts_is_slow_in_an_edited_trace)
{
    edited_end(places[_i], "round_robin", one_call);
}
END_TEST

/* Whoever waits for one that is not let go on is no victim of the algorithm. */
START_TEST(an_unfair_schedule_accuses_nobody)
{
    static const char *const asked[] = {"pct", "random", "sticky", "delay",
                                        "adversary"};
    for (uint32_t i = 0; i < 5; i++) {
        all_end(lulls, "ends", asked[i], one_call, RUN_FINISHED);
    }
}
END_TEST

START_TEST(a_loop_without_an_end_is_a_livelock)
{
    all_end(lulls, "endless", NULL, one_call, RUN_LIVELOCK);
    all_end(lulls, "endless", "pct", one_call, RUN_LIVELOCK);
}
END_TEST

START_TEST(what_constructors_allocated_is_looked_at)
{
    all_end("tests/plugins/lulls_early", "endless", NULL, one_call,
            RUN_LIVELOCK);
}
END_TEST

START_TEST(what_cannot_be_compared_is_not_judged)
{
    all_end(lulls, "endless", NULL,
            "workload: { ops_per_thread: 1 }\ncheck: { progress: none }\n"
            "run: { steps_max: 3000 }\n",
            RUN_STEP_LIMIT);
}
END_TEST

/* T1 crashes before it comes: that blocks T0, which a lock-free one may not
 * be. */
START_TEST(who_is_blocked_by_a_fault_is_called_so)
{
    static const char crash[] =
        "workload: { ops_per_thread: 1 }\n"
        "faults:\n  - kind: crash\n    target: { threads: T1 }\n"
        "    when: { step: 1 }\n";
    char rest[400];
    all_end(lulls, "ends", NULL, crash, RUN_FINISHED);
    (void)snprintf(rest, sizeof(rest), "%scheck: { progress: lock_free }\n",
                   crash);
    all_end(lulls, "ends", NULL, rest, RUN_BLOCKED);
}
END_TEST

/* Two seconds in naps of one millisecond: while somebody sleeps no state is
 * looked at, which would take twenty times as long as all the rest. */
START_TEST(naps_are_not_looked_at)
{
    struct scenario *s = make(lulls, one_call);
    struct runner *r = runner_new(s, "naps", stderr);
    ck_assert_ptr_nonnull(r);
    for (uint64_t i = 0; i < RUNS; i++) {
        struct run_outcome o;
        struct run_request request = {.seed = 7, .index = i};
        runner_run(r, &request, &o);
        ck_assert_int_eq(o.end, RUN_FINISHED);
        ck_assert_uint_gt(o.steps, 2000);
    }
    ck_assert_uint_eq(lull_states(&r->world), 0);
    runner_free(r);
    scenario_free(s);
}
END_TEST

static const char dekker[] = "algorithms/dekker_lock";

START_TEST(a_turn_ends_politeness)
{
    static const char *const asked[] = {NULL,  "round_robin", "adversary",
                                        "pct", "systematic",  "pos"};
    for (uint32_t i = 0; i < 6; i++) {
        all_end(dekker, "sound", asked[i],
                "workload: { ops_per_thread: 4 }\n"
                "check: { progress: deadlock_free }\n",
                RUN_FINISHED);
    }
}
END_TEST

/* The first run of the polite lock that ends as `end`; RUNS: none does. */
static uint64_t find_polite(struct runner *r, enum run_end end)
{
    struct run_outcome o;
    for (uint64_t i = 0; i < RUNS; i++) {
        struct run_request request = {
            .seed = 7, .index = i, .strategy = "round_robin"};
        runner_run(r, &request, &o);
        if (o.end == end) {
            return i;
        }
    }
    return RUNS;
}

START_TEST(two_who_undo_each_other_are_found_and_shrunk)
{
    struct scenario *s = make(dekker, "workload: { ops_per_thread: 4 }\n");
    struct runner *r = runner_new(s, "polite", stderr);
    uint64_t index = find_polite(r, RUN_LIVELOCK);
    ck_assert_uint_lt(index, RUNS);
    struct run_outcome o;
    struct run_request record = {.mode = RUN_RECORD,
                                 .seed = 7,
                                 .index = index,
                                 .strategy = "round_robin"};
    runner_run(r, &record, &o);
    ck_assert_int_eq(o.end, RUN_LIVELOCK);
    struct trace *trace = runner_trace(r);
    struct shrink_request shrink = {.runner = r,
                                    .scenario = s,
                                    .trace = trace,
                                    .deadline = wall_ms() + 5000};
    struct fl_record_shrink counts;
    struct trace *small = shrink_trace(&shrink, &counts);
    ck_assert_ptr_nonnull(small);
    ck_assert_uint_eq(counts.operations_after, 2);
    ck_assert_uint_lt(small->steps, 20);
    struct run_request replay = {.mode = RUN_REPLAY, .trace = small};
    for (uint32_t i = 0; i < 3; i++) {
        runner_run(r, &replay, &o);
        ck_assert_int_eq(o.end, RUN_LIVELOCK);
    }
    trace_free(small);
    trace_free(trace);
    runner_free(r);
    scenario_free(s);
}
END_TEST

/* Alone, each of them comes in: that is all that is promised. */
START_TEST(who_may_hinder_each_other_is_not_accused)
{
    struct scenario *s = make(dekker, "workload: { ops_per_thread: 4 }\n"
                                      "check: { progress: obstruction_free }\n"
                                      "faults:\n  - kind: pause\n"
                                      "    target: { threads: T0 }\n"
                                      "    when: { step: 20000 }\n");
    struct runner *r = runner_new(s, "polite", stderr);
    ck_assert_uint_eq(find_polite(r, RUN_LIVELOCK), RUNS);
    ck_assert_uint_lt(find_polite(r, RUN_STEP_LIMIT), RUNS);
    runner_free(r);
    scenario_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lull");
    TCase *lull = tcase_create("lull");
    enum {
        PLACES = sizeof(places) / sizeof(places[0])
    };
    tcase_set_timeout(lull, 60);
    tcase_add_loop_test(lull, whoever_counts_his_rounds_is_slow, 0, PLACES);
    tcase_add_loop_test(lull, whoever_counts_is_slow_in_an_edited_trace, 0,
                        PLACES);
    tcase_add_test(lull, an_unfair_schedule_accuses_nobody);
    tcase_add_test(lull, a_loop_without_an_end_is_a_livelock);
    tcase_add_test(lull, what_constructors_allocated_is_looked_at);
    tcase_add_test(lull, what_cannot_be_compared_is_not_judged);
    tcase_add_test(lull, who_is_blocked_by_a_fault_is_called_so);
    tcase_add_test(lull, naps_are_not_looked_at);
    tcase_add_test(lull, a_turn_ends_politeness);
    tcase_add_test(lull, two_who_undo_each_other_are_found_and_shrunk);
    tcase_add_test(lull, who_may_hinder_each_other_is_not_accused);
    suite_add_tcase(suite, lull);
    return check_tap_run(suite);
}
