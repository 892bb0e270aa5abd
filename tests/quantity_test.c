/*
 * Drawing from distributions: means and quantiles against the textbook, clamps
 * and correlation, and that a replay gives back each value exactly.
 *
 * Seeds are fixed, so a bound that holds today holds for ever; the bounds are
 * a few standard errors wide all the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/quantity.h"
#include "tests/tap.h"

#include <math.h>

enum {
    DRAWS = 40000
};

static int compare_values(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* Draws from `q` and sorts; what is found is freed by the next call. */
static const int64_t *draw_sorted(const struct quantity *q)
{
    static int64_t values[DRAWS];
    struct choice c = {0};
    choice_begin(&c, CHOICE_EXPLORE, 2024);
    for (int i = 0; i < DRAWS; i++) {
        values[i] = quantity_draw(q, &c, STREAM_NETWORK);
    }
    qsort(values, DRAWS, sizeof(values[0]), compare_values);
    return values;
}

/* Of DRAWS sorted values, the one that `part` of `of` lie below. */
static double draw_at(const int64_t *values, int part, int of)
{
    int index = DRAWS * part / of;
    return (double)values[index];
}

static struct quantity make(enum dist_kind kind, int64_t a, int64_t b)
{
    return (struct quantity){.set = true,
                             .kind = kind,
                             .a = a,
                             .b = b,
                             .min = INT64_MIN,
                             .max = INT64_MAX};
}

static bool is_near(double value, double wanted, double percent)
{
    return fabs(value - wanted) <= fabs(wanted) * percent / 100;
}

static double mean_of(const int64_t *values)
{
    double sum = 0;
    for (int i = 0; i < DRAWS; i++) {
        sum += (double)values[i];
    }
    return sum / DRAWS;
}

static void constant_and_uniform_keep_their_bounds(void)
{
    struct quantity q = make(DIST_CONSTANT, 7, 0);
    CU_ASSERT_EQUAL(draw_sorted(&q)[DRAWS - 1], 7);
    CU_ASSERT_EQUAL(quantity_mean(&q), 7);
    CU_ASSERT_EQUAL(quantity_least(&q), 7);

    q = make(DIST_UNIFORM, -50, 50);
    const int64_t *v = draw_sorted(&q);
    CU_ASSERT_EQUAL(v[0], -50);
    CU_ASSERT_EQUAL(v[DRAWS - 1], 50);
    CU_ASSERT(fabs(mean_of(v)) < 1);
    CU_ASSERT_EQUAL(quantity_mean(&q), 0);

    q = make(DIST_UNIFORM, INT64_MIN, INT64_MAX);
    v = draw_sorted(&q);
    CU_ASSERT(v[0] < INT64_MIN / 2);
    CU_ASSERT(v[DRAWS - 1] > INT64_MAX / 2);
}

static void normal_and_lognormal_have_their_quantiles(void)
{
    struct quantity q = make(DIST_NORMAL, 10000, 2000);
    const int64_t *v = draw_sorted(&q);
    CU_ASSERT(is_near(mean_of(v), 10000, 1));
    CU_ASSERT(is_near(draw_at(v, 16, 100), 8011, 2));
    CU_ASSERT(is_near(draw_at(v, 84, 100), 11989, 2));
    CU_ASSERT(v[0] >= quantity_least(&q));

    q = make(DIST_LOGNORMAL, 2000000, 600000);
    v = draw_sorted(&q);
    CU_ASSERT(is_near(draw_at(v, 1, 2), 2e6, 2));
    CU_ASSERT(is_near(draw_at(v, 975, 1000), 2e6 * exp(1.96 * .6), 4));
    CU_ASSERT(is_near((double)quantity_mean(&q), 2e6 * exp(.18), 0.1));
    CU_ASSERT(is_near(mean_of(v), 2e6 * exp(.18), 2));
}

static void waiting_times_have_their_means(void)
{
    struct quantity q = make(DIST_EXPONENTIAL, 300000, 0);
    const int64_t *v = draw_sorted(&q);
    CU_ASSERT(is_near(mean_of(v), 300000, 2));
    CU_ASSERT(is_near(draw_at(v, 1, 2), 300000 * log(2), 3));
    CU_ASSERT(v[0] >= 0);

    q = make(DIST_WEIBULL, 400000, 700000);
    v = draw_sorted(&q);
    CU_ASSERT(is_near(mean_of(v), 400000 * tgamma(1 + 1 / 0.7), 3));
    CU_ASSERT(
        is_near((double)quantity_mean(&q), 400000 * tgamma(1 + 1 / 0.7), 0.1));

    q = make(DIST_PARETO, 5000, 1500000);
    v = draw_sorted(&q);
    CU_ASSERT(v[0] >= 5000);
    CU_ASSERT(is_near(draw_at(v, 1, 2), 5000 * pow(2, 1 / 1.5), 3));
    CU_ASSERT_EQUAL(quantity_mean(&q), 15000);
    q.b = 1000000; /* its mean is infinite */
    q.max = 99999;
    CU_ASSERT_EQUAL(quantity_mean(&q), 99999);
}

static void lists_quantiles_and_mixtures(void)
{
    struct quantity q = make(DIST_LIST, 0, 0);
    q.list_count = 3;
    q.list[0] = 30;
    q.list[1] = 10;
    q.list[2] = 20;
    const int64_t *v = draw_sorted(&q);
    CU_ASSERT_EQUAL(v[0], 10);
    CU_ASSERT_EQUAL(v[DRAWS / 2], 20);
    CU_ASSERT_EQUAL(v[DRAWS - 1], 30);
    CU_ASSERT_EQUAL(quantity_least(&q), 10);
    CU_ASSERT_EQUAL(quantity_mean(&q), 20);

    q.kind = DIST_EMPIRICAL; /* 0 %: 0, 50 %: 100, 100 %: 1000 */
    q.list[0] = 0;
    q.list[1] = 100;
    q.list[2] = 1000;
    v = draw_sorted(&q);
    CU_ASSERT(is_near(draw_at(v, 1, 4), 50, 4));
    CU_ASSERT(is_near(draw_at(v, 3, 4), 550, 4));
    CU_ASSERT_EQUAL(quantity_mean(&q), 300);

    struct quantity fast = make(DIST_CONSTANT, 1, 0);
    struct quantity slow = make(DIST_CONSTANT, 1001, 0);
    q = make(DIST_MIXTURE, 0, 100000);
    q.fast = &fast;
    q.slow = &slow;
    v = draw_sorted(&q);
    CU_ASSERT_EQUAL(v[DRAWS * 88 / 100], 1);
    CU_ASSERT_EQUAL(v[DRAWS * 92 / 100], 1001);
    CU_ASSERT_EQUAL(quantity_mean(&q), 101);
    CU_ASSERT_EQUAL(quantity_least(&q), 1);
}

static void clamps_hold_for_every_kind(void)
{
    struct quantity part = make(DIST_UNIFORM, 0, 1000);
    for (enum dist_kind kind = DIST_CONSTANT; kind <= DIST_EMPIRICAL; kind++) {
        struct quantity q = make(kind, 500, 600);
        q.list_count = 2;
        q.list[1] = 100000;
        q.fast = &part;
        q.slow = &part;
        q.min = 400;
        q.max = 520;
        const int64_t *v = draw_sorted(&q);
        CU_ASSERT(v[0] >= 400);
        CU_ASSERT(v[DRAWS - 1] <= 520);
        CU_ASSERT(quantity_least(&q) >= 400);
        CU_ASSERT(quantity_least(&q) <= v[0]);
        int64_t mean = quantity_mean(&q);
        CU_ASSERT(mean >= 400 && mean <= 520);
    }
}

/* The correlation of consecutive draws. */
static double measure_correlation(const struct quantity *q)
{
    struct choice c = {0};
    choice_begin(&c, CHOICE_EXPLORE, 11);
    double sum = 0;
    double squares = 0;
    double products = 0;
    double before = (double)quantity_draw(q, &c, STREAM_NETWORK);
    for (int i = 0; i < DRAWS; i++) {
        double value = (double)quantity_draw(q, &c, STREAM_NETWORK);
        sum += value;
        squares += value * value;
        products += value * before;
        before = value;
    }
    double mean = sum / DRAWS;
    return (products / DRAWS - mean * mean) / (squares / DRAWS - mean * mean);
}

static void correlation_keeps_the_distribution(void)
{
    struct quantity q = make(DIST_UNIFORM, 0, 1000000);
    CU_ASSERT(fabs(measure_correlation(&q)) < 0.02);
    q.correlation = 800000;
    q.slot = 3;
    CU_ASSERT(fabs(measure_correlation(&q) - 0.79) < 0.03);
    const int64_t *v = draw_sorted(&q);
    CU_ASSERT(is_near(draw_at(v, 1, 4), 250000, 6));
    CU_ASSERT(is_near(draw_at(v, 3, 4), 750000, 4));
}

static void replay_gives_the_same_values(void)
{
    struct quantity part = make(DIST_NORMAL, 1000, 100);
    for (enum dist_kind kind = DIST_CONSTANT; kind <= DIST_EMPIRICAL; kind++) {
        struct quantity q = make(kind, 500, 600);
        q.list_count = 2;
        q.list[1] = 100000;
        q.fast = &part;
        q.slow = &part;
        struct choice c = {0};
        int64_t recorded[50];
        choice_begin(&c, CHOICE_RECORD, 5);
        for (int i = 0; i < 50; i++) {
            recorded[i] = quantity_draw(&q, &c, STREAM_NETWORK);
        }
        struct choice again = {0};
        choice_replay(&again, c.kept, c.kept_count);
        for (int i = 0; i < 50; i++) {
            int64_t value = quantity_draw(&q, &again, STREAM_NETWORK);
            CU_ASSERT_EQUAL(value, recorded[i]);
        }
        /* past the end: the plainest */
        CU_ASSERT_EQUAL(quantity_draw(&q, &again, STREAM_NETWORK),
                        quantity_least(&q));
        choice_release(&again);
        choice_release(&c);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"constant and uniform keep their bounds",
         constant_and_uniform_keep_their_bounds},
        {"normal and lognormal have their quantiles",
         normal_and_lognormal_have_their_quantiles},
        {"waiting times have their means", waiting_times_have_their_means},
        {"lists, quantiles and mixtures", lists_quantiles_and_mixtures},
        {"clamps hold for every kind", clamps_hold_for_every_kind},
        {"correlation keeps the distribution",
         correlation_keeps_the_distribution},
        {"a replay gives the same values", replay_gives_the_same_values},
        {NULL, NULL},
    };
    return tap_run("quantity", cases);
}
