/*
 * The short way of judging an access: nearly all are ordered behind what they
 * could race with, and then little is to be noted.  races.c has the long way,
 * and says what the cells are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_MEMORY_TOUCH_H
#define HX_SIM_MEMORY_TOUCH_H

#include "harness/sim/memory/lanes.h"

enum {
    SMALL_BYTES = 8 /* of a value that short ways handle */
};

#define CLOCK_MASK (((uint32_t)1 << CLOCK_BITS) - 1)

TOUCH_INLINE uint64_t read_small(const volatile void *address, size_t size)
{
    switch (size) {
    case 1:
        return *(const volatile uint8_t *)address;
    case 2:
        return *(const volatile uint16_t *)address;
    case 4:
        return *(const volatile uint32_t *)address;
    default:
        assert(size == SMALL_BYTES);
        return *(const volatile uint64_t *)address;
    }
}

/* One access, as the cells see it. */
struct touching {
    uint32_t thread;
    const uint32_t *clock; /* of that thread */
    uint32_t epoch;
    enum use use;
};

TOUCH_INLINE struct touching touching_of(const struct world *w, enum use use)
{
    uint32_t self = w->current->id;
    (void)knowledge_of(w->weak, self);
    const uint32_t *clock = w->weak->clock[self];
    return (struct touching){.thread = self,
                             .clock = clock,
                             .epoch = self << CLOCK_BITS | clock[self],
                             .use = use};
}

TOUCH_INLINE bool is_ordered(const struct touching *t, uint32_t epoch)
{
    return (epoch & CLOCK_MASK) <= t->clock[epoch >> CLOCK_BITS];
}

/* Whether an access of kind `t->use` is ordered behind all in a cell without
 * vectors that it could race with, and behind the last one of its own kind. An
 * epoch of 0, which says that there was none, is ordered. */
TOUCH_INLINE bool is_simple(const struct cell *c, const struct touching *t)
{
    uint32_t kinds = race_foes(t->use) | 1u << t->use;
    bool ordered = true;
    for (uint32_t kind = 0; kind < USES; kind++) {
        ordered = ordered &&
                  ((kinds >> kind & 1) == 0 || is_ordered(t, c->epoch[kind]));
    }
    return ordered;
}

/* The same where some of the kinds are vectors, if those are not of foes. */
TOUCH_INLINE bool note_in_vector(struct weak *weak, struct cell *c,
                                 const struct touching *t)
{
    if (t->use == USE_WRITE || (c->vectors & race_foes(t->use)) != 0) {
        return false;
    }
    bool own = (c->vectors >> t->use & 1) != 0;
    uint32_t clock = t->epoch & CLOCK_MASK;
    uint32_t *last =
        own ? &weak->vectors[c->epoch[t->use]][t->thread] : &c->epoch[t->use];
    uint32_t now = own ? clock : t->epoch;
    if (*last == now) {
        return true;
    }
    uint32_t kinds = race_foes(t->use);
    bool ordered = own || is_ordered(t, *last);
    for (uint32_t kind = 0; kind < USES; kind++) {
        ordered = ordered &&
                  ((kinds >> kind & 1) == 0 || is_ordered(t, c->epoch[kind]));
    }
    if (ordered) {
        *last = now;
    }
    return ordered;
}

/*
 * What find_foe() and note() do to a cell, if it is simple: so it is nearly
 * always.  False: nothing was done.  In the epoch of the last access of its
 * kind nobody can have come in between without a race.
 */
TOUCH_INLINE bool note_simply(struct weak *weak, struct cell *c,
                              const struct touching *t)
{
    if (c->vectors != 0) {
        return note_in_vector(weak, c, t);
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

/* touch_simply(), where the first part has other bytes or is split. */
bool touch_parts(struct weak *weak, struct cell *parts, uint32_t mask,
                 const struct touching *t);

/* The same for touch_cell().  What it did to some bytes before it found one
 * that is not simple, may be done again. */
TOUCH_INLINE bool touch_simply(struct weak *weak, struct cell *parts,
                               uint32_t mask, const struct touching *t)
{
    struct cell *c = parts->mask == mask ? parts : &parts[1];
    if (__builtin_expect(c->mask == mask, 1)) {
        return note_simply(weak, c, t);
    }
    if (parts->mask == 0 && parts->split == 0) { /* nobody was here before */
        parts->mask = (uint8_t)mask;
        parts->epoch[t->use] = t->epoch;
        return true;
    }
    return touch_parts(weak, parts, mask, t);
}

/* Whether thread `self` has begun, among few. */
TOUCH_INLINE bool is_lane(const struct weak *weak, uint32_t self)
{
    return weak->few && weak->threads[self].stamp == weak->stamp;
}

/* touch_in() where there are many threads: a function of its own, so that the
 * way of few needs no frame. */
bool touch_cells(const struct world *w, struct granule *g, uintptr_t address,
                 size_t size, enum use use);

/* An access within one cell of `g`, as nearly all are, if all is simple; false:
 * nothing is decided. */
TOUCH_INLINE bool touch_in(const struct world *w, struct granule *g,
                           uintptr_t address, size_t size, enum use use)
{
    struct weak *weak = w->weak;
    uint32_t self = w->current->id;
    if (address % CELL_BYTES + size > CELL_BYTES) {
        return false;
    }
    if (__builtin_expect(is_lane(weak, self), 1)) {
        return lanes_touch_part(g, address, size, laner_of(weak, self), use);
    }
    return touch_cells(w, g, address, size, use);
}

/* The same if the granule was seen before: that granule, or NULL. */
TOUCH_INLINE struct granule *touch_one(const struct world *w, uintptr_t address,
                                       size_t size, enum use use)
{
    struct granule *g = granule_seen(w, address);
    return g != NULL && touch_in(w, g, address, size, use) ? g : NULL;
}

/* The long way; true: it races. */
bool race_touch_slowly(struct world *w, const struct conflict *access);

/* An access of the current fiber, judged against all before it.  True: it
 * races, and the run has failed (outside of exploring nobody comes back). */
TOUCH_INLINE bool race_touch(struct world *w, uintptr_t address, size_t size,
                             enum use use, uintptr_t pc)
{
    if (__builtin_expect(touch_one(w, address, size, use) != NULL, 1)) {
        return false;
    }
    return race_touch_slowly(
        w, &(const struct conflict){
               .address = address, .size = size, .pc = pc, .use = use});
}

#endif
