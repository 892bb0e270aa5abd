/*
 * Clocks and sleeps, which take no time; numbers of processes, drawn numbers,
 * errno and variables of threads, constructors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static _Thread_local int mine = 5;
static int made;

__attribute__((constructor)) static void make(void)
{
    made = 7;
}

static long long now(void)
{
    struct timespec t;
    assert(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *act(void *x)
{
    assert(errno == 0 && mine == 5);
    errno = ERANGE;
    mine = 6;
    usleep(1000);
    assert(errno == ERANGE && mine == 6);
    return x;
}

int main(void)
{
    pthread_t thread;
    struct timespec long_sleep = {.tv_sec = 50};
    pthread_create(&thread, NULL, act, NULL);
    long long before = now();
    errno = 0;
    assert(nanosleep(&long_sleep, NULL) == 0);
    assert(now() - before >= 50 * 1000000000LL);
    assert(now() - before < 51 * 1000000000LL);
    pthread_join(thread, NULL);
    assert(errno == 0 && mine == 5 && made == 7);
    assert(getpid() > 0 && getpid() == getpid());
    assert(random() >= 0);
    return 0;
}
