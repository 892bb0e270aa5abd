/*
 * Locks, conditions, barriers and semaphores, used as POSIX says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/plugins/posix.h"

#include <stdatomic.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t checked;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static sem_t semaphore;
static int count;            /* guarded by whatever the program is about */
static _Atomic(int) inside;  /* how many are where only one may be */
static _Atomic(int) readers; /* ... or several */
static bool ready;

/* Adds one in two steps, so that a hole in the lock loses additions. */
static void add_slowly(void)
{
    int others = atomic_fetch_add(&inside, 1);
    assert(others == 0);
    int before = count;
    fl_point("between");
    count = before + 1;
    atomic_fetch_sub(&inside, 1);
}

static void *lock_and_add(void *argument)
{
    (void)argument;
    for (int i = 0; i < 2; i++) {
        int status = pthread_mutex_lock(&mutex);
        assert(status == 0);
        add_slowly();
        status = pthread_mutex_unlock(&mutex);
        assert(status == 0);
    }
    return NULL;
}

static void mutex_excludes(void)
{
    pthread_t a = start(lock_and_add, NULL);
    pthread_t b = start(lock_and_add, NULL);
    lock_and_add(NULL);
    join(a);
    join(b);
    assert(count == 6);
}

static void *try_and_add(void *argument)
{
    (void)argument;
    int status = pthread_mutex_trylock(&mutex);
    while (status == EBUSY) {
        status = pthread_mutex_trylock(&mutex);
    }
    assert(status == 0);
    add_slowly();
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void trylock_excludes(void)
{
    pthread_t a = start(try_and_add, NULL);
    try_and_add(NULL);
    join(a);
    assert(count == 2);
}

static void init_typed(pthread_mutex_t *made, int type, bool robust)
{
    pthread_mutexattr_t attr;
    int status = pthread_mutexattr_init(&attr);
    assert(status == 0);
    pthread_mutexattr_settype(&attr, type);
    if (robust) {
        pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    }
    status = pthread_mutex_init(made, &attr);
    assert(status == 0);
    pthread_mutexattr_destroy(&attr);
}

static void recursive_counts(void)
{
    init_typed(&checked, PTHREAD_MUTEX_RECURSIVE, false);
    assert(pthread_mutex_lock(&checked) == 0);
    assert(pthread_mutex_lock(&checked) == 0);
    assert(pthread_mutex_trylock(&checked) == 0);
    for (int i = 0; i < 3; i++) {
        assert(pthread_mutex_unlock(&checked) == 0);
    }
    assert(pthread_mutex_unlock(&checked) == EPERM);
    assert(pthread_mutex_destroy(&checked) == 0);
}

static void checked_answers(void)
{
    init_typed(&checked, PTHREAD_MUTEX_ERRORCHECK, false);
    assert(pthread_mutex_unlock(&checked) == EPERM);
    assert(pthread_mutex_lock(&checked) == 0);
    assert(pthread_mutex_lock(&checked) == EDEADLK);
    assert(pthread_mutex_trylock(&checked) == EBUSY);
    assert(pthread_mutex_unlock(&checked) == 0);
}

static void *hold_until_ready(void *argument)
{
    (void)argument;
    pthread_mutex_lock(&mutex);
    pthread_barrier_wait(&barrier);
    struct timespec span = {.tv_nsec = 50000000};
    nanosleep(&span, NULL);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void timed_lock_times_out(void)
{
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_t a = start(hold_until_ready, NULL);
    pthread_barrier_wait(&barrier);
    struct timespec moment = after_ms(10);
    assert(pthread_mutex_timedlock(&mutex, &moment) == ETIMEDOUT);
    moment = after_ms(500);
    assert(pthread_mutex_timedlock(&mutex, &moment) == 0);
    pthread_mutex_unlock(&mutex);
    join(a);
}

static void *die_holding(void *argument)
{
    pthread_mutex_lock(argument);
    return NULL;
}

static void robust_recovers(void)
{
    init_typed(&checked, PTHREAD_MUTEX_NORMAL, true);
    join(start(die_holding, &checked));
    assert(pthread_mutex_lock(&checked) == EOWNERDEAD);
    assert(pthread_mutex_consistent(&checked) == 0);
    assert(pthread_mutex_unlock(&checked) == 0);
    assert(pthread_mutex_lock(&checked) == 0);
    assert(pthread_mutex_consistent(&checked) == EINVAL);
    assert(pthread_mutex_unlock(&checked) == 0);
    join(start(die_holding, &checked));
    assert(pthread_mutex_lock(&checked) == EOWNERDEAD);
    assert(pthread_mutex_unlock(&checked) == 0);
    assert(pthread_mutex_lock(&checked) == ENOTRECOVERABLE);
}

static void *make_ready(void *argument)
{
    (void)argument;
    pthread_mutex_lock(&mutex);
    ready = true;
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void cond_hands_over(void)
{
    pthread_t a = start(make_ready, NULL);
    pthread_mutex_lock(&mutex);
    while (!ready) {
        assert(pthread_cond_wait(&cond, &mutex) == 0);
    }
    pthread_mutex_unlock(&mutex);
    join(a);
}

static void *wait_ready(void *argument)
{
    (void)argument;
    pthread_mutex_lock(&mutex);
    while (!ready) {
        pthread_cond_wait(&cond, &mutex);
    }
    count++;
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void broadcast_wakes_all(void)
{
    pthread_t a = start(wait_ready, NULL);
    pthread_t b = start(wait_ready, NULL);
    pthread_mutex_lock(&mutex);
    ready = true;
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&mutex);
    join(a);
    join(b);
    assert(count == 2);
    assert(pthread_cond_destroy(&cond) == 0);
}

static void cond_times_out(void)
{
    pthread_mutex_lock(&mutex);
    struct timespec before;
    clock_gettime(CLOCK_MONOTONIC, &before);
    struct timespec moment = after_ms(2000);
    assert(pthread_cond_timedwait(&cond, &mutex, &moment) == ETIMEDOUT);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert(now.tv_sec - before.tv_sec == 2);
    assert(pthread_mutex_trylock(&mutex) == EBUSY);
    pthread_mutex_unlock(&mutex);
}

static void *arrive(void *argument)
{
    int *serials = argument;
    for (int round = 0; round < 2; round++) {
        pthread_mutex_lock(&mutex);
        count++;
        pthread_mutex_unlock(&mutex);
        int status = pthread_barrier_wait(&barrier);
        assert(count >= 3 * (round + 1));
        if (status == PTHREAD_BARRIER_SERIAL_THREAD) {
            serials[round]++;
        } else {
            assert(status == 0);
        }
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static void barrier_gathers(void)
{
    int serials[2] = {0, 0};
    pthread_barrier_init(&barrier, NULL, 3);
    pthread_t a = start(arrive, serials);
    pthread_t b = start(arrive, serials);
    arrive(serials);
    join(a);
    join(b);
    assert(count == 6);
    assert(serials[0] == 1 && serials[1] == 1);
    assert(pthread_barrier_destroy(&barrier) == 0);
}

static void *read_once(void *argument)
{
    (void)argument;
    assert(pthread_rwlock_rdlock(&rwlock) == 0);
    atomic_fetch_add(&readers, 1);
    assert(atomic_load(&inside) == 0);
    atomic_fetch_sub(&readers, 1);
    assert(pthread_rwlock_unlock(&rwlock) == 0);
    return NULL;
}

static void *write_once(void *argument)
{
    (void)argument;
    assert(pthread_rwlock_wrlock(&rwlock) == 0);
    assert(atomic_load(&readers) == 0);
    add_slowly();
    assert(pthread_rwlock_unlock(&rwlock) == 0);
    return NULL;
}

static void rwlock_separates(void)
{
    pthread_t a = start(read_once, NULL);
    pthread_t b = start(write_once, NULL);
    pthread_t c = start(write_once, NULL);
    read_once(NULL);
    join(a);
    join(b);
    join(c);
    assert(count == 2);
}

static void rwlock_answers(void)
{
    assert(pthread_rwlock_rdlock(&rwlock) == 0);
    assert(pthread_rwlock_tryrdlock(&rwlock) == 0);
    assert(pthread_rwlock_trywrlock(&rwlock) == EBUSY);
    assert(pthread_rwlock_unlock(&rwlock) == 0);
    struct timespec moment = after_ms(1);
    assert(pthread_rwlock_timedwrlock(&rwlock, &moment) == ETIMEDOUT);
    assert(pthread_rwlock_unlock(&rwlock) == 0);
    assert(pthread_rwlock_wrlock(&rwlock) == 0);
    assert(pthread_rwlock_rdlock(&rwlock) == EDEADLK);
    assert(pthread_rwlock_tryrdlock(&rwlock) == EBUSY);
    assert(pthread_rwlock_unlock(&rwlock) == 0);
    assert(pthread_rwlock_destroy(&rwlock) == 0);
}

static void *spin_and_add(void *argument)
{
    (void)argument;
    pthread_spin_lock(&spin);
    add_slowly();
    pthread_spin_unlock(&spin);
    return NULL;
}

static void spin_excludes(void)
{
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    pthread_t a = start(spin_and_add, NULL);
    pthread_t b = start(spin_and_add, NULL);
    join(a);
    join(b);
    assert(count == 2);
    assert(pthread_spin_trylock(&spin) == 0);
    assert(pthread_spin_trylock(&spin) == EBUSY);
    pthread_spin_unlock(&spin);
}

static void *wait_and_add(void *argument)
{
    (void)argument;
    assert(sem_wait(&semaphore) == 0);
    add_slowly();
    assert(sem_post(&semaphore) == 0);
    return NULL;
}

static void semaphore_excludes(void)
{
    assert(sem_init(&semaphore, 0, 1) == 0);
    pthread_t a = start(wait_and_add, NULL);
    pthread_t b = start(wait_and_add, NULL);
    wait_and_add(NULL);
    join(a);
    join(b);
    int value = -1;
    assert(sem_getvalue(&semaphore, &value) == 0);
    assert(value == 1 && count == 3);
    assert(sem_destroy(&semaphore) == 0);
}

static void semaphore_times_out(void)
{
    assert(sem_init(&semaphore, 1, 0) == 0);
    assert(sem_trywait(&semaphore) == -1 && errno == EAGAIN);
    struct timespec before;
    clock_gettime(CLOCK_REALTIME, &before);
    struct timespec moment = after_ms(10000);
    errno = 0;
    assert(sem_timedwait(&semaphore, &moment) == -1 && errno == ETIMEDOUT);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    assert(now.tv_sec - before.tv_sec == 10);
    sem_post(&semaphore);
    assert(sem_timedwait(&semaphore, &moment) == 0); /* no need to wait */
    moment.tv_nsec = 1000000000;
    assert(sem_timedwait(&semaphore, &moment) == -1 && errno == EINVAL);
}

/* Reused memory makes a new lock, although the old one was never destroyed. */
static void reused_memory_is_new(void)
{
    for (int i = 0; i < 3; i++) {
        pthread_mutex_t *made = malloc(sizeof(*made));
        assert(made != NULL);
        init_typed(made,
                   i == 1 ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_ERRORCHECK,
                   false);
        assert(pthread_mutex_lock(made) == 0);
        assert(pthread_mutex_trylock(made) == (i == 1 ? 0 : EBUSY));
        free(made);
    }
}

static void (*const programs[])(void) = {
    mutex_excludes,       trylock_excludes,     recursive_counts,
    checked_answers,      timed_lock_times_out, robust_recovers,
    cond_hands_over,      broadcast_wakes_all,  cond_times_out,
    barrier_gathers,      rwlock_separates,     rwlock_answers,
    spin_excludes,        semaphore_excludes,   semaphore_times_out,
    reused_memory_is_new,
};

static const struct fl_variant variants[] = {
    PROGRAM(mutex_excludes),
    PROGRAM(trylock_excludes),
    PROGRAM(recursive_counts),
    PROGRAM(checked_answers),
    PROGRAM(timed_lock_times_out),
    PROGRAM(robust_recovers),
    PROGRAM(cond_hands_over),
    PROGRAM(broadcast_wakes_all),
    PROGRAM(cond_times_out),
    PROGRAM(barrier_gathers),
    PROGRAM(rwlock_separates),
    PROGRAM(rwlock_answers),
    PROGRAM(spin_excludes),
    PROGRAM(semaphore_excludes),
    PROGRAM(semaphore_times_out),
    PROGRAM(reused_memory_is_new),
    {0},
};

POSIX_ALGORITHM("posix_locks")
