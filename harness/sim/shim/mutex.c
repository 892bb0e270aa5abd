/*
 * Mutexes and spin locks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

HIDDEN int pthread_mutex_init(pthread_mutex_t *mutex,
                              const pthread_mutexattr_t *attr)
{
    return fl_sim_table->mutex_init(mutex, attr, PC);
}

HIDDEN int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
    return fl_sim_table->mutex_destroy(mutex, PC);
}

HIDDEN int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    return fl_sim_table->mutex_lock(mutex, NULL, PC);
}

HIDDEN int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex,
                                   const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_of(moment);
    return fl_sim_table->mutex_lock(mutex, &limit, PC);
}

HIDDEN int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex,
                                   clockid_t clock,
                                   const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_on(clock, moment);
    return fl_sim_table->mutex_lock(mutex, &limit, PC);
}

HIDDEN int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    return fl_sim_table->mutex_trylock(mutex, PC);
}

HIDDEN int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    return fl_sim_table->mutex_unlock(mutex, PC);
}

HIDDEN int pthread_mutex_consistent(pthread_mutex_t *mutex)
{
    return fl_sim_table->mutex_consistent(mutex, PC);
}

HIDDEN int pthread_spin_init(pthread_spinlock_t *spin, int shared)
{
    (void)shared; /* an address is one lock, whoever looks */
    return fl_sim_table->spin_init(spin, PC);
}

HIDDEN int pthread_spin_destroy(pthread_spinlock_t *spin)
{
    return fl_sim_table->spin_destroy(spin, PC);
}

HIDDEN int pthread_spin_lock(pthread_spinlock_t *spin)
{
    return fl_sim_table->spin_lock(spin, PC);
}

HIDDEN int pthread_spin_trylock(pthread_spinlock_t *spin)
{
    return fl_sim_table->spin_trylock(spin, PC);
}

HIDDEN int pthread_spin_unlock(pthread_spinlock_t *spin)
{
    return fl_sim_table->spin_unlock(spin, PC);
}
