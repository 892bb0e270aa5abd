/*
 * What a program asks of the machine, or tells it, that no schedule depends on:
 * the same answer each time, and nothing is done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <errno.h>
#include <locale.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
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

/* All of them, whatever was asked for. */
static int all_processors(size_t size, cpu_set_t *set, uintptr_t pc)
{
    const uint64_t all = (1u << PROCESSORS) - 1;
    if (size < sizeof(all)) {
        return EINVAL;
    }
    fl_sim_table->bytes_set(set, 0, size, pc);
    fl_sim_table->bytes_copy(set, &all, sizeof(all), pc);
    return 0;
}

HIDDEN int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
    (void)pid;
    int error = all_processors(size, set, PC);
    if (error != 0) {
        *fl_sim_table->errno_address() = error;
        return -1;
    }
    return 0;
}

HIDDEN int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *set)
{
    (void)thread;
    return all_processors(size, set, PC);
}

HIDDEN cpu_set_t *__sched_cpualloc(size_t count)
{
    size_t size = CPU_ALLOC_SIZE(count);
    return fl_sim_early.over ? fl_sim_table->heap_calloc(1, size, PC)
                             : early_take(1, size);
}

HIDDEN void __sched_cpufree(cpu_set_t *set)
{
    if (!early_owns(set)) {
        fl_sim_table->heap_release(set, PC);
    }
}

HIDDEN int getcpu(unsigned *processor, unsigned *node)
{
    const unsigned first = 0;
    if (processor != NULL) {
        fl_sim_table->bytes_copy(processor, &first, sizeof(first), PC);
    }
    if (node != NULL) {
        fl_sim_table->bytes_copy(node, &first, sizeof(first), PC);
    }
    return 0;
}

/* Names that nobody sees but the program. */

HIDDEN int pthread_setname_np(pthread_t thread, const char *name)
{
    return fl_sim_table->thread_rename(thread, name, PC);
}

HIDDEN int pthread_getname_np(pthread_t thread, char *to, size_t max)
{
    return fl_sim_table->thread_name(thread, to, max, PC);
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

HIDDEN int pthread_getschedparam(pthread_t thread, int *restrict policy,
                                 struct sched_param *restrict how)
{
    (void)thread;
    const int ordinary = SCHED_OTHER;
    const struct sched_param none = {0};
    fl_sim_table->bytes_copy(policy, &ordinary, sizeof(ordinary), PC);
    fl_sim_table->bytes_copy(how, &none, sizeof(none), PC);
    return 0;
}

HIDDEN int sched_setscheduler(pid_t pid, int policy,
                              const struct sched_param *how)
{
    (void)pid;
    (void)policy;
    (void)how;
    return 0;
}

HIDDEN int sched_getscheduler(pid_t pid)
{
    (void)pid;
    return SCHED_OTHER;
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

static bool is_text(const char *text, const char *wanted)
{
    while (*text == *wanted && *text != '\0') {
        text++;
        wanted++;
    }
    return *text == *wanted;
}

/* There is one locale. */
HIDDEN char *setlocale(int category, const char *locale)
{
    static const char only[] = "C";
    bool known = locale == NULL || locale[0] == '\0' || is_text(locale, only) ||
                 is_text(locale, "POSIX");
    return known && category >= 0 && category <= LC_IDENTIFICATION
               ? (char *)(uintptr_t)only
               : NULL;
}

HIDDEN int mallopt(int what, int value)
{
    (void)what;
    (void)value;
    return 1;
}

HIDDEN int malloc_trim(size_t keep)
{
    (void)keep;
    return 0;
}

/* Processor time passes like all other. */
HIDDEN clock_t clock(void)
{
    struct timespec now;
    fl_sim_table->clock_read(CLOCK_MONOTONIC, &now, PC);
    return now.tv_sec * CLOCKS_PER_SEC +
           now.tv_nsec / (1000000000 / CLOCKS_PER_SEC);
}
