/*
 * Lulls under weak memory, and with a heap: the state is what loads may return
 * and what malloc() will, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

enum {
    RUNS = 16 /* of each kind */
};

#include "tests/lull_fixture.h"

static const char lulls[] = "tests/plugins/lulls";

static const char *const ending[] = {"stack",  "fresh", "chance",
                                     "sleeps", "ends",  "relaxed"};

static const char *const memories[] = {
    "  memory: tso\n  races: off\n", "  memory: c11\n  races: off\n",
    "  memory: c11\n  races: off\n  stale_max: 60\n",
    "  memory: sc\n  races: report\n"};

enum {
    ENDING = sizeof(ending) / sizeof(ending[0]),
    MEMORIES = sizeof(memories) / sizeof(memories[0])
};

/* `memory` and one call for each. */
static const char *with_one_call(const char *memory)
{
    static char rest[400]; /* mutable: each test case is a process */
    (void)snprintf(rest, sizeof(rest), "%sworkload: { ops_per_thread: 1 }\n",
                   memory);
    return rest;
}

/* Whoever comes to an end is not accused, whatever he cannot see yet and
 * however long his stores wait. */
START_TEST(a_loop_that_ends_is_slow)
{
    static const char *const strategies[] = {NULL, "pct"};
    for (uint32_t i = 0; i < ENDING; i++) {
        for (uint32_t k = 0; k < 2; k++) {
            all_end(lulls, ending[i], strategies[k],
                    with_one_call(memories[_i]), RUN_FINISHED);
        }
    }
}
END_TEST

START_TEST(a_loop_without_an_end_is_a_livelock)
{
    all_end(lulls, "endless", NULL, with_one_call(memories[_i]), RUN_LIVELOCK);
    all_end(lulls, "both", "round_robin", with_one_call(memories[_i]),
            RUN_LIVELOCK);
    all_end(lulls, "both", "random", with_one_call(memories[_i]), RUN_LIVELOCK);
    all_end(lulls, "endless", "pct", with_one_call(memories[_i]), RUN_LIVELOCK);
}
END_TEST

/* Stale reads and stores that wait end, sooner or later: that they go on for
 * ever is no fault of the program. */
START_TEST(whoever_will_see_it_is_not_accused_in_an_edited_trace)
{
    static const char *const loops[] = {"ends", "relaxed"};
    for (uint32_t i = 0; i < 2; i++) {
        edited_end(loops[i], "round_robin", with_one_call(memories[_i]));
        edited_end(loops[i], "pct", with_one_call(memories[_i]));
    }
}
END_TEST

/* All runs of `variant` must finish, though states are noted from the first
 * step on; returns the steps of the longest. */
static uint64_t all_finish(const char *variant, const char *strategy,
                           const char *rest)
{
    struct scenario *s = make(lulls, rest);
    struct runner *r = runner_new(s, variant, stderr);
    ck_assert_ptr_nonnull(r);
    uint64_t most = 0;
    for (uint64_t i = 0; i < 3 * RUNS; i++) {
        struct run_outcome o;
        struct run_request request = {
            .seed = 7, .index = i, .strategy = strategy, .patience = 1};
        runner_run(r, &request, &o);
        most = o.steps > most ? o.steps : most;
        ck_assert_msg(o.end == RUN_FINISHED, "%s, run %lu: %s, %s",
                      strategy == NULL ? "auto" : strategy, (unsigned long)i,
                      run_end_name(o.end), o.detail);
    }
    runner_free(r);
    scenario_free(s);
    return most;
}

/* Nor is it if a compare-and-swap fails for no reason each time.  A search
 * tries that once more in each of its runs. */
START_TEST(failures_for_no_reason_accuse_nobody)
{
    uint64_t most =
        all_finish("idles", NULL,
                   "  memory: c11\nworkload: { ops_per_thread: 1 }\n"
                   "schedule: { strategy: exhaustive, preemptions: 0 }\n");
    ck_assert_uint_gt(most, 100);
}
END_TEST

/* What waits in the store buffer of one who is crashed is on its way; and he
 * who counts may do that in his. */
START_TEST(what_waits_in_store_buffers_is_looked_at)
{
    static const char *const strategies[] = {NULL, "pct", "sticky"};
    for (uint32_t i = 0; i < 3; i++) {
        (void)all_finish("queues", strategies[i],
                         "  memory: tso\nworkload: { ops_per_thread: 1 }\n");
        (void)all_finish("relaxed", strategies[i],
                         "  memory: tso\nworkload: { ops_per_thread: 1 }\n"
                         "check: { progress: lock_free }\n"
                         "faults:\n  - kind: crash\n"
                         "    target: { threads: T1 }\n"
                         "    when: { step: 3 }\n");
    }
}
END_TEST

/* So is what somebody is about to store or to ask for, who has read it where
 * it no longer is. */
START_TEST(what_an_operation_was_given_is_looked_at)
{
    static const char *const strategies[] = {NULL, "sticky", "pos",
                                             "round_robin"};
    for (uint32_t i = 0; i < 4; i++) {
        (void)all_finish("relays", strategies[i], with_one_call(memories[_i]));
        (void)all_finish("requests", strategies[i],
                         with_one_call(memories[_i]));
    }
}
END_TEST

static const char *const reuses[] = {"newest", "oldest", "random"};

START_TEST(blocks_that_come_back_are_the_same)
{
    char rest[200];
    (void)snprintf(rest, sizeof(rest), "  reuse: %s\n", reuses[_i]);
    all_end(lulls, "recycles", NULL, with_one_call(rest), RUN_LIVELOCK);
    all_end(lulls, "fresh", "round_robin", with_one_call(rest), RUN_FINISHED);
}
END_TEST

START_TEST(the_order_of_free_blocks_is_looked_at)
{
    all_end(lulls, "rotates", NULL, with_one_call("  reuse: oldest\n"),
            RUN_FINISHED);
    all_end(lulls, "rotates", NULL, with_one_call("  reuse: newest\n"),
            RUN_FINISHED);
    all_end(lulls, "rotates", NULL, with_one_call("  reuse: random\n"),
            RUN_FINISHED);
}
END_TEST

START_TEST(blocks_that_never_come_back_are_others)
{
    all_end(lulls, "recycles", NULL,
            with_one_call("  reuse: never\n"
                          "run: { steps_max: 3000 }\n"),
            RUN_STEP_LIMIT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lull_memory");
    TCase *lull = tcase_create("lull_memory");
    tcase_set_timeout(lull, 60);
    tcase_add_loop_test(lull, a_loop_that_ends_is_slow, 0, MEMORIES);
    tcase_add_loop_test(lull, a_loop_without_an_end_is_a_livelock, 0, MEMORIES);
    tcase_add_loop_test(lull,
                        whoever_will_see_it_is_not_accused_in_an_edited_trace,
                        0, MEMORIES);
    tcase_add_test(lull, failures_for_no_reason_accuse_nobody);
    tcase_add_test(lull, what_waits_in_store_buffers_is_looked_at);
    tcase_add_loop_test(lull, what_an_operation_was_given_is_looked_at, 0,
                        MEMORIES);
    tcase_add_loop_test(lull, blocks_that_come_back_are_the_same, 0, 3);
    tcase_add_test(lull, the_order_of_free_blocks_is_looked_at);
    tcase_add_test(lull, blocks_that_never_come_back_are_others);
    suite_add_tcase(suite, lull);
    return check_tap_run(suite);
}
