/*
 * Blocks: the inside of the simulated heap, shared by its files.
 *
 *     heap.c      malloc and its kin: points, faults, log
 *     blocks.c    the arena and its side tables: placing and ending blocks
 *     lanes.c     a part of the arena for each thread
 *     reuse.c     which freed block comes back
 *     shadow.c    whether an access was allowed, and what to say if not
 *     leaks.c     which blocks nothing leads to
 *     state.c     all of it as one number
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_HEAP_BLOCKS_H
#define HX_SIM_HEAP_BLOCKS_H

#include "harness/sim/heap.h"

enum {
    CLASSES = 64, /* size classes: one word says which are in use */
    GRANULES_MAX = ARENA_MAX / GRANULE,
    HEAP_LANES = 16, /* threads that have one */
    HEAP_LANE = 512, /* granules: 8 KiB */
};

#define NO_BLOCK UINT32_MAX

/* One allocation.  Its index never changes during a run. */
struct block {
    uint32_t granule;  /* where it begins */
    uint32_t capacity; /* in granules, without the red one behind it */
    uint32_t size;     /* as asked for, in bytes */
    uint32_t number;   /* n1, n2, ...: one for each address */
    uint32_t process;  /* that allocated it */
    uint32_t thread;   /* that allocated it; NO_FIBER: set-up */
    uint32_t freed_by;
    uint32_t entry; /* in the log's blocks, or NO_BLOCK */
    bool live;
};

/* Program counters of an allocation and of a release; kept when recording. */
struct trail {
    uint32_t count[2]; /* allocation, release */
    uintptr_t pc[2][STACK_MAX];
};

enum {
    TRAIL_ALLOCATED,
    TRAIL_FREED
};

/* Freed blocks of one size class, the oldest first. */
struct free_list {
    uint32_t *blocks;
    uint32_t max;
    uint32_t first; /* blocks[first .. end-1] are in it */
    uint32_t end;
};

struct heap {
    struct heap_front front; /* first: heap_access() reads it */

    /* the arena */
    uint32_t *owners; /* a granule's block; holds where the stamp does */
    uint32_t bump;    /* the first granule never used in this run */
    uint32_t floor;   /* the lowest that was; what is below is free, too */
    bool downward;    /* see heap_turn() */
    bool lanes_made;
    uint32_t lanes; /* where they begin */
    uint32_t
        lane[HEAP_LANES]; /* the first granule of each that was never used */
    uint8_t fresh;        /* fill bytes */
    uint8_t freed;

    /* the blocks */
    struct block *blocks;
    uint32_t count;
    uint32_t max;
    uint32_t numbers; /* addresses given out so far */
    bool reused;      /* the last block has the place of a freed one, */
    bool apart;       /* or is in its thread's lane */
    uint64_t live;
    struct trail *trails; /* as many as blocks, or none: see trail_keep() */
    uint32_t trails_max;

    /* reuse */
    enum reuse mode; /* newest, oldest, random or never */
    bool freed_reads;
    uint64_t used; /* bits: lists that are not as after a reset */
    struct free_list lists[CLASSES];

    uint32_t asked[FIBERS_MAX]; /* allocations of each fiber: for the rules */
    bool has_asked;
};

/* The class of blocks of `granules` granules, or CLASSES if none is so large;
 * stores the capacity of its blocks. */
uint32_t blocks_class(uint32_t granules, uint32_t *capacity);

/* Places a block of `size` bytes for the current fiber; NO_BLOCK when the
 * arena is full.  `filled`: the caller writes all of them, as calloc() does. */
uint32_t blocks_place(struct world *w, size_t align, size_t size, bool filled);

/* Ends block `index`: its bytes may not be used any more, and its place may
 * come back. */
void blocks_end(struct world *w, uint32_t index);

/* The block that owns `address`, live or freed, or NO_BLOCK. */
uint32_t blocks_owner(const struct heap *heap, uintptr_t address);

/* The first byte of block `index`. */
static inline uintptr_t blocks_address(const struct heap *heap, uint32_t index)
{
    return heap->front.base + (uintptr_t)heap->blocks[index].granule * GRANULE;
}

/* The current fiber, or NO_FIBER in set-up code. */
static inline uint32_t blocks_thread(const struct world *w)
{
    return w->current == NULL ? NO_FIBER : w->current->id;
}

/* The number in the name of block `index` ("n3"): the object that create()
 * returned has none, and is 0. */
uint32_t blocks_number(const struct world *w, uint32_t index);

/* Finds room for `granules` and a red one in the lane of the current fiber, in
 * worlds that look at operations; false: there is none. */
bool lane_take(struct world *w, size_t align, uint32_t granules,
               uint32_t *place);

/* Takes a freed block of class `class` whose address is a multiple of `align`
 * out of its list, as the mode says; NO_BLOCK if there is none. */
uint32_t reuse_take(struct world *w, uint32_t class, size_t align);

/* Puts the freed block `index` into its list. */
void reuse_give(struct heap *heap, uint32_t index);

/* Empties all lists. */
void reuse_reset(struct heap *heap);

/* Keeps the stack of the current fiber as that of the allocation or release
 * (`which`) of block `index`, from the frame that returns to `pc` on. */
void trail_keep(struct world *w, uint32_t index, uint32_t which, uintptr_t pc);

/* Adds the stacks of block `index` to the log, for a report. */
void trail_tell(struct world *w, uint32_t index);

/* Logs the misuse that ends the run: its kind is FL_STEP_CRASH, its name
 * "read", "write" or "free". */
void trail_mark(struct world *w, const char *what, uintptr_t address,
                size_t size, uintptr_t pc);

/* "T1", "P1" or "set-up", into `text` (16 bytes), which it returns. */
const char *trail_name(const struct world *w, uint32_t thread, char *text);

#endif
