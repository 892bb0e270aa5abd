/*
 * Blocks of indices: taken by workers in order, while the parent asks which run
 * is the first that was not made.
 *
 * At no moment is a block neither in a slot nor to be given out, or its runs
 * would be taken for made, and a campaign that is gone on with would leave them
 * out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/campaign_page.h"

#include <assert.h>

void campaign_go_to(struct slot *slot, uint64_t index)
{
    /* Release: pairs with campaign_first_missing(). */
    atomic_store_explicit(&slot->index, index, memory_order_release);
}

uint64_t campaign_take_block(struct page *page, struct slot *slot,
                             uint64_t block, uint64_t behind)
{
    assert(block > 0);
    uint64_t seen = atomic_load_explicit(&page->next, memory_order_relaxed);
    atomic_store_explicit(&slot->taking, 1 + seen, memory_order_relaxed);
    /* Release: whoever sees the block gone sees `taking`. */
    uint64_t from =
        atomic_fetch_add_explicit(&page->next, block, memory_order_release);
    if (from < behind) {
        uint64_t to = behind - from < block ? behind : from + block;
        campaign_go_to(slot, from);
        atomic_store_explicit(&slot->block_end, to, memory_order_relaxed);
    }
    /* Release: whoever sees it done sees the block in the slot. */
    atomic_store_explicit(&slot->taking, 0, memory_order_release);
    return from;
}

uint64_t campaign_first_missing(const struct page *page, uint32_t workers,
                                uint64_t last)
{
    assert(workers <= CAMPAIGN_WORKERS_MAX);
    /* Acquire: each pairs with a release above, in its order. */
    uint64_t next = atomic_load_explicit(&page->next, memory_order_acquire);
    if (next > last + 1) {
        next = last + 1;
    }
    for (uint32_t i = 0; i < workers; i++) {
        const struct slot *slot = &page->slots[i];
        uint64_t taking =
            atomic_load_explicit(&slot->taking, memory_order_acquire);
        uint64_t index =
            atomic_load_explicit(&slot->index, memory_order_acquire);
        uint64_t end =
            atomic_load_explicit(&slot->block_end, memory_order_relaxed);
        if (index < end && index < next) {
            next = index;
        }
        if (taking != 0 && taking - 1 < next) {
            next = taking - 1;
        }
    }
    return next;
}
