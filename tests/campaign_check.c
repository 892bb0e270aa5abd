/*
 * Campaigns: the same first failure for any number of workers, workers that
 * die, budgets, and exhaustive search.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/campaign.h"
#include "harness/child.h"
#include "harness/wall.h"
#include "tests/check_tap.h"

#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void find_plugin(char *path, size_t max)
{
    char own[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", own, sizeof(own) - 1);
    ck_assert_int_gt(size, 0);
    own[size] = '\0';
    *strrchr(own, '/') = '\0';
    snprintf(path, max, "%s/plugins/mortal.so", own);
}

/* A campaign on tests/plugins/mortal.c and its result. */
struct rig {
    struct scenario *scenario;
    struct runner *runner;
    struct campaign_request request;
    struct campaign_outcome outcome;
};

static void open_rig(struct rig *rig, const char *variant, const char *more)
{
    char path[PATH_MAX + 80];
    char text[2 * PATH_MAX];
    find_plugin(path, sizeof(path));
    int size = snprintf(text, sizeof(text),
                        "scenario: 1\n"
                        "name: test\n"
                        "system: { kind: threads, algorithm: %s, "
                        "variant: %s, threads: 2 }\n"
                        "workload: { ops_per_thread: 2 }\n"
                        "check: { model: counter }\n"
                        "%s",
                        path, variant, more);
    ck_assert_int_lt(size, (int)sizeof(text));
    *rig = (struct rig){0};
    rig->scenario = scenario_parse("test.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(rig->scenario);
    rig->runner = runner_new(rig->scenario, NULL, stderr);
    ck_assert_ptr_nonnull(rig->runner);
    rig->request = (struct campaign_request){
        .scenario = rig->scenario,
        .runner = rig->runner,
        .seed = 7,
        .first = 1,
        .last = 20000,
        .deadline = WALL_NEVER,
        .jobs = 2,
        .stop_after = 1,
    };
}

static void close_rig(struct rig *rig)
{
    runner_free(rig->runner);
    scenario_free(rig->scenario);
}

START_TEST(all_runs_are_made_once)
{
    struct rig rig;
    open_rig(&rig, "sound", "");
    rig.request.jobs = (uint32_t)_i;
    campaign_run(&rig.request, &rig.outcome);
    ck_assert_uint_eq(rig.outcome.runs, 20000);
    ck_assert_uint_eq(rig.outcome.ends[RUN_FINISHED], 20000);
    ck_assert_uint_eq(rig.outcome.repeated, 200); /* one in a hundred */
    ck_assert_uint_eq(rig.outcome.failures_count, 0);
    ck_assert(!rig.outcome.unsteady && !rig.outcome.out_of_time);
    close_rig(&rig);
}
END_TEST

START_TEST(the_first_failure_does_not_depend_on_the_workers)
{
    uint64_t index = 0;
    uint64_t coarse = 0;
    for (uint32_t jobs = 1; jobs <= 5; jobs++) {
        struct rig rig;
        open_rig(&rig, "racy", "");
        rig.request.jobs = jobs;
        rig.request.seed = (uint64_t)_i;
        campaign_run(&rig.request, &rig.outcome);
        ck_assert_uint_eq(rig.outcome.failures_count, 1);
        const struct campaign_failure *first = &rig.outcome.failures[0];
        ck_assert_int_eq((int)first->end, (int)RUN_NOT_LINEARIZABLE);
        if (jobs == 1) {
            index = first->index;
            coarse = first->coarse;
            ck_assert_uint_eq(rig.outcome.runs, index); /* and none behind */
        }
        ck_assert_uint_eq(first->index, index);
        ck_assert_uint_eq(first->coarse, coarse);
        close_rig(&rig);
    }
}
END_TEST

START_TEST(failures_are_counted_by_bucket)
{
    struct rig rig;
    open_rig(&rig, "racy", "");
    rig.request.stop_after = 0;
    campaign_run(&rig.request, &rig.outcome);
    const struct campaign_outcome *o = &rig.outcome;
    ck_assert_uint_eq(o->runs, 20000);
    uint64_t times = 0;
    for (uint32_t i = 0; i < o->failures_count; i++) {
        times += o->failures[i].times;
        for (uint32_t j = 0; j < i; j++) {
            ck_assert_uint_ne(o->failures[i].coarse, o->failures[j].coarse);
            ck_assert_uint_lt(o->failures[j].index, o->failures[i].index);
        }
    }
    ck_assert_uint_gt(times, 100);
    ck_assert_uint_eq(times, o->ends[RUN_NOT_LINEARIZABLE]);
    close_rig(&rig);
}
END_TEST

START_TEST(a_worker_that_dies_names_its_run)
{
    struct rig rig;
    open_rig(&rig, _i == 0 ? "leaves" : "killed", "");
    rig.request.stop_after = 0;
    rig.request.jobs = 1;
    campaign_run(&rig.request, &rig.outcome);
    ck_assert_uint_eq(rig.outcome.deaths_count, CAMPAIGN_DEATHS_MAX);
    for (uint32_t i = 0; i < CAMPAIGN_DEATHS_MAX; i++) {
        const struct campaign_death *death = &rig.outcome.deaths[i];
        ck_assert_int_eq(death->code, _i == 0 ? 7 : 0);
        ck_assert_int_eq(death->signal, _i == 0 ? 0 : SIGKILL);
        if (i > 0) { /* another worker went on behind it */
            ck_assert_uint_gt(death->index, rig.outcome.deaths[i - 1].index);
        }
    }
    struct campaign_outcome again;
    campaign_run(&rig.request, &again);
    ck_assert_uint_eq(again.deaths[0].index, rig.outcome.deaths[0].index);
    close_rig(&rig);
}
END_TEST

START_TEST(an_exhaustive_search_ends)
{
    struct rig rig;
    open_rig(&rig, "sound",
             "schedule: { strategy: exhaustive, preemptions: 2 }\n");
    rig.request.last = 1;
    campaign_run(&rig.request, &rig.outcome);
    ck_assert(rig.outcome.exhausted);
    ck_assert_uint_gt(rig.outcome.runs, 5);
    uint64_t all = rig.outcome.runs;
    rig.request.schedules_max = 3;
    campaign_run(&rig.request, &rig.outcome);
    ck_assert(!rig.outcome.exhausted);
    ck_assert_uint_eq(rig.outcome.runs, 3);
    ck_assert_uint_gt(all, 3);
    close_rig(&rig);
}
END_TEST

START_TEST(an_exhaustive_search_stops_when_enough_was_found)
{
    struct rig rig;
    open_rig(&rig, "racy",
             "schedule: { strategy: exhaustive, preemptions: 3 }\n");
    rig.request.last = 3;
    rig.request.stop_after = 0;
    campaign_run(&rig.request, &rig.outcome);
    ck_assert(rig.outcome.exhausted);
    uint64_t all = rig.outcome.runs;
    uint64_t index = rig.outcome.failures[0].index;
    rig.request.stop_after = 1;
    campaign_run(&rig.request, &rig.outcome);
    ck_assert(!rig.outcome.exhausted);
    ck_assert_uint_eq(rig.outcome.failures_count, 1);
    ck_assert_uint_eq(rig.outcome.failures[0].index, index);
    ck_assert_uint_eq(rig.outcome.failures[0].times, 1);
    ck_assert_uint_lt(rig.outcome.runs, all);
    close_rig(&rig);
}
END_TEST

START_TEST(a_deadline_is_kept)
{
    struct rig rig;
    open_rig(&rig, "sound", "");
    rig.request.last = UINT64_MAX / 2;
    uint64_t started = wall_ms();
    rig.request.deadline = started + 300;
    campaign_run(&rig.request, &rig.outcome);
    ck_assert(rig.outcome.out_of_time);
    ck_assert_uint_gt(rig.outcome.runs, 0);
    ck_assert_uint_lt(wall_ms() - started, 2500);
    close_rig(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("campaign");
    TCase *tcase = tcase_create("campaign");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, all_runs_are_made_once, 1, 4);
    tcase_add_loop_test(tcase, the_first_failure_does_not_depend_on_the_workers,
                        0, 5);
    tcase_add_test(tcase, failures_are_counted_by_bucket);
    tcase_add_loop_test(tcase, a_worker_that_dies_names_its_run, 0, 2);
    tcase_add_test(tcase, an_exhaustive_search_ends);
    tcase_add_test(tcase, an_exhaustive_search_stops_when_enough_was_found);
    tcase_add_test(tcase, a_deadline_is_kept);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
