/*
 * What a program asks of the machine, or tells it, that no schedule depends on:
 * the same answer each time, and nothing is done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <sched.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
    PROCESSORS = 4,
    PAGE = 4096,
    CACHE_LINE = 64,
    TICKS = 100
};

HIDDEN int get_nprocs(void);
HIDDEN int get_nprocs(void)
{
    return PROCESSORS;
}

HIDDEN int get_nprocs_conf(void);
HIDDEN int get_nprocs_conf(void)
{
    return PROCESSORS;
}

HIDDEN long sysconf(int name)
{
    switch (name) {
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return PROCESSORS;
    case _SC_PAGESIZE:
        return PAGE;
    case _SC_LEVEL1_DCACHE_LINESIZE:
        return CACHE_LINE;
    case _SC_CLK_TCK:
        return TICKS;
    default:
        return -1; /* no limit, or not known */
    }
}

/* All threads may be on the first processor. */
HIDDEN int sched_getcpu(void)
{
    return 0;
}

HIDDEN int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
    (void)pid;
    (void)size;
    (void)set;
    return 0;
}

HIDDEN int pthread_setaffinity_np(pthread_t thread, size_t size,
                                  const cpu_set_t *set)
{
    (void)thread;
    (void)size;
    (void)set;
    return 0;
}

HIDDEN int pthread_attr_setaffinity_np(pthread_attr_t *attr, size_t size,
                                       const cpu_set_t *set)
{
    (void)attr;
    (void)size;
    (void)set;
    return 0;
}

HIDDEN int pthread_setname_np(pthread_t thread, const char *name)
{
    (void)thread;
    (void)name;
    return 0;
}

HIDDEN int pthread_setconcurrency(int level)
{
    (void)level;
    return 0;
}

HIDDEN int pthread_setschedparam(pthread_t thread, int policy,
                                 const struct sched_param *how)
{
    (void)thread;
    (void)policy;
    (void)how;
    return 0;
}

HIDDEN int pthread_setschedprio(pthread_t thread, int priority)
{
    (void)thread;
    (void)priority;
    return 0;
}

/* What is printed goes to the harness, which has buffers of its own. */
HIDDEN int setvbuf(FILE *restrict stream, char *restrict room, int mode,
                   size_t size)
{
    (void)stream;
    (void)room;
    (void)mode;
    (void)size;
    return 0;
}

HIDDEN void setbuf(FILE *restrict stream, char *restrict room)
{
    (void)stream;
    (void)room;
}

HIDDEN void setlinebuf(FILE *stream)
{
    (void)stream;
}

/* Processor time passes like all other. */
HIDDEN clock_t clock(void)
{
    struct timespec now;
    fl_sim_table->clock_read(CLOCK_MONOTONIC, &now, PC);
    return now.tv_sec * CLOCKS_PER_SEC +
           now.tv_nsec / (1000000000 / CLOCKS_PER_SEC);
}
