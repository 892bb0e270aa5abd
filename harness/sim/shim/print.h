/*
 * Printing: what the program says goes to the harness, which shows it when a
 * run is replayed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_SHIM_PRINT_H
#define HX_SIM_SHIM_PRINT_H

#include "harness/sim/shim/shim.h"

#include <stdarg.h>
#include <stdio.h>

static inline void print(FILE *stream, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints to `stream` (NULL: wherever it is shown) with `format` and the
 * arguments after it. */
static inline void print(FILE *stream, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fl_sim_table->program_print(stream, format, arguments);
    va_end(arguments);
}

#endif
