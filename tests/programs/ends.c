/*
 * Handlers of exit(): in reverse order, each once, also those that others ask
 * for, in the thread that ends the program while the others go on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE // NOLINT: as programs say it
#endif
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_int called;
static atomic_int others;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void last(void)
{
    int before = called++;
    assert(before == 4);
    pthread_mutex_lock(&mutex); /* others may have it */
    assert(others == 0 || others == 1);
    pthread_mutex_unlock(&mutex);
    _exit(0);
}

static void fourth(void)
{
    int before = called++;
    assert(before == 3);
    exit(5); /* goes on with the rest */
}

static void third(void)
{
    int before = called++;
    assert(before == 2);
}

static void second(void)
{
    int before = called++;
    assert(before == 1);
    assert(atexit(third) == 0);
}

// cppcheck-suppress constParameter ; as on_exit() wants it
static void first(int status, void *argument)
{
    int before = called++;
    assert(before == 0 && status == 3 && argument == &called);
}

__attribute__((constructor)) static void ask_early(void)
{
    assert(atexit(last) == 0);
}

static void *go_on(void *unused)
{
    pthread_mutex_lock(&mutex);
    others++;
    pthread_mutex_unlock(&mutex);
    return unused;
}

static void *leave(void *unused)
{
    if (unused == &others) {
        exit(3);
    }
    return unused;
}

static void never(void)
{
    abort();
}

int main(void)
{
    pthread_t one, two;
    assert(at_quick_exit(never) == 0);
    assert(atexit(fourth) == 0 && atexit(second) == 0);
    assert(on_exit(first, &called) == 0);
    pthread_create(&one, NULL, go_on, NULL);
    pthread_create(&two, NULL, leave, &others);
    pthread_join(two, NULL);
    abort(); /* the other thread ends the program */
}
