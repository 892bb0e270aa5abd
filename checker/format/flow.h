/*
 * A history as it is read: no more of it is held than is in flight.
 *
 * Operations must stand in the order of their calls, which is how they are
 * written; in forms of events they do.  Then a stamp's rank is known as soon as
 * a later call was read, and an operation can be handed on as soon as it and
 * all before it have their ranks.  What is written so is byte for byte what
 * converting the whole would write.
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

struct fl_outlet;
struct fl_source;

/* What is read; all borrowed. */
struct fl_flow {
    struct fl_source *source;
    struct fl_reading reading; /* its format is filled, unless it was said */
    uint32_t window;           /* operations that may wait; 0: 1048576 */

    /* Filled: */
    uint64_t histories;
    uint64_t operations; /* handed on */
    uint64_t held;       /* of them, the most at once */
    bool truncated;      /* a last line was cut off */
};

/*
 * Reads all histories into `outlet` (checker/format/passage.h), until it has
 * enough.  FL_BAD_INPUT: `error` says where and what; then what was handed on
 * up to there is no whole history.  Events are refused, since their place in
 * the order is not known in time; so are forms that tell no model before the
 * first operation, unless the reading does.
 */
enum fl_status fl_flow_read(struct fl_flow *flow, struct fl_outlet *outlet,
                            struct fl_error *error);

/* Whether a history can be written in this form as it is read. */
bool fl_flow_can(const struct fl_format *to);

/* Reads all histories and writes them to `out` in the form `to`, of which
 * fl_flow_can() holds.  Stamps that are times are refused. */
enum fl_status fl_flow_convert(struct fl_flow *flow, FILE *out,
                               const struct fl_format *to,
                               struct fl_error *error);

#ifdef __cplusplus
}
#endif

#endif
