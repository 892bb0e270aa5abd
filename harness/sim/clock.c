/*
 * The virtual clock.
 *
 * Whoever only looks at the clock in a loop must see it move: each point takes
 * a little time (POINT_NS), and in a network, where points take none, looking
 * at the clock does.  The wall clock of a process can be set by a fault; what
 * runs on CLOCK_MONOTONIC does not notice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/clock.h"

#include "harness/sim/heap.h"
#include "harness/sim/process.h"
#include "harness/sim/sync/objects.h"

#include <assert.h>
#include <errno.h>

/* What programs see when a run begins: 2001-09-09 01:46:40 UTC. */
static const int64_t epoch_ns = 1000000000000000000;
static const int64_t second_ns = 1000000000;
static const int64_t seconds_max = (int64_t)1 << 32; /* it, and 68 years */

/* Clocks that somebody may set. */
static bool is_wall(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ||
           clock == CLOCK_REALTIME_ALARM || clock == CLOCK_TAI;
}

/* How far `clock` is off for whoever acts now. */
static int64_t jump_of(const struct world *w, clockid_t clock)
{
    if (!is_wall(clock) || w->scenario->system.kind != SYSTEM_PROCESSES) {
        return 0;
    }
    return process_clock_jump(process_acting(w));
}

/* The wait that follows is one for a moment on the wall, or it is not. */
static void note_wall(const struct world *w, bool wall)
{
    if (w->current != NULL) {
        w->current->waits_on_wall = wall;
    }
}

int clock_deadline(struct world *w, const struct sim_limit *limit,
                   uint64_t *deadline)
{
    *deadline = FOREVER;
    note_wall(w, false);
    if (limit == NULL) {
        return 0;
    }
    if (limit->time.tv_nsec < 0 || limit->time.tv_nsec >= second_ns) {
        return EINVAL;
    }
    if (limit->time.tv_sec < 0) {
        *deadline = 0; /* long ago */
        return limit->relative ? EINVAL : 0;
    }
    if (limit->time.tv_sec >= seconds_max) {
        return 0;
    }
    int64_t moment = limit->time.tv_sec * second_ns + limit->time.tv_nsec;
    if (limit->relative) {
        assert(w->now <= UINT64_MAX / 2);
        *deadline = w->now + (uint64_t)moment;
        return 0;
    }
    moment -= epoch_ns + jump_of(w, limit->clock);
    *deadline = moment < 0 ? 0 : (uint64_t)moment;
    note_wall(w, is_wall(limit->clock));
    return 0;
}

void clock_jump(struct world *w, uint32_t process, int64_t by)
{
    assert(w == world && w->sync != NULL);
    process_jump_clock(process, by);
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        struct fiber *f = &w->fibers[i];
        if (f->process != process || f->state != FIBER_WAITING ||
            !f->waits_on_wall || f->deadline == FOREVER) {
            continue;
        }
        int64_t moment = (int64_t)f->deadline - by;
        f->deadline = moment < 0 ? 0 : (uint64_t)moment;
    }
    w->next_deadline = w->now; /* a lower bound: looked at next */
}

int clock_read(clockid_t clock, struct timespec *now, uintptr_t pc)
{
    struct world *w = world;
    int64_t moment = epoch_ns;
    if (w != NULL) {
        world_point(w, FL_STEP_TIME, NULL);
        heap_access(w, now, sizeof(*now), ACCESS_WRITE, pc);
        world_polls(w);
        if (w->current != NULL && w->point_ns == 0) {
            w->now += POINT_NS;
        }
        moment += (int64_t)w->now + jump_of(w, clock);
    }
    assert(moment >= 0);
    now->tv_sec = (time_t)(moment / second_ns);
    now->tv_nsec = (long)(moment % second_ns);
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
    if (deadline <= w->now && !cancel_is_due(w)) {
        world_yield(w);
    } else {
        (void)object_wait_lightly(w, NULL, "sleep", NO_FIBER, deadline);
    }
    return cancel_is_due(w) ? SIM_CANCELLED : 0;
}
