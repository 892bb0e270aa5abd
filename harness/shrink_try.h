/*
 * Trying a candidate: does it still fail in the same way?
 *
 * Three ways to try: replay an edited trace tolerantly (one run); explore its
 * operations and faults anew with a bounded number of seeds; or enumerate all
 * schedules with a bound on preemptions.  Whatever fails alike becomes the new
 * best.  All of it is deterministic but for the deadline.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SHRINK_TRY_H
#define HX_SHRINK_TRY_H

#include "harness/shrink.h"

/* The state of shrinking one failure. */
struct attempt {
    const struct shrink_request *request;
    enum run_end end;     /* how the failure ends */
    struct trace *best;   /* owned: the smallest so far, replays exactly */
    uint64_t preemptions; /* of the best */
    uint64_t steps;
    uint64_t runs;   /* so far */
    uint64_t needed; /* most explorations that a success took */
    bool late;       /* the deadline has passed */
    struct fl_record_tried tried;
};

/* Replays the request's trace as the first best.  False: it does not fail. */
bool attempt_begin(struct attempt *attempt);

/* Whether it steps for ever (lull.h), or may. */
bool attempt_lulls(const struct attempt *attempt);

/* Whether the deadline has passed. */
bool attempt_is_late(struct attempt *attempt);

/* Replays `edited` where it is possible. */
bool attempt_tolerant(struct attempt *attempt, const struct trace *edited);

/* The same, and only if it takes fewer steps than the best, and no more
 * preemptions. */
bool attempt_shorter(struct attempt *attempt, const struct trace *edited);

/* Tolerantly, and then with fresh schedules, its operations, and its faults. */
bool attempt_explore(struct attempt *attempt, const struct trace *edited);

/* Fresh schedules with few preemptions, of the best's operations and faults:
 * takes whatever has fewer of them than the best.  Whether any had. */
bool attempt_ease(struct attempt *attempt);

/* What an enumeration found. */
enum enumerated {
    ENUMERATED_FOUND,
    ENUMERATED_NONE,   /* all schedules were tried */
    ENUMERATED_PARTLY, /* a budget ran out */
};

/* All schedules of the best with at most `preemptions`; takes the one that
 * reads best among those that fail. */
enum enumerated attempt_enumerate(struct attempt *attempt,
                                  uint32_t preemptions);

#endif
