/*
 * Peaks: how near to a bound operations came, over all runs of a campaign, on
 * the terminal and for programs, with the run that came nearest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/peaks.h"
#include "tests/cli_fixture.h"

enum {
    RUNS = 700,
    SEED = 11
};

static const char bypass[] =
    "scenario: 1\\nname: bypass\\n"
    "system: { kind: threads, algorithm: ticket_lock, threads: 3 }\\n"
    "workload: { ops_per_thread: 4 }\\n"
    "check: { model: counter, progress: bounded_bypass, bypass_bound: 2 }\\n";

static void write_bypass(void)
{
    ck_assert_int_eq(shell("printf '%s' >bypass.yaml", bypass), 0);
}

/* The same runs, one by one: the judge of what the workers joined. */
static struct peaks measure(void)
{
    struct peaks peaks = {0};
    struct scenario *s = scenario_load("bypass.yaml", stderr);
    ck_assert_ptr_nonnull(s);
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct run_outcome o;
        struct run_request request = {.seed = SEED, .index = i};
        runner_run(r, &request, &o);
        if (o.steps_most > peaks.of[PEAK_STEPS].value) {
            peaks.of[PEAK_STEPS] =
                (struct peak){.value = o.steps_most, .index = i};
        }
        if (o.overtaken_most > peaks.of[PEAK_OVERTAKEN].value) {
            peaks.of[PEAK_OVERTAKEN] =
                (struct peak){.value = o.overtaken_most, .index = i};
        }
    }
    runner_free(r);
    scenario_free(s);
    return peaks;
}

START_TEST(any_number_of_workers_finds_the_same_peaks)
{
    write_bypass();
    struct peaks peaks = measure();
    const struct peak *steps = &peaks.of[PEAK_STEPS];
    const struct peak *overtaken = &peaks.of[PEAK_OVERTAKEN];
    ck_assert_uint_gt(steps->value, 0);
    ck_assert_uint_eq(overtaken->value, 2);
    for (uint32_t jobs = 1; jobs <= 5; jobs += 2) {
        expect_code(0, "rm -rf out");
        ck_assert_int_eq(shell("$F run --seed %d -n %d --jobs %u --format "
                               "jsonl bypass.yaml",
                               SEED, RUNS, jobs),
                         0);
        char text[200];
        snprintf(text, sizeof(text),
                 "\"steps_most\":%lu,\"steps_schedule\":%lu,",
                 (unsigned long)steps->value, (unsigned long)steps->index);
        expect_text("out.txt", text);
        snprintf(text, sizeof(text), "\"overtaken_schedule\":%lu,",
                 (unsigned long)overtaken->index);
        expect_text("out.txt", text);
    }
    char text[200];
    expect_code(0, "$F replay out/bypass/most-steps.trace.json");
    snprintf(text, sizeof(text), "at most %lu own steps",
             (unsigned long)steps->value);
    expect_text("out.txt", text);
    expect_code(0, "$F replay out/bypass/most-overtaken.trace.json");
    expect_text("out.txt", "overtaken at most 2 times");
}
END_TEST

START_TEST(the_terminal_names_them_where_they_are_asked_for)
{
    write_bypass();
    expect_code(0, "$F run -n 300 --format text --format junit=j.xml "
                   "bypass.yaml");
    expect_text("out.txt", "operations took at most ");
    expect_text("out.txt", ", overtaken at most 2 times (schedule ");
    expect_text("out.txt",
                "faultline replay out/bypass/most-overtaken.trace.json");
    expect_text("j.xml", "<property name=\"overtaken_most\" value=\"2\"/>");
    expect_code(0, "grep -v '^check' bypass.yaml >plain.yaml; rm -rf out; "
                   "$F run -n 300 plain.yaml >p.txt && grep pass p.txt; "
                   "! grep 'own steps' p.txt && test ! -e out/bypass");
}
END_TEST

START_TEST(a_search_keeps_its_worst_run)
{
    write_bypass();
    expect_code(0, "sed -e 's/threads: 3/threads: 2/' "
                   "-e 's/ops_per_thread: 4/ops_per_thread: 1/' bypass.yaml "
                   ">small.yaml; $F run --strategy exhaustive small.yaml");
    expect_text("out.txt", "overtaken at most 1 time (schedule ");
    expect_code(0, "$F replay out/bypass/most-overtaken.trace.json");
    expect_text("out.txt", "overtaken at most 1 times");
}
END_TEST

/* How far the others were when one found a failure is chance. */
START_TEST(a_campaign_that_was_cut_by_a_failure_has_none)
{
    write_bypass();
    expect_code(1, "sed 's/bypass_bound: 2/bypass_bound: 1/' bypass.yaml "
                   ">tight.yaml; $F run --no-shrink --no-svg tight.yaml");
    const char *text = content("out.txt");
    ck_assert_ptr_nonnull(strstr(text, "distinct failure"));
    ck_assert_ptr_null(strstr(text, "operations took"));
    expect_code(1, "$F run --no-shrink --no-svg --keep-going -n 300 "
                   "tight.yaml");
    expect_text("out.txt", "operations took");
}
END_TEST

START_TEST(of_equal_runs_the_first_is_the_peak)
{
    struct peaks a = {0};
    struct peaks b = {0};
    struct run_outcome o = {.steps_most = 7, .overtaken_most = 0};
    ck_assert_uint_eq(peaks_note(&a, 30, &o), 1u << PEAK_STEPS);
    ck_assert_uint_eq(peaks_note(&a, 40, &o), 0);
    ck_assert_uint_eq(peaks_note(&b, 20, &o), 1u << PEAK_STEPS);
    o.overtaken_most = 3;
    ck_assert_uint_eq(peaks_note(&b, 50, &o), 1u << PEAK_OVERTAKEN);
    peaks_join(&a, &b);
    ck_assert_uint_eq(a.of[PEAK_STEPS].value, 7);
    ck_assert_uint_eq(a.of[PEAK_STEPS].index, 20);
    ck_assert_uint_eq(a.of[PEAK_OVERTAKEN].index, 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("peaks");
    TCase *peaks = make_case(suite, "peaks");
    tcase_add_test(peaks, any_number_of_workers_finds_the_same_peaks);
    tcase_add_test(peaks, the_terminal_names_them_where_they_are_asked_for);
    tcase_add_test(peaks, a_search_keeps_its_worst_run);
    tcase_add_test(peaks, a_campaign_that_was_cut_by_a_failure_has_none);
    tcase_add_test(peaks, of_equal_runs_the_first_is_the_peak);
    return check_tap_run(suite);
}
