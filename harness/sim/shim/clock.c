/*
 * Time: one virtual clock, and sleeps on it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/unwind.h"

#include <poll.h>
#include <sched.h>
#include <sys/select.h>
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

HIDDEN int clock_getres(clockid_t clock, struct timespec *to)
{
    (void)clock;
    const struct timespec finest = {.tv_nsec = 1};
    if (to != NULL) {
        fl_sim_table->bytes_copy(to, &finest, sizeof(finest), PC);
    }
    return 0;
}

HIDDEN int timespec_getres(struct timespec *to, int base)
{
    const struct timespec finest = {.tv_nsec = 1};
    if (base != TIME_UTC) {
        return 0;
    }
    if (to != NULL) {
        fl_sim_table->bytes_copy(to, &finest, sizeof(finest), PC);
    }
    return base;
}

/* All clocks show the same. */
HIDDEN int pthread_getcpuclockid(pthread_t thread, clockid_t *clock)
{
    (void)thread;
    const clockid_t own = CLOCK_THREAD_CPUTIME_ID;
    fl_sim_table->bytes_copy(clock, &own, sizeof(own), PC);
    return 0;
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
    return posix_status(
        unwind_status(fl_sim_table->clock_sleep(&limit, PC), PC));
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
    return unwind_status(fl_sim_table->clock_sleep(&limit, PC), PC);
}

HIDDEN int usleep(useconds_t span)
{
    struct sim_limit limit = {
        .time = {.tv_sec = span / 1000000,
                 .tv_nsec = (long)(span % 1000000) * 1000},
        .relative = true};
    return posix_status(
        unwind_status(fl_sim_table->clock_sleep(&limit, PC), PC));
}

/* Waits for nothing, as a sleep: descriptors are outside this world.  NULL: for
 * ever. */
static int wait_for_none(const struct timespec *span, uintptr_t pc)
{
    struct sim_limit limit = {.time = {.tv_sec = INT32_MAX}, .relative = true};
    if (span != NULL) {
        limit.time = *span;
    }
    return posix_status(
        unwind_status(fl_sim_table->clock_sleep(&limit, pc), pc));
}

HIDDEN int poll(struct pollfd *descriptors, nfds_t count, int milliseconds)
{
    if (count > 0) {
        fl_sim_table->program_refuse("poll", PC);
    }
    (void)descriptors;
    const struct timespec span = {.tv_sec = milliseconds / 1000,
                                  .tv_nsec =
                                      (long)(milliseconds % 1000) * 1000000};
    return wait_for_none(milliseconds < 0 ? NULL : &span, PC);
}

HIDDEN int ppoll(struct pollfd *descriptors, nfds_t count,
                 const struct timespec *span, const sigset_t *signals)
{
    if (count > 0) {
        fl_sim_table->program_refuse("ppoll", PC);
    }
    (void)descriptors;
    (void)signals;
    return wait_for_none(span, PC);
}

/* Nobody waits for descriptors. */
static void refuse_any(const char *name, int count, const fd_set *sets[3],
                       uintptr_t pc)
{
    if (count > 0 && (sets[0] != NULL || sets[1] != NULL || sets[2] != NULL)) {
        fl_sim_table->program_refuse(name, pc);
    }
}

HIDDEN int select(int count, fd_set *restrict reading, fd_set *restrict writing,
                  fd_set *restrict failing, struct timeval *restrict limit)
{
    refuse_any("select", count, (const fd_set *[]){reading, writing, failing},
               PC);
    struct timespec span = {0};
    if (limit != NULL) {
        span = (struct timespec){.tv_sec = limit->tv_sec,
                                 .tv_nsec = limit->tv_usec * 1000};
    }
    return wait_for_none(limit == NULL ? NULL : &span, PC);
}

HIDDEN int pselect(int count, fd_set *restrict reading,
                   fd_set *restrict writing, fd_set *restrict failing,
                   const struct timespec *restrict span,
                   const sigset_t *restrict signals)
{
    refuse_any("pselect", count, (const fd_set *[]){reading, writing, failing},
               PC);
    (void)signals;
    return wait_for_none(span, PC);
}

HIDDEN unsigned sleep(unsigned seconds)
{
    struct sim_limit limit = {.time = {.tv_sec = seconds}, .relative = true};
    unwind_status(fl_sim_table->clock_sleep(&limit, PC), PC);
    return 0;
}

HIDDEN int sched_yield(void)
{
    return fl_sim_table->thread_yield(PC);
}
