/*
 * The simulated heap: malloc and its kin as the program under test calls them.
 *
 * Each call is a point first (another thread may free or take the very block),
 * then a site for faults, and then acts and is logged.  What blocks are, and
 * where they go, is in heap/.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/heap.h"

#include "harness/fault.h"
#include "harness/need.h"
#include "harness/sim/heap/blocks.h"
#include "harness/sim/lull.h"
#include "harness/sim/memory.h"
#include "harness/sim/seen.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* errno as the program under test sees it. */
static void set_errno(struct world *w, int value)
{
    if (w->current != NULL) {
        w->current->errno_value = value;
    }
    errno = value;
}

static void *bytes_of(const struct heap *heap, uint32_t index)
{
    assert(index < heap->count);
    uintptr_t address = blocks_address(heap, index);
    void *bytes = NULL;
    memcpy(&bytes, &address, sizeof(bytes));
    return bytes;
}

/* Does a fault want this allocation to fail? */
static bool is_refused(struct world *w, size_t size)
{
    if (w->current == NULL || (w->sites & (1u << SITE_ALLOC)) == 0) {
        return false;
    }
    struct heap *heap = w->heap;
    heap->has_asked = true;
    heap->asked[w->current->id]++;
    return world_site(w, SITE_ALLOC, heap->asked[w->current->id], size);
}

/* Makes room for one more block in the log. */
static void grow_log(struct run_log *log)
{
    assert(log->blocks_count == log->blocks_max);
    uint32_t max = log->blocks_max == 0 ? 256 : log->blocks_max * 2;
    struct log_block *more =
        need(realloc(log->blocks, max * sizeof(*more)), "the log");
    log->blocks = more;
    log->blocks_max = max;
}

/* Adds block `index` to the log, allocated in the step logged last. */
static void log_block(struct world *w, uint32_t index)
{
    assert(index < w->heap->count);
    struct run_log *log = w->log;
    struct heap *heap = w->heap;
    if (log->blocks_count == log->blocks_max) {
        grow_log(log);
    }
    bool inside = w->current != NULL && log->steps_count > 0;
    struct block *block = &heap->blocks[index];
    block->entry = log->blocks_count;
    log->blocks[log->blocks_count++] = (struct log_block){
        .address = blocks_address(heap, index),
        .size = block->size,
        .allocated = inside ? log->steps_count - 1 : FL_NO_STEP,
        .freed = FL_NO_STEP,
        .setup = !inside,
    };
}

static void log_allocation(struct world *w, uint32_t index, size_t size,
                           uintptr_t pc)
{
    struct log_step *step = world_log(w, FL_STEP_ALLOC, pc);
    if (step != NULL) {
        step->size = (uint32_t)size;
        step->address = index == NO_BLOCK ? 0 : blocks_address(w->heap, index);
        step->after = step->address;
    }
    if (index == NO_BLOCK || w->log == NULL) {
        return;
    }
    log_block(w, index);
    trail_keep(w, index, TRAIL_ALLOCATED, pc);
}

/* What a search takes the order of allocations and releases to depend on:
 * block `index` was placed, or is released. */
static void touch_heap(struct world *w, uint32_t index, bool places)
{
    const struct heap *heap = w->heap;
    if (!w->by_operations || index == NO_BLOCK || heap->mode == REUSE_RANDOM) {
        world_touch(w, heap, 0, true);
        w->done.reuses = true;
        return;
    }
    if (places && !heap->apart && !heap->reused) {
        world_touch(w, heap, 0, true);
        w->done.reuses = true;
    }
    if (heap->mode != REUSE_NEVER) { /* blocks of one size come back */
        uint32_t capacity = 0;
        uint32_t class = blocks_class(heap->blocks[index].capacity, &capacity);
        world_touch(w, &heap->lists[class], 0, !places || heap->reused);
        w->done.reuses = true;
    }
}

/* Allocates without being a point: zeros, which are written, or fresh memory,
 * which is not. */
static void *allocate(struct world *w, size_t align, size_t size, bool zeroed,
                      uintptr_t pc)
{
    assert(align >= GRANULE || (align & (align - 1)) == 0);
    const size_t no_machine_has = (size_t)1 << 40;
    bool refused = size >= no_machine_has || is_refused(w, size);
    uint32_t index = refused ? NO_BLOCK : blocks_place(w, align, size, zeroed);
    touch_heap(w, index, true);
    if (w->recording) {
        log_allocation(w, index, size, pc);
    }
    if (index == NO_BLOCK) {
        set_errno(w, ENOMEM);
        if (!refused) {
            world_fail(w, RUN_BEYOND,
                       "%zu bytes are allocated, and the %u MiB that a run "
                       "has are full",
                       size, (unsigned)(ARENA_MAX >> 20));
        }
        return NULL;
    }
    void *bytes = bytes_of(w->heap, index);
    memset(bytes, zeroed ? 0 : w->heap->fresh, size);
    world_digest(w, index);
    world_effect(w, bytes);
    return bytes;
}

/* Before an allocation that was given this. */
static void allocation_point(struct world *w, uint64_t given)
{
    if (__builtin_expect(w->step + 1 >= w->lull_due, 0)) {
        lull_give(w, given);
    }
    world_point(w, FL_STEP_ALLOC, NULL);
}

void *heap_malloc(struct world *w, size_t size, uintptr_t pc)
{
    allocation_point(w, size);
    return allocate(w, GRANULE, size, false, pc);
}

void *heap_calloc(struct world *w, size_t count, size_t size, uintptr_t pc)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        set_errno(w, ENOMEM);
        return NULL;
    }
    allocation_point(w, bytes);
    void *block = allocate(w, GRANULE, bytes, true, pc);
    if (block != NULL && bytes > 0) {
        memory_plain(w, block, bytes, true, pc);
    }
    return block;
}

void *heap_aligned(struct world *w, size_t align, size_t size, uintptr_t pc)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        set_errno(w, EINVAL);
        return NULL;
    }
    allocation_point(w, given_two(align, size));
    return allocate(w, align, size, false, pc);
}

/* The verb is "frees", "moves" or "asks for the size of". */
static void fail_foreign(struct world *w, const char *verb, uintptr_t address)
{
    char who[16];
    char title[64];
    trail_name(w, blocks_thread(w), who);
    (void)snprintf(title, sizeof(title), "invalid free in %s", who);
    world_keep_stack(w, title);
    uint32_t index = blocks_owner(w->heap, address);
    if (index == NO_BLOCK) {
        world_fail(w, RUN_INVALID_FREE, "%s %s memory that malloc did not give",
                   who, verb);
        return;
    }
    trail_tell(w, index);
    world_fail(w, RUN_INVALID_FREE,
               "%s %s the address %td bytes into n%u (%u bytes)", who, verb,
               (ptrdiff_t)(address - blocks_address(w->heap, index)),
               blocks_number(w, index), w->heap->blocks[index].size);
}

static void fail_twice(struct world *w, const char *verb, uint32_t index)
{
    char who[16];
    char first[16];
    char title[64];
    trail_name(w, blocks_thread(w), who);
    (void)snprintf(title, sizeof(title), "second free in %s", who);
    world_keep_stack(w, title);
    trail_tell(w, index);
    const struct block *block = &w->heap->blocks[index];
    world_fail(w, RUN_DOUBLE_FREE, "%s %s n%u (%u bytes), freed by %s before",
               who, verb, blocks_number(w, index), block->size,
               trail_name(w, block->freed_by, first));
}

/* The live block that begins at `address`; else fails the run and, in set-up
 * code, returns NO_BLOCK. */
static uint32_t live_block(struct world *w, const char *verb, uintptr_t address,
                           uintptr_t pc)
{
    uint32_t index = blocks_owner(w->heap, address);
    if (index == NO_BLOCK || blocks_address(w->heap, index) != address) {
        trail_mark(w, "free", address, 0, pc);
        fail_foreign(w, verb, address);
        return NO_BLOCK;
    }
    if (!w->heap->blocks[index].live) {
        trail_mark(w, "free", address, 0, pc);
        fail_twice(w, verb, index);
        return NO_BLOCK;
    }
    return index;
}

static void log_release(struct world *w, uint32_t index, uintptr_t pc)
{
    assert(w->heap->blocks[index].live);
    struct run_log *log = w->log;
    struct log_step *step = world_log(w, FL_STEP_FREE, pc);
    if (step != NULL) {
        step->address = blocks_address(w->heap, index);
        step->size = w->heap->blocks[index].size;
    }
    uint32_t entry = w->heap->blocks[index].entry;
    if (step != NULL && log != NULL && entry != NO_BLOCK) {
        assert(entry < log->blocks_count);
        log->blocks[entry].freed = log->steps_count - 1;
    }
    trail_keep(w, index, TRAIL_FREED, pc);
}

/* Whoever uses what was freed is found out: a search over graphs takes that for
 * granted. */
static void touch_block(struct world *w, uint32_t index)
{
    const struct heap *heap = w->heap;
    bool checked = heap->front.watched == heap->front.base;
    if (heap->freed_reads || !checked) {
        offer_stray(&w->offer, UNGRAPHED_FREE, 0);
    }
    world_touch(w, bytes_of(heap, index), heap->blocks[index].size, true);
}

void heap_release(struct world *w, void *block, uintptr_t pc)
{
    if (block == NULL) {
        return;
    }
    world_point(w, FL_STEP_FREE, block);
    uint32_t index = live_block(w, "frees", (uintptr_t)block, pc);
    if (index == NO_BLOCK) {
        return;
    }
    if (w->recording) {
        log_release(w, index, pc);
    }
    touch_heap(w, index, false);
    touch_block(w, index);
    memory_release_block(w, block, w->heap->blocks[index].size, pc);
    blocks_end(w, index);
    world_digest(w, ~(uint64_t)index);
    world_effect(w, block);
}

/* Copies the bytes of block `from` to block `to`, and which were written. */
static void move_bytes(struct heap *heap, uint32_t to, uint32_t from)
{
    assert(to != from);
    assert(heap->blocks[to].live && heap->blocks[from].live);
    const struct block *old = &heap->blocks[from];
    const struct block *new = &heap->blocks[to];
    uint32_t size = old->size < new->size ? old->size : new->size;
    memcpy(bytes_of(heap, to), bytes_of(heap, from), size);
    struct shadow *target = &heap->front.shadows[new->granule];
    const struct shadow *source = &heap->front.shadows[old->granule];
    for (uint32_t i = 0; i < (size + GRANULE - 1) / GRANULE; i++) {
        target[i].written = source[i].written;
    }
}

void *heap_realloc(struct world *w, void *block, size_t size, uintptr_t pc)
{
    if (block == NULL) {
        return heap_malloc(w, size, pc);
    }
    if (size == 0) {
        heap_release(w, block, pc);
        return NULL;
    }
    allocation_point(w, given_two((uintptr_t)block, size));
    uint32_t from = live_block(w, "moves", (uintptr_t)block, pc);
    if (from == NO_BLOCK) {
        return NULL;
    }
    /* Always elsewhere: whoever kept the old address is found out. */
    void *moved = allocate(w, GRANULE, size, false, pc);
    if (moved == NULL) {
        return NULL;
    }
    move_bytes(w->heap, blocks_owner(w->heap, (uintptr_t)moved), from);
    heap_release(w, block, pc);
    return moved;
}

size_t heap_usable(struct world *w, void *block, uintptr_t pc)
{
    if (block == NULL) {
        return 0;
    }
    uint32_t index =
        live_block(w, "asks for the size of", (uintptr_t)block, pc);
    return index == NO_BLOCK ? 0 : w->heap->blocks[index].size;
}
