/*
 * Drawing quantities: by inversion of the distribution function, in doubles.
 *
 * What is settled is the result, not the bits behind it, as its distance from
 * the least possible value.  So a libm that rounds otherwise cannot change a
 * replay, and shrinking towards 0 shrinks towards the plainest value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/quantity.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#define MILLION 1e6
#define TWO_PI  6.283185307179586

enum {
    PPM = 1000000,
    NORMAL_CUT = 8, /* standard deviations */
};

__extension__ typedef unsigned __int128 wide;

static int64_t clamp(int64_t value, int64_t min, int64_t max)
{
    assert(min <= max);
    return value < min ? min : value > max ? max : value;
}

/* The nearest integer, saturated; what is not a number becomes 0. */
static int64_t to_integer(double value)
{
    if (isnan(value)) {
        return 0;
    }
    if (value >= 9223372036854775807.0) {
        return INT64_MAX;
    }
    if (value <= -9223372036854775808.0) {
        return INT64_MIN;
    }
    return (int64_t)llrint(value);
}

static double shape_of(const struct quantity *q)
{
    return q->b > 0 ? (double)q->b / MILLION : 1 / MILLION;
}

/* A number in (0, 1), never an end of it. */
static double draw_plain_unit(struct choice *choice, enum stream stream)
{
    uint64_t bits = choice_word(choice, stream) >> 11;
    return ((double)bits + 0.5) * 0x1p-53;
}

/* A normal deviate (Box, Muller 1958), correlated with the one before. */
static double draw_deviate(const struct quantity *q, struct choice *choice,
                           enum stream stream)
{
    double radius = sqrt(-2 * log(draw_plain_unit(choice, stream)));
    double deviate = radius * cos(TWO_PI * draw_plain_unit(choice, stream));
    if (q->correlation == 0) {
        return deviate;
    }
    assert(q->slot < CARRIED_MAX);
    uint32_t bit = 1u << q->slot;
    if ((choice->carried_set & bit) != 0) {
        double r = (double)q->correlation / MILLION;
        deviate = r * choice->carried[q->slot] + sqrt(1 - r * r) * deviate;
    }
    choice->carried_set |= bit;
    choice->carried[q->slot] = deviate;
    return deviate;
}

static double draw_unit(const struct quantity *q, struct choice *choice,
                        enum stream stream)
{
    if (q->correlation == 0) {
        return draw_plain_unit(choice, stream);
    }
    double unit = 0.5 * erfc(-draw_deviate(q, choice, stream) * M_SQRT1_2);
    return fmin(fmax(unit, 0x1p-54), 1 - 0x1p-53);
}

/* A number in 0 .. span, both included, from 64 uniform bits. */
static uint64_t spread(uint64_t bits, uint64_t span)
{
    return (uint64_t)(((wide)bits * ((wide)span + 1)) >> 64);
}

static uint64_t draw_bits(const struct quantity *q, struct choice *choice,
                          enum stream stream)
{
    if (q->correlation == 0) {
        return choice_word(choice, stream);
    }
    return (uint64_t)(draw_unit(q, choice, stream) * 0x1p64);
}

/* Between evenly spaced quantiles, linear. */
static int64_t interpolate(const struct quantity *q, double unit)
{
    assert(q->list_count > 0);
    if (q->list_count == 1) {
        return q->list[0];
    }
    double at = unit * (q->list_count - 1);
    uint32_t i = (uint32_t)at;
    double low = (double)q->list[i];
    double high = (double)q->list[i + 1];
    return to_integer(low + (high - low) * (at - i));
}

static int64_t invert(const struct quantity *q, struct choice *choice,
                      enum stream stream)
{
    double a = (double)q->a;
    switch (q->kind) {
    case DIST_CONSTANT:
        return q->a;
    case DIST_UNIFORM: {
        uint64_t span = (uint64_t)q->b - (uint64_t)q->a;
        uint64_t offset = spread(draw_bits(q, choice, stream), span);
        return (int64_t)((uint64_t)q->a + offset);
    }
    case DIST_LIST:
        assert(q->list_count > 0);
        return q->list[spread(draw_bits(q, choice, stream), q->list_count - 1)];
    case DIST_NORMAL:
        return to_integer(a + (double)q->b * draw_deviate(q, choice, stream));
    case DIST_LOGNORMAL:
        return to_integer(a *
                          exp(shape_of(q) * draw_deviate(q, choice, stream)));
    case DIST_EXPONENTIAL:
        return to_integer(-a * log(draw_unit(q, choice, stream)));
    case DIST_PARETO:
        return to_integer(a *
                          pow(draw_unit(q, choice, stream), -1 / shape_of(q)));
    case DIST_WEIBULL:
        return to_integer(
            a * pow(-log(draw_unit(q, choice, stream)), 1 / shape_of(q)));
    case DIST_EMPIRICAL:
        return interpolate(q, draw_unit(q, choice, stream));
    case DIST_MIXTURE:
        break; /* taken apart before */
    }
    assert(false);
    return q->a;
}

/* The part of a mixture that this draw is of; anything else is its own. */
static const struct quantity *
pick_part(const struct quantity *q, struct choice *choice, enum stream stream)
{
    if (q->kind != DIST_MIXTURE) {
        return q;
    }
    uint64_t at = spread(draw_bits(q, choice, stream), PPM - 1);
    const struct quantity *part = at < (uint64_t)q->b ? q->slow : q->fast;
    assert(part->kind != DIST_MIXTURE);
    return part;
}

/* The least of a single distribution, before any clamp. */
static int64_t find_floor(const struct quantity *q)
{
    switch (q->kind) {
    case DIST_CONSTANT:
    case DIST_UNIFORM:
    case DIST_PARETO:
        return q->a;
    case DIST_LIST:
    case DIST_EMPIRICAL: {
        int64_t least = q->list[0];
        for (uint32_t i = 1; i < q->list_count; i++) {
            least = q->list[i] < least ? q->list[i] : least;
        }
        return least;
    }
    case DIST_NORMAL:
        return to_integer((double)q->a - NORMAL_CUT * (double)q->b);
    case DIST_LOGNORMAL:
    case DIST_EXPONENTIAL:
    case DIST_WEIBULL:
        return 0;
    case DIST_MIXTURE:
        break;
    }
    assert(false);
    return 0;
}

/* The mean of a single distribution. */
static double average(const struct quantity *q)
{
    double a = (double)q->a;
    double shape = shape_of(q);
    switch (q->kind) {
    case DIST_CONSTANT:
    case DIST_NORMAL:
    case DIST_EXPONENTIAL:
        return a;
    case DIST_UNIFORM:
        return a / 2 + (double)q->b / 2;
    case DIST_LOGNORMAL:
        return a * exp(shape * shape / 2);
    case DIST_PARETO:
        return shape > 1 ? a * shape / (shape - 1) : HUGE_VAL;
    case DIST_WEIBULL:
        return a * tgamma(1 + 1 / shape);
    case DIST_LIST:
    case DIST_EMPIRICAL: {
        double sum = 0;
        for (uint32_t i = 0; i < q->list_count; i++) {
            sum += (double)q->list[i];
        }
        if (q->kind == DIST_LIST || q->list_count == 1) {
            return sum / q->list_count;
        }
        /* trapezoids: the two ends count half */
        sum -= (double)q->list[0] / 2;
        sum -= (double)q->list[q->list_count - 1] / 2;
        return sum / (q->list_count - 1);
    }
    case DIST_MIXTURE:
        break;
    }
    assert(false);
    return a;
}

int64_t quantity_draw(const struct quantity *q, struct choice *choice,
                      enum stream stream)
{
    assert(q->set);
    if (q->kind == DIST_CONSTANT) {
        return clamp(q->a, q->min, q->max);
    }
    const struct quantity *part = pick_part(q, choice, stream);
    int64_t drawn = invert(part, choice, stream);
    if (part->kind == DIST_NORMAL) {
        int64_t floor = find_floor(part);
        drawn = drawn < floor ? floor : drawn;
    }
    drawn = clamp(clamp(drawn, part->min, part->max), q->min, q->max);

    int64_t least = quantity_least(q);
    assert(drawn >= least);
    uint64_t above =
        choice_settle(choice, stream, (uint64_t)drawn - (uint64_t)least);
    uint64_t room = (uint64_t)q->max - (uint64_t)least;
    return (int64_t)((uint64_t)least + (above < room ? above : room));
}

int64_t quantity_least(const struct quantity *q)
{
    if (q->kind != DIST_MIXTURE) {
        return clamp(find_floor(q), q->min, q->max);
    }
    int64_t fast = clamp(find_floor(q->fast), q->fast->min, q->fast->max);
    int64_t slow = clamp(find_floor(q->slow), q->slow->min, q->slow->max);
    return clamp(fast < slow ? fast : slow, q->min, q->max);
}

int64_t quantity_mean(const struct quantity *q)
{
    if (q->kind != DIST_MIXTURE) {
        return clamp(to_integer(average(q)), q->min, q->max);
    }
    double share = (double)q->b / MILLION;
    double fast = average(q->fast) * (1 - share);
    double slow = average(q->slow) * share;
    return clamp(to_integer(fast + slow), q->min, q->max);
}
