/*
 * The observed loss window: how much crashes must have lost, at least.
 *
 * A buffered criterion says that a crash may lose what came last.  How much
 * was lost a history does not say, since an operation whose effect nobody
 * looked for may or may not be gone; but there is a least amount without which
 * no explanation is left.  It is found by bisection: what a larger bound
 * forbids, a smaller one forbids as well.
 *
 *     at each crash    the least that it alone must have lost, whatever the
 *                      others did
 *     together         the least max_loss that holds at all crashes
 *
 * In time the window is the age of an operation that was lost.  One that is as
 * old as max_loss survives, so the least max_loss is a nanosecond more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_LOSS_WINDOW_H
#define FL_LOSS_WINDOW_H

#include "checker/check.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What one crash of everybody must have lost. */
struct fl_loss {
    uint32_t at;     /* stamp of the crash */
    uint32_t least;  /* operations that had returned, in every explanation */
    uint32_t oldest; /* some operation that returned no later than this one is
                      * lost in every explanation; FL_OPEN: none is */
    uint64_t ns;     /* from the return of that one to the crash, if the history
                      * has its times */
};

struct fl_loss_window {
    enum fl_verdict verdict; /* a pass: measured.  A violation: no loss, however
                              * great, explains the history.  Inconclusive: a
                              * budget ran out, and nothing below counts. */
    uint64_t nodes;          /* model steps tried */
    bool timed;              /* the history has its times */
    uint32_t together;       /* the least max_loss in operations */
    uint64_t together_ns;    /* and in time, if timed: the least max_loss is
                              * a nanosecond more, or 0 if together is 0 */
    uint32_t count;          /* crashes of everybody */
    struct fl_loss *losses;  /* of each, in order: behind this, in one piece
                              * (C++ has no array without a length) */
};

/*
 * Measures `h` by options->criterion, which must be one of the two buffered
 * ones; bounds of the options are not read, syncs are.  The caller owns
 * `*out` and ends it with free().  The budget is that of each decision, about
 * 2 log n a crash.  FL_OK, or FL_NO_MEMORY.
 */
enum fl_status fl_loss_measure(const struct fl_history *h,
                               const struct fl_options *options,
                               struct fl_loss_window **out);

#ifdef __cplusplus
}
#endif

#endif
