/*
 * Fibers: stacks, contexts, and the jump from one to another.
 *
 * A context is used up by the jump to it; the place left behind becomes the
 * context of whoever jumped.  fiber_jump() keeps that book, so nobody else
 * meets a context.  Stacks lie at fixed addresses, each above a page that
 * faults: equal runs see equal pointers, and an overflow is noticed.
 *
 * Boost.Context does the switching, through its C interface.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_FIBER_H
#define HX_SIM_FIBER_H

#include "harness/sim/world.h"

enum {
    STACK_SIZE_MIN = 16 * 1024,
    STACK_SIZE_MAX = 1024 * 1024,
    STACK_UNIT = 4096,       /* of its size */
    TLS_SIZE_MAX = 16 * 1024 /* thread-local bytes of a plug-in */
};

struct stacks;

/* Maps stacks of `stack_size` bytes (a multiple of STACK_UNIT) for FIBERS_MAX
 * fibers, and a block for thread-locals with each.  `sets_modes`: each has a
 * control word of SSE of its own (harness/image.h), or on aarch64 all of those.
 * Ends the program if the address space has no room for them. */
struct stacks *stacks_new(size_t stack_size, bool sets_modes);
void stacks_free(struct stacks *stacks);

/* Whether `address` lies in the guard page of a fiber's stack; stores which. */
bool stacks_guards(const struct stacks *stacks, const void *address,
                   uint32_t *fiber);

/* Whether `address` lies in the room of all stacks; stores the offset in it. */
bool stacks_hold(const struct stacks *stacks, uintptr_t address,
                 uint64_t *offset);

/*
 * Gives `fiber` a stack and a context that will call fiber->entry.  `fill` is
 * written over the part of the stack that runs touch most (a determinism check
 * fills it differently); 0 leaves it.
 */
void fiber_make(struct stacks *stacks, struct fiber *fiber, uint8_t fill);

/* Leaves the current fiber of `w` (or the main stack) for `to` (NULL: the main
 * stack) and comes back when somebody jumps here again. */
void fiber_jump(struct world *w, struct fiber *to);

/* The same for one that never comes back. */
void fiber_leave(struct world *w, struct fiber *to) __attribute__((noreturn));

/* A long jump from the current fiber, if there is one, has come back to the
 * main stack: forgets the fiber, which stays where it was for ever. */
void fiber_escape(struct world *w);

#endif
