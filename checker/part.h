/*
 * A part of a history, made ready for the search: one item an operation, with
 * its conditions, its number in the configuration, and whom it equals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_PART_H
#define FL_PART_H

#include "checker/block.h"
#include "checker/check.h"
#include "checker/model.h"

/* One operation.  It must take effect if op.ret is a moment, and may if it is
 * FL_OPEN. */
struct fl_item {
    struct fl_operation op; /* a copy: the client may have a new name, an open
                             * operation may have been promoted */
    uint32_t source;        /* its index in the history */
    uint32_t deadline;      /* criterion.h; FL_OPEN: none */
    uint32_t succ;          /* an item; FL_OPEN: none */
    uint32_t bit;           /* its number among the must- or may-items */
    uint32_t twin;          /* items of one number are interchangeable */
    bool inert;             /* never changes the state */
};

struct fl_part {
    struct fl_space space;
    enum fl_criterion criterion;
    struct fl_block items; /* struct fl_item, by call */
    uint32_t count;
    uint32_t musts;
    uint32_t opens;
    bool conditional;      /* some item has a deadline or a successor */
    struct fl_block table; /* scratch of part.c and promote.c */
};

/* What a part is made of. */
struct fl_selection {
    const struct fl_history *history;
    enum fl_criterion criterion;
    uint32_t capacity;
    uint32_t relax;
    const uint32_t *indices; /* ascending; NULL: all operations */
    uint32_t count;
    const bool *gone; /* operations that did not happen; NULL: none */
    bool one_object;  /* all have one key */
    bool plain;       /* do not promote or delete */
};

/* Makes `part` of `selection`, reusing its memory.  False: no memory. */
bool fl_part_fill(struct fl_part *part, const struct fl_selection *selection);

/*
 * Makes open operations certain that were seen to take effect, and deletes
 * those that cannot matter (promote.c).  False: no memory.
 */
bool fl_part_promote(struct fl_part *part);

/* Ends the part. */
void fl_part_release(struct fl_part *part);

#endif
