/*
 * Small programs that a search over execution graphs does not follow, each for
 * another reason, by CASE; and (CASE 0, 3, 4, 10) some that it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#ifndef CASE
#define CASE 0
#endif

static union {
    _Atomic(uint64_t) whole;
    _Atomic(uint32_t) half[2];
} cell;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void add(void)
{
    atomic_fetch_add(&cell.half[0], 1);
}

/* cppcheck-suppress constParameter; as pthread_create() wants it */
static void *work(void *argument)
{
    int second = argument != NULL;
    switch (CASE) {
    case 0:
    case 1:
    case 10:
        pthread_mutex_lock(&mutex);
        add();
        if (CASE != 1 || second) {
            pthread_mutex_unlock(&mutex);
        }
        break;
    case 2:
        pthread_barrier_wait(&barrier);
        break;
    case 3:
        pthread_spin_lock(&spin);
        pthread_spin_unlock(&spin);
        pthread_barrier_wait(&barrier);
        break;
    case 4:
        pthread_once(&once, add);
        break;
    case 5:
        pthread_rwlock_rdlock(&lock);
        pthread_rwlock_unlock(&lock);
        break;
    case 6:
        pthread_mutex_timedlock(&mutex, &(struct timespec){.tv_sec = 1});
        break;
    case 7:
        second ? (void)atomic_load(&cell.whole) : add();
        break;
    case 8:
        second ? (void)memset(&cell, 1, sizeof(cell)) : add();
        break;
    case 9:
        (void)clock_gettime(CLOCK_MONOTONIC, &(struct timespec){0});
        add();
        break;
    }
    return NULL;
}

static void prepare(void)
{
    pthread_mutexattr_t own;
    pthread_mutexattr_init(&own);
    pthread_rwlockattr_t first;
    pthread_rwlockattr_init(&first);
    if (CASE == 1 || CASE == 10) {
        pthread_mutexattr_setrobust(&own, PTHREAD_MUTEX_ROBUST);
        pthread_mutex_init(&mutex, &own);
    }
    if (CASE == 5) {
        pthread_rwlockattr_setkind_np(
            &first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
        pthread_rwlock_init(&lock, &first);
    }
    pthread_barrier_init(&barrier, NULL, CASE == 2 ? 1 : 2);
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
}

int main(void)
{
    pthread_t threads[2];
    prepare();
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, work, i == 0 ? NULL : &cell);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
