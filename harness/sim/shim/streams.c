/*
 * Streams that a program locks itself, as flockfile() has it: with a lock that
 * its thread may take again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <errno.h>

/* mutable: the program's own memory, put back before each run */
static pthread_mutex_t of_output = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
/* mutable: likewise */
static pthread_mutex_t of_errors = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static pthread_mutex_t *lock_of(const FILE *stream)
{
    return stream == stderr ? &of_errors : &of_output;
}

HIDDEN void flockfile(FILE *stream)
{
    (void)fl_sim_table->mutex_lock(lock_of(stream), NULL, PC);
}

HIDDEN int ftrylockfile(FILE *stream)
{
    return fl_sim_table->mutex_trylock(lock_of(stream), PC) == 0 ? 0 : -1;
}

HIDDEN void funlockfile(FILE *stream)
{
    (void)fl_sim_table->mutex_unlock(lock_of(stream), PC);
}

/* The stack of a run that fails is in its report; here it is empty. */

HIDDEN int backtrace(void **to, int max);
HIDDEN int backtrace(void **to, int max)
{
    (void)to;
    (void)max;
    return 0;
}

HIDDEN char **backtrace_symbols(void *const *from, int count);
HIDDEN char **backtrace_symbols(void *const *from, int count)
{
    (void)from;
    (void)count;
    return fl_sim_early.over ? fl_sim_table->heap_calloc(1, sizeof(char *), PC)
                             : early_take(1, sizeof(char *));
}

HIDDEN void backtrace_symbols_fd(void *const *from, int count, int file);
HIDDEN void backtrace_symbols_fd(void *const *from, int count, int file)
{
    (void)from;
    (void)count;
    (void)file;
}
