/*
 * Reports: what people and machines read of a failure and of a campaign.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_REPORT_H
#define HX_REPORT_H

#include "checker/record.h"

#include <stdio.h>

/* How a text report is laid out. */
struct report_style {
    uint32_t columns; /* 0: 100 */
    bool colour;
    bool unicode; /* false: ASCII fallback */
    bool full;    /* show every step, fold nothing */
};

/* Columns, colour and charset of `out` by convention: NO_COLOR,
 * CLICOLOR_FORCE, isatty, the locale. */
struct report_style report_style_of(FILE *out);

/* The terminal report of one failure (ux.md 2.1). */
void report_failure(const struct fl_record *record,
                    const struct report_style *style, FILE *out);

/*
 * The run as it stands at step `number` (from 1; at most the last): the steps
 * up to it, and what each thread is about to do next.
 */
void report_at(const struct fl_record *record, uint32_t number,
               const struct report_style *style, FILE *out);

/* The same record as one JSON object (schema-versioned), for all other views
 * and tools. */
void report_json(const struct fl_record *record, FILE *out);

#endif
