/*
 * Corners: small programs at the edges of what the engine decides.
 *
 * Each variant is one program for a few clients, who call ADD once or more;
 * all of them are sound unless the name says otherwise, and a named point
 * tells that a rare place was reached.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum corner {
    SOUND,
    COUNTED,   /* looks 3000 times at a flag that nobody sets */
    GIVES_UP,  /* tries a lock three times, with its holder inside */
    POLLS,     /* waits a millisecond for a flag that nobody sets */
    WIDE,      /* waits for half of what is stored as a whole */
    COLLECTS,  /* reads the same twice by the same function */
    YIELDS,    /* yields once, and looks how far the other one is */
    ENTERS,    /* has points in enter() and leave() */
    HOLDS,     /* one waits for a lock, and the other for that one */
    SETTLES,   /* settle() never ends: not sound */
    CROSSED,   /* two locks in two orders: not sound */
    TRIES,     /* spins on trylock */
    POSTS,     /* one post for two who wait */
    GAMBLES,   /* draws how often it looks; loads, then stores: not sound */
    UNSTEADY,  /* the same, and draws from the machine's own clock */
    LOCKS,     /* a mutex around load and store */
    SPINS,     /* a test-and-set lock around load and store */
    STATISTIC, /* counts its rounds for ever: nobody sets the flag */
    FIXED,     /* waits for a flag that nobody sets */
};

struct pair {
    uint64_t low;
    uint64_t high;
};

union both {
    _Atomic(struct pair) whole;
    _Atomic(uint64_t) halves[2];
};

struct corners {
    _Atomic(int64_t) value;
    _Atomic(uint64_t) flag;
    _Atomic(uint64_t) progress;
    _Atomic(uint64_t) done;
    _Alignas(16) union both pair;
    _Atomic(uint64_t) cells[8];
    pthread_mutex_t locks[2];
    sem_t semaphore;
    sem_t other;
    enum corner corner;
    int got; /* no point between the wait and this */
};

static void look_often(struct corners *c, uint32_t client)
{
    (void)client;
    for (int i = 0; i < 3000 && atomic_load(&c->flag) == 0; i++) {
    }
}

static void try_thrice(struct corners *c, uint32_t client)
{
    if (client != 0) {
        atomic_store(&c->flag, 1);
        atomic_store(&c->progress, 1);
        atomic_store(&c->progress, 2);
        atomic_store(&c->flag, 0);
        return;
    }
    for (int i = 0; i < 3; i++) {
        uint64_t free = 0;
        if (atomic_compare_exchange_strong(&c->flag, &free, 2)) {
            atomic_store(&c->flag, 0);
            return;
        }
    }
    if (atomic_load(&c->progress) == 1) {
        fl_point("corner.reached");
    }
}

static void poll_clock(struct corners *c, uint32_t client)
{
    (void)client;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t end = now.tv_sec * 1000000000 + now.tv_nsec + 1000000;
    while (atomic_load(&c->flag) == 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec * 1000000000 + now.tv_nsec > end) {
            return;
        }
    }
}

static void wait_for_half(struct corners *c, uint32_t client)
{
    if (client != 0) {
        struct pair before = {0, 0};
        struct pair after = {1, 1};
        atomic_compare_exchange_strong(&c->pair.whole, &before, after);
        for (uint64_t i = 1; i <= 6; i++) {
            atomic_store(&c->progress, i);
        }
        atomic_store(&c->done, 1);
        return;
    }
    while (atomic_load(&c->pair.halves[1]) == 0) {
    }
    if (atomic_load(&c->done) == 0) {
        fl_point("corner.reached");
    }
}

__attribute__((noinline)) static uint64_t look(struct corners *c)
{
    return atomic_load(&c->flag);
}

static void collect_twice(struct corners *c, uint32_t client)
{
    if (client != 0) {
        atomic_store(&c->progress, 1);
        atomic_store(&c->progress, 2);
        atomic_store(&c->progress, 3);
        return;
    }
    uint64_t first = look(c);
    uint64_t second = look(c);
    uint64_t progress = atomic_load(&c->progress);
    if (first == second && progress > 0 && progress < 3) {
        fl_point("corner.reached");
    }
}

static void yield_once(struct corners *c, uint32_t client)
{
    if (client != 0) {
        for (uint64_t i = 1; i <= 8; i++) {
            atomic_store(&c->progress, i);
        }
        return;
    }
    nanosleep(&(struct timespec){.tv_nsec = 0}, NULL);
    uint64_t progress = atomic_load(&c->progress);
    if (progress > 2 && progress < 7) {
        fl_point("corner.reached");
    }
}

static void hold_and_wait(struct corners *c, uint32_t client)
{
    if (client == 0) {
        sem_wait(&c->other);
        pthread_mutex_lock(&c->locks[0]);
        pthread_mutex_unlock(&c->locks[0]);
        sem_post(&c->semaphore);
        return;
    }
    pthread_mutex_lock(&c->locks[0]);
    sem_post(&c->other);
    for (uint64_t i = 1; i <= 60; i++) {
        atomic_store(&c->progress, i);
    }
    pthread_mutex_unlock(&c->locks[0]);
    sem_wait(&c->semaphore);
}

static void cross_locks(struct corners *c, uint32_t client)
{
    if (client > 1) {
        return;
    }
    pthread_mutex_lock(&c->locks[client]);
    pthread_mutex_lock(&c->locks[1 - client]);
    pthread_mutex_unlock(&c->locks[1 - client]);
    pthread_mutex_unlock(&c->locks[client]);
}

static void spin_on_trylock(struct corners *c, uint32_t client)
{
    (void)client;
    while (pthread_mutex_trylock(&c->locks[0]) != 0) {
    }
    fl_point("corner.inside");
    pthread_mutex_unlock(&c->locks[0]);
}

static void wait_for_post(struct corners *c, uint32_t client)
{
    if (client < 2) {
        sem_wait(&c->semaphore);
        c->got++;
        sem_post(&c->semaphore); /* hand it on, if still alive */
        return;
    }
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    sem_post(&c->semaphore);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert(c->got > 0);
}

static unsigned clock_of_machine(void)
{
#if defined(__x86_64__)
    return (unsigned)(__builtin_ia32_rdtsc() >> 5);
#else
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return (unsigned)ticks;
#endif
}

static int64_t gamble(struct corners *c, uint32_t client)
{
    (void)client;
    unsigned draw =
        c->corner == UNSTEADY ? clock_of_machine() : (unsigned)rand();
    for (unsigned i = 0; i < draw % 4; i++) {
        atomic_load(&c->cells[i]);
    }
    int64_t before = atomic_load(&c->value);
    atomic_store(&c->value, before + 1);
    return before;
}

static int64_t add_locked(struct corners *c)
{
    pthread_mutex_lock(&c->locks[0]);
    int64_t before = atomic_load(&c->value);
    atomic_store(&c->value, before + 1);
    pthread_mutex_unlock(&c->locks[0]);
    return before;
}

static int64_t add_spinning(struct corners *c)
{
    while (atomic_exchange(&c->flag, 1) != 0) {
        while (atomic_load(&c->flag) != 0) {
        }
    }
    int64_t before = atomic_load(&c->value);
    atomic_store(&c->value, before + 1);
    atomic_store(&c->flag, 0);
    return before;
}

static void count_rounds(struct corners *c, uint32_t client)
{
    (void)client;
    for (uint64_t i = 0; atomic_load(&c->flag) == 0; i++) {
        c->got = (int)i;
    }
}

static void wait_for_ever(struct corners *c, uint32_t client)
{
    (void)client;
    while (atomic_load(&c->flag) == 0) {
    }
}

static void (*const programs[])(struct corners *, uint32_t) = {
    [COUNTED] = look_often,     [GIVES_UP] = try_thrice,
    [POLLS] = poll_clock,       [WIDE] = wait_for_half,
    [COLLECTS] = collect_twice, [YIELDS] = yield_once,
    [HOLDS] = hold_and_wait,    [CROSSED] = cross_locks,
    [TRIES] = spin_on_trylock,  [POSTS] = wait_for_post,
    [STATISTIC] = count_rounds, [FIXED] = wait_for_ever,
};

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct corners *c = self;
    if (call->fn == FL_COUNTER_READ) {
        return atomic_load(&c->value);
    }
    enum corner corner = c->corner;
    if (corner == GAMBLES || corner == UNSTEADY) {
        return gamble(c, client);
    }
    if (corner == LOCKS) {
        return add_locked(c);
    }
    if (corner == SPINS) {
        return add_spinning(c);
    }
    if (corner < sizeof(programs) / sizeof(programs[0]) &&
        programs[corner] != NULL) {
        programs[corner](c, client);
    }
    return atomic_fetch_add(&c->value, call->args[0]);
}

static void enter(void *self, uint32_t client)
{
    struct corners *c = self;
    for (uint32_t i = 0; c->corner == ENTERS && i < 8; i++) {
        atomic_store(&c->cells[i], client);
    }
}

static void leave(void *self, uint32_t client)
{
    enter(self, client);
}

static void *create(const struct fl_setup *setup)
{
    struct corners *c = aligned_alloc(64, (sizeof(*c) + 63) / 64 * 64);
    if (c != NULL) {
        *c = (struct corners){.corner = (enum corner)setup->variant};
        pthread_mutex_init(&c->locks[0], NULL);
        pthread_mutex_init(&c->locks[1], NULL);
        sem_init(&c->semaphore, 0, 0);
        sem_init(&c->other, 0, 0);
    }
    return c;
}

static const char *settle(void *self)
{
    struct corners *c = self;
    while (c->corner == SETTLES && atomic_load(&c->flag) == 0) {
    }
    return NULL;
}

static void destroy(void *self)
{
    free(self);
}

#define VARIANT(name)                     \
    {                                     \
        name, "", "", "one small program" \
    }

static const struct fl_variant variants[] = {
    [SOUND] = VARIANT("sound"),       [COUNTED] = VARIANT("counted"),
    [GIVES_UP] = VARIANT("gives_up"), [POLLS] = VARIANT("polls"),
    [WIDE] = VARIANT("wide"),         [COLLECTS] = VARIANT("collects"),
    [YIELDS] = VARIANT("yields"),     [ENTERS] = VARIANT("enters"),
    [HOLDS] = VARIANT("holds"),       [SETTLES] = VARIANT("settles"),
    [CROSSED] = VARIANT("crossed"),   [TRIES] = VARIANT("tries"),
    [POSTS] = VARIANT("posts"),       [GAMBLES] = VARIANT("gambles"),
    [UNSTEADY] = VARIANT("unsteady"), [LOCKS] = VARIANT("locks"),
    [SPINS] = VARIANT("spins"),       [STATISTIC] = VARIANT("statistic"),
    [FIXED] = VARIANT("fixed"),       {NULL, NULL, NULL, NULL},
};

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 1}};
static const char *const points[] = {"corner.reached", "corner.inside", NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "corners",
    .family = "test",
    .row = "t",
    .source = "the tests",
    .about = "small programs at the edges",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = 1,
    .points = points,
    .create = create,
    .perform = perform,
    .enter = enter,
    .leave = leave,
    .settle = settle,
    .destroy = destroy,
};
