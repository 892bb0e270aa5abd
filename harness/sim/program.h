/*
 * The program under test as libc sees it: errno, thread-locals, bytes, chance,
 * output, and its end, which is a verdict.  As sim/table.h has them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_PROGRAM_H
#define HX_SIM_PROGRAM_H

#include "harness/sim/table.h"

/* rand() and its kin: 64 bits of STREAM_PROGRAM, replayed. */
uint64_t program_random(void);

/* abort(), exit(), a failed assertion: the run ends there. */
void program_abort(uintptr_t pc);
void program_exit(int status, uintptr_t pc);
void program_assert(const char *expression, const char *file, unsigned line,
                    uintptr_t pc);

struct world;

/* The first thread of a program ends by pthread_exit(): waits for all others;
 * then the program may end. */
void program_leave(struct world *w);

/* Output: to stderr if the run is recorded or replayed; else to nowhere. */
int program_print(FILE *stream, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* The function called `name` is not part of the simulated world. */
void program_refuse(const char *name, uintptr_t pc);

/* mem* and str*: the heap looks at the ranges, then libc acts. */
void *bytes_copy(void *to, const void *from, size_t size, uintptr_t pc);
void *bytes_move(void *to, const void *from, size_t size, uintptr_t pc);
void *bytes_set(void *to, int byte, size_t size, uintptr_t pc);
int bytes_compare(const void *a, const void *b, size_t size, uintptr_t pc);
void *bytes_find(const void *in, int byte, size_t size, uintptr_t pc);
size_t text_length(const char *text, size_t max, uintptr_t pc);
int text_compare(const char *a, const char *b, size_t max, uintptr_t pc);
size_t text_copy(char *to, const char *from, size_t max, uintptr_t pc);
int text_print(char *to, size_t max, const char *format, va_list arguments,
               uintptr_t pc) __attribute__((format(printf, 3, 0)));
char *text_find(const char *text, int byte, bool last, uintptr_t pc);

/* strtok_r(). */
char *text_token(char *text, const char *delimiters, char **rest, uintptr_t pc);

/* strtol() and its kin, with the errno of the thread. */
long text_long(const char *text, char **end, int base, uintptr_t pc);
unsigned long text_unsigned(const char *text, char **end, int base,
                            uintptr_t pc);
float text_float(const char *text, char **end, uintptr_t pc);
double text_double(const char *text, char **end, uintptr_t pc);
long double text_wide(const char *text, char **end, uintptr_t pc);

#endif
