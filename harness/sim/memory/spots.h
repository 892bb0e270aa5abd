/*
 * Atomic locations under sequential consistency, where there are few threads.
 *
 * Only the newest store of a location can be read, and real memory has it: so
 * neither values nor views are kept, but what whoever acquires gets: clocks, a
 * register of them, in place of messages.  They are what the messages of
 * sequences.c would hold, step by step.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_MEMORY_SPOTS_H
#define HX_SIM_MEMORY_SPOTS_H

#include "harness/sim/memory/touch.h"

/* Of `a` and `b` what is later, thread by thread. */
TOUCH_INLINE lane_clocks spot_later(lane_clocks a, lane_clocks b)
{
    const lane_clocks more = a > b;
    return (a & more) | (b & ~more);
}

/* The spot of just these bytes, if it is among the first two of its granule, as
 * nearly all are; else NULL. */
TOUCH_INLINE struct spot *spot_seen(struct weak *weak, const struct granule *g,
                                    uintptr_t address, size_t size)
{
    if (g->location == NO_LOCATION) {
        return NULL;
    }
    struct spot *s = &weak->spots[g->location];
    if (s->address != address && s->next != NO_LOCATION) {
        s = &weak->spots[s->next];
    }
    return s->address == address && s->size == size ? s : NULL;
}

/* The spot of these bytes, from now on if there is none; NULL: there is no room
 * for one more. */
struct spot *spot_in(struct weak *weak, struct granule *g, uintptr_t address,
                     size_t size);

/* What reading it does to thread `self`: message_acquire(), message_see(). */
TOUCH_INLINE void spot_read(struct weak *weak, uint32_t self,
                            const struct spot *s, enum order order)
{
    uint32_t *knows =
        order_acquires(order) ? weak->clock[self] : weak->seen[self];
    lanes_put(knows, spot_later(lanes_at(knows), lanes_at(s->message)));
}

/* What thread `self` releases: its epoch is over. */
TOUCH_INLINE lane_clocks spot_capture(struct weak *weak, uint32_t self)
{
    uint32_t *clock = weak->clock[self];
    lane_clocks own = lanes_at(clock);
    if (clock[self] < CLOCK_MASK) {
        lanes_put(clock, own - lanes_of(self)); /* all ones are -1 */
    }
    return own;
}

/* The long ways of these, which tell what a store and an update leave. */
void spot_go_on(struct weak *weak, struct spot *s, uint32_t self,
                enum order order);
void spot_update(struct weak *weak, struct spot *s, uint32_t self,
                 enum order order);

/* A store of thread `self`. */
TOUCH_INLINE void spot_store(struct weak *weak, struct spot *s, uint32_t self,
                             enum order order)
{
    if (!order_releases(order)) {
        spot_go_on(weak, s, self, order);
        return;
    }
    const lane_clocks own = spot_capture(weak, self);
    lanes_put(s->message, own);
    lanes_put(s->head[0], own);
    s->heads = 1;
    s->head_thread[0] = (uint8_t)self;
    s->crowd = false;
}

#endif
