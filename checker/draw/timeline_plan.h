/*
 * The plan of a timeline: where everything stands.
 *
 * Private to the timeline.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_DRAW_TIMELINE_PLAN_H
#define FL_DRAW_TIMELINE_PLAN_H

#include "checker/draw/axis.h"
#include "checker/draw/scene.h"

enum {
    FL_CHART_LEFT = 142, /* where lanes begin */
    FL_CHART_LANE = 96,  /* from one lane to the next */
    FL_CHART_SETUP = 86, /* the width of the set-up's box */
    FL_CHART_CRASHES = 8 /* crashes of everybody that are drawn */
};

/* A drawing in the making. */
struct fl_chart {
    const struct fl_record *record;
    FILE *out;
    struct fl_axis axis;
    uint32_t first; /* operations before it are not drawn */
    uint32_t lanes;
    int32_t right; /* where lanes end */
    uint32_t discs;
    int32_t *disc_x; /* of each operation of the prefix */
};

/* A mark on a lane: what its client was told there. */
struct fl_chart_mark {
    uint32_t operation;
    uint64_t moment; /* at its middle */
    int32_t width;
    char text[FL_TEXT_MAX];
};

/* The mark of event `e` of the history; false: there is none. */
bool fl_chart_told(const struct fl_chart *chart, uint32_t e,
                   struct fl_chart_mark *mark);

/* How many lanes the clients of `record` take. */
uint32_t fl_chart_lanes(const struct fl_record *record);

/* Chooses the operations that are drawn and gives each moment its place. */
void fl_chart_lay(struct fl_chart *chart);

/* Places the discs from left to right, each within its box. */
void fl_chart_place(struct fl_chart *chart);

/* Where crashes of everybody are drawn, into `places` (FL_CHART_CRASHES);
 * returns how many.  A run with steps shows its faults instead. */
uint32_t fl_chart_crashes(const struct fl_chart *chart, int32_t *places);

/* The middle of a lane. */
int32_t fl_chart_lane_y(const struct fl_chart *chart, uint32_t lane);

/* The left or right end of operation `i`'s box. */
int32_t fl_chart_edge(const struct fl_chart *chart, uint32_t i, bool right);

/* Whether operation `i` never returned. */
bool fl_chart_is_open(const struct fl_chart *chart, uint32_t i);

/* The last fault that held the client of operation `i` while that ran, or
 * NULL; from when until when; and what it says. */
const struct fl_record_fault *fl_chart_hold(const struct fl_chart *chart,
                                            uint32_t i);
uint64_t fl_hold_begin(const struct fl_record_fault *fault);
uint64_t fl_hold_end(const struct fl_record_fault *fault);
void fl_hold_describe(const struct fl_record_fault *fault,
                      char text[FL_TEXT_MAX]);

#endif
