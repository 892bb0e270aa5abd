/*
 * What is known of each 16 bytes of memory.
 *
 * The heap has a granule for each of its own, at its place in the arena;
 * everything else (globals, stacks, shared regions) is found by a hash, whose
 * order decides nothing.  Entries of another run are empty.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/model.h"

#include "harness/sim/heap.h"

#include <string.h>

_Static_assert((int)WIDE_BYTES == (int)GRANULE, "one granule, one place");

/* The place of a granule that is not in the heap, or where it would be. */
static uint32_t slot_of(const struct weak *weak, uintptr_t base)
{
    uint32_t slot = granule_slot(base);
    while (weak->slots[slot].stamp == weak->stamp &&
           weak->slots[slot].address != base) {
        slot = (slot + 1) & (SLOTS_GRANULES - 1);
    }
    return slot;
}

struct granule *granule_enter(struct world *w, uintptr_t address)
{
    struct weak *weak = w->weak;
    uintptr_t base = address & ~(uintptr_t)(WIDE_BYTES - 1);
    const struct heap_front *front = (const struct heap_front *)(void *)w->heap;
    uintptr_t offset = base - front->base;
    struct granule *g;
    if (offset < ARENA_MAX) {
        uint32_t place = (uint32_t)(offset / WIDE_BYTES);
        g = &weak->heap[place];
        weak->heap_used = place < weak->heap_used ? weak->heap_used : place + 1;
    } else {
        g = &weak->slots[slot_of(weak, base)];
        if (g->stamp != weak->stamp) {
            if (weak->slots_used >= SLOTS_GRANULES * 3 / 4) {
                return NULL;
            }
            weak->slots_used++;
        }
    }
    if (g->stamp != weak->stamp) {
        granule_begin(weak, g, base);
    }
    assert(g->address == base);
    return g;
}

struct granule *granule_find(const struct world *w, uintptr_t address)
{
    struct granule *g = granule_seen(w, address);
    if (g != NULL || heap_owns(w->heap, (const void *)address)) {
        return g;
    }
    struct weak *weak = w->weak;
    g = &weak->slots[slot_of(weak, address & ~(uintptr_t)(WIDE_BYTES - 1))];
    return g->stamp == weak->stamp ? g : NULL;
}

void memory_forget_range(struct world *w, const void *address, size_t size)
{
    uintptr_t base = (uintptr_t)address & ~(uintptr_t)(WIDE_BYTES - 1);
    uintptr_t end = (uintptr_t)address + size;
    for (uintptr_t at = base; at < end; at += WIDE_BYTES) {
        struct granule *g = granule_find(w, at);
        if (g == NULL) {
            continue;
        }
        if (g->location != NO_LOCATION) {
            location_drop_all(w->weak, g);
            /* Nobody will find others there if the place does not come back. */
            if (heap_reuses(w->heap)) {
                w->weak->strays = UNGRAPHED_REUSE;
            }
        }
        granule_begin(w->weak, g, at);
    }
}
