/*
 * A crew: the threads that a client makes for its one operation, and waits for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_PLUGINS_CREW_H
#define TESTS_PLUGINS_CREW_H

#include <assert.h>
#include <pthread.h>
#include <stdint.h>

enum {
    CREW_MAX = 20
};

/* Makes `count` threads that live with their numbers, and joins them. */
static inline void crew_work(void *(*live)(void *), int64_t count)
{
    pthread_t made[CREW_MAX];
    assert(count <= CREW_MAX);
    for (int64_t i = 0; i < count; i++) {
        pthread_create(&made[i], NULL, live, (void *)(uintptr_t)i);
    }
    for (int64_t i = 0; i < count; i++) {
        pthread_join(made[i], NULL);
    }
}

#endif
