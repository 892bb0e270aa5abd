/*
 * The values of a history, numbered in the order in which they are met.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_MONITOR_VALUES_H
#define FL_MONITOR_VALUES_H

#include "checker/monitor/monitor.h"

struct fl_numbering {
    fl_value *values; /* by number */
    uint32_t count;
    uint32_t max;
    uint32_t *slots; /* number + 1, or 0 */
    uint32_t mask;
};

/* Begins a numbering of at most `max` values.  False when memory ends. */
bool fl_numbering_begin(struct fl_numbering *n, struct fl_monitor *m,
                        uint32_t max);

/* The number of `value`, or FL_NOTHING. */
uint32_t fl_numbering_find(const struct fl_numbering *n, fl_value value);

/* The number of `value`, which is added if it is new. */
uint32_t fl_numbering_add(struct fl_numbering *n, fl_value value);

enum {
    FL_NUMBERING_AHEAD = 16 /* operations, at which to say what comes */
};

/* Says that `value` will be looked for soon: its place is fetched meanwhile,
 * which in a long history is in no cache. */
void fl_numbering_expect(const struct fl_numbering *n, fl_value value);

/* Forgets how to find values; what is numbered stays. */
void fl_numbering_close(struct fl_numbering *n, struct fl_monitor *m);

#endif
