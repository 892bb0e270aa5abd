/*
 * The simulated clock tells the time of its world to the nanosecond.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/clock.h"
#include "harness/sim/heap.h"
#include "harness/sim/world.h"
#include "tests/tap.h"

#include <time.h>

static void the_clock_tells_nanoseconds(void)
{
    struct world *w = calloc(1, sizeof(*w));
    CU_ASSERT_FATAL(w != NULL);
    w->heap = heap_new();
    choice_begin(&w->choice, CHOICE_EXPLORE, 7);
    heap_reset(w, REUSE_NEVER, false, 0);
    world = w;
    struct timespec first = {0};
    CU_ASSERT_EQUAL(clock_read(CLOCK_MONOTONIC, &first, 0), 0);
    w->now += 2123456789; /* no time passes for set-up code but this */
    struct timespec then = {0};
    CU_ASSERT_EQUAL(clock_read(CLOCK_MONOTONIC, &then, 0), 0);
    long long apart = (then.tv_sec - first.tv_sec) * 1000000000LL +
                      (then.tv_nsec - first.tv_nsec);
    CU_ASSERT_EQUAL(apart, 2123456789);
    CU_ASSERT(then.tv_nsec >= 0 && then.tv_nsec < 1000000000);
    world = NULL;
    choice_release(&w->choice);
    heap_free(w->heap);
    free(w);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"the clock tells nanoseconds", the_clock_tells_nanoseconds},
        {NULL, NULL},
    };
    return tap_run("clock", cases);
}
