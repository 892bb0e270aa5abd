/*
 * An arena: chunks in a list, the newest first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 1 << 16
};

struct chunk {
    struct chunk *older;
    size_t used;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    struct chunk *newest;
};

static _Noreturn void give_up(void)
{
    perror("faultline: arena");
    exit(70);
}

struct arena *arena_new(void)
{
    struct arena *arena = calloc(1, sizeof(*arena));
    if (arena == NULL) {
        give_up();
    }
    return arena;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    while (arena->newest != NULL) {
        struct chunk *chunk = arena->newest;
        arena->newest = chunk->older;
        free(chunk);
    }
    free(arena);
}

static void add_chunk(struct arena *arena, size_t size)
{
    struct chunk *chunk = calloc(1, sizeof(*chunk) + size);
    if (chunk == NULL) {
        give_up();
    }
    chunk->size = size;
    chunk->older = arena->newest;
    arena->newest = chunk;
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t mask = _Alignof(max_align_t) - 1;
    size_t whole = (size + mask) & ~mask;
    assert(whole >= size);
    if (arena->newest == NULL ||
        arena->newest->size - arena->newest->used < whole) {
        add_chunk(arena, whole > CHUNK ? whole : CHUNK);
    }
    struct chunk *chunk = arena->newest;
    void *taken = chunk->bytes + chunk->used;
    chunk->used += whole;
    assert(chunk->used <= chunk->size);
    return taken;
}

const char *arena_copy(struct arena *arena, const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    size_t size = strlen(text) + 1;
    char *copy = arena_take(arena, size);
    memcpy(copy, text, size);
    return copy;
}

char *arena_text(struct arena *arena, const char *text, size_t size)
{
    char *copy = arena_take(arena, size + 1);
    memcpy(copy, text, size);
    return copy; /* the last byte is zero already */
}

const char *arena_print(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(size >= 0);
    char *text = arena_take(arena, (size_t)size + 1);
    (void)vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}
