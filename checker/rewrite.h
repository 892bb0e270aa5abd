/*
 * Criteria that are plain linearizability of another history.
 *
 *     quiescent    every interval is stretched to the time during which its
 *                  object was in use without a pause (Derrick and others 2014)
 *     detectable   a cut operation that its client was told is done returned
 *                  what it was told, when it was told; one that is not done
 *                  is gone (Friedman and others 2018; Li, Golab 2021)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_REWRITE_H
#define FL_REWRITE_H

#include "checker/check.h"

/* The other history: its operations have the same indices. */
struct fl_rewriting {
    struct fl_history *history;
    bool *gone;      /* operations that did not happen */
    uint32_t broken; /* the operation about which a client was told wrongly, or
                      * FL_OPEN: then no order can help */
    char why[FL_PATTERN_MAX];
};

/* Whether `criterion` is one of these. */
bool fl_rewrites(enum fl_criterion criterion);

/* Rewrites `h`.  False: no memory, and nothing to release. */
bool fl_rewrite(const struct fl_history *h, enum fl_criterion criterion,
                struct fl_rewriting *rewriting);

/* Ends a rewriting. */
void fl_rewriting_release(struct fl_rewriting *rewriting);

#endif
