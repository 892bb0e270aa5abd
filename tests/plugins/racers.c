/*
 * Drawn programs that access memory in every way: atomics of all sizes and
 * orders, some overlapping; plain accesses with a lock, by a mailbox, or with
 * nothing; blocks that come and go; globals; threads of its own.
 *
 * The parameter `program` says what is drawn, and `extra` how many threads a
 * client makes in its last operation.  Nothing is drawn while it runs, so that
 * equal schedules are equal runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    CLIENTS_MAX = 4,
    AREA = 32,     /* bytes */
    STEPS = 5,     /* of an operation */
    CARELESS = 12, /* one in so many accesses forgets what it should do */
    EXTRA_MAX = 4,
    BLOCK_LEAST = 16
};

/* Bytes that are accessed by several sizes. */
typedef uint8_t byte_1;
typedef uint16_t __attribute__((may_alias)) byte_2;
typedef uint32_t __attribute__((may_alias)) byte_4;
typedef uint64_t __attribute__((may_alias)) byte_8;

struct racers {
    _Alignas(16) char atoms[AREA];
    _Alignas(16) char guarded[AREA];
    _Alignas(16) char own[AREA]; /* four bytes each */
    _Atomic(char *) box;
    pthread_mutex_t mutex;
    uint64_t program;
    uint64_t extra;
};

/* What one thread draws from, passed by value: no memory of anybody's. */
struct draw {
    uint64_t state;
    uint32_t lane; /* of `own` */
};

static _Alignas(16) char globals[AREA];
static _Atomic(uint64_t) global_atom;

static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 31) * 0x9e3779b97f4a7c15u;
    return value ^ value >> 29;
}

static struct draw next(struct draw d)
{
    d.state = mix(d.state + 0x632be59bd9b4e019u);
    return d;
}

static uint32_t below(struct draw d, uint32_t n)
{
    return (uint32_t)(d.state >> 33) % n;
}

static void touch(void *at, uint32_t size, bool writes)
{
    if (size == 1 && writes) {
        *(byte_1 *)at = 1;
    } else if (size == 2 && writes) {
        *(byte_2 *)at = 2;
    } else if (size == 4 && writes) {
        *(byte_4 *)at = 4;
    } else if (writes) {
        *(byte_8 *)at = 8;
    } else if (size == 1) {
        (void)*(volatile byte_1 *)at;
    } else if (size == 2) {
        (void)*(volatile byte_2 *)at;
    } else if (size == 4) {
        (void)*(volatile byte_4 *)at;
    } else {
        (void)*(volatile byte_8 *)at;
    }
}

/* A plain access somewhere in `area`; reads are volatile, lest they go. */
static struct draw touch_area(struct draw d, char *area, uint32_t bytes)
{
    d = next(d);
    uint32_t size = 1u << below(d, bytes < 8 ? 3 : 4);
    d = next(d);
    uint32_t offset = below(d, bytes / size) * size;
    d = next(d);
    touch(area + offset, size, below(d, 2) == 0);
    return d;
}

#define BY_SIZE(size, call) \
    switch (size) {         \
    case 1:                 \
        call(byte_1);       \
        break;              \
    case 2:                 \
        call(byte_2);       \
        break;              \
    case 4:                 \
        call(byte_4);       \
        break;              \
    default:                \
        call(byte_8);       \
        break;              \
    }

static void load_atom(char *at, uint32_t size, uint32_t order)
{
#define LOAD(type)                                                          \
    (void)(order == 0   ? atomic_load_explicit((_Atomic(type) *)(void *)at, \
                                               memory_order_relaxed)        \
           : order == 1 ? atomic_load_explicit((_Atomic(type) *)(void *)at, \
                                               memory_order_acquire)        \
                        : atomic_load((_Atomic(type) *)(void *)at))
    BY_SIZE(size, LOAD)
}

static void store_atom(char *at, uint32_t size, uint32_t order)
{
#define STORE(type)                                           \
    if (order == 0) {                                         \
        atomic_store_explicit((_Atomic(type) *)(void *)at, 3, \
                              memory_order_relaxed);          \
    } else if (order == 1) {                                  \
        atomic_store_explicit((_Atomic(type) *)(void *)at, 5, \
                              memory_order_release);          \
    } else {                                                  \
        atomic_store((_Atomic(type) *)(void *)at, 7);         \
    }
    BY_SIZE(size, STORE)
}

static void update_atom(char *at, uint32_t size, uint32_t order)
{
#define ADD(type)                                                              \
    (void)(order == 0 ? atomic_fetch_add_explicit((_Atomic(type) *)(void *)at, \
                                                  1, memory_order_relaxed)     \
           : order == 1                                                        \
               ? atomic_fetch_add_explicit((_Atomic(type) *)(void *)at, 1,     \
                                           memory_order_release)               \
               : atomic_fetch_add_explicit((_Atomic(type) *)(void *)at, 1,     \
                                           memory_order_acq_rel))
    BY_SIZE(size, ADD)
}

static void compare_atom(char *at, uint32_t size, uint32_t order)
{
#define COMPARE(type)                                                         \
    {                                                                         \
        type found = 0;                                                       \
        if (order == 0) {                                                     \
            (void)atomic_compare_exchange_strong_explicit(                    \
                (_Atomic(type) *)(void *)at, &found, 1, memory_order_release, \
                memory_order_relaxed);                                        \
        } else {                                                              \
            (void)atomic_compare_exchange_weak_explicit(                      \
                (_Atomic(type) *)(void *)at, &found, 2, memory_order_acq_rel, \
                memory_order_acquire);                                        \
        }                                                                     \
    }
    BY_SIZE(size, COMPARE)
}

/* Mostly eight bytes, so that locations live long. */
static struct draw access_atom(struct draw d, char *area)
{
    d = next(d);
    uint32_t size = below(d, 6) == 0 ? 1u << below(d, 4) : 8;
    d = next(d);
    char *at = area + below(d, AREA / size) * size;
    d = next(d);
    uint32_t order = below(d, 3);
    d = next(d);
    switch (below(d, 4)) {
    case 0:
        load_atom(at, size, order);
        break;
    case 1:
        store_atom(at, size, order);
        break;
    case 2:
        update_atom(at, size, order);
        break;
    default:
        compare_atom(at, size, order);
        break;
    }
    return d;
}

static struct draw fence(struct draw d)
{
    d = next(d);
    switch (below(d, 4)) {
    case 0:
        atomic_thread_fence(memory_order_acquire);
        break;
    case 1:
        atomic_thread_fence(memory_order_release);
        break;
    case 2:
        atomic_thread_fence(memory_order_acq_rel);
        break;
    default:
        atomic_thread_fence(memory_order_seq_cst);
        break;
    }
    return d;
}

static struct draw with_lock(struct draw d, struct racers *r)
{
    d = next(d);
    bool careless = below(d, CARELESS) == 0;
    if (!careless) {
        pthread_mutex_lock(&r->mutex);
    }
    d = touch_area(d, below(d, 2) == 0 ? r->guarded : globals, AREA);
    d = touch_area(d, r->guarded, AREA);
    if (!careless) {
        pthread_mutex_unlock(&r->mutex);
    }
    return d;
}

/* Takes the block out of the box, and puts it or another one in. */
static struct draw with_box(struct draw d, struct racers *r)
{
    d = next(d);
    bool careless = below(d, CARELESS) == 0;
    char *block =
        careless
            ? atomic_exchange_explicit(&r->box, NULL, memory_order_relaxed)
            : atomic_exchange_explicit(&r->box, NULL, memory_order_acq_rel);
    if (block != NULL) {
        d = touch_area(d, block, BLOCK_LEAST);
        if (below(d, 2) == 0) {
            free(block);
            block = NULL;
        }
    }
    if (block == NULL) {
        d = next(d);
        block = calloc(1, BLOCK_LEAST + below(d, 3) * 12);
        if (block == NULL) {
            return d;
        }
        d = touch_area(d, block, BLOCK_LEAST);
    }
    block = atomic_exchange_explicit(&r->box, block, memory_order_acq_rel);
    free(block); /* that somebody put in meanwhile */
    return d;
}

static struct draw step(struct draw d, struct racers *r)
{
    d = next(d);
    switch (below(d, 12)) {
    case 0:
    case 1:
    case 2:
        return access_atom(d, r->atoms);
    case 3:
        return fence(d);
    case 4:
    case 5:
        return with_lock(d, r);
    case 6:
    case 7:
        return with_box(d, r);
    case 8:
        atomic_fetch_add_explicit(&global_atom, 1, memory_order_release);
        return d;
    case 9: /* plain code on what is atomic */
        return below(d, 3) == 0 ? touch_area(d, r->atoms, AREA) : d;
    default:
        return touch_area(d, &r->own[d.lane * 4], 4);
    }
}

struct helper {
    struct racers *racers;
    struct draw draw;
    pthread_t thread;
};

static void *help(void *argument)
{
    struct helper *h = argument;
    struct draw d = h->draw;
    for (uint32_t i = 0; i < STEPS; i++) {
        d = next(d);
        d = below(d, 2) == 0 ? access_atom(d, h->racers->atoms)
                             : with_lock(d, h->racers);
    }
    return NULL;
}

static void be_helped(struct racers *r, struct draw d)
{
    struct helper helpers[EXTRA_MAX];
    uint64_t count = r->extra < EXTRA_MAX ? r->extra : EXTRA_MAX;
    for (uint64_t i = 0; i < count; i++) {
        helpers[i].racers = r;
        helpers[i].draw = (struct draw){.state = mix(d.state + i)};
        if (pthread_create(&helpers[i].thread, NULL, help, &helpers[i]) != 0) {
            abort();
        }
    }
    (void)access_atom(d, r->atoms);
    for (uint64_t i = 0; i < count; i++) {
        pthread_join(helpers[i].thread, NULL);
    }
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct racers *r = self;
    struct draw d = {.state = mix(r->program * 8 + client) + call->number,
                     .lane = client % CLIENTS_MAX};
    for (uint32_t i = 0; i < STEPS; i++) {
        d = step(d, r);
    }
    if (r->extra > 0 && client == 0 && call->number == 2) {
        be_helped(r, d);
    }
    return 0;
}

static void *create(const struct fl_setup *setup)
{
    struct racers *r = aligned_alloc(16, sizeof(*r));
    if (r == NULL) {
        return NULL;
    }
    *r = (struct racers){.program = (uint64_t)setup->params[0],
                         .extra = (uint64_t)setup->params[1]};
    pthread_mutex_init(&r->mutex, NULL);
    return r;
}

static void destroy(void *self)
{
    struct racers *r = self;
    free(atomic_load(&r->box));
    free(r);
}

static const struct fl_variant variants[] = {{"sound", "", "", "as it is"},
                                             {0}};
static const struct fl_mix operations[] = {{FL_REGISTER_READ, 1}};
static const struct fl_param params[] = {
    {.name = "program", .max = INT64_MAX, .about = "what is drawn"},
    {.name = "extra", .max = EXTRA_MAX, .about = "threads of client 0"},
    {0}};

const struct fl_algorithm fl_algorithm = {
    .name = "racers",
    .family = "test",
    .row = "",
    .source = "racers.c",
    .about = "drawn accesses of every kind",
    .model = "register",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = operations,
    .mix_count = 1,
    .params = params,
    .create = create,
    .perform = perform,
    .destroy = destroy,
};
