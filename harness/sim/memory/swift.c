/*
 * The short ways of calm runs with few threads: where an access is, whether it
 * is allowed there, and whether it races, at one look.
 *
 * What is known of bytes ends with their block.  So bytes of which these very
 * ones are known were accessed before in the life of their block, and may be
 * again: the heap need not be asked.  All else, as the first access of bytes,
 * takes a second way, and what is out of the ordinary there (several parts, a
 * plain store to what is atomic) the long ways, which do all of it again.
 *
 * Each thread of a run has begun (knowledge_begin()) before it runs: clients by
 * memory_start(), others by edge_spawn().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/access.h"
#include "harness/sim/memory/spots.h"

/* Second ways: functions of their own, so that the first need no frame. */
#define SECOND static __attribute__((noinline))

#define FIRST __attribute__((noinline))

static inline const struct heap_front *front_of(const struct world *w)
{
    return (const struct heap_front *)(void *)w->heap;
}

TOUCH_INLINE uint32_t part_at(uintptr_t address)
{
    return (uint32_t)(address / PART_BYTES % LANE_PARTS);
}

/* These bytes, in half a granule; more than fit in it if they do not. */
TOUCH_INLINE uint32_t mask_at(uintptr_t address, size_t size)
{
    return ((1u << (size & 15u)) - 1u) << (address % CELL_BYTES);
}

/* --- plain accesses ------------------------------------------------------- */

/* A plain access of half a granule beyond the heap, as on a stack, or of a heap
 * that is not watched. */
TOUCH_INLINE bool sees_outside(struct world *w, uintptr_t address, size_t size,
                               enum use use)
{
    struct granule *g = granule_at(w, address);
    return g != NULL && (use != USE_WRITE || g->location == NO_LOCATION) &&
           lanes_touch_part(g, address, size, laner_of(w->weak, w->current->id),
                            use);
}

/* The second way of a plain access. */
TOUCH_INLINE bool sees(struct world *w, uintptr_t address, size_t size,
                       enum use use)
{
    const enum access access = use == USE_WRITE ? ACCESS_WRITE : ACCESS_READ;
    if (w->current == NULL) { /* nobody else is there */
        return w->calm &&
               heap_allows(w, (const volatile void *)address, size, access);
    }
    const volatile void *at = (const volatile void *)address;
    if (!w->calm || w->plain_points || !heap_allows(w, at, size, access)) {
        return false;
    }
    if (!w->weak->swift) {
        /* Nothing is recorded: where it is made does not matter. */
        memory_plain(w, at, size, use == USE_WRITE, 0);
        return true;
    }
    if (address % CELL_BYTES + size > CELL_BYTES) {
        return false;
    }
    return sees_outside(w, address, size, use);
}

SECOND void reads_beyond(const volatile void *address, size_t size,
                         uintptr_t pc)
{
    if (!sees(world, (uintptr_t)address, size, USE_READ)) {
        access_plain_slowly(address, size, ACCESS_READ, pc);
    }
}

SECOND void writes_beyond(const volatile void *address, size_t size,
                          uintptr_t pc)
{
    if (!sees(world, (uintptr_t)address, size, USE_WRITE)) {
        access_plain_slowly(address, size, ACCESS_WRITE, pc);
    }
}

FIRST void memory_reads(const volatile void *address, size_t size, uintptr_t pc)
{
    struct world *w = world;
    struct weak *weak = w->weak;
    const struct fiber *f = w->current;
    uintptr_t at = (uintptr_t)address;
    uint32_t part = part_at(at);
    if (f == NULL || !weak->swift || size > CELL_BYTES) {
        reads_beyond(address, size, pc);
        return;
    }
    struct granule *g = granule_seen(w, at);
    if (g == NULL || g->mask[part] != mask_at(at, size) ||
        !lanes_note(&g->lanes[part], f->id, weak->clock[f->id], USE_READ)) {
        reads_beyond(address, size, pc);
    }
}

FIRST void memory_writes(const volatile void *address, size_t size,
                         uintptr_t pc)
{
    struct world *w = world;
    struct weak *weak = w->weak;
    const struct fiber *f = w->current;
    uintptr_t at = (uintptr_t)address;
    uint32_t part = part_at(at);
    uint32_t mask = mask_at(at, size);
    if (f == NULL || !weak->swift || size > CELL_BYTES) {
        writes_beyond(address, size, pc);
        return;
    }
    struct granule *g = granule_seen(w, at);
    if (g == NULL || g->mask[part] != mask || g->location != NO_LOCATION ||
        !lanes_note(&g->lanes[part], f->id, weak->clock[f->id], USE_WRITE)) {
        writes_beyond(address, size, pc);
        return;
    }
    const struct heap_front *front = front_of(w);
    uintptr_t offset = at - front->base;
    if (offset < ARENA_MAX) {
        struct shadow *shadow = &front->shadows[offset / GRANULE];
        shadow->written =
            (uint16_t)(shadow->written | mask << (offset & CELL_BYTES));
    }
}

/* --- atomic accesses ------------------------------------------------------ */

/* What an atomic access meets. */
struct met {
    struct spot *spot;
    struct lanes *lanes;
    uint32_t self;
};

/* Whether an access meets nothing out of the ordinary.  Bytes that have a spot
 * were accessed before in the life of their block. */
TOUCH_INLINE bool meets(struct world *w, uintptr_t address, size_t size,
                        struct met *m)
{
    struct weak *weak = w->weak;
    if (!weak->swift || !weak->spotted) {
        return false;
    }
    struct granule *g = granule_seen(w, address);
    if (g == NULL) {
        return false;
    }
    m->spot = spot_seen(weak, g, address, size);
    uint32_t part = part_at(address);
    if (m->spot == NULL || m->spot->mask == 0 ||
        m->spot->mask != g->mask[part]) {
        return false;
    }
    m->self = w->current->id;
    m->lanes = &g->lanes[part];
    return true;
}

TOUCH_INLINE bool judges(struct weak *weak, const struct met *m, enum use use)
{
    return lanes_note(m->lanes, m->self, weak->clock[m->self], use);
}

/* The second way: the first access of these bytes by an atomic.  What it makes
 * is what the long way would. */
TOUCH_INLINE bool meets_first(struct world *w, uintptr_t address, size_t size,
                              enum access access, struct met *m)
{
    struct weak *weak = w->weak;
    if (!weak->swift || !weak->spotted ||
        address % CELL_BYTES + size > CELL_BYTES ||
        !heap_allows(w, (const volatile void *)address, size, access)) {
        return false;
    }
    struct granule *g = granule_at(w, address);
    bool room = weak->free_count > 0 || weak->locations_used < LOCATIONS_MAX;
    if (g == NULL || !room) {
        return false;
    }
    m->spot = spot_in(weak, g, address, size);
    uint32_t part = part_at(address);
    uint32_t mask = m->spot->mask;
    if (mask == 0) {
        return false;
    }
    if (g->mask[part] != mask) {
        if (!lanes_claim(g, part, mask)) {
            return false;
        }
        memset(&g->lanes[part], 0, sizeof(g->lanes[part]));
    }
    m->self = w->current->id;
    m->lanes = &g->lanes[part];
    return true;
}

TOUCH_INLINE bool loads(struct world *w, const struct met *m, int order)
{
    spot_read(w->weak, m->self, m->spot, (enum order)order);
    return judges(w->weak, m, USE_ATOMIC_READ);
}

TOUCH_INLINE bool stores(struct world *w, const struct met *m, int order)
{
    if (!judges(w->weak, m, USE_ATOMIC_WRITE)) {
        return false;
    }
    spot_store(w->weak, m->spot, m->self, (enum order)order);
    return true;
}

TOUCH_INLINE bool updates(struct world *w, const struct met *m, int order)
{
    spot_read(w->weak, m->self, m->spot, (enum order)order);
    if (!judges(w->weak, m, USE_ATOMIC_WRITE)) {
        return false;
    }
    spot_update(w->weak, m->spot, m->self, (enum order)order);
    return true;
}

TOUCH_INLINE bool compares(struct world *w, const struct met *m,
                           struct orders orders, bool swaps)
{
    return swaps ? updates(w, m, orders.success) : loads(w, m, orders.failure);
}

SECOND bool loads_first(struct world *w, const volatile void *address,
                        size_t size, int order)
{
    struct met m;
    return meets_first(w, (uintptr_t)address, size, ACCESS_ATOMIC_READ, &m) &&
           loads(w, &m, order);
}

SECOND bool stores_first(struct world *w, const volatile void *address,
                         size_t size, int order)
{
    struct met m;
    return meets_first(w, (uintptr_t)address, size, ACCESS_ATOMIC_WRITE, &m) &&
           stores(w, &m, order);
}

SECOND bool updates_first(struct world *w, const volatile void *address,
                          size_t size, int order)
{
    struct met m;
    return meets_first(w, (uintptr_t)address, size, ACCESS_UPDATE, &m) &&
           updates(w, &m, order);
}

SECOND bool compares_first(struct world *w, const volatile void *address,
                           size_t size, struct orders orders, uint64_t expected)
{
    struct met m;
    return meets_first(w, (uintptr_t)address, size, ACCESS_UPDATE, &m) &&
           compares(w, &m, orders, read_small(address, size) == expected);
}

FIRST bool memory_loads(struct world *w, const volatile void *address,
                        size_t size, int order)
{
    struct met m;
    if (!meets(w, (uintptr_t)address, size, &m)) {
        return loads_first(w, address, size, order);
    }
    return loads(w, &m, order);
}

FIRST bool memory_stores(struct world *w, const volatile void *address,
                         size_t size, int order)
{
    struct met m;
    if (!meets(w, (uintptr_t)address, size, &m)) {
        return stores_first(w, address, size, order);
    }
    return stores(w, &m, order);
}

FIRST bool memory_updates(struct world *w, const volatile void *address,
                          size_t size, int order)
{
    struct met m;
    if (!meets(w, (uintptr_t)address, size, &m)) {
        return updates_first(w, address, size, order);
    }
    return updates(w, &m, order);
}

FIRST bool memory_compares(struct world *w, const volatile void *address,
                           size_t size, struct orders orders, uint64_t expected)
{
    struct met m;
    if (!meets(w, (uintptr_t)address, size, &m)) {
        return compares_first(w, address, size, orders, expected);
    }
    return compares(w, &m, orders, read_small(address, size) == expected);
}
