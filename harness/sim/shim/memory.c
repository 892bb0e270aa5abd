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

void *early_note(void *block, size_t size)
{
    struct sim_early *early = &fl_sim_early;
    if (block == NULL || early->count == SIM_EARLY_MAX) {
        early->lost = true; /* NULL: a realloc() may have left the old one */
        return block;
    }
    early->block[early->count] = block;
    early->size[early->count] = size;
    early->count++;
    return block;
}

void early_forget(const void *block)
{
    struct sim_early *early = &fl_sim_early;
    for (uint32_t i = 0; i < early->count && !early->over; i++) {
        if (early->block[i] == block) {
            early->count--;
            early->block[i] = early->block[early->count];
            early->size[i] = early->size[early->count];
        }
    }
}

/* The same of a text that was made. */
static char *keep_whole(char *text)
{
    return fl_sim_early.over
               ? text
               : early_note(text, fl_sim_table->heap_usable(text, PC));
}

HIDDEN void *malloc(size_t size)
{
    return early_keep(fl_sim_table->heap_malloc(size, PC), size);
}

HIDDEN void *calloc(size_t count, size_t size)
{
    return early_keep(fl_sim_table->heap_calloc(count, size, PC), count * size);
}

HIDDEN void *realloc(void *block, size_t size)
{
    early_forget(block);
    return early_keep(fl_sim_table->heap_realloc(block, size, PC), size);
}

HIDDEN void *reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        *fl_sim_table->errno_address() = ENOMEM;
        return NULL;
    }
    early_forget(block);
    return early_keep(fl_sim_table->heap_realloc(block, bytes, PC), bytes);
}

HIDDEN void free(void *block)
{
    early_forget(block);
    fl_sim_table->heap_release(block, PC);
}

HIDDEN void *aligned_alloc(size_t align, size_t size)
{
    return early_keep(fl_sim_table->heap_aligned(align, size, PC), size);
}

HIDDEN void *memalign(size_t align, size_t size)
{
    return early_keep(fl_sim_table->heap_aligned(align, size, PC), size);
}

HIDDEN int posix_memalign(void **block, size_t align, size_t size)
{
    if (align < sizeof(void *) || (align & (align - 1)) != 0) {
        return EINVAL;
    }
    void *made = early_keep(fl_sim_table->heap_aligned(align, size, PC), size);
    if (made == NULL) {
        return ENOMEM;
    }
    *block = made;
    return 0;
}

HIDDEN size_t malloc_usable_size(void *block)
{
    return fl_sim_table->heap_usable(block, PC);
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
    (void)early_keep(size < 0 ? NULL : *text, (size_t)size + 1);
    return size;
}

HIDDEN int asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = fl_sim_table->heap_print(text, format, arguments, PC);
    va_end(arguments);
    (void)early_keep(size < 0 ? NULL : *text, (size_t)size + 1);
    return size;
}
