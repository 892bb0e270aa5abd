/*
 * Moves: what is done with an object whose state decides what comes of it, as a
 * function of that state.
 *
 * The state is one number.  Of a mutex or rwlock: 1 + who holds it in its
 * lowest byte (0: nobody, or readers), then how often, or how many readers; the
 * type of a mutex (enum mutex_type) is in it as well, from MUTEX_TYPE_SHIFT on.
 * Of a semaphore: its value.  Of a condition: a bit for each thread that sleeps
 * there.  Of a once control: enum once_state.  Of a barrier: a bit for each
 * thread that waits there, and from BARRIER_SHIFT on how many must arrive.
 * So a search over execution graphs can say what a move would have come to
 * elsewhere in the order of those on its object, and whoever runs it (sync/)
 * tells what it did come to: the two must agree.
 *
 * Not told: robust mutexes that their holder leaves behind, rwlocks whose
 * readers queue behind writers, and whatever has a time limit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_MOVES_H
#define HX_SIM_MOVES_H

#include "harness/sim/operation.h"

enum {
    HOLDS_SHIFT = 8,
    MUTEX_TYPE_SHIFT = 40,
    BARRIER_SHIFT = 56, /* and so many threads, of which 255 may be needed */
    DEED_WHOLE = 1,     /* 1 << PART_WHOLE of memory.h */
    DEED_READERS = 2,   /* 1 << PART_READERS */
};

/* What comes of a move. */
struct deed {
    bool waits; /* nothing: it waits, and the rest does not count */
    uint64_t after;
    uint8_t acquires; /* parts of the object: what was released there before */
    uint8_t releases; /* happens before this, and this before what follows */
};

/* Of `move` by `thread` (a fiber, or OUTSIDE), on an object that was `before`
 * in this state.  A signal wakes sleeper number `chosen`, from 0. */
struct deed move_on(enum move move, uint32_t thread, uint64_t before,
                    uint32_t chosen);

/* In how many ways it can be made: more than one if several sleep. */
static inline uint32_t move_ways(enum move move, uint64_t before)
{
    return move == MOVE_SIGNAL && before != 0
               ? (uint32_t)__builtin_popcountll(before)
               : 1;
}

#endif
