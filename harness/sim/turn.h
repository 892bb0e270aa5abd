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
    uint8_t access;   /* enum access */
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
        .access = loads    ? ACCESS_ATOMIC_READ
                  : stores ? ACCESS_ATOMIC_WRITE
                           : ACCESS_UPDATE,
        .writes = !loads && !compares,
        .compares = compares,
        .weak = weak,
    };
}

/* One of two addresses. */
static inline void *turn_choose(volatile void *yes, void *no, uint64_t which)
{
    uint64_t mask = world_mask(which);
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
    uint64_t now = w->now + w->point_ns;
    if (!world_is_turn(w, step, now)) {
        return false;
    }
    w->step = step;
    w->now = now;
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

#endif
