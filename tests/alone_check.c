/*
 * Algorithms as their own specification, in the simulated world: every verdict
 * as by the model that they implement, run by run and on random histories.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/check.h"
#include "harness/alone.h"
#include "harness/run.h"
#include "tests/check_tap.h"
#include "tests/random_history.h"

#include <string.h>

enum {
    RUNS = 4000,
    HISTORIES = 400,
    OPERATIONS = 7,
};

static struct scenario *make_scenario(const char *algorithm, const char *model)
{
    char text[600];
    int size = snprintf(
        text, sizeof(text),
        "scenario: 1\nname: alone\n"
        "system: { kind: threads, algorithm: %s, threads: 3 }\n"
        "workload: { ops_per_thread: 3 }\n"
        "schedule: { strategy: [random, pct] }\ncheck: { model: %s }\n",
        algorithm, model);
    struct scenario *s =
        scenario_parse("alone.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    return s;
}

/* A form of an algorithm, and how many violations are wanted at least. */
static const struct form {
    const char *algorithm;
    const char *model;
    const char *variant;
    uint32_t violations;
} forms[] = {
    {"ms_queue", "queue", "sound", 0},
    {"ms_queue", "queue", "late_read", 1},
    {"ms_queue", "queue", "no_tag", 1},
    {"ms_queue", "queue", "no_recheck", 1},
    {"treiber_stack", "stack", "sound", 0},
    {"treiber_stack", "stack", "aba", 1},
    {"ticket_lock", "counter", "sound", 0},
    {"ticket_lock", "counter", "same_ticket", 1},
};

START_TEST(verdicts_are_those_of_the_model)
{
    const struct form *form = &forms[_i];
    struct scenario *named = make_scenario(form->algorithm, form->model);
    struct scenario *self = make_scenario(form->algorithm, "itself");
    struct runner *a = runner_new(named, form->variant, stderr);
    struct runner *b = runner_new(self, form->variant, stderr);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    ck_assert_str_eq(runner_model(b)->name, "itself");
    uint32_t violations = 0;
    for (uint64_t i = 0; i < RUNS; i++) {
        struct run_request request = {.seed = 11, .index = i};
        struct run_outcome by_model;
        struct run_outcome by_itself;
        runner_run(a, &request, &by_model);
        enum run_end end = by_model.end;
        uint64_t digest = by_model.digest;
        runner_run(b, &request, &by_itself);
        ck_assert_int_eq(by_itself.end, end);
        ck_assert_uint_eq(by_itself.digest, digest); /* not disturbed */
        violations += end == RUN_NOT_LINEARIZABLE;
    }
    ck_assert_uint_ge(violations, form->violations);
    ck_assert(form->violations > 0 || violations == 0);
    runner_free(b);
    runner_free(a);
    scenario_free(self);
    scenario_free(named);
}
END_TEST

static enum fl_verdict decide(struct fl_history *h,
                              const struct fl_model *model)
{
    h->model = model;
    struct fl_result *result = NULL;
    ck_assert_int_eq(fl_check(h, NULL, &result), FL_OK);
    enum fl_verdict verdict = result->verdict;
    fl_result_free(result);
    return verdict;
}

START_TEST(random_histories_agree)
{
    struct scenario *s = make_scenario("ms_queue", "queue");
    struct alone *alone = alone_new(s, NULL, OPERATIONS, stderr);
    ck_assert_ptr_nonnull(alone);
    struct fl_model fifo = *fl_model_find("queue");
    fifo.types_count = 2; /* it has no peek */
    struct random_wish wish = {.model = &fifo,
                               .operations = OPERATIONS,
                               .clients = 3,
                               .changed = true};
    struct fl_history *h = fl_history_new(&fifo, OPERATIONS, OPERATIONS);
    uint32_t verdicts[3] = {0};
    for (uint64_t i = 0; i < HISTORIES; i++) {
        uint64_t seed = i;
        h->model = &fifo;
        fl_history_clear(h);
        random_history(h, &wish, &seed);
        enum fl_verdict by_model = decide(h, &fifo);
        alone_trim(alone);
        ck_assert_int_eq(decide(h, alone_model(alone)), by_model);
        verdicts[by_model]++;
    }
    ck_assert_uint_gt(verdicts[FL_PASS], HISTORIES / 5);
    ck_assert_uint_gt(verdicts[FL_VIOLATION], HISTORIES / 5);
    fl_history_free(h);
    alone_free(alone);
    scenario_free(s);
}
END_TEST

/* What cannot be used alone is refused, at its place. */
START_TEST(networks_are_refused)
{
    char *said = NULL;
    size_t size = 0;
    static const char text[] =
        "scenario: 1\nname: net\n"
        "system: { kind: network, algorithm: abd_register }\n"
        "check: { model: itself }\n";
    struct scenario *s =
        scenario_parse("net.yaml", text, sizeof(text) - 1, stderr);
    ck_assert_ptr_nonnull(s);
    FILE *errors = open_memstream(&said, &size);
    ck_assert_ptr_null(runner_new(s, NULL, errors));
    ck_assert_int_eq(fclose(errors), 0);
    ck_assert_ptr_nonnull(strstr(said, "net.yaml:4:17: error: model itself"));
    free(said);
    scenario_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alone");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, verdicts_are_those_of_the_model, 0,
                        (int)(sizeof(forms) / sizeof(forms[0])));
    tcase_add_test(all, random_histories_agree);
    tcase_add_test(all, networks_are_refused);
    suite_add_tcase(suite, all);
    return check_tap_run(suite);
}
