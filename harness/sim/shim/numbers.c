/*
 * Numbers from text.
 *
 * The names that glibc 2.38 and newer have for those of C23 stand beside the
 * old ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <inttypes.h>
#include <stdlib.h>

_Static_assert(sizeof(long) == sizeof(long long) &&
                   sizeof(long) == sizeof(intmax_t),
               "one function for all");

HIDDEN long strtol(const char *restrict text, char **restrict end, int base)
{
    return fl_sim_table->text_long(text, end, base, PC);
}

HIDDEN long long strtoll(const char *restrict text, char **restrict end,
                         int base)
{
    return fl_sim_table->text_long(text, end, base, PC);
}

HIDDEN intmax_t strtoimax(const char *restrict text, char **restrict end,
                          int base)
{
    return fl_sim_table->text_long(text, end, base, PC);
}

HIDDEN unsigned long strtoul(const char *restrict text, char **restrict end,
                             int base)
{
    return fl_sim_table->text_unsigned(text, end, base, PC);
}

HIDDEN unsigned long long strtoull(const char *restrict text,
                                   char **restrict end, int base)
{
    return fl_sim_table->text_unsigned(text, end, base, PC);
}

HIDDEN uintmax_t strtoumax(const char *restrict text, char **restrict end,
                           int base)
{
    return fl_sim_table->text_unsigned(text, end, base, PC);
}

HIDDEN long __isoc23_strtol(const char *restrict text, char **restrict end,
                            int base);
HIDDEN long __isoc23_strtol(const char *restrict text, char **restrict end,
                            int base)
{
    return fl_sim_table->text_long(text, end, base, PC);
}

HIDDEN long long __isoc23_strtoll(const char *restrict text,
                                  char **restrict end, int base);
HIDDEN long long __isoc23_strtoll(const char *restrict text,
                                  char **restrict end, int base)
{
    return fl_sim_table->text_long(text, end, base, PC);
}

HIDDEN unsigned long __isoc23_strtoul(const char *restrict text,
                                      char **restrict end, int base);
HIDDEN unsigned long __isoc23_strtoul(const char *restrict text,
                                      char **restrict end, int base)
{
    return fl_sim_table->text_unsigned(text, end, base, PC);
}

HIDDEN unsigned long long __isoc23_strtoull(const char *restrict text,
                                            char **restrict end, int base);
HIDDEN unsigned long long __isoc23_strtoull(const char *restrict text,
                                            char **restrict end, int base)
{
    return fl_sim_table->text_unsigned(text, end, base, PC);
}

HIDDEN float strtof(const char *restrict text, char **restrict end)
{
    return fl_sim_table->text_float(text, end, PC);
}

HIDDEN double strtod(const char *restrict text, char **restrict end)
{
    return fl_sim_table->text_double(text, end, PC);
}

HIDDEN long double strtold(const char *restrict text, char **restrict end)
{
    return fl_sim_table->text_wide(text, end, PC);
}
