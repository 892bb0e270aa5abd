/*
 * The oracle: whether an access was allowed, and what to say if it was not.
 *
 * Comes after the quick look of heap_access(), for accesses that cross
 * granules, touch bytes that were never stored to, or are wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/heap/blocks.h"

#include <assert.h>
#include <stdio.h>

enum {
    HALF = 8 /* bytes: what must not be wholly uninitialised */
};

/* One access that goes wrong at `at`. */
struct fault_at {
    uintptr_t at; /* the first byte that is wrong */
    uintptr_t address;
    size_t size;
    bool writes;
    uintptr_t pc;
    uint32_t block; /* that owns `at`, or NO_BLOCK */
};

static bool writes(enum access access)
{
    return access == ACCESS_WRITE || access == ACCESS_ATOMIC_WRITE ||
           access == ACCESS_UPDATE;
}

static bool reads(enum access access)
{
    return access == ACCESS_READ || access == ACCESS_ATOMIC_READ ||
           access == ACCESS_UPDATE;
}

/* "8 bytes of n3 (24 bytes)", "8 bytes at offset 16 of n3 (24 bytes)" */
static void describe(const struct world *w, const struct fault_at *fault,
                     char *text, size_t max)
{
    assert(fault->block < w->heap->count);
    const struct block *block = &w->heap->blocks[fault->block];
    uint32_t number = blocks_number(w, fault->block);
    char name[16] = "the object";
    if (number != 0) {
        (void)snprintf(name, sizeof(name), "n%u", number);
    }
    uintptr_t offset = fault->address - blocks_address(w->heap, fault->block);
    const char *plural = fault->size == 1 ? "" : "s";
    if (offset == 0) {
        (void)snprintf(text, max, "%zu byte%s of %s (%u bytes)", fault->size,
                       plural, name, block->size);
    } else {
        (void)snprintf(text, max, "%zu byte%s at offset %td of %s (%u bytes)",
                       fault->size, plural, (ptrdiff_t)offset, name,
                       block->size);
    }
}

static void fail_freed(struct world *w, const struct fault_at *fault)
{
    assert(!w->heap->blocks[fault->block].live);
    const struct block *block = &w->heap->blocks[fault->block];
    char who[16];
    char what[80];
    char owner[16];
    trail_name(w, blocks_thread(w), who);
    describe(w, fault, what, sizeof(what));
    char title[64];
    (void)snprintf(title, sizeof(title), "use of freed memory in %s", who);
    world_keep_stack(w, title);
    trail_tell(w, fault->block);
    world_fail(w, RUN_USE_AFTER_FREE, "%s %s %s, freed by %s", who,
               fault->writes ? "writes" : "reads", what,
               trail_name(w, block->freed_by, owner));
}

static void fail_outside(struct world *w, const struct fault_at *fault)
{
    char who[16];
    char title[64];
    trail_name(w, blocks_thread(w), who);
    const char *verb = fault->writes ? "writes" : "reads";
    (void)snprintf(title, sizeof(title), "access out of bounds in %s", who);
    world_keep_stack(w, title);
    if (fault->block == NO_BLOCK) {
        world_fail(w, RUN_OUT_OF_BOUNDS,
                   "%s %s %zu bytes of heap memory that was never allocated",
                   who, verb, fault->size);
        return;
    }
    const struct block *block = &w->heap->blocks[fault->block];
    char what[80];
    describe(w, fault, what, sizeof(what));
    uintptr_t end = blocks_address(w->heap, fault->block) + block->size;
    trail_tell(w, fault->block);
    ptrdiff_t past = (ptrdiff_t)(fault->at - end);
    if (past == 0) {
        world_fail(w, RUN_OUT_OF_BOUNDS, "%s %s %s, right behind its end", who,
                   verb, what);
        return;
    }
    world_fail(w, RUN_OUT_OF_BOUNDS, "%s %s %s, %td bytes behind its end", who,
               verb, what, past);
}

static void fail_unwritten(struct world *w, const struct fault_at *fault)
{
    assert(w->heap->blocks[fault->block].live);
    if (w->silent_stores) {
        return; /* a library may have stored there, which nobody saw */
    }
    char who[16];
    char what[80];
    char title[64];
    trail_name(w, blocks_thread(w), who);
    describe(w, fault, what, sizeof(what));
    (void)snprintf(title, sizeof(title), "read of uninitialised memory in %s",
                   who);
    world_keep_stack(w, title);
    trail_tell(w, fault->block);
    world_fail(w, RUN_UNINITIALISED,
               "%s reads %s before anything was stored there", who, what);
}

static void mark(struct world *w, const struct fault_at *fault)
{
    trail_mark(w, fault->writes ? "write" : "read", fault->address, fault->size,
               fault->pc);
}

/* The bits of a granule that [address, address + size) covers. */
static uint32_t cover(uintptr_t granule_at, uintptr_t address, size_t size)
{
    uintptr_t from = address > granule_at ? address - granule_at : 0;
    uintptr_t to = address + size - granule_at;
    to = to < GRANULE ? to : GRANULE;
    assert(from < to);
    return ((1u << to) - 1u) & ~((1u << from) - 1u);
}

/* The first half of `mask` that was never stored to, as its lowest byte in the
 * granule; GRANULE if there is none. */
static uint32_t find_unwritten(uint32_t mask, uint32_t written)
{
    assert(mask <= 0xFFFFu);
    for (uint32_t half = 0; half < GRANULE; half += HALF) {
        uint32_t part = mask & (0xFFu << half);
        if (part != 0 && (part & written) == 0) {
            return (uint32_t)__builtin_ctz(part);
        }
    }
    return GRANULE;
}

/* Whether the bytes of `mask` are as malloc() left them.  If not, somebody has
 * stored there whom no hook told of: strtol() through its second argument, or
 * pthread_create() the new thread's name. */
static bool is_untouched(const struct heap *heap, uintptr_t granule_at,
                         uint32_t mask)
{
    assert(mask != 0 && mask <= 0xFFFFu);
    const unsigned char *bytes = (const unsigned char *)granule_at;
    for (uint32_t i = 0; i < GRANULE; i++) {
        if ((mask >> i & 1u) != 0 && bytes[i] != heap->fresh) {
            return false;
        }
    }
    return true;
}

static bool must_be_written(enum access access, size_t size)
{
    if (access == ACCESS_READ) {
        return size == sizeof(void *);
    }
    return reads(access);
}

/* Looks at one granule.  True: the run failed (in set-up code). */
static bool look(struct world *w, uintptr_t granule_at, struct fault_at *fault,
                 enum access access)
{
    struct heap *heap = w->heap;
    uintptr_t index = (granule_at - heap->front.base) / GRANULE;
    struct shadow *shadow = &heap->front.shadows[index];
    uint32_t mask = cover(granule_at, fault->address, fault->size);
    bool known = shadow->stamp == heap->front.stamp;
    uint32_t bad = known ? mask & ~(uint32_t)shadow->valid : mask;
    if (bad != 0) {
        fault->at = granule_at + (uint32_t)__builtin_ctz(bad);
        fault->block = blocks_owner(heap, fault->at);
        bool freed =
            fault->block != NO_BLOCK && !heap->blocks[fault->block].live;
        if (freed && heap->freed_reads && !fault->writes) {
            return false;
        }
        mark(w, fault);
        if (freed) {
            fail_freed(w, fault);
        } else {
            fail_outside(w, fault);
        }
        return true;
    }
    if (must_be_written(access, fault->size)) {
        uint32_t byte = find_unwritten(mask, shadow->written);
        uint32_t half = byte < GRANULE ? mask & (0xFFu << (byte & ~7u)) : 0;
        if (half != 0 && is_untouched(heap, granule_at, half)) {
            fault->at = granule_at + byte;
            fault->block = blocks_owner(heap, fault->at);
            mark(w, fault);
            fail_unwritten(w, fault);
            return true;
        }
    }
    if (fault->writes) {
        shadow->written = (uint16_t)(shadow->written | mask);
    }
    return false;
}

void heap_access_slowly(struct world *w, uintptr_t address, size_t size,
                        enum access access, uintptr_t pc)
{
    struct fault_at fault = {.address = address,
                             .size = size,
                             .writes = writes(access),
                             .pc = pc,
                             .block = NO_BLOCK};
    uintptr_t end = address + size;
    uintptr_t limit = w->heap->front.base + ARENA_MAX;
    assert(address >= w->heap->front.base);
    uintptr_t at = address & ~(uintptr_t)(GRANULE - 1);
    for (; at < end && at < limit; at += GRANULE) {
        if (look(w, at, &fault, access)) {
            return;
        }
    }
}
