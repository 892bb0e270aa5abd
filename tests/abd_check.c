/*
 * The ABD register in the simulated world: the sound form is accepted, each
 * flaw is found, and what a run of nodes did can be had again exactly.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/log.h"
#include "harness/run.h"
#include "tests/check_tap.h"

#include <string.h>

static struct runner *open_runner(const char *name, const char *variant,
                                  struct scenario **scenario)
{
    char path[100];
    snprintf(path, sizeof(path), "scenarios/%s.yaml", name);
    *scenario = scenario_load(path, stderr);
    ck_assert_ptr_nonnull(*scenario);
    struct runner *runner = runner_new(*scenario, variant, stderr);
    ck_assert_ptr_nonnull(runner);
    return runner;
}

/* The first run, of `runs`, that is not linearizable; 0: none.  Nothing else
 * may go wrong. */
static uint64_t first_violation(struct runner *runner, uint64_t seed,
                                uint64_t runs)
{
    for (uint64_t i = 1; i <= runs; i++) {
        struct run_request request = {.seed = seed, .index = i};
        struct run_outcome o = {.end = RUN_FINISHED};
        runner_run(runner, &request, &o);
        if (o.end == RUN_NOT_LINEARIZABLE) {
            return i;
        }
        ck_assert_msg(o.end == RUN_FINISHED, "run %llu: %s: %s",
                      (unsigned long long)i, run_end_name(o.end), o.detail);
    }
    return 0;
}

static const char *const scenarios[] = {
    "abd_register",
    "abd_register-no_write_back",
    "abd_register-minority_quorum",
    "abd_register-timestamp_without_id",
};

START_TEST(sound_is_accepted)
{
    struct scenario *scenario = NULL;
    struct runner *runner = open_runner(scenarios[_i], "sound", &scenario);
    ck_assert_uint_eq(first_violation(runner, 11, 2000), 0);
    for (uint32_t i = 0; i < scenario->rules_count; i++) {
        ck_assert_uint_gt(runner_fired(runner, i), 100);
    }
    runner_free(runner);
    scenario_free(scenario);
}
END_TEST

START_TEST(each_flaw_is_found)
{
    struct scenario *scenario = NULL;
    struct runner *runner = open_runner(scenarios[1 + _i], NULL, &scenario);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        ck_assert_uint_ne(first_violation(runner, seed, 1000), 0);
    }
    runner_free(runner);
    scenario_free(scenario);
}
END_TEST

START_TEST(runs_can_be_had_again)
{
    struct scenario *scenario = NULL;
    struct runner *runner = open_runner(scenarios[_i], NULL, &scenario);
    for (uint64_t i = 1; i <= 100; i++) {
        struct run_request request = {
            .mode = RUN_RECORD, .seed = 3, .index = i};
        struct run_outcome o = {.end = RUN_FINISHED};
        runner_run(runner, &request, &o);
        struct trace *trace = runner_trace(runner);
        uint64_t digest = o.digest;
        uint64_t time = o.time;
        enum run_end end = o.end;
        struct run_request again = {.mode = RUN_REPLAY, .trace = trace};
        runner_run(runner, &again, &o);
        ck_assert_msg(o.end == end, "run %llu: %s", (unsigned long long)i,
                      o.detail);
        ck_assert_uint_eq(o.digest, digest);
        ck_assert_uint_eq(o.time, time);
        trace_free(trace);
    }
    runner_free(runner);
    scenario_free(scenario);
}
END_TEST

/* Without its faults a flaw of the network is not seen: so the faults did it,
 * and an edited trace runs. */
START_TEST(a_trace_may_lose_its_faults)
{
    struct scenario *scenario = NULL;
    struct runner *runner =
        open_runner("abd_register-no_write_back", NULL, &scenario);
    uint64_t found = first_violation(runner, 1, 1000);
    ck_assert_uint_ne(found, 0);
    struct run_request request = {
        .mode = RUN_RECORD, .seed = 1, .index = found};
    struct run_outcome o = {.end = RUN_FINISHED};
    runner_run(runner, &request, &o);
    ck_assert_int_eq(o.end, RUN_NOT_LINEARIZABLE);
    struct trace *trace = runner_trace(runner);
    ck_assert_uint_gt(trace->occurrences_count, 0);
    uint32_t all = trace->occurrences_count;
    for (uint32_t left = all; left-- > 0;) {
        trace->occurrences_count = left;
        struct run_request again = {.mode = RUN_TOLERANT, .trace = trace};
        runner_run(runner, &again, &o);
        ck_assert(o.end == RUN_FINISHED || o.end == RUN_NOT_LINEARIZABLE);
    }
    ck_assert_int_eq(o.end, RUN_FINISHED);
    trace->occurrences_count = all;
    trace_free(trace);
    runner_free(runner);
    scenario_free(scenario);
}
END_TEST

START_TEST(messages_and_values_are_logged)
{
    struct scenario *scenario = NULL;
    struct runner *runner =
        open_runner("abd_register-no_write_back", NULL, &scenario);
    struct run_request request = {.mode = RUN_RECORD, .seed = 1, .index = 1};
    struct run_outcome o = {.end = RUN_FINISHED};
    runner_run(runner, &request, &o);
    const struct run_log *log = runner_log(runner);
    uint32_t fates[5] = {0};
    for (uint32_t i = 0; i < log->messages_count; i++) {
        const struct log_message *m = &log->messages[i];
        ck_assert_uint_lt(m->fate, 5);
        fates[m->fate]++;
        ck_assert(m->from < 6 && m->to < 6 && m->from != m->to);
        ck_assert(m->arrived >= m->sent);
        ck_assert(m->fate != FL_DELIVERED || m->arrived != UINT64_MAX);
        ck_assert(m->fate != FL_LOST || m->arrived == UINT64_MAX);
        ck_assert(m->fate != FL_LATE || m->extra >= 20000000);
        ck_assert(m->fate != FL_LOST || m->fault < log->faults_count);
        ck_assert(strlen(m->text) > 0);
    }
    ck_assert_uint_gt(fates[FL_DELIVERED], 10);
    ck_assert_uint_gt(fates[FL_LATE], 0);
    ck_assert_uint_gt(log->values_count, 0);
    ck_assert_int_eq(strncmp(log->values[0].text, "v=", 2), 0);
    ck_assert_uint_lt(log->values[0].thread, 3);
    runner_free(runner);
    scenario_free(scenario);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("abd");
    TCase *cases = tcase_create("abd");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, sound_is_accepted, 0, 4);
    tcase_add_loop_test(cases, each_flaw_is_found, 0, 3);
    tcase_add_loop_test(cases, runs_can_be_had_again, 0, 4);
    tcase_add_test(cases, a_trace_may_lose_its_faults);
    tcase_add_test(cases, messages_and_values_are_logged);
    suite_add_tcase(suite, cases);
    return check_tap_run(suite);
}
