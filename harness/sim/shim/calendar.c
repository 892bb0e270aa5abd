/*
 * Days and months: UTC on every machine.
 *
 * What these functions return a pointer to is the program's own memory, so that
 * it is as at the start in each run, and a race for it is seen.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <errno.h>

static const char local_zone[] = "UTC";
static const char world_zone[] = "GMT"; /* as libc calls it */

enum {
    DATE_MAX = 26 /* "Thu Jan  1 00:00:00 1970\n" */
};

/* mutable: the program's own memory, put back before each run */
static struct tm parts_kept;
/* mutable: likewise */
static char date_kept[4 * DATE_MAX];

/* mutable: the program's own, and nobody changes them here */
HIDDEN long timezone = 0;
/* mutable: likewise */
HIDDEN int daylight = 0;
/* mutable: likewise */
HIDDEN char *tzname[2] = {(char *)(uintptr_t)local_zone,
                          (char *)(uintptr_t)local_zone};

HIDDEN void tzset(void)
{
}

static struct tm *split(const time_t *moment, const char *zone, struct tm *to,
                        uintptr_t pc)
{
    struct tm parts;
    time_t at;
    fl_sim_table->bytes_copy(&at, moment, sizeof(at), pc);
    if (!fl_sim_table->calendar_split(at, zone, &parts)) {
        *fl_sim_table->errno_address() = EOVERFLOW;
        return NULL;
    }
    fl_sim_table->bytes_copy(to, &parts, sizeof(parts), pc);
    return to;
}

HIDDEN struct tm *localtime_r(const time_t *restrict moment,
                              struct tm *restrict to)
{
    return split(moment, local_zone, to, PC);
}

HIDDEN struct tm *gmtime_r(const time_t *restrict moment,
                           struct tm *restrict to)
{
    return split(moment, world_zone, to, PC);
}

HIDDEN struct tm *localtime(const time_t *moment)
{
    return split(moment, local_zone, &parts_kept, PC);
}

HIDDEN struct tm *gmtime(const time_t *moment)
{
    return split(moment, world_zone, &parts_kept, PC);
}

static time_t join(struct tm *from, const char *zone, uintptr_t pc)
{
    struct tm parts;
    fl_sim_table->bytes_copy(&parts, from, sizeof(parts), pc);
    time_t moment = fl_sim_table->calendar_join(zone, &parts);
    fl_sim_table->bytes_copy(from, &parts, sizeof(parts), pc);
    return moment;
}

HIDDEN time_t mktime(struct tm *from)
{
    return join(from, local_zone, PC);
}

HIDDEN time_t timelocal(struct tm *from)
{
    return join(from, local_zone, PC);
}

HIDDEN time_t timegm(struct tm *from)
{
    return join(from, world_zone, PC);
}

HIDDEN size_t strftime(char *restrict to, size_t max,
                       const char *restrict format,
                       const struct tm *restrict parts)
{
    return fl_sim_table->calendar_print(to, max, format, parts, PC);
}

static char *print_date(char *to, size_t max, const struct tm *parts,
                        uintptr_t pc)
{
    size_t size = fl_sim_table->calendar_print(
        to, max, "%a %b %e %H:%M:%S %Y\n", parts, pc);
    if (size == 0) {
        *fl_sim_table->errno_address() = EOVERFLOW;
        return NULL;
    }
    return to;
}

HIDDEN char *asctime_r(const struct tm *restrict parts, char *restrict to)
{
    return print_date(to, DATE_MAX, parts, PC);
}

HIDDEN char *asctime(const struct tm *parts)
{
    return print_date(date_kept, sizeof(date_kept), parts, PC);
}

HIDDEN char *ctime_r(const time_t *moment, char *to)
{
    struct tm parts;
    return split(moment, local_zone, &parts, PC) == NULL
               ? NULL
               : print_date(to, DATE_MAX, &parts, PC);
}

HIDDEN char *ctime(const time_t *moment)
{
    struct tm parts;
    return split(moment, local_zone, &parts, PC) == NULL
               ? NULL
               : print_date(date_kept, sizeof(date_kept), &parts, PC);
}
