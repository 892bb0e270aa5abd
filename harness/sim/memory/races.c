/*
 * Data races: FastTrack (Flanagan, Freund, PLDI 2009).
 *
 * A cell keeps, for up to eight bytes, the epoch of the last plain write and
 * of the last plain reads, atomic writes and atomic reads; where several
 * threads' are not ordered, a vector of epochs.  Plain is judged against plain
 * and against atomic; atomic against atomic never.  Unlike FastTrack's, a cell
 * whose bytes are accessed by sizes that overlap splits into cells of one byte.
 *
 *     epoch    thread << 24 | clock      clock 0: never
 *
 * Clocks advance at releases only, so most accesses find their own epoch and
 * are done with one comparison.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/buffers.h"
#include "harness/sim/memory/touch.h"

#include <string.h>

/* The thread of an access of kind `kind` that is not ordered before `t`, or
 * NO_FIBER. */
static uint32_t find_unordered(const struct weak *weak, const struct cell *c,
                               enum use kind, const struct touching *t)
{
    uint32_t epoch = c->epoch[kind];
    if ((c->vectors >> kind & 1) == 0) {
        return is_ordered(t, epoch) ? NO_FIBER : epoch >> CLOCK_BITS;
    }
    const uint32_t *vector = weak->vectors[epoch];
    for (uint32_t i = 0; i < weak->threads_used; i++) {
        if (vector[i] > t->clock[i]) {
            return i;
        }
    }
    return NO_FIBER;
}

/* Who of those in the cell races with `t`, and by what; NO_FIBER: nobody. */
static uint32_t find_foe(const struct weak *weak, const struct cell *c,
                         const struct touching *t, enum use *by)
{
    for (uint32_t kind = 0; kind < USES; kind++) {
        if ((race_foes(t->use) >> kind & 1) == 0 || c->epoch[kind] == 0) {
            continue;
        }
        uint32_t other = find_unordered(weak, c, (enum use)kind, t);
        if (other != NO_FIBER) {
            *by = (enum use)kind;
            return other;
        }
    }
    return NO_FIBER;
}

/* The last of these by several threads: a vector from now on, if there is
 * room; else the earlier one is forgotten. */
static void widen(struct weak *weak, struct cell *c, const struct touching *t)
{
    uint32_t old = c->epoch[t->use];
    /* Number 0 is never given: an epoch of 0 says that there was none. */
    if (weak->vectors_used + 1 >= VECTORS_MAX) {
        c->epoch[t->use] = t->epoch;
        return;
    }
    uint32_t index = ++weak->vectors_used;
    memset(weak->vectors[index], 0, sizeof(weak->vectors[index]));
    weak->vectors[index][old >> CLOCK_BITS] = old & CLOCK_MASK;
    weak->vectors[index][t->thread] = t->epoch & CLOCK_MASK;
    c->epoch[t->use] = index;
    c->vectors = (uint8_t)(c->vectors | 1u << t->use);
}

static void note(struct weak *weak, struct cell *c, const struct touching *t)
{
    uint32_t bit = 1u << t->use;
    if (t->use == USE_WRITE) {
        /* All before it is ordered before it: whoever is ordered behind this
         * is behind them, too. */
        memset(c->epoch, 0, sizeof(c->epoch));
        c->vectors = 0;
        c->epoch[USE_WRITE] = t->epoch;
    } else if ((c->vectors & bit) != 0) {
        weak->vectors[c->epoch[t->use]][t->thread] = t->epoch & CLOCK_MASK;
    } else if (c->epoch[t->use] == 0 || is_ordered(t, c->epoch[t->use])) {
        c->epoch[t->use] = t->epoch;
    } else {
        widen(weak, c, t);
    }
}

/* The cell of just these bytes, from now on if there is none; NULL: they have
 * to be looked at one by one. */
static struct cell *part_of(struct cell *parts, uint32_t mask)
{
    if (parts->split != 0) {
        return NULL;
    }
    for (uint32_t i = 0; i < CELL_PARTS; i++) {
        struct cell *c = &parts[i];
        if (c->mask == mask || c->mask == 0) {
            c->mask = (uint8_t)mask;
            return c;
        }
        if ((c->mask & mask) != 0) {
            break;
        }
    }
    return NULL;
}

bool touch_parts(struct weak *weak, struct cell *parts, uint32_t mask,
                 const struct touching *t)
{
    struct cell *c = part_of(parts, mask);
    if (c != NULL) {
        return note_simply(weak, c, t);
    }
    if (parts->split == 0) {
        return false;
    }
    struct cell *bytes = weak->splits[parts->split - 1];
    for (uint32_t left = mask; left != 0; left &= left - 1) {
        if (!note_simply(weak, &bytes[__builtin_ctz(left)], t)) {
            return false;
        }
    }
    return true;
}

/* What `c` knows of each of its bytes goes to the cell of that byte. */
static void copy_to_bytes(struct weak *weak, const struct cell *c,
                          struct cell *bytes)
{
    for (uint32_t left = c->mask; left != 0; left &= left - 1) {
        struct cell *byte = &bytes[__builtin_ctz(left)];
        memcpy(byte->epoch, c->epoch, sizeof(c->epoch));
        for (uint32_t kind = 0; kind < USES; kind++) {
            if ((c->vectors >> kind & 1) == 0) {
                continue;
            }
            if (weak->vectors_used + 1 >= VECTORS_MAX) {
                byte->epoch[kind] = 0; /* forgotten: a race may be missed */
                continue;
            }
            uint32_t index = ++weak->vectors_used;
            memcpy(weak->vectors[index], weak->vectors[c->epoch[kind]],
                   sizeof(weak->vectors[index]));
            byte->epoch[kind] = index;
            byte->vectors = (uint8_t)(byte->vectors | 1u << kind);
        }
    }
}

/* Eight cells of one byte instead of these; false: there is no room. */
static bool split(struct weak *weak, struct cell *parts)
{
    if (weak->splits_used == SPLITS_MAX) {
        return false;
    }
    struct cell *bytes = weak->splits[weak->splits_used++];
    for (uint32_t i = 0; i < CELL_BYTES; i++) {
        bytes[i] = (struct cell){.mask = (uint8_t)(1u << i)};
    }
    for (uint32_t i = 0; i < CELL_PARTS; i++) {
        copy_to_bytes(weak, &parts[i], bytes);
        parts[i].mask = 0;
    }
    parts->split = (uint16_t)weak->splits_used;
    return true;
}

/* Judges an access of the bytes `mask` of a cell. */
static uint32_t touch_cell(struct weak *weak, struct cell *parts, uint32_t mask,
                           const struct touching *t, enum use *by)
{
    struct cell *c = part_of(parts, mask);
    if (c != NULL) {
        if ((c->vectors >> t->use & 1) == 0 && c->epoch[t->use] == t->epoch &&
            t->use != USE_WRITE) {
            return NO_FIBER; /* as a moment ago */
        }
        uint32_t foe = find_foe(weak, c, t, by);
        note(weak, c, t);
        return foe;
    }
    if (parts->split == 0 && !split(weak, parts)) {
        memset(parts, 0, CELL_PARTS * sizeof(*parts));
        parts->mask = (uint8_t)mask;
        note(weak, parts, t);
        return NO_FIBER;
    }
    uint32_t foe = NO_FIBER;
    for (uint32_t left = mask; left != 0; left &= left - 1) {
        struct cell *byte =
            &weak->splits[parts->split - 1][__builtin_ctz(left)];
        enum use kind = USE_WRITE;
        uint32_t other = find_foe(weak, byte, t, &kind);
        if (other != NO_FIBER) {
            foe = other;
            *by = kind;
        }
        note(weak, byte, t);
    }
    return foe;
}

/* The part of an access in the eight bytes from `at` on; whether it races. */
static bool touch_part(struct world *w, uintptr_t at,
                       const struct conflict *access, const struct touching *t)
{
    struct granule *g = granule_at(w, at);
    if (g == NULL) {
        return false;
    }
    uintptr_t from = access->address > at ? access->address - at : 0;
    uintptr_t to = access->address + access->size - at;
    to = to < CELL_BYTES ? to : CELL_BYTES;
    assert(from < to);
    uint32_t mask = ((1u << to) - 1u) & ~((1u << from) - 1u);
    struct conflict conflict = *access;
    conflict.cell = at;
    struct cell *parts = g->cell[(at - g->address) / CELL_BYTES];
    conflict.other = touch_cell(w->weak, parts, mask, t, &conflict.other_use);
    if (__builtin_expect(conflict.other != NO_FIBER, 0)) {
        race_fail(w, &conflict);
        return true;
    }
    if (__builtin_expect(w->recording, 0)) {
        race_witness(w, at, t->use, access);
    }
    return false;
}

TOUCH_INLINE bool touch_kind(const struct world *w, struct granule *g,
                             uintptr_t address, size_t size, enum use use)
{
    const struct touching t = touching_of(w, use);
    uint32_t mask = ((1u << size) - 1u) << address % CELL_BYTES;
    return touch_simply(w->weak, g->cell[address / CELL_BYTES % 2], mask, &t);
}

bool touch_cells(const struct world *w, struct granule *g, uintptr_t address,
                 size_t size, enum use use)
{
    const struct weak *weak = w->weak;
    if (weak->few || w->recording || !weak->races ||
        weak->threads[w->current->id].stamp != weak->stamp) {
        return false;
    }
    switch (use) { /* each kind has code of its own */
    case USE_WRITE:
        return touch_kind(w, g, address, size, USE_WRITE);
    case USE_READ:
        return touch_kind(w, g, address, size, USE_READ);
    case USE_ATOMIC_WRITE:
        return touch_kind(w, g, address, size, USE_ATOMIC_WRITE);
    case USE_ATOMIC_READ:
        return touch_kind(w, g, address, size, USE_ATOMIC_READ);
    case USES:
        break;
    }
    assert(false);
    return false;
}

/* All of an access, cell by cell, as far as it is simple: returns the address
 * of the first cell that was not judged, or `end` or more. */
TOUCH_INLINE uintptr_t touch_quickly(struct world *w, uintptr_t at,
                                     uintptr_t end, uintptr_t address,
                                     const struct touching *t)
{
    while (at < end) {
        struct granule *g = granule_at(w, at);
        if (g == NULL) {
            return at;
        }
        uintptr_t from = address > at ? address - at : 0;
        uintptr_t to = end - at < CELL_BYTES ? end - at : CELL_BYTES;
        uint32_t mask = ((1u << to) - 1u) & ~((1u << from) - 1u);
        if (!touch_simply(w->weak, g->cell[at / CELL_BYTES % 2], mask, t)) {
            return at;
        }
        at += CELL_BYTES;
    }
    return at;
}

/* What touch_one() does, also where nothing was seen before. */
TOUCH_INLINE bool touch_first(struct world *w, uintptr_t address, size_t size,
                              const struct touching *t)
{
    uint32_t from = (uint32_t)(address % CELL_BYTES);
    struct granule *g = granule_at(w, address);
    if (g == NULL || from + size > CELL_BYTES || w->recording) {
        return false;
    }
    uint32_t mask = ((1u << size) - 1u) << from;
    return touch_simply(w->weak, g->cell[address / CELL_BYTES % 2], mask, t);
}

TOUCH_INLINE bool touch_range(struct world *w, const struct conflict *access,
                              enum use use)
{
    const struct touching t = touching_of(w, use);
    if (touch_first(w, access->address, access->size, &t)) {
        return false;
    }
    uintptr_t end = access->address + access->size;
    uintptr_t at = access->address & ~(uintptr_t)(CELL_BYTES - 1);
    for (;;) {
        at = w->recording ? at : touch_quickly(w, at, end, access->address, &t);
        if (at >= end) {
            return false;
        }
        if (touch_part(w, at, access, &t)) {
            return true;
        }
        at += CELL_BYTES;
    }
}

bool race_touch_slowly(struct world *w, const struct conflict *access)
{
    if (!w->weak->races) {
        return false;
    }
    (void)knowledge_of(w->weak, w->current->id); /* are they still few? */
    if (w->weak->few) {
        return lanes_touch(w, access);
    }
    switch (access->use) { /* each kind has code of its own */
    case USE_WRITE:
        return touch_range(w, access, USE_WRITE);
    case USE_READ:
        return touch_range(w, access, USE_READ);
    case USE_ATOMIC_WRITE:
        return touch_range(w, access, USE_ATOMIC_WRITE);
    case USE_ATOMIC_READ:
        return touch_range(w, access, USE_ATOMIC_READ);
    case USES:
        break;
    }
    assert(false);
    return false;
}

/* Functions of their own, so that the short ways need no frame. */
static __attribute__((noinline)) void read_slowly(struct world *w, uintptr_t at,
                                                  size_t size, uintptr_t pc)
{
    (void)race_touch_slowly(
        w, &(const struct conflict){
               .address = at, .size = size, .pc = pc, .use = USE_READ});
}

static __attribute__((noinline)) void
write_slowly(struct world *w, uintptr_t at, size_t size, uintptr_t pc)
{
    const struct conflict access = {
        .address = at, .size = size, .pc = pc, .use = USE_WRITE};
    if (!race_touch_slowly(w, &access)) {
        location_plain_write(w, at, size);
    }
}

void memory_plain_read(struct world *w, const volatile void *address,
                       size_t size, uintptr_t pc)
{
    uintptr_t at = (uintptr_t)address;
    if (__builtin_expect(touch_one(w, at, size, USE_READ) == NULL, 0)) {
        read_slowly(w, at, size, pc);
    }
}

void memory_plain_write(struct world *w, const volatile void *address,
                        size_t size, uintptr_t pc)
{
    uintptr_t at = (uintptr_t)address;
    const struct granule *g = touch_one(w, at, size, USE_WRITE);
    if (__builtin_expect(g == NULL, 0)) {
        write_slowly(w, at, size, pc);
    } else if (g->location != NO_LOCATION) {
        location_plain_write(w, at, size);
    }
}

void memory_volatile_access(struct world *w, const volatile void *address,
                            size_t size, bool writes, uintptr_t pc)
{
    uintptr_t at = (uintptr_t)address;
    tso_drain(w, w->current->id);
    if (!race_touch(w, at, size, writes ? USE_ATOMIC_WRITE : USE_ATOMIC_READ,
                    pc) &&
        writes) {
        location_plain_write(w, at, size);
    }
}

void memory_free_range(struct world *w, const void *address, size_t size,
                       uintptr_t pc)
{
    const struct conflict access = {.address = (uintptr_t)address,
                                    .size = size,
                                    .pc = pc,
                                    .use = USE_WRITE,
                                    .frees = true};
    /* What is freed is forgotten next: among few nothing of it is noted. */
    if (size > 0 && !w->scenario->system.freed_reads &&
        !lanes_let_free(w, access.address, size) &&
        race_touch_slowly(w, &access)) {
        return;
    }
    edge_release(w, address, PART_BLOCK);
}
