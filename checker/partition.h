/*
 * Parts that may be decided one by one (locality: Herlihy and Wing 1990;
 * Horn and Kroening 2015).
 *
 * A history is split by key, and a set's also by element, if that is sound:
 * not for persistent atomicity, whose deadlines cross objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_PARTITION_H
#define FL_PARTITION_H

#include "checker/block.h"
#include "checker/check.h"

/* The operations of a history, part by part. */
struct fl_partition {
    struct fl_block places;  /* scratch */
    struct fl_block indices; /* uint32_t: operations, ascending in each part */
    struct fl_block starts;  /* uint32_t: where each part begins, and the end */
    uint32_t count;          /* of parts; 1 if it was not split */
};

/* Splits `h` as `options` and its model allow, parts in ascending order of key
 * and element.  False: no memory. */
bool fl_partition_fill(struct fl_partition *partition,
                       const struct fl_history *h,
                       const struct fl_options *options);

/* Ends the partition. */
void fl_partition_release(struct fl_partition *partition);

#endif
