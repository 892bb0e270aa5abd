/*
 * Random small programs (small_programs.c) of threads that one client makes,
 * of one function with one argument.  `way` says how it goes about it.  What
 * the threads read is added up where no hook sees it, so that no name is in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

static fl_value make_threads(void);

#define MADE 1
#include "tests/plugins/small_programs.c" // NOLINT(bugprone-suspicious-include)

#include <threads.h>

enum {
    PLAINLY,    /* made one after the other, and joined */
    BACKWARDS,  /* joined the other way round */
    AS_IN_C11,  /* by thrd_create() */
    UNJOINED,   /* and left alone */
    LOOKING,    /* their results are looked at */
    ACTING,     /* the client acts between two joins */
    PEEKING,    /* or reads a plain variable there, which they write */
    ONE_JOINED, /* no other one is */
    STORING,    /* an atomic store between two that are made */
    WRITING,    /* or a plain one, which they read */
    NUMBERED,   /* their arguments differ */
    NAMED,      /* they look at their own numbers */
    HANDLED,    /* or at each other's handle */
    PRIVATELY,  /* as at first; there is a plain write that nobody meets */
};

static pthread_t handles[CLIENTS];
static int plain;

/* A sum: who came first does not matter. */
__attribute__((noinline, no_sanitize("thread"))) static void note_read(int read)
{
    seen[0] += (int)((unsigned)(read + 1) * (unsigned)(read + 1) * 2654435761u);
}

static int take_steps(void)
{
    int read = 0;
    if (way == NAMED && pthread_self() == 0) {
        return 0;
    }
    if (way == HANDLED && handles[1] == (pthread_t)-1) {
        return 0;
    }
    read = make_steps(0, 0);
    if (way == PEEKING) {
        plain = 1 + read;
    }
    if (way == WRITING) {
        note_read(10000 + plain);
    }
    note_read(read);
    return read;
}

static void *work(void *argument)
{
    (void)argument;
    return (void *)(intptr_t)take_steps();
}

static int work_c11(void *argument)
{
    (void)argument;
    return take_steps();
}

static void make_one(uint32_t i, thrd_t *thread)
{
    static int dummies[CLIENTS];
    if (i > 0 && way == STORING) {
        atomic_store(&variables[0].whole, 7);
    }
    if (i > 0 && (way == WRITING || way == PRIVATELY)) {
        plain = 7;
    }
    if (way == AS_IN_C11) {
        (void)thrd_create(thread, work_c11, NULL);
    } else {
        pthread_create(way == HANDLED ? &handles[i] : thread, NULL, work,
                       way == NUMBERED ? &dummies[i] : NULL);
    }
}

static int join_one(uint32_t i, thrd_t thread)
{
    void *result = NULL;
    if (i > 0 && way == ACTING) {
        note_read(100 + atomic_load(&variables[0].whole));
    }
    if (i > 0 && (way == PEEKING || way == PRIVATELY)) {
        note_read(plain);
    }
    if (way == AS_IN_C11) {
        (void)thrd_join(thread, NULL);
    } else if (way != UNJOINED && (way != ONE_JOINED || i == 0)) {
        pthread_join(way == HANDLED ? handles[i] : thread,
                     way == LOOKING ? &result : NULL);
    }
    return (int)(intptr_t)result * (int)(i + 1);
}

static fl_value make_threads(void)
{
    thrd_t threads[CLIENTS];
    for (uint32_t i = 0; i < inside; i++) {
        make_one(i, &threads[i]);
    }
    int sum = 0;
    for (uint32_t i = 0; i < inside; i++) {
        uint32_t at = way == BACKWARDS ? inside - 1 - i : i;
        sum += join_one(at, threads[at]);
    }
    if (way == LOOKING) {
        note_read(1000 + sum);
    }
    return 0;
}
