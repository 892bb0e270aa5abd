/*
 * One decision: what a checker holds, and the part that monitors have in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_DECISION_H
#define FL_DECISION_H

#include "checker/crew.h"
#include "checker/monitor/monitor.h"
#include "checker/partition.h"

/* An operation of the witness, and the earliest moment at which it can have
 * taken effect after those before it in its part. */
struct fl_point {
    uint32_t at;
    uint32_t rank; /* in the concatenation of all parts' orders */
    uint32_t operation;
};

struct fl_checker {
    struct fl_partition partition;
    struct fl_crew crew;
    struct fl_portfolio portfolio;
    struct fl_block selections; /* struct fl_selection, of the parts left */
    struct fl_block left;       /* uint32_t: their numbers */
    struct fl_block points;
    struct fl_block tallies; /* uint32_t: points counted */
    struct fl_block order;
    struct fl_block passed; /* bool, for each part */
    struct fl_monitor monitor;
    const char *monitored; /* the monitor that decided some part; or NULL */
    bool searched;         /* the search was asked */
    const bool *gone;      /* operations that did not happen; or NULL */
    struct fl_result result;
};

/* What part `number` of the partition is made of. */
struct fl_selection fl_decision_select(const struct fl_checker *c,
                                       const struct fl_history *h,
                                       const struct fl_options *options,
                                       uint32_t number);

/*
 * Decides a history of one object by a monitor, before it is split.  A pass
 * leaves the order in c->order; a violation is in c->result.
 * FL_ANSWER_NOT_MINE: no monitor is wanted, or it cannot tell.
 */
enum fl_answer fl_decision_monitor_whole(struct fl_checker *c,
                                         const struct fl_history *h,
                                         const struct fl_options *options);

/*
 * Decides, by the monitor, the parts for which it is wanted, and adds their
 * orders to the `*count` points.  FL_ANSWER_PASS: whatever is not marked in
 * c->passed is left to the search.
 */
enum fl_answer fl_decision_monitor_parts(struct fl_checker *c,
                                         const struct fl_history *h,
                                         const struct fl_options *options,
                                         uint32_t *count);

#endif
