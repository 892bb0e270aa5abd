/*
 * The kit of the metamorphic tests: a history of any model, its verdict, and
 * room for another that is made of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_METAMORPHIC_FIXTURE_H
#define TESTS_METAMORPHIC_FIXTURE_H

#include "tests/shapes.h"
#include "tests/show_history.h"
#include "tests/tap.h"

#include "checker/check.h"

enum {
    WRONG_MOST = 5,
    SHAPES_SIX = SHAPE_COARSE + 1
};

struct bench {
    struct fl_history *h;
    struct fl_history *changed;
    struct fl_strings *strings;
    struct fl_checker *checker;
    struct fl_options options;
    uint64_t seed;
    uint32_t *order; /* the witness of `h` */
    uint32_t order_count;
    uint32_t tried;
    uint32_t passes;
    uint32_t violations;
    uint32_t wrong;
};

static inline enum fl_verdict decide(struct bench *b,
                                     const struct fl_history *h)
{
    const struct fl_result *r;
    if (fl_checker_decide(b->checker, h, &b->options, &r) != FL_OK) {
        return FL_INCONCLUSIVE;
    }
    if (h == b->h && r->verdict == FL_PASS) {
        b->order_count = r->order_count;
        memcpy(b->order, r->order, r->order_count * sizeof(*b->order));
    }
    return r->verdict;
}

static inline void begin(struct bench *b, uint64_t seed)
{
    *b = (struct bench){.seed = seed};
    b->h = fl_history_new(fl_models[0], DISTINCT_OPERATIONS_MAX, 0);
    b->strings = fl_strings_new();
    b->checker = fl_checker_new();
    b->order = calloc(DISTINCT_OPERATIONS_MAX, sizeof(*b->order));
    assert(b->h != NULL && b->strings != NULL && b->checker != NULL &&
           b->order != NULL);
    b->h->strings = fl_strings_hold(b->strings);
}

static inline void end(struct bench *b)
{
    fl_checker_free(b->checker);
    fl_strings_release(b->strings);
    fl_history_free(b->h);
    free(b->order);
}

/* The next history of all models, shapes and bases, small or not. */
static inline void make_history(struct bench *b, uint32_t number)
{
    static const enum fl_decider deciders[] = {
        FL_DECIDER_AUTO, FL_DECIDER_MONITOR, FL_DECIDER_SEARCH};
    uint32_t models = 0;
    while (fl_models[models] != NULL) {
        models++;
    }
    struct shape_wish wish = {
        .model = fl_models[number % models],
        .base = (enum shape_base)(number / models % BASES),
        .shape = (enum shape)(random_below(&b->seed, SHAPES_SIX)),
        .sound = random_below(&b->seed, 2),
        .operations = 3 + random_below(&b->seed, 10),
        .clients = 1 + random_below(&b->seed, RANDOM_CLIENTS_MAX),
        .keys = 1 + random_below(&b->seed, 4) / 3,
        .distinct = random_below(&b->seed, 2),
        .strings = b->strings,
    };
    if (wish.base == BASE_TURNS) {
        wish.capacity = random_below(&b->seed, 3);
        wish.relax = 1 + random_below(&b->seed, 3);
    } else if (random_below(&b->seed, 4) == 0) {
        wish.operations = 20 + random_below(&b->seed, 60);
        wish.clients = 2 + random_below(&b->seed, 6);
    }
    shape_history(b->h, &wish, &b->seed);
    b->options = (struct fl_options){
        .capacity = wish.capacity,
        .relax = wish.relax,
        .decider = deciders[number % 3],
        .budget = {.nodes = 100000},
    };
}

/* Copies b->h, with room for more. */
static inline bool copy_history(struct bench *b)
{
    b->changed = fl_history_copy(b->h, NULL);
    return b->changed != NULL &&
           fl_history_grow(b->changed, b->h->count + 8, 0);
}

#endif
