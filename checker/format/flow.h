/*
 * Converting a history as it is read: no more of it is held than is in flight.
 *
 * Operations must stand in the order of their calls, which is how they are
 * written.  Then a stamp's rank is known as soon as a later call was read, an
 * operation can be written as soon as it and all before it have their ranks,
 * and what is written is byte for byte what converting the whole would write.
 *
 * A client that has two operations in flight, a stamp that is used twice, a
 * return before its call are found on the way, as in the whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_FLOW_H
#define FL_FLOW_H

#include "checker/format/formats.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    FL_FLOW_WINDOW = 1 << 20 /* operations that may wait for one in flight */
};

/* What is converted; all borrowed. */
struct fl_flow {
    FILE *in; /* lines of JSON */
    FILE *out;
    const struct fl_format *to;   /* fl_flow_can() */
    const struct fl_model *model; /* NULL: as headers say */
    bool has_initial;             /* the object's initial value is the next */
    fl_value initial;
    bool lenient;    /* a last line that is cut off is the end */
    uint32_t window; /* 0: FL_FLOW_WINDOW */

    /* Filled: */
    uint64_t histories;
    uint64_t operations; /* written */
    uint64_t held;       /* of them, the most at once */
    bool truncated;      /* a last line was cut off */
};

/* Whether a history can be written in this form as it is read. */
bool fl_flow_can(const struct fl_format *to);

/*
 * Converts all of `in`.  FL_BAD_INPUT: `error` says where and what; then what
 * was written up to there is no whole history.  Events are refused, and stamps
 * that are times, since their place in the output is not known in time.
 */
enum fl_status fl_flow_convert(struct fl_flow *flow, struct fl_error *error);

#ifdef __cplusplus
}
#endif

#endif
