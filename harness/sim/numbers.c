/*
 * strtol() and its kin: libc reads the number, and what it says in errno goes
 * to the errno of the thread that called.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/program.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* Before libc reads: what it will say. */
static void begin(const char *text, uintptr_t pc)
{
    (void)text_length(text, SIZE_MAX, pc);
    errno = 0;
}

/* After it: `stop` is where the number ends, or NULL if it said nothing of
 * that; kept at `end` (NULL: not). */
static void settle(char *stop, char **end, uintptr_t pc)
{
    int said = errno;
    assert(said >= 0);
    if (said != 0) {
        *fl_sim_functions.errno_address() = said;
    }
    if (end != NULL && stop != NULL) {
        bytes_copy(end, &stop, sizeof(stop), pc);
    }
}

long text_long(const char *text, char **end, int base, uintptr_t pc)
{
    char *stop = NULL;
    begin(text, pc);
    long number = strtol(text, &stop, base);
    settle(stop, end, pc);
    return number;
}

unsigned long text_unsigned(const char *text, char **end, int base,
                            uintptr_t pc)
{
    char *stop = NULL;
    begin(text, pc);
    unsigned long number = strtoul(text, &stop, base);
    settle(stop, end, pc);
    return number;
}

float text_float(const char *text, char **end, uintptr_t pc)
{
    char *stop = NULL;
    begin(text, pc);
    float number = strtof(text, &stop);
    settle(stop, end, pc);
    return number;
}

double text_double(const char *text, char **end, uintptr_t pc)
{
    char *stop = NULL;
    begin(text, pc);
    double number = strtod(text, &stop);
    settle(stop, end, pc);
    return number;
}

long double text_wide(const char *text, char **end, uintptr_t pc)
{
    char *stop = NULL;
    begin(text, pc);
    long double number = strtold(text, &stop);
    settle(stop, end, pc);
    return number;
}
