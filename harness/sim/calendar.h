/*
 * The calendar of the program under test: UTC on every machine, so that a run
 * is the same on all of them.  As sim/table.h has them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_CALENDAR_H
#define HX_SIM_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Splits `moment`, as UTC, into *parts, whose zone is called `zone` (a
 * literal).  False: the year does not fit. */
bool calendar_split(time_t moment, const char *zone, struct tm *parts);

/* The moment of *parts, read as UTC, which are brought into their ranges; -1 if
 * it does not fit. */
time_t calendar_join(const char *zone, struct tm *parts);

/* strftime() of the C locale, to memory of the program, which is looked at. */
size_t calendar_print(char *to, size_t max, const char *format,
                      const struct tm *parts, uintptr_t pc);

#endif
