/*
 * Runs: every way in which one can end, and that it can be had again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/rules.h"
#include "harness/run.h"
#include "tests/check_tap.h"

#include <string.h>

enum {
    RUNS_MAX = 2000
};

static struct scenario *make_scenario(const char *extra)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[2000];
    int size =
        snprintf(text, sizeof(text),
                 "scenario: 1\nname: trouble\nsystem:\n  kind: threads\n"
                 "  algorithm: %s/tests/plugins/trouble.so\n  threads: 2\n"
                 "  leaks: report\n%s",
                 build == NULL ? "build" : build, extra);
    struct scenario *s =
        scenario_parse("trouble.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    return s;
}

static const char two_adds[] =
    "workload:\n  program:\n    - [add 1, read]\n    - [add 1]\n";

/* What comes of `variant` in the first runs that are no pass. */
static enum run_end end_of(const char *variant, char *detail, size_t max)
{
    struct scenario *s = make_scenario(two_adds);
    struct runner *r = runner_new(s, variant, stderr);
    ck_assert_ptr_nonnull(r);
    struct run_outcome o = {.end = RUN_FINISHED};
    for (uint64_t i = 0; i < RUNS_MAX && o.end == RUN_FINISHED; i++) {
        struct run_request request = {.seed = 7, .index = i};
        runner_run(r, &request, &o);
    }
    snprintf(detail, max, "%s", o.detail == NULL ? "" : o.detail);
    enum run_end end = o.end;
    runner_free(r);
    scenario_free(s);
    return end;
}

static const struct expected {
    const char *variant;
    enum run_end end;
    const char *detail; /* a part of it */
} expected[] = {
    {"sound", RUN_FINISHED, ""},
    {"racy", RUN_NOT_LINEARIZABLE, "no order explains"},
    {"segv", RUN_CRASHED, "null pointer"},
#if defined(__x86_64__) /* elsewhere the quotient is 0 */
    {"divide", RUN_CRASHED, "SIGFPE"},
#endif
    {"trap", RUN_CRASHED, " in T"},
    {"abort", RUN_ABORTED, "abort"},
    {"assertion", RUN_ASSERTION, "calls < 0"},
    {"overflow", RUN_STACK_OVERFLOW, "stack"},
    {"endless", RUN_STUCK, "spins for ever: it reaches no point"},
    {"plainly", RUN_LIVELOCK, "spins"},
    {"steps", RUN_STEP_LIMIT, "slow, or a livelock that is not proved"},
    {"undo", RUN_LIVELOCK, "step for ever"},
    {"spin", RUN_LIVELOCK, "spins"},
    {"deadlock", RUN_DEADLOCK, "held by"},
    {"freed", RUN_USE_AFTER_FREE, ""},
    {"twice", RUN_DOUBLE_FREE, ""},
    {"outside", RUN_OUT_OF_BOUNDS, ""},
    {"unwritten", RUN_UNINITIALISED, ""},
    {"leak", RUN_LEAK, ""},
    {"invariant", RUN_INVARIANT, "not amused"},
    {"late", RUN_USE_AFTER_FREE, ""},
};

START_TEST(each_trouble_has_its_verdict)
{
    const struct expected *e = &expected[_i];
    char detail[200];
    enum run_end end = end_of(e->variant, detail, sizeof(detail));
    ck_assert_msg(end == e->end, "%s ended as '%s' (%s)", e->variant,
                  run_end_name(end), detail);
    ck_assert_msg(strstr(detail, e->detail) != NULL, "%s: '%s'", e->variant,
                  detail);
}
END_TEST

/* The first failing run of the racy counter. */
static uint64_t first_failure(struct runner *r, struct run_outcome *o)
{
    for (uint64_t i = 0; i < RUNS_MAX; i++) {
        struct run_request request = {.seed = 11, .index = i};
        runner_run(r, &request, o);
        if (o->end != RUN_FINISHED) {
            return i;
        }
    }
    ck_abort_msg("no run failed");
    return 0;
}

START_TEST(a_recorded_run_is_repeated_exactly)
{
    struct scenario *s = make_scenario(two_adds);
    struct runner *r = runner_new(s, "racy", stderr);
    struct run_outcome o;
    uint64_t index = first_failure(r, &o);
    struct run_request record = {
        .mode = RUN_RECORD, .seed = 11, .index = index};
    runner_run(r, &record, &o);
    ck_assert_int_eq(o.end, RUN_NOT_LINEARIZABLE);
    struct trace *trace = runner_trace(r);
    uint64_t digest = o.digest;
    for (int i = 0; i < 1000; i++) {
        struct run_request replay = {.mode = RUN_REPLAY, .trace = trace};
        runner_run(r, &replay, &o);
        ck_assert_int_eq(o.end, RUN_NOT_LINEARIZABLE);
        ck_assert_uint_eq(o.digest, digest);
    }
    trace_free(trace);
    runner_free(r);
    scenario_free(s);
}
END_TEST

START_TEST(a_changed_trace_diverges)
{
    struct scenario *s = make_scenario(two_adds);
    struct runner *r = runner_new(s, "racy", stderr);
    struct run_outcome o;
    uint64_t index = first_failure(r, &o);
    struct run_request record = {
        .mode = RUN_RECORD, .seed = 11, .index = index};
    runner_run(r, &record, &o);
    struct trace *trace = runner_trace(r);
    /* Its first preemption, at an even moment, is forgotten. */
    uint32_t at = 0;
    while (at < trace->switches_count && trace->switches[at].step % 2 != 0) {
        at++;
    }
    ck_assert_uint_lt(at, trace->switches_count);
    trace->switches_count--;
    memmove(&trace->switches[at], &trace->switches[at + 1],
            (trace->switches_count - at) * sizeof(trace->switches[0]));
    struct run_request replay = {.mode = RUN_REPLAY, .trace = trace};
    runner_run(r, &replay, &o);
    ck_assert_int_eq(o.end, RUN_DIVERGED);
    replay.mode = RUN_TOLERANT;
    runner_run(r, &replay, &o);
    ck_assert_int_ne(o.end, RUN_DIVERGED);
    trace_free(trace);
    runner_free(r);
    scenario_free(s);
}
END_TEST

START_TEST(runs_do_not_depend_on_what_was_left_behind)
{
    struct scenario *s = make_scenario("workload: { ops_per_thread: 4 }\n");
    struct runner *r = runner_new(s, "sound", stderr);
    for (uint64_t i = 0; i < 500; i++) {
        struct run_outcome a;
        struct run_outcome b;
        struct run_request request = {.seed = 3, .index = i};
        runner_run(r, &request, &a);
        request.second = true;
        runner_run(r, &request, &b);
        ck_assert_uint_eq(a.digest, b.digest);
        ck_assert_uint_eq(a.steps, b.steps);
    }
    runner_free(r);
    scenario_free(s);
}
END_TEST

/* The schedules of a program within a bound of preemptions. */
static uint64_t schedules(const char *program, uint32_t preemptions,
                          uint64_t *failed)
{
    struct scenario *s = make_scenario(program);
    struct runner *r = runner_new(s, "racy", stderr);
    struct run_outcome o = {.last = false};
    uint64_t count = 0;
    *failed = 0;
    while (!o.last) {
        ck_assert_uint_lt(count, 1000000);
        struct run_request request = {.seed = 1,
                                      .strategy = "exhaustive",
                                      .exhaustive_next = true,
                                      .preemptions = preemptions,
                                      .bounded = true};
        runner_run(r, &request, &o);
        count++;
        *failed += o.end == RUN_NOT_LINEARIZABLE ? 1 : 0;
    }
    ck_assert(o.exhausted);
    runner_free(r);
    scenario_free(s);
    return count;
}

/*
 * Each client has four points: call, named point, load, store.  So it falls
 * into five pieces, which can be put in order in C(10, 5) = 252 ways.  With no
 * preemption there are 2, and with one 2 * 5: the first thread rests before
 * one of its points, or does not.
 */
START_TEST(an_exhaustive_search_runs_every_schedule_once)
{
    static const char program[] =
        "workload:\n  program:\n    - [add 1]\n    - [add 1]\n";
    uint64_t failed = 0;
    ck_assert_uint_eq(schedules(program, 0, &failed), 2);
    ck_assert_uint_eq(failed, 0);
    ck_assert_uint_eq(schedules(program, 1, &failed), 10);
    ck_assert_uint_gt(failed, 0);
    ck_assert_uint_eq(schedules(program, 100, &failed), 252);
    ck_assert_uint_gt(failed, 0);
}
END_TEST

/* Whether client 0 had done all its operations before client 1 was crashed. */
static bool nobody_lived_on(const struct fl_history *h)
{
    uint32_t done = 0;
    for (uint32_t k = 0; k < h->count; k++) {
        const struct fl_operation *op = &h->operations[k];
        done += op->client == 0 && op->ret < h->events[0].at ? 1 : 0;
    }
    return done == 3;
}

/* A crash at a step leaves the operation open, and others go on; if there are
 * none left, an era ends. */
START_TEST(a_crashed_thread_never_returns)
{
    struct scenario *s =
        make_scenario("workload: { ops_per_thread: 3 }\n"
                      "faults:\n  - kind: crash\n    target: { threads: T1 }\n"
                      "    when: { step: 2 }\n");
    struct runner *r = runner_new(s, "sound", stderr);
    uint32_t alone = 0;
    for (uint64_t i = 0; i < 200; i++) {
        struct run_outcome o;
        struct run_request request = {.seed = 3, .index = i};
        runner_run(r, &request, &o);
        ck_assert_int_eq(o.end, RUN_FINISHED);
        uint32_t open = 0;
        for (uint32_t k = 0; k < o.history->count; k++) {
            const struct fl_operation *op = &o.history->operations[k];
            open += op->ret == FL_OPEN ? 1 : 0;
            ck_assert(op->ret != FL_OPEN || op->client == 1);
        }
        ck_assert_uint_eq(open, 1);
        ck_assert_uint_ge(o.history->events_count, 1);
        ck_assert_int_eq(o.history->events[0].kind, FL_EVENT_CRASH);
        ck_assert_uint_eq(o.history->events[0].client, 1);
        if (o.history->events_count > 1) {
            ck_assert_int_eq(o.history->events[1].kind, FL_EVENT_CRASH_ALL);
            ck_assert(nobody_lived_on(o.history));
            ck_assert_uint_eq(o.history->events_count, 2);
        }
        alone += o.history->events_count - 1;
    }
    ck_assert_uint_gt(alone, 0);
    ck_assert_uint_lt(alone, 200);
    ck_assert_uint_eq(runner_fired(r, 0), 204); /* and the profile runs */
    ck_assert_uint_gt(runner_reached(r, 0), 0);
    runner_free(r);
    scenario_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run");
    TCase *ends = tcase_create("ends");
    tcase_set_timeout(ends, 60);
    tcase_add_loop_test(ends, each_trouble_has_its_verdict, 0,
                        sizeof(expected) / sizeof(expected[0]));
    suite_add_tcase(suite, ends);
    TCase *again = tcase_create("again");
    tcase_set_timeout(again, 60);
    tcase_add_test(again, a_recorded_run_is_repeated_exactly);
    tcase_add_test(again, a_changed_trace_diverges);
    tcase_add_test(again, runs_do_not_depend_on_what_was_left_behind);
    tcase_add_test(again, an_exhaustive_search_runs_every_schedule_once);
    tcase_add_test(again, a_crashed_thread_never_returns);
    suite_add_tcase(suite, again);
    return check_tap_run(suite);
}
