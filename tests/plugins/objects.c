/*
 * Programs over one lock or semaphore whose executions anybody can count.
 *
 * One client makes `inside` threads that do the same, but for the first one
 * where it is said, and joins them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"
#include "tests/plugins/crew.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

enum program {
    TRIES,       /* each tries a mutex once, and gives it back if it got it */
    NESTED,      /* each takes a recursive mutex twice */
    CHECKED,     /* ... one that notices, which refuses the second */
    STRANGERS,   /* the first holds a mutex; others give back what is not
                  * theirs */
    AGAIN,       /* the first takes a plain mutex twice */
    POSTS,       /* each posts */
    TOKENS,      /* each takes one of two, for ever */
    TURNS,       /* each takes the only one, and gives it back */
    GLANCES,     /* the first posts; others look at the value */
    SNATCHES,    /* the first posts; others try to take it */
    WAKES,       /* the first posts for all others, which wait */
    READERS,     /* each holds a rwlock for reading */
    WRITER,      /* ... but the first, which writes */
    TRY_READERS, /* the first writes; others try to read */
    TRY_WRITERS, /* each tries to write */
    SIGNALLED,   /* the first signals a condition; others wait for it once */
    WOKEN,       /* ... wakes all */
    AGREED,      /* ... sets a flag before, which others look at */
    SPINS,       /* each takes a spin lock */
    SPIN_TRIES,  /* ... tries to */
    ONCE,        /* each sees to it that something is done once */
    ROUNDS,      /* each comes to a barrier for all, twice */
    PAIRS,       /* ... for two, once */
    ROBUST,      /* each takes a robust mutex */
    MET,         /* the first stores, all come to a barrier, others load */
    SET_ONCE,    /* what is done once is a store; each loads behind it */
};

enum {
    THREADS_MAX = 6,
};

static enum program program;
static int parts;
static pthread_mutex_t mutex;
static sem_t semaphore;
static pthread_rwlock_t lock;
static pthread_cond_t condition;
static int flag;
static pthread_spinlock_t spin;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Atomic(int) word;
static pthread_barrier_t barrier;

static void tries(bool first)
{
    (void)first;
    if (pthread_mutex_trylock(&mutex) == 0) {
        pthread_mutex_unlock(&mutex);
    }
}

static void nested(bool first)
{
    (void)first;
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    pthread_mutex_unlock(&mutex);
}

static void takes_twice(bool first)
{
    (void)first;
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
}

static void strangers(bool first)
{
    if (first) {
        pthread_mutex_lock(&mutex);
    }
    pthread_mutex_unlock(&mutex);
}

static void posts(bool first)
{
    (void)first;
    sem_post(&semaphore);
}

static void tokens(bool first)
{
    (void)first;
    sem_wait(&semaphore);
}

static void turns(bool first)
{
    (void)first;
    sem_wait(&semaphore);
    sem_post(&semaphore);
}

static void glances(bool first)
{
    int value;
    if (first) {
        sem_post(&semaphore);
    } else {
        sem_getvalue(&semaphore, &value);
    }
}

static void snatches(bool first)
{
    if (first) {
        sem_post(&semaphore);
    } else {
        sem_trywait(&semaphore);
    }
}

static void wakes(bool first)
{
    if (!first) {
        sem_wait(&semaphore);
    }
    for (int i = 1; first && i < parts; i++) {
        sem_post(&semaphore);
    }
}

static void leave(int status)
{
    if (status == 0) {
        pthread_rwlock_unlock(&lock);
    }
}

static void readers(bool first)
{
    (void)first;
    leave(pthread_rwlock_rdlock(&lock));
}

static void writer(bool first)
{
    leave(first ? pthread_rwlock_wrlock(&lock) : pthread_rwlock_rdlock(&lock));
}

static void try_readers(bool first)
{
    leave(first ? pthread_rwlock_wrlock(&lock)
                : pthread_rwlock_tryrdlock(&lock));
}

static void try_writers(bool first)
{
    (void)first;
    leave(pthread_rwlock_trywrlock(&lock));
}

static void sleep_once(void)
{
    pthread_mutex_lock(&mutex);
    pthread_cond_wait(&condition, &mutex);
    pthread_mutex_unlock(&mutex);
}

static void signalled(bool first)
{
    if (first) {
        pthread_cond_signal(&condition);
    } else {
        sleep_once();
    }
}

static void woken(bool first)
{
    if (first) {
        pthread_cond_broadcast(&condition);
    } else {
        sleep_once();
    }
}

static void agreed(bool first)
{
    pthread_mutex_lock(&mutex);
    if (first) {
        flag = 1;
        pthread_cond_broadcast(&condition);
    }
    while (flag == 0) {
        pthread_cond_wait(&condition, &mutex);
    }
    pthread_mutex_unlock(&mutex);
}

static void spins(bool first)
{
    (void)first;
    pthread_spin_lock(&spin);
    pthread_spin_unlock(&spin);
}

static void spin_tries(bool first)
{
    (void)first;
    if (pthread_spin_trylock(&spin) == 0) {
        pthread_spin_unlock(&spin);
    }
}

static void set_flag(void)
{
    flag++;
}

static void acts_once(bool first)
{
    (void)first;
    pthread_once(&once, set_flag);
}

static void rounds(bool first)
{
    (void)first;
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
}

static void pairs(bool first)
{
    (void)first;
    pthread_barrier_wait(&barrier);
}

static void takes(bool first)
{
    (void)first;
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
}

static void met(bool first)
{
    if (first) {
        atomic_store_explicit(&word, 1, memory_order_relaxed);
    }
    pthread_barrier_wait(&barrier);
    if (!first) {
        (void)atomic_load_explicit(&word, memory_order_relaxed);
    }
}

static void set_word(void)
{
    atomic_store_explicit(&word, 1, memory_order_relaxed);
}

static void sets_once(bool first)
{
    (void)first;
    pthread_once(&once, set_word);
    (void)atomic_load_explicit(&word, memory_order_relaxed);
}

static void (*const lives[])(bool first) = {
    [TRIES] = tries,
    [NESTED] = nested,
    [CHECKED] = takes_twice,
    [STRANGERS] = strangers,
    [AGAIN] = takes_twice,
    [POSTS] = posts,
    [TOKENS] = tokens,
    [TURNS] = turns,
    [GLANCES] = glances,
    [SNATCHES] = snatches,
    [WAKES] = wakes,
    [READERS] = readers,
    [WRITER] = writer,
    [TRY_READERS] = try_readers,
    [TRY_WRITERS] = try_writers,
    [SIGNALLED] = signalled,
    [WOKEN] = woken,
    [AGREED] = agreed,
    [SPINS] = spins,
    [SPIN_TRIES] = spin_tries,
    [ONCE] = acts_once,
    [ROUNDS] = rounds,
    [PAIRS] = pairs,
    [ROBUST] = takes,
    [MET] = met,
    [SET_ONCE] = sets_once,
};

static void *live(void *argument)
{
    lives[program]((uintptr_t)argument == 0);
    return NULL;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)self;
    (void)client;
    (void)call;
    crew_work(live, parts);
    return 0;
}

static void *create(const struct fl_setup *setup)
{
    program = (enum program)setup->variant;
    parts = (int)setup->params[0];
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    bool checked = program == CHECKED || program == STRANGERS;
    pthread_mutexattr_settype(&attr, program == NESTED ? PTHREAD_MUTEX_RECURSIVE
                                     : checked ? PTHREAD_MUTEX_ERRORCHECK
                                               : PTHREAD_MUTEX_NORMAL);
    pthread_mutexattr_setrobust(&attr, program == ROBUST
                                           ? PTHREAD_MUTEX_ROBUST
                                           : PTHREAD_MUTEX_STALLED);
    pthread_mutex_init(&mutex, &attr);
    pthread_mutexattr_destroy(&attr);
    pthread_rwlock_init(&lock, NULL);
    pthread_cond_init(&condition, NULL);
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    pthread_barrier_init(&barrier, NULL,
                         program == PAIRS ? 2 : (unsigned)parts);
    sem_init(&semaphore, 0, program == TOKENS ? 2 : program == TURNS ? 1 : 0);
    return &program;
}

#define VARIANT(name)               \
    {                               \
        name, "", "", "one program" \
    }

static const struct fl_variant variants[] = {
    [TRIES] = VARIANT("tries"),
    [NESTED] = VARIANT("nested"),
    [CHECKED] = VARIANT("checked"),
    [STRANGERS] = VARIANT("strangers"),
    [AGAIN] = VARIANT("again"),
    [POSTS] = VARIANT("posts"),
    [TOKENS] = VARIANT("tokens"),
    [TURNS] = VARIANT("turns"),
    [GLANCES] = VARIANT("glances"),
    [SNATCHES] = VARIANT("snatches"),
    [WAKES] = VARIANT("wakes"),
    [READERS] = VARIANT("readers"),
    [WRITER] = VARIANT("writer"),
    [TRY_READERS] = VARIANT("try_readers"),
    [TRY_WRITERS] = VARIANT("try_writers"),
    [SIGNALLED] = VARIANT("signalled"),
    [WOKEN] = VARIANT("woken"),
    [AGREED] = VARIANT("agreed"),
    [SPINS] = VARIANT("spins"),
    [SPIN_TRIES] = VARIANT("spin_tries"),
    [ONCE] = VARIANT("once"),
    [ROUNDS] = VARIANT("rounds"),
    [PAIRS] = VARIANT("pairs"),
    [ROBUST] = VARIANT("robust"),
    [MET] = VARIANT("met"),
    [SET_ONCE] = VARIANT("set_once"),
    {NULL, NULL, NULL, NULL},
};

static const struct fl_param params[] = {
    {.name = "inside",
     .max = THREADS_MAX,
     .about = "threads that the client makes"},
    {.name = NULL},
};

static const struct fl_mix mix[] = {{FL_COUNTER_READ, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "objects",
    .family = "test",
    .row = "t",
    .source = "the tests",
    .about = "programs over one lock, to be counted",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .params = params,
    .mix = mix,
    .mix_count = 1,
    .create = create,
    .perform = perform,
};
