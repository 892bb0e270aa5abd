/*
 * A crew: searches that decide the parts of a history side by side.
 *
 * Parts are decided in rounds, in each of which every part that is left gets a
 * slice of steps.  What comes of a part in a round is a function of the part
 * and the slice, whoever decides it and when; and outcomes are looked at in
 * the order of the parts.  So the answer is the same for any number of jobs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_CREW_H
#define FL_CREW_H

#include "checker/portfolio.h"

/* What came of one part in one round. */
struct fl_outcome {
    uint32_t part; /* which of the selections */
    enum fl_end end;
    bool more;        /* the slice was too small, and nothing else */
    uint32_t worker;  /* who holds the order */
    uint32_t start;   /* where it begins */
    uint32_t count;   /* operations: the witness, or the longest prefix */
    uint32_t blocked; /* the operation that stopped it, or FL_OPEN */
    fl_value key;
    uint64_t nodes;
    uint64_t entries;
    uint64_t bytes;
    struct fl_portfolio portfolio;
};

/* One who decides parts, and the orders found in this round. */
struct fl_worker {
    struct fl_search search;
    struct fl_block order; /* uint32_t: operations */
    uint32_t order_count;
};

struct fl_crew {
    struct fl_worker first; /* the only one, unless there are several jobs */
    struct fl_block others; /* struct fl_worker, `others_count` of them */
    uint32_t others_count;
    struct fl_block outcomes; /* struct fl_outcome, by part */
    uint32_t count;
};

/* How many threads a decision may use: more than one only where no model step
 * writes what others read, and no budget is spent part by part. */
uint32_t fl_crew_jobs(const struct fl_history *h,
                      const struct fl_options *options, uint32_t parts);

/* The share of a round: round 0, 1, 2, ... of a decision.  The two searches of
 * the portfolio have the same share in two rounds that follow. */
struct fl_share {
    uint64_t times; /* of what suits the size of a part */
    bool breadth;   /* whose turn it is */
};

/*
 * One round: searches the selections, `count` of them, each for its share;
 * without end if there is only one, and one search alone can decide it.  The
 * outcomes are those of the selections in order, up to the first that neither
 * passed nor wants more.
 */
enum fl_status fl_crew_round(struct fl_crew *crew,
                             const struct fl_options *options,
                             const struct fl_selection *selections,
                             uint32_t count, struct fl_share share);

/* Outcome `number` of this round, crew->count of them. */
const struct fl_outcome *fl_crew_outcome(const struct fl_crew *crew,
                                         uint32_t number);

/* The order of an outcome of this round. */
const uint32_t *fl_crew_order(const struct fl_crew *crew,
                              const struct fl_outcome *outcome);

/* Ends a crew. */
void fl_crew_release(struct fl_crew *crew);

#endif
