/*
 * A finding: a failure made whole, from the trace of its run to the directory
 * that a person opens.
 *
 * In a child (the program under test runs again): read the trace, shrink it,
 * replay it, tell it as a record, write every view of it to out/, and leave the
 * terminal report for the parent to print.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_FINDING_H
#define HX_FINDING_H

#include "harness/campaign.h"
#include "harness/child.h"
#include "harness/report/report.h"
#include "harness/signature.h"

/* What to make whole. */
struct finding_request {
    struct runner *runner;
    const struct scenario *scenario;
    const char *variant;  /* instead of the scenario's; NULL: as written */
    const char *strategy; /* likewise */
    uint64_t seed;
    const struct campaign_failure *failure; /* from a campaign; or NULL and */
    const struct trace *trace;              /* this trace */
    uint64_t schedule;     /* which of the campaign, from 1; 0: not known */
    uint64_t schedules;    /* of so many; 0: not known */
    struct store *store;   /* NULL: write no directory */
    const char *directory; /* without a store: where it lies; or NULL */
    struct report_style style;
    FILE *report; /* a temporary file that the terminal report goes to */
    bool shrink;
    bool draw;                   /* .svg beside each .dot */
    uint64_t deadline;           /* of wall_ms(); WALL_NEVER */
    struct interrupt *interrupt; /* may be NULL */
};

/* What came of it. */
struct finding {
    bool reproduced; /* the trace leads to the failure; else `detail` */
    bool told;       /* the report was written */
    bool undrawn;    /* drawings were wanted, and there is no dot */
    enum run_end end;
    int store_error; /* errno of out/, 0 if all was kept there */
    uint32_t line;   /* of the decisive step, 0 if not known */
    struct child_end child;
    struct fl_record_shrink shrink;
    char detail[200];
    char signature[SIGNATURE_MAX];
    char subject[128];
    char file[256];
    char message[300]; /* one line */
    char directory[STORE_PATH_MAX];
};

/* Makes a failure whole.  Never fails as such: whatever could not be done is
 * missing from `*finding`. */
void finding_make(const struct finding_request *request,
                  struct finding *finding);

#endif
