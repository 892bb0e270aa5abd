/*
 * Reuse: which freed block an allocation gets.
 *
 * "Newest" alone is not "eager": like glibc's own lists it hides the textbook
 * ABA, in which a thread pops two blocks and must get the *first* one back.
 * Quarantine (never) in turn hides all reuse and shows every use after free.
 * So scenarios that do not say draw a mode for each run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/heap/blocks.h"

#include "harness/need.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* In the order of plainness: 0 is what a trace leaves out. */
static const enum reuse modes[] = {REUSE_NEWEST, REUSE_OLDEST, REUSE_RANDOM,
                                   REUSE_NEVER};

enum {
    EAGER_MODES = 3, /* of them bring blocks back */
    MIXED_MODES = 4,
    LIST_FIRST = 16, /* entries of a new list */
};

void heap_set_reuse(struct world *w, enum reuse reuse)
{
    struct heap *heap = w->heap;
    switch (reuse) {
    case REUSE_MIXED:
        heap->mode =
            modes[choice_below(&w->choice, STREAM_MEMORY, MIXED_MODES)];
        break;
    case REUSE_EAGER:
        heap->mode =
            modes[choice_below(&w->choice, STREAM_MEMORY, EAGER_MODES)];
        break;
    case REUSE_NEWEST:
    case REUSE_OLDEST:
    case REUSE_RANDOM:
    case REUSE_NEVER:
        heap->mode = reuse;
        break;
    }
    assert(heap->mode != REUSE_MIXED);
    assert(heap->mode != REUSE_EAGER);
}

static bool is_aligned(const struct heap *heap, uint32_t index, size_t align)
{
    return (blocks_address(heap, index) & (align - 1)) == 0;
}

/* Blocks in the list that could serve. */
static uint32_t count_aligned(const struct heap *heap,
                              const struct free_list *list, size_t align)
{
    if (align <= GRANULE) {
        return list->end - list->first;
    }
    uint32_t count = 0;
    for (uint32_t i = list->first; i < list->end; i++) {
        count += is_aligned(heap, list->blocks[i], align) ? 1 : 0;
    }
    return count;
}

/* The place in the list of the aligned block number `k`, newest first. */
static uint32_t find_newest(const struct heap *heap,
                            const struct free_list *list, size_t align,
                            uint32_t k)
{
    if (align <= GRANULE) {
        return list->end - 1 - k;
    }
    uint32_t at = list->end;
    for (uint32_t found = 0; found <= k;) {
        assert(at > list->first);
        at--;
        found += is_aligned(heap, list->blocks[at], align) ? 1 : 0;
    }
    return at;
}

/* Takes the entry at `at` out; the others keep their order. */
static uint32_t take_out(struct free_list *list, uint32_t at)
{
    assert(at >= list->first);
    assert(at < list->end);
    uint32_t index = list->blocks[at];
    if (at == list->first) {
        list->first++;
        return index;
    }
    list->end--;
    memmove(&list->blocks[at], &list->blocks[at + 1],
            (list->end - at) * sizeof(*list->blocks));
    return index;
}

uint32_t reuse_take(struct world *w, uint32_t class, size_t align)
{
    assert(class < CLASSES);
    struct heap *heap = w->heap;
    struct free_list *list = &heap->lists[class];
    if (list->first == list->end || heap->mode == REUSE_NEVER) {
        return NO_BLOCK;
    }
    uint32_t count = count_aligned(heap, list, align);
    if (count == 0) {
        return NO_BLOCK;
    }
    uint32_t k = 0;
    if (heap->mode == REUSE_OLDEST) {
        k = count - 1;
    } else if (heap->mode == REUSE_RANDOM && count > 1) {
        w->polled = w->step; /* another block each time */
        k = choice_below(&w->choice, STREAM_MEMORY, count);
        k = k < count ? k : count - 1; /* an edited trace may ask for more */
    }
    return take_out(list, find_newest(heap, list, align, k));
}

/* Makes room for one more at the end. */
static __attribute__((cold, noinline)) void grow(struct free_list *list)
{
    uint32_t count = list->end - list->first;
    if (list->first > count) {
        memmove(list->blocks, &list->blocks[list->first],
                count * sizeof(*list->blocks));
        list->first = 0;
        list->end = count;
        return;
    }
    uint32_t max = list->max == 0 ? LIST_FIRST : list->max * 2;
    uint32_t *more =
        need(realloc(list->blocks, max * sizeof(*more)), "the heap");
    list->blocks = more;
    list->max = max;
}

void reuse_give(struct heap *heap, uint32_t index)
{
    uint32_t capacity = 0;
    uint32_t class = blocks_class(heap->blocks[index].capacity, &capacity);
    assert(capacity == heap->blocks[index].capacity);
    assert(class < CLASSES);
    struct free_list *list = &heap->lists[class];
    if (list->end == list->max) {
        grow(list);
    }
    list->blocks[list->end++] = index;
    heap->used |= (uint64_t)1 << class;
}

void reuse_reset(struct heap *heap)
{
    while (heap->used != 0) {
        uint32_t class = (uint32_t)__builtin_ctzll(heap->used);
        heap->used &= heap->used - 1;
        heap->lists[class].first = 0;
        heap->lists[class].end = 0;
    }
}
