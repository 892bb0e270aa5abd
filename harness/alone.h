/*
 * An algorithm used alone: the object of `model: itself`.
 *
 * It runs in a simulated world of its own, beside the one that is judged, with
 * one operation at a time: no faults, no memory that comes back, no switches
 * but between operations.  Each client performs its own operations on its own
 * thread, so an object that asks who calls (a lock) answers as it should.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_ALONE_H
#define HX_ALONE_H

#include "checker/model.h"
#include "harness/scenario.h"

#include <stdio.h>

struct alone;
struct runner;

/*
 * Makes it for the algorithm of `scenario` in the form `variant` (NULL: as the
 * scenario says).  `operations` is the most that a history of it may have.
 * Errors go to `errors`, and NULL is returned.  Ended by alone_free().
 */
struct alone *alone_new(const struct scenario *scenario, const char *variant,
                        uint32_t operations, FILE *errors);

/* Ends it.  NULL is allowed. */
void alone_free(struct alone *alone);

/* Its model; valid as long as it is. */
const struct fl_model *alone_model(const struct alone *alone);

/* Between two decisions: forgets what was learnt, if that is much. */
void alone_trim(struct alone *alone);

/* Whether the algorithm failed even alone; says how in `text`. */
bool alone_broke(const struct alone *alone, char *text, size_t max);

#endif
