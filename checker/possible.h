/*
 * The states that an object may be in behind the part of an order that a
 * witness was walked along: one, unless the model leaves several.
 *
 * Nothing here is of the search: the witness is tested by the model's step
 * alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_POSSIBLE_H
#define FL_POSSIBLE_H

#include "checker/model.h"

/* `count` states of `each` bytes, the first of which tell the size. */
struct fl_states {
    char *bytes;
    size_t each;
    uint32_t count;
    uint32_t max;
    size_t front; /* of the only state, if it is a row: bytes taken off there */
};

struct fl_possible {
    const struct fl_space *space; /* borrowed */
    struct fl_states now;
    struct fl_states next; /* scratch */
};

/* Begins with the initial state.  False when memory ends.  Ended in either case
 * by fl_possible_release(). */
bool fl_possible_begin(struct fl_possible *p, const struct fl_space *space);

/* Again the initial state, now of `space`, whose states are no larger. */
void fl_possible_start(struct fl_possible *p, const struct fl_space *space);

/* Goes on through `op` from every state.  False: from none, or memory ended;
 * there is no going on then.  The first value of a long row is taken off in
 * constant time (fl_model.takes_first). */
bool fl_possible_go(struct fl_possible *p, const struct fl_operation *op);

/* Ends it. */
void fl_possible_release(struct fl_possible *p);

#endif
