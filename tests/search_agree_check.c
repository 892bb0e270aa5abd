/*
 * Searches agree: partial order reduction finds the states and the histories
 * that trying every schedule finds, on random small programs.  AGREE_PROGRAMS
 * says how many of them for each memory model (`make nightly` takes 500),
 * AGREE_RUNS beyond how many schedules a program is left out, AGREE_FIRST where
 * to begin.  Larger programs are searched by orders and by execution graphs,
 * which have nothing in common.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/search_fixture.h"

#include <stdlib.h>

enum {
    RUNS_MAX = 1500, /* a program with more schedules is left out */
    ONLY_MAX = 20000,
    PROGRAMS = 40,
};

/* A kind of programs. */
struct kind {
    const char *memory;
    bool stores;   /* mostly stores and loads */
    bool accesses; /* no locks, no heap */
    bool weak;     /* compare-and-swaps */
    bool locks;    /* sections under mutexes */
    bool boxes;    /* blocks of the heap go from thread to thread, */
    bool bold;     /* and some look into them, perhaps too late */
    bool awaits;   /* loops that wait, which the second search cuts */
    bool orders;   /* the second search is one by orders, which counts graphs */
    bool inside;   /* one client makes all threads: no calls and returns */
    bool larger;   /* the first search is one by orders */
    uint64_t only; /* the one program that is compared, however large it is */
};

static struct searched open_program(uint64_t seed, const struct kind *kind)
{
    const char *build = getenv("FAULTLINE_BUILD");
    uint32_t threads = seed % 3 == 0 ? 3 : 2;
    uint32_t operations = !kind->inside && threads == 2 && seed % 2 == 0;
    char text[1000];
    (void)snprintf(
        text, sizeof(text),
        "scenario: 1\nname: agree\nsystem:\n  kind: threads\n"
        "  algorithm: %s/tests/plugins/small_programs.so\n"
        "  memory: %s%s\n  threads: %u\n"
        "  params: { seed: %lu, stores: %u, accesses: %u, inside: %u, "
        "weak: %u, locks: %u, boxes: %u }\n"
        "  reuse: never\nworkload: { ops_per_thread: %u }\n"
        "schedule: { awaits: %s }\n",
        build == NULL ? "build" : build, kind->memory,
        kind->orders ? "\n  stale_max: 60" : "", kind->inside ? 1 : threads,
        (unsigned long)seed,
        kind->awaits   ? 2u
        : kind->stores ? 1u
                       : 0u,
        kind->accesses ? 1u : 0u, kind->inside ? threads : 0u,
        kind->weak ? 1u : 0u, kind->locks ? 1u : 0u,
        kind->bold    ? 2u
        : kind->boxes ? 1u
                      : 0u,
        1 + operations, kind->awaits ? "cut" : "keep");
    return search_open(text, false);
}

static uint64_t asked(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t count = text == NULL ? otherwise : strtoull(text, NULL, 10);
    ck_assert_uint_gt(count, 0);
    return count;
}

static void search(const struct kind *kind, const struct searched *searched,
                   const char *strategy, struct results *results)
{
    struct search bounds = {
        .strategy = strategy,
        .preemptions = 100,
        .judged = kind->bold,
        .most = kind->only != 0 ? ONLY_MAX : asked("AGREE_RUNS", RUNS_MAX)};
    search_all(searched, &bounds, results);
}

/* The same program, as the search by orders meets it. */
static void search_orders(const struct kind *kind, uint64_t seed,
                          struct results *results)
{
    struct kind by_orders = *kind;
    by_orders.orders = true;
    struct searched searched = open_program(seed, &by_orders);
    search(kind, &searched, "dpor", results);
    search_close(&searched);
}

/* The graphs of a program, as the search by orders meets them: often more than
 * once; 0: there are too many. */
static uint64_t count_graphs(const struct kind *kind, uint64_t seed)
{
    static struct results orders;
    search_orders(kind, seed, &orders);
    return orders.all ? orders.tally.distinct : 0;
}

/* Runs of each kind, of all programs that were compared. */
struct sums {
    uint64_t compared;
    uint64_t wrong; /* some run of them fails, and a search may begin anew
                     * there: its runs are not counted */
    uint64_t schedules;
    uint64_t executions;
    uint64_t redundant;
    uint64_t distinct;
    uint64_t blocked;
};

static void add(struct sums *sums, const struct results *all,
                const struct results *once)
{
    sums->schedules += all->runs;
    sums->executions += once->runs;
    sums->redundant += once->tally.redundant;
    sums->distinct += once->tally.distinct;
    sums->blocked += once->tally.blocked;
}

static bool is_c11(const struct kind *kind)
{
    return strncmp(kind->memory, "c11", 3) == 0;
}

/* Whether some run went wrong, and not only came to a state. */
static bool is_wrong(const struct results *results)
{
    for (uint32_t i = 0; i < results->states.count; i++) {
        if (results->states.hashes[i] != RUN_INVARIANT) {
            return true;
        }
    }
    return false;
}

/* What both searches of a program have to have in common. */
static void compare(const struct kind *kind, uint64_t seed,
                    const struct results *all, const struct results *once)
{
    const struct search_tally *t = &once->tally;
    ck_assert_msg(all->stuck == once->stuck, "seed %lu: stuck %d, not %d",
                  (unsigned long)seed, once->stuck, all->stuck);
    if (kind->inside && (!kind->awaits || is_c11(kind))) {
        ck_assert_msg(t->redundant == 0 &&
                          t->distinct + t->blocked == once->runs,
                      "seed %lu: a graph twice", (unsigned long)seed);
    }
    if (kind->inside && (kind->locks || kind->awaits || kind->boxes) &&
        is_c11(kind)) {
        uint64_t graphs =
            kind->larger ? all->tally.distinct : count_graphs(kind, seed);
        ck_assert_msg(graphs == 0 || graphs == t->distinct,
                      "seed %lu: %lu graphs, not %lu", (unsigned long)seed,
                      (unsigned long)t->distinct, (unsigned long)graphs);
    }
    ck_assert_msg(once->all, "seed %lu: not all", (unsigned long)seed);
    ck_assert_msg(search_same(all, once),
                  "seed %lu: %u states, not %u; %u histories, not %u",
                  (unsigned long)seed, once->states.count, all->states.count,
                  once->histories.count, all->histories.count);
}

/* Both searches of one program.  False: it is too large. */
static bool agree_on(const struct kind *kind, uint64_t seed, struct sums *sums)
{
    static struct results all;
    static struct results once;
    struct searched searched = open_program(seed, kind);
    if (kind->larger) {
        search_orders(kind, seed, &all);
    } else {
        search(kind, &searched, "exhaustive", &all);
    }
    if (all.all) {
        search(kind, &searched, "dpor", &once);
    }
    search_close(&searched);
    if (!all.all) {
        return false;
    }
    sums->compared++;
    if (kind->bold && (is_wrong(&all) || is_wrong(&once))) {
        ck_assert_msg(is_wrong(&all) && is_wrong(&once),
                      "seed %lu: wrong %d, not %d", (unsigned long)seed,
                      is_wrong(&once), is_wrong(&all));
        sums->wrong++;
    } else {
        add(sums, &all, &once);
        compare(kind, seed, &all, &once);
    }
    return true;
}

static void agree(const struct kind *kind)
{
    uint64_t wanted = asked("AGREE_PROGRAMS", PROGRAMS);
    bool long_ones = kind->locks || (kind->boxes && !kind->larger);
    wanted = long_ones ? (wanted + 1) / 2 : wanted;
    wanted = kind->only != 0 ? 1 : wanted;
    struct sums sums = {0};
    uint64_t first = kind->only != 0 ? kind->only : asked("AGREE_FIRST", 1);
    for (uint64_t seed = first; sums.compared < wanted; seed++) {
        bool small = agree_on(kind, seed, &sums);
        ck_assert(small || kind->only == 0);
    }
    printf("# %s: %lu programs, %lu of them wrong, %lu schedules, %lu "
           "executions, %lu of them redundant, %lu distinct, %lu blocked\n",
           kind->memory, (unsigned long)sums.compared,
           (unsigned long)sums.wrong, (unsigned long)sums.schedules,
           (unsigned long)sums.executions, (unsigned long)sums.redundant,
           (unsigned long)sums.distinct, (unsigned long)sums.blocked);
    ck_assert_uint_le(sums.executions, sums.schedules);
}

START_TEST(searches_agree_under_sc)
{
    agree(&(struct kind){.memory = "sc"});
}
END_TEST

START_TEST(searches_agree_under_tso)
{
    agree(&(struct kind){.memory = "tso"});
}
END_TEST

START_TEST(searches_agree_under_c11)
{
    agree(&(struct kind){.memory = "c11"});
}
END_TEST

START_TEST(searches_of_stores_agree)
{
    agree(&(struct kind){.memory = "sc", .stores = true});
    agree(&(struct kind){.memory = "tso", .stores = true});
    agree(&(struct kind){.memory = "c11", .stores = true});
}
END_TEST

/* Not with the release sequences of C17, which send some programs back to the
 * search by orders. */
#define INSERTED "c11\n  mo: insert\n  release_sequence: c20"

START_TEST(searches_that_cut_awaits_agree)
{
    agree(&(struct kind){.memory = "sc", .awaits = true});
    agree(&(struct kind){.memory = "sc", .awaits = true, .inside = true});
    agree(&(struct kind){.memory = "tso", .awaits = true, .inside = true});
    agree(&(struct kind){.memory = "c11", .awaits = true, .inside = true});
}
END_TEST

START_TEST(searches_of_what_goes_round_agree)
{
    agree(&(struct kind){.memory = "sc", .boxes = true});
    agree(&(struct kind){.memory = "tso", .boxes = true, .inside = true});
    agree(&(struct kind){.memory = "c11", .boxes = true, .inside = true});
}
END_TEST

/* Whoever looks into what was freed is found by one search if by another. */
START_TEST(searches_find_what_goes_wrong)
{
    agree(&(struct kind){
        .memory = "sc", .boxes = true, .bold = true, .inside = true});
    agree(&(struct kind){.memory = "c11",
                         .boxes = true,
                         .bold = true,
                         .inside = true,
                         .larger = true});
    agree(&(struct kind){.memory = "c11\n  races: off",
                         .boxes = true,
                         .bold = true,
                         .inside = true,
                         .larger = true});
}
END_TEST

START_TEST(searches_of_larger_programs_agree)
{
    agree(&(struct kind){
        .memory = "c11", .awaits = true, .inside = true, .larger = true});
    agree(&(struct kind){
        .memory = INSERTED, .awaits = true, .inside = true, .larger = true});
    agree(&(struct kind){.memory = "c11", .awaits = true, .larger = true});
    agree(&(struct kind){
        .memory = "c11", .boxes = true, .inside = true, .larger = true});
    agree(&(struct kind){.memory = "c11", .boxes = true, .larger = true});
}
END_TEST

/* Whoever waits for the end of a thread that never ends is in nobody's way;
 * what is planned is no more than it can come to; and of many accesses of one
 * piece those that adjoin are one, before others are taken to be. */
START_TEST(searches_agree_on_what_they_once_did_not)
{
    agree(&(struct kind){
        .memory = "sc", .awaits = true, .inside = true, .only = 602});
    agree(&(struct kind){
        .memory = "c11", .awaits = true, .larger = true, .only = 10668});
    agree(&(struct kind){.memory = "sc", .inside = true, .only = 1038});
}
END_TEST

START_TEST(no_graph_comes_up_twice)
{
    agree(&(struct kind){.memory = "sc", .inside = true});
    agree(&(struct kind){.memory = "sc", .stores = true, .inside = true});
    agree(&(struct kind){.memory = "tso", .inside = true});
    agree(&(struct kind){.memory = "tso", .stores = true, .inside = true});
    agree(&(struct kind){.memory = "c11", .accesses = true, .inside = true});
}
END_TEST

START_TEST(weak_swaps_fail_once_each)
{
    agree(&(struct kind){
        .memory = "c11", .accesses = true, .weak = true, .inside = true});
    agree(&(struct kind){
        .memory = INSERTED, .accesses = true, .weak = true, .inside = true});
}
END_TEST

START_TEST(locks_come_in_each_order_once)
{
    agree(&(struct kind){
        .memory = "c11", .accesses = true, .locks = true, .inside = true});
    agree(&(struct kind){
        .memory = INSERTED, .accesses = true, .locks = true, .inside = true});
}
END_TEST

START_TEST(searches_agree_where_stores_are_inserted)
{
    agree(&(struct kind){.memory = "c11\n  mo: insert"});
}
END_TEST

/* A case of its own: CK_RUN_CASE=c11 makes one alone. */
static void add_case(Suite *suite, const char *name, const TTest *test)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 3600);
    tcase_add_test(tcase, test);
    suite_add_tcase(suite, tcase);
}

int main(void)
{
    Suite *suite = suite_create("search_agree");
    add_case(suite, "sc", searches_agree_under_sc);
    add_case(suite, "tso", searches_agree_under_tso);
    add_case(suite, "c11", searches_agree_under_c11);
    add_case(suite, "insert", searches_agree_where_stores_are_inserted);
    add_case(suite, "stores", searches_of_stores_agree);
    add_case(suite, "once", no_graph_comes_up_twice);
    add_case(suite, "weak", weak_swaps_fail_once_each);
    add_case(suite, "locks", locks_come_in_each_order_once);
    add_case(suite, "awaits", searches_that_cut_awaits_agree);
    add_case(suite, "boxes", searches_of_what_goes_round_agree);
    add_case(suite, "bold", searches_find_what_goes_wrong);
    add_case(suite, "larger", searches_of_larger_programs_agree);
    add_case(suite, "mended", searches_agree_on_what_they_once_did_not);
    return check_tap_run(suite);
}
