/*
 * Reach: accesses, pairs and ways are counted once each, the earliest run that
 * showed them is kept, and it does not matter who made which run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/reach.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <string.h>

enum {
    RUNS = 60,
    CODES = 5,
    WORKERS = 3
};

static struct reach *make(void)
{
    struct reach *reach = calloc(1, sizeof(*reach));
    if (reach == NULL) {
        abort();
    }
    return reach;
}

/* Run `index` of a campaign from 0 on, as if all were looked at. */
static void begin(struct reach *reach, uint64_t index)
{
    reach_next(reach, index, (uint32_t)index);
    reach_begin(reach, index);
}

static void access_at(struct reach *reach, uint32_t thread,
                      enum fl_step_kind kind, const void *location,
                      uintptr_t pc)
{
    const struct operation o = {.kind = kind, .location = location, .pc = pc};
    reach_access(reach, thread, &o);
}

static void pairs_are_who_wrote_last_and_who_read(void)
{
    static const int x[8];
    struct reach *all = make();
    struct reach *r = make();
    begin(r, 5);
    access_at(r, 0, FL_STEP_LOAD, &x[0], 100); /* what was there before */
    access_at(r, 0, FL_STEP_STORE, &x[0], 101);
    access_at(r, 1, FL_STEP_LOAD, &x[4], 100); /* another location */
    CU_ASSERT_EQUAL(r->pairs_count, 0);
    access_at(r, 1, FL_STEP_UPDATE, &x[0], 102);
    access_at(r, 0, FL_STEP_LOAD, &x[0], 100);
    access_at(r, 0, FL_STEP_FENCE, &x[0], 103); /* no access */
    CU_ASSERT_EQUAL(r->pairs_count, 2);
    CU_ASSERT_EQUAL(r->sites_count, 3);
    reach_end(r);
    begin(r, 9);
    access_at(r, 0, FL_STEP_LOAD, &x[0], 100); /* nothing is left of run 5 */
    CU_ASSERT_EQUAL(r->pairs_count, 2);
    CU_ASSERT_EQUAL(reach_new_until(r), 6);
    CU_ASSERT_TRUE(reach_has(r, 102));
    CU_ASSERT_FALSE(reach_has(r, 103));
    reach_end(r);
    reach_join(all, r, UINT64_MAX);
    CU_ASSERT_EQUAL(all->ways_count, 2);
    CU_ASSERT_EQUAL(reach_looked(all), 2);
    free(r);
    free(all);
}

/* Two threads, and one of them reads before or after the other stores. */
static void make_order(struct reach *r, uint64_t index, bool first)
{
    static const int x[8];
    begin(r, index);
    if (first) {
        access_at(r, 0, FL_STEP_LOAD, &x[0], 100);
    }
    access_at(r, 1, FL_STEP_STORE, &x[0], 101);
    access_at(r, index % 2, FL_STEP_STORE, &x[4], 102); /* nobody reads it */
    if (!first) {
        access_at(r, 0, FL_STEP_LOAD, &x[0], 100);
    }
    reach_end(r);
}

static void ways_are_who_read_from_whom(void)
{
    struct reach *all = make();
    struct reach *r = make();
    make_order(r, 2, true);
    make_order(r, 4, true);
    make_order(r, 6, false);
    reach_join(all, r, UINT64_MAX);
    CU_ASSERT_EQUAL(all->ways_count, 2);
    free(r);
    free(all);
}

/* Run `index`, a function of it alone. */
static void make_run(struct reach *r, uint64_t index)
{
    static const int x[64];
    uint64_t word = index * 0x9e3779b97f4a7c15u;
    begin(r, index);
    for (uint32_t i = 0; i < 12; i++) {
        word ^= word >> 27;
        word *= 0xbf58476d1ce4e5b9u;
        access_at(r, (uint32_t)(word >> 40) % 3,
                  word >> 63 != 0 ? FL_STEP_LOAD : FL_STEP_UPDATE,
                  &x[(word >> 20) % 4 * 8], 1000 + (word >> 33) % CODES);
    }
    reach_end(r);
}

static void workers_together_are_like_one(void)
{
    struct reach *one = make();
    struct reach *all = make();
    struct reach *alone = make();
    for (uint64_t i = 0; i < RUNS; i++) {
        make_run(alone, i);
    }
    reach_join(one, alone, UINT64_MAX);
    for (uint32_t k = WORKERS; k-- > 0;) {
        struct reach *worker = make();
        for (uint64_t i = k; i < RUNS; i += WORKERS) {
            make_run(worker, i);
        }
        reach_join(all, worker, UINT64_MAX);
        free(worker);
    }
    CU_ASSERT_EQUAL(reach_looked(all), RUNS);
    CU_ASSERT_EQUAL(all->sites_count, CODES);
    CU_ASSERT_EQUAL(all->pairs_count, one->pairs_count);
    CU_ASSERT_EQUAL(all->ways_count, one->ways_count);
    CU_ASSERT_EQUAL(all->ways_count, RUNS);
    CU_ASSERT_EQUAL(reach_new_until(all), reach_new_until(one));
    CU_ASSERT_TRUE(reach_new_until(all) > 1 && reach_new_until(all) < RUNS);
    CU_ASSERT_FALSE(all->full);
    free(alone);
    free(one);
    free(all);
}

/* The sets of all runs, cut behind some, are those of these. */
static void a_cut_is_as_if_no_more_were_made(void)
{
    struct reach *whole = make();
    for (uint64_t i = 0; i < RUNS; i++) {
        make_run(whole, i);
    }
    for (uint64_t next = 0; next <= RUNS; next += 7) {
        struct reach *cut = make();
        struct reach *some = make();
        struct reach *joined = make();
        reach_join(cut, whole, next);
        for (uint64_t i = 0; i < next; i++) {
            make_run(some, i);
        }
        CU_ASSERT_EQUAL(cut->sites_count, some->sites_count);
        CU_ASSERT_EQUAL(cut->pairs_count, some->pairs_count);
        CU_ASSERT_EQUAL(cut->ways_count, some->ways_count);
        CU_ASSERT_EQUAL(reach_new_until(cut), reach_new_until(some));
        /* Gone on with; what was made behind the cut is made again. */
        for (uint64_t i = next; i < RUNS; i++) {
            make_run(some, i);
        }
        reach_join(joined, cut, UINT64_MAX);
        reach_join(joined, some, UINT64_MAX);
        reach_join(joined, whole, UINT64_MAX);
        CU_ASSERT_EQUAL(joined->ways_count, RUNS);
        CU_ASSERT_EQUAL(reach_looked(joined), RUNS);
        CU_ASSERT_EQUAL(reach_new_until(joined), reach_new_until(whole));
        free(cut);
        free(some);
        free(joined);
    }
    free(whole);
}

/* Of the runs of a campaign from `first` on, those below `next` that are looked
 * at: those below `next` of all that are. */
static void a_cut_takes_the_runs_before_it(void)
{
    static const uint64_t firsts[] = {0, 1, 169, 199, 200, 12345};
    for (uint32_t f = 0; f < sizeof(firsts) / sizeof(firsts[0]); f++) {
        struct reach *whole = make();
        uint64_t looked = 0;
        whole->first = firsts[f];
        for (uint64_t i = 0; i < 1000; i++) {
            uint32_t sample = reach_sample(firsts[f], firsts[f] + i);
            if (sample != REACH_SAMPLES) {
                reach_next(whole, firsts[f] + i, sample);
                reach_begin(whole, firsts[f] + i);
                reach_end(whole);
                looked++;
            }
            struct reach *cut = make();
            reach_join(cut, whole, firsts[f] + i + 1);
            CU_ASSERT_EQUAL(reach_looked(cut), looked);
            free(cut);
        }
        uint64_t below = 0;
        for (uint64_t next = 0; next < 1000; next++) {
            struct reach *cut = make();
            reach_join(cut, whole, firsts[f] + next);
            CU_ASSERT_EQUAL(reach_looked(cut), below);
            below += reach_sample(firsts[f], firsts[f] + next) != REACH_SAMPLES;
            free(cut);
        }
        CU_ASSERT_EQUAL(looked, below);
        CU_ASSERT_TRUE(looked >= 36 && looked <= 37);
        free(whole);
    }
}

static void what_does_not_fit_is_said(void)
{
    static const int x[8];
    struct reach *r = make();
    begin(r, 0);
    for (uintptr_t i = 0; i < REACH_SITES; i++) {
        access_at(r, 0, FL_STEP_LOAD, &x[0], 1000 + i);
    }
    CU_ASSERT_FALSE(r->full);
    access_at(r, 0, FL_STEP_LOAD, &x[0], 10);
    CU_ASSERT_TRUE(r->full);
    CU_ASSERT_EQUAL(r->sites_count, REACH_SITES);
    CU_ASSERT_FALSE(reach_has(r, 10));
    free(r);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"pairs are who wrote last and who read",
         pairs_are_who_wrote_last_and_who_read},
        {"ways are who read from whom", ways_are_who_read_from_whom},
        {"workers together are like one", workers_together_are_like_one},
        {"a cut is as if no more were made", a_cut_is_as_if_no_more_were_made},
        {"a cut takes the runs before it", a_cut_takes_the_runs_before_it},
        {"what does not fit is said", what_does_not_fit_is_said},
        {NULL, NULL},
    };
    return tap_run("reach", cases);
}
