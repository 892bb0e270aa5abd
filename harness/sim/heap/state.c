/*
 * The state of the heap, as one number: all that further allocations, releases
 * and accesses depend on, beside the bytes.
 *
 * A block's index and its stacks are no part of it, for they only name it.  Its
 * address is: a block that is freed and allocated again in a loop is the same
 * one if it lies at the same place, and all free places are there in the same
 * order.  Where blocks never come back (quarantine), no state does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/heap/blocks.h"

#include <assert.h>
#include <xxhash.h>

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    return size == 0 ? hash : XXH3_64bits_withSeed(bytes, size, hash);
}

/* The places that are free in one class, in the order in which they wait. */
static uint64_t mix_list(const struct heap *heap, uint32_t class, uint64_t hash)
{
    const struct free_list *list = &heap->lists[class];
    assert(list->first <= list->end);
    const uint32_t header[] = {class, list->end - list->first};
    hash = mix(hash, header, sizeof(header));
    for (uint32_t i = list->first; i < list->end; i++) {
        const struct block *block = &heap->blocks[list->blocks[i]];
        hash = mix(hash, &block->granule, sizeof(block->granule));
    }
    return hash;
}

uint64_t heap_state(const struct heap *heap)
{
    assert(heap->floor <= heap->bump);
    uint64_t hash = (uint64_t)heap->mode << 32 | heap->bump;
    for (uint64_t left = heap->used; left != 0; left &= left - 1) {
        hash = mix_list(heap, (uint32_t)__builtin_ctzll(left), hash);
    }
    /* Which bytes belong to live blocks, and which were stored to. */
    return mix(hash, &heap->front.shadows[heap->floor],
               (heap->bump - heap->floor) * sizeof(struct shadow));
}
