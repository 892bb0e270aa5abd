/*
 * The axis: from moments to places, from left to right.
 *
 * Moments are steps, times or ranks, whatever the drawing counts.  Each keeps
 * a least distance from the one before it, and pairs may demand more room (a
 * box must hold its text).  So an axis is not to scale where scale would hide
 * things; order is always kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_DRAW_AXIS_H
#define FL_DRAW_AXIS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    FL_AXIS_MAX = 1024 /* distinct moments; more are not drawn */
};

struct fl_axis_span {
    uint64_t from;
    uint64_t to;
    int32_t points; /* the least distance between the two */
};

/* An axis under construction.  Large: on the heap. */
struct fl_axis {
    uint64_t moments[FL_AXIS_MAX];
    int32_t places[FL_AXIS_MAX];
    uint32_t count;
    struct fl_axis_span spans[FL_AXIS_MAX];
    uint32_t spans_count;
};

/* Adds a moment; more than FL_AXIS_MAX are dropped. */
void fl_axis_add(struct fl_axis *axis, uint64_t moment);

/* Demands room between two moments, which are added. */
void fl_axis_span(struct fl_axis *axis, uint64_t from, uint64_t to,
                  int32_t points);

/*
 * Gives every moment its place: the first at `start`, the others at least
 * `gap` apart and further by their share of `scale` points (0: all alike).
 */
void fl_axis_lay(struct fl_axis *axis, int32_t start, int32_t gap,
                 int32_t scale);

/* The place of `moment`; between two known ones, that of the later. */
int32_t fl_axis_at(const struct fl_axis *axis, uint64_t moment);

/* The last place. */
int32_t fl_axis_end(const struct fl_axis *axis);

#endif
