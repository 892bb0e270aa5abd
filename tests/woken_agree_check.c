/*
 * Where a signal finds several asleep, each choice of whom it wakes is followed
 * by all that can follow: the search by orders finds the executions of random
 * small programs that trying every schedule finds (without those that come to a
 * state met before), or the search over graphs.
 *
 * Plans once did not say whom a signal in them was to wake, and of 594
 * executions 26 were left out.  AGREE_PROGRAMS says how many programs of each
 * kind, AGREE_FIRST where to begin.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/objects_fixture.h"

enum {
    RUNS_MAX = 3000, /* a program with more schedules is left out */
    PROGRAMS = 24,
};

/* What the search by orders finds, which must be all there is. */
static void expect_all(uint64_t seed, const struct kind *kind,
                       const struct found_runs *all)
{
    static struct found_runs orders;
    bool weak = strcmp(kind->memory, "c11") == 0;
    unsigned long n = (unsigned long)seed;
    struct searched s = program_open(seed, kind, weak ? by_orders : "", "");
    search_logged(&s, "dpor", UINT64_MAX, &orders);
    search_close(&s);
    ck_assert_msg(orders.results.all, "%s, seed %lu: not all", kind->memory, n);
    ck_assert_msg(orders.results.stuck == all->results.stuck &&
                      search_same(&orders.results, &all->results),
                  "%s, seed %lu: other states", kind->memory, n);
    ck_assert_msg(search_same_runs(&orders, all),
                  "%s, seed %lu: %u executions, not %u", kind->memory, n,
                  orders.executions.count, all->executions.count);
}

/* False: the program is too large. */
static bool agree_on(uint64_t seed, const struct kind *kind, uint64_t *runs)
{
    static struct found_runs all;
    struct searched s = program_open(seed, kind, "", by_schedules);
    search_logged(&s, "exhaustive", RUNS_MAX, &all);
    search_close(&s);
    if (all.results.all) {
        expect_all(seed, kind, &all);
        *runs += all.executions.count;
    }
    return all.results.all;
}

static void agree(const struct kind *kind)
{
    uint64_t wanted = asked("AGREE_PROGRAMS", PROGRAMS);
    uint64_t compared = 0;
    uint64_t executions = 0;
    for (uint64_t seed = asked("AGREE_FIRST", 1); compared < wanted; seed++) {
        compared += agree_on(seed, kind, &executions) ? 1 : 0;
    }
    printf("# %s, %u, %u: %lu programs, %lu executions\n", kind->memory,
           kind->objects, kind->adds, (unsigned long)compared,
           (unsigned long)executions);
    ck_assert_uint_gt(executions, 2 * compared);
}

/* Under tso a log has a store twice, as it is made and as it comes to memory:
 * there programs only add. */
START_TEST(whom_a_signal_wakes_is_followed_by_all)
{
    agree(&(struct kind){.memory = "sc", .objects = 3});
    agree(&(struct kind){.memory = "sc", .objects = 3, .adds = 1});
    agree(&(struct kind){.memory = "tso", .objects = 3, .adds = 1});
}
END_TEST

/* The same of mutexes, semaphores, rwlocks, spin locks, barriers and what is
 * done once. */
START_TEST(each_order_of_other_objects_is_found)
{
    static const uint32_t kinds[] = {0, 1, 2, 5};
    agree(&(struct kind){.memory = "sc", .objects = kinds[_i]});
    agree(&(struct kind){.memory = "tso", .objects = kinds[_i], .adds = 1});
}
END_TEST

/* Programs of four threads, of which some executions were left out. */
START_TEST(executions_that_were_left_out_are_found)
{
    static const uint64_t seeds[] = {176, 192, 712};
    static struct found_runs graphs;
    const struct kind kind = {.memory = "c11", .objects = 3};
    struct searched s = program_open(seeds[_i], &kind, "", "");
    search_logged(&s, "dpor", UINT64_MAX, &graphs);
    search_close(&s);
    ck_assert(graphs.results.all && graphs.results.tally.graphs);
    expect_all(seeds[_i], &kind, &graphs);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("woken_agree");
    TCase *tcase = tcase_create("woken");
    tcase_set_timeout(tcase, 3600);
    tcase_add_test(tcase, whom_a_signal_wakes_is_followed_by_all);
    tcase_add_loop_test(tcase, each_order_of_other_objects_is_found, 0, 4);
    tcase_add_loop_test(tcase, executions_that_were_left_out_are_found, 0, 3);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
