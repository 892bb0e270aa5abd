/*
 * Shrinking: from a failing run to the smallest one that fails alike.
 *
 * Operations, faults and preemptions are removed together: a candidate with
 * fewer operations or faults is not replayed on a schedule that no longer fits
 * it, but explored anew; last, all schedules with 0, 1, 2, ... preemptions are
 * enumerated, so that "the fewest" is a fact where the budget allows it.  A
 * candidate counts only if it ends in the same way, so that one bug does not
 * slip into another.  (Zeller, Hildebrandt 2002; scheduler.md 9.)
 *
 * It runs the program under test, so it belongs into a child (child.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SHRINK_H
#define HX_SHRINK_H

#include "checker/record.h"
#include "harness/run.h"

/* What to shrink, and how long. */
struct shrink_request {
    struct runner *runner;
    const struct scenario *scenario;
    const struct trace *trace; /* borrowed: replays to the failure */
    uint64_t deadline;         /* of wall_ms(); WALL_NEVER */
};

/*
 * Returns the smallest trace found, which replays exactly, with its counts in
 * `*counts`; the caller owns it.  NULL: `request->trace` does not replay to a
 * failure here.
 */
struct trace *shrink_trace(const struct shrink_request *request,
                           struct fl_record_shrink *counts);

#endif
