/*
 * Who a program is and what it may: the same on every machine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <unistd.h>

enum {
    USER = 1000,
    PARENT = 1,
    TICKS = 100 /* a second, as sysconf(_SC_CLK_TCK) says */
};

static const char host[] = "faultline";
static const char program[] = "program";

/* mutable: the program's own, and nobody changes them here */
HIDDEN char *program_invocation_name = (char *)(uintptr_t)program;
/* mutable: likewise */
HIDDEN char *program_invocation_short_name = (char *)(uintptr_t)program;

HIDDEN uid_t getuid(void)
{
    return USER;
}

HIDDEN uid_t geteuid(void)
{
    return USER;
}

HIDDEN gid_t getgid(void)
{
    return USER;
}

HIDDEN gid_t getegid(void)
{
    return USER;
}

HIDDEN pid_t getppid(void)
{
    return PARENT;
}

HIDDEN pid_t getpgrp(void)
{
    return fl_sim_table->process_self();
}

HIDDEN int isatty(int file)
{
    (void)file;
    *fl_sim_table->errno_address() = ENOTTY;
    return 0;
}

HIDDEN int gethostname(char *name, size_t max)
{
    if (max < sizeof(host)) {
        *fl_sim_table->errno_address() = ENAMETOOLONG;
        return -1;
    }
    fl_sim_table->bytes_copy(name, host, sizeof(host), PC);
    return 0;
}

HIDDEN int uname(struct utsname *name)
{
    static const struct utsname known = {.sysname = "Linux",
                                         .nodename = "faultline",
                                         .release = "6.1.0",
                                         .version = "#1",
                                         .machine = "simulated"};
    fl_sim_table->bytes_copy(name, &known, sizeof(known), PC);
    return 0;
}

HIDDEN int getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
    (void)resource;
    const struct rlimit none = {.rlim_cur = RLIM_INFINITY,
                                .rlim_max = RLIM_INFINITY};
    fl_sim_table->bytes_copy(limit, &none, sizeof(none), PC);
    return 0;
}

HIDDEN int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
    (void)resource;
    (void)limit;
    return 0;
}

HIDDEN int getpriority(__priority_which_t which, id_t who)
{
    (void)which;
    (void)who;
    return 0;
}

HIDDEN int setpriority(__priority_which_t which, id_t who, int priority)
{
    (void)which;
    (void)who;
    (void)priority;
    return 0;
}

HIDDEN int nice(int by)
{
    (void)by;
    return 0;
}

/* Processor time passes like all other. */

HIDDEN int getrusage(__rusage_who_t who, struct rusage *usage)
{
    (void)who;
    struct timespec now;
    struct rusage used = {.ru_maxrss = 0};
    fl_sim_table->clock_read(CLOCK_PROCESS_CPUTIME_ID, &now, PC);
    used.ru_utime.tv_sec = now.tv_sec;
    used.ru_utime.tv_usec = now.tv_nsec / 1000;
    fl_sim_table->bytes_copy(usage, &used, sizeof(used), PC);
    return 0;
}

HIDDEN clock_t times(struct tms *to)
{
    struct timespec now;
    fl_sim_table->clock_read(CLOCK_PROCESS_CPUTIME_ID, &now, PC);
    clock_t ticks = now.tv_sec * TICKS + now.tv_nsec / (1000000000 / TICKS);
    const struct tms used = {.tms_utime = ticks};
    fl_sim_table->bytes_copy(to, &used, sizeof(used), PC);
    return ticks;
}
