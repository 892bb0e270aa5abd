/*
 * Lulls: loops that have effects and complete nothing for long.
 *
 * In each variant but the last three somebody raises and lowers a flag ROUNDS
 * times and is then done; how often it has, it keeps where a look at the flags
 * does not show it.  Whoever takes such a loop for an endless one has not
 * looked at all that the program's further steps depend on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <errno.h>
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
    EARLY, /* on a heap that was there before any run */
    FRESH, /* another block each time */
    ERROR, /* errno */
    SEMAPHORE,
    SPECIFIC, /* a value of the thread */
    READERS,  /* of a lock */
    CLOCK,
    CHANCE,
    SLEEPS,  /* waits, with effects, for the other one, who sleeps first */
    ENDS,    /* ... who comes at once */
    ENDLESS, /* nothing ends it */
    LATER,   /* ... that is, its second operation */
};

enum {
    ROUNDS = 900
};

struct lulls {
    _Atomic(int64_t) value;
    _Atomic(uint32_t) flag;
    _Atomic(uint32_t) come;
    _Atomic(uint64_t *) lent;
    enum place place;
    uint64_t *block;
    uint32_t calls; /* of the first client, that are over */
    pthread_rwlock_t readers;
    sem_t semaphore;
    pthread_key_t key;
};

static uint64_t global;
static _Thread_local uint64_t own;
static uint64_t *early;

__attribute__((constructor)) static void allocate_early(void)
{
#ifdef FL_LULLS_EARLY
    early = malloc(sizeof(*early));
#endif
}

static bool count_in(uint64_t *counter)
{
    return ++*counter >= ROUNDS;
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
        return early == NULL || count_in(early);
    case FRESH:
        return count_fresh(l);
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
    case SLEEPS:
    case ENDS:
        return atomic_load(&l->come) != 0;
    case ENDLESS:
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

static void go_round(struct lulls *l)
{
    uint64_t count = 0;
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
    } else {
        if (l->place == SLEEPS) {
            nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
        }
        atomic_store(&l->come, 1);
    }
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct lulls *l = self;
    if (client != 0) {
        help(l);
    } else {
        while (l->place == OTHER_STACK && atomic_load(&l->lent) == NULL) {
        }
        go_round(l);
        l->calls++;
        atomic_store(&l->come, 1);
    }
    return atomic_fetch_add(&l->value, call->args[0]);
}

static void *create(const struct fl_setup *setup)
{
    struct lulls *l = calloc(1, sizeof(*l));
    pthread_rwlock_init(&l->readers, NULL);
    sem_init(&l->semaphore, 0, 0);
    pthread_key_create(&l->key, NULL);
    l->block = calloc(1, sizeof(*l->block));
    l->place = (enum place)setup->variant;
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
    [FRESH] = VARIANT("fresh"),
    [ERROR] = VARIANT("error"),
    [SEMAPHORE] = VARIANT("semaphore"),
    [SPECIFIC] = VARIANT("specific"),
    [READERS] = VARIANT("readers"),
    [CLOCK] = VARIANT("clock"),
    [CHANCE] = VARIANT("chance"),
    [SLEEPS] = VARIANT("sleeps"),
    [ENDS] = VARIANT("ends"),
    [ENDLESS] = VARIANT("endless"),
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
