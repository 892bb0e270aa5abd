/*
 * malloc and its kin, answered by the simulated heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* The size of a block stands before it. */
enum {
    HEAD = 16
};

void *early_take(size_t align, size_t size)
{
    struct sim_early *early = &fl_sim_early;
    if (early->start == NULL) {
        early->start = fl_sim_table->early_room(&early->room);
    }
    align = align < HEAD ? HEAD : align;
    uintptr_t start = (uintptr_t)early->start;
    size_t at = ((start + early->used + HEAD + align - 1) & -align) - start;
    if (at > early->room || size > early->room - at) {
        return NULL;
    }
    *(size_t *)(void *)(early->start + at - HEAD) = size;
    early->used = at + size;
    return early->start + at;
}

bool early_owns(const void *block)
{
    const struct sim_early *early = &fl_sim_early;
    return (uintptr_t)block - (uintptr_t)early->start < early->used;
}

static size_t early_size(const void *block)
{
    return *(const size_t *)(const void *)((const char *)block - HEAD);
}

/* What libc made is an early block; NULL stays NULL. */
static char *early_text(char *made, size_t size)
{
    char *kept = made == NULL ? NULL : early_take(1, size);
    if (kept != NULL) {
        fl_sim_table->bytes_copy(kept, made, size, PC);
    }
    fl_sim_table->heap_release(made, PC);
    return kept;
}

/* The same of a text that was made. */
static char *keep_whole(char *text)
{
    if (fl_sim_early.over || text == NULL) {
        return text;
    }
    return early_text(text, fl_sim_table->text_length(text, UNBOUNDED, PC) + 1);
}

HIDDEN void *malloc(size_t size)
{
    return fl_sim_early.over ? fl_sim_table->heap_malloc(size, PC)
                             : early_take(1, size);
}

HIDDEN void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (fl_sim_early.over) {
        return fl_sim_table->heap_calloc(count, size, PC);
    }
    return __builtin_mul_overflow(count, size, &bytes) ? NULL
                                                       : early_take(1, bytes);
}

/* An early block moves to where blocks are made now. */
static void *move_early(void *block, size_t size, uintptr_t pc)
{
    void *moved = fl_sim_early.over ? fl_sim_table->heap_malloc(size, pc)
                                    : early_take(1, size);
    size_t old = early_size(block);
    if (moved != NULL) {
        fl_sim_table->bytes_copy(moved, block, size < old ? size : old, pc);
    }
    return moved;
}

HIDDEN void *realloc(void *block, size_t size)
{
    if (early_owns(block)) {
        return move_early(block, size, PC);
    }
    return fl_sim_early.over ? fl_sim_table->heap_realloc(block, size, PC)
                             : early_take(1, size);
}

HIDDEN void *reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        *fl_sim_table->errno_address() = ENOMEM;
        return NULL;
    }
    if (early_owns(block)) {
        return move_early(block, bytes, PC);
    }
    return fl_sim_early.over ? fl_sim_table->heap_realloc(block, bytes, PC)
                             : early_take(1, bytes);
}

HIDDEN void free(void *block)
{
    if (!early_owns(block)) {
        fl_sim_table->heap_release(block, PC);
    }
}

HIDDEN void *aligned_alloc(size_t align, size_t size)
{
    return fl_sim_early.over ? fl_sim_table->heap_aligned(align, size, PC)
                             : early_take(align, size);
}

HIDDEN void *memalign(size_t align, size_t size)
{
    return fl_sim_early.over ? fl_sim_table->heap_aligned(align, size, PC)
                             : early_take(align, size);
}

HIDDEN void *valloc(size_t size)
{
    const size_t page = 4096;
    return fl_sim_early.over ? fl_sim_table->heap_aligned(page, size, PC)
                             : early_take(page, size);
}

HIDDEN void *pvalloc(size_t size)
{
    const size_t page = 4096;
    size = (size + page - 1) & -page;
    return fl_sim_early.over ? fl_sim_table->heap_aligned(page, size, PC)
                             : early_take(page, size);
}

HIDDEN int posix_memalign(void **block, size_t align, size_t size)
{
    if (align < sizeof(void *) || (align & (align - 1)) != 0) {
        return EINVAL;
    }
    void *made = fl_sim_early.over ? fl_sim_table->heap_aligned(align, size, PC)
                                   : early_take(align, size);
    if (made == NULL) {
        return ENOMEM;
    }
    *block = made;
    return 0;
}

HIDDEN size_t malloc_usable_size(void *block)
{
    return early_owns(block) ? early_size(block)
                             : fl_sim_table->heap_usable(block, PC);
}

HIDDEN char *strdup(const char *text)
{
    return keep_whole(fl_sim_table->heap_text(text, UNBOUNDED, PC));
}

HIDDEN char *strndup(const char *text, size_t max)
{
    return keep_whole(fl_sim_table->heap_text(text, max, PC));
}

HIDDEN int vasprintf(char **text, const char *format, va_list arguments)
{
    int size = fl_sim_table->heap_print(text, format, arguments, PC);
    if (!fl_sim_early.over && size >= 0) {
        *text = early_text(*text, (size_t)size + 1);
    }
    return size;
}

HIDDEN int asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = fl_sim_table->heap_print(text, format, arguments, PC);
    va_end(arguments);
    if (!fl_sim_early.over && size >= 0) {
        *text = early_text(*text, (size_t)size + 1);
    }
    return size;
}
