/*
 * The laws of the strategies that sample, measured on toys.
 *
 * A toy is a few threads with a list of operations each, on locations that are
 * numbers.  A driver asks the strategy as the world asks an attentive one: at
 * every point, with what each thread is about to do.  What comes out is
 * counted, and held against the law that the paper of the strategy proves.
 *
 * Chi-square limits are those that a true law passes with a probability of one
 * in a million; the seeds are fixed, so nothing here fails by chance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/strategy.h"
#include "harness/sim/schedule/survey.h"
#include "tests/tap.h"

#include <string.h>

enum {
    THREADS_MAX = 3,
    POINTS_MAX = 12,
    ORDERS_MAX = 128,
    STATE_MAX = 1 << 20,
    SAMPLES = 40000,
    NOBODY = 64,
};

/* The operations of one thread: 'a' .. 'd' write a shared location, 'A' .. 'D'
 * read it, '.' is private. */
struct toy {
    uint32_t threads;
    const char *code[THREADS_MAX];
    struct choice choice;
    struct profile profile;
    struct survey survey;
    uint32_t points[STRATEGY_THREADS];
};

/* Who made each point, as text: "0110". */
struct order {
    char who[THREADS_MAX * POINTS_MAX + 1];
};

static char cells[THREADS_MAX * POINTS_MAX + 32]; /* what addresses are of */

static void *state_of(void)
{
    static _Alignas(64) unsigned char state[STATE_MAX];
    return state;
}

static struct operation operation_of(char c, uint32_t thread, size_t at)
{
    struct operation o = {.kind = FL_STEP_STORE, .size = 1};
    if (c == '\0') { /* it has ended */
        o.location = NULL;
    } else if (c == '.') {
        o.location = &cells[32 + thread * POINTS_MAX + at];
    } else if (c >= 'a') {
        o.location = &cells[c - 'a'];
    } else {
        o.location = &cells[c - 'A'];
        o.kind = FL_STEP_LOAD;
    }
    return o;
}

/* One run: asks wherever the strategy wants to be asked. */
static struct order run_toy(struct toy *toy, const struct strategy *strategy,
                            void *state)
{
    struct order order = {""};
    struct operation pending[NOBODY] = {{0}};
    size_t at[THREADS_MAX] = {0};
    uint64_t enabled = ((uint64_t)1 << toy->threads) - 1;
    strategy->begin(state, &toy->profile, &toy->choice);
    struct moment moment = {.running = NOBODY, .forced = true};
    struct pick pick = {.distance = 0};
    uint64_t due = 0;
    for (uint64_t step = 0; enabled != 0; step++) {
        for (uint32_t t = 0; t < toy->threads; t++) {
            pending[t] = operation_of(toy->code[t][at[t]], t, at[t]);
        }
        if (moment.forced || step >= due) {
            moment.enabled = enabled;
            moment.step = step;
            moment.pending = pending;
            pick = strategy->pick(state, &moment, &toy->choice);
            due =
                pick.distance == UINT64_MAX ? UINT64_MAX : step + pick.distance;
        }
        order.who[step] = (char)('0' + pick.thread);
        moment.running = pick.thread;
        moment.forced = toy->code[pick.thread][++at[pick.thread]] == '\0';
        if (moment.forced) {
            enabled &= ~((uint64_t)1 << pick.thread);
        }
    }
    return order;
}

static struct toy make_toy(const char *a, const char *b, const char *c)
{
    struct toy toy = {.threads = c == NULL ? 2 : 3, .code = {a, b, c}};
    memset(state_of(), 0, STATE_MAX);
    choice_begin(&toy.choice, CHOICE_EXPLORE, 77);
    toy.profile.threads = toy.threads;
    (void)run_toy(&toy, &strategy_survey, &toy.survey);
    survey_end(&toy.survey);
    for (uint32_t t = 0; t < toy.threads; t++) {
        toy.points[t] = (uint32_t)strlen(toy.code[t]);
        CU_ASSERT_EQUAL(toy.survey.points[t], toy.points[t]);
        toy.profile.steps += toy.points[t];
    }
    return toy;
}

/* Points into the toy itself, so it is done where the toy stays. */
static void tell(struct toy *toy)
{
    toy->profile.points = toy->points;
    toy->profile.survey = &toy->survey;
}

/* The part of an order that is about shared operations. */
static struct order shared_of(const struct toy *toy, const struct order *order)
{
    struct order shared = {""};
    size_t at[THREADS_MAX] = {0};
    size_t length = 0;
    for (size_t i = 0; order->who[i] != '\0'; i++) {
        uint32_t t = (uint32_t)(order->who[i] - '0');
        if (toy->code[t][at[t]++] != '.') {
            shared.who[length++] = order->who[i];
        }
    }
    return shared;
}

struct tally {
    uint32_t count;
    struct order orders[ORDERS_MAX];
    uint32_t times[ORDERS_MAX];
};

static void tally_add(struct tally *tally, const struct order *order)
{
    uint32_t i = 0;
    while (i < tally->count && strcmp(tally->orders[i].who, order->who) != 0) {
        i++;
    }
    if (i == ORDERS_MAX) {
        CU_FAIL("more orders than there are");
        return;
    }
    if (i == tally->count) {
        tally->count++;
        tally->orders[i] = *order;
    }
    tally->times[i]++;
}

static void sample(struct toy *toy, const char *name, bool shared,
                   struct tally *tally)
{
    const struct strategy *strategy = strategy_find(name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(strategy);
    memset(tally, 0, sizeof(*tally));
    tell(toy);
    for (uint32_t i = 0; i < SAMPLES; i++) {
        toy->profile.turn = i;
        struct order order = run_toy(toy, strategy, state_of());
        struct order part = shared_of(toy, &order);
        tally_add(tally, shared ? &part : &order);
    }
}

/* The distance from "all of `count` alike". */
static double chi_square(const struct tally *tally, uint32_t count)
{
    double expected = (double)SAMPLES / count;
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
    struct toy two = make_toy("...", "...", NULL);
    sample(&two, "urw", false, &tally);
    CU_ASSERT_EQUAL(tally.count, 20);
    CU_ASSERT(chi_square(&tally, 20) < 58.0); /* 19 degrees of freedom */
    struct toy uneven = make_toy("..", "......", NULL);
    sample(&uneven, "urw", false, &tally);
    CU_ASSERT_EQUAL(tally.count, 28);
    CU_ASSERT(chi_square(&tally, 28) < 71.0); /* 27 */
    struct toy three = make_toy("..", "..", "..");
    sample(&three, "urw", false, &tally);
    CU_ASSERT_EQUAL(tally.count, 90);
    CU_ASSERT(chi_square(&tally, 90) < 166.0); /* 89 */
    sample(&uneven, "random", false, &tally);
    CU_ASSERT(chi_square(&tally, 28) > 1000.0); /* the test can tell */
}

static void surw_is_uniform_over_orders_of_what_matters(void)
{
    static struct tally tally;
    struct toy toy = make_toy("......a.a", "aa", NULL);
    sample(&toy, "surw", true, &tally);
    CU_ASSERT_EQUAL(tally.count, 6);
    CU_ASSERT(chi_square(&tally, 6) < 37.0); /* 5 degrees of freedom */
    struct toy three = make_toy("a....a", ".a.", "...a");
    sample(&three, "surw", true, &tally);
    CU_ASSERT_EQUAL(tally.count, 12);
    CU_ASSERT(chi_square(&tally, 12) < 48.0); /* 11 */
    sample(&toy, "urw", true, &tally);
    CU_ASSERT(chi_square(&tally, 6) > 1000.0); /* the test can tell */
}

/* SURW chooses the location by itself: each of two has its turn. */
static void surw_looks_at_each_location(void)
{
    static struct tally tally;
    struct toy toy = make_toy("aaaaaaaab", "b", NULL);
    sample(&toy, "surw", true, &tally);
    uint32_t last = 0; /* 'b' of thread 1 behind all of thread 0 */
    for (uint32_t i = 0; i < tally.count; i++) {
        if (tally.orders[i].who[9] == '1') {
            last = tally.times[i];
        }
    }
    /* 'a' is no shared location, so all runs look at 'b': half of them. */
    CU_ASSERT(last > SAMPLES / 2 - 800 && last < SAMPLES / 2 + 800);
}

/* Thread 0 comes to its write after k private points; the other one has only
 * its write.  Thread 0 is first if k + 1 draws all beat one: 1 / (k + 2), where
 * a walk has 2^-(k+1). */
static void pos_gives_every_partial_order_its_chance(void)
{
    static struct tally tally;
    struct toy toy = make_toy(".......a", "a", NULL);
    sample(&toy, "pos", true, &tally);
    CU_ASSERT_EQUAL(tally.count, 2);
    uint32_t first =
        tally.orders[0].who[0] == '0' ? tally.times[0] : tally.times[1];
    CU_ASSERT(first > SAMPLES / 9 - 400 && first < SAMPLES / 9 + 400);
    struct toy both = make_toy(".ab.", "b.a", "Ba");
    sample(&both, "pos", true, &tally);
    CU_ASSERT_EQUAL(tally.count, 90); /* 6! / 2!2!2! */
}

/* A bug of depth 3 on two threads: PCT promises 1 / (n k^2). */
static void pct_keeps_its_promise_at_depth_three(void)
{
    static struct tally tally;
    struct toy toy = make_toy("....", "....", NULL);
    toy.profile.depth = 3;
    sample(&toy, "pct", false, &tally);
    uint32_t least = SAMPLES;
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
    CU_ASSERT(least > SAMPLES / (2 * 8 * 8)); /* n k^2, k = 8 */
}

static uint32_t preemptions_of(const struct toy *toy, const struct order *order)
{
    uint32_t count = 0;
    uint32_t left[THREADS_MAX];
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
    struct toy toy = make_toy("...", "...", "...");
    toy.profile.delays = 2;
    sample(&toy, "delay", false, &tally);
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
    struct toy toy = make_toy("....", "....", NULL);
    tell(&toy);
    for (uint32_t i = 0; i < 20; i++) {
        toy.profile.turn = i;
        struct order order = run_toy(&toy, systematic, state_of());
        CU_ASSERT(preemptions_of(&toy, &order) <= 1);
        tally_add(&tally, &order);
    }
    CU_ASSERT_EQUAL(tally.count, 2 + 6); /* one switch behind 1, 2, 3 points */
    for (uint32_t i = 20; i < 2 * (1 + 9 + 36); i++) {
        toy.profile.turn = i;
        struct order order = run_toy(&toy, systematic, state_of());
        CU_ASSERT(preemptions_of(&toy, &order) <= 2);
        tally_add(&tally, &order);
    }
    CU_ASSERT(tally.count > 20);
}

/* A thread that another one waits for is not starved behind fair_after. */
static void long_runs_become_fair(void)
{
    static const char *const unfair[] = {"pct", "delay", "systematic"};
    for (uint32_t i = 0; i < 3; i++) {
        const struct strategy *s = strategy_find(unfair[i]);
        struct toy toy = make_toy("....", "....", NULL);
        toy.profile.fair_after = 100;
        tell(&toy);
        s->begin(state_of(), &toy.profile, &toy.choice);
        struct moment moment = {.enabled = 3, .running = 0};
        uint32_t times[2] = {0};
        for (moment.step = 100; moment.step < 1100;) {
            struct pick pick = s->pick(state_of(), &moment, &toy.choice);
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
            struct toy toy = make_toy("..a.b", "a.b", "A.B");
            tell(&toy);
            for (uint32_t r = 0; r < 50; r++) {
                toy.profile.turn = r;
                orders[k] = run_toy(&toy, s, state_of());
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
