/*
 * Narration: from the log of a run to the failure record that people read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_NARRATE_H
#define HX_NARRATE_H

#include "checker/record.h"
#include "harness/log.h"
#include "harness/run.h"
#include "harness/symbols.h"

/* A record together with everything that it borrows. */
struct narrative {
    struct fl_record record;
    struct arena *arena; /* owns the texts */
    struct fl_explanation *explanation;
    struct fl_history *history;
    const uint32_t *log_of; /* record step -> step of the log */
};

/* What to tell. */
struct narrate_request {
    const struct runner *runner; /* just after a recorded or replayed run */
    const struct run_outcome *outcome;
    const struct scenario *scenario;
    const struct trace *trace;
    struct fl_record_shrink shrink;
    const struct nearest *nearest; /* NULL: it was not looked for */
    uint64_t schedule;             /* which of the campaign found it, from 1 */
    uint64_t schedules;
    const char *strategy; /* that found it; or NULL */
    uint32_t milliseconds;
    const char *signature;
    const char *directory;
};

/* What a runner knows of its last run: all that there is to tell. */
struct narrate_source {
    const struct run_log *log;
    const struct fl_algorithm *algorithm;
    const struct object *object; /* whose algorithm that is, or NULL */
    const char *variant;
    const struct fl_options *options; /* by which the history is checked */
    const char *const *names; /* of fibers 0 .. log->lanes-1; NULL: T0, T1 */
    struct symbols *symbols;  /* NULL: the debug information of this process */
};

/* Tells the run of `source` instead of that of request->runner, which may be
 * NULL. */
struct narrative *narrate_source(const struct narrate_request *request,
                                 const struct narrate_source *source);

/* Tells a run as a record.  Never NULL; the caller ends it. */
struct narrative *narrate(const struct narrate_request *request);

/* Ends a narrative.  NULL is allowed. */
void narrative_free(struct narrative *narrative);

#endif
