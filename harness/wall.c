/*
 * Wall time, for budgets and reports.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/wall.h"

#include <assert.h>
#include <time.h>

uint64_t wall_ns(void)
{
    struct timespec now;
    int failed = clock_gettime(CLOCK_MONOTONIC, &now);
    assert(failed == 0);
    (void)failed;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t wall_ms(void)
{
    return wall_ns() / 1000000u;
}

int wall_left(uint64_t deadline, int most)
{
    assert(most >= 0);
    if (deadline == WALL_NEVER) {
        return most;
    }
    uint64_t now = wall_ms();
    if (now >= deadline) {
        return 0;
    }
    uint64_t left = deadline - now;
    return left < (uint64_t)most ? (int)left : most;
}
