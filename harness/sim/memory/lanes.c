/*
 * Races where there are few threads, the long way: accesses of several parts,
 * bytes that are accessed by sizes that overlap, who it is that one races with;
 * and what becomes of it all when there are more threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/lanes.h"

#include <string.h>

static void clear(struct lanes *c)
{
    memset(c, 0, sizeof(*c));
}

/* Eight parts of one byte instead of what is known of a half, whose first part
 * is `part`; false: there is no room. */
static bool split(struct weak *weak, struct granule *g, uint32_t part)
{
    assert(part % 2 == 0 && g->split[part / 2] == 0);
    if (weak->splits_used == SPLITS_MAX) {
        return false;
    }
    struct lanes *bytes = weak->split_lanes[weak->splits_used++];
    for (uint32_t i = 0; i < CELL_BYTES; i++) {
        if ((g->mask[part] >> i & 1) != 0) {
            bytes[i] = g->lanes[part];
        } else if ((g->mask[part + 1] >> i & 1) != 0) {
            bytes[i] = g->lanes[part + 1];
        } else {
            clear(&bytes[i]);
        }
    }
    g->mask[part] = 0;
    g->mask[part + 1] = 0;
    g->split[part / 2] = (uint16_t)weak->splits_used;
    return true;
}

/* What is known of just these bytes, from now on if nothing is; NULL: they are
 * to be looked at one by one. */
static struct lanes *part_of(struct weak *weak, struct granule *g,
                             uint32_t part, uint32_t mask)
{
    assert(mask != 0 && mask <= UINT8_MAX);
    if (g->split[part / 2] != 0) {
        return NULL;
    }
    if (g->mask[part] == mask) {
        return &g->lanes[part];
    }
    if (lanes_claim(g, part, mask)) {
        clear(&g->lanes[part]);
        return &g->lanes[part];
    }
    if (split(weak, g, part & ~1u)) {
        return NULL;
    }
    g->mask[part ^ 1u] = 0; /* forgotten: a race may be missed */
    g->mask[part] = (uint8_t)mask;
    clear(&g->lanes[part]);
    return &g->lanes[part];
}

/* With whom of those in `c` an access races. */
static void find_foe(const struct lanes *c, const uint32_t *clock,
                     struct conflict *conflict)
{
    for (uint32_t kind = 0; kind < USES; kind++) {
        for (uint32_t i = 0; i < LANES; i++) {
            if ((race_foes(conflict->use) >> kind & 1) != 0 &&
                c->by[kind][i] > clock[i]) {
                conflict->other_use = (enum use)kind;
                conflict->other = i;
                return;
            }
        }
    }
    assert(false);
}

/* Each kind has code of its own. */
static bool note(struct lanes *c, uint32_t self, const uint32_t *clock,
                 enum use use)
{
    switch (use) {
    case USE_WRITE:
        return lanes_note(c, self, clock, USE_WRITE);
    case USE_READ:
        return lanes_note(c, self, clock, USE_READ);
    case USE_ATOMIC_WRITE:
        return lanes_note(c, self, clock, USE_ATOMIC_WRITE);
    case USE_ATOMIC_READ:
        return lanes_note(c, self, clock, USE_ATOMIC_READ);
    case USES:
        break;
    }
    assert(false);
    return true;
}

/* The bytes `mask` of the half of `g` that an access has, the first of which is
 * in `part`.  True: it races, and with whom is in `conflict`. */
static bool touch_half(struct weak *weak, struct granule *g, uint32_t mask,
                       uint32_t self, struct conflict *conflict)
{
    uint32_t half = (uint32_t)(conflict->cell / CELL_BYTES % 2);
    uint32_t low = (1u << PART_BYTES) - 1u;
    uint32_t part = half * 2 + ((mask & low) == 0 ? 1 : 0);
    const uint32_t *clock = weak->clock[self];
    struct lanes *c = part_of(weak, g, part, mask);
    if (c != NULL) {
        if (note(c, self, clock, conflict->use)) {
            return false;
        }
        find_foe(c, clock, conflict);
        return true;
    }
    struct lanes *bytes = weak->split_lanes[g->split[half] - 1];
    bool races = false;
    for (uint32_t left = mask; left != 0; left &= left - 1) {
        c = &bytes[__builtin_ctz(left)];
        if (!note(c, self, clock, conflict->use)) {
            find_foe(c, clock, conflict);
            races = true; /* the last one counts */
        }
    }
    return races;
}

/* A write of all of a granule that nobody has touched, as that of calloc(). */
static bool begin_whole(struct world *w, struct granule *g)
{
    static const uint8_t none[LANE_PARTS];
    if (memcmp(g->mask, none, sizeof(none)) != 0 || g->split[0] != 0 ||
        g->split[1] != 0) {
        return false;
    }
    uint32_t self = w->current->id;
    lane_clocks own = lanes_at(w->weak->clock[self]) & lanes_of(self);
    for (uint32_t part = 0; part < LANE_PARTS; part += 2) {
        g->mask[part] = UINT8_MAX;
        lanes_begin(&g->lanes[part], own, USE_WRITE);
    }
    return true;
}

bool lanes_touch(struct world *w, const struct conflict *access)
{
    struct weak *weak = w->weak;
    uint32_t self = w->current->id;
    assert(weak->few && self < LANES);
    uintptr_t end = access->address + access->size;
    uintptr_t at = access->address & ~(uintptr_t)(CELL_BYTES - 1);
    for (; at < end; at += CELL_BYTES) {
        struct granule *g = granule_at(w, at);
        if (g == NULL) {
            continue;
        }
        if (access->use == USE_WRITE && at >= access->address &&
            at % WIDE_BYTES == 0 && end - at >= WIDE_BYTES &&
            begin_whole(w, g)) {
            at += CELL_BYTES;
            continue;
        }
        uintptr_t from = access->address > at ? access->address - at : 0;
        uintptr_t to = end - at < CELL_BYTES ? end - at : CELL_BYTES;
        uint32_t mask = ((1u << to) - 1u) & ~((1u << from) - 1u);
        struct conflict conflict = *access;
        conflict.cell = at;
        if (__builtin_expect(touch_half(weak, g, mask, self, &conflict), 0)) {
            race_fail(w, &conflict);
            return true;
        }
    }
    return false;
}

/* Whether nothing in `g` can race with its end; false: the long way tells. */
static bool is_done_with(const struct granule *g, lane_clocks now)
{
    if (g->split[0] != 0 || g->split[1] != 0) {
        return false;
    }
    for (uint32_t part = 0; part < LANE_PARTS; part++) {
        if (g->mask[part] != 0 && lanes_race(&g->lanes[part], now, USE_WRITE)) {
            return false;
        }
    }
    return true;
}

bool lanes_let_free(const struct world *w, uintptr_t address, size_t size)
{
    const struct weak *weak = w->weak;
    uint32_t self = w->current->id;
    assert(heap_owns(w->heap, (const void *)address));
    if (!weak->few || weak->threads[self].stamp != weak->stamp) {
        return false;
    }
    const lane_clocks now = lanes_at(weak->clock[self]);
    uintptr_t base = address & ~(uintptr_t)(WIDE_BYTES - 1);
    for (uintptr_t at = base; at < address + size; at += WIDE_BYTES) {
        const struct granule *g = granule_seen(w, at);
        if (g != NULL && !is_done_with(g, now)) {
            return false;
        }
    }
    return true;
}

/* --- more threads --------------------------------------------------------- */

/* What the lanes say of one kind, as a cell has it. */
static void convert_kind(struct weak *weak, const uint32_t *by, uint32_t kind,
                         struct cell *c)
{
    uint32_t entries = 0;
    for (uint32_t i = 0; i < LANES; i++) {
        if (by[i] != 0) {
            entries++;
            c->epoch[kind] = i << CLOCK_BITS | by[i];
        }
    }
    if (entries <= 1) {
        return;
    }
    if (weak->vectors_used + 1 >= VECTORS_MAX) {
        return; /* all but one are forgotten, as races.c does */
    }
    uint32_t index = ++weak->vectors_used;
    memset(weak->vectors[index], 0, sizeof(weak->vectors[index]));
    memcpy(weak->vectors[index], by, LANES * sizeof(*by));
    c->epoch[kind] = index;
    c->vectors = (uint8_t)(c->vectors | 1u << kind);
}

static void convert(struct weak *weak, const struct lanes *lanes, uint32_t mask,
                    struct cell *c)
{
    *c = (struct cell){.mask = (uint8_t)mask};
    for (uint32_t kind = 0; kind < USES; kind++) {
        convert_kind(weak, lanes->by[kind], kind, c);
    }
}

static void convert_half(struct weak *weak, const struct granule *g,
                         uint32_t half, struct cell *parts)
{
    if (g->split[half] != 0) {
        uint32_t index = g->split[half] - 1u;
        for (uint32_t i = 0; i < CELL_BYTES; i++) {
            convert(weak, &weak->split_lanes[index][i], 1u << i,
                    &weak->splits[index][i]);
        }
        parts->split = g->split[half];
        return;
    }
    uint32_t used = 0; /* of the two, the first that has no bytes is the end */
    for (uint32_t part = half * 2; part < half * 2 + 2; part++) {
        if (g->mask[part] != 0) {
            convert(weak, &g->lanes[part], g->mask[part], &parts[used++]);
        }
    }
}

static void convert_granule(struct world *w, struct granule *g)
{
    struct weak *weak = w->weak;
    if (g->stamp != weak->stamp) {
        return;
    }
    struct cell cell[WIDE_BYTES / CELL_BYTES][CELL_PARTS];
    memset(cell, 0, sizeof(cell));
    for (uint32_t half = 0; half < WIDE_BYTES / CELL_BYTES; half++) {
        convert_half(weak, g, half, cell[half]);
    }
    memcpy(g->cell, cell, sizeof(cell));
    if (weak->spotted) {
        spots_end(w, g);
    }
}

void lanes_end(struct weak *weak)
{
    struct world *w = world;
    if (!weak->few) {
        return;
    }
    assert(w->weak == weak);
    for (uint32_t i = 0; i < weak->heap_used; i++) {
        convert_granule(w, &weak->heap[i]);
    }
    for (uint32_t i = 0; i < SLOTS_GRANULES; i++) {
        convert_granule(w, &weak->slots[i]);
    }
    for (uint32_t i = 0; i < weak->free_count && weak->spotted; i++) {
        weak->locations[weak->free_ids[i]].last = 0;
    }
    if (weak->spotted) {
        spots_end_meetings(w);
        w->memory = &memory_c11;
    }
    weak->few = false;
    weak->swift = false;
    weak->spotted = false;
}
