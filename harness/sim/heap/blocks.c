/*
 * Blocks: the arena of the simulated heap and its side tables.
 *
 * A block takes whole granules and one red granule behind it, so that the
 * first bytes past its end belong to nobody.  Places never merge or split: a
 * place keeps its size class for a run, and so keeps its name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/heap/blocks.h"

#include "harness/sim/memory.h"
#include "harness/sim/process.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    EXACT = 48,     /* classes of exactly 1 .. 48 granules */
    EXACT_LOG = 6,  /* the next ones hold 2^6, 2^7, ... granules */
    KEPT = 1 << 20, /* bytes of the arena kept from run to run */
    ARENAS = 16,    /* worlds in one program */
    /* Where a heap that was turned begins: not at a round address, but at the
     * first byte of a cache line. */
    CEILING = 4096 - 12,
};

/* Free in every layout of x86-64 and aarch64 that we know, sanitizers'
 * included; small enough for tags in the upper 16 bits. */
static const uintptr_t first_base = (uintptr_t)1 << 45;

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(70);
}

static void *map(uintptr_t at, size_t size)
{
    int fixed = at == 0 ? 0 : MAP_FIXED_NOREPLACE;
    void *where = NULL;
    memcpy(&where, &at, sizeof(where));
    void *got =
        mmap(where, size, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
    if (got == MAP_FAILED) {
        return NULL;
    }
    if (at != 0 && got != where) { /* an old kernel ignores the flag */
        munmap(got, size);
        return NULL;
    }
    /* Huge pages would be cleared whole at the first touch. */
    madvise(got, size, MADV_NOHUGEPAGE);
    return got;
}

struct heap *heap_new(void)
{
    struct heap *heap = calloc(1, sizeof(*heap));
    if (heap == NULL) {
        give_up("heap");
    }
    void *arena = NULL;
    for (uintptr_t i = 0; i < ARENAS && arena == NULL; i++) {
        arena = map(first_base + i * 16 * ARENA_MAX, ARENA_MAX);
    }
    heap->front.shadows = map(0, GRANULES_MAX * sizeof(struct shadow));
    heap->owners = map(0, GRANULES_MAX * sizeof(uint32_t));
    if (arena == NULL || heap->front.shadows == NULL || heap->owners == NULL) {
        give_up("heap: no address space");
    }
    heap->front.base = (uintptr_t)arena;
    heap->front.watched = heap->front.base;
    heap->front.stamp = 1;
    heap->fresh = 0xA5;
    heap->freed = 0xDF;
    heap->mode = REUSE_NEWEST;
    assert(heap->front.base % GRANULE == 0);
    return heap;
}

void heap_free(struct heap *heap)
{
    if (heap == NULL) {
        return;
    }
    void *arena = NULL;
    memcpy(&arena, &heap->front.base, sizeof(arena));
    munmap(arena, ARENA_MAX);
    munmap(heap->front.shadows, GRANULES_MAX * sizeof(struct shadow));
    munmap(heap->owners, GRANULES_MAX * sizeof(uint32_t));
    for (uint32_t i = 0; i < CLASSES; i++) {
        free(heap->lists[i].blocks);
    }
    free(heap->blocks);
    free(heap->trails);
    free(heap);
}

/* Gives pages beyond the first ones back to the system. */
static __attribute__((cold, noinline)) void give_back(struct heap *heap)
{
    size_t used = (size_t)heap->bump * GRANULE;
    size_t shadowed = KEPT / GRANULE * sizeof(struct shadow);
    void *beyond = NULL;
    uintptr_t at = heap->front.base + KEPT;
    memcpy(&beyond, &at, sizeof(beyond));
    madvise(beyond, used - KEPT, MADV_DONTNEED);
    madvise((char *)heap->front.shadows + shadowed,
            (size_t)heap->bump * sizeof(struct shadow) - shadowed,
            MADV_DONTNEED);
}

/* Stamps have been used up: no entry may look like one of this run. */
static __attribute__((cold, noinline)) void start_over(struct heap *heap)
{
    madvise(heap->front.shadows, GRANULES_MAX * sizeof(struct shadow),
            MADV_DONTNEED);
    heap->front.stamp = 1;
}

void heap_set_checks(struct heap *heap, bool checks)
{
    /* No address of a program is so large. */
    heap->front.watched = checks ? heap->front.base : (uintptr_t)1 << 63;
}

void heap_turn(struct heap *heap)
{
    heap->downward = true;
}

void heap_reset(struct world *w, enum reuse reuse, bool freed_reads,
                uint8_t poison)
{
    struct heap *heap = w->heap;
    if ((size_t)heap->bump * GRANULE > KEPT) {
        give_back(heap);
    }
    heap->front.stamp++;
    if (heap->front.stamp == 0) {
        start_over(heap);
    }
    heap->bump = heap->downward ? CEILING : 0;
    heap->floor = heap->bump;
    heap->lanes_made = false;
    heap->count = 0;
    heap->numbers = 0;
    heap->live = 0;
    heap->fresh = (uint8_t)(0xA5 ^ poison);
    heap->freed = (uint8_t)(0xDF ^ poison);
    heap->freed_reads = freed_reads;
    if (heap->has_asked) {
        memset(heap->asked, 0, sizeof(heap->asked));
        heap->has_asked = false;
    }
    reuse_reset(heap);
    heap_set_reuse(w, reuse);
}

uint32_t blocks_class(uint32_t granules, uint32_t *capacity)
{
    assert(granules > 0);
    if (granules <= EXACT) {
        *capacity = granules;
        return granules - 1;
    }
    uint32_t log = 32 - (uint32_t)__builtin_clz(granules - 1);
    *capacity = (uint32_t)1 << log;
    return EXACT + log - EXACT_LOG;
}

/* Marks the bytes of a new block as usable, and those behind as not; and, if
 * they have been `filled`, as written. */
static void mark_live(struct heap *heap, uint32_t index, bool filled)
{
    const struct block *block = &heap->blocks[index];
    struct shadow *shadow = &heap->front.shadows[block->granule];
    uint32_t *owner = &heap->owners[block->granule];
    uint32_t whole = block->size / GRANULE;
    uint32_t rest = block->size % GRANULE;
    uint32_t all = (uint32_t)world_mask(filled);
    assert(whole <= block->capacity);
    for (uint32_t i = 0; i <= block->capacity; i++) {
        uint32_t valid = i < whole ? 0xFFFFu : 0;
        if (i == whole) {
            valid = (1u << rest) - 1u;
        }
        shadow[i] = (struct shadow){.stamp = heap->front.stamp,
                                    .valid = (uint16_t)valid,
                                    .written = (uint16_t)(valid & all)};
        owner[i] = index;
    }
}

/* Where the next fresh block could begin at a multiple of `align`. */
static uint32_t next_granule(const struct heap *heap, size_t align)
{
    uintptr_t at = heap->front.base + (uintptr_t)heap->bump * GRANULE;
    uintptr_t mask = (align < GRANULE ? GRANULE : align) - 1;
    uintptr_t aligned = (at + mask) & ~mask;
    uintptr_t granule = (aligned - heap->front.base) / GRANULE;
    return granule > GRANULES_MAX ? GRANULES_MAX : (uint32_t)granule;
}

/* Finds a place for `granules` and a red one below all that was used. */
static bool find_below(struct heap *heap, size_t align, uint32_t granules,
                       uint32_t *place)
{
    if (granules >= heap->floor) {
        return false;
    }
    uint32_t highest = heap->floor - granules - 1;
    uintptr_t mask = (align < GRANULE ? GRANULE : align) - 1;
    uintptr_t at = heap->front.base + (uintptr_t)highest * GRANULE;
    uintptr_t aligned = at & ~mask;
    if (aligned < heap->front.base) {
        return false;
    }
    *place = (uint32_t)((aligned - heap->front.base) / GRANULE);
    assert(*place <= highest);
    heap->floor = *place;
    return true;
}

/* The same above it. */
static bool find_above(struct heap *heap, size_t align, uint32_t granules,
                       uint32_t *place)
{
    *place = next_granule(heap, align);
    if (granules >= GRANULES_MAX - *place) {
        return false;
    }
    heap->bump = *place + granules + 1;
    return true;
}

static __attribute__((cold, noinline)) void grow(struct heap *heap)
{
    uint32_t max = heap->max == 0 ? 256 : heap->max * 2;
    struct block *more = realloc(heap->blocks, max * sizeof(*more));
    if (more == NULL) {
        give_up("heap");
    }
    heap->blocks = more;
    heap->max = max;
}

/* Takes a place that was freed, or a fresh one; granule, capacity and number
 * of `*block` are set.  False: the arena is full. */
static bool find_place(struct world *w, size_t align, uint32_t granules,
                       struct block *block)
{
    struct heap *heap = w->heap;
    uint32_t class = blocks_class(granules, &block->capacity);
    if (class >= CLASSES) {
        return false;
    }
    uint32_t old = reuse_take(w, class, align);
    heap->reused = old != NO_BLOCK;
    heap->apart = false;
    if (old != NO_BLOCK) {
        memory_acquire(w, (const void *)blocks_address(heap, old), PART_BLOCK);
        assert(!heap->blocks[old].live);
        assert(heap->blocks[old].capacity == block->capacity);
        block->granule = heap->blocks[old].granule;
        block->number = heap->blocks[old].number;
        return true;
    }
    heap->apart = lane_take(w, align, block->capacity, &block->granule);
    if (!heap->apart &&
        !find_below(heap, align, block->capacity, &block->granule) &&
        !find_above(heap, align, block->capacity, &block->granule)) {
        return false;
    }
    block->number = ++heap->numbers;
    return true;
}

uint32_t blocks_place(struct world *w, size_t align, size_t size, bool filled)
{
    struct heap *heap = w->heap;
    if (size > ARENA_MAX || align > ARENA_MAX) {
        return NO_BLOCK;
    }
    uint32_t granules = (uint32_t)((size + GRANULE - 1) / GRANULE);
    struct block block = {.size = (uint32_t)size,
                          .thread = blocks_thread(w),
                          .freed_by = NO_FIBER,
                          .entry = NO_BLOCK,
                          .live = true};
    if (!find_place(w, align, granules == 0 ? 1 : granules, &block)) {
        return NO_BLOCK;
    }
    block.process = process_acting(w);
    if (heap->count == heap->max) {
        grow(heap);
    }
    uint32_t index = heap->count++;
    heap->blocks[index] = block;
    heap->live++;
    mark_live(heap, index, filled);
    return index;
}

void blocks_end(struct world *w, uint32_t index)
{
    struct heap *heap = w->heap;
    struct block *block = &heap->blocks[index];
    assert(block->live);
    assert(heap->live > 0);
    memory_forget(w, (const void *)blocks_address(heap, index), block->size);
    block->live = false;
    block->freed_by = blocks_thread(w);
    heap->live--;
    for (uint32_t i = 0; i <= block->size / GRANULE; i++) {
        heap->front.shadows[block->granule + i].valid = 0;
    }
    void *bytes = NULL;
    uintptr_t at = blocks_address(heap, index);
    memcpy(&bytes, &at, sizeof(bytes));
    memset(bytes, heap->freed, block->size);
    reuse_give(heap, index);
}

uint32_t blocks_owner(const struct heap *heap, uintptr_t address)
{
    uintptr_t offset = address - heap->front.base;
    if (offset >= ARENA_MAX) {
        return NO_BLOCK;
    }
    uint32_t granule = (uint32_t)(offset / GRANULE);
    if (heap->front.shadows[granule].stamp != heap->front.stamp) {
        return NO_BLOCK;
    }
    uint32_t index = heap->owners[granule];
    assert(index < heap->count);
    return index;
}

bool heap_name(const struct heap *heap, uintptr_t address, uint32_t *number,
               uint64_t *offset)
{
    uint32_t index = blocks_owner(heap, address);
    if (index == NO_BLOCK) {
        return false;
    }
    *number = heap->blocks[index].number;
    *offset = address - blocks_address(heap, index);
    return true;
}

uint32_t blocks_number(const struct world *w, uint32_t index)
{
    const struct heap *heap = w->heap;
    uint32_t number = heap->blocks[index].number;
    if (w->log == NULL || w->log->root == 0) {
        return number;
    }
    uint32_t root = blocks_owner(heap, w->log->root);
    if (root == NO_BLOCK) {
        return number;
    }
    uint32_t without = heap->blocks[root].number;
    if (number == without) {
        return 0;
    }
    return number > without ? number - 1 : number;
}

struct span heap_used(const struct heap *heap)
{
    const void *first = NULL;
    uintptr_t at = heap->front.base + (uintptr_t)heap->floor * GRANULE;
    memcpy(&first, &at, sizeof(first));
    return (struct span){.first = first,
                         .size = (size_t)(heap->bump - heap->floor) * GRANULE};
}

bool heap_reuses(const struct heap *heap)
{
    return heap->mode != REUSE_NEVER;
}

bool heap_is_fill(const struct heap *heap, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++) {
        if (byte[i] != heap->fresh) {
            return false;
        }
    }
    return size > 0;
}

uint64_t heap_live(const struct heap *heap)
{
    return heap->live;
}

bool heap_owns(const struct heap *heap, const void *address)
{
    return (uintptr_t)address - heap->front.base < ARENA_MAX;
}

void heap_drop_process(struct world *w, uint32_t process)
{
    struct heap *heap = w->heap;
    for (uint32_t i = 0; i < heap->count; i++) {
        if (heap->blocks[i].live && heap->blocks[i].process == process) {
            blocks_end(w, i);
        }
    }
}
