/*
 * Rounds: who waits for plain memory is let others go first, who computes is
 * not accused, and both are the same each time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/check_tap.h"

enum {
    RUNS = 24 /* of each kind */
};

#include "tests/lull_fixture.h"

static const char plugin[] = "tests/plugins/plain_waits";
static const char one_call[] = "workload: { ops_per_thread: 1 }\n";

static const char *const ended[] = {"flag",    "counts", "global", "turns",
                                    "sleeper", "sums",   "beside"};

START_TEST(who_waits_for_another_one_goes_on)
{
    static const char *const strategies[] = {NULL,    "round_robin", "pct",
                                             "stall", "random",      "delay"};
    for (uint32_t i = 0; i < 6; i++) {
        all_end(plugin, ended[_i], strategies[i], one_call, RUN_FINISHED);
    }
}
END_TEST

/* The second operation of all begins after the first has ended in some runs:
 * then there is no race. */
START_TEST(races_are_told_where_they_are_looked_at)
{
    struct scenario *s =
        make(plugin, "  races: report\nworkload: { ops_per_thread: 1 }\n");
    struct runner *r = runner_new(s, "flag", stderr);
    uint32_t races = 0;
    for (uint64_t i = 0; i < RUNS; i++) {
        struct run_outcome o;
        struct run_request request = {.seed = 7, .index = i};
        runner_run(r, &request, &o);
        ck_assert(o.end == RUN_RACE || o.end == RUN_FINISHED);
        races += o.end == RUN_RACE ? 1 : 0;
    }
    ck_assert_uint_gt(races, RUNS / 4);
    runner_free(r);
    scenario_free(s);
}
END_TEST

START_TEST(what_nobody_stores_is_a_livelock)
{
    all_end(plugin, "never", NULL, one_call, RUN_LIVELOCK);
    all_end(plugin, "never", "pct", one_call, RUN_LIVELOCK);
}
END_TEST

static struct runner *open_kind(struct scenario **s, const char *kind)
{
    *s = make(plugin, one_call);
    struct runner *r = runner_new(*s, kind, stderr);
    ck_assert_ptr_nonnull(r);
    return r;
}

/* The first run of a kind, as it was explored. */
static void end_once(const char *kind, const char *strategy, enum run_end end)
{
    struct scenario *s = NULL;
    struct runner *r = open_kind(&s, kind);
    struct run_outcome o;
    struct run_request request = {.seed = 7, .strategy = strategy};
    runner_run(r, &request, &o);
    ck_assert_msg(o.end == end, "%s: %s, %s", kind, run_end_name(o.end),
                  o.detail);
    runner_free(r);
    scenario_free(s);
}

/* Its registers never come back, so nothing is proved of it. */
START_TEST(what_cannot_be_proved_is_given_up)
{
    end_once("endless", NULL, RUN_STUCK);
}
END_TEST

/* There where its points are would not be the same in equivalent runs. */
START_TEST(searches_have_no_such_points)
{
    end_once("flag", "dpor", RUN_STUCK);
    end_once("never", "dpor", RUN_STUCK);
}
END_TEST

START_TEST(each_time_it_is_the_same)
{
    struct scenario *s = NULL;
    struct runner *r = open_kind(&s, ended[_i]);
    for (uint64_t i = 0; i < RUNS / 4; i++) {
        struct run_outcome o;
        struct run_request request = {.seed = 7, .index = i};
        runner_run(r, &request, &o);
        uint64_t steps = o.steps;
        uint64_t switches = o.switches;
        request.mode = RUN_RECORD;
        runner_run(r, &request, &o);
        uint64_t digest = o.digest;
        ck_assert_uint_eq(o.steps, steps);
        ck_assert_uint_eq(o.switches, switches);
        struct trace *trace = runner_trace(r);
        struct run_request replay = {.mode = RUN_REPLAY, .trace = trace};
        runner_run(r, &replay, &o);
        ck_assert_int_eq(o.end, RUN_FINISHED);
        ck_assert_uint_eq(o.digest, digest);
        trace_free(trace);
    }
    runner_free(r);
    scenario_free(s);
}
END_TEST

/* Whether somebody was seen to wait for what another one then stored. */
static bool waits(const char *kind)
{
    struct scenario *s = NULL;
    struct runner *r = open_kind(&s, kind);
    for (uint64_t i = 0; i < RUNS; i++) {
        struct run_outcome o;
        struct run_request request = {.seed = 7, .index = i};
        runner_run(r, &request, &o);
    }
    bool any = runner_waits_plainly(r) != 0;
    runner_free(r);
    scenario_free(s);
    return any;
}

START_TEST(who_waits_is_told_and_who_computes_is_not)
{
    ck_assert(waits("flag"));
    ck_assert(waits("turns"));
    ck_assert(!waits("sums"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rounds");
    TCase *rounds = tcase_create("rounds");
    enum {
        ENDED = sizeof(ended) / sizeof(ended[0])
    };
    tcase_set_timeout(rounds, 60);
    tcase_add_loop_test(rounds, who_waits_for_another_one_goes_on, 0, ENDED);
    tcase_add_loop_test(rounds, each_time_it_is_the_same, 0, ENDED);
    tcase_add_test(rounds, races_are_told_where_they_are_looked_at);
    tcase_add_test(rounds, what_nobody_stores_is_a_livelock);
    tcase_add_test(rounds, what_cannot_be_proved_is_given_up);
    tcase_add_test(rounds, searches_have_no_such_points);
    tcase_add_test(rounds, who_waits_is_told_and_who_computes_is_not);
    suite_add_tcase(suite, rounds);
    return check_tap_run(suite);
}
