/*
 * Threads that end from within, by pthread_exit() and by cancelling: handlers,
 * the innermost first, then destructors of values, by number, again while some
 * have been set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t keys[2];
static sem_t empty;
static atomic_int done, rounds, tried;
static int ready; /* with the mutex */

static void note(void *number)
{
    int before = done++;
    assert(before == (int)(intptr_t)number);
}

static void deep(void)
{
    pthread_cleanup_push(note, (void *)0);
    pthread_exit(&mutex);
    pthread_cleanup_pop(0);
}

static void *leave(void *unused) // NOLINT: libc's macros nest
{
    pthread_setspecific(keys[1], (void *)3);
    pthread_setspecific(keys[0], (void *)2);
    pthread_cleanup_push(note, (void *)1);
    pthread_cleanup_push(note, (void *)7);
    pthread_cleanup_pop(0);
    deep();
    pthread_cleanup_pop(0);
    return unused;
}

static void destroy(void *value)
{
    note(value);
    if (rounds++ < 20) {
        pthread_setspecific(keys[1], (void *)(intptr_t)done);
    }
}

static void leave_by_hand(void)
{
    void *result = NULL;
    pthread_t thread;
    pthread_key_create(&keys[0], destroy);
    pthread_key_create(&keys[1], destroy);
    pthread_create(&thread, NULL, leave, NULL);
    assert(pthread_join(thread, &result) == 0 && result == &mutex);
    /* two handlers, two values, and three rounds of a value set again */
    assert(rounds == 5 && done == 7);
    pthread_key_delete(keys[0]);
    pthread_key_delete(keys[1]);
}

// cppcheck-suppress constParameter ; as handlers are
static void unlock(void *held)
{
    assert(held == &mutex);
    assert(pthread_mutex_unlock(&mutex) == 0); /* it is held again */
    done++;
}

static void *wait_for_ever(void *unused)
{
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, &mutex);
    ready++;
    for (;;) {
        pthread_cond_wait(&cond, &mutex);
    }
    pthread_cleanup_pop(0);
    return unused;
}

static void *wait_for_semaphore(void *unused)
{
    sem_wait(&empty);
    return unused;
}

static void *sleep_long(void *unused)
{
    sleep(1000);
    return unused;
}

static void *ask(void *unused)
{
    for (;;) {
        pthread_testcancel();
    }
    return unused;
}

static void *refuse(void *unused)
{
    int state = -1;
    assert(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state) == 0);
    assert(state == PTHREAD_CANCEL_ENABLE);
    assert(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &state) == 0);
    usleep(10);
    assert(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state) == 0);
    assert(state == PTHREAD_CANCEL_DISABLE);
    tried++;
    sleep(1000);
    return unused;
}

static void *cancel_self(void *unused)
{
    assert(pthread_cancel(pthread_self()) == 0);
    tried++;
    pthread_testcancel();
    assert(0);
    return unused;
}

static void *join_other(void *other)
{
    pthread_join(*(pthread_t *)other, NULL);
    return other;
}

static void try_once(void)
{
    if (tried++ == 0) {
        sleep(1000);
    }
}

static void *run_once(void *unused)
{
    pthread_once(&once, try_once);
    return unused;
}

static void cancel(void *(*act)(void *), void *argument)
{
    void *result = NULL;
    pthread_t thread;
    assert(pthread_create(&thread, NULL, act, argument) == 0);
    usleep(5);
    assert(pthread_cancel(thread) == 0);
    assert(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
}

int main(void)
{
    leave_by_hand();
    done = 0;
    cancel(wait_for_ever, NULL);
    assert(done == ready && ready <= 1);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    sem_init(&empty, 0, 0);
    cancel(wait_for_semaphore, NULL);
    int value = -1;
    assert(sem_getvalue(&empty, &value) == 0 && value == 0);
    cancel(sleep_long, NULL);
    cancel(ask, NULL);
    cancel(refuse, NULL);
    cancel(cancel_self, NULL);
    assert(tried == 2);
    pthread_t other;
    pthread_create(&other, NULL, wait_for_semaphore, NULL);
    cancel(join_other, &other);
    sem_post(&empty);
    assert(pthread_join(other, NULL) == 0);
    tried = 0;
    cancel(run_once, NULL);
    run_once(NULL);
    assert(tried == 1 || tried == 2);
    return 0;
}
