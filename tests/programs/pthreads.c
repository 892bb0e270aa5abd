/*
 * POSIX threads: every kind of object, as the standard has it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static pthread_key_t key;
static int ready, written, spun, began;
static atomic_int ended, leaders;

static void begin(void)
{
    began++;
}

static void end(void *value)
{
    assert(value == &key);
    atomic_fetch_add(&ended, 1);
}

static void *take_part(void *x)
{
    pthread_once(&once, begin);
    assert(began == 1);
    assert(pthread_setspecific(key, &key) == 0);
    pthread_mutex_lock(&mutex);
    ready++;
    pthread_cond_broadcast(&cond);
    while (ready < 2) {
        pthread_cond_wait(&cond, &mutex);
    }
    pthread_mutex_unlock(&mutex);
    pthread_rwlock_wrlock(&rwlock);
    written++;
    pthread_rwlock_unlock(&rwlock);
    pthread_spin_lock(&spin);
    spun++;
    pthread_spin_unlock(&spin);
    if (pthread_barrier_wait(&barrier) != 0) { /* the serial thread's -1 */
        atomic_fetch_add(&leaders, 1);
    }
    pthread_rwlock_rdlock(&rwlock);
    assert(written == 2 && spun == 2);
    pthread_rwlock_unlock(&rwlock);
    assert(pthread_getspecific(key) == &key);
    return x;
}

static void *leave(void *x)
{
    pthread_exit(x);
}

static void try_kinds(void)
{
    pthread_mutexattr_t attributes;
    pthread_mutex_t lock;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock, &attributes);
    assert(pthread_mutex_lock(&lock) == 0 && pthread_mutex_lock(&lock) == 0);
    assert(pthread_mutex_trylock(&lock) == 0);
    for (int i = 0; i < 3; i++) {
        assert(pthread_mutex_unlock(&lock) == 0);
    }
    assert(pthread_mutex_destroy(&lock) == 0);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&lock, &attributes);
    assert(pthread_mutex_lock(&lock) == 0);
    assert(pthread_mutex_lock(&lock) == EDEADLK);
    assert(pthread_mutex_unlock(&lock) == 0);
    assert(pthread_mutex_unlock(&lock) == EPERM);
    assert(pthread_mutex_destroy(&lock) == 0);
}

int main(void)
{
    pthread_t one, two, three;
    void *result = NULL;
    assert(pthread_key_create(&key, end) == 0);
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    assert(pthread_create(&one, NULL, take_part, &one) == 0);
    assert(pthread_create(&two, NULL, take_part, &two) == 0);
    assert(pthread_create(&three, NULL, leave, &three) == 0);
    assert(pthread_detach(three) == 0);
    assert(!pthread_equal(one, two) && pthread_equal(one, one));
    assert(pthread_join(one, &result) == 0 && result == &one);
    assert(pthread_join(two, &result) == 0 && result == &two);
    assert(ended == 2 && leaders == 1);
    try_kinds();
    return 0;
}
