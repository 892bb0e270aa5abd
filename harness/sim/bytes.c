/*
 * mem* and str* of the program: the simulated heap looks at the ranges, then
 * libc acts.
 *
 * A string's end is found first and looked at afterwards: the arena is always
 * mapped, so reading too far there is a verdict and not a crash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/access.h"
#include "harness/sim/heap.h"
#include "harness/sim/memory.h"
#include "harness/sim/program.h"
#include "harness/sim/seen.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Pointers are the program's own: one that is null ends the run as a crash
 * does, and is no finding about this file. */
#define AS_THE_PROGRAM __attribute__((no_sanitize("undefined")))

static void reads(const void *from, size_t size, uintptr_t pc)
{
    if (world != NULL && size > 0) {
        access_touch_plain(world, from, size, false);
        heap_access(world, from, size, ACCESS_READ, pc);
        memory_plain(world, from, size, false, pc);
    }
}

static void writes(const void *to, size_t size, uintptr_t pc)
{
    if (world != NULL && size > 0) {
        access_touch_plain(world, to, size, true);
        heap_access(world, to, size, ACCESS_WRITE, pc);
        memory_plain(world, to, size, true, pc);
        world_effect(world, to);
    }
}

AS_THE_PROGRAM void *bytes_copy(void *to, const void *from, size_t size,
                                uintptr_t pc)
{
    /* Overlap is an error that nobody reports; moving makes it harmless. */
    return bytes_move(to, from, size, pc);
}

AS_THE_PROGRAM void *bytes_move(void *to, const void *from, size_t size,
                                uintptr_t pc)
{
    reads(from, size, pc);
    writes(to, size, pc);
    return size == 0 ? to : memmove(to, from, size);
}

AS_THE_PROGRAM void *bytes_set(void *to, int byte, size_t size, uintptr_t pc)
{
    writes(to, size, pc);
    return size == 0 ? to : memset(to, byte, size);
}

AS_THE_PROGRAM int bytes_compare(const void *a, const void *b, size_t size,
                                 uintptr_t pc)
{
    reads(a, size, pc);
    reads(b, size, pc);
    return size == 0 ? 0 : memcmp(a, b, size);
}

AS_THE_PROGRAM void *bytes_find(const void *in, int byte, size_t size,
                                uintptr_t pc)
{
    void *found = size == 0 ? NULL : memchr(in, byte, size);
    size_t seen = found == NULL
                      ? size
                      : (size_t)((const char *)found - (const char *)in) + 1;
    reads(in, seen, pc);
    return found;
}

AS_THE_PROGRAM size_t text_length(const char *text, size_t max, uintptr_t pc)
{
    size_t length = strnlen(text, max);
    reads(text, length < max ? length + 1 : length, pc);
    return length;
}

AS_THE_PROGRAM int text_compare(const char *a, const char *b, size_t max,
                                uintptr_t pc)
{
    size_t same = 0;
    while (same < max && a[same] == b[same] && a[same] != '\0') {
        same++;
    }
    size_t seen = same < max ? same + 1 : same;
    assert(seen <= max);
    reads(a, seen, pc);
    reads(b, seen, pc);
    return same == max ? 0 : (unsigned char)a[same] - (unsigned char)b[same];
}

AS_THE_PROGRAM size_t text_copy(char *to, const char *from, size_t max,
                                uintptr_t pc)
{
    size_t length = strnlen(from, max);
    size_t size = length < max ? length + 1 : length;
    assert(size <= max);
    bytes_move(to, from, size, pc);
    return size;
}

AS_THE_PROGRAM int text_print(char *to, size_t max, const char *format,
                              va_list arguments, uintptr_t pc)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length >= 0 && max > 0) {
        size_t size = (size_t)length + 1;
        writes(to, size < max ? size : max, pc);
        (void)vsnprintf(to, size < max ? size : max, format, arguments);
    }
    return length;
}

AS_THE_PROGRAM char *text_find(const char *text, int byte, bool last,
                               uintptr_t pc)
{
    text_length(text, SIZE_MAX, pc);
    return last ? strrchr(text, byte) : strchr(text, byte);
}

AS_THE_PROGRAM char *text_token(char *text, const char *delimiters, char **rest,
                                uintptr_t pc)
{
    assert(world == NULL || rest != NULL);
    text_length(delimiters, SIZE_MAX, pc);
    if (text == NULL) {
        bytes_copy(&text, rest, sizeof(text), pc);
    }
    if (text == NULL) {
        return NULL; /* all of it was taken */
    }
    text_length(text, SIZE_MAX, pc);
    char *token = text + strspn(text, delimiters);
    char *end = token + strcspn(token, delimiters);
    if (*end != '\0') {
        bytes_set(end, 0, 1, pc);
        end++;
    }
    bytes_copy(rest, &end, sizeof(end), pc);
    return *token == '\0' ? NULL : token;
}
