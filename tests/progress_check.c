/*
 * Progress: what is promised, what is found, and that nobody is accused who
 * only was not let.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/run.h"
#include "harness/shrink.h"
#include "harness/wall.h"
#include "tests/check_tap.h"

#include <string.h>

enum {
    RUNS = 400,
    TEXT = 2000
};

/* A scenario of one algorithm: what follows `system`, in full. */
static struct scenario *make(const char *algorithm, const char *variant,
                             const char *rest)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[TEXT];
    int size =
        snprintf(text, sizeof(text),
                 "scenario: 1\nname: progress\nsystem:\n"
                 "  kind: threads\n  algorithm: %s/algorithms/%s.so\n"
                 "  variant: %s\n%s",
                 build == NULL ? "build" : build, algorithm, variant, rest);
    ck_assert_int_lt(size, TEXT);
    struct scenario *s =
        scenario_parse("progress.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    return s;
}

/* What came of many runs. */
struct seen {
    uint64_t failed; /* index of the first that ended as was said, or RUNS */
    uint64_t steps_most;
    uint32_t overtaken_most;
};

static struct seen run_many(struct scenario *s, const char *strategy,
                            enum run_end end)
{
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    struct seen seen = {.failed = RUNS};
    for (uint64_t i = 0; i < RUNS; i++) {
        struct run_outcome o;
        struct run_request request = {
            .seed = 11, .index = i, .strategy = strategy};
        runner_run(r, &request, &o);
        ck_assert_msg(o.end == end || o.end == RUN_FINISHED, "run %llu: %s, %s",
                      (unsigned long long)i, run_end_name(o.end), o.detail);
        if (o.end == end && end != RUN_FINISHED && seen.failed == RUNS) {
            seen.failed = i;
        }
        seen.steps_most =
            o.steps_most > seen.steps_most ? o.steps_most : seen.steps_most;
        seen.overtaken_most = o.overtaken_most > seen.overtaken_most
                                  ? o.overtaken_most
                                  : seen.overtaken_most;
    }
    runner_free(r);
    scenario_free(s);
    return seen;
}

/* Own steps of the slowest operation while others perform `count`. */
static uint64_t growth(const char *algorithm, const char *variant,
                       const char *call, uint32_t count)
{
    char rest[200];
    (void)snprintf(rest, sizeof(rest),
                   "  threads: 2\nworkload:\n  ops_per_thread: %u\n"
                   "  mix: { %s: 1 }\ncheck: { progress: none }\n",
                   count, call);
    struct scenario *s = make(algorithm, variant, rest);
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    runner_set_unchecked(r, true);
    uint64_t most = 0;
    for (uint64_t i = 0; i < 12; i++) {
        struct run_outcome o;
        struct run_request request = {
            .seed = 3, .index = i, .strategy = "adversary"};
        runner_run(r, &request, &o);
        ck_assert_int_eq(o.end, RUN_FINISHED);
        most = o.steps_most > most ? o.steps_most : most;
    }
    runner_free(r);
    scenario_free(s);
    return most;
}

START_TEST(lock_free_operations_grow_with_their_rivals)
{
    uint64_t ten = growth("treiber_stack", "sound", "push", 10);
    uint64_t hundred = growth("treiber_stack", "sound", "push", 100);
    uint64_t thousand = growth("treiber_stack", "sound", "push", 1000);
    ck_assert_uint_ge(ten, 10);
    ck_assert_uint_ge(hundred, 100);
    ck_assert_uint_ge(thousand, 1000);
    ck_assert_uint_ge(growth("fetch_counter", "retries", "add", 1000), 1000);
}
END_TEST

START_TEST(wait_free_operations_do_not)
{
    ck_assert_uint_eq(growth("fetch_counter", "sound", "add", 10), 2);
    ck_assert_uint_eq(growth("fetch_counter", "sound", "add", 1000), 2);
}
END_TEST

START_TEST(who_stops_in_a_stack_stops_nobody)
{
    static const char *const classes[] = {"lock_free", "obstruction_free",
                                          "deadlock_free", NULL};
    for (uint32_t i = 0; classes[i] != NULL; i++) {
        char rest[200];
        (void)snprintf(rest, sizeof(rest),
                       "  threads: 3\ncheck: { progress: %s }\n", classes[i]);
        struct seen seen =
            run_many(make("treiber_stack", "sound", rest), NULL, RUN_FINISHED);
        ck_assert_uint_eq(seen.failed, RUNS);
    }
}
END_TEST

/* The same lock: whoever stops inside blocks the others, which deadlock
 * freedom allows, and nobody stops unless the property asks for it. */
START_TEST(who_stops_in_a_lock_blocks_the_others)
{
    static const char *const locks[] = {"spin_lock", "ticket_lock", NULL};
    for (uint32_t i = 0; locks[i] != NULL; i++) {
        struct seen free = run_many(
            make(locks[i], "sound", "check: { progress: lock_free }\n"), NULL,
            RUN_BLOCKED);
        ck_assert_uint_lt(free.failed, RUNS);
        struct seen alone = run_many(
            make(locks[i], "sound", "check: { progress: obstruction_free }\n"),
            NULL, RUN_BLOCKED);
        ck_assert_uint_lt(alone.failed, RUNS);
        struct seen sound = run_many(
            make(locks[i], "sound", "check: { progress: deadlock_free }\n"),
            NULL, RUN_FINISHED);
        ck_assert_uint_eq(sound.failed, RUNS);
    }
}
END_TEST

START_TEST(alone_means_within_the_bound)
{
    struct seen tight = run_many(
        make("treiber_stack", "sound",
             "check: { progress: obstruction_free, steps_bound: 2 }\n"),
        NULL, RUN_STEPS_BOUND);
    ck_assert_uint_lt(tight.failed, RUNS);
    /* In company an operation may take longer than the bound. */
    struct seen company = run_many(
        make("treiber_stack", "sound",
             "workload: { ops_per_thread: 30, mix: { push: 1 } }\n"
             "check: { progress: obstruction_free, steps_bound: 12 }\n"),
        "adversary", RUN_FINISHED);
    ck_assert_uint_gt(company.steps_most, 12);
}
END_TEST

#define LOCK(ops, bound)                                    \
    "  threads: 3\nworkload: { ops_per_thread: " ops " }\n" \
    "check: { progress: bounded_bypass, bypass_bound: " bound " }\n"

START_TEST(numbers_are_served_in_order)
{
    static const char *const strategies[] = {NULL, "adversary", "pct", "random",
                                             "systematic"};
    for (uint32_t i = 0; i < 5; i++) {
        struct seen fair =
            run_many(make("ticket_lock", "sound", LOCK("12", "2")),
                     strategies[i], RUN_FINISHED);
        ck_assert_uint_le(fair.overtaken_most, 2);
    }
    struct seen tight = run_many(make("ticket_lock", "sound", LOCK("12", "1")),
                                 NULL, RUN_STARVED);
    ck_assert_uint_lt(tight.failed, RUNS);
}
END_TEST

START_TEST(who_comes_first_has_it)
{
    struct seen seen = run_many(make("spin_lock", "sound", LOCK("24", "8")),
                                NULL, RUN_STARVED);
    ck_assert_uint_lt(seen.failed, RUNS);
}
END_TEST

/* Where all are frozen, or whoever is left has finished, nobody is blocked. */
START_TEST(the_last_one_may_be_frozen)
{
    struct seen seen =
        run_many(make("treiber_stack", "sound",
                      "faults:\n  - kind: pause\n    target: { threads: all }\n"
                      "    when: { step: 1..20 }\n"
                      "check: { progress: lock_free }\n"),
                 NULL, RUN_FINISHED);
    ck_assert_uint_eq(seen.failed, RUNS);
}
END_TEST

/* A verdict comes with its schedule: it replays, and shrinks to one that is
 * smaller and ends alike. */
static void must_shrink(struct scenario *s, enum run_end end)
{
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    struct run_outcome o = {.end = RUN_FINISHED};
    struct run_request request = {.seed = 11};
    for (; o.end != end && request.index < 4 * RUNS; request.index++) {
        runner_run(r, &request, &o);
    }
    ck_assert_int_eq(o.end, end);
    request.index--;
    request.mode = RUN_RECORD;
    runner_run(r, &request, &o);
    ck_assert_int_eq(o.end, end);
    struct trace *trace = runner_trace(r);
    struct shrink_request shrink = {.runner = r,
                                    .scenario = s,
                                    .trace = trace,
                                    .deadline = wall_ms() + 5000};
    struct fl_record_shrink counts;
    struct trace *small = shrink_trace(&shrink, &counts);
    ck_assert_ptr_nonnull(small);
    ck_assert_uint_le(counts.operations_after, counts.operations_before);
    struct run_request replay = {.mode = RUN_REPLAY, .trace = small};
    for (uint32_t i = 0; i < 3; i++) {
        runner_run(r, &replay, &o);
        ck_assert_int_eq(o.end, end);
    }
    trace_free(small);
    trace_free(trace);
    runner_free(r);
    scenario_free(s);
}

START_TEST(verdicts_replay_and_shrink)
{
    must_shrink(make("ticket_lock", "sound", LOCK("6", "1")), RUN_STARVED);
    must_shrink(
        make("spin_lock", "sound", "check: { progress: obstruction_free }\n"),
        RUN_BLOCKED);
    must_shrink(make("fetch_counter", "retries",
                     "workload: { ops_per_thread: 12 }\n"
                     "check: { progress: wait_free, steps_bound: 6 }\n"),
                RUN_STEPS_BOUND);
}
END_TEST

/* A memory model has a point of its own before a return: it is no step of the
 * operation, and an operation that was performed waits for nobody. */
START_TEST(a_memory_model_accuses_nobody)
{
    static const char *const memories[] = {"sc", "tso", "c11"};
    char rest[300];
    (void)snprintf(rest, sizeof(rest),
                   "  memory: %s\n  threads: 3\n"
                   "workload:\n  ops_per_thread: 4\n"
                   "check: { progress: wait_free, steps_bound: 2 }\n",
                   memories[_i]);
    struct seen s =
        run_many(make("fetch_counter", "sound", rest), NULL, RUN_FINISHED);
    ck_assert_uint_eq(s.steps_most, 2);
    (void)snprintf(rest, sizeof(rest),
                   "  memory: %s\n  threads: 3\n"
                   "workload:\n  ops_per_thread: 8\n"
                   "check: { progress: bounded_bypass, bypass_bound: 2 }\n",
                   memories[_i]);
    s = run_many(make("ticket_lock", "sound", rest), NULL, RUN_FINISHED);
    ck_assert_uint_eq(s.overtaken_most, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *classes = tcase_create("classes");
    tcase_set_timeout(classes, 60);
    tcase_add_test(classes, lock_free_operations_grow_with_their_rivals);
    tcase_add_test(classes, wait_free_operations_do_not);
    tcase_add_test(classes, who_stops_in_a_stack_stops_nobody);
    tcase_add_test(classes, who_stops_in_a_lock_blocks_the_others);
    tcase_add_test(classes, alone_means_within_the_bound);
    tcase_add_test(classes, numbers_are_served_in_order);
    tcase_add_test(classes, who_comes_first_has_it);
    tcase_add_test(classes, the_last_one_may_be_frozen);
    tcase_add_test(classes, verdicts_replay_and_shrink);
    tcase_add_loop_test(classes, a_memory_model_accuses_nobody, 0, 3);
    suite_add_tcase(suite, classes);
    return check_tap_run(suite);
}
