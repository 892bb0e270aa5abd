/*
 * Conditions and barriers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/unwind.h"

HIDDEN int pthread_cond_init(pthread_cond_t *restrict cond,
                             const pthread_condattr_t *restrict attr)
{
    return fl_sim_table->cond_init(cond, attr, PC);
}

HIDDEN int pthread_cond_destroy(pthread_cond_t *cond)
{
    return fl_sim_table->cond_destroy(cond, PC);
}

HIDDEN int pthread_cond_wait(pthread_cond_t *restrict cond,
                             pthread_mutex_t *restrict mutex)
{
    return unwind_status(fl_sim_table->cond_wait(cond, mutex, NULL, PC), PC);
}

HIDDEN int pthread_cond_timedwait(pthread_cond_t *restrict cond,
                                  pthread_mutex_t *restrict mutex,
                                  const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_on(CLOCK_OF_OBJECT, moment);
    return unwind_status(fl_sim_table->cond_wait(cond, mutex, &limit, PC), PC);
}

HIDDEN int pthread_cond_clockwait(pthread_cond_t *restrict cond,
                                  pthread_mutex_t *restrict mutex,
                                  clockid_t clock,
                                  const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_on(clock, moment);
    return unwind_status(fl_sim_table->cond_wait(cond, mutex, &limit, PC), PC);
}

HIDDEN int pthread_cond_signal(pthread_cond_t *cond)
{
    return fl_sim_table->cond_signal(cond, PC);
}

HIDDEN int pthread_cond_broadcast(pthread_cond_t *cond)
{
    return fl_sim_table->cond_broadcast(cond, PC);
}

HIDDEN int pthread_barrier_init(pthread_barrier_t *restrict barrier,
                                const pthread_barrierattr_t *restrict attr,
                                unsigned count)
{
    (void)attr; /* an address is one barrier, whoever looks */
    return fl_sim_table->barrier_init(barrier, count, PC);
}

HIDDEN int pthread_barrier_destroy(pthread_barrier_t *barrier)
{
    return fl_sim_table->barrier_destroy(barrier, PC);
}

HIDDEN int pthread_barrier_wait(pthread_barrier_t *barrier)
{
    return fl_sim_table->barrier_wait(barrier, PC);
}
