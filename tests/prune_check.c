/*
 * A search that goes into no state twice finds what the whole one does: states
 * and histories of random small programs, and every flaw.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"
#include "tests/search_fixture.h"

enum {
    RUNS_MAX = 1200, /* a program with more schedules is left out */
    PROGRAMS = 20,
};

struct kind {
    const char *memory;
    uint32_t stores; /* of small_programs.c */
    uint32_t preemptions;
    bool alike; /* all clients have one program, and symmetry is used */
};

static struct searched open_program(uint64_t seed, const struct kind *kind,
                                    const char *how)
{
    uint32_t threads = seed % 3 == 0 ? 3 : 2;
    char text[1000];
    (void)snprintf(
        text, sizeof(text),
        "scenario: 1\nname: prune\nsystem:\n  kind: threads\n"
        "  algorithm: %s/tests/plugins/%s_programs.so\n"
        "  memory: %s\n  threads: %u\n"
        "  params: { seed: %lu, stores: %u }\n"
        "  reuse: never\nworkload: { ops_per_thread: %u, mix: { read: 1 } }\n"
        "schedule: { strategy: exhaustive, preemptions: %u%s }\n",
        build(), kind->alike ? "alike" : "small", kind->memory, threads,
        (unsigned long)seed, kind->stores,
        threads == 2 && seed % 2 == 0 ? 2u : 1u, kind->preemptions, how);
    return search_open(text, false);
}

static void search(uint64_t seed, const struct kind *kind, const char *how,
                   struct results *results)
{
    /* Under tso barriers leave more to decide in the pruned search. */
    bool whole = strstr(how, "prune") == NULL;
    struct search bounds = {.preemptions = kind->preemptions,
                            .most = whole ? RUNS_MAX : 10 * RUNS_MAX};
    struct searched searched = open_program(seed, kind, how);
    search_all(&searched, &bounds, results);
    search_close(&searched);
}

static void agree(const struct kind *kind, uint64_t programs)
{
    static struct results all;
    static struct results some;
    uint64_t runs[3] = {0};
    uint64_t compared = 0;
    const char *with = kind->alike ? ", symmetry: on" : "";
    char both[60];
    (void)snprintf(both, sizeof(both), ", prune: state%s", with);
    for (uint64_t seed = 1; compared < programs; seed++) {
        search(seed, kind, with, &all);
        if (!all.all) {
            continue;
        }
        search(seed, kind, both, &some);
        ck_assert_msg(some.all, "seed %lu: not all in %lu, but %lu",
                      (unsigned long)seed, (unsigned long)some.runs,
                      (unsigned long)all.runs);
        ck_assert_msg(all.stuck == some.stuck, "seed %lu: stuck %d, not %d",
                      (unsigned long)seed, some.stuck, all.stuck);
        ck_assert_int_eq(some.tally.saved.unpruned, UNPRUNED_NOT);
        ck_assert_msg(includes(&some.states, &all.states),
                      "seed %lu: %u states, not %u", (unsigned long)seed,
                      some.states.count, all.states.count);
        ck_assert_msg(includes(&some.histories, &all.histories),
                      "seed %lu: %u histories, not %u", (unsigned long)seed,
                      some.histories.count, all.histories.count);
        if (kind->preemptions == 100) {
            ck_assert(includes(&all.states, &some.states));
            ck_assert(includes(&all.histories, &some.histories));
        }
        compared++;
        runs[0] += all.runs;
        runs[1] += some.runs;
        runs[2] += some.tally.saved.met;
    }
    printf("# %s, preemptions: %u: %lu programs, %lu schedules, pruned %lu, "
           "%lu of them cut\n",
           kind->memory, kind->preemptions, (unsigned long)compared,
           (unsigned long)runs[0], (unsigned long)runs[1],
           (unsigned long)runs[2]);
    ck_assert_uint_gt(runs[2], 0);
    if (kind->preemptions == 100) {
        ck_assert_uint_lt(2 * runs[1], runs[0]);
    }
}

START_TEST(nothing_is_lost_under_sc)
{
    agree(&(struct kind){.memory = "sc", .preemptions = 100}, PROGRAMS);
    agree(&(struct kind){.memory = "sc", .preemptions = 1}, PROGRAMS);
    agree(&(struct kind){.memory = "sc", .preemptions = 2, .stores = 1},
          PROGRAMS);
}
END_TEST

START_TEST(nothing_is_lost_under_weak_models)
{
    agree(&(struct kind){.memory = "tso", .preemptions = 100}, PROGRAMS);
    agree(&(struct kind){.memory = "tso", .preemptions = 2, .stores = 1},
          PROGRAMS);
    agree(&(struct kind){.memory = "c11", .preemptions = 100}, PROGRAMS);
    agree(&(struct kind){.memory = "c11", .preemptions = 2, .stores = 1},
          PROGRAMS);
}
END_TEST

START_TEST(nothing_is_lost_of_threads_that_are_alike)
{
    agree(&(struct kind){.memory = "sc", .preemptions = 100, .alike = true},
          PROGRAMS);
}
END_TEST

/* A small program with a mistake in it. */
struct flaw {
    const char *algorithm;
    const char *variant;
    const char *workload;
    const char *more; /* of the scenario */
    uint32_t preemptions;
};

static void search_flaw(const struct flaw *flaw, const char *strategy,
                        const char *how, struct results *results)
{
    char text[1000];
    (void)snprintf(
        text, sizeof(text),
        "scenario: 1\nname: prune\nsystem:\n  kind: threads\n"
        "  algorithm: %s\n  variant: %s\n  threads: 2\n  reuse: oldest\n"
        "workload: { %s }\n%s"
        "schedule: { strategy: exhaustive, preemptions: %u%s }\n",
        flaw->algorithm, flaw->variant, flaw->workload, flaw->more,
        flaw->preemptions, how);
    struct search bounds = {
        .strategy = strategy, .preemptions = flaw->preemptions, .judged = true};
    struct searched searched = search_open(text, true);
    search_all(&searched, &bounds, results);
    search_close(&searched);
    ck_assert(results->all);
}

START_TEST(no_flaw_is_lost)
{
    static const struct flaw flaws[] = {
        {"ticket_lock", "same_ticket", "program: [[add 1], [add 1]]", "", 2},
        {"spin_lock", "test_then_set", "program: [[add 1], [add 1]]", "", 2},
        {"spin_lock", "test_then_set", "program: [[add 1], [add 1]]",
         "check: { also: [{ mutual_exclusion: { lock: lock } }] }\n", 2},
        {"ms_queue", "late_read",
         "setup: [enqueue 1, enqueue 2], program: [[dequeue, enqueue 3], "
         "[dequeue, enqueue 4, dequeue]]",
         "", 2},
        {"treiber_stack", "aba",
         "setup: [push 1, push 2, push 3], "
         "program: [[pop, pop], [pop, pop, push 4]]",
         "", 2},
        {"treiber_stack", "aba",
         "setup: [push 1], program: [[pop, push 2], [pop, push 3]]", "", 3},
    };
    static struct results all;
    static struct results some;
    uint32_t found = 0;
    for (size_t i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
        search_flaw(&flaws[i], "exhaustive", "", &all);
        search_flaw(&flaws[i], "exhaustive", ", prune: state", &some);
        printf("# %s, %s: %lu schedules, pruned %lu, %lu of them cut%s\n",
               flaws[i].algorithm, flaws[i].variant, (unsigned long)all.runs,
               (unsigned long)some.runs, (unsigned long)some.tally.saved.met,
               all.failed ? ", fails" : "");
        ck_assert_msg(all.failed == some.failed, "%s", flaws[i].algorithm);
        ck_assert(includes(&some.states, &all.states));
        ck_assert(includes(&some.histories, &all.histories));
        found += all.failed ? 1 : 0;
        search_flaw(&flaws[i], "dpor", "", &some);
        ck_assert_msg(some.failed || !all.failed, "dpor: %s",
                      flaws[i].algorithm);
    }
    ck_assert_uint_ge(found, 5);
}
END_TEST

/* A scenario of two threads; returns the status. */
static int run_scenario(const char *schedule, const char *more)
{
    FILE *file = fopen("prune.yaml", "w");
    ck_assert_ptr_nonnull(file);
    (void)fprintf(file,
                  "scenario: 1\nname: prune\n"
                  "system: { kind: threads, algorithm: treiber_stack, "
                  "threads: 2 }\n"
                  "workload: { program: [[push 1, pop], [pop]] }\n"
                  "schedule: %s\nrun: { seeds: 1..1 }\n%s",
                  schedule, more);
    ck_assert_int_eq(fclose(file), 0);
    return shell("\"$F\" run prune.yaml");
}

START_TEST(the_verdict_says_what_was_cut)
{
    static const char pruned[] =
        "{ strategy: exhaustive, preemptions: 3, prune: state }";
    ck_assert_int_eq(run_scenario(pruned, ""), 0);
    expect_text("out.txt", "in all schedules with <= 3 preemptions (");
    expect_text("out.txt", " of them cut at a state met before)");
    ck_assert_ptr_null(strstr(content("out.txt"), "no run is cut"));
    ck_assert_int_eq(
        run_scenario(
            pruned,
            "faults: [{ kind: crash, target: { threads: any }, when: { step: "
            "1..6 }, limit: 1 }]\n"),
        0);
    expect_text("out.txt", "prune: no run is cut: faults may act at any step");
    ck_assert_ptr_null(strstr(content("out.txt"), "met before"));
    ck_assert_int_eq(
        run_scenario("{ strategy: exhaustive, preemptions: 3 }", ""), 0);
    ck_assert_ptr_null(strstr(content("out.txt"), "met before"));
}
END_TEST

START_TEST(other_searches_are_not_pruned)
{
    static const char *const others[] = {
        "{ strategy: exhaustive, prune: state }",
        "{ strategy: pct, preemptions: 2, prune: state }",
        "{ prune: state }",
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        ck_assert_int_eq(run_scenario(others[i], ""), 65);
        expect_text("err.txt", "prune.yaml:5:11: error: prune: state is of");
        expect_text("err.txt", "preemptions: 2, prune: state }");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prune");
    TCase *searches = tcase_create("searches");
    tcase_set_timeout(searches, 600);
    tcase_add_test(searches, nothing_is_lost_under_sc);
    tcase_add_test(searches, nothing_is_lost_under_weak_models);
    tcase_add_test(searches, nothing_is_lost_of_threads_that_are_alike);
    tcase_add_test(searches, no_flaw_is_lost);
    suite_add_tcase(suite, searches);
    TCase *tcase = make_case(suite, "verdicts");
    tcase_add_test(tcase, the_verdict_says_what_was_cut);
    tcase_add_test(tcase, other_searches_are_not_pruned);
    return check_tap_run(suite);
}
