/*
 * Leaks: blocks that nothing leads to.
 *
 * A conservative mark: every aligned word of the roots, and of each block that
 * was found, may be a pointer.  Counted and marked pointers are seen, too: tags
 * in the upper 16 bits or the low bits do not hide one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/heap/blocks.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct marking {
    const struct heap *heap;
    bool *found;    /* by block */
    uint32_t *todo; /* found, not yet scanned */
    uint32_t count;
};

static void visit(struct marking *marking, uintptr_t word)
{
    assert(marking->count <= marking->heap->count);
    const uintptr_t plain = ((uintptr_t)1 << 48) - 1;
    uint32_t index = blocks_owner(marking->heap, word & plain);
    if (index == NO_BLOCK || marking->found[index] ||
        !marking->heap->blocks[index].live) {
        return;
    }
    marking->found[index] = true;
    marking->todo[marking->count++] = index;
}

static void scan(struct marking *marking, const void *first, size_t size)
{
    assert(first != NULL || size == 0);
    const char *byte = first;
    size_t skew = (uintptr_t)byte % sizeof(uintptr_t);
    size_t start = skew == 0 ? 0 : sizeof(uintptr_t) - skew;
    for (size_t i = start; i + sizeof(uintptr_t) <= size;
         i += sizeof(uintptr_t)) {
        uintptr_t word = 0;
        memcpy(&word, byte + i, sizeof(word));
        visit(marking, word);
    }
}

static void mark(struct marking *marking, const struct span *roots,
                 uint32_t roots_count)
{
    for (uint32_t i = 0; i < roots_count; i++) {
        scan(marking, roots[i].first, roots[i].size);
    }
    while (marking->count > 0) {
        uint32_t index = marking->todo[--marking->count];
        uintptr_t at = blocks_address(marking->heap, index);
        const void *bytes = NULL;
        memcpy(&bytes, &at, sizeof(bytes));
        scan(marking, bytes, marking->heap->blocks[index].size);
    }
}

/* What was lost: how many blocks and bytes, and the first of them. */
struct loss {
    uint32_t blocks;
    uint32_t first;
    uint64_t bytes;
};

static struct loss count_lost(const struct marking *marking)
{
    const struct heap *heap = marking->heap;
    struct loss loss = {.first = NO_BLOCK};
    for (uint32_t i = 0; i < heap->count; i++) {
        if (heap->blocks[i].live && !marking->found[i]) {
            loss.first = loss.blocks == 0 ? i : loss.first;
            loss.blocks++;
            loss.bytes += heap->blocks[i].size;
        }
    }
    return loss;
}

void heap_find_leaks(struct world *w, const struct span *roots,
                     uint32_t roots_count)
{
    struct heap *heap = w->heap;
    assert(roots != NULL || roots_count == 0);
    if (heap->live == 0) {
        return;
    }
    struct marking marking = {
        .heap = heap,
        .found = calloc(heap->count, sizeof(bool)),
        .todo = calloc(heap->count, sizeof(uint32_t)),
    };
    if (marking.found == NULL || marking.todo == NULL) {
        perror("faultline: heap");
        exit(70);
    }
    mark(&marking, roots, roots_count);
    struct loss loss = count_lost(&marking);
    free(marking.found);
    free(marking.todo);
    if (loss.blocks == 0) {
        return;
    }
    char name[16];
    trail_tell(w, loss.first);
    world_fail(w, RUN_LEAK,
               "%u block%s (%llu bytes) lost; the first, n%u, allocated by %s",
               loss.blocks, loss.blocks == 1 ? "" : "s",
               (unsigned long long)loss.bytes, blocks_number(w, loss.first),
               trail_name(w, heap->blocks[loss.first].thread, name));
}
