/*
 * What programs are answered in the simulated world: locks, threads, time,
 * memory, and every wrong use of them.
 *
 * The programs are the variants of the plug-ins in tests/plugins.  Those that
 * use things rightly check themselves and must pass in every schedule that is
 * tried; those that do not must end with one verdict, the depth-first ones of
 * them in some schedule and not in all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/run.h"
#include "tests/check_tap.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    SEEDS = 300
};

/* How often a program was run, and how it ended. */
struct tally {
    uint32_t runs;
    uint32_t ends[RUN_ENDS];
    uint32_t returned; /* runs in which the program came to its end */
    char detail[200];  /* of the last run that did not finish */
};

/* The plug-in called `name` beside this test's own program. */
static void find_plugin(const char *name, char *path, size_t max)
{
    char own[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", own, sizeof(own) - 1);
    ck_assert_int_gt(size, 0);
    own[size] = '\0';
    *strrchr(own, '/') = '\0';
    snprintf(path, max, "%s/plugins/%s.so", own, name);
}

static struct scenario *make_scenario(const char *plugin, const char *more)
{
    char path[PATH_MAX + 80];
    find_plugin(plugin, path, sizeof(path));
    char text[2 * PATH_MAX];
    int size = snprintf(text, sizeof(text),
                        "scenario: 1\n"
                        "name: test\n"
                        "system: { kind: threads, algorithm: %s, "
                        "threads: 1 }\n"
                        "workload: { ops_per_thread: 1 }\n"
                        "check: { model: counter, progress: deadlock_free }\n"
                        "%s",
                        path, more);
    ck_assert_int_lt(size, (int)sizeof(text));
    struct scenario *s =
        scenario_parse("test.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    return s;
}

/* Runs `variant` of `plugin` with `seeds` seeds. */
static struct tally run_seeds(const char *plugin, const char *variant,
                              uint32_t seeds)
{
    struct scenario *s =
        make_scenario(plugin, "schedule: { strategy: random }\n");
    struct runner *runner = runner_new(s, variant, stderr);
    ck_assert_ptr_nonnull(runner);
    struct tally tally = {.runs = seeds};
    for (uint32_t i = 0; i < seeds; i++) {
        struct run_request request = {
            .mode = RUN_EXPLORE, .seed = 11, .index = i};
        struct run_outcome outcome;
        runner_run(runner, &request, &outcome);
        tally.ends[outcome.end]++;
        const struct fl_history *h = outcome.history;
        tally.returned += h->count == 1 && h->operations[0].ret != FL_OPEN;
        if (outcome.end != RUN_FINISHED && outcome.detail != NULL) {
            snprintf(tally.detail, sizeof(tally.detail), "%s", outcome.detail);
        }
    }
    runner_free(runner);
    scenario_free(s);
    return tally;
}

/* A program that is right, in a plug-in. */
struct right {
    const char *plugin;
    const char *variant;
};

static const struct right right[] = {
    {"posix_locks", "mutex_excludes"},
    {"posix_locks", "trylock_excludes"},
    {"posix_locks", "recursive_counts"},
    {"posix_locks", "checked_answers"},
    {"posix_locks", "timed_lock_times_out"},
    {"posix_locks", "robust_recovers"},
    {"posix_locks", "cond_hands_over"},
    {"posix_locks", "broadcast_wakes_all"},
    {"posix_locks", "cond_times_out"},
    {"posix_locks", "barrier_gathers"},
    {"posix_locks", "rwlock_separates"},
    {"posix_locks", "rwlock_answers"},
    {"posix_locks", "spin_excludes"},
    {"posix_locks", "semaphore_excludes"},
    {"posix_locks", "semaphore_times_out"},
    {"posix_locks", "reused_memory_is_new"},
    {"posix_threads", "create_and_join"},
    {"posix_threads", "detach_ends"},
    {"posix_threads", "once_runs_once"},
    {"posix_threads", "keys_are_private"},
    {"posix_threads", "locals_are_private"},
    {"posix_threads", "c11_threads"},
    {"posix_threads", "futex_wakes"},
    {"posix_threads", "time_is_virtual"},
    {"posix_threads", "bytes_are_copied"},
    {"posix_threads", "chance_and_names"},
    {"all_atomics", "operations_1"},
    {"all_atomics", "operations_2"},
    {"all_atomics", "operations_4"},
    {"all_atomics", "operations_8"},
    {"all_atomics", "operations_16"},
    {"all_atomics", "accesses_1"},
    {"all_atomics", "accesses_2"},
    {"all_atomics", "accesses_4"},
    {"all_atomics", "accesses_8"},
    {"all_atomics", "accesses_16"},
    {"all_atomics", "fences_and_ranges"},
};

START_TEST(right_programs_pass)
{
    const struct right *r = &right[_i];
    struct tally tally = run_seeds(r->plugin, r->variant, SEEDS);
    ck_assert_msg(tally.ends[RUN_FINISHED] == tally.runs, "%s: %u of %u: %s",
                  r->variant, tally.ends[RUN_FINISHED], tally.runs,
                  tally.detail);
    ck_assert_uint_eq(tally.returned, tally.runs);
}
END_TEST

/* A program that is wrong, its end, and what the detail must say. */
struct wrong {
    const char *variant;
    enum run_end end;
    const char *says;
    bool sometimes; /* some schedules pass */
};

static const struct wrong wrong[] = {
    {"deadlock_abba", RUN_DEADLOCK, "T0 waits for a mutex held by T1", true},
    {"deadlock_self", RUN_DEADLOCK, "T0 waits for a mutex held by T0", false},
    {"deadlock_join", RUN_DEADLOCK, "T1", false},
    {"lost_signal", RUN_DEADLOCK, "condition", true},
    {"lost_update", RUN_ASSERTION, "count == 2", true},
    {"unlock_of_a_stranger", RUN_MISUSE, "T1 unlocks a mutex that T0 holds",
     false},
    {"unlock_of_nothing", RUN_MISUSE, "that nobody holds", false},
    {"rwlock_of_nothing", RUN_MISUSE, "T0 unlocks a rwlock that nobody holds",
     false},
    {"destroy_while_held", RUN_MISUSE, "destroyed while T0 holds it", false},
    {"use_after_destroy", RUN_MISUSE, "after it was destroyed", false},
    {"never_initialised", RUN_MISUSE, "semaphore is used that was never",
     false},
    {"garbage_mutex", RUN_MISUSE, "mutex is used that was never", false},
    {"initialised_twice", RUN_MISUSE, "initialised again", false},
    {"wait_without_mutex", RUN_MISUSE, "without holding its mutex", false},
    {"barrier_too_few", RUN_DEADLOCK, "barrier", false},
    {"join_twice", RUN_MISUSE, "joined before", false},
    {"lock_in_freed_memory", RUN_USE_AFTER_FREE, "", false},
    {"copy_too_much", RUN_OUT_OF_BOUNDS, "", false},
    {"text_without_end", RUN_OUT_OF_BOUNDS, "", false},
    {"aborts", RUN_ABORTED, "abort()", false},
    {"exits", RUN_ABORTED, "exit(3)", false},
    {"asserts", RUN_ASSERTION, "assertion failed: count == 1", false},
    {"forks", RUN_MISUSE, "fork()", false},
    {"signals", RUN_MISUSE, "signal()", false},
    {"leaves_operation", RUN_MISUSE, "pthread_exit()", false},
    {"lock_of_null", RUN_CRASHED, "", false},
    {"copy_to_null", RUN_CRASHED, "", false},
    {"spins_for_ever", RUN_LIVELOCK, "", false},
};

START_TEST(wrong_programs_are_found)
{
    const struct wrong *x = &wrong[_i];
    struct tally tally = run_seeds("posix_wrong", x->variant, SEEDS);
    uint32_t found = tally.ends[x->end];
    ck_assert_msg(found + tally.ends[RUN_FINISHED] == tally.runs,
                  "%s: ends otherwise: %s", x->variant, tally.detail);
    ck_assert_msg(found > 0, "%s: never found", x->variant);
    ck_assert_msg(x->sometimes == (found < tally.runs), "%s: %u of %u",
                  x->variant, found, tally.runs);
    ck_assert_msg(strstr(tally.detail, x->says) != NULL, "%s says: %s",
                  x->variant, tally.detail);
}
END_TEST

/* Three processes, one of which is killed in the middle of an addition. */
static const char killed_between[] =
    "scenario: 1\n"
    "name: region\n"
    "system: { kind: processes, algorithm: %s, variant: %s, processes: 3 }\n"
    "workload: { ops_per_process: 3 }\n"
    "schedule: { strategy: random }\n"
    "faults:\n"
    "  - kind: kill\n"
    "    target: { processes: any }\n"
    "    when: { point: between, hit: 1..4 }\n"
    "    limit: 1\n"
    "    respawn: 10ms..100ms\n"
    "%s"
    "check:\n"
    "  model: counter\n"
    "  criterion: strict\n"
    "  also: [{ lock_recovers: { within: 5s } }]\n";

/* Runs it with a lock of the kind `variant`; returns how many runs ended in
 * `end`.  Every run ends so, or well. */
static uint32_t run_killed(const char *variant, const char *more,
                           enum run_end end)
{
    char path[PATH_MAX + 80];
    find_plugin("posix_region", path, sizeof(path));
    char text[2 * PATH_MAX];
    int size =
        snprintf(text, sizeof(text), killed_between, path, variant, more);
    struct scenario *s =
        scenario_parse("test.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    struct runner *runner = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(runner);
    uint32_t found = 0;
    for (uint32_t i = 0; i < SEEDS; i++) {
        struct run_request request = {
            .mode = RUN_EXPLORE, .seed = 3, .index = i};
        struct run_outcome outcome;
        runner_run(runner, &request, &outcome);
        ck_assert_msg(outcome.end == end || outcome.end == RUN_FINISHED,
                      "%s: seed %u: %s: %s", variant, i,
                      run_end_name(outcome.end), outcome.detail);
        found += outcome.end == end;
    }
    ck_assert_uint_gt(runner_fired(runner, 0), SEEDS / 2);
    runner_free(runner);
    scenario_free(s);
    return found;
}

START_TEST(robust_mutex_outlives_its_owner)
{
    ck_assert_uint_eq(run_killed("robust", "", RUN_FINISHED), SEEDS);
}
END_TEST

START_TEST(owner_pid_outlives_its_owner)
{
    ck_assert_uint_eq(run_killed("owner_pid", "", RUN_FINISHED), SEEDS);
}
END_TEST

/* The dead owner's pid belongs to a living process: it is never found dead,
 * and its lock is never taken over.  (Or the heir itself recovers it, when it
 * was alone.) */
START_TEST(reused_pid_hides_a_death)
{
    uint32_t found =
        run_killed("owner_pid", "    pid_reuse: 1\n", RUN_NOT_RECOVERED);
    ck_assert_uint_gt(found, SEEDS / 4);
}
END_TEST

START_TEST(plain_semaphore_is_lost_with_its_owner)
{
    uint32_t found = run_killed("plain", "", RUN_NOT_RECOVERED);
    ck_assert_uint_gt(found, SEEDS / 4);
}
END_TEST

/* Each run starts with the globals of the first: a variant that changes them
 * would fail its own assertions otherwise; and so do equal seeds agree. */
START_TEST(runs_repeat)
{
    struct scenario *s = make_scenario("posix_locks", "");
    struct runner *runner = runner_new(s, "semaphore_excludes", stderr);
    ck_assert_ptr_nonnull(runner);
    for (uint32_t i = 0; i < 50; i++) {
        struct run_request request = {
            .mode = RUN_EXPLORE, .seed = 5, .index = i};
        struct run_outcome first;
        runner_run(runner, &request, &first);
        uint64_t digest = first.digest;
        uint64_t steps = first.steps;
        struct run_outcome second;
        runner_run(runner, &request, &second);
        ck_assert_uint_eq(second.digest, digest);
        request.mode = RUN_RECORD;
        runner_run(runner, &request, &second);
        ck_assert_uint_eq(second.steps, steps);
        ck_assert_int_eq(second.end, RUN_FINISHED);
    }
    runner_free(runner);
    scenario_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interpose");
    TCase *programs = tcase_create("programs");
    tcase_set_timeout(programs, 60);
    tcase_add_loop_test(programs, right_programs_pass, 0,
                        (int)(sizeof(right) / sizeof(right[0])));
    tcase_add_loop_test(programs, wrong_programs_are_found, 0,
                        (int)(sizeof(wrong) / sizeof(wrong[0])));
    tcase_add_test(programs, runs_repeat);
    tcase_add_test(programs, robust_mutex_outlives_its_owner);
    tcase_add_test(programs, owner_pid_outlives_its_owner);
    tcase_add_test(programs, reused_pid_hides_a_death);
    tcase_add_test(programs, plain_semaphore_is_lost_with_its_owner);
    suite_add_tcase(suite, programs);
    return check_tap_run(suite);
}
