/*
 * What is explored: as many executions as there are, and no other ones.
 *
 * Two executions are the same if each load read from the same store and the
 * stores of each location came in the same order.  The counts are those that
 * GenMC 0.10.3 and Nidhugg 0.4 found for the same programs, and for the small
 * shapes those that anybody can count.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/log.h"
#include "harness/run.h"
#include "tests/check_tap.h"

#include <string.h>

enum {
    SEEN_MAX = 1 << 12, /* executions told apart, a power of two */
    PLACES_MAX = 64,    /* locations of one program */
    THREADS_MAX = 4,
    ALL = 100, /* preemptions: more than any run has */
};

struct seen {
    uint64_t hashes[SEEN_MAX]; /* 0: free */
    uint32_t count;
};

static struct scenario *scenario;
static struct runner *runner;

static void open_program(const char *variant, uint32_t threads)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[1000];
    int size =
        snprintf(text, sizeof(text),
                 "scenario: 1\nname: executions\nsystem:\n  kind: threads\n"
                 "  algorithm: %s/tests/plugins/executions.so\n"
                 "  threads: %u\nworkload: { ops_per_thread: 1 }\n",
                 build == NULL ? "build" : build, threads);
    scenario = scenario_parse("executions.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(scenario);
    runner = runner_new(scenario, variant, stderr);
    ck_assert_ptr_nonnull(runner);
}

static void close_program(void)
{
    runner_free(runner);
    scenario_free(scenario);
}

static void mix(uint64_t *hash, uint64_t value)
{
    *hash = (*hash ^ value) * 0x9e3779b97f4a7c15u;
    *hash ^= *hash >> 31;
}

/* The execution in the log: each thread's accesses, in its order, with the
 * store that each one found. */
static uint64_t hash_execution(const struct run_log *log)
{
    uintptr_t places[PLACES_MAX];
    uint64_t last[PLACES_MAX] = {0}; /* the store that is there now */
    uint32_t places_count = 0;
    uint64_t threads[THREADS_MAX] = {0};
    uint64_t own[THREADS_MAX] = {0};
    for (uint32_t i = 0; i < log->steps_count; i++) {
        const struct log_step *s = &log->steps[i];
        bool stores = s->kind == FL_STEP_STORE || s->kind == FL_STEP_UPDATE;
        if (s->kind != FL_STEP_LOAD && s->kind != FL_STEP_REFUSE && !stores) {
            continue;
        }
        ck_assert_uint_lt(s->thread, THREADS_MAX);
        uint32_t place = 0;
        while (place < places_count && places[place] != s->address) {
            place++;
        }
        ck_assert_uint_lt(place, PLACES_MAX);
        if (place == places_count) {
            places[places_count++] = s->address;
        }
        mix(&threads[s->thread], s->address);
        mix(&threads[s->thread], (uint64_t)s->kind << 32 | last[place]);
        own[s->thread]++;
        last[place] =
            stores ? own[s->thread] * THREADS_MAX + s->thread + 1 : last[place];
    }
    uint64_t hash = 1;
    for (uint32_t t = 0; t < THREADS_MAX; t++) {
        mix(&hash, threads[t]);
    }
    return hash | 1;
}

static void note(struct seen *seen, uint64_t hash)
{
    uint32_t slot = (uint32_t)(hash >> 20) & (SEEN_MAX - 1);
    while (seen->hashes[slot] != 0 && seen->hashes[slot] != hash) {
        slot = (slot + 1) & (SEEN_MAX - 1);
    }
    if (seen->hashes[slot] == 0) {
        seen->hashes[slot] = hash;
        seen->count++;
        ck_assert_uint_lt(seen->count, SEEN_MAX / 2);
    }
}

/* Runs drawn at random; `end` is what all of them must come to. */
static uint32_t draw(uint64_t runs, enum run_end end)
{
    static struct seen seen;
    memset(&seen, 0, sizeof(seen));
    for (uint64_t i = 0; i < runs; i++) {
        struct run_outcome o;
        struct run_request request = {
            .mode = RUN_RECORD, .seed = 9, .index = i};
        runner_run(runner, &request, &o);
        ck_assert_msg(o.end == end, "run %lu: %s, %s", (unsigned long)i,
                      run_end_name(o.end), o.detail);
        note(&seen, hash_execution(runner_log(runner)));
    }
    return seen.count;
}

/* Every schedule with so many preemptions; stores how many fail. */
static uint32_t search(uint32_t preemptions, uint64_t *failed)
{
    static struct seen seen;
    memset(&seen, 0, sizeof(seen));
    struct run_outcome o = {.last = false};
    *failed = 0;
    bool exhausted = false;
    bool last = false;
    for (uint64_t i = 0; !last; i++) {
        ck_assert_uint_lt(i, 3000000);
        struct run_request request = {.strategy = "exhaustive",
                                      .exhaustive_next = i > 0,
                                      .preemptions = preemptions};
        runner_run(runner, &request, &o);
        last = o.last;
        exhausted = o.exhausted;
        *failed += o.end != RUN_FINISHED ? 1 : 0;
        request.mode = RUN_RECORD;
        runner_run(runner, &request, &o);
        note(&seen, hash_execution(runner_log(runner)));
    }
    ck_assert(exhausted);
    return seen.count;
}

START_TEST(drawn_runs_meet_no_other_executions)
{
    open_program("queue_pairs", 2);
    uint32_t met = draw(40000, RUN_FINISHED);
    ck_assert_uint_gt(met, 140);
    ck_assert_uint_le(met, 222);
    close_program();
    open_program("queue_singles", 3);
    met = draw(40000, RUN_FINISHED);
    ck_assert_uint_gt(met, 140);
    ck_assert_uint_le(met, 188);
    close_program();
}
END_TEST

START_TEST(a_search_meets_every_execution)
{
    static const struct {
        const char *variant;
        uint32_t threads;
        uint32_t executions;
    } known[] = {
        {"adds", 2, 2},        {"adds", 3, 6},      {"load_store", 2, 4},
        {"load_store", 3, 36}, {"buffering", 2, 3},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        uint64_t failed = 0;
        open_program(known[i].variant, known[i].threads);
        ck_assert_uint_eq(search(ALL, &failed), known[i].executions);
        ck_assert_uint_eq(failed, 0);
        close_program();
    }
}
END_TEST

START_TEST(a_search_of_the_queues_meets_all_and_finds_nothing)
{
    uint64_t failed = 0;
    open_program("queue_pairs", 2);
    ck_assert_uint_eq(search(6, &failed), 222);
    ck_assert_uint_eq(failed, 0);
    close_program();
    open_program("queue_singles", 3);
    ck_assert_uint_eq(search(3, &failed), 152);
    ck_assert_uint_eq(failed, 0);
    close_program();
}
END_TEST

START_TEST(draws_and_a_search_find_aba)
{
    open_program("stack_aba", 2);
    uint64_t failed = 0;
    search(1, &failed);
    ck_assert_uint_gt(failed, 0);
    failed = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        struct run_outcome o;
        struct run_request request = {.seed = 4, .index = i};
        runner_run(runner, &request, &o);
        ck_assert(o.end == RUN_FINISHED || o.end == RUN_INVARIANT);
        failed += o.end == RUN_INVARIANT ? 1 : 0;
    }
    ck_assert_uint_gt(failed, 0);
    close_program();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("executions");
    TCase *counts = tcase_create("counts");
    tcase_set_timeout(counts, 300);
    tcase_add_test(counts, drawn_runs_meet_no_other_executions);
    tcase_add_test(counts, a_search_meets_every_execution);
    tcase_add_test(counts, a_search_of_the_queues_meets_all_and_finds_nothing);
    tcase_add_test(counts, draws_and_a_search_find_aba);
    suite_add_tcase(suite, counts);
    return check_tap_run(suite);
}
