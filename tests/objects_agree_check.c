/*
 * Searches agree on locks and the like: one over execution graphs runs each
 * execution of random small programs once, and finds the states that the search
 * by orders finds, or trying every schedule.
 *
 * What is counted is told apart by the log of the run: each access by the store
 * that it read and the one that it came behind, each move on an object by the
 * last that changed it.  AGREE_PROGRAMS says how many programs of each kind,
 * AGREE_FIRST where to begin.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/log.h"
#include "tests/search_fixture.h"

#include <stdlib.h>

enum {
    RUNS_MAX = 2000, /* a program with more is left out */
    SCHEDULES_MAX = 300,
    PROGRAMS = 10,
    THREADS_MAX = 8,
    STEPS_MAX = 256,
    PAGE = 4096, /* all objects of a program fit into one */
};

/* A kind of programs. */
struct kind {
    const char *memory;
    uint32_t objects; /* of object_programs.c */
    uint32_t adds;
    bool large; /* too large for all schedules */
};

static struct searched open_program(uint64_t seed, const struct kind *kind,
                                    bool orders)
{
    const char *build = getenv("FAULTLINE_BUILD");
    uint32_t threads = seed % 8 == 0 ? 4 : seed % 2 == 0 ? 3 : 2;
    char text[1000];
    (void)snprintf(text, sizeof(text),
                   "scenario: 1\nname: objects\nsystem:\n  kind: threads\n"
                   "  algorithm: %s/tests/plugins/object_programs.so\n"
                   "  memory: %s%s\n  threads: 1\n"
                   "  params: { seed: %lu, inside: %u, objects: %u, "
                   "adds: %u }\n"
                   "  reuse: never\nworkload: { ops_per_thread: 1 }\n"
                   "schedule: { awaits: keep }\n",
                   build == NULL ? "build" : build, kind->memory,
                   orders ? "\n  stale_max: 60" : "", (unsigned long)seed,
                   threads, kind->objects, kind->adds);
    return search_open(text, false);
}

/* --- an execution as a number --------------------------------------------- */

/* Step `i` among those of its thread. */
static uint64_t name(const struct run_log *log, uint32_t i)
{
    if (i == FL_NO_STEP) {
        return 0;
    }
    uint64_t own = 0;
    for (uint32_t k = 0; k <= i; k++) {
        own += log->steps[k].thread == log->steps[i].thread ? 1 : 0;
    }
    return own << 8 | (log->steps[i].thread + 1);
}

static bool is_move(const struct log_step *s)
{
    static const char *const prefixes[] = {"mutex_", "sem_", "rwlock_",
                                           "cond_"};
    for (uint32_t i = 0; s->kind == FL_STEP_SYNC && i < 4; i++) {
        if (strncmp(s->name, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* How many threads sleep at the condition of step `i` before it. */
static uint64_t sleepers(const struct run_log *log, uint32_t i)
{
    uint64_t count = 0;
    for (uint32_t k = 0; k < i; k++) {
        const struct log_step *s = &log->steps[k];
        if (s->kind != FL_STEP_SYNC || s->address != log->steps[i].address) {
            continue;
        }
        if (strcmp(s->name, "cond_wait") == 0) {
            count++;
        } else if (strcmp(s->name, "cond_broadcast") == 0) {
            count = 0;
        } else if (strcmp(s->name, "cond_signal") == 0) {
            count -= count > 0 ? 1 : 0;
        }
    }
    return count;
}

static bool changes(const struct run_log *log, uint32_t i)
{
    const struct log_step *s = &log->steps[i];
    if (is_move(s) && (strcmp(s->name, "cond_signal") == 0 ||
                       strcmp(s->name, "cond_broadcast") == 0)) {
        return sleepers(log, i) > 0;
    }
    return s->kind == FL_STEP_STORE || s->kind == FL_STEP_UPDATE ||
           (is_move(s) && s->after == 0);
}

/* What changed the place of step `i` last before it. */
static uint64_t last_change(const struct run_log *log, uint32_t i)
{
    for (uint32_t k = i; k-- > 0;) {
        if (log->steps[k].address == log->steps[i].address && changes(log, k)) {
            return name(log, k);
        }
    }
    return 0;
}

static uint64_t hash_execution(const struct run_log *log)
{
    uint64_t threads[THREADS_MAX] = {0};
    ck_assert_uint_lt(log->steps_count, STEPS_MAX);
    for (uint32_t i = 0; i < log->steps_count; i++) {
        const struct log_step *s = &log->steps[i];
        bool reads = s->kind == FL_STEP_LOAD || s->kind == FL_STEP_REFUSE;
        if (!reads && !changes(log, i) && !is_move(s)) {
            continue;
        }
        ck_assert_uint_lt(s->thread, THREADS_MAX);
        uint64_t *hash = &threads[s->thread];
        *hash = mix(*hash, s->address % PAGE); /* it is loaded anywhere */
        *hash = mix(*hash, (uint64_t)s->kind << 1 | (changes(log, i) ? 1 : 0));
        *hash = mix(*hash, reads ? name(log, s->source) : last_change(log, i));
    }
    uint64_t hash = 1;
    for (uint32_t t = 0; t < THREADS_MAX; t++) {
        hash = mix(hash, threads[t]);
    }
    return hash;
}

/* --- searches ------------------------------------------------------------- */

struct found_runs {
    struct results results;
    struct found executions;
};

static void search(const struct searched *s, const char *strategy,
                   struct found_runs *found)
{
    const struct search how = {.strategy = strategy, .preemptions = 100};
    memset(found, 0, sizeof(*found));
    struct run_outcome o = {.last = false};
    while (!o.last && found->results.runs < RUNS_MAX) {
        struct run_request request = {.strategy = strategy,
                                      .exhaustive_next =
                                          found->results.runs > 0,
                                      .preemptions = how.preemptions};
        runner_run(s->runner, &request, &o);
        search_keep(&how, &o, &found->results);
        if (o.end != RUN_CUT) {
            request.mode = RUN_RECORD; /* once more */
            struct run_outcome again;
            runner_run(s->runner, &request, &again);
            ck_assert_int_eq((int)again.end, (int)o.end);
            note(&found->executions, hash_execution(runner_log(s->runner)));
        }
    }
    found->results.all = o.last && o.exhausted;
    found->results.tally = o.tally;
}

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
    ck_assert_msg(includes(&orders->executions, &graphs->executions) &&
                      includes(&graphs->executions, &orders->executions),
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
    struct searched searched = open_program(seed, kind, !is_woken(kind));
    search(&searched, is_woken(kind) ? "exhaustive" : "dpor", &orders);
    search_close(&searched);
    if (!orders.results.all) {
        return false;
    }
    searched = open_program(seed, kind, false);
    search(&searched, "dpor", &graphs);
    search_close(&searched);
    compare(seed, kind->objects == 3, &orders, &graphs);
    sums->compared++;
    sums->stuck += graphs.results.stuck ? 1 : 0;
    sums->orders += orders.results.runs;
    sums->executions += graphs.results.runs;
    return true;
}

static uint64_t asked(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
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
    ck_assert_uint_lt(sums.executions, sums.orders);
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
    struct searched searched = open_program(seed, kind, false);
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
    for (uint32_t i = 0; i < 15; i++) {
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
    tcase_add_test(tcase, each_order_of_all_of_them_is_run_once);
    tcase_add_test(tcase, orders_find_what_schedules_find);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
