/*
 * The short way of judging an access: nearly all are ordered behind what they
 * could race with, and then little is to be noted.  races.c has the long way,
 * and says what the cells are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_MEMORY_TOUCH_H
#define HX_SIM_MEMORY_TOUCH_H

#include "harness/sim/memory/model.h"

#include <string.h>

#define CLOCK_MASK (((uint32_t)1 << CLOCK_BITS) - 1)

/* One access, as the cells see it. */
struct touching {
    uint32_t thread;
    const uint32_t *clock; /* of that thread */
    uint32_t epoch;
    enum use use;
};

static inline struct touching touching_of(const struct world *w, enum use use)
{
    uint32_t self = w->current->id;
    const struct knowledge *k = knowledge_of(w->weak, self);
    return (struct touching){.thread = self,
                             .clock = k->clock,
                             .epoch = self << CLOCK_BITS | k->clock[self],
                             .use = use};
}

static inline bool is_ordered(const struct touching *t, uint32_t epoch)
{
    return (epoch & CLOCK_MASK) <= t->clock[epoch >> CLOCK_BITS];
}

/* Bits: the kinds of access that race with one of this kind. */
static inline uint32_t race_foes(enum use use)
{
    switch (use) {
    case USE_WRITE:
        return 1u << USE_WRITE | 1u << USE_READ | 1u << USE_ATOMIC_WRITE |
               1u << USE_ATOMIC_READ;
    case USE_READ:
        return 1u << USE_WRITE | 1u << USE_ATOMIC_WRITE;
    case USE_ATOMIC_WRITE:
        return 1u << USE_WRITE | 1u << USE_READ;
    case USE_ATOMIC_READ:
        return 1u << USE_WRITE;
    case USES:
        break;
    }
    assert(false);
    return 0;
}

/* Whether an access of kind `t->use` is ordered behind all in a cell without
 * vectors that it could race with, and behind the last one of its own kind. An
 * epoch of 0, which says that there was none, is ordered. */
static inline bool is_simple(const struct cell *c, const struct touching *t)
{
    uint32_t kinds = race_foes(t->use) | 1u << t->use;
    bool ordered = true;
    for (uint32_t kind = 0; kind < USES; kind++) {
        ordered = ordered &&
                  ((kinds >> kind & 1) == 0 || is_ordered(t, c->epoch[kind]));
    }
    return ordered;
}

/*
 * What find_foe() and note() do to a cell, if it is simple: so it is nearly
 * always.  False: nothing was done.  In the epoch of the last access of its
 * kind nobody can have come in between without a race.
 */
static inline bool note_simply(struct cell *c, const struct touching *t)
{
    if (c->vectors != 0) {
        return false;
    }
    if (c->epoch[t->use] == t->epoch && t->use != USE_WRITE) {
        return true;
    }
    if (!is_simple(c, t)) {
        return false;
    }
    if (t->use == USE_WRITE) {
        memset(c->epoch, 0, sizeof(c->epoch));
    }
    c->epoch[t->use] = t->epoch;
    return true;
}

/* The same for touch_cell().  What it did to some bytes before it found one
 * that is not simple, may be done again. */
static inline bool touch_simply(struct weak *weak, struct cell *c,
                                uint32_t mask, const struct touching *t)
{
    if (c->split == 0) {
        if ((c->mask != mask && c->mask != 0) || !note_simply(c, t)) {
            return false;
        }
        c->mask = (uint8_t)mask;
        return true;
    }
    struct cell *bytes = weak->splits[c->split - 1];
    for (uint32_t left = mask; left != 0; left &= left - 1) {
        if (!note_simply(&bytes[__builtin_ctz(left)], t)) {
            return false;
        }
    }
    return true;
}

/* All of an access, cell by cell, as far as it is simple: returns the address
 * of the first cell that was not judged, or `end` or more. */
static inline uintptr_t touch_quickly(struct world *w, uintptr_t at,
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
        if (!touch_simply(w->weak, &g->cell[at / CELL_BYTES % 2], mask, t)) {
            return at;
        }
        at += CELL_BYTES;
    }
    return at;
}

/* Where it is, and whether it is a free(). */
struct place_of_access {
    uintptr_t pc;
    bool frees;
};

/* The long way, from the cell at `at` on.  True: it races. */
bool race_touch_slowly(struct world *w, uintptr_t at,
                       const struct conflict *access);

/* An access of `size` bytes, which is a release of the block if it `frees`. */
static inline __attribute__((always_inline)) bool
touch_range(struct world *w, uintptr_t address, size_t size, enum use use,
            struct place_of_access place)
{
    if (!w->weak->races) {
        return false;
    }
    uintptr_t at = address & ~(uintptr_t)(CELL_BYTES - 1);
    if (__builtin_expect(!w->recording, 1)) {
        const struct touching t = touching_of(w, use);
        at = touch_quickly(w, at, address + size, address, &t);
        if (__builtin_expect(at >= address + size, 1)) {
            return false;
        }
    }
    const struct conflict access = {.address = address,
                                    .size = size,
                                    .pc = place.pc,
                                    .use = use,
                                    .frees = place.frees};
    return race_touch_slowly(w, at, &access);
}

/* An access of the current fiber, judged against all before it.  True: it
 * races, and the run has failed (outside of exploring nobody comes back). */
static inline __attribute__((always_inline)) bool
race_touch(struct world *w, uintptr_t address, size_t size, enum use use,
           uintptr_t pc)
{
    return touch_range(w, address, size, use,
                       (struct place_of_access){.pc = pc});
}

#endif
