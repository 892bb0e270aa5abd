/*
 * What the plug-ins of tests/interpose_check.c share.
 *
 * Each variant is one small program that checks itself: its single client
 * calls it once, it makes threads of its own, and says by assert() what must
 * hold.  So a variant that passes ends as RUN_FINISHED in every schedule, and
 * one of posix_wrong.c ends as its name says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_PLUGINS_POSIX_H
#define TESTS_PLUGINS_POSIX_H

#include "harness/algorithm.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

/* A program, and how it is called in the table of variants. */
#define PROGRAM(function)                              \
    {                                                  \
#function, "", "", "one self-checking program" \
    }

static uint32_t chosen; /* the variant */

static void *create(const struct fl_setup *setup)
{
    chosen = setup->variant;
    return &chosen;
}

static const struct fl_mix mix[] = {{FL_COUNTER_READ, 1}};

/* A moment of virtual time, `ms` from now. */
static inline struct timespec after_ms(long ms)
{
    struct timespec moment;
    int status = clock_gettime(CLOCK_REALTIME, &moment);
    assert(status == 0);
    moment.tv_nsec += ms * 1000000;
    moment.tv_sec += moment.tv_nsec / 1000000000;
    moment.tv_nsec %= 1000000000;
    return moment;
}

static inline pthread_t start(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    int status = pthread_create(&thread, NULL, body, argument);
    assert(status == 0);
    return thread;
}

static inline void *join(pthread_t thread)
{
    void *result = NULL;
    int status = pthread_join(thread, &result);
    assert(status == 0);
    return result;
}

/* The descriptor of a file of programs, `name`, listed in `programs` in the
 * order of `variants`. */
#define POSIX_ALGORITHM(file_name)                       \
    static fl_value perform(void *self, uint32_t client, \
                            const struct fl_call *call)  \
    {                                                    \
        (void)client;                                    \
        (void)call;                                      \
        programs[*(uint32_t *)self]();                   \
        return 0;                                        \
    }                                                    \
                                                         \
    const struct fl_algorithm fl_algorithm = {           \
        .name = (file_name),                             \
        .family = "posix",                               \
        .row = "",                                       \
        .source = "IEEE Std 1003.1-2017",                \
        .about = "self-checking programs",               \
        .model = "counter",                              \
        .kind = FL_THREADS,                              \
        .variants = variants,                            \
        .mix = mix,                                      \
        .mix_count = 1,                                  \
        .create = create,                                \
        .perform = perform,                              \
    };

#endif
