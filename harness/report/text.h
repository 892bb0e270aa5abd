/*
 * The parts of the terminal report.  Private to harness/report/.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TEXT_H
#define HX_TEXT_H

#include "checker/draw/scene.h"
#include "harness/report/page.h"

enum {
    LANES_BESIDE_MAX = 3, /* threads with a column each; more share one */
    REPORT_CLIENTS_MAX = 64
};

/* Threads in ascending order, each once. */
struct cast {
    uint32_t thread[REPORT_CLIENTS_MAX];
    uint32_t count;
};

/* Adds `thread`, if it is new and there is room. */
void cast_add(struct cast *cast, uint32_t thread);

/* The place of `thread` in the cast; the last place if it is not there. */
uint32_t cast_find(const struct cast *cast, uint32_t thread);

/* Columns for the names of all, with the gap after them. */
uint32_t text_name_columns(const struct fl_record *record,
                           const struct cast *cast);

/* How moments are told: by step, by virtual time, or by rank. */
enum clock_kind {
    CLOCK_STEPS,
    CLOCK_TIMES,
    CLOCK_EVENTS,
};

/* How `record` tells them. */
enum clock_kind text_clock(const struct fl_record *record);

/* HISTORY: who called what when, and the longest legal prefix beside it. */
void text_history(struct page *page, const struct fl_record *record, bool full);

/* WHY NO LINEARIZATION EXISTS, or WHAT HAPPENED. */
void text_why(struct page *page, const struct fl_record *record);

/* HOW IT HAPPENED: the steps of each thread. */
void text_steps(struct page *page, const struct fl_record *record, bool full);

/* The source around the decisive step, and all stacks. */
void text_source(struct page *page, const struct fl_record *record);

#endif
