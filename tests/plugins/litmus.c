/*
 * An interpreter of tiny programs over a few shared words: litmus tests, and
 * whatever a generator comes up with.
 *
 * Client i performs its operation READ once, which runs the program in the
 * parameter `t<i>`: up to five instructions of 12 bits, the first one lowest.
 *
 *     value << 9 | order << 6 | location << 4 | what
 *
 * Or client 0 makes `made` threads, which run the others.  settle() always
 * complains: with all values read, by thread and in order, a
 * space, and what the words hold in the end.  So the detail of a run is its
 * outcome.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    THREADS = 4,
    WORDS = 4,
    LENGTH = 5,
    BITS = 12,
    TEXT = 64
};

enum what {
    END,
    LOAD,
    STORE,
    ADD,
    SWAP,
    FENCE,
    PLAIN_READ,
    PLAIN_WRITE,
    COMPARE, /* 0 by the value */
    LOCK,
    UNLOCK,
    VOLATILE_READ,
    VOLATILE_WRITE,
    HALF_LOAD, /* 4 bytes of the 8 */
    TRY,       /* the mutex, and give it back: whether it was free */
    COUNT,     /* of a semaphore: post by an odd value, or try to wait */
};

struct word {
    _Alignas(64) _Atomic(uint64_t) value;
};

struct plain {
    _Alignas(64) uint64_t value;
};

struct part {
    _Alignas(64) uint64_t code;
    struct litmus *whole;
    uint32_t count;
    uint64_t seen[LENGTH];
};

struct litmus {
    struct word words[WORDS];
    struct plain plains[WORDS];
    pthread_mutex_t mutex;
    sem_t semaphore;
    struct part parts[THREADS];
    uint32_t made;
    char text[TEXT];
};

/* Compilers take orders that are constants. */
#define BY_ORDER(order, call)       \
    switch (order) {                \
    case memory_order_relaxed:      \
        call(memory_order_relaxed); \
        break;                      \
    case memory_order_acquire:      \
    case memory_order_consume:      \
        call(memory_order_acquire); \
        break;                      \
    case memory_order_release:      \
        call(memory_order_release); \
        break;                      \
    case memory_order_acq_rel:      \
        call(memory_order_acq_rel); \
        break;                      \
    default:                        \
        call(memory_order_seq_cst); \
        break;                      \
    }

static uint64_t load(struct word *w, unsigned order)
{
    if (order == memory_order_relaxed) {
        return atomic_load_explicit(&w->value, memory_order_relaxed);
    }
    if (order == memory_order_acquire) {
        return atomic_load_explicit(&w->value, memory_order_acquire);
    }
    return atomic_load_explicit(&w->value, memory_order_seq_cst);
}

static void store(struct word *w, uint64_t value, unsigned order)
{
    if (order == memory_order_relaxed) {
        atomic_store_explicit(&w->value, value, memory_order_relaxed);
    } else if (order == memory_order_release) {
        atomic_store_explicit(&w->value, value, memory_order_release);
    } else {
        atomic_store_explicit(&w->value, value, memory_order_seq_cst);
    }
}

static uint64_t add(struct word *w, uint64_t by, unsigned order)
{
    uint64_t old = 0;
#define ADD_BY(mo) old = atomic_fetch_add_explicit(&w->value, by, mo)
    BY_ORDER(order, ADD_BY)
    return old;
}

static uint64_t swap(struct word *w, uint64_t value, unsigned order)
{
    uint64_t old = 0;
#define SWAP_BY(mo) old = atomic_exchange_explicit(&w->value, value, mo)
    BY_ORDER(order, SWAP_BY)
    return old;
}

static void fence(unsigned order)
{
    BY_ORDER(order, atomic_thread_fence)
}

static uint64_t compare(struct word *w, uint64_t value, unsigned order)
{
    uint64_t found = 0;
    if (order == memory_order_relaxed) {
        atomic_compare_exchange_strong_explicit(&w->value, &found, value,
                                                memory_order_relaxed,
                                                memory_order_relaxed);
    } else if (order == memory_order_acq_rel) {
        atomic_compare_exchange_strong_explicit(&w->value, &found, value,
                                                memory_order_acq_rel,
                                                memory_order_acquire);
    } else {
        atomic_compare_exchange_strong(&w->value, &found, value);
    }
    return found;
}

static void keep(struct part *part, uint64_t value)
{
    part->seen[part->count] = value;
    part->count++;
}

static void perform_plain(struct litmus *l, struct part *part, enum what what,
                          uint64_t *at, uint64_t value)
{
    volatile uint64_t *same = at;
    if (what == PLAIN_READ) {
        keep(part, *at);
    } else if (what == PLAIN_WRITE) {
        *at = value;
    } else if (what == VOLATILE_READ) {
        keep(part, *same);
    } else if (what == VOLATILE_WRITE) {
        *same = value;
    } else if (what == LOCK) {
        pthread_mutex_lock(&l->mutex);
    } else if (what == UNLOCK) {
        pthread_mutex_unlock(&l->mutex);
    }
}

static void try_mutex(struct litmus *l, struct part *part)
{
    bool taken = pthread_mutex_trylock(&l->mutex) == 0;
    keep(part, taken ? 1 : 0);
    if (taken) {
        pthread_mutex_unlock(&l->mutex);
    }
}

static void count(struct litmus *l, struct part *part, uint64_t value)
{
    if (value % 2 == 1) {
        sem_post(&l->semaphore);
    } else {
        keep(part, sem_trywait(&l->semaphore) == 0 ? 1 : 0);
    }
}

static void step(struct litmus *l, struct part *part, uint64_t code)
{
    enum what what = (enum what)(code & 15);
    struct word *w = &l->words[code >> 4 & 3];
    unsigned order = code >> 6 & 7;
    uint64_t value = code >> 9 & 7;
    if (what == LOAD) {
        keep(part, load(w, order));
    } else if (what == STORE) {
        store(w, value, order);
    } else if (what == ADD) {
        keep(part, add(w, value, order));
    } else if (what == SWAP) {
        keep(part, swap(w, value, order));
    } else if (what == FENCE) {
        fence(order);
    } else if (what == COMPARE) {
        keep(part, compare(w, value, order));
    } else if (what == TRY) {
        try_mutex(l, part);
    } else if (what == COUNT) {
        count(l, part, value);
    } else if (what == HALF_LOAD) {
        keep(part, atomic_load_explicit((_Atomic(uint32_t) *)&w->value,
                                        memory_order_relaxed));
    } else {
        perform_plain(l, part, what, &l->plains[code >> 4 & 3].value, value);
    }
}

static void *create(const struct fl_setup *setup)
{
    struct litmus *l = aligned_alloc(64, sizeof(*l));
    if (l == NULL) {
        return NULL;
    }
    *l = (struct litmus){.text = ""};
    pthread_mutex_init(&l->mutex, NULL);
    sem_init(&l->semaphore, 0, 0);
    for (uint32_t i = 0; i < THREADS; i++) {
        l->parts[i].code = (uint64_t)setup->params[i];
        l->parts[i].whole = l;
    }
    l->made = (uint32_t)setup->params[THREADS];
    return l;
}

static void *run(void *argument)
{
    struct part *part = argument;
    for (uint64_t code = part->code; (code & 15) != END; code >>= BITS) {
        step(part->whole, part, code);
    }
    return NULL;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)call;
    struct litmus *l = self;
    pthread_t threads[THREADS];
    for (uint32_t i = 0; i < l->made; i++) {
        pthread_create(&threads[i], NULL, run, &l->parts[i + 1]);
    }
    run(&l->parts[client]);
    for (uint32_t i = 0; i < l->made; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}

static const char *settle(void *self)
{
    struct litmus *l = self;
    uint32_t at = 0;
    for (uint32_t t = 0; t < THREADS; t++) {
        for (uint32_t i = 0; i < l->parts[t].count; i++) {
            l->text[at++] = (char)('0' + l->parts[t].seen[i] % 10);
        }
    }
    l->text[at++] = ' ';
    for (uint32_t i = 0; i < WORDS; i++) {
        uint64_t value =
            atomic_load_explicit(&l->words[i].value, memory_order_relaxed);
        l->text[at++] = (char)('0' + value % 10);
    }
    l->text[at] = '\0';
    return l->text;
}

static const struct fl_variant variants[] = {{"sound", "", "", "as it is"},
                                             {0}};
static const struct fl_mix mix[] = {{FL_REGISTER_READ, 1}};
static const struct fl_param params[] = {
    {.name = "t0", .max = INT64_MAX, .about = "program of client 0"},
    {.name = "t1", .max = INT64_MAX, .about = "program of client 1"},
    {.name = "t2", .max = INT64_MAX, .about = "program of client 2"},
    {.name = "t3", .max = INT64_MAX, .about = "program of client 3"},
    {.name = "made", .max = 3, .about = "threads that client 0 makes"},
    {0}};

const struct fl_algorithm fl_algorithm = {
    .name = "litmus",
    .family = "test",
    .row = "",
    .source = "litmus.c",
    .about = "an interpreter of tiny programs",
    .model = "register",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = 1,
    .params = params,
    .create = create,
    .perform = perform,
    .settle = settle,
};
