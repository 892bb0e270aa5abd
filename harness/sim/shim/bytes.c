/*
 * mem* and str*: the simulated heap looks at the ranges, then libc acts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

HIDDEN void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    return fl_sim_table->bytes_copy(to, from, size, PC);
}

HIDDEN void *mempcpy(void *restrict to, const void *restrict from, size_t size)
{
    return (char *)fl_sim_table->bytes_copy(to, from, size, PC) + size;
}

HIDDEN void *memmove(void *to, const void *from, size_t size)
{
    return fl_sim_table->bytes_move(to, from, size, PC);
}

HIDDEN void *memset(void *to, int byte, size_t size)
{
    return fl_sim_table->bytes_set(to, byte, size, PC);
}

HIDDEN int memcmp(const void *a, const void *b, size_t size)
{
    return fl_sim_table->bytes_compare(a, b, size, PC);
}

HIDDEN void *memchr(const void *in, int byte, size_t size)
{
    return fl_sim_table->bytes_find(in, byte, size, PC);
}

HIDDEN size_t strlen(const char *text)
{
    return fl_sim_table->text_length(text, UNBOUNDED, PC);
}

HIDDEN size_t strnlen(const char *text, size_t max)
{
    return fl_sim_table->text_length(text, max, PC);
}

HIDDEN int strcmp(const char *a, const char *b)
{
    return fl_sim_table->text_compare(a, b, UNBOUNDED, PC);
}

HIDDEN int strncmp(const char *a, const char *b, size_t max)
{
    return fl_sim_table->text_compare(a, b, max, PC);
}

HIDDEN char *strchr(const char *text, int byte)
{
    return fl_sim_table->text_find(text, byte, false, PC);
}

HIDDEN char *strrchr(const char *text, int byte)
{
    return fl_sim_table->text_find(text, byte, true, PC);
}

HIDDEN char *text_copy(char *to, const char *from) __asm__("strcpy");

HIDDEN char *text_copy(char *to, const char *from)
{
    fl_sim_table->text_copy(to, from, UNBOUNDED, PC);
    return to;
}

/* Returns the end of the copy. */
HIDDEN char *stpcpy(char *restrict to, const char *restrict from)
{
    return to + fl_sim_table->text_copy(to, from, UNBOUNDED, PC) - 1;
}

/* Fills the rest with zeros, and does not end a text that is too long. */
HIDDEN char *strncpy(char *restrict to, const char *restrict from, size_t max)
{
    size_t copied = fl_sim_table->text_copy(to, from, max, PC);
    if (copied < max) {
        fl_sim_table->bytes_set(to + copied, 0, max - copied, PC);
    }
    return to;
}

HIDDEN char *text_append(char *to, const char *from) __asm__("strcat");

HIDDEN char *text_append(char *to, const char *from)
{
    size_t length = fl_sim_table->text_length(to, UNBOUNDED, PC);
    fl_sim_table->text_copy(to + length, from, UNBOUNDED, PC);
    return to;
}

HIDDEN int vsnprintf(char *restrict to, size_t max, const char *restrict format,
                     va_list arguments)
{
    return fl_sim_table->text_print(to, max, format, arguments, PC);
}

HIDDEN int snprintf(char *restrict to, size_t max, const char *restrict format,
                    ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = fl_sim_table->text_print(to, max, format, arguments, PC);
    va_end(arguments);
    return length;
}

HIDDEN int print_all(char *to, const char *format,
                     va_list arguments) __asm__("vsprintf")
    __attribute__((format(printf, 2, 0)));

HIDDEN int print_all(char *to, const char *format, va_list arguments)
{
    return fl_sim_table->text_print(to, UNBOUNDED, format, arguments, PC);
}

HIDDEN int print_text(char *to, const char *format, ...) __asm__("sprintf")
    __attribute__((format(printf, 2, 3)));

HIDDEN int print_text(char *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = fl_sim_table->text_print(to, UNBOUNDED, format, arguments, PC);
    va_end(arguments);
    return length;
}

HIDDEN char *strncat(char *restrict to, const char *restrict from, size_t max)
{
    char *end = to + fl_sim_table->text_length(to, UNBOUNDED, PC);
    size_t length = fl_sim_table->text_length(from, max, PC);
    fl_sim_table->bytes_copy(end, from, length, PC);
    fl_sim_table->bytes_set(end + length, 0, 1, PC);
    return to;
}

HIDDEN char *stpncpy(char *restrict to, const char *restrict from, size_t max)
{
    size_t copied = fl_sim_table->text_copy(to, from, max, PC);
    if (copied < max) {
        fl_sim_table->bytes_set(to + copied, 0, max - copied, PC);
    }
    return to + fl_sim_table->text_length(from, max, PC);
}

HIDDEN void bzero(void *to, size_t size)
{
    fl_sim_table->bytes_set(to, 0, size, PC);
}

HIDDEN void explicit_bzero(void *to, size_t size)
{
    fl_sim_table->bytes_set(to, 0, size, PC);
}

HIDDEN void bcopy(const void *from, void *to, size_t size)
{
    fl_sim_table->bytes_move(to, from, size, PC);
}

HIDDEN char *strtok_r(char *restrict text, const char *restrict delimiters,
                      char **restrict rest)
{
    return fl_sim_table->text_token(text, delimiters, rest, PC);
}

HIDDEN char *__strtok_r(char *restrict text, const char *restrict delimiters,
                        char **restrict rest)
{
    return fl_sim_table->text_token(text, delimiters, rest, PC);
}
