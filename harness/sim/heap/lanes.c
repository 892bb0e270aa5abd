/*
 * Lanes: a part of the arena for each thread.
 *
 * A search over operations has to know of what an allocation depends.  Where
 * all threads take turns at one end of the arena, the address that one gets
 * tells how many others allocated before it, and any two allocations are in an
 * order.  From a lane a thread gets what its own allocations so far say, and
 * nothing else.  Lanes are short; what finds no room in its own goes where all
 * others go, and is in an order with them.
 *
 *     arena    | set-up | lane of T0 | lane of T1 | ... | what all share ->
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/heap/blocks.h"

/* Where the lanes begin: behind all that the set-up allocated. */
static bool make_lanes(struct heap *heap)
{
    heap->lanes_made = true;
    heap->lanes = heap->bump;
    for (uint32_t i = 0; i < HEAP_LANES; i++) {
        heap->lane[i] = heap->lanes + i * HEAP_LANE;
    }
    if (heap->lanes + HEAP_LANES * HEAP_LANE >= GRANULES_MAX) {
        return false;
    }
    heap->bump = heap->lanes + HEAP_LANES * HEAP_LANE;
    return true;
}

bool lane_take(struct world *w, size_t align, uint32_t granules,
               uint32_t *place)
{
    struct heap *heap = w->heap;
    if (!w->by_operations || w->current == NULL) {
        return false;
    }
    if (!heap->lanes_made && !make_lanes(heap)) {
        return false; /* nor will there be room later */
    }
    uint32_t thread = w->current->id;
    if (thread >= HEAP_LANES || granules >= HEAP_LANE) {
        return false;
    }
    uint32_t end = heap->lanes + (thread + 1) * HEAP_LANE;
    uintptr_t mask = (align < GRANULE ? GRANULE : align) - 1;
    uintptr_t at = heap->front.base + (uintptr_t)heap->lane[thread] * GRANULE;
    uintptr_t granule = (((at + mask) & ~mask) - heap->front.base) / GRANULE;
    if (granule + granules + 1 > end) {
        return false;
    }
    *place = (uint32_t)granule;
    heap->lane[thread] = *place + granules + 1;
    assert(heap->lane[thread] <= end);
    return true;
}
