/*
 * How many certain intervals cover each cell, while values are taken away.
 *
 * A cell leaves the tree as soon as one interval, or none, is left over it.
 * The one is known by the exclusive or of the numbers of all that cover it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_MONITOR_COVER_H
#define FL_MONITOR_COVER_H

#include "checker/monitor/monitor.h"

struct fl_cover {
    uint32_t cells;
    uint32_t blocks; /* of the tree's leaves; a power of two */
    int32_t *counts; /* of a cell, above the least of its block */
    int32_t *tree;   /* of a node's least, above that of its sibling */
    uint32_t *names; /* exclusive or, as differences in a Fenwick tree */
};

/* Begins with nothing covered.  False when memory ends. */
bool fl_cover_begin(struct fl_cover *c, struct fl_monitor *m, uint32_t cells);

/* Covers the cells from `from` to `to` - 1 once more, with value `name`; must
 * come before fl_cover_build(). */
void fl_cover_add(struct fl_cover *c, uint32_t from, uint32_t to,
                  uint32_t name);

/* All intervals were added. */
void fl_cover_build(struct fl_cover *c);

/* Takes the interval away again. */
void fl_cover_remove(struct fl_cover *c, uint32_t from, uint32_t to,
                     uint32_t name);

/* The next cell that at most one interval covers, and its name, FL_NOTHING for
 * none; each cell once.  FL_NOTHING: no such cell now. */
uint32_t fl_cover_next(struct fl_cover *c, uint32_t *name);

#endif
