/*
 * Executions of threads that are alike: the search without redundancy lets none
 * of them overtake another, and finds what the whole one does up to their
 * names, on random small programs.  ALIKE_PROGRAMS says how many of them of
 * each kind (`make nightly` takes 200), ALIKE_RUNS beyond how many runs a
 * program is left out, ALIKE_FIRST where to begin.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/search_fixture.h"

#include <stdlib.h>

enum {
    PROGRAMS = 12,
    RUNS_MAX = 800,
};

/* What the program of a search is like. */
struct kind {
    const char *memory;
    uint32_t clients;
    const char *params; /* of small_programs.c, behind the seed */
    const char *awaits; /* what becomes of loops that wait; NULL: keep */
    bool odd;           /* the last client does something else */
    bool against_all;   /* compared with every schedule; else with the search
                         * without redundancy */
};

static uint64_t asked(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t count = text == NULL ? otherwise : strtoull(text, NULL, 10);
    ck_assert_uint_gt(count, 0);
    return count;
}

static struct searched open_program(uint64_t seed, const struct kind *kind,
                                    const char *schedule)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[1000];
    (void)snprintf(text, sizeof(text),
                   "scenario: 1\nname: alike\nsystem:\n  kind: threads\n"
                   "  algorithm: %s/tests/plugins/alike_programs.so\n"
                   "  memory: %s\n  threads: %u\n  params: { seed: %lu%s }\n"
                   "  reuse: never\nworkload: { program: [[read], %s%s] }\n"
                   "schedule: { strategy: exhaustive, awaits: %s%s }\n",
                   build == NULL ? "build" : build, kind->memory, kind->clients,
                   (unsigned long)seed, kind->params,
                   kind->clients == 3 ? "[read], " : "",
                   kind->odd ? "[add 1]" : "[read]",
                   kind->awaits == NULL ? "keep" : kind->awaits, schedule);
    return search_open(text, false);
}

static uint64_t hash_of_all(const struct fl_history *h)
{
    return hash_unnamed(h, 3);
}

static uint64_t hash_of_two(const struct fl_history *h)
{
    return hash_unnamed(h, 2);
}

/* Whether the search came to its end. */
static bool search(uint64_t seed, const struct kind *kind, const char *schedule,
                   struct results *results)
{
    bool two = kind->odd || kind->clients == 2;
    struct search how = {.preemptions = strstr(schedule, "pre") ? 100 : 0,
                         .most = asked("ALIKE_RUNS", RUNS_MAX),
                         .hash = two ? hash_of_two : hash_of_all};
    struct searched searched = open_program(seed, kind, schedule);
    search_all(&searched, &how, results);
    search_close(&searched);
    return results->all;
}

/* Each execution that was run stands for so many, at most. */
static uint64_t names_of(const struct kind *kind)
{
    return kind->clients == 3 && !kind->odd ? 6 : 2;
}

static void agree(const struct kind *kind)
{
    static struct results all;
    static struct results once;
    static struct results some;
    uint64_t wanted = asked("ALIKE_PROGRAMS", PROGRAMS);
    uint64_t compared = 0;
    uint64_t runs[2] = {0};
    for (uint64_t seed = asked("ALIKE_FIRST", 1); compared < wanted; seed++) {
        if (!search(seed, kind, "", &once) ||
            (kind->against_all &&
             !search(seed, kind, ", preemptions: 100", &all))) {
            continue;
        }
        search(seed, kind, ", symmetry: on", &some);
        search_expect_same(seed, kind->against_all ? &all : &once, &some);
        ck_assert_int_eq(some.tally.saved.apart, APART_NOT);
        ck_assert_uint_eq(some.tally.saved.stands_for, names_of(kind));
        uint64_t standing = some.tally.executions * names_of(kind);
        ck_assert_uint_le(some.tally.executions, once.tally.executions);
        ck_assert_uint_ge(standing, once.tally.executions);
        compared++;
        runs[0] += once.tally.executions;
        runs[1] += some.tally.executions;
    }
    printf("# %s, %u clients%s%s: %lu programs, %lu executions, %lu by "
           "symmetry\n",
           kind->memory, kind->clients, kind->odd ? ", one of them odd" : "",
           kind->params, (unsigned long)compared, (unsigned long)runs[0],
           (unsigned long)runs[1]);
    ck_assert_uint_lt(runs[1] * 3, runs[0] * 2);
}

#define ACCESSES ", accesses: 1"
#define WEAK     ", accesses: 1, weak: 1"
#define STORES   ", stores: 1"
#define LOCKS    ", accesses: 1, locks: 1"
#define AWAITS   ", stores: 2"
#define BOXES    ", boxes: 1"
#define INSERT   "c11\n  mo: insert\n  release_sequence: c20"

START_TEST(orders_of_twins)
{
    agree(&(struct kind){
        .memory = "sc", .clients = 2, .params = "", .against_all = true});
    agree(&(struct kind){.memory = "sc", .clients = 3, .params = ""});
    agree(&(struct kind){
        .memory = "sc", .clients = 3, .params = ACCESSES, .odd = true});
    agree(&(struct kind){.memory = "sc", .clients = 3, .params = LOCKS});
    agree(&(struct kind){.memory = "sc", .clients = 3, .params = BOXES});
    agree(&(struct kind){
        .memory = "sc", .clients = 3, .params = AWAITS, .awaits = "cut"});
}
END_TEST

START_TEST(buffers_of_twins)
{
    agree(&(struct kind){
        .memory = "tso", .clients = 2, .params = STORES, .against_all = true});
    agree(&(struct kind){.memory = "tso", .clients = 3, .params = STORES});
    agree(&(struct kind){
        .memory = "tso", .clients = 3, .params = ACCESSES, .odd = true});
}
END_TEST

START_TEST(graphs_of_twins)
{
    agree(&(struct kind){.memory = "c11",
                         .clients = 2,
                         .params = ACCESSES,
                         .against_all = true});
    agree(&(struct kind){.memory = "c11", .clients = 3, .params = ACCESSES});
    agree(&(struct kind){
        .memory = "c11", .clients = 3, .params = ACCESSES, .odd = true});
    agree(&(struct kind){.memory = "c11", .clients = 2, .params = WEAK});
    agree(&(struct kind){.memory = "c11", .clients = 3, .params = LOCKS});
    agree(&(struct kind){.memory = "c11", .clients = 3, .params = STORES});
    agree(&(struct kind){
        .memory = "c11", .clients = 2, .params = AWAITS, .awaits = "cut"});
    agree(&(struct kind){.memory = "c11", .clients = 3, .params = BOXES});
}
END_TEST

START_TEST(graphs_of_twins_with_inserted_stores)
{
    agree(&(struct kind){.memory = INSERT,
                         .clients = 2,
                         .params = ACCESSES,
                         .against_all = true});
    agree(&(struct kind){.memory = INSERT, .clients = 3, .params = ACCESSES});
    agree(&(struct kind){.memory = INSERT, .clients = 2, .params = WEAK});
}
END_TEST

/* A thread that knows its number may do with it what it likes: the search
 * begins anew, and is the whole one. */
START_TEST(who_looks_at_its_number_overtakes)
{
    static const char *const memories[] = {"sc", "tso", "c11"};
    static struct results all;
    static struct results some;
    for (uint64_t seed = 1; seed <= 9; seed++) {
        struct kind kind = {.memory = memories[seed % 3],
                            .clients = 2,
                            .params = ", accesses: 1, inside: 1"};
        ck_assert(search(seed, &kind, "", &all));
        search(seed, &kind, ", symmetry: on", &some);
        search_expect_same(seed, &all, &some);
        ck_assert_int_eq(some.tally.saved.apart, APART_NAMED);
        ck_assert_uint_eq(some.tally.executions, all.tally.executions);
        ck_assert_uint_eq(some.runs, all.runs + 1);
    }
}
END_TEST

/* A counter of fetch-and-add, by so many threads that each add 1 once: how many
 * executions there are in a scenario of this schedule. */
static uint64_t count_adds(const char *memory, uint32_t threads,
                           const char *schedule)
{
    static const char calls[] = "[add 1], [add 1], [add 1], [add 1], [add 1]";
    char text[1000];
    (void)snprintf(text, sizeof(text),
                   "scenario: 1\nname: alike\nsystem:\n  kind: threads\n"
                   "  algorithm: fetch_counter\n  memory: %s\n  threads: %u\n"
                   "workload: { program: [%.*s] }\n"
                   "schedule: { strategy: exhaustive%s }\n",
                   memory, threads, (int)(threads * 9 - 2), calls, schedule);
    struct searched searched = search_open(text, true);
    static struct results results;
    struct search how = {.judged = true};
    search_all(&searched, &how, &results);
    search_close(&searched);
    ck_assert(results.all && !results.failed);
    return results.tally.executions;
}

/* What makes calls overlap or not counts, too. */
START_TEST(adds_stand_for_all_their_names)
{
    ck_assert_uint_eq(count_adds("sc", 3, ""), 36);
    ck_assert_uint_eq(count_adds("sc", 3, ", symmetry: on"), 36 / 6);
    ck_assert_uint_eq(count_adds("sc", 4, ", symmetry: auto"), 576 / 24);
    ck_assert_uint_eq(count_adds("sc", 5, ", symmetry: on"), 14400 / 120);
    ck_assert_uint_eq(count_adds("tso", 4, ""), 888);
    ck_assert_uint_eq(count_adds("tso", 4, ", symmetry: on"), 888 / 24);
    ck_assert_uint_eq(count_adds("c11", 4, ""), 888);
    ck_assert_uint_eq(count_adds("c11", 4, ", symmetry: on"), 888 / 24);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alike");
    TCase *searches = tcase_create("searches");
    suite_add_tcase(suite, searches);
    tcase_set_timeout(searches, 3600);
    tcase_add_test(searches, orders_of_twins);
    tcase_add_test(searches, buffers_of_twins);
    tcase_add_test(searches, graphs_of_twins);
    tcase_add_test(searches, graphs_of_twins_with_inserted_stores);
    tcase_add_test(searches, who_looks_at_its_number_overtakes);
    tcase_add_test(searches, adds_stand_for_all_their_names);
    return check_tap_run(suite);
}
