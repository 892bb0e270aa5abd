/*
 * Weaker forms of a model: what an implementation may be that is not atomic,
 * and is of use all the same.
 *
 * A broadcast that reaches its readers one by one is no atomic broadcast, and
 * no sequential specification says what it is, since one send takes effect at
 * several moments.  So the history is taken apart into views, each of which is
 * judged by itself; a view is an object with a key of its own.
 *
 *     accumulator_reader   one view a reader: a send counts as one operation
 *                          for each
 *     accumulator_pair     one view a writer and reader: the order of
 *                          different writers is not kept
 *     accumulator_once     one view an atom and reader, and only what is
 *                          divided by a moment at which nobody is at work is in
 *                          order: each atom arrives exactly once
 *
 * Each implies the next, and the atomic form implies the first.  A client may
 * have operations in several views at once; only linearizability is meant.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_WEAKENING_H
#define FL_WEAKENING_H

#include "checker/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fl_weakening {
    const char *name;
    const char *about;          /* one line */
    const struct fl_model *of;  /* the model of the histories it takes apart */
    const struct fl_model *own; /* and of the views */
};

/* From strong to weak; ends with NULL. */
extern const struct fl_weakening *const fl_weakenings[];

/* The one called `name`, or NULL. */
const struct fl_weakening *fl_weakening_find(const char *name);

/*
 * Takes `h` apart: a new settled history of all views, each with a text as its
 * key ("c0 to c1").  Crashes are left out; who was cut off is open.  `h` must
 * be of weakening->of.  NULL when memory ends, or with `*why` set if the
 * history cannot be taken apart.  The caller owns the result.
 */
struct fl_history *fl_weaken(const struct fl_weakening *weakening,
                             const struct fl_history *h, const char **why);

#ifdef __cplusplus
}
#endif

#endif
