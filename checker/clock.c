/*
 * Which clock there is, and how far its readings on different processors may
 * lie apart.
 *
 * One thread stays on a processor and answers; the other goes from processor
 * to processor and asks:
 *
 *     asker      t1 ------\                     /---> t3
 *     answerer             \---> t2 ------------
 *
 * The answerer's clock is ahead of the asker's by at least t2 - t3 and at most
 * t2 - t1, whatever the message took.  The narrowest bounds of many rounds
 * hold, since nothing was assumed of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/clock.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

enum {
    ROUNDS = 1000,    /* EVIDENCE: bounds stop narrowing after some 200 */
    CPUS_MAX = 64,    /* asked; more are taken to be like these */
    PATIENCE_MS = 30, /* for one processor, after its first answer */
    SPINS = 2000,     /* before others may have the processor */
    CALIBRATION_NS = 2000000
};

#define SECOND_NS UINT64_C(1000000000)

/* Two lines of memory through which the threads talk. */
struct talk {
    _Alignas(128) uint64_t asked; /* number of the question; UINT64_MAX: end */
    _Alignas(128) uint64_t answered;
    uint64_t t2;
    enum fl_clock_kind kind;
    size_t cpu; /* the answerer's */
    bool there;
};

/* What is known of one processor's clock against the answerer's. */
struct bounds {
    int64_t least;
    int64_t most;
    uint32_t rounds;
};

uint64_t fl_clock_system(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void stay_on(size_t cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    (void)sched_setaffinity(0, sizeof(set), &set);
}

static void *answer(void *data)
{
    struct talk *talk = data;
    stay_on(talk->cpu);
    /* Pairs with the asker's acquire: it asks only one who is in place. */
    __atomic_store_n(&talk->there, true, __ATOMIC_RELEASE);
    uint64_t last = 0;
    uint32_t spins = 0;
    for (;;) {
        /* Pairs with the asker's release: t1 was read before. */
        uint64_t asked = __atomic_load_n(&talk->asked, __ATOMIC_ACQUIRE);
        if (asked == UINT64_MAX) {
            return NULL;
        }
        if (asked != last) {
            last = asked;
            spins = 0;
            talk->t2 = fl_clock_after(talk->kind);
            fl_clock_drain();
            /* Pairs with the asker's acquire: t2 is read, and is there. */
            __atomic_store_n(&talk->answered, asked, __ATOMIC_RELEASE);
        } else if (++spins > SPINS) {
            spins = 0;
            (void)sched_yield();
        }
    }
}

/* One question; false if no answer came in time. */
static bool ask(struct talk *talk, uint64_t number, uint64_t deadline,
                struct bounds *bounds)
{
    assert(number != 0);
    uint64_t t1 = fl_clock_before(talk->kind);
    /* Pairs with the answerer's acquire. */
    __atomic_store_n(&talk->asked, number, __ATOMIC_RELEASE);
    uint32_t spins = 0;
    /* Pairs with the answerer's release. */
    while (__atomic_load_n(&talk->answered, __ATOMIC_ACQUIRE) != number) {
        if (++spins > SPINS) {
            spins = 0;
            (void)sched_yield();
            if (fl_clock_system() > deadline) {
                return false;
            }
        }
    }
    uint64_t t3 = fl_clock_after(talk->kind);
    int64_t least = (int64_t)(talk->t2 - t3);
    int64_t most = (int64_t)(talk->t2 - t1);
    bounds->least = least > bounds->least ? least : bounds->least;
    bounds->most = most < bounds->most ? most : bounds->most;
    bounds->rounds++;
    return true;
}

/* How far a clock within these bounds may be off. */
static uint64_t widest(const struct bounds *b)
{
    int64_t low = b->least < 0 ? -b->least : b->least;
    int64_t high = b->most < 0 ? -b->most : b->most;
    return (uint64_t)(low > high ? low : high);
}

/* Asks from every processor of `set`; false if one gave no answer. */
static bool ask_all(struct talk *talk, const cpu_set_t *set, uint64_t *error)
{
    uint64_t number = 0;
    uint32_t asked = 0;
    uint64_t worst = 0;
    for (size_t cpu = 0; cpu < CPU_SETSIZE && asked < CPUS_MAX; cpu++) {
        if (!CPU_ISSET(cpu, set) || cpu == talk->cpu) {
            continue;
        }
        stay_on(cpu);
        asked++;
        struct bounds bounds = {INT64_MIN, INT64_MAX, 0};
        uint64_t now = fl_clock_system();
        uint64_t deadline = now + (uint64_t)PATIENCE_MS * 1000000u;
        /* Any answer bounds the clock, and more make the bounds narrower: on a
         * busy machine there are few.  A late one has the number of its
         * question, so it is not taken for that to the next. */
        bool more = ask(talk, ++number, now + SECOND_NS, &bounds);
        for (uint32_t i = 1; i < ROUNDS && more; i++) {
            more = ask(talk, ++number, deadline, &bounds);
        }
        if (bounds.rounds == 0) {
            return false;
        }
        uint64_t off = widest(&bounds);
        worst = off > worst ? off : worst;
    }
    /* Two processors that were both compared with a third. */
    *error = asked > 1 ? 2 * worst : worst;
    return true;
}

static bool measure(enum fl_clock_kind kind, uint64_t *error)
{
    cpu_set_t before;
    pthread_t thread;
    struct talk talk = {.kind = kind};
    *error = 0;
    if (sched_getaffinity(0, sizeof(before), &before) != 0) {
        return false;
    }
    if (CPU_COUNT(&before) < 2) {
        return true; /* one processor, one clock */
    }
    while (!CPU_ISSET(talk.cpu, &before)) {
        talk.cpu++;
    }
    assert(talk.cpu < CPU_SETSIZE);
    if (pthread_create(&thread, NULL, answer, &talk) != 0) {
        return false;
    }
    uint64_t deadline = fl_clock_system() + SECOND_NS;
    bool good = true;
    /* Pairs with the answerer's release. */
    while (good && !__atomic_load_n(&talk.there, __ATOMIC_ACQUIRE)) {
        (void)sched_yield();
        good = fl_clock_system() < deadline;
    }
    good = good && ask_all(&talk, &before, error);
    __atomic_store_n(&talk.asked, UINT64_MAX, __ATOMIC_SEQ_CST);
    (void)pthread_join(thread, NULL);
    (void)sched_setaffinity(0, sizeof(before), &before);
    return good;
}

/* Whether the processor's counter runs evenly, whatever the processor does. */
static bool has_counter(void)
{
#if defined(__x86_64__)
    uint32_t a = 0x80000000u;
    uint32_t b;
    uint32_t c = 0;
    uint32_t d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (a < 0x80000007u) {
        return false;
    }
    a = 0x80000007u; /* advanced power management: bit 8, invariant */
    c = 0;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (d >> 8 & 1) != 0;
#elif defined(__aarch64__)
    return true;
#else
    return false;
#endif
}

/* Ticks a second, against the system's clock. */
static uint64_t calibrate(enum fl_clock_kind kind)
{
#if defined(__aarch64__)
    if (kind == FL_CLOCK_CPU) {
        uint64_t hertz;
        __asm__("mrs %0, cntfrq_el0" : "=r"(hertz));
        return hertz;
    }
#endif
    if (kind != FL_CLOCK_CPU) {
        return SECOND_NS;
    }
    uint64_t from = fl_clock_system();
    uint64_t first = fl_clock_after(kind);
    uint64_t to = from;
    while (to - from < CALIBRATION_NS) {
        to = fl_clock_system();
    }
    uint64_t ticks = fl_clock_after(kind) - first;
    return ticks * 1000000u / ((to - from) / 1000u);
}

/* What one reading takes at most: within it a moment may lie anywhere. */
static uint64_t reading(enum fl_clock_kind kind)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint64_t first = fl_clock_before(kind);
        uint64_t took = fl_clock_after(kind) - first;
        least = took < least ? took : least;
    }
    return least + 1; /* the tick itself */
}

void fl_clock_measure_again(struct fl_clock *clock)
{
    if (clock->kind == FL_CLOCK_COUNTER) {
        return;
    }
    assert(clock->hertz > 0);
    uint64_t error = 0;
    clock->measured = measure(clock->kind, &error) && clock->measured;
    error = clock->measured ? error + reading(clock->kind) : clock->hertz;
    error = error < clock->hertz ? error : clock->hertz;
    clock->error = error > clock->error ? error : clock->error;
}

void fl_clock_find(struct fl_clock *clock, enum fl_clock_kind kind)
{
    bool cpu = kind == FL_CLOCK_BEST || kind == FL_CLOCK_CPU;
    *clock = (struct fl_clock){.kind = kind, .measured = true};
    if (kind == FL_CLOCK_COUNTER) {
        clock->name = "counter";
        return;
    }
    clock->kind = cpu && has_counter() ? FL_CLOCK_CPU : FL_CLOCK_SYSTEM;
#if defined(__aarch64__)
    const char *counter = "cntvct";
#else
    const char *counter = "rdtsc";
#endif
    clock->name = clock->kind == FL_CLOCK_CPU ? counter : "clock_gettime";
    clock->hertz = calibrate(clock->kind);
    fl_clock_measure_again(clock);
}

uint64_t fl_clock_error_ns(const struct fl_clock *clock)
{
    if (clock->hertz == 0) {
        return 0;
    }
    assert(clock->error <= clock->hertz); /* a second: no product overflows */
    return (clock->error * SECOND_NS + clock->hertz - 1) / clock->hertz;
}
