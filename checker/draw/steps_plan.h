/*
 * The plan of an interleaving: its columns and rows.
 *
 * Private to the steps view.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_DRAW_STEPS_PLAN_H
#define FL_DRAW_STEPS_PLAN_H

#include "checker/draw/scene.h"

enum {
    FL_STEPS_ROW = 25,
    FL_STEPS_TOP = 15,
    FL_STEPS_LANES = 12 /* columns; more threads share the last */
};

/* A drawing in the making. */
struct fl_steps_plan {
    const struct fl_record *record;
    FILE *out;
    bool *shown; /* steps */
    uint32_t thread[FL_STEPS_LANES];
    int32_t middle[FL_STEPS_LANES];
    int32_t width[FL_STEPS_LANES];
    uint32_t lanes;
    int32_t memory; /* the middle of the last column; 0: none */
    int32_t memory_width;
    int32_t *place; /* y of each shown step */
    int32_t bottom;
};

/* The column of thread `thread`; a new one if it has none. */
uint32_t fl_steps_lane(struct fl_steps_plan *table, uint32_t thread);

/* Gives each thread that is shown a column as wide as its longest text. */
void fl_steps_columns(struct fl_steps_plan *table);

/* Gives each shown step, and each fault and fold before it, a row. */
void fl_steps_rows(struct fl_steps_plan *table);

#endif
