/*
 * What is told of the runs that were looked at: the sets of one campaign, of
 * what it did before it was cut, or of all its shards, as figures.
 *
 * Counts are those of the united sets, so that they are the same as if one
 * process had made all runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_REACH_TOLD_H
#define HX_REACH_TOLD_H

#include "harness/reach_book.h"
#include "harness/report/summary.h"

/* Runs of a campaign: those of a shard below `next`. */
struct reach_part {
    uint64_t first;
    uint64_t next;
    uint32_t shard;
    uint32_t shards; /* 0: all runs */
};

/* The parts of a campaign that were joined. */
struct reached {
    struct reach seen;
    struct reach_book *book; /* owned; NULL: none */
    uint32_t parts_count;
    struct reach_part *parts; /* owned */
};

/* Nothing; ended by reached_free(). */
struct reached *reached_new(void);

/* NULL is allowed. */
void reached_free(struct reached *reached);

/* Adds a part, whose sets are joined to reached->seen by the caller. */
void reached_add(struct reached *reached, struct reach_part part);

/* Joins one more shard.  False: it ran other code, so that nothing is known of
 * the whole. */
bool reached_join(struct reached *all, const struct reached *others);

/* The texts of a summary's reach. */
struct reach_texts {
    char never_at[SUMMARY_NEVER_MAX][64];
};

/* Its figures; `texts` must outlive them. */
void reached_tell(const struct reached *reached, struct summary_reach *told,
                  struct reach_texts *texts);

#endif
