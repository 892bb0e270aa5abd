/*
 * Read-write locks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

HIDDEN int pthread_rwlock_init(pthread_rwlock_t *restrict lock,
                               const pthread_rwlockattr_t *restrict attr)
{
    return fl_sim_table->rwlock_init(lock, attr, PC);
}

HIDDEN int pthread_rwlock_destroy(pthread_rwlock_t *lock)
{
    return fl_sim_table->rwlock_destroy(lock, PC);
}

HIDDEN int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
    return fl_sim_table->rwlock_read(lock, NULL, PC);
}

HIDDEN int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock,
                                      const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_of(moment);
    return fl_sim_table->rwlock_read(lock, &limit, PC);
}

HIDDEN int pthread_rwlock_clockrdlock(pthread_rwlock_t *restrict lock,
                                      clockid_t clock,
                                      const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_on(clock, moment);
    return fl_sim_table->rwlock_read(lock, &limit, PC);
}

HIDDEN int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock)
{
    return fl_sim_table->rwlock_tryread(lock, PC);
}

HIDDEN int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
    return fl_sim_table->rwlock_write(lock, NULL, PC);
}

HIDDEN int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock,
                                      const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_of(moment);
    return fl_sim_table->rwlock_write(lock, &limit, PC);
}

HIDDEN int pthread_rwlock_clockwrlock(pthread_rwlock_t *restrict lock,
                                      clockid_t clock,
                                      const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_on(clock, moment);
    return fl_sim_table->rwlock_write(lock, &limit, PC);
}

HIDDEN int pthread_rwlock_trywrlock(pthread_rwlock_t *lock)
{
    return fl_sim_table->rwlock_trywrite(lock, PC);
}

HIDDEN int pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
    return fl_sim_table->rwlock_unlock(lock, PC);
}
