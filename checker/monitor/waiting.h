/*
 * Operations that wait for a free cell, and who waits for this one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_MONITOR_WAITING_H
#define FL_MONITOR_WAITING_H

#include "checker/monitor/monitor.h"

struct fl_waiting {
    const struct fl_span *cells; /* of each operation, both ends included */
    const uint32_t *chosen;      /* its cell; FL_NOTHING while it waits */
    uint32_t *ops;               /* by first cell, or in groups that are */
    uint32_t count;
    uint32_t blocks;
    uint32_t *tree; /* the greatest last cell plus 1 of those that wait */
};

/* Begins with waiting->ops, count, cells and chosen filled.  False when memory
 * ends. */
bool fl_waiting_begin(struct fl_waiting *w, struct fl_monitor *m);

/* The position in `ops`, from `from` on, of the next operation that waits and
 * whose cells do not end before `cell`; the count if there is none.  Operations
 * that were chosen and not ended here are forgotten on the way. */
uint32_t fl_waiting_find(struct fl_waiting *w, uint32_t from, uint32_t cell);

/* The operation at position `at` does not wait any more. */
void fl_waiting_end(struct fl_waiting *w, uint32_t at);

#endif
