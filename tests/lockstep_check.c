/*
 * Lockstep: who lets go of his locks for another one accuses nobody, unless it
 * is asked for; who keeps one, or undoes the other's work without locks, does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/lockstep.h"

#include "tests/check_tap.h"

enum {
    RUNS = 60 /* of each kind */
};

#include "tests/lull_fixture.h"

static const char plugin[] = "tests/plugins/back_off";

#define CALLS "workload: { ops_per_thread: 3 }\n"

/* Runs that ended as `end`, of RUNS each by two strategies. */
static uint32_t count_ends(const char *kind, const char *rest, enum run_end end,
                           bool *warned)
{
    static const char *const strategies[] = {"round_robin", "random"};
    struct scenario *s = make(plugin, rest);
    struct runner *r = runner_new(s, kind, stderr);
    ck_assert_ptr_nonnull(r);
    uint32_t count = 0;
    for (uint64_t i = 0; i < (uint64_t)2 * RUNS; i++) {
        struct run_outcome o;
        struct run_request request = {
            .seed = 7, .index = i / 2, .strategy = strategies[i % 2]};
        runner_run(r, &request, &o);
        count += o.end == end ? 1 : 0;
    }
    *warned = (runner_untried(r) & UNTRIED_STEPS) != 0;
    runner_free(r);
    scenario_free(s);
    return count;
}

START_TEST(who_lets_go_is_not_accused)
{
    bool warned = false;
    ck_assert_uint_eq(count_ends("lets_go", CALLS, RUN_LIVELOCK, &warned), 0);
    ck_assert(warned);
    uint32_t cut = count_ends("lets_go", CALLS, RUN_CUT, &warned);
    uint32_t finished = count_ends("lets_go", CALLS, RUN_FINISHED, &warned);
    ck_assert_uint_gt(cut, 0);
    ck_assert_uint_eq(cut + finished, 2 * RUNS);
}
END_TEST

START_TEST(who_asks_is_told)
{
    bool warned = true;
    ck_assert_uint_gt(count_ends("lets_go",
                                 CALLS "check: { progress: deadlock_free }\n",
                                 RUN_LIVELOCK, &warned),
                      0);
    ck_assert(!warned);
}
END_TEST

START_TEST(who_keeps_a_lock_is_accused)
{
    bool warned = true;
    ck_assert_uint_gt(count_ends("keeps", CALLS, RUN_LIVELOCK, &warned), 0);
    ck_assert(!warned);
    ck_assert_uint_gt(count_ends("both_kinds", CALLS, RUN_LIVELOCK, &warned),
                      0);
    ck_assert(!warned);
}
END_TEST

START_TEST(who_undoes_without_locks_is_accused)
{
    bool warned = true;
    ck_assert_uint_gt(count_ends("polite", CALLS, RUN_LIVELOCK, &warned), 0);
    ck_assert(!warned);
}
END_TEST

/* A run that was cut is so when it is repeated. */
START_TEST(a_run_that_is_cut_replays)
{
    struct scenario *s = make(plugin, CALLS);
    struct runner *r = runner_new(s, "lets_go", stderr);
    uint32_t cut = 0;
    for (uint64_t i = 0; i < RUNS; i++) {
        struct run_outcome o;
        struct run_request request = {.mode = RUN_RECORD,
                                      .seed = 7,
                                      .index = i,
                                      .strategy = "round_robin"};
        runner_run(r, &request, &o);
        enum run_end end = o.end;
        uint64_t digest = o.digest;
        struct trace *trace = runner_trace(r);
        struct run_request replay = {.mode = RUN_REPLAY, .trace = trace};
        runner_run(r, &replay, &o);
        ck_assert_int_eq(o.end, end);
        ck_assert_uint_eq(o.digest, digest);
        cut += end == RUN_CUT ? 1 : 0;
        trace_free(trace);
    }
    ck_assert_uint_gt(cut, 0);
    runner_free(r);
    scenario_free(s);
}
END_TEST

/* More locks than are kept: nothing is said of them. */
START_TEST(many_locks_are_in_no_step)
{
    struct lockstep l;
    char locks[TRIED_MAX + 1];
    lockstep_begin(&l);
    for (uint32_t i = 0; i <= TRIED_MAX; i++) {
        ck_assert(i == 0 || lockstep_is(&l, 0, 1));
        lockstep_refused(&l, &locks[i], 0, i + 1);
        lockstep_let_go(&l, &locks[i], i + 1);
    }
    ck_assert(!lockstep_is(&l, 0, 1));
    lockstep_begin(&l);
    ck_assert(!lockstep_is(&l, 0, 1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lockstep");
    TCase *lockstep = tcase_create("lockstep");
    tcase_set_timeout(lockstep, 60);
    tcase_add_test(lockstep, who_lets_go_is_not_accused);
    tcase_add_test(lockstep, who_asks_is_told);
    tcase_add_test(lockstep, who_keeps_a_lock_is_accused);
    tcase_add_test(lockstep, who_undoes_without_locks_is_accused);
    tcase_add_test(lockstep, a_run_that_is_cut_replays);
    tcase_add_test(lockstep, many_locks_are_in_no_step);
    suite_add_tcase(suite, lockstep);
    return check_tap_run(suite);
}
