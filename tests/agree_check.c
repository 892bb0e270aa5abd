/*
 * Agreement: exploring, recording, replaying and repeating a run are one run.
 *
 * For every scenario of the project many runs are made in each mode and
 * compared: end, steps, switches, virtual time, history; and where the modes
 * promise it, the digest of every access.  $AGREE_RUNS makes more of them.  And
 * where a violation is expected, any number of workers, and any cut of the
 * seeds into parts, come to the same first failure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/campaign.h"
#include "harness/wall.h"
#include "tests/agree_fixture.h"

#include <glob.h>
#include <string.h>

enum {
    RUNS = 400 /* of each scenario */
};

static glob_t files;

START_TEST(all_modes_make_the_same_run)
{
    struct scenario *s = scenario_load(files.gl_pathv[_i], stderr);
    ck_assert_ptr_nonnull(s);
    if (s->skip == NULL) {
        struct runner *r = runner_new(s, NULL, stderr);
        ck_assert_ptr_nonnull(r);
        bool searches = s->schedule.strategy.count == 1 &&
                        strcmp(s->schedule.strategy.name[0], "exhaustive") == 0;
        for (uint64_t i = 1; i <= agree_runs(RUNS); i++) {
            agree_once(r, searches ? 1 : 1 + i % 3, searches ? 1 : i, searches);
        }
        runner_free(r);
    }
    scenario_free(s);
}
END_TEST

/* The first failure of the runs `first` to `last`; index 0 if there is none. */
static struct campaign_failure first_failure(const struct scenario *s,
                                             struct runner *r, uint32_t jobs,
                                             const uint64_t range[2])
{
    static struct campaign_outcome outcome;
    struct campaign_request request = {.scenario = s,
                                       .runner = r,
                                       .seed = 1,
                                       .first = range[0],
                                       .last = range[1],
                                       .deadline = WALL_NEVER,
                                       .jobs = jobs,
                                       .stop_after = 1};
    campaign_run(&request, &outcome);
    ck_assert(!outcome.unsteady);
    ck_assert_uint_eq(outcome.deaths_count, 0);
    if (outcome.failures_count == 0) {
        return (struct campaign_failure){0};
    }
    return outcome.failures[0];
}

START_TEST(the_first_failure_is_the_same_however_it_is_looked_for)
{
    enum {
        LEAST = 20000
    };
    struct scenario *s = scenario_load(files.gl_pathv[_i], stderr);
    ck_assert_ptr_nonnull(s);
    const uint64_t last = s->run.last_seed > LEAST ? s->run.last_seed : LEAST;
    if (s->skip == NULL && s->expect == EXPECT_VIOLATION) {
        struct runner *r = runner_new(s, NULL, stderr);
        const uint64_t all[2] = {1, last};
        struct campaign_failure one = first_failure(s, r, 1, all);
        ck_assert_uint_gt(one.index, 0);
        for (uint32_t jobs = 2; jobs <= 3; jobs++) {
            struct campaign_failure f = first_failure(s, r, jobs, all);
            ck_assert_uint_eq(f.index, one.index);
            ck_assert_uint_eq(f.coarse, one.coarse);
            ck_assert_str_eq(f.detail, one.detail);
        }
        const uint64_t before[2] = {1, one.index - 1};
        if (one.index > 1) {
            ck_assert_uint_eq(first_failure(s, r, 2, before).index, 0);
        }
        const uint64_t from[2] = {one.index, last};
        ck_assert_uint_eq(first_failure(s, r, 2, from).index, one.index);
        runner_free(r);
    }
    scenario_free(s);
}
END_TEST

int main(void)
{
    if (glob("scenarios/*.yaml", 0, NULL, &files) != 0) {
        return check_tap_skip_all("no scenarios: not at the root");
    }
    Suite *suite = suite_create("agree");
    TCase *modes = tcase_create("modes");
    tcase_set_timeout(modes, 600);
    tcase_add_loop_test(modes, all_modes_make_the_same_run, 0,
                        (int)files.gl_pathc);
    suite_add_tcase(suite, modes);
    TCase *workers = tcase_create("workers");
    tcase_set_timeout(workers, 600);
    tcase_add_loop_test(workers,
                        the_first_failure_is_the_same_however_it_is_looked_for,
                        0, (int)files.gl_pathc);
    suite_add_tcase(suite, workers);
    int status = check_tap_run(suite);
    globfree(&files);
    return status;
}
