/*
 * A block of memory that grows and is kept from one decision to the next, so
 * that a campaign that decides a million small histories allocates for none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_BLOCK_H
#define FL_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

/* All zero: empty. */
struct fl_block {
    void *data;
    size_t size;
};

/* Makes room for `size` bytes, keeping the content; at least doubles what must
 * grow.  False when memory ends; the block is then as before. */
bool fl_block_reserve(struct fl_block *block, size_t size);

/* Ends the block. */
void fl_block_release(struct fl_block *block);

#endif
