/*
 * The simulated heap: reuse by choice, and an oracle for memory errors.
 *
 * One arena per world at a fixed address, so that equal runs see equal
 * pointers.  Bump pointer, free lists by size class, headers in a side table
 * (one entry per 16 bytes): user bytes are never touched.  Fresh memory is
 * 0xA5, freed memory 0xDF.  A freed block's address comes back as the run's
 * reuse mode says, or never (quarantine).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_HEAP_H
#define HX_SIM_HEAP_H

#include "harness/scenario.h"
#include "harness/sim/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap;

/* Makes a heap; ends the program if there is no memory. */
struct heap *heap_new(void);
void heap_free(struct heap *heap);

/* Empties it for a run, in time that does not depend on what was in it.
 * `poison` is mixed into the fill bytes (determinism checks). */
void heap_reset(struct heap *heap, enum reuse reuse, bool freed_reads,
                uint8_t poison);

/* From now on freed blocks come back as `reuse` says. */
void heap_set_reuse(struct heap *heap, enum reuse reuse);

/* malloc and its kin, for the current fiber of `w` (or outside one).  They are
 * points, ask the rules (SITE_ALLOC), log, and fail runs on misuse.  `pc` is
 * the caller's return address. */
void *heap_malloc(struct world *w, size_t size, uintptr_t pc);
void *heap_calloc(struct world *w, size_t count, size_t size, uintptr_t pc);
void *heap_realloc(struct world *w, void *block, size_t size, uintptr_t pc);
void *heap_aligned(struct world *w, size_t align, size_t size, uintptr_t pc);
void heap_release(struct world *w, void *block, uintptr_t pc);
size_t heap_usable(struct world *w, void *block, uintptr_t pc);

enum access {
    ACCESS_READ,
    ACCESS_WRITE,
    ACCESS_ATOMIC_READ,
    ACCESS_ATOMIC_WRITE,
    ACCESS_UPDATE, /* atomic read and write */
};

/*
 * Every access of instrumented code comes here before it is done.  Addresses
 * outside the arena are none of the heap's business and cost one compare.
 * Fails the run (use after free, out of bounds, uninitialised) or returns.
 */
void heap_access(struct world *w, const volatile void *address, size_t size,
                 enum access access, uintptr_t pc);

/* Fails the run with RUN_LEAK if a block is allocated that no pointer in the
 * globals of the plug-in or in other live blocks leads to. */
void heap_find_leaks(struct world *w);

/* Blocks allocated now. */
uint64_t heap_live(const struct heap *heap);

/* Whether `address` lies in the arena. */
bool heap_owns(const struct heap *heap, const void *address);

/* Everything that process `process` had allocated becomes free memory, as
 * after its death. */
void heap_drop_process(struct world *w, uint32_t process);

#endif
