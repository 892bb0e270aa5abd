/*
 * A history, and a checker that decides it again and again: the bench on which
 * verdicts are compared with a twin.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_DECIDING_H
#define TESTS_DECIDING_H

#include "tests/random_history.h"
#include "tests/show_history.h"

#include "checker/check.h"

#include <assert.h>

struct bench {
    struct fl_history *h;
    struct fl_strings *strings;
    struct fl_checker *checker;
    uint64_t seed;
    uint32_t passes; /* that the twin expected */
    uint32_t violations;
};

static inline void bench_begin(struct bench *b, uint64_t seed, uint32_t events)
{
    *b = (struct bench){.seed = seed};
    b->h = fl_history_new(fl_models[0], RANDOM_OPERATIONS_MAX, events);
    b->strings = fl_strings_new();
    b->checker = fl_checker_new();
    assert(b->h != NULL && b->strings != NULL && b->checker != NULL);
    b->h->strings = fl_strings_hold(b->strings);
}

static inline void bench_end(struct bench *b)
{
    fl_checker_free(b->checker);
    fl_strings_release(b->strings);
    fl_history_free(b->h);
}

/* The verdict; FL_INCONCLUSIVE also if a witness does not hold. */
static inline enum fl_verdict bench_decide(struct bench *b,
                                           const struct fl_options *options)
{
    const struct fl_result *r;
    if (fl_checker_decide(b->checker, b->h, options, &r) != FL_OK) {
        return FL_INCONCLUSIVE;
    }
    if (r->verdict == FL_PASS &&
        !fl_witness_holds(b->h, options, r->order, r->order_count)) {
        show_history(b->h, "the witness does not hold");
        return FL_INCONCLUSIVE;
    }
    return r->verdict;
}

#endif
