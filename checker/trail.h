/*
 * The trail: how each configuration of the search in breadth came about, as a
 * tree of steps that leads back to the beginning.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_TRAIL_H
#define FL_TRAIL_H

#include "checker/block.h"

#include <stdint.h>

/* Where every trail begins. */
#define FL_TRAIL_ROOT 0u

struct fl_trail {
    struct fl_block steps; /* struct fl_trail_step */
    struct fl_block moved; /* scratch of fl_trail_prune() */
    uint32_t count;        /* of steps, with the root */
    uint32_t pruned;       /* how many were left when it was pruned last */
};

/* One step.  A step's parent stands before it. */
struct fl_trail_step {
    uint32_t parent;
    uint32_t item;
};

/* Forgets everything but the root.  False: no memory. */
bool fl_trail_clear(struct fl_trail *trail);

/* Ends the trail. */
void fl_trail_release(struct fl_trail *trail);

/* The step by `item` after step `parent`; UINT32_MAX: no memory. */
uint32_t fl_trail_add(struct fl_trail *trail, uint32_t parent, uint32_t item);

/* Writes the items on the way to step `end` into `items`, which has room, and
 * returns how many. */
uint32_t fl_trail_items(const struct fl_trail *trail, uint32_t end,
                        uint32_t *items);

/* Whether so much was added since the last time that pruning pays. */
bool fl_trail_grown(const struct fl_trail *trail);

/*
 * Forgets the steps that lead to no live one: fl_trail_prune_begin(), then
 * fl_trail_prune_keep() for the end of each trail that is wanted, then
 * fl_trail_prune_end(), after which fl_trail_prune_moved() says where each end
 * is now.  Begin is false when memory ends; nothing has happened then.
 */
bool fl_trail_prune_begin(struct fl_trail *trail);
void fl_trail_prune_keep(struct fl_trail *trail, uint32_t end);
void fl_trail_prune_end(struct fl_trail *trail);
uint32_t fl_trail_prune_moved(const struct fl_trail *trail, uint32_t end);

/* Bytes held. */
uint64_t fl_trail_held(const struct fl_trail *trail);

#endif
