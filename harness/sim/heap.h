/*
 * The simulated heap: reuse by choice, and an oracle for memory errors.
 *
 * One arena per world at a fixed address, so that equal runs see equal
 * pointers.  Bump pointer, free lists by size class, headers in a side table
 * (one entry per 16 bytes): user bytes are never touched.  Fresh memory is
 * 0xA5, freed memory 0xDF.  A freed block's address comes back as the run's
 * reuse mode says, or never (quarantine).
 *
 *     arena    | block ....... | red | block | red | ...  bump ->
 *     shadows  | stamp valid written | ...    one per 16 bytes (granule)
 *
 * A granule's `valid` bits are the bytes of it that belong to a live block,
 * and its `written` bits those that were ever stored to.  Entries with another
 * stamp are those of an earlier run: so emptying the heap is one addition.
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

enum {
    GRANULE = 16,       /* bytes of one shadow */
    ARENA_MAX = 1 << 26 /* bytes of an arena */
};

struct heap;

/* What is known of 16 bytes of the arena. */
struct shadow {
    uint32_t stamp;   /* the run that this is about */
    uint16_t valid;   /* bit i: byte i belongs to a live block */
    uint16_t written; /* bit i: byte i was stored to since its allocation */
};

/* The first part of every heap: what heap_access() looks at. */
struct heap_front {
    uintptr_t base;    /* of the arena */
    uintptr_t watched; /* the same, or where no arena is: nobody looks */
    struct shadow *shadows;
    uint32_t stamp; /* of this run */
};

/* Makes a heap; ends the program if there is no memory. */
struct heap *heap_new(void);
void heap_free(struct heap *heap);

/*
 * From the next reset on, blocks are placed elsewhere: from some 64 KiB into
 * the arena downward, and above that only when the room below is used up.  So
 * hashes of addresses and their order are others, while alignment is kept.  For
 * runs that ask whether a program depends on them.
 */
void heap_turn(struct heap *heap);

/* The name of `address` that does not depend on where the arena is, nor on
 * heap_turn(): the number of the place that owns it and the offset in that.
 * False: no block of this run does. */
bool heap_name(const struct heap *heap, uintptr_t address, uint32_t *number,
               uint64_t *offset);

/*
 * Empties the heap of `w` for a run, in time that does not depend on what was
 * in it.  REUSE_MIXED and REUSE_EAGER draw the mode of the run here, from
 * STREAM_MEMORY of w->choice, which must have been begun.  `poison` is mixed
 * into the fill bytes (determinism checks).
 */
void heap_reset(struct world *w, enum reuse reuse, bool freed_reads,
                uint8_t poison);

/* Whether accesses are compared with the blocks from now on; they are after
 * heap_new(). */
void heap_set_checks(struct heap *heap, bool checks);

/* From now on freed blocks come back as `reuse` says; mixed and eager draw. */
void heap_set_reuse(struct world *w, enum reuse reuse);

/* malloc and its kin, for the current fiber of `w` (or outside one).  They are
 * points, ask the rules (SITE_ALLOC), log, and fail runs on misuse.  `pc` is
 * the caller's return address. */
void *heap_malloc(struct world *w, size_t size, uintptr_t pc);
void *heap_calloc(struct world *w, size_t count, size_t size, uintptr_t pc);
void *heap_realloc(struct world *w, void *block, size_t size, uintptr_t pc);

/* `align` must be a power of two; otherwise NULL and EINVAL. */
void *heap_aligned(struct world *w, size_t align, size_t size, uintptr_t pc);
void heap_release(struct world *w, void *block, uintptr_t pc);

/* Exactly the size that was asked for: using more is an error. */
size_t heap_usable(struct world *w, void *block, uintptr_t pc);

enum access {
    ACCESS_READ,
    ACCESS_WRITE,
    ACCESS_ATOMIC_READ,
    ACCESS_ATOMIC_WRITE,
    ACCESS_UPDATE, /* atomic read and write */
};

/* What heap_access() does when its quick look was not enough. */
void heap_access_slowly(struct world *w, uintptr_t address, size_t size,
                        enum access access, uintptr_t pc)
    __attribute__((cold, noinline));

/*
 * The quick look of heap_access(): whether the access is certainly allowed.  A
 * write that is has been noted.
 */
static inline bool heap_allows(const struct world *w,
                               const volatile void *address, size_t size,
                               enum access access)
{
    const struct heap_front *front = (const struct heap_front *)(void *)w->heap;
    uintptr_t offset = (uintptr_t)address - front->watched;
    if (offset >= ARENA_MAX) {
        return true;
    }
    struct shadow *shadow = &front->shadows[offset / GRANULE];
    uint32_t first = (uint32_t)(offset % GRANULE);
    if (size > GRANULE || shadow->stamp != front->stamp) {
        return false;
    }
    /* Bytes of the next granule are bits that `valid` does not have. */
    uint32_t mask = ((1u << size) - 1u) << first;
    /* Without a branch on the kind of access, which turn.h does not know. */
    bool is_write = (access == ACCESS_WRITE) | (access == ACCESS_ATOMIC_WRITE);
    uint32_t all = (uint32_t)world_mask(is_write);
    if ((shadow->valid & (shadow->written | all) & mask) != mask) {
        return false;
    }
    shadow->written = (uint16_t)(shadow->written | (mask & all));
    return true;
}

/*
 * Every access of instrumented code comes here before it is done.  Addresses
 * outside the arena are none of the heap's business and cost one compare.
 * Fails the run (use after free, out of bounds, uninitialised) or returns.
 *
 * Uninitialised: an atomic read, or a plain one of a pointer's size, of eight
 * bytes (or fewer) none of which was ever stored to.  So padding that nobody
 * writes accuses nobody.
 */
static inline void heap_access(struct world *w, const volatile void *address,
                               size_t size, enum access access, uintptr_t pc)
{
    if (!heap_allows(w, address, size, access)) {
        heap_access_slowly(w, (uintptr_t)address, size, access, pc);
    }
}

/* Bytes that may hold pointers to blocks. */
struct span {
    const void *first;
    size_t size;
};

/*
 * Fails the run with RUN_LEAK if a block is allocated that no pointer in
 * `roots` (the globals of the plug-in, what the harness itself keeps) leads
 * to, not even through other live blocks.  Conservative: whatever looks like a
 * pointer into a block is one, tagged in its low or high bits or not.
 */
void heap_find_leaks(struct world *w, const struct span *roots,
                     uint32_t roots_count);

/* Whether places of freed blocks come back in this run. */
bool heap_reuses(const struct heap *heap);

/* Whether this is what fresh memory is filled with. */
bool heap_is_fill(const struct heap *heap, const void *bytes, size_t size);

/* Blocks allocated now. */
uint64_t heap_live(const struct heap *heap);

/* The part of the arena that was used in this run. */
struct span heap_used(const struct heap *heap);

/* All that the heap's further answers depend on, beside the bytes in it, as one
 * number. */
uint64_t heap_state(const struct heap *heap);

/* Whether `address` lies in the arena. */
bool heap_owns(const struct heap *heap, const void *address);

/* Everything that process `process` had allocated becomes free memory, as
 * after its death. */
void heap_drop_process(struct world *w, uint32_t process);

#endif
