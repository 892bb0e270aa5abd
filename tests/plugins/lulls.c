/*
 * Lulls: loops that have effects and complete nothing for long.
 *
 * In each variant but the last ones somebody raises and lowers a flag ROUNDS
 * times and is then done; how often it has, it keeps where a look at the flags
 * does not show it.  Whoever takes such a loop for an endless one has not
 * looked at all that the program's further steps depend on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum place {
    REGISTER,
    STACK,
    OTHER_STACK, /* of the other thread, which lends it */
    GLOBAL,
    THREAD,
    HEAP,
    EARLY,   /* on a heap that was there before any run */
    WAITING, /* there, too, and it only reads */
    FRESH,   /* another block each time */
    ROTATES, /* free blocks, each of which comes once */
    ERROR,   /* errno */
    SEMAPHORE,
    SPECIFIC, /* a value of the thread */
    READERS,  /* of a lock */
    CLOCK,
    CHANCE,
    QUEUES,   /* in a store buffer */
    RELAYS,   /* in a store that it is about to make, once it has read it */
    REQUESTS, /* in the size of a block that it is about to ask for */
    SLEEPS,   /* waits, with effects, for the other one, who sleeps first */
    NAPS,     /* ... and sleeps in each round himself */
    ENDS,     /* ... who comes at once */
    RELAXED,  /* ... and says so without an order, and waits himself */
    IDLES,    /* until a weak compare-and-swap does not fail for no reason */
    ENDLESS,  /* nothing ends it */
    RECYCLES, /* likewise, and it allocates and frees */
    BOTH,     /* likewise: each looks at the other one's flag */
    LATER,    /* the second operation only */
};

enum {
    ROUNDS = 900,
    WAITS = 30,
    FREE_BLOCKS = 300,
    BLOCK_BYTES = 40
};

struct lulls {
    _Atomic(int64_t) value;
    _Atomic(uint32_t) flag;
    _Atomic(uint32_t) come;
    _Atomic(uint32_t) seen;
    _Atomic(uint32_t) flags[2];
    _Atomic(uint64_t *) lent;
    enum place place;
    uint64_t *block;
    const void *last; /* of the free blocks */
    uint32_t calls;   /* of the first client, that are over */
    pthread_rwlock_t readers;
    sem_t semaphore;
    pthread_key_t key;
};

static uint64_t global;
static _Thread_local uint64_t own;

#ifdef FL_LULLS_EARLY
static uint64_t *early;
static void *volatile kept[FL_LULLS_EARLY];

__attribute__((constructor)) static void allocate_early(void)
{
    early = malloc(sizeof(*early));
    for (uint32_t i = 0; i < FL_LULLS_EARLY; i++) {
        free(early);
        early = realloc(calloc(1, 1), (i + 1) * sizeof(*early));
        *early = 0;
        kept[i] = malloc(sizeof(*early));
    }
}

#else
static uint64_t *const early;
#endif

static bool count_in(uint64_t *counter)
{
    return ++*counter >= ROUNDS;
}

/* Nobody puts `early` back between two runs; and nothing of it stays behind in
 * a register. */
__attribute__((noinline)) static bool count_early(uint64_t rounds)
{
    *early = (*early + 1) % rounds;
    return *early == 0;
}

/* A block that compilers cannot reason about. */
static void *get_block(void)
{
    void *volatile block = malloc(BLOCK_BYTES);
    return block;
}

/* Nothing of the block that it looked at stays behind. */
__attribute__((noinline)) static bool meets_last(const struct lulls *l)
{
    void *block = get_block();
    bool last = block == l->last;
    free(block);
    return last;
}

static bool recycle(void)
{
    uint32_t *block = get_block();
    *block = 1;
    free(block);
    return false;
}

/* A weak compare-and-swap as gcc compiles it, so that it can fail for no reason
 * whichever compiler this is: clang calls a hook that does not say so. */
// NOLINTNEXTLINE(bugprone-reserved-identifier): the ABI has this name
int __tsan_atomic32_compare_exchange_weak(volatile void *at, void *expected,
                                          uint32_t value, int order,
                                          int failure);

static bool swap_weakly(_Atomic(uint32_t) *at, uint32_t value)
{
    uint32_t zero = 0;
    return __tsan_atomic32_compare_exchange_weak(at, &zero, value,
                                                 memory_order_seq_cst,
                                                 memory_order_seq_cst) != 0;
}

/* Whether the second of two swaps that only fail for no reason did not. */
static bool swaps(struct lulls *l)
{
    (void)swap_weakly(&l->flag, 0);
    return swap_weakly(&l->seen, 1);
}

static bool count_stack(struct lulls *l)
{
    uint64_t *lent = atomic_load(&l->lent);
    return lent == NULL || count_in(lent);
}

static bool count_fresh(struct lulls *l)
{
    uint64_t *next = malloc(sizeof(*next));
    *next = *l->block + 1;
    free(l->block);
    l->block = next;
    return *next >= ROUNDS;
}

static bool count_posts(struct lulls *l)
{
    int value = 0;
    sem_post(&l->semaphore);
    sem_getvalue(&l->semaphore, &value);
    return value >= ROUNDS;
}

static bool count_specific(struct lulls *l)
{
    uintptr_t count = (uintptr_t)pthread_getspecific(l->key) + 1;
    pthread_setspecific(l->key, (const void *)count);
    return count >= ROUNDS;
}

/* Read locks pile up; one more than there may be is refused. */
static bool count_readers(struct lulls *l)
{
    return pthread_rwlock_tryrdlock(&l->readers) != 0;
}

static bool look_at_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > 0 || now.tv_nsec > 200000;
}

/* Whether the loop is over; `own_count` lies on its stack. */
static bool is_over(struct lulls *l, uint64_t *own_count)
{
    switch (l->place) {
    case REGISTER:
        return false; /* its loop counts */
    case STACK:
        return count_in(own_count);
    case OTHER_STACK:
        return count_stack(l);
    case GLOBAL:
        return count_in(&global);
    case THREAD:
        return count_in(&own);
    case HEAP:
        return count_in(l->block);
    case EARLY:
        return early == NULL || count_early(ROUNDS);
    case WAITING:
    case QUEUES:
    case RELAYS:
    case REQUESTS:
        return true;
    case FRESH:
        return count_fresh(l);
    case ROTATES:
        return meets_last(l);
    case ERROR:
        return ++errno >= ROUNDS;
    case SEMAPHORE:
        return count_posts(l);
    case SPECIFIC:
        return count_specific(l);
    case READERS:
        return count_readers(l);
    case CLOCK:
        return look_at_clock();
    case CHANCE:
        return rand() % 512 == 0;
    case NAPS:
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        return atomic_load(&l->come) != 0;
    case SLEEPS:
    case ENDS:
    case RELAXED:
        return atomic_load_explicit(&l->come, memory_order_relaxed) != 0;
    case IDLES:
        return swaps(l);
    case RECYCLES:
        return recycle();
    case ENDLESS:
    case BOTH:
        return false;
    case LATER:
        return l->calls == 0 && count_in(own_count);
    }
    return true;
}

/* A point and an effect, twice: what one does the other undoes. */
static void raise_and_lower(struct lulls *l)
{
    atomic_store(&l->flag, 1);
    atomic_store(&l->flag, 0);
}

/* It looks whether the other one has raised his; nobody asks what he saw. */
static void look_for_ever(struct lulls *l, uint32_t client)
{
    _Atomic(uint32_t) *mine = &l->flags[client % 2];
    for (;;) {
        atomic_store_explicit(mine, 1, memory_order_relaxed);
        (void)atomic_load_explicit(&l->flags[1 - client % 2],
                                   memory_order_relaxed);
        atomic_store_explicit(mine, 0, memory_order_relaxed);
    }
}

/* What it counts waits behind a store that changes nothing. */
__attribute__((noinline)) static bool count_queued(struct lulls *l)
{
    uint32_t next = 1 + atomic_load_explicit(&l->seen, memory_order_relaxed);
    atomic_store_explicit(&l->flags[0], 0, memory_order_relaxed);
    atomic_store_explicit(&l->seen, next, memory_order_relaxed);
    return next >= ROUNDS;
}

/* What it counts is nowhere but in an argument when the other one clears
 * `seen` behind its load; before that, it ends. */
__attribute__((noinline)) static bool relay(struct lulls *l)
{
    uint32_t seen = atomic_load_explicit(&l->seen, memory_order_relaxed);
    if (seen == 0 || seen >= ROUNDS) {
        return true;
    }
    atomic_store_explicit(&l->seen, seen + 1, memory_order_relaxed);
    return false;
}

__attribute__((noinline)) static bool request(struct lulls *l)
{
    uint32_t seen = atomic_load_explicit(&l->seen, memory_order_relaxed);
    if (seen == 0 || seen >= BLOCK_BYTES) {
        return true;
    }
    void *volatile block = malloc(seen);
    atomic_store_explicit(&l->seen, (uint32_t)malloc_usable_size(block) + 1,
                          memory_order_relaxed);
    free(block);
    return false;
}

static void go_round(struct lulls *l)
{
    uint64_t count = 0;
    if (l->place == RELAYS || l->place == REQUESTS) {
        atomic_store(&l->seen, 1);
        while (l->place == RELAYS ? !relay(l) : !request(l)) {
        }
        return;
    }
    while (l->place == QUEUES && !count_queued(l)) {
    }
    while (l->place == WAITING && early != NULL && !count_early(WAITS) &&
           atomic_load(&l->lent) == NULL) {
    }
    if (l->place == REGISTER) {
        for (uint64_t i = 0; i < ROUNDS; i++) {
            raise_and_lower(l);
        }
        return;
    }
    do {
        raise_and_lower(l);
    } while (!is_over(l, &count));
}

/* What the second client is for: to lend its stack, or to come. */
static void help(struct lulls *l)
{
    uint64_t room = 0;
    if (l->place == OTHER_STACK) {
        atomic_store(&l->lent, &room);
        while (atomic_load(&l->come) == 0) {
        }
    } else if (l->place == RELAYS || l->place == REQUESTS) {
        do {
            atomic_store_explicit(&l->seen, 0, memory_order_relaxed);
        } while (atomic_load(&l->come) == 0);
    } else if (l->place == RELAXED) {
        atomic_store_explicit(&l->come, 1, memory_order_relaxed);
        do {
            atomic_store_explicit(&l->flags[1], 1, memory_order_relaxed);
        } while (atomic_load_explicit(&l->seen, memory_order_relaxed) == 0);
    } else {
        if (l->place == SLEEPS) {
            nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
        } else if (l->place == NAPS) {
            nanosleep(&(struct timespec){.tv_sec = 2}, NULL);
        }
        atomic_store(&l->come, 1);
    }
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct lulls *l = self;
    client = l->place == IDLES ? 1 - client : client; /* who comes later */
    if (l->place == BOTH) {
        look_for_ever(l, client);
    } else if (client != 0) {
        help(l);
    } else {
        while (l->place == OTHER_STACK && atomic_load(&l->lent) == NULL) {
        }
        go_round(l);
        l->calls++;
        atomic_store(&l->seen, 1);
        atomic_store(&l->come, 1);
    }
    return atomic_fetch_add(&l->value, call->args[0]);
}

static void free_blocks(struct lulls *l)
{
    void *blocks[FREE_BLOCKS];
    uint32_t count = l->place == ROTATES ? FREE_BLOCKS : 0;
    for (uint32_t i = 0; i < count; i++) {
        blocks[i] = malloc(BLOCK_BYTES);
        l->last = blocks[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        free(blocks[i]);
    }
}

static void *create(const struct fl_setup *setup)
{
    struct lulls *l = calloc(1, sizeof(*l));
    pthread_rwlock_init(&l->readers, NULL);
    sem_init(&l->semaphore, 0, 0);
    pthread_key_create(&l->key, NULL);
    l->block = calloc(1, sizeof(*l->block));
    l->place = (enum place)setup->variant;
    free_blocks(l);
    return l;
}

static void destroy(void *self)
{
    struct lulls *l = self;
    free(l->block);
    free(l);
}

#define VARIANT(name)                \
    {                                \
        name, "", "", "one counting" \
    }

static const struct fl_variant variants[] = {
    [REGISTER] = VARIANT("register"),
    [STACK] = VARIANT("stack"),
    [OTHER_STACK] = VARIANT("other_stack"),
    [GLOBAL] = VARIANT("global"),
    [THREAD] = VARIANT("thread"),
    [HEAP] = VARIANT("heap"),
    [EARLY] = VARIANT("early"),
    [WAITING] = VARIANT("waiting"),
    [FRESH] = VARIANT("fresh"),
    [ROTATES] = VARIANT("rotates"),
    [ERROR] = VARIANT("error"),
    [SEMAPHORE] = VARIANT("semaphore"),
    [SPECIFIC] = VARIANT("specific"),
    [READERS] = VARIANT("readers"),
    [CLOCK] = VARIANT("clock"),
    [CHANCE] = VARIANT("chance"),
    [QUEUES] = VARIANT("queues"),
    [RELAYS] = VARIANT("relays"),
    [REQUESTS] = VARIANT("requests"),
    [SLEEPS] = VARIANT("sleeps"),
    [NAPS] = VARIANT("naps"),
    [ENDS] = VARIANT("ends"),
    [RELAXED] = VARIANT("relaxed"),
    [IDLES] = VARIANT("idles"),
    [ENDLESS] = VARIANT("endless"),
    [RECYCLES] = VARIANT("recycles"),
    [BOTH] = VARIANT("both"),
    [LATER] = VARIANT("later"),
    {NULL, NULL, NULL, NULL},
};

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "lulls",
    .family = "test",
    .row = "t",
    .source = "the tests",
    .about = "loops with effects",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = 1,
    .create = create,
    .perform = perform,
    .destroy = destroy,
};
