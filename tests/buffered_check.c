/*
 * Buffered criteria end to end: a scenario whose object is safe late, a crash
 * of everybody, and what each criterion says of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/run.h"
#include "tests/check_tap.h"

enum {
    RUNS = 400
};

/* Who is held to what, and whether some run must fail. */
static const struct row {
    const char *variant;
    const char *criterion;
    bool fails;
} rows[] = {
    {"eager", "linearizable", false},
    {"eager", "durable", false},
    {"eager", "{ buffered_durable: { max_loss: 0 ops } }", false},
    {"eager", "{ buffered_durable: { max_loss: 0ms } }", false},
    {"lazy", "linearizable", true},
    {"lazy", "durable", true},
    {"lazy", "buffered_durable", false},
    {"lazy", "buffered_strict", false},
    {"lazy", "{ buffered_durable: { max_loss: 0 ops } }", true},
    {"lazy", "{ buffered_durable: { max_loss: 0ms } }", true},
    {"lazy", "{ buffered_durable: { max_loss: 1s } }", false},
    {"never", "buffered_durable", false},
    {"never", "{ buffered_durable: { max_loss: 1 ops } }", true},
};

enum {
    ROWS = sizeof(rows) / sizeof(rows[0])
};

/* Two processes that are killed at once, and started again. */
static struct runner *open_runner(const struct row *row,
                                  struct scenario **scenario)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[1500];
    int size = snprintf(
        text, sizeof(text),
        "scenario: 1\nname: buffered\nsystem:\n  kind: processes\n"
        "  algorithm: %s/tests/plugins/lazy_region.so\n  processes: 2\n"
        "workload: { ops_per_process: 6 }\n"
        "faults:\n"
        "  - kind: restart\n    target: { processes: all }\n"
        "    when: { step: 4..20 }\n    down_for: 10us\n"
        "check: { model: register, criterion: %s }\n",
        build == NULL ? "build" : build, row->criterion);
    ck_assert_int_lt(size, (int)sizeof(text));
    *scenario = scenario_parse("buffered.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(*scenario);
    struct runner *runner = runner_new(*scenario, row->variant, stderr);
    ck_assert_ptr_nonnull(runner);
    return runner;
}

/* Where one process had ended before, the plug-in promises nothing. */
static bool has_crash_of_all(const struct fl_history *h)
{
    for (uint32_t e = 0; e < h->events_count; e++) {
        if (h->events[e].kind == FL_EVENT_CRASH_ALL) {
            return true;
        }
    }
    return false;
}

START_TEST(what_was_lost_is_judged)
{
    const struct row *row = &rows[_i];
    struct scenario *scenario = NULL;
    struct runner *runner = open_runner(row, &scenario);
    uint32_t failed = 0;
    uint32_t crashes = 0;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct run_request request = {.seed = 5, .index = i};
        struct run_outcome o = {.end = RUN_FINISHED};
        runner_run(runner, &request, &o);
        ck_assert_msg(o.end == RUN_NOT_LINEARIZABLE || o.end == RUN_FINISHED,
                      "run %llu: %s: %s", (unsigned long long)i,
                      run_end_name(o.end), o.detail);
        bool all = has_crash_of_all(o.history);
        crashes += all;
        failed += all && o.end == RUN_NOT_LINEARIZABLE;
    }
    printf("# %s, %s: %u of %u fail, %u crashes\n", row->variant,
           row->criterion, failed, (unsigned)RUNS, crashes);
    ck_assert_uint_gt(crashes, RUNS / 4);
    ck_assert_int_eq(failed > 0, row->fails);
    runner_free(runner);
    scenario_free(scenario);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("buffered");
    TCase *tcase = tcase_create("buffered");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, what_was_lost_is_judged, 0, ROWS);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
