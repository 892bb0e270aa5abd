/*
 * Strategies, on toy programs small enough to know what must come out.
 *
 * A toy has threads of a known number of points each and no data; a driver
 * asks the strategy as the world does: when its distance is over, and when the
 * running thread ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/strategy.h"
#include "tests/tap.h"

#include <string.h>

enum {
    THREADS_MAX = 3,
    POINTS_MAX = 8,
    STATE_MAX = 1 << 20,
    SAMPLES = 60000,
};

/* An order of points: which thread made each. */
struct order {
    uint32_t count;
    uint8_t thread[THREADS_MAX * POINTS_MAX];
};

struct toy {
    uint32_t threads;
    uint32_t points; /* of each thread */
    struct choice choice;
    struct profile profile;
};

static void *state_of(void)
{
    static _Alignas(64) unsigned char state[STATE_MAX];
    return state;
}

/* One run of the toy; a thread's points are pieces between decisions. */
static struct order run_toy(struct toy *toy, const struct strategy *strategy,
                            void *state)
{
    struct order order = {.count = 0};
    uint32_t left[THREADS_MAX];
    uint64_t enabled = 0;
    for (uint32_t t = 0; t < toy->threads; t++) {
        left[t] = toy->points;
        enabled |= (uint64_t)1 << t;
    }
    strategy->begin(state, &toy->profile, &toy->choice);
    struct moment moment = {.enabled = enabled, .running = 64, .forced = true};
    struct pick pick = strategy->pick(state, &moment, &toy->choice);
    uint64_t due = pick.distance;
    for (uint64_t step = 0; enabled != 0;) {
        order.thread[order.count++] = (uint8_t)pick.thread;
        step++;
        bool ended = --left[pick.thread] == 0;
        if (ended) {
            enabled &= ~((uint64_t)1 << pick.thread);
        }
        if (enabled != 0 && (ended || step >= due)) {
            moment = (struct moment){.enabled = enabled,
                                     .running = pick.thread,
                                     .forced = ended,
                                     .step = step};
            pick = strategy->pick(state, &moment, &toy->choice);
            due =
                pick.distance == UINT64_MAX ? UINT64_MAX : step + pick.distance;
        }
    }
    return order;
}

static struct toy make_toy(uint32_t threads, uint32_t points, uint64_t seed)
{
    struct toy toy = {.threads = threads, .points = points};
    memset(state_of(), 0, STATE_MAX);
    choice_begin(&toy.choice, CHOICE_EXPLORE, seed);
    toy.profile = (struct profile){.threads = threads,
                                   .steps = (uint64_t)threads * points,
                                   .preemptions = 100};
    return toy;
}

/* Two threads of two points: the walk takes A first, then A again, with
 * probability 1/4; every order with a free choice at each step has 2^-steps. */
static void a_walk_is_fair_at_every_point(void)
{
    const struct strategy *walk = strategy_find("random");
    struct toy toy = make_toy(2, 2, 42);
    uint32_t aab = 0;
    uint32_t aba = 0;
    for (uint32_t i = 0; i < SAMPLES; i++) {
        struct order o = run_toy(&toy, walk, state_of());
        CU_ASSERT_EQUAL(o.count, 4);
        aab += o.thread[0] == 0 && o.thread[1] == 0 ? 1 : 0;
        aba += o.thread[0] == 0 && o.thread[1] == 1 && o.thread[2] == 0 ? 1 : 0;
    }
    /* 1/4 and 1/8 of 60 000, give or take five standard deviations. */
    CU_ASSERT(aab > 14400 && aab < 15600);
    CU_ASSERT(aba > 7050 && aba < 7950);
}

static void a_walk_over_three_is_fair_too(void)
{
    const struct strategy *walk = strategy_find("random");
    struct toy toy = make_toy(3, 3, 43);
    uint32_t same = 0;
    for (uint32_t i = 0; i < SAMPLES; i++) {
        struct order o = run_toy(&toy, walk, state_of());
        same += o.thread[0] == o.thread[1] ? 1 : 0;
    }
    CU_ASSERT(same > 19400 && same < 20600); /* one third */
}

static void a_sticky_walk_stays(void)
{
    const struct strategy *sticky = strategy_find("sticky");
    struct toy toy = make_toy(2, 8, 44);
    uint32_t switches = 0;
    for (uint32_t i = 0; i < 10000; i++) {
        struct order o = run_toy(&toy, sticky, state_of());
        for (uint32_t k = 1; k < o.count; k++) {
            switches += o.thread[k] != o.thread[k - 1] ? 1 : 0;
        }
    }
    /* One switch a run is forced; a fair walk would make seven or eight. */
    CU_ASSERT(switches >= 10000 && switches < 20000);
}

/* A bug of depth 2: thread 1 must run wholly between point `k` of thread 0 and
 * its next one.  PCT finds it with probability at least 1 / (n k). */
static void pct_keeps_its_promise(void)
{
    const struct strategy *pct = strategy_find("pct");
    struct toy toy = make_toy(2, 8, 45);
    toy.profile.depth = 2;
    uint32_t hits = 0;
    for (uint32_t i = 0; i < SAMPLES; i++) {
        struct order o = run_toy(&toy, pct, state_of());
        bool hit = true;
        for (uint32_t k = 0; k < o.count; k++) {
            uint8_t wanted = k < 3 ? 0 : k < 11 ? 1 : 0;
            hit = hit && o.thread[k] == wanted;
        }
        hits += hit ? 1 : 0;
    }
    CU_ASSERT(hits > SAMPLES / (2 * 16) / 2);
}

static void pct_changes_at_most_depth_minus_one_times(void)
{
    const struct strategy *pct = strategy_find("pct");
    struct toy toy = make_toy(2, 8, 46);
    toy.profile.depth = 3;
    for (uint32_t i = 0; i < 10000; i++) {
        struct order o = run_toy(&toy, pct, state_of());
        uint32_t switches = 0;
        for (uint32_t k = 1; k < o.count; k++) {
            switches += o.thread[k] != o.thread[k - 1] ? 1 : 0;
        }
        CU_ASSERT(switches <= 3); /* two changes, and an end */
    }
}

static void round_robin_takes_turns(void)
{
    const struct strategy *rr = strategy_find("round_robin");
    struct toy toy = make_toy(3, 4, 47);
    for (uint32_t i = 0; i < 1000; i++) {
        struct order o = run_toy(&toy, rr, state_of());
        CU_ASSERT_EQUAL(o.count, 12);
        for (uint32_t k = 1; k < o.count; k++) {
            uint32_t next = (o.thread[k - 1] + 1u) % 3;
            CU_ASSERT(o.thread[k] == o.thread[k - 1] || o.thread[k] == next);
        }
    }
}

/* The orders of two threads of n points: C(2n, n), each exactly once. */
static void exhaustive_search_visits_each_order_once(void)
{
    const struct strategy *all = strategy_find("exhaustive");
    struct toy toy = make_toy(2, 4, 48);
    static struct order seen[80];
    uint32_t count = 0;
    bool more = true;
    while (more && count < 80) {
        seen[count++] = run_toy(&toy, all, state_of());
        more = all->end(state_of());
    }
    CU_ASSERT_EQUAL(count, 70);
    CU_ASSERT(all->complete(state_of()));
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            CU_ASSERT(memcmp(seen[i].thread, seen[j].thread, 8) != 0);
        }
    }
}

static void bound_of_preemptions_is_kept(void)
{
    const struct strategy *all = strategy_find("exhaustive");
    for (uint32_t bound = 0; bound < 4; bound++) {
        struct toy toy = make_toy(2, 4, 49);
        toy.profile.preemptions = bound;
        bool more = true;
        while (more) {
            struct order o = run_toy(&toy, all, state_of());
            uint32_t switches = 0;
            for (uint32_t k = 1; k < o.count; k++) {
                switches += o.thread[k] != o.thread[k - 1] ? 1 : 0;
            }
            CU_ASSERT(switches <= bound + 1); /* the end of one is free */
            more = all->end(state_of());
        }
    }
}

static void names_are_found(void)
{
    CU_ASSERT_PTR_NOT_NULL(strategy_find("pct"));
    CU_ASSERT_PTR_NULL(strategy_find("pct "));
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        CU_ASSERT(strategies[i]->size <= STATE_MAX);
        CU_ASSERT(strategy_find(strategies[i]->name) == strategies[i]);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a walk is fair at every point", a_walk_is_fair_at_every_point},
        {"a walk over three is fair, too", a_walk_over_three_is_fair_too},
        {"a sticky walk stays", a_sticky_walk_stays},
        {"PCT keeps its promise", pct_keeps_its_promise},
        {"PCT changes at most depth - 1 times",
         pct_changes_at_most_depth_minus_one_times},
        {"round robin takes turns", round_robin_takes_turns},
        {"exhaustive search visits each order once",
         exhaustive_search_visits_each_order_once},
        {"a bound of preemptions is kept", bound_of_preemptions_is_kept},
        {"strategies are found by name", names_are_found},
        {NULL, NULL},
    };
    return tap_run("schedule", cases);
}
