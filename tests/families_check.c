/*
 * Threads that the code makes itself and that are alike: each search finds what
 * the whole one does, on random small programs and however their maker goes
 * about it; and says why none are alike, where that is so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"
#include "tests/search_fixture.h"

enum {
    PROGRAMS = 6, /* of each kind; FAMILIES_PROGRAMS says how many else */
    RUNS_MAX = 1500,
};

/* What the program of a search is like. */
struct kind {
    const char *memory;
    uint32_t threads;
    uint32_t way;         /* of made_programs.c */
    const char *params;   /* of small_programs.c, behind the others */
    const char *schedule; /* besides the strategy */
    enum apart apart;     /* at the end of each search ... */
    bool may;             /* ... or, of some programs, APART_NOT */
};

#define ACCESSES ", accesses: 1"
#define STORES   ", stores: 1"
#define LOCKS    ", accesses: 1, locks: 1"
#define BOXES    ", boxes: 1"
#define BOUND    ", preemptions: 100"
#define INSERT   "c11\n  mo: insert\n  release_sequence: c20"

static bool search(uint64_t seed, const struct kind *kind, const char *symmetry,
                   struct results *results)
{
    char text[1000];
    (void)snprintf(text, sizeof(text),
                   "scenario: 1\nname: made\nsystem:\n  kind: threads\n"
                   "  algorithm: %s/tests/plugins/made_programs.so\n"
                   "  memory: %s\n  threads: 1\n  reuse: never\n  races: off\n"
                   "  params: { seed: %lu, inside: %u, way: %u%s }\n"
                   "workload: { program: [[read]] }\n"
                   "schedule: { strategy: exhaustive, symmetry: %s%s }\n",
                   build(), kind->memory, (unsigned long)seed, kind->threads,
                   kind->way, kind->params, symmetry, kind->schedule);
    struct search how = {.preemptions =
                             strstr(kind->schedule, "preemptions") ? 100 : 0,
                         .most = RUNS_MAX};
    struct searched searched = search_open(text, false);
    search_all(&searched, &how, results);
    search_close(&searched);
    return results->all;
}

static void agree(const struct kind *kind)
{
    static struct results all;
    static struct results some;
    uint64_t runs[2] = {0};
    uint64_t compared = 0;
    uint64_t told = 0;
    const char *asked = getenv("FAMILIES_PROGRAMS");
    uint64_t wanted = asked == NULL ? PROGRAMS : strtoull(asked, NULL, 10);
    for (uint64_t seed = 1; compared < wanted; seed++) {
        if (!search(seed, kind, "off", &all) || all.runs == 1) {
            continue;
        }
        search(seed, kind, "on", &some);
        search_expect_same(seed, &all, &some);
        enum apart apart = some.tally.saved.apart;
        ck_assert_msg(apart == kind->apart || (kind->may && apart == APART_NOT),
                      "%s%s, seed %lu: %d; %lu runs", kind->memory,
                      kind->schedule, (unsigned long)seed, apart,
                      (unsigned long)some.runs);
        compared++;
        told += apart == kind->apart ? 1 : 0;
        runs[0] += all.runs;
        runs[1] += some.runs;
    }
    ck_assert_uint_gt(told, 0);
    printf("# %s%s, %u threads, way %u%s: %lu runs, %lu by symmetry\n",
           kind->memory, kind->schedule, kind->threads, kind->way, kind->params,
           (unsigned long)runs[0], (unsigned long)runs[1]);
    if (kind->apart == APART_NOT &&
        !kind->may) { /* a bound says little of who is first */
        uint64_t most = strcmp(kind->schedule, BOUND) == 0 ? 90 : 67;
        ck_assert_uint_lt(runs[1] * 100, runs[0] * most);
    }
}

static const struct kind alike[] = {
    {"sc", 2, 0, ACCESSES, BOUND, .apart = APART_NOT},
    {"tso", 2, 0, STORES, BOUND, .apart = APART_NOT},
    {"sc", 3, 0, ACCESSES, "", .apart = APART_NOT},
    {"sc", 3, 0, LOCKS, "", .apart = APART_NOT},
    {"sc", 3, 0, BOXES, "", .apart = APART_NOT},
    {"tso", 3, 0, STORES, "", .apart = APART_NOT},
    {"c11", 2, 0, ACCESSES, "", .apart = APART_NOT},
    {"c11", 3, 0, ACCESSES, "", .apart = APART_NOT},
    {"c11", 3, 0, STORES, "", .apart = APART_NOT},
    {INSERT, 2, 0, ACCESSES, "", .apart = APART_NOT},
    {"sc", 3, 1, ACCESSES, "", .apart = APART_NOT},
    {"sc", 3, 2, ACCESSES, "", .apart = APART_NOT},
    {"c11", 2, 2, ACCESSES, "", .apart = APART_NOT},
    {"sc", 2, 13, ACCESSES, "", .apart = APART_NOT},
};

START_TEST(they_are_alike)
{
    agree(&alike[_i]);
}
END_TEST

static const struct {
    uint32_t way;
    enum apart apart;
    bool may;
} broken[] = {
    {3, APART_STOPPED, false}, {4, APART_JOINED, true},
    {5, APART_JOINED, false},  {6, APART_JOINED, false},
    {7, APART_JOINED, false},  {8, APART_MADE, false},
    {9, APART_MADE, false},    {10, APART_MADE, false},
    {11, APART_NAMED, false},  {12, APART_HANDLED, false},
};

/* Whatever their maker does: nothing is lost. */
START_TEST(what_tells_them_apart_is_noticed)
{
    static const struct {
        const char *memory;
        const char *schedule;
    } searches[] = {{"sc", BOUND}, {"sc", ""}, {"tso", ""}, {"c11", ""}};
    for (uint32_t i = 0; i < sizeof(searches) / sizeof(searches[0]); i++) {
        struct kind kind = {.memory = searches[i].memory,
                            .threads = 2,
                            .way = broken[_i].way,
                            .params = ACCESSES,
                            .schedule = searches[i].schedule,
                            .apart = broken[_i].apart,
                            .may = broken[_i].may};
        agree(&kind);
    }
}
END_TEST

/* So many threads that each add 1: the rest of the line of the verdict. */
static void expect_adds(const char *memory, uint32_t threads,
                        const char *symmetry, const char *says)
{
    expect_code(0, "printf '#include <assert.h>\n#include <pthread.h>\n"
                   "#include <stdatomic.h>\nstatic atomic_int n;\n"
                   "static void *add(void *a) { n++; return a; }\n"
                   "int main(void) { pthread_t t[N];\n"
                   "for (int i = 0; i < N; i++)"
                   " { pthread_create(&t[i], 0, add, 0); }\n"
                   "for (int i = 0; i < N; i++) { pthread_join(t[i], 0); }\n"
                   "assert(n == N); }\n' >adds.c");
    ck_assert_int_eq(
        shell("printf 'scenario: 1\nname: adds\nsystem: { kind: threads, "
              "program: adds.c, define: [N=%u], memory: %s }\nschedule: { "
              "strategy: exhaustive, symmetry: %s }\n' >adds.yaml; "
              "$F run adds.yaml",
              threads, memory, symmetry),
        0);
    expect_text("out.txt", says);
    ck_assert_ptr_null(strstr(content("out.txt"), "symmetry: none"));
}

START_TEST(adds_stand_for_all_their_names)
{
    static const char *const memories[] = {"sc", "tso", "c11"};
    expect_adds(memories[_i], 3, "off", "in all 6 executions of this program");
    expect_adds(memories[_i], 3, "on",
                "in all 1 executions of this program up to the stated bounds "
                "(by symmetry each stands for up to 6)");
    expect_adds(memories[_i], 4, "off", "in all 24 executions of");
    expect_adds(memories[_i], 4, "on",
                "in all 1 executions of this program up to the stated bounds "
                "(by symmetry each stands for up to 24)");
}
END_TEST

/* A std::thread has its function in a block of its own. */
START_TEST(the_verdict_says_why_none_are)
{
    expect_code(0, "printf '#include <atomic>\n#include <thread>\n"
                   "static std::atomic<int> n;\nint main() { std::thread a([] "
                   "{ n++; }), b([] { n++; }); a.join(); b.join(); }\n' "
                   ">t.cpp; printf 'scenario: 1\nname: t\nsystem: { kind: "
                   "threads, program: t.cpp }\nschedule: { strategy: "
                   "exhaustive, symmetry: on }\n' >t.yaml; $F run t.yaml");
    expect_text("out.txt", "symmetry: none: no two threads were made one right "
                           "after the other");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("families");
    TCase *searches = tcase_create("searches");
    suite_add_tcase(suite, searches);
    tcase_set_timeout(searches, 600);
    tcase_add_loop_test(searches, they_are_alike, 0,
                        sizeof(alike) / sizeof(alike[0]));
    tcase_add_loop_test(searches, what_tells_them_apart_is_noticed, 0,
                        sizeof(broken) / sizeof(broken[0]));
    TCase *told = make_case(suite, "told");
    tcase_add_loop_test(told, adds_stand_for_all_their_names, 0, 3);
    tcase_add_test(told, the_verdict_says_why_none_are);
    return check_tap_run(suite);
}
