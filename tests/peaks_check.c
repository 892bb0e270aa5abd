/*
 * Peaks: how near to a bound operations came, over all runs of a campaign, on
 * the terminal and for programs, with the run that came nearest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/peaks.h"
#include "harness/results_file.h"
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

/* As each shard met them, its traces beside those of the others; and merged
 * once more, from elsewhere. */
START_TEST(shards_join_their_peaks)
{
    write_bypass();
    struct peaks peaks = measure();
    const struct peak *steps = &peaks.of[PEAK_STEPS];
    const struct peak *overtaken = &peaks.of[PEAK_OVERTAKEN];
    char text[200];
    char run[200];
    snprintf(run, sizeof(run),
             "for i in 1 2 3; do $F run -q --seed %d -n %d --shard $i/3 "
             "--out o$i bypass.yaml; done",
             SEED, RUNS);
    expect_code(0, run);
    expect_code(0, "$F merge o1 o2 --out some && $F merge some o3 --out all "
                   "--format text=all.txt --format jsonl=all.jsonl");
    snprintf(text, sizeof(text),
             "\"steps_most\":%lu,\"steps_schedule\":%lu,"
             "\"steps_trace\":\"all/bypass/",
             (unsigned long)steps->value, (unsigned long)steps->index);
    expect_text("all.jsonl", text);
    snprintf(text, sizeof(text), "\"overtaken_schedule\":%lu,",
             (unsigned long)overtaken->index);
    expect_text("all.jsonl", text);
    expect_text("all.txt", "operations took at most ");
    expect_code(0, "$(grep -o 'faultline replay all/.*most-steps.*' all.txt | "
                   "sed \"s,faultline,$F,\")");
    snprintf(text, sizeof(text), "at most %lu own steps",
             (unsigned long)steps->value);
    expect_text("out.txt", text);
}
END_TEST

/* The runs of a shard that has none may have been worse. */
START_TEST(peaks_of_some_shards_are_not_those_of_all)
{
    struct scenario_summary whole = {.steps_most = 5, .steps_schedule = 7};
    struct scenario_summary more = {.steps_most = 5, .steps_schedule = 3};
    struct scenario_summary none = {0};
    struct scenario_summary worst = {.steps_most = 9,
                                     .steps_schedule = 8,
                                     .steps_trace = "worst",
                                     .asks_progress = true,
                                     .overtaken_most = 2};
    results_join_peaks(&whole, &more);
    ck_assert(whole.steps_most == 5 && whole.steps_schedule == 3);
    struct scenario_summary part = whole;
    results_join_peaks(&whole, &worst);
    ck_assert(whole.steps_most == 9 && whole.steps_schedule == 8);
    ck_assert_str_eq(whole.steps_trace, "worst");
    ck_assert(whole.overtaken_most == 2 && whole.asks_progress);
    results_join_peaks(&part, &none);
    ck_assert_uint_eq(part.steps_most, 0);
    results_join_peaks(&part, &worst);
    ck_assert(part.steps_most == 0 && part.overtaken_most == 0);
}
END_TEST

START_TEST(a_finished_campaign_tells_its_peaks_again)
{
    write_bypass();
    expect_code(0, "for i in 1 2; do $F run --resume -n 300 bypass.yaml | "
                   "grep -A2 'own steps' >$i; done; test -s 1 && cmp 1 2");
    expect_text("1", "faultline replay out/bypass/most-steps.trace.json");
    /* another campaign left its own there */
    expect_code(0, "$F run --resume -n 301 -q bypass.yaml >301 && "
                   "$F run --resume -n 300 bypass.yaml");
    expect_text("out.txt", "own steps");
    ck_assert_ptr_null(strstr(content("out.txt"), "faultline replay"));
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
    tcase_add_test(peaks, shards_join_their_peaks);
    tcase_add_test(peaks, peaks_of_some_shards_are_not_those_of_all);
    tcase_add_test(peaks, a_finished_campaign_tells_its_peaks_again);
    tcase_add_test(peaks, the_terminal_names_them_where_they_are_asked_for);
    tcase_add_test(peaks, a_search_keeps_its_worst_run);
    tcase_add_test(peaks, a_campaign_that_was_cut_by_a_failure_has_none);
    tcase_add_test(peaks, of_equal_runs_the_first_is_the_peak);
    return check_tap_run(suite);
}
