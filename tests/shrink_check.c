/*
 * Shrinking: what is left replays to the same failure, is no larger, and is
 * found again from the same trace.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/nearest.h"
#include "harness/shrink.h"
#include "harness/shrink_edit.h"
#include "harness/wall.h"
#include "tests/check_tap.h"

#include <string.h>

enum {
    RUNS_MAX = 20000,
    WIDE_MS = 20000, /* more than any of these takes */
};

/* A failing run of one of scenarios/, recorded. */
struct rig {
    struct scenario *scenario;
    struct runner *runner;
    struct trace *trace;
    enum run_end end;
};

static void open_rig(struct rig *rig, const char *name, uint64_t seed)
{
    char path[200];
    snprintf(path, sizeof(path), "scenarios/%s.yaml", name);
    *rig = (struct rig){0};
    rig->scenario = scenario_load(path, stderr);
    ck_assert_ptr_nonnull(rig->scenario);
    rig->runner = runner_new(rig->scenario, NULL, stderr);
    ck_assert_ptr_nonnull(rig->runner);
    struct run_request request = {.mode = RUN_EXPLORE, .seed = seed};
    struct run_outcome outcome = {.verdict = FL_PASS};
    while (outcome.verdict != FL_VIOLATION) {
        request.index++;
        ck_assert_uint_lt(request.index, RUNS_MAX);
        runner_run(rig->runner, &request, &outcome);
    }
    request.mode = RUN_RECORD;
    runner_run(rig->runner, &request, &outcome);
    ck_assert_int_eq((int)outcome.verdict, (int)FL_VIOLATION);
    rig->end = outcome.end;
    rig->trace = runner_trace(rig->runner);
}

static void close_rig(struct rig *rig)
{
    trace_free(rig->trace);
    runner_free(rig->runner);
    scenario_free(rig->scenario);
}

static struct trace *shrink(struct rig *rig, uint64_t deadline,
                            struct fl_record_shrink *counts)
{
    struct shrink_request request = {
        .runner = rig->runner,
        .scenario = rig->scenario,
        .trace = rig->trace,
        .deadline = deadline,
    };
    return shrink_trace(&request, counts);
}

static enum run_end replay(struct rig *rig, const struct trace *trace)
{
    struct run_request request = {.mode = RUN_REPLAY, .trace = trace};
    struct run_outcome outcome;
    runner_run(rig->runner, &request, &outcome);
    return outcome.end;
}

/* What each scenario is known to shrink to. */
static const struct {
    const char *scenario;
    uint32_t operations; /* at most */
    uint32_t faults;
    uint32_t preemptions;
    bool proved; /* no schedule with fewer preemptions fails */
} cases[] = {
    {"treiber-aba", 5, 0, 1, true},
    {"treiber_stack-aba", 5, 0, 1, true},
    {"ms_queue-late_read", 4, 0, 2, true},
    {"ticket_lock-same_ticket", 2, 0, 2, true},
    {"spin_lock-test_then_set", 2, 0, 2, true},
    {"chain-bypass_pinned", 7, 0, 2, true},
    {"mpsc_ring-gives_up", 5, 0, 2, false},
    {"two_lock_queue-late_read", 4, 0, 2, true},
    {"ms_queue_hp-no_revalidation", 4, 0, 2, false},
    {"ticket_lock-crash", 2, 1, 0, true}, /* the crash moves with its point */
};

enum {
    CASES = sizeof(cases) / sizeof(cases[0])
};

START_TEST(it_shrinks_to_what_is_known)
{
    struct rig rig;
    open_rig(&rig, cases[_i].scenario, 0x5eed1a);
    struct fl_record_shrink counts;
    struct trace *small = shrink(&rig, wall_ms() + WIDE_MS, &counts);
    ck_assert_ptr_nonnull(small);
    ck_assert_msg(counts.operations_after <= cases[_i].operations &&
                      counts.faults_after <= cases[_i].faults &&
                      counts.preemptions_after <= cases[_i].preemptions,
                  "%s: %u operations, %u faults, %u preemptions, proved %d",
                  cases[_i].scenario, counts.operations_after,
                  counts.faults_after, counts.preemptions_after,
                  counts.fewest_proved);
    ck_assert_msg(counts.fewest_proved || !cases[_i].proved, "%s: not proved",
                  cases[_i].scenario);
    ck_assert(counts.complete);
    const struct fl_record_tried *tried = &counts.tried;
    ck_assert_uint_gt(tried->operations, 0);
    ck_assert_uint_ge(tried->faults, counts.faults_before > 0 ? 1 : 0);
    ck_assert(tried->enumerated > 0 || !counts.fewest_proved);
    ck_assert_uint_le(tried->enumerated + tried->operations + tried->faults +
                          tried->threads,
                      counts.replays);
    ck_assert_uint_eq(edit_operations(&small->workload),
                      counts.operations_after);
    ck_assert_uint_eq(small->occurrences_count, counts.faults_after);
    ck_assert_int_eq((int)replay(&rig, small), (int)rig.end);
    trace_free(small);
    close_rig(&rig);
}
END_TEST

/* What later passes make room for is gone, too. */
static const char *const repeated[] = {"abd_register-no_write_back",
                                       "treiber-aba", "ms_queue-late_read",
                                       "spin_lock-crash"};

START_TEST(what_was_shrunk_shrinks_no_more)
{
    struct rig rig;
    open_rig(&rig, repeated[_i], 0x5eed1a);
    struct fl_record_shrink once;
    struct fl_record_shrink twice;
    struct trace *small = shrink(&rig, wall_ms() + WIDE_MS, &once);
    ck_assert_ptr_nonnull(small);
    trace_free(rig.trace);
    rig.trace = small;
    struct trace *smaller = shrink(&rig, wall_ms() + WIDE_MS, &twice);
    ck_assert_ptr_nonnull(smaller);
    ck_assert_msg(twice.operations_after == once.operations_after &&
                      twice.faults_after == once.faults_after,
                  "%s: %u operations, %u faults, and then %u, %u", repeated[_i],
                  once.operations_after, once.faults_after,
                  twice.operations_after, twice.faults_after);
    trace_free(smaller);
    close_rig(&rig);
}
END_TEST

START_TEST(it_never_grows_and_replays_from_any_seed)
{
    struct rig rig;
    open_rig(&rig, "treiber-aba", (uint64_t)_i);
    struct fl_record_shrink c;
    struct trace *small = shrink(&rig, wall_ms() + WIDE_MS, &c);
    ck_assert_ptr_nonnull(small);
    ck_assert_uint_le(c.operations_after, c.operations_before);
    ck_assert_uint_le(c.faults_after, c.faults_before);
    ck_assert_uint_le(c.operations_after, 5);
    ck_assert_int_eq((int)replay(&rig, small), (int)rig.end);
    /* As a file it is the same. */
    char path[] = "/tmp/faultline-shrink-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(trace_write(small, path), 0);
    struct trace *read = trace_read(path, stderr);
    ck_assert_ptr_nonnull(read);
    ck_assert_int_eq((int)replay(&rig, read), (int)rig.end);
    trace_free(read);
    unlink(path);
    trace_free(small);
    close_rig(&rig);
}
END_TEST

START_TEST(the_same_trace_shrinks_the_same)
{
    struct rig rig;
    open_rig(&rig, "treiber_stack-aba", 3);
    struct fl_record_shrink a;
    struct fl_record_shrink b;
    struct trace *first = shrink(&rig, WALL_NEVER, &a);
    struct trace *second = shrink(&rig, WALL_NEVER, &b);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(second);
    ck_assert_uint_eq(a.replays, b.replays);
    ck_assert_uint_eq(first->switches_count, second->switches_count);
    ck_assert_uint_eq(first->steps, second->steps);
    ck_assert_mem_eq(first->switches, second->switches,
                     first->switches_count * sizeof(first->switches[0]));
    trace_free(first);
    trace_free(second);
    close_rig(&rig);
}
END_TEST

START_TEST(without_time_the_original_stands)
{
    struct rig rig;
    open_rig(&rig, "treiber_stack-aba", 3);
    struct fl_record_shrink counts;
    struct trace *small = shrink(&rig, 0, &counts);
    ck_assert_ptr_nonnull(small);
    ck_assert(!counts.complete);
    ck_assert(!counts.fewest_proved);
    ck_assert_int_eq((int)replay(&rig, small), (int)rig.end);
    trace_free(small);
    close_rig(&rig);
}
END_TEST

START_TEST(a_passing_trace_is_refused)
{
    struct rig rig;
    open_rig(&rig, "treiber_stack-aba", 3);
    trace_free(rig.trace);
    struct run_request request = {
        .mode = RUN_RECORD, .seed = 3, .strategy = "round_robin"};
    struct run_outcome outcome = {.verdict = FL_VIOLATION};
    while (outcome.verdict != FL_PASS) {
        request.index++;
        runner_run(rig.runner, &request, &outcome);
    }
    rig.trace = runner_trace(rig.runner);
    struct fl_record_shrink counts;
    ck_assert_ptr_null(shrink(&rig, WALL_NEVER, &counts));
    close_rig(&rig);
}
END_TEST

/* A change that lets the run pass is there wherever a preemption or a fault is
 * needed, and it is the same one when it is looked for again. */
START_TEST(a_passing_run_is_near)
{
    struct rig rig;
    struct fl_record_shrink counts;
    open_rig(&rig, cases[_i].scenario, 5);
    struct trace *small = shrink(&rig, wall_ms() + WIDE_MS, &counts);
    struct nearest near = nearest_find(rig.runner, small, WALL_NEVER);
    struct nearest again = nearest_find(rig.runner, small, WALL_NEVER);
    ck_assert_int_ne((int)near.change, (int)NEAREST_NONE);
    ck_assert_uint_gt(near.passing, 0);
    ck_assert_uint_ge(near.tried, near.passing);
    ck_assert_uint_gt(near.step, 0);
    ck_assert_int_eq((int)near.change, (int)again.change);
    ck_assert_uint_eq(near.step, again.step);
    ck_assert_uint_eq(near.passing, again.passing);
    ck_assert_int_eq((int)replay(&rig, small), (int)rig.end);
    trace_free(small);
    /* a run that passes has nothing to be compared with */
    struct run_request request = {
        .mode = RUN_RECORD, .seed = 5, .strategy = "round_robin"};
    struct run_outcome outcome = {.verdict = FL_VIOLATION};
    while (outcome.verdict != FL_PASS) {
        request.index++;
        runner_run(rig.runner, &request, &outcome);
    }
    struct trace *passing = runner_trace(rig.runner);
    near = nearest_find(rig.runner, passing, WALL_NEVER);
    ck_assert_uint_eq(near.tried, 0);
    trace_free(passing);
    close_rig(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shrink");
    TCase *tcase = tcase_create("shrink");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, it_shrinks_to_what_is_known, 0, CASES);
    tcase_add_loop_test(tcase, what_was_shrunk_shrinks_no_more, 0,
                        (int)(sizeof(repeated) / sizeof(repeated[0])));
    tcase_add_loop_test(tcase, it_never_grows_and_replays_from_any_seed, 1, 9);
    tcase_add_test(tcase, the_same_trace_shrinks_the_same);
    tcase_add_test(tcase, without_time_the_original_stands);
    tcase_add_test(tcase, a_passing_trace_is_refused);
    tcase_add_loop_test(tcase, a_passing_run_is_near, 0, 3);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
