/*
 * What comes of a move, by the state of its object (harness/sim/moves.h), and
 * what is told of those that are made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/moves.h"

#include "harness/sim/sync/objects.h"

static const uint64_t owner_bits = 0xff;
static const uint64_t held_once = (uint64_t)1 << HOLDS_SHIFT;

static struct deed move_on_mutex(enum move move, uint64_t self, uint64_t before)
{
    uint64_t owner = before & owner_bits;
    uint64_t type = before >> MUTEX_TYPE_SHIFT;
    struct deed deed = {.after = before};
    if (move == MOVE_UNLOCK) {
        if (owner == self) {
            deed.after -= held_once;
            bool free = (deed.after ^ type << MUTEX_TYPE_SHIFT) == owner;
            deed.after -= free ? owner : 0;
            deed.releases = DEED_WHOLE;
        }
        return deed;
    }
    assert(move == MOVE_LOCK || move == MOVE_TRY_LOCK);
    if (owner == 0 || (owner == self && type == MUTEX_RECURSIVE)) {
        deed.after = (before | self) + held_once;
        deed.acquires = DEED_WHOLE;
    } else if (move == MOVE_LOCK) {
        deed.waits = owner != self || type != MUTEX_CHECKED;
    }
    return deed;
}

static struct deed move_on_semaphore(enum move move, uint64_t before)
{
    struct deed deed = {.after = before};
    if (move == MOVE_POST && before < SEMAPHORE_MAX) {
        deed.after++;
        deed.releases = DEED_WHOLE;
    } else if (move == MOVE_WAIT || move == MOVE_TRY_WAIT) {
        deed.waits = before == 0 && move == MOVE_WAIT;
        deed.after -= before == 0 ? 0 : 1;
        deed.acquires = before == 0 ? 0 : DEED_WHOLE;
    }
    return deed;
}

/* Who leaves has it: that it has for reading is taken for granted, for a search
 * would be told otherwise. */
static struct deed move_on_rwlock(enum move move, uint64_t self,
                                  uint64_t before)
{
    uint64_t owner = before & owner_bits;
    struct deed deed = {.after = before};
    if (move == MOVE_LEAVE) {
        deed.after -= owner == self         ? owner
                      : before >= held_once ? held_once
                                            : 0;
        deed.releases = owner == self ? DEED_WHOLE : DEED_READERS;
        return deed;
    }
    bool reads = move == MOVE_READ || move == MOVE_TRY_READ;
    bool tries = move == MOVE_TRY_READ || move == MOVE_TRY_WRITE;
    if (reads ? owner == 0 : before == 0) {
        deed.after += reads ? held_once : self;
        deed.acquires = reads ? DEED_WHOLE : DEED_WHOLE | DEED_READERS;
    } else {
        deed.waits = !tries && owner != self;
    }
    return deed;
}

static struct deed move_on_condition(enum move move, uint32_t thread,
                                     uint64_t before, uint32_t chosen)
{
    struct deed deed = {.after = before};
    if (move == MOVE_SLEEP) {
        assert(thread < FIBERS_MAX);
        deed.after |= fiber_bit(thread);
    } else if (move == MOVE_BROADCAST) {
        deed.after = 0;
    } else {
        uint64_t left = before;
        for (uint32_t i = 0; i < chosen; i++) {
            left &= left - 1;
        }
        deed.after ^= left & -left;
    }
    return deed;
}

static struct deed move_on_once(enum move move, uint64_t before)
{
    struct deed deed = {.after = before};
    if (move == MOVE_ENTER) {
        deed.waits = before == ONCE_RUNS;
        deed.after = before == ONCE_FRESH ? ONCE_RUNS : before;
        deed.acquires = before == ONCE_DONE ? DEED_WHOLE : 0;
    } else {
        deed.after = move == MOVE_DONE ? ONCE_DONE : ONCE_FRESH;
        deed.acquires = DEED_WHOLE;
        deed.releases = DEED_WHOLE;
    }
    return deed;
}

/* Who comes last wakes all; what the others do then is behind that. */
static struct deed move_on_barrier(uint32_t thread, uint64_t before)
{
    const uint64_t needed = before >> BARRIER_SHIFT << BARRIER_SHIFT;
    uint32_t arrived = (uint32_t)__builtin_popcountll(before ^ needed) + 1;
    assert(thread < BARRIER_SHIFT);
    bool last = arrived == needed >> BARRIER_SHIFT;
    return (struct deed){.after = last ? needed : before | fiber_bit(thread),
                         .acquires = last ? DEED_WHOLE : 0,
                         .releases = DEED_WHOLE};
}

struct deed move_on(enum move move, uint32_t thread, uint64_t before,
                    uint32_t chosen)
{
    assert(thread < OWNERS && OWNERS < owner_bits);
    switch (move) {
    case MOVE_LOCK:
    case MOVE_TRY_LOCK:
    case MOVE_UNLOCK:
        return move_on_mutex(move, thread + 1u, before);
    case MOVE_WAIT:
    case MOVE_TRY_WAIT:
    case MOVE_POST:
    case MOVE_VALUE:
        return move_on_semaphore(move, before);
    case MOVE_READ:
    case MOVE_TRY_READ:
    case MOVE_WRITE:
    case MOVE_TRY_WRITE:
    case MOVE_LEAVE:
        return move_on_rwlock(move, thread + 1u, before);
    case MOVE_SLEEP:
    case MOVE_SIGNAL:
    case MOVE_BROADCAST:
        return move_on_condition(move, thread, before, chosen);
    case MOVE_ENTER:
    case MOVE_DONE:
    case MOVE_UNDO:
        return move_on_once(move, before);
    case MOVE_ARRIVE:
        return move_on_barrier(thread, before);
    case MOVE_NONE:
        break;
    }
    return (struct deed){.after = before};
}

uint64_t object_state(const struct object *o)
{
    uint64_t owner = o->owner == NO_FIBER ? 0 : o->owner + 1u;
    uint64_t held = (uint64_t)o->count << HOLDS_SHIFT | owner;
    switch (o->kind) {
    case OBJECT_MUTEX:
        return (uint64_t)o->type << MUTEX_TYPE_SHIFT | held;
    case OBJECT_RWLOCK:
    case OBJECT_SPIN:
        return held;
    case OBJECT_SEMAPHORE:
        return o->count;
    case OBJECT_COND:
        return o->sleepers;
    case OBJECT_BARRIER:
        return (uint64_t)o->needed << BARRIER_SHIFT | o->sleepers;
    case OBJECT_ONCE:
        return o->round;
    }
    return 0;
}

void object_held(struct world *w, const struct object *o)
{
    struct footprint *f = w->footprint;
    bool lock = o->kind == OBJECT_MUTEX || o->kind == OBJECT_SPIN ||
                o->kind == OBJECT_ONCE;
    if (f == NULL || w->current == NULL || !lock) {
        return;
    }
    f->everything = f->everything || (f->lock != 0 && f->lock != o->address);
    f->lock = o->address;
    f->held = o->owner != NO_FIBER;
    f->holder = (uint8_t)o->owner;
}

void object_tell(struct world *w, const struct object *o, enum move move,
                 uint64_t before)
{
    assert(move != MOVE_NONE);
    if (w->current == NULL) {
        return; /* the set-up, or what looks at the end */
    }
    object_held(w, o);
    struct offer *offer = &w->offer;
    const struct moved moved = {.move = (uint8_t)move,
                                .object = (const void *)o->address,
                                .before = before,
                                .after = object_state(o)};
    if (offer->moved.move == MOVE_SLEEP && move == MOVE_UNLOCK) {
        offer->gave = moved;
        return;
    }
    if (o->writers_first) { /* who waits counts, too */
        offer_stray(offer, UNGRAPHED_WRITERS, offer->used.pc);
    }
    if (o->health != MUTEX_WELL || offer->moved.move != MOVE_NONE) {
        offer_stray(offer,
                    o->health == MUTEX_WELL ? UNGRAPHED_STEP : UNGRAPHED_ROBUST,
                    offer->used.pc);
    }
    offer->moved = moved;
}

static enum object_kind kind_of(enum move move)
{
    return move <= MOVE_UNLOCK  ? OBJECT_MUTEX
           : move <= MOVE_VALUE ? OBJECT_SEMAPHORE
           : move <= MOVE_LEAVE ? OBJECT_RWLOCK
                                : OBJECT_ONCE;
}

bool sync_would_wait(const struct sync *sync, const struct operation *next,
                     uint32_t fiber)
{
    if (next->move == MOVE_NONE) {
        return false;
    }
    enum move move = (enum move)next->move;
    const struct object *o = object_known(sync, next->location, kind_of(move));
    if (o == NULL && move == MOVE_LOCK) {
        o = object_known(sync, next->location, OBJECT_SPIN);
    }
    return o != NULL && move_on(move, fiber, object_state(o), 0).waits;
}
