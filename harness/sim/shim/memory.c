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

HIDDEN void *malloc(size_t size)
{
    fl_sim_allocations++;
    return fl_sim_table->heap_malloc(size, PC);
}

HIDDEN void *calloc(size_t count, size_t size)
{
    fl_sim_allocations++;
    return fl_sim_table->heap_calloc(count, size, PC);
}

HIDDEN void *realloc(void *block, size_t size)
{
    fl_sim_allocations++;
    return fl_sim_table->heap_realloc(block, size, PC);
}

HIDDEN void *reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        *fl_sim_table->errno_address() = ENOMEM;
        return NULL;
    }
    fl_sim_allocations++;
    return fl_sim_table->heap_realloc(block, bytes, PC);
}

HIDDEN void free(void *block)
{
    fl_sim_table->heap_release(block, PC);
}

HIDDEN void *aligned_alloc(size_t align, size_t size)
{
    fl_sim_allocations++;
    return fl_sim_table->heap_aligned(align, size, PC);
}

HIDDEN void *memalign(size_t align, size_t size)
{
    fl_sim_allocations++;
    return fl_sim_table->heap_aligned(align, size, PC);
}

HIDDEN int posix_memalign(void **block, size_t align, size_t size)
{
    if (align < sizeof(void *) || (align & (align - 1)) != 0) {
        return EINVAL;
    }
    fl_sim_allocations++;
    void *made = fl_sim_table->heap_aligned(align, size, PC);
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
    fl_sim_allocations++;
    return fl_sim_table->heap_text(text, UNBOUNDED, PC);
}

HIDDEN char *strndup(const char *text, size_t max)
{
    fl_sim_allocations++;
    return fl_sim_table->heap_text(text, max, PC);
}

HIDDEN int vasprintf(char **text, const char *format, va_list arguments)
{
    return fl_sim_table->heap_print(text, format, arguments, PC);
}

HIDDEN int asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = fl_sim_table->heap_print(text, format, arguments, PC);
    va_end(arguments);
    return size;
}
