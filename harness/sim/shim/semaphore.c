/*
 * POSIX semaphores without names, and the futex behind all of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/unwind.h"

#include <stdarg.h>
#include <unistd.h>

HIDDEN int sem_init(sem_t *semaphore, int shared, unsigned value)
{
    (void)shared; /* an address is one semaphore, whoever looks */
    return fl_sim_table->semaphore_init(semaphore, value, PC);
}

HIDDEN int sem_destroy(sem_t *semaphore)
{
    return fl_sim_table->semaphore_destroy(semaphore, PC);
}

HIDDEN int sem_wait(sem_t *semaphore)
{
    return unwind_status(fl_sim_table->semaphore_wait(semaphore, NULL, PC), PC);
}

HIDDEN int sem_timedwait(sem_t *restrict semaphore,
                         const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_of(moment);
    return unwind_status(fl_sim_table->semaphore_wait(semaphore, &limit, PC),
                         PC);
}

HIDDEN int sem_clockwait(sem_t *restrict semaphore, clockid_t clock,
                         const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_on(clock, moment);
    return unwind_status(fl_sim_table->semaphore_wait(semaphore, &limit, PC),
                         PC);
}

HIDDEN int sem_trywait(sem_t *semaphore)
{
    return fl_sim_table->semaphore_trywait(semaphore, PC);
}

HIDDEN int sem_post(sem_t *semaphore)
{
    return fl_sim_table->semaphore_post(semaphore, PC);
}

HIDDEN int sem_getvalue(sem_t *restrict semaphore, int *restrict value)
{
    return fl_sim_table->semaphore_value(semaphore, value, PC);
}

/* syscall(SYS_futex, ...) takes the most arguments: six.  Reading more than
 * the caller gave is what libc's own does. */
HIDDEN long syscall(long number, ...)
{
    long arguments[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++) {
        arguments[i] = va_arg(list, long);
    }
    va_end(list);
    return fl_sim_table->system_call(number, arguments, PC);
}
