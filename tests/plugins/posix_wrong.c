/*
 * Programs that are wrong, each in one way; tests/interpose_check.c says with
 * which verdict each must end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/plugins/posix.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t semaphore;
static pthread_mutex_t *volatile kept; /* so that compilers do not object */
static int count;

static void *lock_other_first(void *argument)
{
    (void)argument;
    pthread_mutex_lock(&other);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    pthread_mutex_unlock(&other);
    return NULL;
}

static void deadlock_abba(void)
{
    pthread_t a = start(lock_other_first, NULL);
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&other);
    pthread_mutex_unlock(&other);
    pthread_mutex_unlock(&mutex);
    join(a);
}

static void deadlock_self(void)
{
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
}

static void deadlock_join(void)
{
    pthread_mutex_lock(&mutex);
    join(start(lock_other_first, NULL));
}

static void *signal_too_early(void *argument)
{
    (void)argument;
    pthread_mutex_lock(&mutex);
    count = 1;
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void lost_signal(void)
{
    pthread_t a = start(signal_too_early, NULL);
    pthread_mutex_lock(&mutex);
    pthread_cond_wait(&cond, &mutex); /* and count may be 1 already */
    pthread_mutex_unlock(&mutex);
    join(a);
}

static void *add_unlocked(void *argument)
{
    int before = *(volatile int *)argument;
    fl_point("between");
    *(volatile int *)argument = before + 1;
    return NULL;
}

static void lost_update(void)
{
    pthread_t a = start(add_unlocked, &count);
    add_unlocked(&count);
    join(a);
    assert(count == 2);
}

static void *unlock(void *argument)
{
    pthread_mutex_unlock(argument);
    return NULL;
}

static void unlock_of_a_stranger(void)
{
    pthread_mutex_lock(&mutex);
    join(start(unlock, &mutex));
}

static void unlock_of_nothing(void)
{
    pthread_mutex_unlock(&mutex);
}

static void rwlock_of_nothing(void)
{
    pthread_rwlock_unlock(&rwlock);
}

static void destroy_while_held(void)
{
    pthread_mutex_lock(&mutex);
    pthread_mutex_destroy(&mutex);
}

static void use_after_destroy(void)
{
    pthread_mutex_destroy(&mutex);
    pthread_mutex_lock(&mutex);
}

static void never_initialised(void)
{
    sem_wait(&semaphore);
}

static void garbage_mutex(void)
{
    memset(&mutex, 0x5a, sizeof(mutex));
    pthread_mutex_lock(&mutex);
}

static void initialised_twice(void)
{
    pthread_mutex_init(&mutex, NULL);
    pthread_mutex_lock(&mutex);
    pthread_mutex_init(&mutex, NULL);
}

static void wait_without_mutex(void)
{
    pthread_cond_wait(&cond, &mutex);
}

static void barrier_too_few(void)
{
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_barrier_wait(&barrier);
}

static void join_twice(void)
{
    pthread_t a = start(signal_too_early, NULL);
    join(a);
    pthread_join(a, NULL);
}

static void lock_in_freed_memory(void)
{
    pthread_mutex_t *made = malloc(sizeof(*made));
    assert(made != NULL);
    pthread_mutex_init(made, NULL);
    kept = made;
    free(made);
    pthread_mutex_lock(kept);
}

static void copy_too_much(void)
{
    char *block = malloc(8);
    assert(block != NULL);
    memset(block, 0, 9);
}

static void text_without_end(void)
{
    char *block = malloc(16);
    assert(block != NULL);
    memset(block, 'x', 16);
    count = (int)strlen(block);
}

static void aborts(void)
{
    abort();
}

static void exits(void)
{
    exit(3);
}

static void asserts(void)
{
    assert(count == 1);
}

static void forks(void)
{
    fork();
}

static void by_signal(int number)
{
    (void)number;
}

static void signals(void)
{
    (void)signal(SIGINT, by_signal);
}

static void leaves_operation(void)
{
    pthread_exit(NULL);
}

static void spins_for_ever(void)
{
    pthread_mutex_lock(&mutex);
    while (pthread_mutex_trylock(&mutex) == EBUSY) {
    }
}

static void lock_of_null(void)
{
    kept = NULL;
    pthread_mutex_lock(kept);
}

static void copy_to_null(void)
{
    char text[4] = "abc";
    memcpy(kept, text, sizeof(text));
}

static void (*const programs[])(void) = {
    deadlock_abba,
    deadlock_self,
    deadlock_join,
    lost_signal,
    lost_update,
    unlock_of_a_stranger,
    unlock_of_nothing,
    rwlock_of_nothing,
    destroy_while_held,
    use_after_destroy,
    never_initialised,
    garbage_mutex,
    initialised_twice,
    wait_without_mutex,
    barrier_too_few,
    join_twice,
    lock_in_freed_memory,
    copy_too_much,
    text_without_end,
    aborts,
    exits,
    asserts,
    forks,
    signals,
    leaves_operation,
    spins_for_ever,
    lock_of_null,
    copy_to_null,
};

static const struct fl_variant variants[] = {
    PROGRAM(deadlock_abba),
    PROGRAM(deadlock_self),
    PROGRAM(deadlock_join),
    PROGRAM(lost_signal),
    PROGRAM(lost_update),
    PROGRAM(unlock_of_a_stranger),
    PROGRAM(unlock_of_nothing),
    PROGRAM(rwlock_of_nothing),
    PROGRAM(destroy_while_held),
    PROGRAM(use_after_destroy),
    PROGRAM(never_initialised),
    PROGRAM(garbage_mutex),
    PROGRAM(initialised_twice),
    PROGRAM(wait_without_mutex),
    PROGRAM(barrier_too_few),
    PROGRAM(join_twice),
    PROGRAM(lock_in_freed_memory),
    PROGRAM(copy_too_much),
    PROGRAM(text_without_end),
    PROGRAM(aborts),
    PROGRAM(exits),
    PROGRAM(asserts),
    PROGRAM(forks),
    PROGRAM(signals),
    PROGRAM(leaves_operation),
    PROGRAM(spins_for_ever),
    PROGRAM(lock_of_null),
    PROGRAM(copy_to_null),
    {0},
};

POSIX_ALGORITHM("posix_wrong")
