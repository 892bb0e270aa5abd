/*
 * An arena: memory that is taken piece by piece and ended all at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_ARENA_H
#define HX_ARENA_H

#include <stddef.h>

struct arena;

/* An empty arena; ends the program if there is no memory. */
struct arena *arena_new(void);

/* Ends it and everything taken from it.  NULL is allowed. */
void arena_free(struct arena *arena);

/* `size` zeroed bytes, aligned for any type; ends the program if there is no
 * memory. */
void *arena_take(struct arena *arena, size_t size);

/* A copy of `text`; NULL of NULL. */
const char *arena_copy(struct arena *arena, const char *text);

/* A copy of the `size` bytes at `text`, ended with a NUL. */
char *arena_text(struct arena *arena, const char *text, size_t size);

/* A formatted text. */
const char *arena_print(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
