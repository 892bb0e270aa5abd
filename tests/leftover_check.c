/*
 * What is reserved at the end and belongs to nobody, counted once more from the
 * history and the log of each run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/operations.h"
#include "tests/acts_fixture.h"

enum {
    RUNS = 250,
    CLIENTS = 3,
};

/* Killed between the two halves of a write, for good or not. */
#define KILL                                                            \
    "faults:\n  - { kind: kill, target: { processes: any }, limit: 1, " \
    "when: { point: region.half_written }"

static struct acts acts;

static void open_region(int64_t max, const char *rules)
{
    char text[400];
    (void)snprintf(text, sizeof(text),
                   "check: { model: quota_counter, also: [ leaked_amount_max: "
                   "%lld ] }\n%s",
                   (long long)max, rules);
    acts_open(&acts, REGION, text);
}

/* What the last operation of the run says is reserved, and nobody has; -1 if
 * nobody was left to ask. */
static int64_t count_leaked(const struct act_run *run)
{
    const struct fl_history *h = run->outcome->history;
    const struct fl_operation *last = &h->operations[h->count - 1];
    if (last->fn != FL_QUOTA_USAGE || last->ret == FL_OPEN) {
        return -1;
    }
    int64_t leaked = last->result;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        bool dead = (run->log->crashed >> op->client & 1) != 0;
        if (op->ret == FL_OPEN || dead || op->result == 0) {
            continue;
        }
        leaked -= op->fn == FL_QUOTA_RESERVE   ? op->args[0]
                  : op->fn == FL_QUOTA_RELEASE ? -op->args[0]
                                               : 0;
    }
    return leaked;
}

/* Runs all; returns how many failed, and the most that was leaked. */
static uint32_t run_all(int64_t max, int64_t *most)
{
    uint32_t failed = 0;
    *most = INT64_MIN;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct act_run run = acts_run(&acts, i);
        enum run_end end = acts.outcome.end;
        int64_t leaked = count_leaked(&run);
        ck_assert_msg(end == (leaked > max ? RUN_INVARIANT : RUN_FINISHED),
                      "run %llu: %s: %s, leaked %lld", (unsigned long long)i,
                      run_end_name(end), acts.outcome.detail,
                      (long long)leaked);
        *most = leaked > *most ? leaked : *most;
        failed += end == RUN_INVARIANT ? 1 : 0;
        struct run_outcome o;
        struct run_request again = {.seed = 5, .index = i};
        runner_run(acts.runner, &again, &o);
        ck_assert_int_eq(o.end, end);
    }
    return failed;
}

START_TEST(who_lives_leaks_nothing)
{
    int64_t most = 0;
    open_region(0, "");
    ck_assert_uint_eq(run_all(0, &most), 0);
    ck_assert_int_eq(most, 0);
    acts_close(&acts);
}
END_TEST

START_TEST(what_the_dead_had_is_leaked)
{
    int64_t most = 0;
    open_region(0, KILL " }\n");
    uint32_t failed = run_all(0, &most);
    ck_assert_uint_gt(failed, RUNS / 10);
    ck_assert_uint_lt(failed, RUNS);
    ck_assert_int_gt(most, 0);
    acts_close(&acts);
    open_region(1000, KILL " }\n");
    int64_t allowed = 0;
    ck_assert_uint_eq(run_all(1000, &allowed), 0);
    ck_assert_int_eq(allowed, most);
    acts_close(&acts);
}
END_TEST

static void refuse(const char *system, const char *rest, const char *why)
{
    char text[1000];
    char said[1000] = "";
    int size = snprintf(text, sizeof(text), "scenario: 1\nname: no\n%s%s",
                        system, rest);
    FILE *errors = fmemopen(said, sizeof(said), "w");
    ck_assert_ptr_nonnull(errors);
    struct scenario *s = scenario_parse("no", text, (size_t)size, errors);
    ck_assert_ptr_nonnull(s);
    ck_assert_ptr_null(runner_new(s, NULL, errors));
    (void)fclose(errors);
    scenario_free(s);
    ck_assert_msg(strstr(said, why) != NULL, "%s", said);
}

START_TEST(only_a_quota_can_be_asked)
{
    refuse(QUEUE, "check: { also: [ leaked_amount_max: 3 ] }\n",
           "it wants quota_counter");
    refuse("system: { kind: processes, algorithm: shm_region, processes: 2 }\n"
           "workload: { ops_per_process: 2, keys: 2 }\n",
           "check: { also: [ leaked_amount_max: 0 ] }\n", "about one quota");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("leftover");
    TCase *cases = tcase_create("leftover");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, who_lives_leaks_nothing);
    tcase_add_test(cases, what_the_dead_had_is_leaked);
    tcase_add_test(cases, only_a_quota_can_be_asked);
    suite_add_tcase(suite, cases);
    return check_tap_run(suite);
}
