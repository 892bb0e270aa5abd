/*
 * The short way of an atomic access before which the strategy is asked, and
 * nobody else.
 *
 * Who goes on then is chance, so a processor cannot foresee where: each return
 * and each branch between the jump and the code under test that differs from
 * access to access costs as much as fifty instructions.  Therefore one function
 * makes all accesses of a size, without a branch on what they do, and returns
 * straight into that code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_TURN_H
#define HX_SIM_TURN_H

#include "harness/sim/access.h"
#include "harness/sim/memory.h"

/* What an access does: UPDATE_..., or */
enum {
    TURN_LOADS = UPDATE_NAND + 1,
    TURN_STORES,
    TURN_COMPARES,
    TURN_KINDS
};

/* All of an access but its place and its values, in one register. */
struct turn {
    uint8_t does;
    uint8_t kind;     /* enum fl_step_kind */
    uint8_t order;    /* as compilers pass it; of a compare-and-swap, if it */
    uint8_t failure;  /* swaps, and if not */
    uint8_t stores;   /* 1: it writes, and does not read */
    uint8_t writes;   /* 1: it writes, whatever it finds */
    uint8_t compares; /* 1: it is a compare-and-swap */
    uint8_t weak;     /* 1: ... which may fail for no reason */
};

static inline struct turn turn_of(unsigned does, unsigned order,
                                  unsigned failure, bool weak)
{
    bool loads = does == TURN_LOADS;
    bool stores = does == TURN_STORES;
    bool compares = does == TURN_COMPARES;
    return (struct turn){
        .does = (uint8_t)does,
        .kind = loads    ? FL_STEP_LOAD
                : stores ? FL_STEP_STORE
                         : FL_STEP_UPDATE,
        .order = (uint8_t)order,
        .failure = (uint8_t)failure,
        .stores = stores,
        .writes = !loads && !compares,
        .compares = compares,
        .weak = weak,
    };
}

/* All bits if `yes`, which is 0 or 1: for choices without a branch. */
static inline uint64_t turn_mask(uint64_t yes)
{
    return (uint64_t)0 - yes;
}

/* One of two addresses. */
static inline void *turn_choose(volatile void *yes, void *no, uint64_t which)
{
    uint64_t mask = turn_mask(which);
    return (void *)(uintptr_t)(((uintptr_t)yes & mask) |
                               ((uintptr_t)no & ~mask));
}

/* Whether turn_taken() may be asked at all: in a fiber of a calm run under
 * sequential consistency. */
static inline bool turn_is_calm(const struct world *w)
{
    return w != NULL && w->quick != 0;
}

/* In a calm run, the point before an access: true if only the strategy was
 * due; it has been asked, and it is this fiber's turn again. */
static inline bool turn_taken(struct world *w, const void *address,
                              uint32_t size, struct turn turn, uintptr_t pc)
{
    uint64_t step = w->step + 1;
    if (step != w->due || step >= w->others || w->yielding != 0 ||
        w->now + w->point_ns >= w->next_deadline) {
        return false;
    }
    w->step = step;
    w->now += w->point_ns;
    w->pending[w->current->id] = (struct operation){
        .kind = (enum fl_step_kind)turn.kind,
        .location = address,
        .size = size,
        .pc = pc,
        .order = turn.order & 7u,
        .compares = turn.compares != 0,
    };
    world_turn(w);
    return true;
}

/* heap_access() of it. */
static inline void turn_looks(struct world *w, const volatile void *address,
                              uint32_t size, struct turn turn, uintptr_t pc)
{
    const struct heap_front *front = (const struct heap_front *)(void *)w->heap;
    uintptr_t offset = (uintptr_t)address - front->watched;
    if (offset >= ARENA_MAX) {
        return;
    }
    struct shadow *shadow = &front->shadows[offset / GRANULE];
    uint32_t first = (uint32_t)(offset % GRANULE);
    uint32_t mask = ((1u << size) - 1u) << first;
    uint32_t stores = (uint32_t)turn_mask(turn.stores);
    uint32_t needed = shadow->valid & (shadow->written | stores);
    if (__builtin_expect(size > GRANULE - first ||
                             shadow->stamp != front->stamp ||
                             (needed & mask) != mask,
                         0)) {
        heap_access_slowly(w, (uintptr_t)address, size,
                           turn.stores != 0          ? ACCESS_ATOMIC_WRITE
                           : turn.does == TURN_LOADS ? ACCESS_ATOMIC_READ
                                                     : ACCESS_UPDATE,
                           pc);
        return;
    }
    shadow->written = (uint16_t)(shadow->written | (mask & stores));
}

/* Notes that the access was a read of this, or had an effect: world_saw() or
 * world_effect(). */
static inline void turn_notes(struct world *w, const struct seen_read *read,
                              uint64_t effect)
{
    struct fiber *f = w->current;
    uint64_t bit = seen_bit(read);
    uint64_t count = f->reads_count;
    uint64_t seen = f->seen & turn_mask(count != 0);
    uint64_t full = count >= READS_MAX;
    uint64_t stays = turn_mask(effect ^ 1);
    if (__builtin_expect((((seen & bit) | full) & stays) != 0, 0)) {
        world_saw_again(w, read);
        return;
    }
    /* Also of an effect, after which none counts. */
    struct seen_read *kept = &f->reads[count % READS_MAX];
    kept->pc = read->pc;
    kept->address = read->address;
    kept->value = read->value;
    kept->size = read->size;
    f->seen = seen | bit;
    f->round = 0;
    f->last_read = (uint8_t)count;
    f->reads_count = (uint8_t)((count + 1) & stays);
    f->spin_rounds = (uint16_t)(f->spin_rounds & stays);
    f->repeats = (uint8_t)(f->repeats & stays);
    f->polls = f->polls & (stays & 1);
    f->proven = f->proven & (stays & 1);
    f->probing = f->probing & (stays & 1);
    if (__builtin_expect((w->spinning & ~stays) != 0, 0)) {
        world_stored(w, read->address);
    }
}

#endif
