/*
 * The calendar of the program under test.
 *
 * libc knows how to count days; what it would ask the machine for, the time
 * zone, is left out.  Of strftime() only %s, the seconds of a local time, would
 * ask for it, and is written here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/calendar.h"

#include "harness/sim/program.h"
#include "harness/sim/table.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    FORMAT_MAX = 1000,
    PRINTED_MAX = 4096
};

bool calendar_split(time_t moment, const char *zone, struct tm *parts)
{
    assert(zone != NULL && parts != NULL);
    if (gmtime_r(&moment, parts) == NULL) {
        return false;
    }
    parts->tm_zone = zone;
    return true;
}

time_t calendar_join(const char *zone, struct tm *parts)
{
    assert(zone != NULL && parts != NULL);
    time_t moment = timegm(parts);
    parts->tm_zone = zone;
    return moment;
}

/* Writes `format` to `to` with the moment of `parts` for each %s; false if it
 * does not fit. */
static bool settle_seconds(char *to, size_t max, const char *format,
                           const struct tm *parts)
{
    size_t used = 0;
    for (const char *c = format; *c != '\0'; c++) {
        char text[32] = {c[0]};
        if (c[0] == '%' && c[1] == 's') {
            struct tm copy = *parts;
            (void)snprintf(text, sizeof(text), "%lld",
                           (long long)timegm(&copy));
            c++;
        } else if (c[0] == '%' && c[1] != '\0') {
            text[1] = c[1];
            c++;
        }
        size_t size = strlen(text);
        if (used + size >= max) {
            return false;
        }
        memcpy(to + used, text, size + 1);
        used += size;
    }
    return true;
}

/* The format is the program's own. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

size_t calendar_print(char *to, size_t max, const char *format,
                      const struct tm *parts, uintptr_t pc)
{
    char settled[FORMAT_MAX] = "";
    char printed[PRINTED_MAX];
    assert(format != NULL && parts != NULL);
    (void)text_length(format, SIZE_MAX, pc);
    struct tm copy;
    bytes_copy(&copy, parts, sizeof(copy), pc);
    if (!settle_seconds(settled, sizeof(settled), format, &copy)) {
        program_refuse("strftime with a format of more than 999 bytes", pc);
        return 0;
    }
    size_t room = max < sizeof(printed) ? max : sizeof(printed);
    size_t size = strftime(printed, room, settled, &copy);
    if (size > 0) {
        bytes_copy(to, printed, size + 1, pc);
    } else if (max > 0 && settled[0] == '\0') {
        bytes_set(to, 0, 1, pc);
    }
    return size;
}
