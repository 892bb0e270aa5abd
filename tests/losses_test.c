/*
 * What crashes lose: bounds in operations and in time, and the least that they
 * must have lost, against the twin; and violations explained.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/eras.h"
#include "tests/survival_twin.h"
#include "tests/tap.h"

#include "checker/check.h"
#include "checker/explain.h"
#include "checker/loss_window.h"

enum {
    HISTORIES = 24000,
    OPERATIONS = 4
};

struct bench {
    struct fl_history *h;
    struct fl_strings *strings;
    uint64_t seed;
    struct fl_options options;
};

static void begin(struct bench *b, uint64_t seed)
{
    *b = (struct bench){.seed = seed};
    b->h = fl_history_new(fl_models[0], RANDOM_OPERATIONS_MAX, 16);
    b->strings = fl_strings_new();
    assert(b->h != NULL && b->strings != NULL);
    b->h->strings = fl_strings_hold(b->strings);
}

static void end(struct bench *b)
{
    fl_strings_release(b->strings);
    fl_history_free(b->h);
}

/* A history with one or two crashes of everybody. */
static void make(struct bench *b, uint32_t number, uint32_t crashes)
{
    uint32_t models = 0;
    while (fl_models[models] != NULL) {
        models++;
    }
    struct random_wish wish = {
        .model = fl_models[number % models],
        .operations = 2 + random_below(&b->seed, OPERATIONS - 1),
        .clients = 1 + random_below(&b->seed, 3),
        .keys = 1,
        .capacity = random_below(&b->seed, 3),
        .relax = 1 + random_below(&b->seed, 2),
        .distinct = random_below(&b->seed, 2),
        .changed = random_below(&b->seed, 3) > 0,
        .strings = b->strings,
    };
    random_history(b->h, &wish, &b->seed);
    for (uint32_t k = 0; k < crashes; k++) {
        eras_add(b->h, FL_EVENT_CRASH_ALL, &b->seed);
    }
    if (random_below(&b->seed, 4) == 0) {
        eras_add(b->h, FL_EVENT_SYNC, &b->seed);
    }
    for (uint32_t e = 0; e < b->h->events_count; e++) {
        bool crash = b->h->events[e].kind == FL_EVENT_CRASH_ALL;
        for (uint32_t k = random_below(&b->seed, 3); crash && k > 0; k--) {
            eras_lose(b->h, e, &b->seed);
        }
    }
    eras_time(b->h, &b->seed);
    b->options = (struct fl_options){.criterion = random_below(&b->seed, 2) == 0
                                                      ? FL_BUFFERED_DURABLE
                                                      : FL_BUFFERED_STRICT,
                                     .capacity = wish.capacity,
                                     .relax = wish.relax};
}

static enum fl_verdict decide(const struct bench *b)
{
    struct fl_result *result = NULL;
    enum fl_status status = fl_check(b->h, &b->options, &result);
    CU_ASSERT_EQUAL_FATAL(status, FL_OK);
    enum fl_verdict verdict = result->verdict;
    bool proved =
        verdict != FL_PASS ||
        fl_witness_holds(b->h, &b->options, result->order, result->order_count);
    CU_ASSERT(proved);
    fl_result_free(result);
    return verdict;
}

static void losses_are_bounded_in_time(void)
{
    struct bench b;
    begin(&b, 0x71e);
    uint32_t apart = 0;
    uint32_t passes = 0;
    for (uint32_t i = 0; i < HISTORIES; i++) {
        make(&b, i, 1 + i / 64 % 2);
        bool unbounded = survives(b.h, &b.options);
        b.options.loss_timed = true;
        b.options.loss_ns = random_below(&b.seed, 12);
        bool expected = survives(b.h, &b.options);
        CU_ASSERT_EQUAL(decide(&b), expected ? FL_PASS : FL_VIOLATION);
        apart += expected != unbounded;
        passes += expected;
    }
    printf("# %u of %u pass, %u fail for their bound alone\n", passes,
           (unsigned)HISTORIES, apart);
    CU_ASSERT(apart > HISTORIES / 400);
    end(&b);
}

/* The least bound with which the twin passes. */
static uint32_t least_operations(struct bench *b)
{
    b->options.loss_bounded = true;
    b->options.loss_max = 0;
    while (!survives(b->h, &b->options)) {
        b->options.loss_max++;
    }
    b->options.loss_bounded = false;
    return b->options.loss_max;
}

/* The age below the least bound with which the twin passes. */
static uint64_t least_time(struct bench *b)
{
    b->options.loss_timed = true;
    b->options.loss_ns = 0;
    while (!survives(b->h, &b->options)) {
        b->options.loss_ns++;
    }
    b->options.loss_timed = false;
    return b->options.loss_ns == 0 ? 0 : b->options.loss_ns - 1;
}

/* One crash: then what it alone must have lost is what the twin says. */
static void check_alone(struct bench *b, const struct fl_loss_window *w)
{
    const struct fl_loss *loss = &w->losses[0];
    CU_ASSERT_EQUAL(loss->least, w->together);
    CU_ASSERT_EQUAL(loss->ns, w->together_ns);
    CU_ASSERT_EQUAL(loss->oldest == FL_OPEN, loss->least == 0);
    CU_ASSERT(loss->oldest == FL_OPEN ||
              b->h->times[loss->at] -
                      b->h->times[b->h->operations[loss->oldest].ret] ==
                  loss->ns);
}

static void windows_are_the_least(void)
{
    struct bench b;
    begin(&b, 0x3d0);
    uint32_t some[3] = {0};
    uint32_t failed = 0;
    for (uint32_t i = 0; i < HISTORIES; i++) {
        make(&b, i, 1 + i / 64 % 2);
        struct fl_loss_window *w = NULL;
        enum fl_status status = fl_loss_measure(b.h, &b.options, &w);
        CU_ASSERT_EQUAL_FATAL(status, FL_OK);
        bool expected = survives(b.h, &b.options);
        CU_ASSERT_EQUAL(w->verdict, expected ? FL_PASS : FL_VIOLATION);
        CU_ASSERT_EQUAL(w->count, 1 + i / 64 % 2);
        failed += !expected;
        if (expected) {
            CU_ASSERT_EQUAL(w->together, least_operations(&b));
            CU_ASSERT_EQUAL(w->together_ns, least_time(&b));
            for (uint32_t c = 0; c < w->count; c++) {
                CU_ASSERT(w->losses[c].least <= w->together);
                CU_ASSERT(w->losses[c].ns <= w->together_ns);
            }
            if (w->count == 1) {
                check_alone(&b, w);
            }
            some[w->together < 2 ? w->together : 2]++;
        }
        free(w);
    }
    printf("# lost none %u, one %u, more %u; %u cannot be explained\n", some[0],
           some[1], some[2], failed);
    CU_ASSERT(some[1] > 50 && some[2] > 5 && failed > HISTORIES / 20);
    end(&b);
}

static uint32_t era_of(const struct fl_history *h, uint32_t i)
{
    uint32_t era = 0;
    for (uint32_t e = 0; e < h->events_count; e++) {
        era += h->events[e].kind == FL_EVENT_CRASH_ALL &&
               h->events[e].at < h->operations[i].call;
    }
    return era;
}

static bool is_done(const struct fl_configuration *c, uint32_t i)
{
    return (c->done[i / 64] >> (i % 64) & 1) != 0;
}

/* The first return of an era's operations that wait in `at`. */
static uint32_t least_return(const struct fl_history *h,
                             const struct fl_configuration *at, uint32_t era)
{
    uint32_t least = FL_OPEN;
    for (uint32_t i = 0; i < h->count; i++) {
        bool waits = era_of(h, i) == era && !is_done(at, i);
        least = waits && h->operations[i].ret < least ? h->operations[i].ret
                                                      : least;
    }
    return least;
}

/* Whether operation `i` leads from configuration `c`, or is refused there. */
static bool is_tried(const struct fl_explanation *e, uint32_t c, uint32_t i)
{
    bool found = false;
    for (uint32_t k = 0; k < e->edges_count; k++) {
        found = found || (e->edges[k].from == c && e->edges[k].by == i);
    }
    for (uint32_t k = 0; k < e->refusals_count; k++) {
        found = found || (e->refusals[k].at == c && e->refusals[k].by == i);
    }
    return found;
}

/* Every returned operation of its era that could be next in a configuration of
 * the era that fails is an edge or a refusal. */
static void check_graph(const struct fl_history *h,
                        const struct fl_explanation *e)
{
    uint32_t last = era_of(h, e->stuck);
    for (uint32_t c = 0; c < e->configurations_count; c++) {
        const struct fl_configuration *at = &e->configurations[c];
        if (at->era != last) {
            continue;
        }
        uint32_t least = least_return(h, at, last);
        CU_ASSERT(least != FL_OPEN);
        for (uint32_t i = 0; i < h->count; i++) {
            bool next = era_of(h, i) == last && !is_done(at, i) &&
                        h->operations[i].ret != FL_OPEN &&
                        h->operations[i].call < least;
            CU_ASSERT(!next || is_tried(e, c, i));
        }
    }
}

static void violations_are_explained(void)
{
    struct bench b;
    begin(&b, 0xec5);
    uint32_t explained = 0;
    uint32_t lost = 0;
    for (uint32_t i = 0; i < HISTORIES; i++) {
        make(&b, i, 1 + i / 64 % 2);
        b.options.loss_bounded = random_below(&b.seed, 2);
        b.options.loss_max = 0;
        struct fl_explanation *e = NULL;
        bool fails = decide(&b) == FL_VIOLATION;
        enum fl_status status = fl_explain(b.h, &b.options, &e);
        CU_ASSERT_EQUAL(status, fails ? FL_OK : FL_BAD_INPUT);
        if (status != FL_OK) {
            continue;
        }
        explained++;
        CU_ASSERT(e->complete);
        CU_ASSERT(e->stuck < b.h->count);
        CU_ASSERT_EQUAL(e->crashes_count, era_of(b.h, e->stuck));
        for (uint32_t k = 0; k < e->prefix_count; k++) {
            CU_ASSERT(e->prefix[k] < b.h->count);
            CU_ASSERT(e->prefix[k] != e->stuck);
        }
        for (uint32_t k = 0; k < e->crashes_count; k++) {
            CU_ASSERT(e->crashes[k].before <= e->prefix_count);
            CU_ASSERT_EQUAL(e->crashes[k].lost > 0,
                            e->crashes[k].what[0] != '\0');
            CU_ASSERT(!b.options.loss_bounded || e->crashes[k].lost == 0);
            lost += e->crashes[k].lost;
        }
        check_graph(b.h, e);
        fl_explanation_free(e);
    }
    printf("# %u explained, with %u lost operations\n", explained, lost);
    CU_ASSERT(explained > HISTORIES / 20 && lost > 20);
    end(&b);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a crash loses only what is recent enough",
         losses_are_bounded_in_time},
        {"loss windows are the least that explain", windows_are_the_least},
        {"violations are explained", violations_are_explained},
        {NULL, NULL},
    };
    return tap_run("losses", cases);
}
