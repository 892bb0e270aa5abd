/*
 * Processes that share a region, and locks in it that outlive their owners.
 *
 * Each variant guards one number by another kind of lock.  A client adds in
 * two steps; one that dies between them leaves the number half changed, which
 * whoever recovers the lock repairs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    ROBUST,    /* a robust mutex: EOWNERDEAD says that the owner died */
    OWNER_PID, /* a semaphore, and the pid of who has it */
    PLAIN,     /* a semaphore alone: lost with its owner */
};

static const struct fl_variant variants[] = {
    [ROBUST] = {"robust", "", "", "a robust mutex"},
    [OWNER_PID] = {"owner_pid", "", "", "a semaphore and its owner's pid"},
    [PLAIN] = {"plain", "", "crash", "a semaphore that nobody recovers"},
    {0},
};

struct region {
    _Atomic(uint32_t) made;
    pthread_mutex_t mutex;
    sem_t semaphore;
    _Atomic(int32_t) owner;
    fl_value count; /* guarded */
    fl_value next;  /* what an addition will leave; count until then */
};

static struct region *region; /* private to each process */
static uint32_t variant;
static pid_t self;

static void make(struct region *r)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&r->mutex, &attr);
    pthread_mutexattr_destroy(&attr);
    sem_init(&r->semaphore, 1, 1);
    atomic_store(&r->made, 1);
}

static void *create(const struct fl_setup *setup)
{
    assert(region == NULL); /* also after a restart: globals are fresh */
    region = setup->shared;
    variant = setup->variant;
    self = getpid();
    if (atomic_load(&region->made) == 0) {
        make(region);
    }
    return region;
}

static void acquire_pid(struct region *r)
{
    for (;;) {
        struct timespec moment;
        clock_gettime(CLOCK_REALTIME, &moment);
        moment.tv_sec += 1;
        if (sem_timedwait(&r->semaphore, &moment) == 0) {
            break;
        }
        assert(errno == ETIMEDOUT);
        int32_t owner = atomic_load(&r->owner);
        if (owner != 0 && kill(owner, 0) == -1) {
            assert(errno == ESRCH);
            int32_t dead = owner;
            if (atomic_compare_exchange_strong(&r->owner, &dead, self)) {
                return;
            }
        }
    }
    atomic_store(&r->owner, self);
}

static void acquire(struct region *r)
{
    if (variant == OWNER_PID) {
        acquire_pid(r);
    } else if (variant == PLAIN) {
        sem_wait(&r->semaphore);
    } else {
        int status = pthread_mutex_lock(&r->mutex);
        if (status == EOWNERDEAD) {
            status = pthread_mutex_consistent(&r->mutex);
        }
        assert(status == 0);
    }
    fl_hold("lock");
    r->next = r->count; /* whatever a dead owner had begun */
}

static void release(struct region *r)
{
    fl_unhold("lock");
    if (variant == ROBUST) {
        int status = pthread_mutex_unlock(&r->mutex);
        assert(status == 0);
    } else {
        atomic_store(&r->owner, 0);
        sem_post(&r->semaphore);
    }
}

static fl_value perform(void *object, uint32_t client,
                        const struct fl_call *call)
{
    (void)client;
    struct region *r = object;
    assert(r == region && self == getpid());
    acquire(r);
    fl_value before = r->count;
    if (call->fn == FL_COUNTER_ADD) {
        r->next = before + call->args[0];
        fl_point("between");
        r->count = r->next;
    }
    release(r);
    return before;
}

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 3}, {FL_COUNTER_READ, 1}};
static const char *const points[] = {"between", NULL};
static const char *const locks[] = {"lock", NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "posix_region",
    .family = "posix",
    .row = "",
    .source = "IEEE Std 1003.1-2017, pthread_mutexattr_setrobust",
    .about = "a number in a shared region, behind a lock",
    .model = "counter",
    .kind = FL_PROCESSES,
    .variants = variants,
    .mix = mix,
    .mix_count = 2,
    .points = points,
    .locks = locks,
    .shared_size = sizeof(struct region),
    .create = create,
    .perform = perform,
};
