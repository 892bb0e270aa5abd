/*
 * Regions: where a value's operations go when others must be absent.
 *
 * In a stack and in a priority queue some operations need a moment at which
 * certain other values are not inside.  Such a moment is a separator: each of
 * those others has all its operations on one side of it, the right side iff
 * its removal is called behind it.  Values are laid out one after another;
 * between the separators of those before it a value has a region, that of the
 * call of its removal, and an operation whose gap is outside of it moves to
 * the region's edge.  It can: a value that a separator does not find inside
 * has all its returns behind the separator, or all its calls before it.
 *
 * A set of gaps, as a tree of bits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_MONITOR_REGIONS_H
#define FL_MONITOR_REGIONS_H

#include "checker/monitor/content.h"

enum {
    FL_REGION_LEVELS = 6 /* of 64 children each: more than 2^32 gaps */
};

struct fl_regions {
    uint64_t *levels[FL_REGION_LEVELS];
    uint32_t levels_count;
    uint32_t end; /* gaps are up to here */
};

/* A region: after separator `low`, before separator `high`; both gaps belong
 * to it. */
struct fl_region {
    uint32_t low;
    uint32_t high;
};

/* Begins without separators.  False when memory ends. */
bool fl_regions_begin(struct fl_regions *r, struct fl_monitor *m, uint32_t end);

/* Adds a separator. */
void fl_regions_add(struct fl_regions *r, uint32_t gap);

/* The region of a value whose removal is called at `last_call`. */
struct fl_region fl_regions_find(const struct fl_regions *r,
                                 uint32_t last_call);

static inline uint32_t fl_region_clip(struct fl_region region, uint32_t gap)
{
    return fl_least(fl_most(gap, region.low), region.high);
}

#endif
