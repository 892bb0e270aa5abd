/*
 * Data races: FastTrack (Flanagan, Freund, PLDI 2009).
 *
 * A cell keeps, for up to eight bytes, the epoch of the last plain write and
 * of the last plain reads, atomic writes and atomic reads; where several
 * threads' are not ordered, a vector of epochs.  Plain is judged against plain
 * and against atomic; atomic against atomic never.  Unlike FastTrack's, a cell
 * whose bytes are accessed by different sizes splits into cells of one byte.
 *
 *     epoch    thread << 24 | clock      clock 0: never
 *
 * Clocks advance at releases only, so most accesses find their own epoch and
 * are done with one comparison.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
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

/* Eight cells of one byte instead of this one; false: there is no room. */
static bool split(struct weak *weak, struct cell *c)
{
    if (weak->splits_used == SPLITS_MAX) {
        return false;
    }
    struct cell *bytes = weak->splits[weak->splits_used++];
    for (uint32_t i = 0; i < CELL_BYTES; i++) {
        bytes[i] = (struct cell){.mask = (uint8_t)(1u << i)};
        if ((c->mask >> i & 1) == 0) {
            continue;
        }
        memcpy(bytes[i].epoch, c->epoch, sizeof(c->epoch));
        for (uint32_t kind = 0; kind < USES; kind++) {
            if ((c->vectors >> kind & 1) == 0) {
                continue;
            }
            if (weak->vectors_used + 1 >= VECTORS_MAX) {
                bytes[i].epoch[kind] = 0; /* forgotten: a race may be missed */
                continue;
            }
            uint32_t index = ++weak->vectors_used;
            memcpy(weak->vectors[index], weak->vectors[c->epoch[kind]],
                   sizeof(weak->vectors[index]));
            bytes[i].epoch[kind] = index;
            bytes[i].vectors = (uint8_t)(bytes[i].vectors | 1u << kind);
        }
    }
    c->split = (uint16_t)weak->splits_used;
    return true;
}

/* Judges an access of the bytes `mask` of a cell. */
static uint32_t touch_cell(struct weak *weak, struct cell *c, uint32_t mask,
                           const struct touching *t, enum use *by)
{
    if (c->split == 0 && (c->mask == mask || c->mask == 0)) {
        c->mask = (uint8_t)mask;
        if ((c->vectors >> t->use & 1) == 0 && c->epoch[t->use] == t->epoch &&
            t->use != USE_WRITE) {
            return NO_FIBER; /* as a moment ago */
        }
        uint32_t foe = find_foe(weak, c, t, by);
        note(weak, c, t);
        return foe;
    }
    if (c->split == 0 && !split(weak, c)) {
        *c = (struct cell){.mask = (uint8_t)mask};
        note(weak, c, t);
        return NO_FIBER;
    }
    uint32_t foe = NO_FIBER;
    for (uint32_t left = mask; left != 0; left &= left - 1) {
        struct cell *byte = &weak->splits[c->split - 1][__builtin_ctz(left)];
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
    struct cell *c = &g->cell[(at - g->address) / CELL_BYTES];
    conflict.other = touch_cell(w->weak, c, mask, t, &conflict.other_use);
    if (__builtin_expect(conflict.other != NO_FIBER, 0)) {
        race_fail(w, &conflict);
        return true;
    }
    if (__builtin_expect(w->recording, 0)) {
        race_witness(w, at, t->use, access);
    }
    return false;
}

bool race_touch_slowly(struct world *w, uintptr_t at,
                       const struct conflict *access)
{
    const struct touching t = touching_of(w, access->use);
    uintptr_t end = access->address + access->size;
    while (at < end) {
        if (touch_part(w, at, access, &t)) {
            return true;
        }
        at += CELL_BYTES;
        at = w->recording ? at : touch_quickly(w, at, end, access->address, &t);
    }
    return false;
}

void memory_plain_access(struct world *w, const volatile void *address,
                         size_t size, bool writes, uintptr_t pc)
{
    uintptr_t at = (uintptr_t)address;
    if (!writes) {
        (void)race_touch(w, at, size, USE_READ, pc);
    } else if (!race_touch(w, at, size, USE_WRITE, pc)) {
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
    if (size > 0 && !w->scenario->system.freed_reads &&
        touch_range(w, (uintptr_t)address, size, USE_WRITE,
                    (struct place_of_access){.pc = pc, .frees = true})) {
        return;
    }
    edge_release(w, address, PART_BLOCK);
}
