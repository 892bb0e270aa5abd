/*
 * Programs whose executions were counted by other tools.
 *
 * Each client calls READ once, which performs its part of the program and
 * returns 0; settle() says what the program asserts at its end.  With
 * `inside: n` one client makes n threads and joins them, as a program does, so
 * that no call or return is part of an execution.  A queue and a
 * stack on a static pool of nodes, without reclamation, and shapes so small
 * that their executions can be counted by hand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"
#include "tests/plugins/crew.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum program {
    QUEUE_PAIRS,    /* Michael-Scott, each enqueues, then dequeues */
    QUEUE_SINGLES,  /* the same: two enqueue, one dequeues */
    STACK_ABA,      /* Treiber; a node is pushed back */
    ADDS,           /* each one fetch-add */
    LOAD_STORE,     /* each one load and one store of the same */
    BUFFERING,      /* each stores to his own, and loads the other's */
    QUEUE_TWICE,    /* the queue: enqueue, dequeue, enqueue, dequeue */
    READERS,        /* one stores to all cells, each other loads one */
    LAST_ZERO,      /* one looks for a zero; others store what is before, + 1 */
    STORES_RELAXED, /* BUFFERING, with relaxed accesses */
    STUMBLE,        /* the first fails unless it sees the other's store */
    TWO_STORES,     /* each stores to his own and the other's, relaxed */
    LOADS_RELAXED,  /* each loads the other's and stores to his own, relaxed */
    OWN_READ,       /* all store to one, relaxed; the first loads it then */
    FLAG,           /* the others wait until the first has stored */
    TICKETS,        /* a ticket lock: each adds one under it */
    SWAPS,          /* a lock taken by compare-and-swap, likewise */
    FLAG_FORGOTTEN, /* FLAG, and the first stores only if he sees a store */
    WEAK_SWAPS,     /* each swaps the first cell from 0, weakly, once */
    WEAK_ADDS,      /* each adds one, by a loop of weak compare-and-swaps */
    LOCKED_ADDS,    /* each adds one under a mutex */
    LOCKS_CROSSED,  /* two mutexes, taken in opposite orders by two */
    QUEUE_RELEASED, /* QUEUE_TWICE, and nothing of it is seq_cst */
    HANDED,         /* each allocates, exchanges, and frees what it got */
};

enum {
    POOL = 5,
    CLIENTS = 18,
    EMPTY = -1,
};

struct node {
    int value;
    _Atomic(struct node *) next;
};

static enum program program;
static pthread_mutex_t mutexes[2];
static int parts;
static bool inside;
static struct node pool[POOL];
static _Atomic(struct node *) head;
static _Atomic(struct node *) tail;
static _Atomic(void *) handed;
static _Atomic(int) cells[CLIENTS];
static int got[CLIENTS];
static struct node *popped[2];

/* A compare-and-swap of the queue. */
static bool swap(_Atomic(struct node *) *at, struct node **expected,
                 struct node *desired)
{
    return program == QUEUE_RELEASED
               ? atomic_compare_exchange_strong_explicit(at, expected, desired,
                                                         memory_order_release,
                                                         memory_order_relaxed)
               : atomic_compare_exchange_strong(at, expected, desired);
}

static void enqueue(struct node *n, int value)
{
    n->value = value;
    atomic_store_explicit(&n->next, NULL, memory_order_relaxed);
    for (;;) {
        struct node *t = atomic_load_explicit(&tail, memory_order_acquire);
        struct node *next =
            atomic_load_explicit(&t->next, memory_order_acquire);
        if (t != atomic_load_explicit(&tail, memory_order_acquire)) {
            continue;
        }
        if (next != NULL) {
            swap(&tail, &t, next);
        } else if (swap(&t->next, &next, n)) {
            swap(&tail, &t, n);
            return;
        }
    }
}

static int dequeue(void)
{
    for (;;) {
        struct node *h = atomic_load_explicit(&head, memory_order_acquire);
        struct node *t = atomic_load_explicit(&tail, memory_order_acquire);
        struct node *next =
            atomic_load_explicit(&h->next, memory_order_acquire);
        if (h != atomic_load_explicit(&head, memory_order_acquire)) {
            continue;
        }
        if (next == NULL) {
            return EMPTY;
        }
        if (h == t) {
            swap(&tail, &t, next);
            continue;
        }
        int value = next->value;
        if (swap(&head, &h, next)) {
            return value;
        }
    }
}

static void push(struct node *n)
{
    struct node *t = atomic_load(&head);
    do {
        atomic_store_explicit(&n->next, t, memory_order_relaxed);
    } while (!atomic_compare_exchange_strong(&head, &t, n));
}

static struct node *pop(void)
{
    struct node *t = atomic_load(&head);
    while (t != NULL) {
        struct node *next = atomic_load(&t->next);
        if (atomic_compare_exchange_strong(&head, &t, next)) {
            break;
        }
    }
    return t;
}

static void pop_and_push(uint32_t client)
{
    struct node *first = pop();
    if (client == 0) {
        popped[0] = first;
        return;
    }
    popped[1] = pop();
    if (first != NULL) {
        push(first);
    }
}

static void store_all(void)
{
    for (int i = 1; i < parts; i++) {
        atomic_store(&cells[i], 1);
    }
}

static void find_zero(void)
{
    int i = parts - 1;
    while (atomic_load(&cells[i]) != 0) {
        i--;
    }
    got[0] = i;
}

static void wait_for(int cell, int value)
{
    while (atomic_load(&cells[cell]) != value) {
    }
}

/* The others wait for what the first stores; or, if `forgotten`, does not
 * store unless the last has come first. */
static void pass_flag(uint32_t client, bool forgotten)
{
    if (client > 0 && client < CLIENTS) {
        atomic_store(&cells[1 + client], 1);
        wait_for(0, 1);
        got[client] = 1;
    } else if (!forgotten || atomic_load(&cells[parts]) != 0) {
        atomic_store(&cells[0], 1);
    }
}

static void take_ticket(void)
{
    int mine = atomic_fetch_add(&cells[0], 1);
    wait_for(1, mine);
    int before = atomic_load(&cells[2]);
    atomic_store(&cells[2], before + 1);
    atomic_store(&cells[1], mine + 1);
}

static void swap_lock(void)
{
    int open = 0;
    while (!atomic_compare_exchange_strong(&cells[0], &open, 1)) {
        open = 0;
    }
    int before = atomic_load(&cells[2]);
    atomic_store(&cells[2], before + 1);
    atomic_store(&cells[0], 0);
}

static void swap_weakly(uint32_t client)
{
    int old = 0;
    if (program == WEAK_SWAPS) {
        got[client] = atomic_compare_exchange_weak_explicit(
            &cells[0], &old, 1, memory_order_relaxed, memory_order_relaxed);
        return;
    }
    old = atomic_load_explicit(&cells[0], memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        &cells[0], &old, old + 1, memory_order_relaxed, memory_order_relaxed)) {
    }
}

static void hold_mutexes(uint32_t client)
{
    bool crossed = program == LOCKS_CROSSED;
    uint32_t first = crossed ? client % 2 : 0;
    pthread_mutex_lock(&mutexes[first]);
    if (crossed) {
        pthread_mutex_lock(&mutexes[1 - first]);
    }
    int before = atomic_load_explicit(&cells[2], memory_order_relaxed);
    atomic_store_explicit(&cells[2], before + 1, memory_order_relaxed);
    if (crossed) {
        pthread_mutex_unlock(&mutexes[1 - first]);
    }
    pthread_mutex_unlock(&mutexes[first]);
}

static void hold_locks(uint32_t client)
{
    if (program == TICKETS) {
        take_ticket();
    } else if (program == SWAPS) {
        swap_lock();
    } else {
        hold_mutexes(client);
    }
}

static void be_relaxed(uint32_t client)
{
    uint32_t own = program == OWN_READ ? 0 : client;
    uint32_t other = program == OWN_READ ? 0 : 1 - client;
    bool loads = program != OWN_READ || client == 0;
    if (program == LOADS_RELAXED) {
        got[client] = atomic_load_explicit(&cells[other], memory_order_relaxed);
    }
    atomic_store_explicit(&cells[own], 1 + (int)client, memory_order_relaxed);
    if (program != LOADS_RELAXED && loads) {
        got[client] = atomic_load_explicit(&cells[other], memory_order_relaxed);
    }
}

static void use_queue(uint32_t client)
{
    int mine = (int)client;
    if (program != QUEUE_SINGLES || client < 2) {
        enqueue(&pool[1 + client], 10 + mine);
    }
    if (program != QUEUE_SINGLES || client >= 2) {
        got[client] = dequeue();
    }
    if (program == QUEUE_TWICE || program == QUEUE_RELEASED) {
        enqueue(&pool[3 + client], 12 + mine);
        got[client] += dequeue();
    }
}

/* Of one cell, or pointer. */
static void share_one(uint32_t client)
{
    if (program == ADDS) {
        atomic_fetch_add(&cells[0], 1);
    } else if (program == HANDED) {
        free(atomic_exchange(&handed, malloc(1)));
    } else {
        got[client] = atomic_load(&cells[0]);
        atomic_store(&cells[0], 1 + (int)client);
    }
}

static void take_part(uint32_t client)
{
    switch (program) {
    case QUEUE_PAIRS:
    case QUEUE_SINGLES:
    case QUEUE_TWICE:
    case QUEUE_RELEASED:
        use_queue(client);
        break;
    case STACK_ABA:
        pop_and_push(client);
        break;
    case ADDS:
    case LOAD_STORE:
    case HANDED:
        share_one(client);
        break;
    case BUFFERING:
        atomic_store(&cells[client], 1);
        got[client] = atomic_load(&cells[1 - client]);
        break;
    case STUMBLE:
        if (client == 1) {
            atomic_store(&cells[0], 1);
        } else if (atomic_load(&cells[0]) == 0) {
            abort();
        }
        break;
    case TWO_STORES:
        atomic_store_explicit(&cells[client], 1, memory_order_relaxed);
        atomic_store_explicit(&cells[1 - client], 2, memory_order_relaxed);
        break;
    case STORES_RELAXED:
    case LOADS_RELAXED:
    case OWN_READ:
        be_relaxed(client);
        break;
    case FLAG:
    case FLAG_FORGOTTEN:
        pass_flag(client, program == FLAG_FORGOTTEN);
        break;
    case TICKETS:
    case SWAPS:
    case LOCKED_ADDS:
    case LOCKS_CROSSED:
        hold_locks(client);
        break;
    case WEAK_SWAPS:
    case WEAK_ADDS:
        swap_weakly(client);
        break;
    case READERS:
        if (client == 0) {
            store_all();
        } else {
            got[client] = atomic_load(&cells[client]);
        }
        break;
    case LAST_ZERO:
        if (client == 0) {
            find_zero();
        } else {
            atomic_store(&cells[client], atomic_load(&cells[client - 1]) + 1);
        }
        break;
    }
}

static void *live(void *argument)
{
    take_part((uint32_t)(uintptr_t)argument);
    return NULL;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)self;
    (void)call;
    if (!inside) {
        take_part(client);
        return 0;
    }
    crew_work(live, parts);
    return 0;
}

static void *create(const struct fl_setup *setup)
{
    program = (enum program)setup->variant;
    inside = setup->params[0] != 0;
    parts = inside ? (int)setup->params[0] : (int)setup->clients;
    struct node *last = program == STACK_ABA ? &pool[2] : &pool[0];
    for (struct node *n = last; n > &pool[0]; n--) {
        atomic_store(&(n - 1)->next, n);
    }
    for (int i = 0; i < 2; i++) {
        pthread_mutex_init(&mutexes[i], NULL);
    }
    atomic_store(&head, &pool[0]);
    atomic_store(&tail, &pool[0]);
    return pool;
}

/* One judgement for each program.
 * NOLINTNEXTLINE(readability-function-cognitive-complexity) */
static const char *settle(void *self)
{
    (void)self;
    if (program == QUEUE_PAIRS) {
        bool both = got[0] + got[1] == 21 && got[0] >= 10 && got[1] >= 10;
        return both ? NULL : "somebody dequeued what was not there";
    }
    if (program == WEAK_ADDS) {
        return atomic_load(&cells[0]) == parts ? NULL : "an addition was lost";
    }
    if (program == TICKETS || program == SWAPS || program == LOCKED_ADDS) {
        return atomic_load(&cells[2]) == parts ? NULL : "an addition was lost";
    }
    if (program == QUEUE_TWICE || program == QUEUE_RELEASED) {
        return got[0] + got[1] == 46 ? NULL : "the queue lost a value";
    }
    if (program == QUEUE_SINGLES) {
        int sum = got[2] == EMPTY ? 0 : got[2];
        for (int v = dequeue(); v != EMPTY; v = dequeue()) {
            sum += v;
        }
        return sum == 21 ? NULL : "the queue lost a value or invented one";
    }
    struct node *n = program == STACK_ABA ? atomic_load(&head) : NULL;
    for (int i = 0; i < POOL && n != NULL; i++) {
        if (n == popped[0] || n == popped[1]) {
            return "a node is in the stack and in somebody's hands";
        }
        n = atomic_load(&n->next);
    }
    return NULL;
}

#define VARIANT(name)               \
    {                               \
        name, "", "", "one program" \
    }

static const struct fl_variant variants[] = {
    [QUEUE_PAIRS] = VARIANT("queue_pairs"),
    [QUEUE_SINGLES] = VARIANT("queue_singles"),
    [STACK_ABA] = VARIANT("stack_aba"),
    [ADDS] = VARIANT("adds"),
    [LOAD_STORE] = VARIANT("load_store"),
    [BUFFERING] = VARIANT("buffering"),
    [QUEUE_TWICE] = VARIANT("queue_twice"),
    [READERS] = VARIANT("readers"),
    [LAST_ZERO] = VARIANT("last_zero"),
    [STORES_RELAXED] = VARIANT("stores_relaxed"),
    [STUMBLE] = VARIANT("stumble"),
    [TWO_STORES] = VARIANT("two_stores"),
    [LOADS_RELAXED] = VARIANT("loads_relaxed"),
    [OWN_READ] = VARIANT("own_read"),
    [FLAG] = VARIANT("flag"),
    [TICKETS] = VARIANT("tickets"),
    [SWAPS] = VARIANT("swaps"),
    [FLAG_FORGOTTEN] = VARIANT("flag_forgotten"),
    [WEAK_SWAPS] = VARIANT("weak_swaps"),
    [WEAK_ADDS] = VARIANT("weak_adds"),
    [LOCKED_ADDS] = VARIANT("locked_adds"),
    [LOCKS_CROSSED] = VARIANT("locks_crossed"),
    [QUEUE_RELEASED] = VARIANT("queue_released"),
    [HANDED] = VARIANT("handed"),
    {NULL, NULL, NULL, NULL},
};

static const struct fl_param params[] = {
    {.name = "inside",
     .max = CLIENTS,
     .about = "threads that the client makes"},
    {.name = NULL},
};

static const struct fl_mix mix[] = {{FL_COUNTER_READ, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "executions",
    .family = "test",
    .row = "t",
    .source = "the tests",
    .about = "programs with known counts of executions",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .params = params,
    .mix = mix,
    .mix_count = 1,
    .create = create,
    .perform = perform,
    .settle = settle,
};
