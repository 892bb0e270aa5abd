/*
 * Time: one virtual clock, and sleeps on it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <poll.h>
#include <sched.h>
#include <sys/time.h>
#include <unistd.h>

HIDDEN int clock_gettime(clockid_t clock, struct timespec *now)
{
    return fl_sim_table->clock_read(clock, now, PC);
}

HIDDEN int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    (void)zone; /* obsolete */
    struct timespec moment;
    int status = fl_sim_table->clock_read(CLOCK_REALTIME, &moment, PC);
    now->tv_sec = moment.tv_sec;
    now->tv_usec = moment.tv_nsec / 1000;
    return status;
}

HIDDEN time_t time(time_t *keep)
{
    struct timespec moment;
    fl_sim_table->clock_read(CLOCK_REALTIME, &moment, PC);
    if (keep != NULL) {
        *keep = moment.tv_sec;
    }
    return moment.tv_sec;
}

HIDDEN int timespec_get(struct timespec *now, int base)
{
    if (base != TIME_UTC) {
        return 0;
    }
    fl_sim_table->clock_read(CLOCK_REALTIME, now, PC);
    return base;
}

/* Nothing interrupts a sleep here, so nothing remains of it. */
static void sleep_whole(struct timespec *remaining)
{
    if (remaining != NULL) {
        *remaining = (struct timespec){0};
    }
}

/* -1 and errno, or 0. */
static int posix_status(int error)
{
    if (error == 0) {
        return 0;
    }
    *fl_sim_table->errno_address() = error;
    return -1;
}

HIDDEN int nanosleep(const struct timespec *span, struct timespec *remaining)
{
    struct sim_limit limit = {.time = *span, .relative = true};
    sleep_whole(remaining);
    return posix_status(fl_sim_table->clock_sleep(&limit, PC));
}

HIDDEN int clock_nanosleep(clockid_t clock, int mode,
                           const struct timespec *span,
                           struct timespec *remaining)
{
    struct sim_limit limit = {
        .time = *span, .relative = (mode & TIMER_ABSTIME) == 0, .clock = clock};
    if (limit.relative) {
        sleep_whole(remaining);
    }
    return fl_sim_table->clock_sleep(&limit, PC);
}

HIDDEN int usleep(useconds_t span)
{
    struct sim_limit limit = {
        .time = {.tv_sec = span / 1000000,
                 .tv_nsec = (long)(span % 1000000) * 1000},
        .relative = true};
    return posix_status(fl_sim_table->clock_sleep(&limit, PC));
}

/* Waits for nothing, as a sleep: descriptors are outside this world. */
HIDDEN int poll(struct pollfd *descriptors, nfds_t count, int milliseconds)
{
    if (count > 0) {
        fl_sim_table->program_refuse("poll", PC);
    }
    (void)descriptors;
    struct sim_limit limit = {
        .time = {.tv_sec = milliseconds / 1000,
                 .tv_nsec = (long)(milliseconds % 1000) * 1000000},
        .relative = true};
    if (milliseconds < 0) {
        limit.time.tv_sec = INT32_MAX; /* for ever */
    }
    return posix_status(fl_sim_table->clock_sleep(&limit, PC));
}

HIDDEN unsigned sleep(unsigned seconds)
{
    struct sim_limit limit = {.time = {.tv_sec = seconds}, .relative = true};
    fl_sim_table->clock_sleep(&limit, PC);
    return 0;
}

HIDDEN int sched_yield(void)
{
    return fl_sim_table->thread_yield(PC);
}
