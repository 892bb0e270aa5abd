/*
 * Races where there are few threads: whole vectors instead of epochs.
 *
 * A part of a granule keeps for each kind of access one clock of each thread,
 * a vector register's worth.  So an access is judged by a comparison of
 * registers for each kind that it could race with, without a branch on who was
 * here before.  What is kept is what the cells of races.c would keep, and so
 * is what is said of a race: a single entry is an epoch, and goes when its
 * successor comes; several are a vector.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_MEMORY_LANES_H
#define HX_SIM_MEMORY_LANES_H

#include "harness/sim/memory/model.h"

#include <string.h>

enum {
    LANE_PARTS = WIDE_BYTES / PART_BYTES
};

/* So that the kind of access is a constant in it. */
#define TOUCH_INLINE static inline __attribute__((always_inline))

/* The clocks of all threads.  They are small: signed comparisons say the same
 * as others, and those all machines have. */
typedef int32_t lane_clocks
    __attribute__((vector_size(LANES * sizeof(int32_t))));

TOUCH_INLINE lane_clocks lanes_at(const uint32_t *clock)
{
    lane_clocks got;
    memcpy(&got, clock, sizeof(got));
    return got;
}

TOUCH_INLINE void lanes_put(uint32_t *clock, lane_clocks value)
{
    memcpy(clock, &value, sizeof(value));
}

TOUCH_INLINE bool lanes_any(lane_clocks value)
{
    uint64_t halves[2];
    _Static_assert(sizeof(halves) == sizeof(value), "two words");
    memcpy(halves, &value, sizeof(halves));
    return (halves[0] | halves[1]) != 0;
}

/* All ones where thread `self` is. */
TOUCH_INLINE lane_clocks lanes_of(uint32_t self)
{
    const lane_clocks numbers = {0, 1, 2, 3};
    const int32_t own = (int32_t)self;
    return numbers == (lane_clocks){own, own, own, own};
}

/* Bits: the kinds of access that race with one of this kind. */
TOUCH_INLINE uint32_t race_foes(enum use use)
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

/* Whether an access of this kind, of a thread that knows `now`, races with one
 * of those in `c`. */
TOUCH_INLINE bool lanes_race(const struct lanes *c, lane_clocks now,
                             enum use use)
{
    lane_clocks late = {0};
    for (uint32_t kind = 0; kind < USES; kind++) {
        if ((race_foes(use) >> kind & 1) != 0) {
            late |= lanes_at(c->by[kind]) > now;
        }
    }
    return lanes_any(late);
}

/* The first access of these bytes. */
TOUCH_INLINE void lanes_begin(struct lanes *c, lane_clocks own, enum use use)
{
    const lane_clocks none = {0};
    for (uint32_t kind = 0; kind < USES; kind++) {
        lanes_put(c->by[kind], kind == use ? own : none);
    }
}

/* Whether there is just one entry in it. */
TOUCH_INLINE bool lanes_is_one(lane_clocks value)
{
    uint64_t halves[2];
    memcpy(halves, &value, sizeof(halves));
    uint64_t both = halves[0] | halves[1];
    return (halves[0] == 0 || halves[1] == 0) && both != 0 &&
           (both >> 32 == 0 || (uint32_t)both == 0);
}

/*
 * An access of thread `self`, which knows `clock`, judged and noted; false: it
 * races.  In the epoch of its last one of this kind nobody can have come in
 * between without a race.
 */
TOUCH_INLINE bool lanes_note(struct lanes *c, uint32_t self,
                             const uint32_t *clock, enum use use)
{
    if (c->by[use][self] == clock[self]) {
        return true;
    }
    const lane_clocks now = lanes_at(clock);
    if (__builtin_expect(lanes_race(c, now, use), 0)) {
        return false;
    }
    const lane_clocks mask = lanes_of(self);
    if (use == USE_WRITE) {
        /* All before it is ordered before it: whoever is ordered behind this
         * is behind them, too. */
        lanes_begin(c, now & mask, use);
        return true;
    }
    lane_clocks others = lanes_at(c->by[use]) & ~mask;
    if (c->by[use][self] == 0 && lanes_is_one(others) &&
        !lanes_any(others > now)) {
        others = (lane_clocks){0}; /* so is an epoch behind this */
    }
    lanes_put(c->by[use], others | (now & mask));
    return true;
}

/* Whether the other part of the half of `part` has none of these bytes, nor is
 * the half split: they are its own from now on. */
TOUCH_INLINE bool lanes_claim(struct granule *g, uint32_t part, uint32_t mask)
{
    if (g->mask[part] != 0 || (g->mask[part ^ 1u] & mask) != 0 ||
        g->split[part / 2] != 0) {
        return false;
    }
    g->mask[part] = (uint8_t)mask;
    return true;
}

/* A thread that has begun, and what it knows. */
struct laner {
    uint32_t self;
    const uint32_t *clock;
};

TOUCH_INLINE struct laner laner_of(const struct weak *weak, uint32_t self)
{
    return (struct laner){.self = self, .clock = weak->clock[self]};
}

/* An access of bytes that lie within half a granule; false: nothing is
 * decided. */
TOUCH_INLINE bool lanes_touch_part(struct granule *g, uintptr_t address,
                                   size_t size, struct laner by, enum use use)
{
    uint32_t part = (uint32_t)(address / PART_BYTES % LANE_PARTS);
    uint32_t mask = ((1u << size) - 1u) << (address % CELL_BYTES);
    struct lanes *c = &g->lanes[part];
    if (__builtin_expect(g->mask[part] == mask, 1)) {
        return lanes_note(c, by.self, by.clock, use);
    }
    if (lanes_claim(g, part, mask)) {
        lanes_begin(c, lanes_at(by.clock) & lanes_of(by.self), use);
        return true;
    }
    return false;
}

#endif
