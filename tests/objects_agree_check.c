/*
 * Searches agree on locks and the like: one over execution graphs runs each
 * execution of random small programs once, and finds the states that the search
 * by orders finds, or trying every schedule.
 *
 * What is counted is told apart by the log of the run (objects_fixture.h).
 * AGREE_PROGRAMS says how many programs of each kind, AGREE_FIRST where to
 * begin.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/objects_fixture.h"

enum {
    RUNS_MAX = 2000, /* a program with more is left out */
    SCHEDULES_MAX = 300,
    PROGRAMS = 10,
};

struct sums {
    uint64_t compared;
    uint64_t stuck;
    uint64_t orders;
    uint64_t executions;
};

/* Which of two sleepers a signal woke no log says: there may be more. */
static void compare(uint64_t seed, bool signals,
                    const struct found_runs *orders,
                    const struct found_runs *graphs)
{
    const struct search_tally *t = &graphs->results.tally;
    unsigned long n = (unsigned long)seed;
    ck_assert_msg(graphs->results.all, "seed %lu: not all", n);
    ck_assert_msg(t->graphs, "seed %lu: not by graphs", n);
    ck_assert_msg(orders->results.stuck == graphs->results.stuck,
                  "seed %lu: stuck %d, not %d", n, graphs->results.stuck,
                  orders->results.stuck);
    ck_assert_msg(search_same(&orders->results, &graphs->results),
                  "seed %lu: %u states, not %u", n,
                  graphs->results.states.count, orders->results.states.count);
    ck_assert_msg(search_same_runs(orders, graphs),
                  "seed %lu: %u executions, not %u", n,
                  graphs->executions.count, orders->executions.count);
    ck_assert_msg(t->redundant == 0 && t->distinct == graphs->results.runs &&
                      t->distinct >= graphs->executions.count &&
                      (signals || t->distinct == graphs->executions.count),
                  "seed %lu: %lu runs of %lu graphs, %u executions", n,
                  (unsigned long)graphs->results.runs,
                  (unsigned long)t->distinct, graphs->executions.count);
}

/* Nobody is refused who goes to sleep: all schedules are tried. */
static bool is_woken(const struct kind *kind)
{
    return kind->objects == 3 && !kind->large;
}

/* False: the program is too large. */
static bool agree_on(const struct kind *kind, uint64_t seed, struct sums *sums)
{
    static struct found_runs orders;
    static struct found_runs graphs;
    bool woken = is_woken(kind);
    struct searched searched =
        program_open(seed, kind, woken ? "" : by_orders, "");
    search_logged(&searched, woken ? "exhaustive" : "dpor", RUNS_MAX, &orders);
    search_close(&searched);
    if (!orders.results.all) {
        return false;
    }
    searched = program_open(seed, kind, "", "");
    search_logged(&searched, "dpor", RUNS_MAX, &graphs);
    search_close(&searched);
    compare(seed, kind->objects == 3, &orders, &graphs);
    sums->compared++;
    sums->stuck += graphs.results.stuck ? 1 : 0;
    sums->orders += orders.results.runs;
    sums->executions += graphs.results.runs;
    return true;
}

static void agree(const struct kind *kind)
{
    struct sums sums = {0};
    uint64_t wanted = asked("AGREE_PROGRAMS", PROGRAMS);
    wanted = is_woken(kind) ? (wanted + 1) / 2 : wanted; /* they take longer */
    for (uint64_t seed = asked("AGREE_FIRST", 1); sums.compared < wanted;
         seed++) {
        (void)agree_on(kind, seed, &sums);
    }
    printf("# %u, %u: %lu programs, %lu of them deadlock, %lu orders, %lu "
           "executions\n",
           kind->objects, kind->adds, (unsigned long)sums.compared,
           (unsigned long)sums.stuck, (unsigned long)sums.orders,
           (unsigned long)sums.executions);
    ck_assert_uint_gt(sums.stuck, 0);
    bool all_write = kind->objects == 5 && kind->adds == 1;
    ck_assert_uint_lt(sums.executions, sums.orders + (all_write ? 1 : 0));
}

START_TEST(each_order_of_a_mutex_is_run_once)
{
    agree(&(struct kind){.memory = "c11", .objects = 0});
    agree(&(struct kind){.memory = "c11", .objects = 0, .adds = 1});
}
END_TEST

START_TEST(each_order_of_a_semaphore_is_run_once)
{
    agree(&(struct kind){.memory = "c11", .objects = 1});
    agree(&(struct kind){.memory = "c11", .objects = 1, .adds = 1});
}
END_TEST

START_TEST(each_order_of_a_rwlock_is_run_once)
{
    agree(&(struct kind){.memory = "c11", .objects = 2});
    agree(&(struct kind){.memory = "c11", .objects = 2, .adds = 1});
}
END_TEST

START_TEST(each_order_of_a_condition_is_run_once)
{
    agree(&(struct kind){.memory = "c11", .objects = 3});
    agree(&(struct kind){.memory = "c11", .objects = 3, .adds = 1});
}
END_TEST

/* Whoever was woken while another has the mutex is behind both, who woke it and
 * who gave the mutex back: the search by orders once knew of one. */
START_TEST(orders_of_a_condition_are_found)
{
    const struct kind kind = {.memory = "c11", .objects = 3, .large = true};
    struct sums sums = {0};
    ck_assert(agree_on(&kind, 688, &sums));
}
END_TEST

/* Spin locks, barriers, and what is done once. */
START_TEST(each_order_of_other_objects_is_run_once)
{
    agree(&(struct kind){.memory = "c11", .objects = 5});
    agree(&(struct kind){.memory = "c11", .objects = 5, .adds = 1});
}
END_TEST

START_TEST(each_order_of_all_of_them_is_run_once)
{
    agree(&(struct kind){.memory = "c11", .objects = 4});
    agree(&(struct kind){.memory = "c11", .objects = 4, .adds = 1});
}
END_TEST

/* Where every schedule is tried, who was refused lets others go first: not all
 * states are found there. */
static bool includes_on(const struct kind *kind, uint64_t seed,
                        struct sums *sums)
{
    static struct results all;
    static struct results orders;
    struct search how = {
        .strategy = "exhaustive", .preemptions = 100, .most = SCHEDULES_MAX};
    struct searched searched = program_open(seed, kind, "", "");
    search_all(&searched, &how, &all);
    if (all.all) {
        how.strategy = "dpor";
        search_all(&searched, &how, &orders);
        sums->compared++;
        sums->executions += orders.runs;
        sums->orders += all.runs;
        unsigned long n = (unsigned long)seed;
        ck_assert_msg(orders.all, "seed %lu: not all", n);
        ck_assert_msg(orders.stuck || !all.stuck, "seed %lu: not stuck", n);
        ck_assert_msg(includes(&orders.states, &all.states),
                      "seed %lu: not all states", n);
    }
    search_close(&searched);
    return all.all;
}

START_TEST(orders_find_what_schedules_find)
{
    static const char *const memories[] = {"sc", "tso", "c11"};
    uint64_t wanted = asked("AGREE_PROGRAMS", PROGRAMS);
    for (uint32_t i = 0; i < 18; i++) {
        const struct kind kind = {.memory = memories[i % 3], .objects = i / 3};
        struct sums sums = {0};
        for (uint64_t seed = asked("AGREE_FIRST", 1);
             4 * sums.compared < wanted; seed++) {
            (void)includes_on(&kind, seed, &sums);
        }
        printf("# %s, %u: %lu programs, %lu schedules, %lu executions\n",
               kind.memory, kind.objects, (unsigned long)sums.compared,
               (unsigned long)sums.orders, (unsigned long)sums.executions);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("objects_agree");
    TCase *tcase = tcase_create("objects");
    tcase_set_timeout(tcase, 3600);
    tcase_add_test(tcase, each_order_of_a_mutex_is_run_once);
    tcase_add_test(tcase, each_order_of_a_semaphore_is_run_once);
    tcase_add_test(tcase, each_order_of_a_rwlock_is_run_once);
    tcase_add_test(tcase, each_order_of_a_condition_is_run_once);
    tcase_add_test(tcase, orders_of_a_condition_are_found);
    tcase_add_test(tcase, each_order_of_other_objects_is_run_once);
    tcase_add_test(tcase, each_order_of_all_of_them_is_run_once);
    tcase_add_test(tcase, orders_find_what_schedules_find);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
