/*
 * The laws of the strategies that sample, measured on toys (toy.h).
 *
 * What comes out is counted, and held against the law that the paper of the
 * strategy proves.
 *
 * Chi-square limits are those that a true law passes with a probability of one
 * in a million; the seeds are fixed, so nothing here fails by chance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/strategy.h"
#include "tests/tap.h"
#include "tests/toy.h"

#include <string.h>

/* The distance from "all of `count` alike". */
static double chi_square(const struct tally *tally, uint32_t count)
{
    double expected = (double)TOY_SAMPLES / count;
    double sum = (count - tally->count) * expected; /* those never met */
    for (uint32_t i = 0; i < tally->count; i++) {
        double off = tally->times[i] - expected;
        sum += off * off / expected;
    }
    return sum;
}

static void urw_is_uniform_over_interleavings(void)
{
    static struct tally tally;
    struct toy two = toy_make("...", "...", NULL);
    toy_sample(&two, "urw", false, &tally);
    CU_ASSERT_EQUAL(tally.count, 20);
    CU_ASSERT(chi_square(&tally, 20) < 58.0); /* 19 degrees of freedom */
    struct toy uneven = toy_make("..", "......", NULL);
    toy_sample(&uneven, "urw", false, &tally);
    CU_ASSERT_EQUAL(tally.count, 28);
    CU_ASSERT(chi_square(&tally, 28) < 71.0); /* 27 */
    struct toy three = toy_make("..", "..", "..");
    toy_sample(&three, "urw", false, &tally);
    CU_ASSERT_EQUAL(tally.count, 90);
    CU_ASSERT(chi_square(&tally, 90) < 166.0); /* 89 */
    toy_sample(&uneven, "random", false, &tally);
    CU_ASSERT(chi_square(&tally, 28) > 1000.0); /* the test can tell */
}

static void surw_is_uniform_over_orders_of_what_matters(void)
{
    static struct tally tally;
    struct toy toy = toy_make("......a.a", "aa", NULL);
    toy_sample(&toy, "surw", true, &tally);
    CU_ASSERT_EQUAL(tally.count, 6);
    CU_ASSERT(chi_square(&tally, 6) < 37.0); /* 5 degrees of freedom */
    struct toy three = toy_make("a....a", ".a.", "...a");
    toy_sample(&three, "surw", true, &tally);
    CU_ASSERT_EQUAL(tally.count, 12);
    CU_ASSERT(chi_square(&tally, 12) < 48.0); /* 11 */
    toy_sample(&toy, "urw", true, &tally);
    CU_ASSERT(chi_square(&tally, 6) > 1000.0); /* the test can tell */
}

/* SURW chooses the location by itself: each of two has its turn. */
static void surw_looks_at_each_location(void)
{
    static struct tally tally;
    struct toy toy = toy_make("aaaaaaaab", "b", NULL);
    toy_sample(&toy, "surw", true, &tally);
    uint32_t last = 0; /* 'b' of thread 1 behind all of thread 0 */
    for (uint32_t i = 0; i < tally.count; i++) {
        if (tally.orders[i].who[9] == '1') {
            last = tally.times[i];
        }
    }
    /* 'a' is no shared location, so all runs look at 'b': half of them. */
    CU_ASSERT(last > TOY_SAMPLES / 2 - 800 && last < TOY_SAMPLES / 2 + 800);
}

/* Thread 0 comes to its write after k private points; the other one has only
 * its write.  Thread 0 is first if k + 1 draws all beat one: 1 / (k + 2), where
 * a walk has 2^-(k+1). */
static void pos_gives_every_partial_order_its_chance(void)
{
    static struct tally tally;
    struct toy toy = toy_make(".......a", "a", NULL);
    toy_sample(&toy, "pos", true, &tally);
    CU_ASSERT_EQUAL(tally.count, 2);
    uint32_t first =
        tally.orders[0].who[0] == '0' ? tally.times[0] : tally.times[1];
    CU_ASSERT(first > TOY_SAMPLES / 9 - 400 && first < TOY_SAMPLES / 9 + 400);
    struct toy both = toy_make(".ab.", "b.a", "Ba");
    toy_sample(&both, "pos", true, &tally);
    CU_ASSERT_EQUAL(tally.count, 90); /* 6! / 2!2!2! */
}

/* A bug of depth 3 on two threads: PCT promises 1 / (n k^2). */
static void pct_keeps_its_promise_at_depth_three(void)
{
    static struct tally tally;
    struct toy toy = toy_make("....", "....", NULL);
    toy.profile.depth = 3;
    toy_sample(&toy, "pct", false, &tally);
    uint32_t least = TOY_SAMPLES;
    uint32_t met = 0;
    for (uint32_t i = 0; i < tally.count; i++) {
        if (strcmp(tally.orders[i].who, "00111100") == 0 ||
            strcmp(tally.orders[i].who, "01111000") == 0 ||
            strcmp(tally.orders[i].who, "00011110") == 0) {
            least = tally.times[i] < least ? tally.times[i] : least;
            met++;
        }
    }
    CU_ASSERT_EQUAL(met, 3);
    CU_ASSERT(least > TOY_SAMPLES / (2 * 8 * 8)); /* n k^2, k = 8 */
}

static uint32_t preemptions_of(const struct toy *toy, const struct order *order)
{
    uint32_t count = 0;
    uint32_t left[TOY_THREADS];
    for (uint32_t t = 0; t < toy->threads; t++) {
        left[t] = toy->points[t];
    }
    for (size_t i = 0; order->who[i] != '\0'; i++) {
        uint32_t t = (uint32_t)(order->who[i] - '0');
        left[t]--;
        bool leaves =
            order->who[i + 1] != '\0' && order->who[i + 1] != order->who[i];
        count += leaves && left[t] > 0 ? 1 : 0;
    }
    return count;
}

static void delays_are_bounded(void)
{
    static struct tally tally;
    struct toy toy = toy_make("...", "...", "...");
    toy.profile.delays = 2;
    toy_sample(&toy, "delay", false, &tally);
    for (uint32_t i = 0; i < tally.count; i++) {
        CU_ASSERT(preemptions_of(&toy, &tally.orders[i]) <= 2);
    }
    CU_ASSERT(tally.count > 30);
}

/* Two threads of four points: the first 2 (1 + 9) runs are all schedules
 * without a preemption, and all with one. */
static void systematic_runs_miss_nothing(void)
{
    const struct strategy *systematic = strategy_find("systematic");
    static struct tally tally;
    memset(&tally, 0, sizeof(tally));
    struct toy toy = toy_make("....", "....", NULL);
    toy_tell(&toy);
    for (uint32_t i = 0; i < 20; i++) {
        toy.profile.turn = i;
        struct order order = toy_run(&toy, systematic, toy_state());
        CU_ASSERT(preemptions_of(&toy, &order) <= 1);
        toy_count(&tally, &order);
    }
    CU_ASSERT_EQUAL(tally.count, 2 + 6); /* one switch behind 1, 2, 3 points */
    for (uint32_t i = 20; i < 2 * (1 + 9 + 36); i++) {
        toy.profile.turn = i;
        struct order order = toy_run(&toy, systematic, toy_state());
        CU_ASSERT(preemptions_of(&toy, &order) <= 2);
        toy_count(&tally, &order);
    }
    CU_ASSERT(tally.count > 20);
}

/* A thread that another one waits for is not starved behind fair_after. */
static void long_runs_become_fair(void)
{
    static const char *const unfair[] = {"pct", "delay", "systematic"};
    for (uint32_t i = 0; i < 3; i++) {
        const struct strategy *s = strategy_find(unfair[i]);
        struct toy toy = toy_make("....", "....", NULL);
        toy.profile.fair_after = 100;
        toy_tell(&toy);
        s->begin(toy_state(), &toy.profile, &toy.choice);
        struct moment moment = {.enabled = 3, .running = 0};
        uint32_t times[2] = {0};
        for (moment.step = 100; moment.step < 1100;) {
            struct pick pick = s->pick(toy_state(), &moment, &toy.choice);
            uint64_t made = pick.distance < 1100 ? pick.distance : 1100;
            times[pick.thread] += (uint32_t)made;
            moment.step += made;
            moment.running = pick.thread;
        }
        CU_ASSERT(times[0] > 300 && times[1] > 300);
    }
}

/* Each has the runs 0, 1, 2, ... of its own, whoever makes them. */
static void the_portfolio_shares_out_by_index_alone(void)
{
    const struct strategy *all = strategy_find("auto");
    uint64_t next[STRATEGIES_MAX] = {0};
    uint64_t systematic = 0;
    for (uint64_t index = 0; index < 4096; index++) {
        uint64_t turn = 0;
        uint64_t again = 0;
        const struct strategy *s = all->member(index, &turn);
        CU_ASSERT_PTR_EQUAL(s, all->member(index, &again));
        CU_ASSERT_EQUAL(turn, again);
        uint32_t at = 0;
        while (strategies[at] != s) {
            at++;
        }
        CU_ASSERT_EQUAL(turn, next[at]);
        next[at]++;
        systematic += strcmp(s->name, "systematic") == 0 ? 1 : 0;
        CU_ASSERT(index < 1000 || systematic <= index / 10);
    }
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        bool samples =
            strategies[i]->pick != NULL && strategies[i]->end == NULL;
        CU_ASSERT_EQUAL(next[i] > 0, samples);
    }
}

static void the_same_seed_draws_the_same(void)
{
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        const struct strategy *s = strategies[i];
        if (s->pick == NULL || s->end != NULL) {
            continue;
        }
        struct order orders[2];
        for (uint32_t k = 0; k < 2; k++) {
            struct toy toy = toy_make("..a.b", "a.b", "A.B");
            toy_tell(&toy);
            for (uint32_t r = 0; r < 50; r++) {
                toy.profile.turn = r;
                orders[k] = toy_run(&toy, s, toy_state());
            }
        }
        CU_ASSERT_STRING_EQUAL(orders[0].who, orders[1].who);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"URW is uniform over interleavings",
         urw_is_uniform_over_interleavings},
        {"SURW is uniform over orders of what matters",
         surw_is_uniform_over_orders_of_what_matters},
        {"SURW looks at each shared location", surw_looks_at_each_location},
        {"POS gives every partial order its chance",
         pos_gives_every_partial_order_its_chance},
        {"PCT keeps its promise at depth three",
         pct_keeps_its_promise_at_depth_three},
        {"delays are bounded", delays_are_bounded},
        {"systematic runs miss nothing", systematic_runs_miss_nothing},
        {"long runs become fair", long_runs_become_fair},
        {"the portfolio shares out by index alone",
         the_portfolio_shares_out_by_index_alone},
        {"the same seed draws the same", the_same_seed_draws_the_same},
        {NULL, NULL},
    };
    return tap_run("sampling", cases);
}
