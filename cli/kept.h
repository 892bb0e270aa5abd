/*
 * What a finding's folder keeps beside the trace: which schedule of how many it
 * was, and what shrinking took away.  A trace alone does not know.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_KEPT_H
#define CLI_KEPT_H

#include "checker/record.h"
#include "harness/trace.h"

/* The counts of one finding. */
struct kept {
    uint64_t schedule;
    uint64_t schedules;
    struct fl_record_shrink shrink;
};

/*
 * Reads failure.json of `directory` into `*kept` if it is about `trace`: the
 * same signature, and as many operations and faults as it says were left.  The
 * trace from before shrinking lies there as well, and is another run.  False:
 * there is none, or it is about something else; `*kept` is zero then.
 */
bool kept_read(struct kept *kept, const char *directory, const char *signature,
               const struct trace *trace);

#endif
