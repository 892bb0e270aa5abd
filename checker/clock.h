/*
 * Clocks for recording: the moments at which operations of the real world
 * begin and end.
 *
 * A reading before a call may be too early, one after a return too late, but
 * never the other way round: then an order would be believed that there was
 * not.  So the readings are fenced on the side that matters, and only there:
 *
 *     fl_clock_before()   read, then wait for it      | the operation ...
 *     ... the operation | wait for it, then read      fl_clock_after()
 *
 * Why nothing less will do on x86-64.  RDTSC is ordered with nothing: what
 * comes after it may execute before it, what comes before it may still be
 * executing.  LFENCE completes when all before it has executed and its loads
 * are done, and nothing after it begins earlier (Intel: always; AMD: where it
 * serializes dispatch, which processors from Zen 3 on do always and Linux sets
 * on the others).  Hence
 *
 *     RDTSC; LFENCE   the counter is read before the operation's first load.
 *                     Without the fence that load might come first, and the
 *                     interval would begin too late.  RDTSCP is no way out: it
 *                     waits for what is before it, not for itself.
 *     LFENCE; RDTSC   all loads of the operation are done.  RDTSCP alone says
 *                     the same, and is slower where it was measured.  Locked
 *                     instructions order memory, not RDTSC.
 *     stores          may wait in the store buffer after either: whoever reads
 *                     them late would see an operation that has "returned" and
 *                     did nothing.  fl_clock_drain() waits for them.
 *
 * No fence is needed on the other sides: a reading that slides away from its
 * operation makes the interval longer, never shorter.
 *
 * Clocks of different processors differ by an amount that can only be bounded:
 * by messages there and back (Cristian 1989), kept as fl_clock.error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_CLOCK_H
#define FL_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum fl_clock_kind {
    FL_CLOCK_BEST,    /* whichever of the next two this machine has */
    FL_CLOCK_CPU,     /* the processor's counter: rdtsc, cntvct */
    FL_CLOCK_SYSTEM,  /* clock_gettime(CLOCK_MONOTONIC) */
    FL_CLOCK_COUNTER, /* one number that all clients raise: an exact order,
                       * and a cache line that all clients wait for */
};

struct fl_clock {
    enum fl_clock_kind kind; /* never FL_CLOCK_BEST */
    const char *name;        /* "rdtsc", "cntvct", "clock_gettime", "counter" */
    uint64_t error;          /* in ticks: two readings whose difference is not
                              * more than this may be of either order */
    uint64_t hertz;          /* ticks a second; 0 for a counter */
    bool measured;           /* `error` is a bound, not a guess */
};

/*
 * Finds the clock of `kind` and measures its error over the processors on
 * which the caller may run, with a thread beside it: some ten milliseconds.
 * Where that fails (no second thread, a processor that does not answer)
 * `measured` is false and `error` is a second.
 */
void fl_clock_find(struct fl_clock *clock, enum fl_clock_kind kind);

/* Measures again, and keeps the greater error. */
void fl_clock_measure_again(struct fl_clock *clock);

/* The error in nanoseconds, rounded up; 0 for a counter. */
uint64_t fl_clock_error_ns(const struct fl_clock *clock);

/* --- readings ------------------------------------------------------------- */

/* The system's clock, in nanoseconds. */
uint64_t fl_clock_system(void);

/* What was stored before is seen by all before anything that comes after. */
static inline void fl_clock_drain(void)
{
#if defined(__x86_64__)
    /* A locked instruction; cheaper than MFENCE, and as strong for memory. */
    __asm__ volatile("lock addl $0, -8(%%rsp)" ::: "memory", "cc");
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/* A reading that is before what comes after fl_clock_wait(): together they are
 * fl_clock_before(), and what stands between them is done meanwhile. */
static inline uint64_t fl_clock_read(enum fl_clock_kind kind)
{
#if defined(__x86_64__)
    if (kind == FL_CLOCK_CPU) {
        uint64_t low;
        uint64_t high;
        __asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
        return high << 32 | low;
    }
#elif defined(__aarch64__)
    if (kind == FL_CLOCK_CPU) {
        uint64_t now;
        __asm__ volatile("mrs %0, cntvct_el0" : "=r"(now)::"memory");
        return now;
    }
#endif
    (void)kind;
    return fl_clock_system();
}

/* Waits for the reading. */
static inline void fl_clock_wait(enum fl_clock_kind kind)
{
#if defined(__x86_64__)
    if (kind == FL_CLOCK_CPU) {
        __asm__ volatile("lfence" ::: "memory");
        return;
    }
#elif defined(__aarch64__)
    if (kind == FL_CLOCK_CPU) {
        __asm__ volatile("isb" ::: "memory");
        return;
    }
#endif
    (void)kind;
    fl_clock_drain();
}

/* A reading that is done before anything that comes after it begins. */
static inline uint64_t fl_clock_before(enum fl_clock_kind kind)
{
    uint64_t now = fl_clock_read(kind);
    fl_clock_wait(kind);
    return now;
}

/* A reading that begins when everything before it is done.  Stores may still
 * be on their way: fl_clock_drain() waits for them. */
static inline uint64_t fl_clock_after(enum fl_clock_kind kind)
{
#if defined(__x86_64__)
    if (kind == FL_CLOCK_CPU) {
        uint64_t low;
        uint64_t high;
        __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high)::"memory");
        return high << 32 | low;
    }
#elif defined(__aarch64__)
    if (kind == FL_CLOCK_CPU) {
        uint64_t now;
        __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(now)::"memory");
        return now;
    }
#endif
    fl_clock_drain();
    (void)kind;
    return fl_clock_system();
}

#ifdef __cplusplus
}
#endif

#endif
