/*
 * Quantities of a scenario: a constant, a range, a list or a distribution,
 * always with a unit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_QUANTITY_H
#define HX_QUANTITY_H

#include "harness/choice.h"

#include <stdbool.h>
#include <stdint.h>

enum unit {
    UNIT_NONE,  /* a plain count */
    UNIT_NS,    /* every time is kept in nanoseconds */
    UNIT_STEPS, /* points of the scheduler */
    UNIT_BYTES,
    UNIT_OPS,
    UNIT_PPM,  /* probabilities and percents, in a million */
    UNIT_RATE, /* bytes a second */
};

enum dist_kind {
    DIST_CONSTANT,    /* a */
    DIST_UNIFORM,     /* a..b, both included */
    DIST_LIST,        /* one of list[0 .. list_count-1] */
    DIST_NORMAL,      /* mean a, standard deviation b */
    DIST_LOGNORMAL,   /* median a, sigma (b, in millionths) */
    DIST_EXPONENTIAL, /* mean a */
    DIST_PARETO,      /* scale a, shape (b, in millionths) */
    DIST_WEIBULL,     /* scale a, shape (b, in millionths) */
    DIST_MIXTURE,     /* `slow` with probability b ppm, else `fast`;
                       * neither is a mixture */
    DIST_EMPIRICAL,   /* quantiles list[0 .. list_count-1], evenly spaced */
};

enum {
    DIST_LIST_MAX = 16
};

/* A quantity.  Absent if `set` is false. */
struct quantity {
    bool set;
    enum unit unit;
    enum dist_kind kind;
    int64_t a;
    int64_t b;   /* as enum dist_kind says; for a uniform one, b >= a */
    int64_t min; /* clamp; INT64_MIN and INT64_MAX where there is none */
    int64_t max;
    uint32_t correlation; /* with the draw before, in ppm; 0 = independent */
    uint32_t slot;        /* of choice.carried, where that draw is remembered;
                           * given by the loader if correlation is not 0 */
    uint32_t list_count;
    int64_t list[DIST_LIST_MAX];
    struct quantity *fast; /* DIST_MIXTURE: owned by the scenario */
    struct quantity *slow;
};

/*
 * Draws from `q` with the bits of `stream` and settles the decision, so that a
 * replay gives the same value even where exp() and log() differ.  The plainest
 * value, 0 in the stream, is the least one possible (of a normal distribution
 * without `min`: eight standard deviations below the mean, where it is cut).
 *
 * Correlation keeps the distribution as it is: what is correlated is the normal
 * deviate behind the draw (a Gaussian copula), not the value.
 */
int64_t quantity_draw(const struct quantity *q, struct choice *choice,
                      enum stream stream);

/* The least value that quantity_draw() can return. */
int64_t quantity_least(const struct quantity *q);

/* The mean, for reports and budgets; of a list, its average.  Clamped to min
 * and max, as where it is infinite (a Pareto shape of 1 or less). */
int64_t quantity_mean(const struct quantity *q);

#endif
