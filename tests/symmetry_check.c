/*
 * Threads that are alike begin in one order only: the search finds what the
 * whole one does, up to their names, on random small programs; and it is not
 * reduced where threads are told apart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"
#include "tests/search_fixture.h"

enum {
    RUNS_MAX = 4000, /* a program with more schedules is left out */
    PROGRAMS = 24,
};

/* What the program of a search is like. */
struct kind {
    const char *memory;
    uint32_t clients;
    uint32_t operations;
    bool named; /* threads look at their numbers */
};

static struct searched open_program(uint64_t seed, const struct kind *kind,
                                    const char *symmetry)
{
    char text[1000];
    (void)snprintf(
        text, sizeof(text),
        "scenario: 1\nname: twins\nsystem:\n  kind: threads\n"
        "  algorithm: %s/tests/plugins/alike_programs.so\n"
        "  memory: %s\n  threads: %u\n"
        "  params: { seed: %lu, inside: %u }\n"
        "  reuse: never\nworkload: { ops_per_thread: %u, mix: { read: 1 } }\n"
        "schedule: { strategy: exhaustive, preemptions: 100, symmetry: %s }\n",
        build(), kind->memory, kind->clients, (unsigned long)seed,
        kind->named ? 1u : 0u, kind->operations, symmetry);
    return search_open(text, false);
}

static uint64_t hash_of_all(const struct fl_history *h)
{
    return hash_unnamed(h, 3);
}

static void search(uint64_t seed, const struct kind *kind, const char *symmetry,
                   struct results *results)
{
    struct search bounds = {
        .preemptions = 100, .most = RUNS_MAX, .hash = hash_of_all};
    struct searched searched = open_program(seed, kind, symmetry);
    search_all(&searched, &bounds, results);
    search_close(&searched);
}

static void agree(const struct kind *kind, uint64_t programs)
{
    static struct results all;
    static struct results some;
    uint64_t runs[2] = {0};
    uint64_t factorial = kind->clients == 3 ? 6 : 2;
    uint64_t compared = 0;
    for (uint64_t seed = 1; compared < programs; seed++) {
        search(seed, kind, "off", &all);
        if (!all.all) {
            continue;
        }
        search(seed, kind, "on", &some);
        search_expect_same(seed, &all, &some);
        ck_assert_int_eq(all.tally.saved.apart, APART_UNASKED);
        ck_assert_int_eq(some.tally.saved.apart, APART_NOT);
        ck_assert_uint_eq(some.tally.saved.stands_for, factorial);
        ck_assert_uint_lt(some.runs, all.runs);
        ck_assert_uint_ge(some.runs * factorial, all.runs);
        compared++;
        runs[0] += all.runs;
        runs[1] += some.runs;
    }
    printf("# %s, %u clients: %lu programs, %lu schedules, %lu by symmetry\n",
           kind->memory, kind->clients, (unsigned long)compared,
           (unsigned long)runs[0], (unsigned long)runs[1]);
}

START_TEST(nothing_is_lost_under_sc)
{
    agree(&(struct kind){.memory = "sc", .clients = 2, .operations = 2},
          PROGRAMS);
    agree(&(struct kind){.memory = "sc", .clients = 3, .operations = 1},
          PROGRAMS);
}
END_TEST

START_TEST(nothing_is_lost_under_weak_models)
{
    agree(&(struct kind){.memory = "tso", .clients = 2, .operations = 1},
          PROGRAMS / 2);
    agree(&(struct kind){.memory = "c11", .clients = 2, .operations = 1},
          PROGRAMS / 2);
}
END_TEST

/* A thread that knows its number may do with it what it likes. */
START_TEST(who_looks_at_its_number_has_no_twin)
{
    static struct results all;
    static struct results some;
    struct kind kind = {
        .memory = "sc", .clients = 2, .operations = 1, .named = true};
    for (uint64_t seed = 1; seed <= 8; seed++) {
        search(seed, &kind, "off", &all);
        search(seed, &kind, "on", &some);
        ck_assert(all.all);
        search_expect_same(seed, &all, &some);
        ck_assert_int_eq(some.tally.saved.apart, APART_NAMED);
        ck_assert_uint_eq(some.runs, all.runs + 1); /* then it begins anew */
    }
}
END_TEST

/* A counter, by two threads with these calls. */
static int run_counter(const char *algorithm, const char *calls,
                       const char *schedule)
{
    FILE *file = fopen("twins.yaml", "w");
    ck_assert_ptr_nonnull(file);
    (void)fprintf(file,
                  "scenario: 1\nname: twins\nsystem:\n  kind: threads\n"
                  "  algorithm: %s\n  threads: 3\n"
                  "workload: { program: %s }\nschedule: %s\n"
                  "run: { seeds: 1..1 }\n",
                  algorithm, calls, schedule);
    ck_assert_int_eq(fclose(file), 0);
    return shell("\"$F\" run twins.yaml");
}

#define SYMMETRIC(how) \
    "{ strategy: exhaustive, preemptions: 1, symmetry: " how " }"

START_TEST(the_verdict_says_what_was_saved)
{
    static const char same[] = "[[add 1], [add 1], [add 1]]";
    ck_assert_int_eq(run_counter("fetch_counter", same, SYMMETRIC("on")), 0);
    expect_text("out.txt", "; by symmetry each stands for up to 6)");
    ck_assert_ptr_null(strstr(content("out.txt"), "symmetry: none"));
    ck_assert_int_eq(run_counter("fetch_counter", same, SYMMETRIC("auto")), 0);
    expect_text("out.txt", "; by symmetry each stands for up to 6)");
    ck_assert_int_eq(run_counter("fetch_counter", same, SYMMETRIC("off")), 0);
    ck_assert_ptr_null(strstr(content("out.txt"), "symmetry"));
    ck_assert_int_eq(run_counter("fetch_counter", "[[add 1], [add 2], [add 1]]",
                                 SYMMETRIC("on")),
                     0);
    expect_text("out.txt", "; by symmetry each stands for up to 2)");
}
END_TEST

START_TEST(the_verdict_says_why_nothing_was)
{
    ck_assert_int_eq(run_counter("fetch_counter", "[[add 1], [add 2], [read]]",
                                 SYMMETRIC("on")),
                     0);
    expect_text("out.txt",
                "symmetry: none: no two threads have the same calls");
    ck_assert_int_eq(run_counter("ms_queue",
                                 "[[dequeue], [dequeue], [dequeue]]",
                                 SYMMETRIC("on")),
                     0);
    expect_text("out.txt",
                "symmetry: none: the algorithm is given the numbers");
    ck_assert_int_eq(run_counter("ms_queue",
                                 "[[dequeue], [dequeue], [dequeue]]",
                                 SYMMETRIC("auto")),
                     0);
    ck_assert_ptr_null(strstr(content("out.txt"), "symmetry"));
}
END_TEST

START_TEST(the_verdict_says_what_an_execution_stands_for)
{
    static const char on[] = "{ strategy: exhaustive, symmetry: on }";
    static const char same[] = "[[add 1], [add 1], [add 1]]";
    ck_assert_int_eq(run_counter("fetch_counter", same, on), 0);
    expect_text("out.txt",
                "in all 2 executions of this program up to the stated bounds "
                "(6 explored; by symmetry each stands for up to 6)");
    ck_assert_int_eq(run_counter("fetch_counter\n  memory: c11", same, on), 0);
    expect_text("out.txt",
                "in all 7 executions of this program up to the stated bounds "
                "(by symmetry each stands for up to 6)");
    ck_assert_int_eq(run_counter("fetch_counter\n  memory: c11",
                                 "[[add 1], [add 2], [read]]", on),
                     0);
    expect_text("out.txt", "in all 42 executions");
    expect_text("out.txt",
                "symmetry: none: no two threads have the same calls");
    ck_assert_int_eq(run_counter("fetch_counter", same,
                                 "{ strategy: random, symmetry: on }"),
                     65);
    expect_text("err.txt", "twins.yaml:8:11: error: symmetry: on is of a");
    expect_text("err.txt", "{ strategy: exhaustive, symmetry: on }");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("symmetry");
    TCase *searches = tcase_create("searches");
    tcase_set_timeout(searches, 600);
    tcase_add_test(searches, nothing_is_lost_under_sc);
    tcase_add_test(searches, nothing_is_lost_under_weak_models);
    tcase_add_test(searches, who_looks_at_its_number_has_no_twin);
    suite_add_tcase(suite, searches);
    TCase *tcase = make_case(suite, "verdicts");
    tcase_add_test(tcase, the_verdict_says_what_was_saved);
    tcase_add_test(tcase, the_verdict_says_why_nothing_was);
    tcase_add_test(tcase, the_verdict_says_what_an_execution_stands_for);
    return check_tap_run(suite);
}
