/*
 * Random small programs over locks and the like, for comparing searches.
 *
 * One client makes `inside` threads and joins them.  Each takes a few steps
 * that the parameter `seed` draws: mutexes of each type that are taken, tried,
 * given back by who has them or not; semaphores; rwlocks; conditions (`objects`
 * says which), and variables between.  With `adds: 1` these are only added to,
 * with `adds: 2` values of semaphores are read as well.  A thread's result is
 * all that it has read and been told; settle() gives the state at the end as
 * its "reason".  Many programs deadlock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"
#include "tests/plugins/crew.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

enum {
    CLIENTS = 4,
    STEPS = 4, /* of one thread, at most */
    SAME = 3,  /* objects of a kind */
};

enum step_kind {
    ADD,
    LOAD,
    STORE,
    SECTION,
    TRY_SECTION,
    LOCK,
    TRY_LOCK,
    UNLOCK,
    WAIT,
    TRY_WAIT,
    POST,
    VALUE,
    READ_SECTION,
    WRITE_SECTION,
    TRY_READ_SECTION,
    TRY_WRITE_SECTION,
    READ_LOCK,
    WRITE_LOCK,
    TRY_READ,
    TRY_WRITE,
    LEAVE,
    SLEEP,    /* waits for a condition, once */
    SLEEP_IF, /* ... unless a variable has changed */
    SIGNAL,   /* of nothing; */
    BROADCAST,
    CHANGE, /* under the mutex, after an addition */
    CHANGE_ALL,
    SPIN_SECTION,
    TRY_SPIN_SECTION,
    ARRIVE, /* at a barrier for two, two or three */
    ONCE,   /* adds, once for all */
};

struct step {
    enum step_kind kind;
    memory_order order;
    int which;
    int value;
};

/* What a thread holds of each object: so often; of rwlocks, in any way. */
struct held {
    int mutexes[SAME];
    int locks[SAME];
};

static struct step programs[CLIENTS][STEPS];
static int lengths[CLIENTS];
static int64_t threads, objects, adds;
static int seen[CLIENTS];
static _Atomic(int) variables[2];
static pthread_mutex_t mutexes[SAME]; /* recursive, checked, normal */
static sem_t semaphores[SAME];        /* from 0, 1 and 2 on */
static pthread_rwlock_t locks[SAME];
static pthread_cond_t conditions[SAME]; /* all with the last mutex */
static pthread_spinlock_t spins[SAME];
static pthread_barrier_t barriers[SAME];
static pthread_once_t onces[SAME]; /* the first adds to the first variable */

static int add(const struct step *s)
{
    return atomic_fetch_add_explicit(&variables[s->value % 2], s->value,
                                     s->order);
}

static int on_mutex(const struct step *s, struct held *held)
{
    pthread_mutex_t *m = &mutexes[s->which];
    int *mine = &held->mutexes[s->which];
    if (s->kind == UNLOCK) {
        if (s->which == 2 && *mine == 0) {
            return 3; /* or it would be misuse */
        }
        int status = pthread_mutex_unlock(m);
        *mine -= status == 0 ? 1 : 0;
        return status == 0 ? 1 : 2;
    }
    int status = s->kind == LOCK || s->kind == SECTION
                     ? pthread_mutex_lock(m)
                     : pthread_mutex_trylock(m);
    if (status != 0) {
        return status == EBUSY ? 5 : 6;
    }
    *mine += 1;
    int read = 0;
    if (s->kind == SECTION || s->kind == TRY_SECTION) {
        read = add(s);
        *mine -= 1;
        pthread_mutex_unlock(m);
    }
    return 10 + read;
}

static int on_semaphore(const struct step *s)
{
    sem_t *semaphore = &semaphores[s->which];
    int value = 0;
    if (s->kind == WAIT) {
        return sem_wait(semaphore);
    }
    if (s->kind == TRY_WAIT) {
        return sem_trywait(semaphore) == 0 ? 1 : 2;
    }
    if (s->kind == POST) {
        return sem_post(semaphore);
    }
    return sem_getvalue(semaphore, &value) == 0 ? value : -1;
}

static int take_lock(const struct step *s)
{
    pthread_rwlock_t *lock = &locks[s->which];
    if (s->kind == READ_SECTION || s->kind == READ_LOCK) {
        return pthread_rwlock_rdlock(lock);
    }
    if (s->kind == TRY_READ_SECTION || s->kind == TRY_READ) {
        return pthread_rwlock_tryrdlock(lock);
    }
    return s->kind == WRITE_SECTION || s->kind == WRITE_LOCK
               ? pthread_rwlock_wrlock(lock)
               : pthread_rwlock_trywrlock(lock);
}

static int on_lock(const struct step *s, struct held *held)
{
    pthread_rwlock_t *lock = &locks[s->which];
    int *mine = &held->locks[s->which];
    if (s->kind == LEAVE) {
        *mine -= *mine > 0 && pthread_rwlock_unlock(lock) == 0 ? 1 : 0;
        return 1;
    }
    int status = take_lock(s);
    if (status != 0) {
        return status == EBUSY ? 5 : 6;
    }
    *mine += 1;
    if (s->kind >= READ_LOCK) {
        return 10;
    }
    int read = s->kind == READ_SECTION || s->kind == TRY_READ_SECTION
                   ? atomic_load_explicit(&variables[0], memory_order_relaxed)
                   : add(s);
    *mine -= 1;
    pthread_rwlock_unlock(lock);
    return 10 + read;
}

static int on_condition(const struct step *s)
{
    pthread_cond_t *condition = &conditions[s->which];
    pthread_mutex_t *mutex = &mutexes[SAME - 1];
    bool sleeps = s->kind == SLEEP || s->kind == SLEEP_IF;
    bool all = s->kind == BROADCAST || s->kind == CHANGE_ALL;
    bool under = s->kind != SIGNAL && s->kind != BROADCAST;
    int read = 0;
    if (under) {
        pthread_mutex_lock(mutex);
        read = sleeps ? atomic_load_explicit(&variables[s->value % 2],
                                             memory_order_relaxed)
                      : add(s);
    }
    if (s->kind == SLEEP || (s->kind == SLEEP_IF && read == 0)) {
        pthread_cond_wait(condition, mutex);
        read = read * 5 + atomic_load_explicit(&variables[s->value % 2],
                                               memory_order_relaxed);
    } else if (!sleeps && all) {
        pthread_cond_broadcast(condition);
    } else if (!sleeps) {
        pthread_cond_signal(condition);
    }
    if (under) {
        pthread_mutex_unlock(mutex);
    }
    return 10 + read;
}

static void add_first(void)
{
    atomic_fetch_add_explicit(&variables[0], 7, memory_order_relaxed);
}

static void add_second(void)
{
    atomic_fetch_add_explicit(&variables[1], 9, memory_order_relaxed);
}

static int on_spin(const struct step *s)
{
    pthread_spinlock_t *spin = &spins[s->which];
    int status = s->kind == SPIN_SECTION ? pthread_spin_lock(spin)
                                         : pthread_spin_trylock(spin);
    if (status != 0) {
        return 5;
    }
    int read = add(s);
    pthread_spin_unlock(spin);
    return 10 + read;
}

static memory_order load_order(memory_order order)
{
    return order == memory_order_release || order == memory_order_acq_rel
               ? memory_order_acquire
               : order;
}

static int make_step(const struct step *s, struct held *held)
{
    _Atomic(int) *v = &variables[s->value % 2];
    switch (s->kind) {
    case ADD:
        return add(s);
    case LOAD:
        return atomic_load_explicit(v, load_order(s->order));
    case STORE:
        atomic_store_explicit(v, s->value,
                              s->order == memory_order_seq_cst
                                  ? memory_order_seq_cst
                                  : memory_order_relaxed);
        return 0;
    case SECTION:
    case TRY_SECTION:
    case LOCK:
    case TRY_LOCK:
    case UNLOCK:
        return on_mutex(s, held);
    case WAIT:
    case TRY_WAIT:
    case POST:
    case VALUE:
        return on_semaphore(s);
    case READ_SECTION:
    case WRITE_SECTION:
    case TRY_READ_SECTION:
    case TRY_WRITE_SECTION:
    case READ_LOCK:
    case WRITE_LOCK:
    case TRY_READ:
    case TRY_WRITE:
    case LEAVE:
        return on_lock(s, held);
    case SLEEP:
    case SLEEP_IF:
    case SIGNAL:
    case BROADCAST:
    case CHANGE:
    case CHANGE_ALL:
        return on_condition(s);
    case SPIN_SECTION:
    case TRY_SPIN_SECTION:
        return on_spin(s);
    case ARRIVE:
        return pthread_barrier_wait(&barriers[s->which]) == 0 ? 1 : 2;
    case ONCE:
        break;
    }
    pthread_once(&onces[s->which], s->which == 0 ? add_first : add_second);
    return 1;
}

static void *live(void *argument)
{
    uint32_t client = (uint32_t)(uintptr_t)argument;
    struct held held = {{0}, {0}};
    for (int i = 0; i < lengths[client]; i++) {
        seen[client] =
            seen[client] * 31 + make_step(&programs[client][i], &held);
    }
    return NULL;
}

/* --- drawing -------------------------------------------------------------- */

static uint64_t next_of(uint64_t *state, uint64_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % below;
}

static enum step_kind draw_kind(uint64_t *state)
{
    static const enum step_kind kinds[5][10] = {
        {SECTION, SECTION, TRY_SECTION, TRY_SECTION, LOCK, LOCK, TRY_LOCK,
         TRY_LOCK, UNLOCK, UNLOCK},
        {WAIT, WAIT, WAIT, WAIT, TRY_WAIT, TRY_WAIT, POST, POST, POST, POST},
        {READ_SECTION, WRITE_SECTION, TRY_READ_SECTION, TRY_WRITE_SECTION,
         READ_LOCK, WRITE_LOCK, TRY_READ, TRY_WRITE, LEAVE, LEAVE},
        {SLEEP, SLEEP, SLEEP, SLEEP_IF, SLEEP_IF, SIGNAL, SIGNAL, BROADCAST,
         CHANGE, CHANGE_ALL},
        {SPIN_SECTION, SPIN_SECTION, SPIN_SECTION, TRY_SPIN_SECTION,
         TRY_SPIN_SECTION, TRY_SPIN_SECTION, ARRIVE, ARRIVE, ONCE, ONCE},
    };
    uint64_t of = objects < 4    ? (uint64_t)objects
                  : objects == 4 ? next_of(state, 3)
                                 : 4;
    uint64_t kind = next_of(state, 13);
    if (kind < 10) {
        return kinds[of][kind];
    }
    if (adds == 2 && of == 1 && kind == 10) {
        return VALUE; /* which no log says */
    }
    return adds == 1 || kind == 10 ? ADD : kind == 11 ? LOAD : STORE;
}

static void draw(uint64_t seed)
{
    static const memory_order orders[] = {
        memory_order_relaxed, memory_order_acq_rel, memory_order_seq_cst};
    uint64_t state = seed * 0x9e3779b97f4a7c15u + (uint64_t)threads;
    uint64_t same = 1 + next_of(&state, SAME);
    uint64_t first = next_of(&state, SAME);
    for (int64_t t = 0; t < threads; t++) {
        lengths[t] = 1 + (int)next_of(&state, threads == 2 ? STEPS : 3);
        for (int i = 0; i < lengths[t]; i++) {
            programs[t][i] = (struct step){
                .kind = draw_kind(&state),
                .order = orders[next_of(&state, 3)],
                .which = (int)((first + next_of(&state, same)) % SAME),
                .value = 1 + (int)next_of(&state, 3),
            };
        }
    }
}

static void make_mutex(pthread_mutex_t *mutex, int type)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, type);
    pthread_mutex_init(mutex, &attr);
    pthread_mutexattr_destroy(&attr);
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)self;
    (void)client;
    (void)call;
    crew_work(live, threads);
    return 0;
}

static void *create(const struct fl_setup *setup)
{
    threads = setup->params[1];
    objects = setup->params[2];
    adds = setup->params[3];
    draw((uint64_t)setup->params[0]);
    make_mutex(&mutexes[0], PTHREAD_MUTEX_RECURSIVE);
    make_mutex(&mutexes[1], PTHREAD_MUTEX_ERRORCHECK);
    make_mutex(&mutexes[2], PTHREAD_MUTEX_NORMAL);
    for (unsigned i = 0; i < SAME; i++) {
        sem_init(&semaphores[i], 0, i);
        pthread_rwlock_init(&locks[i], NULL);
        pthread_cond_init(&conditions[i], NULL);
        pthread_spin_init(&spins[i], PTHREAD_PROCESS_PRIVATE);
        pthread_barrier_init(&barriers[i], NULL, i < 2 ? 2 : 3);
        onces[i] = (pthread_once_t)PTHREAD_ONCE_INIT;
    }
    return programs;
}

/* The program, for whoever looks into what two searches do not agree on. */
static void show(char *text, size_t size)
{
    static const char *const names[] = {
        "add",       "load",   "store",     "sect",     "trysect", "lock",
        "try",       "unlock", "wait",      "trywait",  "post",    "value",
        "rsect",     "wsect",  "tryrsect",  "trywsect", "rlock",   "wlock",
        "tryr",      "tryw",   "leave",     "sleep",    "sleepif", "signal",
        "broadcast", "change", "changeall", "spin",     "tryspin", "arrive",
        "once",
    };
    size_t used = 0;
    for (int64_t t = 0; t < threads; t++) {
        for (int i = 0; i < lengths[t] && used < size; i++) {
            const struct step *s = &programs[t][i];
            const char *end = i + 1 == lengths[t] ? " |" : "";
            used += (size_t)snprintf(text + used, size - used, "%s(%d,%d)%s ",
                                     names[s->kind], s->which, s->value, end);
        }
    }
}

static const char *settle(void *self)
{
    (void)self;
    static char text[480];
    static char program[360];
    int left[SAME];
    show(program, sizeof(program));
    for (int i = 0; i < SAME; i++) {
        sem_getvalue(&semaphores[i], &left[i]);
    }
    (void)snprintf(text, sizeof(text), "%s%d %d, %d %d %d %d, %d %d %d",
                   program, atomic_load(&variables[0]),
                   atomic_load(&variables[1]), seen[0], seen[1], seen[2],
                   seen[3], left[0], left[1], left[2]);
    return text;
}

static const struct fl_variant variants[] = {
    {"any", "", "", "one program a seed"},
    {NULL, NULL, NULL, NULL},
};

static const struct fl_param params[] = {
    {.name = "seed", .max = 1000000, .about = "draws the program"},
    {.name = "inside", .max = CLIENTS, .about = "threads"},
    {.name = "objects", .max = 5, .about = "which; 4: any of the first three"},
    {.name = "adds",
     .max = 2,
     .about = "variables are only added to; 2: values of semaphores are read"},
    {.name = NULL},
};

static const struct fl_mix mix[] = {{FL_COUNTER_READ, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "object_programs",
    .family = "test",
    .row = "t",
    .source = "the tests",
    .about = "random programs over locks, for comparing searches",
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
