/*
 * Output of the program under test.
 *
 * A campaign runs it a million times, and stdout belongs to the report: what
 * it prints is shown on stderr when a run is recorded or replayed, and is
 * dropped otherwise.  Results are as if all had been written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/print.h"

HIDDEN int vfprintf(FILE *restrict stream, const char *restrict format,
                    va_list arguments)
{
    return fl_sim_table->program_print(stream, format, arguments);
}

HIDDEN int vprintf(const char *restrict format, va_list arguments)
{
    return fl_sim_table->program_print(NULL, format, arguments);
}

HIDDEN int printf(const char *restrict format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = fl_sim_table->program_print(NULL, format, arguments);
    va_end(arguments);
    return size;
}

HIDDEN int fprintf(FILE *restrict stream, const char *restrict format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = fl_sim_table->program_print(stream, format, arguments);
    va_end(arguments);
    return size;
}

HIDDEN int puts(const char *text)
{
    print(NULL, "%s\n", text);
    return 0;
}

HIDDEN int fputs(const char *restrict text, FILE *restrict stream)
{
    print(stream, "%s", text);
    return 0;
}

HIDDEN int fputc(int byte, FILE *stream)
{
    print(stream, "%c", byte);
    return byte;
}

HIDDEN int putchar(int byte)
{
    print(NULL, "%c", byte);
    return byte;
}

HIDDEN size_t fwrite(const void *restrict from, size_t size, size_t count,
                     FILE *restrict stream)
{
    print(stream, "%.*s", (int)(size * count), (const char *)from);
    return count;
}

HIDDEN int fflush(FILE *stream)
{
    (void)stream;
    return 0;
}

/* Those for whoever holds the lock of the stream. */

HIDDEN int fputs_unlocked(const char *restrict text, FILE *restrict stream)
{
    print(stream, "%s", text);
    return 0;
}

HIDDEN int fputc_unlocked(int byte, FILE *stream)
{
    print(stream, "%c", byte);
    return byte;
}

HIDDEN size_t fwrite_unlocked(const void *restrict from, size_t size,
                              size_t count, FILE *restrict stream)
{
    print(stream, "%.*s", (int)(size * count), (const char *)from);
    return count;
}

HIDDEN int fflush_unlocked(FILE *stream)
{
    (void)stream;
    return 0;
}
