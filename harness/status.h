/*
 * Status: how far a campaign is, for whoever waits.
 *
 * On a terminal one line of standard error, redrawn at most ten times a
 * second; elsewhere a line every half minute, so that no CI system takes
 * silence for death.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_STATUS_H
#define HX_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* How it is shown, and where. */
struct status {
    FILE *out; /* NULL: not at all */
    bool terminal;
    bool drawn;    /* a line stands there and must be cleared */
    uint64_t next; /* when the next line is due, of wall_ms() */
    const char *scenario;
    uint32_t number; /* which scenario, from 1 */
    uint32_t scenarios;
};

/* How far it is. */
struct status_view {
    uint64_t runs;
    uint64_t planned; /* 0: not known */
    uint64_t fresh;   /* histories never seen before */
    uint64_t failures;
    uint64_t started; /* of wall_ms() */
    uint64_t deadline;
};

/* Shows on standard error by convention; nowhere if `quiet`. */
void status_init(struct status *status, bool quiet);

/* Shows `view` if a line is due, or if `now`.  `status` may be NULL. */
void status_show(struct status *status, const struct status_view *view,
                 bool now);

/* Clears the line, before something else is printed.  NULL is allowed. */
void status_clear(struct status *status);

#endif
