/*
 * Growing blocks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/block.h"

#include <assert.h>
#include <stdlib.h>

enum {
    SIZE_FIRST = 256
};

bool fl_block_reserve(struct fl_block *block, size_t size)
{
    if (size <= block->size) {
        return true;
    }
    size_t grown = block->size == 0 ? SIZE_FIRST : block->size * 2;
    if (grown < size) {
        grown = size;
    }
    void *data = realloc(block->data, grown);
    if (data == NULL) {
        return false;
    }
    block->data = data;
    block->size = grown;
    assert(block->size >= size);
    return true;
}

void fl_block_release(struct fl_block *block)
{
    free(block->data);
    *block = (struct fl_block){0};
}
