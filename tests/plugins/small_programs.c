/*
 * Random small programs: what two searches must agree on.
 *
 * The parameter `seed` draws a program: for each client and operation a few
 * steps over up to three atomic variables, and in one of four programs also a
 * lock, a semaphore and the heap.  The result of an operation is what it read;
 * settle() gives the state at the end as its "reason", for a test to compare.
 * `stores: 1`: most steps are stores and loads of two variables and their
 * halves, most of them relaxed; `stores: 2`: loops that wait, some for ever.
 * `accesses: 1`: only accesses of whole variables, and fences.  `weak: 1`: weak
 * compare-and-swaps, and additions loops of such.  `locks: 1`: two mutexes over
 * such accesses, and sections within sections.  `boxes: 1`: blocks of the heap
 * go round, and whoever gets one frees it; with `boxes: 2` others look into
 * them.  With `inside: n` one client makes n threads and joins them.
 *
 * alike_programs.c is this with ALIKE: all clients have one program, or another
 * where they are called to add, and nothing tells who was who.  With `inside:
 * 1` they look at their numbers.  made_programs.c is it with MADE.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"
#include "tests/plugins/boxes.h"
#include "tests/plugins/crew.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    VARIABLES = 3,
    CLIENTS = 3,
    STEPS = 3, /* of one operation, at most */
    OPERATIONS = 2,
};

enum step_kind {
    LOAD,
    STORE,
    ADD,
    COMPARE,
    EXCHANGE,
    FENCE,
    LOCKED, /* an addition and a load under the lock */
    POST,
    ALLOCATE, /* and free */
    KINDS,
    LOAD_HALF,
    STORE_HALF,
    AWAIT,
    SECTION,   /* an addition under a mutex, or two */
    SPIN_LOCK, /* an addition under a lock taken by compare-and-swap */
    PUT,       /* a new box for the one in a slot, which is read and freed */
    TAKE,      /* none for it */
    LOOK,      /* whether there is one */
};

struct step {
    enum step_kind kind;
    memory_order order;
    int variable;
    int value;
};

static struct {
    struct step steps[STEPS];
    int count;
} programs[CLIENTS][OPERATIONS];

static union {
    _Atomic(int) whole;
    _Atomic(short) half[2];
} variables[VARIABLES];
static _Atomic(int) spin_lock;
static uint32_t inside;
static bool weak;
static int64_t sections, boxes, way;
static int seen[CLIENTS], turn[CLIENTS];
#ifdef ALIKE
static const bool alike = true;
#else
static const bool alike = false;
#endif
static pthread_mutex_t lock, mutexes[2];
static sem_t semaphore;

static uint64_t next_of(uint64_t *state, uint64_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % below;
}

/* What the steps of one program are drawn from. */
struct taste {
    int64_t stores; /* draw_store(), or draw_await() */
    uint64_t kinds;
    uint64_t variables;
    uint64_t orders; /* relaxed only; also ...; all, seq_cst twice */
};

static struct step draw_step(uint64_t *state, const struct taste *taste)
{
    static const memory_order orders[] = {
        memory_order_relaxed, memory_order_acquire, memory_order_release,
        memory_order_acq_rel, memory_order_seq_cst, memory_order_seq_cst};
    return (struct step){.kind = (enum step_kind)next_of(state, taste->kinds),
                         .order = orders[next_of(state, taste->orders)],
                         .variable = (int)next_of(state, taste->variables),
                         .value = 1 + (int)next_of(state, 3)};
}

static struct step draw_await(uint64_t *state)
{
    static const enum step_kind kinds[] = {
        LOAD, STORE, STORE, STORE, ADD, AWAIT, AWAIT, AWAIT, SPIN_LOCK, COMPARE,
    };
    enum {
        MANY = sizeof(kinds) / sizeof(kinds[0])
    };
    uint64_t order = next_of(state, 3);
    return (struct step){.kind = kinds[next_of(state, MANY)],
                         .order = order == 0 ? memory_order_seq_cst
                                             : memory_order_relaxed,
                         .variable = (int)next_of(state, 2),
                         .value = 1 + (int)next_of(state, 2)};
}

static struct step draw_store(uint64_t *state)
{
    static const enum step_kind kinds[] = {
        LOAD,       LOAD,       LOAD,  LOAD,   STORE,   STORE,     STORE,
        STORE,      STORE,      STORE, LOAD,   ADD,     LOAD_HALF, STORE_HALF,
        STORE_HALF, STORE_HALF, FENCE, LOCKED, COMPARE, EXCHANGE,
    };
    enum {
        MANY = sizeof(kinds) / sizeof(kinds[0])
    };
    uint64_t order = next_of(state, 6);
    return (struct step){.kind = kinds[next_of(state, MANY)],
                         .order = order == 0 ? memory_order_seq_cst
                                             : memory_order_relaxed,
                         .variable = (int)next_of(state, 2),
                         .value = 1 + (int)next_of(state, 3)};
}

/* What reads the same three times over looks like a loop that waits. */
static void keep_busy(struct step steps[STEPS])
{
    if (steps[0].kind == LOAD && steps[1].kind == LOAD &&
        steps[2].kind == LOAD) {
        steps[1].kind = STORE;
    }
}

static struct step draw_section(uint64_t *state)
{
    static const enum step_kind kinds[] = {
        SECTION, SECTION, SECTION, LOAD, STORE, ADD, COMPARE, EXCHANGE,
    };
    enum {
        MANY = sizeof(kinds) / sizeof(kinds[0])
    };
    uint64_t order = next_of(state, 3);
    return (struct step){.kind = kinds[next_of(state, MANY)],
                         .order = order == 0   ? memory_order_seq_cst
                                  : order == 1 ? memory_order_acq_rel
                                               : memory_order_relaxed,
                         .variable = (int)next_of(state, 2),
                         .value = 1 + (int)next_of(state, 3)};
}

static struct step draw_box(uint64_t *state)
{
    static const enum step_kind kinds[10] = {
        PUT, PUT, PUT, TAKE, TAKE, LOOK, ALLOCATE, LOAD, STORE, ADD,
    };
    uint64_t order = next_of(state, 3);
    return (struct step){.kind = kinds[next_of(state, 10)],
                         .order = order == 0 ? memory_order_seq_cst
                                             : memory_order_acq_rel,
                         .variable = (int)next_of(state, 2),
                         .value = 1 + (int)next_of(state, 3)};
}

static struct step draw_of(uint64_t *state, const struct taste *taste)
{
    return sections != 0        ? draw_section(state)
           : boxes != 0         ? draw_box(state)
           : taste->stores == 0 ? draw_step(state, taste)
           : taste->stores == 1 ? draw_store(state)
                                : draw_await(state);
}

/* `likes`: the parameters `stores` and `accesses`. */
static void draw(uint64_t seed, uint32_t clients, const int64_t *likes)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + clients;
    bool locks = next_of(&state, 4) == 0 && likes[1] == 0;
    struct taste taste = {
        .stores = likes[0],
        .kinds = locks ? KINDS : LOCKED,
    };
    static const uint64_t orders[] = {1, 4, 6, 6};
    if (taste.stores == 0) {
        taste.variables = 1 + next_of(&state, VARIABLES);
        taste.orders = orders[next_of(&state, 4)];
    }
    for (uint32_t c = 0; c < clients; c++) {
        for (int o = 0; o < OPERATIONS; o++) {
            programs[c][o].count =
                1 + (int)next_of(&state, clients == 2 || inside ? STEPS : 2);
            for (int i = 0; i < programs[c][o].count; i++) {
                struct step *s = &programs[c][o].steps[i];
                *s = draw_of(&state, &taste);
                if (taste.stores == 0 && i > 0 && s[-1].kind == s->kind) {
                    /* No loop that only reads: it would be taken to wait. */
                    s->variable = (s[-1].variable + 1) % VARIABLES;
                }
            }
            if (taste.stores != 0) {
                keep_busy(programs[c][o].steps);
            }
        }
    }
}

static int allocate(void)
{
    int *block = malloc(sizeof(*block));
    free(block);
    return block != NULL ? 1 : 0;
}

static int under_lock(const struct step *s)
{
    pthread_mutex_lock(&lock);
    int before =
        atomic_load_explicit(&variables[0].whole, memory_order_relaxed);
    atomic_store_explicit(&variables[0].whole, before + s->value,
                          memory_order_relaxed);
    pthread_mutex_unlock(&lock);
    return before;
}

/* By its value one mutex, or also the other. */
static int in_section(const struct step *s)
{
    pthread_mutex_t *first = &mutexes[s->variable];
    pthread_mutex_t *second = s->value == 3 ? &mutexes[1 - s->variable] : NULL;
    _Atomic(int) *v = &variables[s->variable].whole;
    pthread_mutex_lock(first);
    if (second != NULL) {
        pthread_mutex_lock(second);
    }
    int before = atomic_load_explicit(v, memory_order_relaxed);
    if (second != NULL) {
        pthread_mutex_unlock(second);
    } else {
        atomic_store_explicit(v, before + s->value, memory_order_relaxed);
    }
    pthread_mutex_unlock(first);
    return before;
}

static memory_order load_order(memory_order order)
{
    return order == memory_order_release || order == memory_order_acq_rel
               ? memory_order_acquire
               : order;
}

static memory_order store_order(memory_order order)
{
    return order == memory_order_acquire || order == memory_order_acq_rel
               ? memory_order_release
               : order;
}

/* Half of a variable, by its value. */
static _Atomic(short) *half_of(const struct step *s)
{
    return &variables[s->variable].half[s->value % 2];
}

/* Waits until the variable is at least the step's value. */
static int await(const struct step *s)
{
    _Atomic(int) *v = &variables[s->variable].whole;
    while (atomic_load_explicit(v, load_order(s->order)) < s->value) {
    }
    return s->value;
}

static int under_spin_lock(const struct step *s)
{
    int open = 0;
    while (!atomic_compare_exchange_strong(&spin_lock, &open, 1)) {
        open = 0;
    }
    int before =
        atomic_load_explicit(&variables[0].whole, memory_order_relaxed);
    atomic_store_explicit(&variables[0].whole, before + s->value,
                          memory_order_relaxed);
    atomic_store(&spin_lock, 0);
    return before;
}

static int add_weakly(const struct step *s)
{
    _Atomic(int) *v = &variables[s->variable].whole;
    int before = atomic_load_explicit(v, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        v, &before, before + s->value, s->order, memory_order_relaxed)) {
    }
    return before;
}

static int compare(const struct step *s)
{
    _Atomic(int) *v = &variables[s->variable].whole;
    int expected = s->value - 1;
    if (weak) {
        bool swapped = atomic_compare_exchange_weak_explicit(
            v, &expected, s->value + 4, s->order, load_order(s->order));
        return expected + (swapped ? 0 : 100);
    }
    atomic_compare_exchange_strong_explicit(v, &expected, s->value + 4,
                                            s->order, load_order(s->order));
    return expected;
}

static int make_step(const struct step *s)
{
    _Atomic(int) *v = &variables[s->variable].whole;
    switch (s->kind) {
    case LOAD:
        return atomic_load_explicit(v, load_order(s->order));
    case STORE:
        atomic_store_explicit(v, s->value, store_order(s->order));
        break;
    case ADD:
        return weak ? add_weakly(s)
                    : atomic_fetch_add_explicit(v, s->value, s->order);
    case COMPARE:
        return compare(s);
    case EXCHANGE:
        return atomic_exchange_explicit(v, s->value, s->order);
    case FENCE:
        atomic_thread_fence(s->order);
        break;
    case LOCKED:
        return under_lock(s);
    case POST:
        sem_post(&semaphore);
        break;
    case ALLOCATE:
        return allocate();
    case LOAD_HALF:
        return atomic_load_explicit(half_of(s), load_order(s->order));
    case STORE_HALF:
        atomic_store_explicit(half_of(s), (short)s->value,
                              store_order(s->order));
        break;
    case AWAIT:
        return await(s);
    case SECTION:
        return in_section(s);
    case SPIN_LOCK:
        return under_spin_lock(s);
    case PUT:
        return box_put(s->variable % 2, s->value, s->order);
    case TAKE:
        return box_take(s->variable % 2, s->order);
    case LOOK:
        return box_look(s->variable % 2, boxes == 2);
    case KINDS:
        break;
    }
    return 0;
}

static int make_steps(uint32_t program, uint32_t operation)
{
    int read = 0;
    for (int i = 0; i < programs[program][operation].count; i++) {
        read = read * 11 + make_step(&programs[program][operation].steps[i]);
    }
    return read;
}

static fl_value take_part(uint32_t client)
{
    int read = make_steps(client, (uint32_t)turn[client]++);
    seen[client] = seen[client] * 1009 + read;
    return read;
}

#ifndef MADE
static void *live(void *argument)
{
    (void)take_part((uint32_t)(uintptr_t)argument);
    return NULL;
}

static fl_value make_threads(void)
{
    crew_work(live, inside);
    return 0;
}
#endif

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)self;
    if (alike) {
        bool odd = inside != 0 && pthread_self() == 0; /* which nobody's is */
        odd = odd || call->fn == FL_COUNTER_ADD;
        return make_steps(odd ? 1 : 0, call->number - 1);
    }
    return inside == 0 ? take_part(client) : make_threads();
}

static void *create(const struct fl_setup *setup)
{
    inside = (uint32_t)setup->params[3];
    weak = setup->params[4] != 0;
    sections = setup->params[5];
    boxes = setup->params[6];
    way = setup->params[7];
    draw((uint64_t)setup->params[0], inside != 0 ? inside : setup->clients,
         &setup->params[1]);
    pthread_mutex_init(&lock, NULL);
    pthread_mutex_init(&mutexes[0], NULL);
    pthread_mutex_init(&mutexes[1], NULL);
    sem_init(&semaphore, 0, 1);
    return programs;
}

static const char *settle(void *self)
{
    (void)self;
    static char text[120];
    int posts = 0;
    sem_getvalue(&semaphore, &posts);
    (void)snprintf(text, sizeof(text), "%d %d %d, %d %d %d, %d, %d %d",
                   atomic_load(&variables[0].whole),
                   atomic_load(&variables[1].whole),
                   atomic_load(&variables[2].whole), seen[0], seen[1], seen[2],
                   posts, box_left(0), box_left(1));
    return text;
}

static const struct fl_variant variants[] = {
    {"any", "", "", "one program a seed"},
    {NULL, NULL, NULL, NULL},
};

static const struct fl_param params[] = {
    {.name = "seed", .max = 1000000, .about = "draws the program"},
    {.name = "stores",
     .max = 2,
     .about = "most steps are stores and loads, or awaits"},
    {.name = "accesses", .max = 1, .about = "no locks, and no heap"},
    {.name = "inside", .max = CLIENTS, .about = "threads that a client makes"},
    {.name = "weak", .max = 1, .about = "compare-and-swaps are weak"},
    {.name = "locks", .max = 1, .about = "sections under two mutexes"},
    {.name = "boxes", .max = 2, .about = "blocks that go round, or are lost"},
    {.name = "way", .max = 13, .about = "of made_programs.c"},
    {.name = NULL},
};

static const struct fl_mix mix[] = {{FL_COUNTER_READ, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "small_programs",
    .family = "test",
    .row = "t",
    .source = "the tests",
    .about = "random programs for comparing searches",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .params = params,
    .mix = mix,
    .mix_count = 1,
    .create = create,
    .perform = perform,
#ifdef ALIKE
    .alike = true,
#endif
    .settle = settle,
};
