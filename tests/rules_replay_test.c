/*
 * Rules replayed: they act where they acted, whatever was edited away.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/rules_fixture.h"

#include <time.h>

enum {
    SITES_MAX = 4000
};

/* Some run's sites, drawn from `seed` alone. */
static uint32_t make_sites(uint64_t seed, struct site *sites)
{
    static const enum site_kind kinds[] = {
        SITE_STEP, SITE_STEP, SITE_CAS_WEAK, SITE_ALLOC, SITE_POINT, SITE_SEND};
    struct choice c = {0};
    choice_begin(&c, CHOICE_EXPLORE, seed);
    uint64_t steps[7] = {0};
    uint64_t counts[7][SITES] = {{0}};
    uint64_t start[7] = {0};
    uint32_t operation[7] = {0};
    uint32_t hits = 0;
    for (uint32_t i = 0; i < SITES_MAX; i++) {
        uint32_t thread = choice_below(&c, STREAM_WORKLOAD, 7);
        enum site_kind kind = kinds[choice_below(&c, STREAM_WORKLOAD, 6)];
        if (choice_chance(&c, STREAM_WORKLOAD, 50000)) {
            operation[thread]++;
            start[thread] = steps[thread];
        }
        sites[i] = (struct site){
            .kind = kind,
            .thread = thread,
            .operation = operation[thread],
            .own_step = (uint32_t)(steps[thread] - start[thread]),
            .thread_step = steps[thread],
            .step = i,
            .time = i * UINT64_C(10000),
            .count = ++counts[thread][kind],
            .point = kind == SITE_POINT ? "somewhere" : NULL,
            .hit = kind == SITE_POINT ? ++hits : 0,
            .size = 32,
            .to = kind == SITE_SEND ? (thread + 1) % 7 : UINT32_MAX,
        };
        steps[thread]++;
    }
    return SITES_MAX;
}

struct event {
    uint32_t site;
    struct action action;
};

/* Walks over the sites as a world would; returns the number of events. */
static uint32_t walk(struct stage *s, const struct site *sites, uint32_t count,
                     struct event *events)
{
    uint32_t n = 0;
    struct action action;
    for (uint32_t i = 0; i < count; i++) {
        struct site timed = at_time(sites[i].time);
        timed.step = sites[i].step;
        bool due = rules_moment(s->rules) <= sites[i].time;
        while (due && rules_ask(s->rules, &timed, &action)) {
            events[n++] = (struct event){i, action};
        }
        bool asked =
            (rules_sites(s->rules) >> sites[i].kind & 1) != 0 &&
            (sites[i].kind != SITE_STEP ||
             rules_alarm(s->rules, sites[i].thread) <= sites[i].thread_step);
        struct site site = sites[i];
        while (asked && rules_ask(s->rules, &site, &action)) {
            events[n++] = (struct event){i, action};
        }
        assert(n < SITES_MAX);
    }
    return n;
}

static void many_rules(struct stage *s)
{
    open_stage(s, SYSTEM_NETWORK);
    struct rule *rule = add_rule(s, "delay");
    target_pick(rule, TARGET_NODES, PICK_ANY, 0);
    rule->p_ppm = 20000;
    rule = add_rule(s, "alloc_fail");
    rule->p_ppm = 100000;
    rule = add_rule(s, "loss");
    rule->p_ppm = 100000;
    rule = add_rule(s, "reorder");
    rule->p_ppm = 100000;
    rule = add_rule(s, "partition");
    rule->every = range(UNIT_NS, MS, 2 * MS);
    rule->duration = range(UNIT_NS, MS, 2 * MS);
    rule = add_rule(s, "pause");
    target_pick(rule, TARGET_NODES, PICK_ANY, 0);
    rule->p_ppm = 100000;
    name_one(&add_when(rule)->point, "somewhere");
    rule = add_rule(s, "reuse");
    rule->swarm_ppm = 500000;
}

static struct site sites[SITES_MAX];
static struct event first_walk[SITES_MAX];
static struct event second_walk[SITES_MAX];

static void replay_acts_where_it_acted(void)
{
    for (uint64_t run = 0; run < 20; run++) {
        struct stage s;
        many_rules(&s);
        uint32_t count = make_sites(run + 1, sites);
        begin(&s, run);
        uint32_t events = walk(&s, sites, count, first_walk);
        CU_ASSERT(events > 50);
        uint32_t kept = 0;
        const struct occurrence *all = rules_occurrences(s.rules, &kept);
        CU_ASSERT_EQUAL(kept, events);
        struct trace trace = {.occurrences_count = kept};
        trace.occurrences = calloc(kept, sizeof(*all));
        assert(trace.occurrences != NULL);
        memcpy(trace.occurrences, all, kept * sizeof(*all));

        choice_begin(&s.choice, CHOICE_EXPLORE, 99);
        rules_begin(s.rules, &s.choice, &trace, run);
        uint32_t replayed = walk(&s, sites, count, second_walk);
        CU_ASSERT_EQUAL(replayed, events);
        CU_ASSERT_EQUAL(
            memcmp(first_walk, second_walk, events * sizeof(first_walk[0])), 0);
        CU_ASSERT_EQUAL(s.choice.position[STREAM_FAULTS], 0);
        const struct occurrence *second = rules_occurrences(s.rules, &kept);
        CU_ASSERT_EQUAL(kept, trace.occurrences_count);
        for (uint32_t i = 0; i < kept; i++) {
            CU_ASSERT_EQUAL(second[i].rule, trace.occurrences[i].rule);
        }
        free(trace.occurrences);
        close_stage(&s);
    }
}

/* An edited run: every third site is gone.  What was due elsewhere still
 * acts, and nothing acts that did not. */
static void replay_of_an_edited_run_is_tolerant(void)
{
    struct stage s;
    many_rules(&s);
    uint32_t count = make_sites(3, sites);
    begin(&s, 3);
    uint32_t events = walk(&s, sites, count, first_walk);
    uint32_t kept = 0;
    const struct occurrence *all = rules_occurrences(s.rules, &kept);
    struct trace trace = {.occurrences_count = kept};
    trace.occurrences = calloc(kept, sizeof(*all));
    assert(trace.occurrences != NULL);
    memcpy(trace.occurrences, all, kept * sizeof(*all));
    uint32_t left = 0;
    for (uint32_t i = 0; i < kept; i++) {
        bool moment = trace.occurrences[i].site.kind == SITE_TIME;
        left += moment || trace.occurrences[i].site.step % 3 != 0;
    }
    uint32_t fewer = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (sites[i].step % 3 != 0) {
            sites[fewer++] = sites[i];
        }
    }
    rules_begin(s.rules, &s.choice, &trace, 3);
    uint32_t replayed = walk(&s, sites, fewer, second_walk);
    CU_ASSERT(replayed < events);
    CU_ASSERT_EQUAL(replayed, left);
    free(trace.occurrences);
    close_stage(&s);
}

/* One thread comes to two points, in two operations, later than it did. */
static void a_lenient_replay_goes_by_the_point(void)
{
    struct occurrence acted = {
        .site = {.kind = SITE_POINT,
                 .thread = 1,
                 .operation = 2,
                 .own_step = 5,
                 .point = "inside"},
        .action = {.act = ACT_CRASH},
    };
    struct trace trace = {.occurrences_count = 1, .occurrences = &acted};
    static const struct {
        const char *point;
        uint32_t thread;
        uint32_t operation;
        uint32_t own_step;
        bool acts; /* leniently */
    } walked[] = {
        {"inside", 1, 1, 17, false}, /* the operation before */
        {"inside", 0, 2, 17, false}, /* another thread */
        {"before", 1, 2, 9, false},  /* another point */
        {"inside", 1, 2, 17, true},
        {"inside", 1, 2, 21, false}, /* it is over */
        {"inside", 1, 3, 17, false},
    };
    struct stage s;
    many_rules(&s);
    for (int lenient = 0; lenient < 2; lenient++) {
        begin(&s, 1);
        rules_be_lenient(s.rules, lenient != 0);
        rules_begin(s.rules, &s.choice, &trace, 1);
        for (size_t i = 0; i < sizeof(walked) / sizeof(walked[0]); i++) {
            struct site site = {.kind = SITE_POINT,
                                .thread = walked[i].thread,
                                .operation = walked[i].operation,
                                .own_step = walked[i].own_step,
                                .point = walked[i].point};
            struct action action = {.act = ACT_NONE};
            bool acts = rules_ask(s.rules, &site, &action);
            CU_ASSERT_EQUAL(acts, lenient != 0 && walked[i].acts);
        }
    }
    rules_be_lenient(s.rules, false);
    rules_begin(s.rules, &s.choice, &trace, 1);
    struct action action = {.act = ACT_NONE};
    CU_ASSERT(rules_ask(s.rules, &acted.site, &action)); /* exactly there */
    CU_ASSERT_EQUAL(action.act, ACT_CRASH);
    close_stage(&s);
}

static void arming_is_cheap(void)
{
    struct stage s;
    open_stage(&s, SYSTEM_THREADS);
    struct rule *rule = add_rule(&s, "crash");
    target_pick(rule, TARGET_THREADS, PICK_ANY, 0);
    rule->limit = 1;
    add_when(rule)->step = range(UNIT_STEPS, 1, 400);
    rule = add_rule(&s, "cas_spurious_fail");
    rule->p_ppm = 20000;
    rule->swarm_ppm = 500000;
    rule = add_rule(&s, "alloc_fail");
    target_pick(rule, TARGET_THREADS, PICK_ANY, 0);
    add_when(rule)->call = range(UNIT_NONE, 1, 60);
    begin(&s, 0);
    struct timespec from;
    struct timespec to;
    enum {
        RUNS = 200000
    };
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (uint64_t run = 0; run < RUNS; run++) {
        rules_begin(s.rules, &s.choice, NULL, run);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    double ns = ((double)(to.tv_sec - from.tv_sec) * 1e9 +
                 (double)(to.tv_nsec - from.tv_nsec)) /
                RUNS;
    printf("# rules_begin() of three rules: %.0f ns\n", ns);
    CU_ASSERT(ns < 5000); /* sanitizers and loaded machines included */
    close_stage(&s);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a replay acts where the run acted", replay_acts_where_it_acted},
        {"a lenient replay goes by the point",
         a_lenient_replay_goes_by_the_point},
        {"a replay of an edited run is tolerant",
         replay_of_an_edited_run_is_tolerant},
        {"arming is cheap", arming_is_cheap},
        {NULL, NULL},
    };
    return tap_run("rules_replay", cases);
}
