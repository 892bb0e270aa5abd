/*
 * The functions of programs that wait for each other, as sim/table.h has them.
 *
 * Each is a point, acts for the current fiber of the one world, and returns
 * what the POSIX function of its name returns.  Before any run (a constructor
 * of a plug-in) they do nothing and succeed.  `pc` is the caller's return
 * address, for the log.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_SYNC_FUNCTIONS_H
#define HX_SIM_SYNC_FUNCTIONS_H

#include "harness/sim/table.h"

/* pthread_mutex_*; a NULL limit waits for ever. */
int mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr,
               uintptr_t pc);
int mutex_destroy(pthread_mutex_t *mutex, uintptr_t pc);
int mutex_lock(pthread_mutex_t *mutex, const struct sim_limit *limit,
               uintptr_t pc);
int mutex_trylock(pthread_mutex_t *mutex, uintptr_t pc);
int mutex_unlock(pthread_mutex_t *mutex, uintptr_t pc);
int mutex_consistent(pthread_mutex_t *mutex, uintptr_t pc);

/* pthread_spin_*: waiting is not spinning here, so that deadlock is exact. */
int spin_init(pthread_spinlock_t *spin, uintptr_t pc);
int spin_destroy(pthread_spinlock_t *spin, uintptr_t pc);
int spin_lock(pthread_spinlock_t *spin, uintptr_t pc);
int spin_trylock(pthread_spinlock_t *spin, uintptr_t pc);
int spin_unlock(pthread_spinlock_t *spin, uintptr_t pc);

/* pthread_rwlock_*. */
int rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attr,
                uintptr_t pc);
int rwlock_destroy(pthread_rwlock_t *lock, uintptr_t pc);
int rwlock_read(pthread_rwlock_t *lock, const struct sim_limit *limit,
                uintptr_t pc);
int rwlock_tryread(pthread_rwlock_t *lock, uintptr_t pc);
int rwlock_write(pthread_rwlock_t *lock, const struct sim_limit *limit,
                 uintptr_t pc);
int rwlock_trywrite(pthread_rwlock_t *lock, uintptr_t pc);
int rwlock_unlock(pthread_rwlock_t *lock, uintptr_t pc);

/* pthread_cond_*. */
int cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr,
              uintptr_t pc);
int cond_destroy(pthread_cond_t *cond, uintptr_t pc);
int cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex,
              const struct sim_limit *limit, uintptr_t pc);
int cond_signal(pthread_cond_t *cond, uintptr_t pc);
int cond_broadcast(pthread_cond_t *cond, uintptr_t pc);

/* pthread_barrier_*: the last to arrive is the serial thread. */
int barrier_init(pthread_barrier_t *barrier, unsigned count, uintptr_t pc);
int barrier_destroy(pthread_barrier_t *barrier, uintptr_t pc);
int barrier_wait(pthread_barrier_t *barrier, uintptr_t pc);

/* sem_*: -1 and errno. */
int semaphore_init(sem_t *semaphore, unsigned value, uintptr_t pc);
int semaphore_destroy(sem_t *semaphore, uintptr_t pc);
int semaphore_wait(sem_t *semaphore, const struct sim_limit *limit,
                   uintptr_t pc);
int semaphore_trywait(sem_t *semaphore, uintptr_t pc);
int semaphore_post(sem_t *semaphore, uintptr_t pc);
int semaphore_value(sem_t *semaphore, int *value, uintptr_t pc);

/* syscall(): futex, gettid, getpid, sched_yield, membarrier. */
long system_call(long number, const long arguments[6], uintptr_t pc);

/* pthread_create() and its kin. */
int thread_create(pthread_t *thread, const pthread_attr_t *attr,
                  const struct sim_start *start, uintptr_t pc);
int thread_join(pthread_t thread, void **result, const struct sim_limit *limit,
                uintptr_t pc);
int thread_tryjoin(pthread_t thread, void **result, uintptr_t pc);
int thread_detach(pthread_t thread, uintptr_t pc);
void thread_exit(void *result, uintptr_t pc);
pthread_t thread_self(void);
int thread_cancel(pthread_t thread, uintptr_t pc);
int cancel_state(int state, int *old, uintptr_t pc);
bool cancel_due(uintptr_t pc);
void cancel_leave(void);
int thread_rename(pthread_t thread, const char *name, uintptr_t pc);
int thread_name(pthread_t thread, char *to, size_t max, uintptr_t pc);
uint64_t thread_mask(int how, uint64_t bits);
int thread_attributes(pthread_t thread, pthread_attr_t *attr);
int thread_yield(uintptr_t pc);

/* Keys; not points, for their values are private. */
int key_create(pthread_key_t *key, void (*destroy)(void *value));
int key_delete(pthread_key_t key);
void *key_get(pthread_key_t key);
int key_set(pthread_key_t key, uintptr_t value);
int once_call(pthread_once_t *once, void (*routine)(void), uintptr_t pc);

/* The two halves of it: whether the caller is the one to act, which else has
 * been done and is seen; and that it was done, or is still to be done. */
bool once_begin(pthread_once_t *once, uintptr_t pc);
void once_end(pthread_once_t *once, bool done, uintptr_t pc);

#endif
