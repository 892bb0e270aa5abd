/*
 * The virtual clock.
 *
 * Whoever only looks at the clock in a loop must see it move: each point takes
 * a little time (POINT_NS), and in a network, where points take none, looking
 * at the clock does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/clock.h"

#include "harness/sim/heap.h"
#include "harness/sim/sync/objects.h"

#include <assert.h>
#include <errno.h>

/* What programs see when a run begins: 2001-09-09 01:46:40 UTC. */
static const uint64_t epoch_seconds = 1000000000u;
static const uint64_t second_ns = 1000000000u;
static const uint64_t seconds_max = 1u << 31; /* 68 years are for ever */

int clock_deadline(const struct world *w, const struct sim_limit *limit,
                   uint64_t *deadline)
{
    *deadline = FOREVER;
    if (limit == NULL) {
        return 0;
    }
    if (limit->time.tv_nsec < 0 || (uint64_t)limit->time.tv_nsec >= second_ns) {
        return EINVAL;
    }
    if (limit->time.tv_sec < 0) {
        *deadline = 0; /* long ago */
        return limit->relative ? EINVAL : 0;
    }
    uint64_t seconds = (uint64_t)limit->time.tv_sec;
    uint64_t base = w->now;
    if (!limit->relative) {
        base = 0;
        if (seconds < epoch_seconds) {
            *deadline = 0;
            return 0;
        }
        seconds -= epoch_seconds;
    }
    if (seconds < seconds_max) {
        assert(base <= UINT64_MAX / 2);
        *deadline = base + seconds * second_ns + (uint64_t)limit->time.tv_nsec;
    }
    return 0;
}

int clock_read(clockid_t clock, struct timespec *now, uintptr_t pc)
{
    (void)clock; /* all are one */
    struct world *w = world;
    uint64_t moment = 0;
    if (w != NULL) {
        world_point(w, FL_STEP_TIME, NULL);
        heap_access(w, now, sizeof(*now), ACCESS_WRITE, pc);
        if (w->current != NULL && w->point_ns == 0) {
            w->now += POINT_NS;
        }
        moment = w->now;
    }
    now->tv_sec = (time_t)(epoch_seconds + moment / second_ns);
    now->tv_nsec = (long)(moment % second_ns);
    assert(now->tv_nsec >= 0);
    return 0;
}

int clock_sleep(const struct sim_limit *limit, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL || w->current == NULL) {
        return 0; /* set-up code does not wait */
    }
    uint64_t deadline;
    int status = clock_deadline(w, limit, &deadline);
    if (status != 0) {
        return status;
    }
    assert(deadline != FOREVER || limit->time.tv_sec > 0);
    world_point(w, FL_STEP_TIME, NULL);
    struct log_step *step =
        w->recording ? world_log(w, FL_STEP_TIME, pc) : NULL;
    if (step != NULL) {
        step->name = "sleep";
        step->after = deadline;
    }
    if (deadline <= w->now) {
        world_yield(w);
    } else {
        world_wait(w, NULL, "sleep", NO_FIBER, deadline);
    }
    return 0;
}
