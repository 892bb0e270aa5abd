/*
 * Executions of programs over one lock or semaphore, by what anybody can count:
 * a search over execution graphs runs each of them once, and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/run.h"
#include "tests/check_tap.h"

struct known {
    const char *variant;
    uint32_t threads;
    uint64_t executions;
    uint64_t failed; /* of them, those in which somebody waits for ever */
};

static void expect_under(const struct known *known, const char *memory)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[1000];
    int size =
        snprintf(text, sizeof(text),
                 "scenario: 1\nname: objects\nsystem:\n  kind: threads\n"
                 "  algorithm: %s/tests/plugins/objects.so\n"
                 "  threads: 1\n  params: { inside: %u }\n"
                 "  memory: %s\nworkload: { ops_per_thread: 1 }\n"
                 "schedule: { awaits: keep }\n",
                 build == NULL ? "build" : build, known->threads, memory);
    struct scenario *scenario =
        scenario_parse("objects.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(scenario);
    struct runner *runner = runner_new(scenario, known->variant, stderr);
    ck_assert_ptr_nonnull(runner);
    struct run_outcome o = {.last = false};
    uint64_t failed = 0;
    for (uint64_t i = 0; !o.last; i++) {
        ck_assert_uint_lt(i, 100000);
        struct run_request request = {.strategy = "dpor",
                                      .exhaustive_next = i > 0};
        runner_run(runner, &request, &o);
        failed += o.end == RUN_DEADLOCK ? 1 : 0;
        ck_assert(o.end == RUN_DEADLOCK || o.end == RUN_FINISHED);
    }
    printf("# %s, %u threads: %lu executions\n", known->variant, known->threads,
           (unsigned long)o.tally.executions);
    ck_assert(o.exhausted && o.tally.graphs);
    ck_assert_uint_eq(o.tally.redundant, 0);
    ck_assert_uint_eq(o.tally.executions, known->executions);
    ck_assert_uint_eq(o.tally.distinct, known->executions);
    ck_assert_uint_eq(failed, known->failed);
    runner_free(runner);
    scenario_free(scenario);
}

static void expect(const struct known *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_under(&known[i], "c11");
        expect_under(&known[i], "c11\n  mo: insert");
    }
}

/* Of n that try, m take it one after the other, in any of n! / (n - m)!
 * orders, and each other one is refused while one of them holds it:
 * m^(n - m).  Who gives back what is not its own does so before it is held,
 * while it is, or after: 3 each. */
START_TEST(mutexes_have_their_counts)
{
    static const struct known known[] = {
        {"tries", 2, 4, 0},      {"tries", 3, 21, 0},    {"tries", 4, 148, 0},
        {"nested", 3, 6, 0},     {"nested", 4, 24, 0},   {"checked", 3, 6, 0},
        {"checked", 4, 24, 0},   {"strangers", 2, 3, 0}, {"strangers", 3, 9, 0},
        {"strangers", 4, 27, 0}, {"again", 1, 1, 1},     {"again", 3, 3, 3},
    };
    expect(known, sizeof(known) / sizeof(known[0]));
}
END_TEST

/* n posts have n! orders.  Of n that want one of k, n! / (n - k)! get theirs in
 * some order.  Each of n - 1 looks before the post or after it.  Of n - 1 that
 * try to take what is posted, all come before it (1); or one of them takes it,
 * and each other one is refused before the post or after that.  Of k posts by
 * one thread and k that wait, orders that never take what is not there are a
 * Catalan number, and who is who k! times so many. */
START_TEST(semaphores_have_their_counts)
{
    static const struct known known[] = {
        {"posts", 3, 6, 0},    {"posts", 4, 24, 0},   {"tokens", 2, 2, 0},
        {"tokens", 3, 6, 6},   {"tokens", 4, 12, 12}, {"turns", 3, 6, 0},
        {"turns", 4, 24, 0},   {"glances", 3, 4, 0},  {"glances", 4, 8, 0},
        {"snatches", 2, 2, 0}, {"snatches", 3, 5, 0}, {"snatches", 4, 13, 0},
        {"wakes", 2, 1, 0},    {"wakes", 3, 4, 0},    {"wakes", 4, 30, 0},
        {"wakes", 5, 336, 0},
    };
    expect(known, sizeof(known) / sizeof(known[0]));
}
END_TEST

/* n readers come and go in (2n)! / 2^n orders; a writer parts them: sum over k
 * of n! / (k! (n - k)!) times the orders of k and of n - k.  Who tries to read
 * is refused, or comes before the writer or after it, like a reader: sum over
 * k of C(n, k) times those.  Who tries to write is as who tries a mutex. */
START_TEST(rwlocks_have_their_counts)
{
    static const struct known known[] = {
        {"readers", 2, 6, 0},       {"readers", 3, 90, 0},
        {"readers", 4, 2520, 0},    {"writer", 2, 2, 0},
        {"writer", 3, 14, 0},       {"writer", 4, 216, 0},
        {"try_readers", 2, 3, 0},   {"try_readers", 3, 19, 0},
        {"try_readers", 4, 265, 0}, {"try_writers", 3, 21, 0},
        {"try_writers", 4, 148, 0},
    };
    expect(known, sizeof(known) / sizeof(known[0]));
}
END_TEST

/* Of m that sleep, in any of m! orders, j do so before the signal.  It wakes
 * any of these, who takes the mutex before, between or after the other m - j:
 * m! (1 + sum of j (m - j + 1)).  All of them, in any order, if it is for all:
 * m! (1 + sum of C(m, j) j!); only if j is m nobody sleeps for ever.  With a
 * flag those that come later do not sleep, and there are as many. */
START_TEST(conditions_have_their_counts)
{
    static const struct known known[] = {
        {"signalled", 2, 2, 1},   {"signalled", 3, 10, 10},
        {"signalled", 4, 66, 66}, {"woken", 2, 2, 1},
        {"woken", 3, 10, 6},      {"woken", 4, 96, 60},
        {"agreed", 2, 2, 0},      {"agreed", 3, 10, 0},
        {"agreed", 4, 96, 0},
    };
    expect(known, sizeof(known) / sizeof(known[0]));
}
END_TEST

/* Spin locks and robust mutexes are as mutexes.  Of n that want something done
 * once, any one does it, and the others only see that it was done.  Any of the
 * n! orders is one in which n come to a barrier; in the second round again; and
 * in pairs one is left over if n is odd.  What was stored before is found
 * behind it. */
START_TEST(other_objects_have_their_counts)
{
    static const struct known known[] = {
        {"spins", 2, 2, 0},       {"spins", 3, 6, 0},
        {"spins", 4, 24, 0},      {"spin_tries", 2, 4, 0},
        {"spin_tries", 3, 21, 0}, {"spin_tries", 4, 148, 0},
        {"once", 2, 2, 0},        {"once", 3, 3, 0},
        {"once", 5, 5, 0},        {"rounds", 2, 4, 0},
        {"rounds", 3, 36, 0},     {"rounds", 4, 576, 0},
        {"pairs", 2, 2, 0},       {"pairs", 3, 6, 6},
        {"pairs", 4, 24, 0},      {"robust", 2, 2, 0},
        {"robust", 4, 24, 0},     {"met", 2, 2, 0},
        {"met", 3, 6, 0},         {"met", 4, 24, 0},
        {"set_once", 2, 2, 0},    {"set_once", 4, 4, 0},
    };
    expect(known, sizeof(known) / sizeof(known[0]));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("objects");
    TCase *tcase = tcase_create("counts");
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, mutexes_have_their_counts);
    tcase_add_test(tcase, semaphores_have_their_counts);
    tcase_add_test(tcase, rwlocks_have_their_counts);
    tcase_add_test(tcase, conditions_have_their_counts);
    tcase_add_test(tcase, other_objects_have_their_counts);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
