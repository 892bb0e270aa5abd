/*
 * A strategy that learns: its run is a function of its index all the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/run.h"
#include "tests/check_tap.h"

#include <string.h>

enum {
    RUNS = 200 /* more than three epochs */
};

static struct scenario *make(const char *strategy)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[800];
    int size = snprintf(text, sizeof(text),
                        "scenario: 1\nname: learns\nsystem:\n"
                        "  kind: threads\n"
                        "  algorithm: %s/algorithms/ms_queue.so\n"
                        "  threads: 3\nschedule: { strategy: %s }\n",
                        build == NULL ? "build" : build, strategy);
    struct scenario *s =
        scenario_parse("learns.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    return s;
}

static uint64_t run_one(struct runner *r, uint64_t seed, uint64_t index)
{
    struct run_outcome o;
    struct run_request request = {.seed = seed, .index = index};
    runner_run(r, &request, &o);
    ck_assert_int_eq(o.end, RUN_FINISHED);
    return o.digest;
}

/* Digests of all runs, made in order. */
static void run_in_order(const char *strategy, uint64_t *digests)
{
    struct scenario *s = make(strategy);
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    for (uint64_t i = 0; i < RUNS; i++) {
        digests[i] = run_one(r, 9, i);
    }
    runner_free(r);
    scenario_free(s);
}

/* Any order, any beginning, other seeds between, and twice the same one. */
static void must_not_matter(const char *strategy)
{
    static uint64_t digests[RUNS];
    run_in_order(strategy, digests);
    struct scenario *s = make(strategy);
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    for (uint64_t i = RUNS; i-- > 0;) {
        uint64_t index = i * 77 % RUNS; /* 77 and 200 have no common divisor */
        ck_assert_uint_eq(run_one(r, 9, index), digests[index]);
        if (i % 3 == 0) {
            (void)run_one(r, 10, index);
        }
        ck_assert_uint_eq(run_one(r, 9, index), digests[index]);
    }
    runner_free(r);
    scenario_free(s);
}

START_TEST(runs_that_learn_are_functions_of_their_index)
{
    must_not_matter("coverage");
}
END_TEST

START_TEST(so_they_are_among_others)
{
    must_not_matter("auto");
    must_not_matter("[pct, coverage]");
}
END_TEST

/* It learns: later runs of an epoch differ from those that know nothing. */
START_TEST(what_was_seen_makes_a_difference)
{
    static uint64_t coverage[RUNS];
    static uint64_t pos[RUNS];
    run_in_order("coverage", coverage);
    run_in_order("pos", pos);
    uint32_t differ = 0;
    for (uint32_t i = 0; i < RUNS; i++) {
        differ += coverage[i] != pos[i] ? 1 : 0;
    }
    ck_assert_uint_gt(differ, RUNS / 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("coverage");
    TCase *learning = tcase_create("learning");
    tcase_set_timeout(learning, 60);
    tcase_add_test(learning, runs_that_learn_are_functions_of_their_index);
    tcase_add_test(learning, so_they_are_among_others);
    tcase_add_test(learning, what_was_seen_makes_a_difference);
    suite_add_tcase(suite, learning);
    return check_tap_run(suite);
}
