/*
 * A quota in shared memory, and the lock that must outlive its owners.
 *
 * Processes reserve and release amounts of one resource.  Each has a slot in a
 * region that all of them map; the sum over the slots must stay within the
 * limit.  A lock makes check and update one step.  Processes are killed, at
 * any moment and with the lock in hand.
 *
 *     region:  | lock | owner pid | slot 0 | slot 1 | ...
 *     slot:    | parts | total |      total = parts, unless half written
 *
 * As published (HAMi-core) the lock is a semaphore and a word that says who
 * has it.  A waiter whose time is up and who finds a dead owner clears the
 * word and posts in its stead.  There are three windows in which the semaphore
 * is taken and the word is 0; who is killed there locks everybody out:
 *
 *     lock:      sem_wait    (1)  owner = pid
 *     unlock:    owner = 0   (2)  sem_post
 *     recover:   owner = 0   (3)  sem_post
 *
 * The sound form is a robust mutex: the kernel knows the owner.  The next one
 * is told (EOWNERDEAD), completes what was half written and goes on.
 *
 * Linearization points: the write, or the sum, under the lock.
 *
 * Deviation: what a dead process had reserved stays reserved; a process that
 * is started in its place goes on with its slot.
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
#include <time.h>
#include <unistd.h>

enum flaw {
    SOUND,
    OWNER_KILLED,
    AS_PUBLISHED,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "4.1", "", "a robust mutex, and repair by its heir"},
    [OWNER_KILLED] = {"owner_killed", "4.B1", "crash",
                      "a bare semaphore: nobody posts for a dead owner"},
    [AS_PUBLISHED] = {"as_published", "4.B2", "crash",
                      "a semaphore and the pid of its owner: three windows in "
                      "which the owner is not known"},
    {0},
};

enum param {
    SLOTS,
    LIMIT,
    WAIT,
    RETRIES,
    LOCK,
};

enum {
    ROBUST,
    SEM_OWNER_PID,
    SLOTS_MAX = 64,
    MAGIC = 0x5eed,
};

static const char *const locks_words[] = {"robust", "sem_owner_pid", NULL};

static const struct fl_param params[] = {
    [SLOTS] = {.name = "slots",
               .initial = 16,
               .min = 1,
               .max = SLOTS_MAX,
               .about = "slots of the region, one a process"},
    [LIMIT] = {.name = "limit",
               .initial = 100,
               .min = 1,
               .max = INT32_MAX,
               .about = "what may be reserved in all"},
    [WAIT] = {.name = "wait",
              .initial = 50000000,
              .min = 1000,
              .max = 60000000000,
              .about = "ns that a waiter sleeps before it looks for a dead "
                       "owner"},
    [RETRIES] = {.name = "retries",
                 .initial = 6,
                 .min = 1,
                 .max = 1000,
                 .about = "such waits before each is that many times as "
                          "long"},
    [LOCK] = {.name = "lock",
              .words = locks_words,
              .initial = ROBUST,
              .about = "of the sound form; the others are sem_owner_pid"},
    {0},
};

struct slot {
    int64_t parts;
    int64_t total;
};

/* What all processes share. */
struct region {
    uint32_t magic; /* written last: the region is ready */
    sem_t semaphore;
    pthread_mutex_t mutex;
    _Atomic(pid_t) owner;
    struct slot slots[SLOTS_MAX];
};

struct shm_region {
    struct region *region;
    enum flaw flaw;
    bool robust;
    int64_t limit;
    int64_t wait;
    int64_t retries;
    uint32_t slots_count;
};

/* What one process has to itself.  A global, as in HAMi-core: globals are
 * private to a process, and begin anew in one that is started again. */
static struct shm_region mine;

/* The moment `delay` ns from now, for sem_timedwait(). */
static struct timespec moment_after(int64_t delay)
{
    struct timespec now;
    int error = clock_gettime(CLOCK_REALTIME, &now);
    assert(error == 0);
    (void)error;
    int64_t nanoseconds = now.tv_nsec + delay;
    return (struct timespec){.tv_sec = now.tv_sec + nanoseconds / 1000000000,
                             .tv_nsec = nanoseconds % 1000000000};
}

/* A waiter's time is up: posts in the stead of an owner that is dead. */
static void recover_semaphore(struct region *region)
{
    pid_t owner = atomic_load(&region->owner);
    if (owner == 0 || kill(owner, 0) == 0 || errno != ESRCH) {
        return;
    }
    /* Of all waiters that see this owner dead, one may post. */
    if (atomic_compare_exchange_strong(&region->owner, &owner, 0)) {
        fl_point("recover.owner_cleared_before_post");
        sem_post(&region->semaphore);
    }
}

/* The published program ends with an error after enough waits; but an
 * operation has no answer that means "perhaps", so it goes on, more slowly. */
static void lock_semaphore(const struct shm_region *s)
{
    int64_t wait = s->wait;
    struct timespec deadline = moment_after(wait);
    for (int64_t i = 1; sem_timedwait(&s->region->semaphore, &deadline) != 0;
         i++) {
        assert(errno == ETIMEDOUT || errno == EINTR);
        if (s->flaw != OWNER_KILLED) {
            recover_semaphore(s->region);
        }
        wait = i < s->retries ? s->wait : s->wait * s->retries;
        deadline = moment_after(wait);
    }
}

/* The owner before us died: completes what it had half written. */
static void inherit_mutex(const struct shm_region *s)
{
    atomic_store(&s->region->owner, 0);
    fl_point("recover.owner_cleared_before_post");
    for (uint32_t i = 0; i < s->slots_count; i++) {
        s->region->slots[i].total = s->region->slots[i].parts;
    }
    /* Last: who dies before is inherited again. */
    int error = pthread_mutex_consistent(&s->region->mutex);
    assert(error == 0);
    (void)error;
}

static void lock(const struct shm_region *s)
{
    if (s->robust) {
        int error = pthread_mutex_lock(&s->region->mutex);
        fl_hold("region.sem");
        if (error == EOWNERDEAD) {
            inherit_mutex(s);
        } else {
            assert(error == 0);
        }
    } else {
        lock_semaphore(s);
        fl_hold("region.sem");
    }
    fl_point("lock.acquired_before_owner_written");
    atomic_store(&s->region->owner, getpid());
}

static void unlock(const struct shm_region *s)
{
    atomic_store(&s->region->owner, 0);
    fl_point("unlock.owner_cleared_before_post");
    fl_unhold("region.sem");
    int error = s->robust ? pthread_mutex_unlock(&s->region->mutex)
                          : sem_post(&s->region->semaphore);
    assert(error == 0);
    (void)error;
}

/* The caller holds the lock. */
static int64_t sum(const struct shm_region *s)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < s->slots_count; i++) {
        total += s->region->slots[i].total;
    }
    return total;
}

/* The caller holds the lock. */
static void add(const struct shm_region *s, uint32_t client, int64_t amount)
{
    struct slot *slot = &s->region->slots[client];
    slot->parts += amount;
    fl_point("region.half_written");
    slot->total = slot->parts;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct shm_region *s = self;
    assert(client < s->slots_count);
    fl_value result = true;
    lock(s);
    if (call->fn == FL_QUOTA_USAGE) {
        result = sum(s);
    } else if (call->fn == FL_QUOTA_RELEASE) {
        add(s, client, -call->args[0]);
    } else {
        assert(call->fn == FL_QUOTA_RESERVE);
        result = sum(s) + call->args[0] <= s->limit;
        if (result) {
            add(s, client, call->args[0]);
        }
    }
    unlock(s);
    return result;
}

static void prepare_region(struct region *region)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&region->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    sem_init(&region->semaphore, 1, 1);
    region->magic = MAGIC;
}

/* Also called in a process that is started in the place of a dead one: the
 * region is then as it was left. */
static void *create(const struct fl_setup *setup)
{
    if (setup->params[SLOTS] < setup->clients) {
        return NULL;
    }
    assert(setup->shared_size >= sizeof(struct region));
    struct shm_region *s = &mine;
    s->region = setup->shared;
    s->flaw = (enum flaw)setup->variant;
    s->robust = s->flaw == SOUND && setup->params[LOCK] == ROBUST;
    s->limit = setup->params[LIMIT];
    s->wait = setup->params[WAIT];
    s->retries = setup->params[RETRIES];
    s->slots_count = (uint32_t)setup->params[SLOTS];
    if (s->region->magic != MAGIC) {
        prepare_region(s->region);
    }
    return s;
}

static const struct fl_mix mix[] = {
    {FL_QUOTA_RESERVE, 45}, {FL_QUOTA_RELEASE, 45}, {FL_QUOTA_USAGE, 10}};

static const char *const points[] = {
    "lock.acquired_before_owner_written", "unlock.owner_cleared_before_post",
    "recover.owner_cleared_before_post", "region.half_written", NULL};

static const char *const locks[] = {"region.sem", NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "shm_region",
    .family = "region",
    .row = "4.1",
    .source = "Project-HAMi/HAMi-core, multiprocess_memory_limit.c "
              "(lock_shrreg, unlock_shrreg, fix_lock_shrreg)",
    .about = "a quota in shared memory behind a lock that outlives its owners",
    .model = "quota_counter",
    .kind = FL_PROCESSES,
    .variants = variants,
    .params = params,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .points = points,
    .locks = locks,
    .shared_size = sizeof(struct region),
    .create = create,
    .perform = perform,
};
