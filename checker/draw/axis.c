/*
 * The axis: from moments to places, from left to right.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/axis.h"

#include <assert.h>
#include <string.h>

/* The index of the first moment that is not before `moment`. */
static uint32_t find_moment(const struct fl_axis *axis, uint64_t moment)
{
    uint32_t low = 0;
    uint32_t high = axis->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (axis->moments[middle] < moment) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void fl_axis_add(struct fl_axis *axis, uint64_t moment)
{
    assert(axis->count <= FL_AXIS_MAX);
    uint32_t at = find_moment(axis, moment);
    bool known = at < axis->count && axis->moments[at] == moment;
    if (known || axis->count == FL_AXIS_MAX) {
        return;
    }
    memmove(axis->moments + at + 1, axis->moments + at,
            (axis->count - at) * sizeof(axis->moments[0]));
    axis->moments[at] = moment;
    axis->count++;
}

void fl_axis_span(struct fl_axis *axis, uint64_t from, uint64_t to,
                  int32_t points)
{
    assert(from <= to);
    fl_axis_add(axis, from);
    fl_axis_add(axis, to);
    if (axis->spans_count < FL_AXIS_MAX) {
        axis->spans[axis->spans_count] =
            (struct fl_axis_span){.from = from, .to = to, .points = points};
        axis->spans_count++;
    }
}

/* The place that the spans ending at `moment` demand, or `place`. */
static int32_t make_way(const struct fl_axis *axis, uint64_t moment,
                        int32_t place)
{
    int32_t least = place;
    for (uint32_t k = 0; k < axis->spans_count; k++) {
        const struct fl_axis_span *span = &axis->spans[k];
        if (span->to != moment || span->from == moment) {
            continue;
        }
        int32_t wanted =
            axis->places[find_moment(axis, span->from)] + span->points;
        least = wanted > least ? wanted : least;
    }
    return least;
}

void fl_axis_lay(struct fl_axis *axis, int32_t start, int32_t gap,
                 int32_t scale)
{
    assert(gap > 0);
    if (axis->count == 0) {
        return;
    }
    axis->places[0] = start;
    uint64_t whole = axis->moments[axis->count - 1] - axis->moments[0];
    for (uint32_t k = 1; k < axis->count; k++) {
        uint64_t part = axis->moments[k] - axis->moments[k - 1];
        /* Long runs would overflow the product: drop bits of both. */
        uint64_t all = whole;
        while (part > UINT32_MAX || all > UINT32_MAX) {
            part >>= 1;
            all >>= 1;
        }
        int32_t share = all == 0 ? 0 : (int32_t)(part * (uint64_t)scale / all);
        int32_t place = axis->places[k - 1] + (share > gap ? share : gap);
        axis->places[k] = make_way(axis, axis->moments[k], place);
    }
}

int32_t fl_axis_at(const struct fl_axis *axis, uint64_t moment)
{
    assert(axis->count > 0);
    uint32_t at = find_moment(axis, moment);
    return axis->places[at < axis->count ? at : axis->count - 1];
}

int32_t fl_axis_end(const struct fl_axis *axis)
{
    return axis->count == 0 ? 0 : axis->places[axis->count - 1];
}
