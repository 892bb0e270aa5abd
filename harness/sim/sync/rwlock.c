/*
 * Read-write locks.
 *
 * As with libc's default, readers pass waiting writers; with the attribute
 * PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP they queue behind them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory.h"
#include "harness/sim/sync/functions.h"
#include "harness/sim/sync/objects.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* What writers are said to wait for; readers are told apart by it. */
static const char wait_to_write[] = "rwlock (to write)";
static const char wait_to_read[] = "rwlock (to read)";

static bool has_waiting_writer(const struct world *w, const struct object *o)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        if (f->state == FIBER_WAITING &&
            (uintptr_t)f->wait_object == o->address &&
            f->wait_what == wait_to_write) {
            return true;
        }
    }
    return false;
}

/* Takes it for reading if that is possible now; EBUSY if not. */
static int try_read(const struct world *w, struct object *o)
{
    assert(o->kind == OBJECT_RWLOCK);
    uint32_t self = sync_self(w);
    if (o->owner == self) {
        return EDEADLK;
    }
    if (o->owner != NO_FIBER) {
        return EBUSY;
    }
    if (o->writers_first && o->count > 0 && has_waiting_writer(w, o)) {
        return EBUSY;
    }
    if (o->reads[self] == UINT8_MAX) {
        return EAGAIN;
    }
    assert(o->owner == NO_FIBER);
    o->reads[self]++;
    o->count++;
    return 0;
}

/* Takes it for writing if that is possible now; EBUSY if not. */
static int try_write(const struct world *w, struct object *o)
{
    assert(o->kind == OBJECT_RWLOCK);
    uint32_t self = sync_self(w);
    if (o->owner == self) {
        return EDEADLK;
    }
    if (o->owner != NO_FIBER || o->count > 0) {
        return EBUSY;
    }
    assert(o->reads[self] == 0);
    o->owner = self;
    return 0;
}

/* Somebody who holds it: the writer, or the first reader. */
static uint32_t holder_of(const struct object *o)
{
    assert(o->kind == OBJECT_RWLOCK);
    for (uint32_t i = 0; o->owner == NO_FIBER && i < OWNERS; i++) {
        if (o->reads[i] > 0) {
            return i;
        }
    }
    return o->owner;
}

/* A writer comes behind the writers and the readers before it; a reader, only
 * behind the writers. */
static void acquire_to_write(struct world *w, const void *lock)
{
    memory_acquire(w, lock, PART_WHOLE);
    memory_acquire(w, lock, PART_READERS);
}

int rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attr,
                uintptr_t pc)
{
    if (world == NULL) {
        return pthread_rwlock_init(lock, attr);
    }
    world_point(world, FL_STEP_SYNC, lock);
    struct object *o =
        object_new(world, lock, sizeof(*lock), OBJECT_RWLOCK, pc);
    if (o == NULL) {
        return EBUSY;
    }
    /* libc lays out what the attributes say; the first use reads it. */
    int status = pthread_rwlock_init(lock, attr);
    object_acted(world, lock, "rwlock_init", status, pc);
    return status;
}

int rwlock_destroy(pthread_rwlock_t *lock, uintptr_t pc)
{
    if (world == NULL) {
        return 0;
    }
    world_point(world, FL_STEP_SYNC, lock);
    int status = object_destroy(world, lock, OBJECT_RWLOCK, pc);
    object_acted(world, lock, "rwlock_destroy", status, pc);
    return status;
}

int rwlock_read(pthread_rwlock_t *lock, const struct sim_limit *limit,
                uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    uint64_t deadline;
    int status = clock_deadline(w, limit, &deadline);
    if (status != 0) {
        return status;
    }
    bool patient = deadline == FOREVER;
    object_point(w, patient ? MOVE_READ : MOVE_NONE, lock);
    if (!patient) {
        offer_stray(&w->offer, UNGRAPHED_LIMIT, pc);
    }
    struct object *o = object_at(w, lock, OBJECT_RWLOCK, pc);
    if (o == NULL) {
        return EINVAL;
    }
    uint64_t before = object_state(o);
    status = try_read(w, o);
    while (status == EBUSY) {
        if (!object_wait(w, lock, wait_to_read, holder_of(o), deadline)) {
            status = ETIMEDOUT;
            break;
        }
        before = object_state(o);
        status = try_read(w, o);
    }
    object_tell(w, o, MOVE_READ, before);
    if (status == 0) {
        memory_acquire(w, lock, PART_WHOLE);
    }
    object_acted(w, lock, "rwlock_rdlock", status, pc);
    return status;
}

int rwlock_write(pthread_rwlock_t *lock, const struct sim_limit *limit,
                 uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    uint64_t deadline;
    int status = clock_deadline(w, limit, &deadline);
    if (status != 0) {
        return status;
    }
    bool patient = deadline == FOREVER;
    object_point(w, patient ? MOVE_WRITE : MOVE_NONE, lock);
    if (!patient) {
        offer_stray(&w->offer, UNGRAPHED_LIMIT, pc);
    }
    struct object *o = object_at(w, lock, OBJECT_RWLOCK, pc);
    if (o == NULL) {
        return EINVAL;
    }
    uint64_t before = object_state(o);
    status = try_write(w, o);
    while (status == EBUSY) {
        if (!object_wait(w, lock, wait_to_write, holder_of(o), deadline)) {
            /* Readers that queued behind this writer need not any more. */
            world_wake_all(w, lock);
            status = ETIMEDOUT;
            break;
        }
        before = object_state(o);
        status = try_write(w, o);
    }
    object_tell(w, o, MOVE_WRITE, before);
    if (status == 0) {
        acquire_to_write(w, lock);
    }
    object_acted(w, lock, "rwlock_wrlock", status, pc);
    return status;
}

/* The one try of rwlock_tryread() and rwlock_trywrite(). */
static int try_once(pthread_rwlock_t *lock, bool to_write, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    enum move move = to_write ? MOVE_TRY_WRITE : MOVE_TRY_READ;
    object_point(w, move, lock);
    struct object *o = object_at(w, lock, OBJECT_RWLOCK, pc);
    if (o == NULL) {
        return EINVAL;
    }
    uint64_t before = object_state(o);
    int status = to_write ? try_write(w, o) : try_read(w, o);
    object_tell(w, o, move, before);
    if (status == EDEADLK) {
        status = EBUSY; /* a try cannot wait for itself */
    }
    const char *name = to_write ? "rwlock_trywrlock" : "rwlock_tryrdlock";
    if (status == EBUSY) {
        object_refused(w, lock, name, status, pc);
    } else {
        if (status == 0 && to_write) {
            acquire_to_write(w, lock);
        } else if (status == 0) {
            memory_acquire(w, lock, PART_WHOLE);
        }
        object_acted(w, lock, name, status, pc);
    }
    return status;
}

int rwlock_tryread(pthread_rwlock_t *lock, uintptr_t pc)
{
    return try_once(lock, false, pc);
}

int rwlock_trywrite(pthread_rwlock_t *lock, uintptr_t pc)
{
    return try_once(lock, true, pc);
}

int rwlock_unlock(pthread_rwlock_t *lock, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    object_point(w, MOVE_LEAVE, lock);
    struct object *o = object_at(w, lock, OBJECT_RWLOCK, pc);
    if (o == NULL) {
        return EINVAL;
    }
    uint32_t self = sync_self(w);
    uint64_t before = object_state(o);
    if (o->owner == self) {
        assert(o->count == 0);
        memory_release(w, lock, PART_WHOLE);
        o->owner = NO_FIBER;
    } else if (o->reads[self] > 0) {
        assert(o->count > 0);
        memory_release(w, lock, PART_READERS);
        o->reads[self]--;
        o->count--;
    } else {
        char me[24];
        char holder[24];
        world_fail(w, RUN_MISUSE, "%s unlocks a rwlock that %s holds",
                   owner_name(self, me), owner_name(holder_of(o), holder));
        return EPERM;
    }
    object_tell(w, o, MOVE_LEAVE, before);
    if (o->owner == NO_FIBER) {
        /* All look again: one writer, or any number of readers, gets it. */
        world_wake_all(w, lock);
    }
    object_acted(w, lock, "rwlock_unlock", 0, pc);
    return 0;
}
