/*
 * Mutexes and spin locks.
 *
 * A lock that is given back is free, and one of those who wait for it is woken
 * to try again: somebody else may be quicker, as with a futex.  A normal mutex
 * that its holder locks again waits for itself, which is a deadlock and is
 * reported as one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/lull.h"
#include "harness/sim/memory.h"
#include "harness/sim/sync/functions.h"
#include "harness/sim/sync/objects.h"

#include <assert.h>
#include <errno.h>

/* Takes `o` if that is possible now; EBUSY if not. */
static int try_take(struct object *o, uint32_t self)
{
    assert(o->kind == OBJECT_MUTEX);
    if (o->health == MUTEX_LOST) {
        return ENOTRECOVERABLE;
    }
    if (o->owner == NO_FIBER) {
        o->owner = self;
        o->count = 1;
        return o->health == MUTEX_OWNER_DIED ? EOWNERDEAD : 0;
    }
    if (o->owner == self && o->type == MUTEX_RECURSIVE) {
        o->count++;
        return 0;
    }
    return EBUSY;
}

int mutex_take(struct world *w, struct object *o, uint64_t deadline)
{
    assert(o->kind == OBJECT_MUTEX);
    uint32_t self = sync_self(w);
    for (;;) {
        uint64_t before = object_state(o);
        int status = try_take(o, self);
        if (status == 0 || status == EOWNERDEAD) {
            memory_acquire(w, (const void *)o->address, PART_WHOLE);
        } else if (o->owner == self && o->type == MUTEX_CHECKED) {
            status = EDEADLK;
        }
        if (status != EBUSY) {
            object_tell(w, o, MOVE_LOCK, before);
            return status;
        }
        object_will_lock(w, deadline == FOREVER ? o : NULL);
        bool woken = object_wait(w, (const void *)o->address, "mutex", o->owner,
                                 deadline);
        object_will_lock(w, NULL);
        if (!woken) {
            return ETIMEDOUT;
        }
    }
}

void mutex_give(struct world *w, struct object *o)
{
    assert(o->owner == sync_self(w));
    assert(o->count > 0);
    uint64_t before = object_state(o);
    memory_release(w, (const void *)o->address, PART_WHOLE);
    o->count--;
    o->owner = o->count > 0 ? o->owner : NO_FIBER;
    object_tell(w, o, MOVE_UNLOCK, before);
    if (o->count > 0) {
        return;
    }
    const void *address = (const void *)o->address;
    lull_let_go(w, address);
    assert(o->health != MUTEX_LOST); /* nobody could have taken it */
    if (o->health == MUTEX_OWNER_DIED) {
        o->health = MUTEX_LOST; /* nobody called it consistent */
        world_wake_all(w, address);
    } else {
        world_wake_one(w, address);
    }
}

void mutex_orphan(struct world *w, struct object *o)
{
    assert(o->robust && o->owner != NO_FIBER);
    offer_stray(&w->offer, UNGRAPHED_ROBUST, 0);
    if (o->owner < FIBERS_MAX) {
        memory_orphan(w, o->owner, (const void *)o->address);
    }
    o->owner = NO_FIBER;
    o->count = 0;
    o->health = MUTEX_OWNER_DIED;
    object_held(w, o);
    world_wake_all(w, (const void *)o->address);
}

int mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr,
               uintptr_t pc)
{
    if (world == NULL) {
        return pthread_mutex_init(mutex, attr);
    }
    world_point(world, FL_STEP_SYNC, mutex);
    struct object *o =
        object_new(world, mutex, sizeof(*mutex), OBJECT_MUTEX, pc);
    if (o == NULL) {
        return EBUSY;
    }
    /* libc lays out what the attributes say; the first use reads it. */
    int status = pthread_mutex_init(mutex, attr);
    object_acted(world, mutex, "mutex_init", status, pc);
    return status;
}

int mutex_destroy(pthread_mutex_t *mutex, uintptr_t pc)
{
    if (world == NULL) {
        return 0;
    }
    world_point(world, FL_STEP_SYNC, mutex);
    int status = object_destroy(world, mutex, OBJECT_MUTEX, pc);
    object_acted(world, mutex, "mutex_destroy", status, pc);
    return status;
}

int mutex_lock(pthread_mutex_t *mutex, const struct sim_limit *limit,
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
    world_point_of(w, (struct operation){
                          .kind = FL_STEP_SYNC,
                          .location = mutex,
                          .move = patient ? MOVE_LOCK : MOVE_NONE,
                          .awaits = patient ? AWAITS_LOCK : AWAITS_NOTHING});
    if (!patient) {
        offer_stray(&w->offer, UNGRAPHED_LIMIT, pc);
    }
    struct object *o = object_at(w, mutex, OBJECT_MUTEX, pc);
    if (o == NULL) {
        return EINVAL;
    }
    status = mutex_take(w, o, deadline);
    object_acted(w, mutex, "mutex_lock", status, pc);
    return status;
}

int mutex_trylock(pthread_mutex_t *mutex, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    object_point(w, MOVE_TRY_LOCK, mutex);
    struct object *o = object_at(w, mutex, OBJECT_MUTEX, pc);
    if (o == NULL) {
        return EINVAL;
    }
    uint64_t before = object_state(o);
    int status = try_take(o, sync_self(w));
    object_tell(w, o, MOVE_TRY_LOCK, before);
    if (status == EBUSY) {
        object_refused(w, mutex, "mutex_trylock", status, pc);
    } else {
        memory_acquire(w, mutex, PART_WHOLE);
        object_acted(w, mutex, "mutex_trylock", status, pc);
    }
    return status;
}

int mutex_unlock(pthread_mutex_t *mutex, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    object_point(w, MOVE_UNLOCK, mutex);
    struct object *o = object_at(w, mutex, OBJECT_MUTEX, pc);
    if (o == NULL) {
        return EINVAL;
    }
    uint32_t self = sync_self(w);
    if (o->owner == self) {
        mutex_give(w, o);
        object_acted(w, mutex, "mutex_unlock", 0, pc);
        return 0;
    }
    object_tell(w, o, MOVE_UNLOCK, object_state(o));
    if (o->type == MUTEX_NORMAL && !o->robust) {
        char me[24];
        char holder[24];
        world_fail(w, RUN_MISUSE, "%s unlocks a mutex that %s holds",
                   owner_name(self, me), owner_name(o->owner, holder));
    }
    object_acted(w, mutex, "mutex_unlock", EPERM, pc);
    return EPERM;
}

int mutex_consistent(pthread_mutex_t *mutex, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return EINVAL;
    }
    world_point(w, FL_STEP_SYNC, mutex);
    struct object *o = object_at(w, mutex, OBJECT_MUTEX, pc);
    if (o == NULL || !o->robust || o->health != MUTEX_OWNER_DIED ||
        o->owner != sync_self(w)) {
        return EINVAL;
    }
    assert(o->count > 0);
    o->health = MUTEX_WELL;
    object_acted(w, mutex, "mutex_consistent", 0, pc);
    return 0;
}

/* The word of a spin lock without its qualifier: it serves as an address. */
static void *plain(pthread_spinlock_t *spin)
{
    return (void *)(uintptr_t)spin;
}

int spin_init(pthread_spinlock_t *spin, uintptr_t pc)
{
    if (world == NULL) {
        *spin = 0;
        return 0;
    }
    world_point(world, FL_STEP_SYNC, plain(spin));
    object_new(world, plain(spin), sizeof(*spin), OBJECT_SPIN, pc);
    object_acted(world, plain(spin), "spin_init", 0, pc);
    return 0;
}

int spin_destroy(pthread_spinlock_t *spin, uintptr_t pc)
{
    if (world == NULL) {
        return 0;
    }
    world_point(world, FL_STEP_SYNC, plain(spin));
    int status = object_destroy(world, plain(spin), OBJECT_SPIN, pc);
    object_acted(world, plain(spin), "spin_destroy", status, pc);
    return status;
}

/* The caller has the spin lock at `o`, which is free. */
static void hold(struct world *w, struct object *o, enum move move)
{
    assert(o->kind == OBJECT_SPIN && o->owner == NO_FIBER);
    uint64_t before = object_state(o);
    o->owner = sync_self(w);
    o->count = 1;
    object_tell(w, o, move, before);
}

int spin_lock(pthread_spinlock_t *spin, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    world_point_of(w, (struct operation){.kind = FL_STEP_SYNC,
                                         .location = plain(spin),
                                         .move = MOVE_LOCK,
                                         .awaits = AWAITS_LOCK});
    struct object *o = object_at(w, plain(spin), OBJECT_SPIN, pc);
    if (o == NULL) {
        return EINVAL;
    }
    while (o->owner != NO_FIBER) {
        object_will_lock(w, o);
        bool woken =
            object_wait(w, plain(spin), "spin lock", o->owner, FOREVER);
        object_will_lock(w, NULL);
        if (!woken) {
            return EDEADLK;
        }
    }
    hold(w, o, MOVE_LOCK);
    memory_acquire(w, plain(spin), PART_WHOLE);
    object_acted(w, plain(spin), "spin_lock", 0, pc);
    return 0;
}

int spin_trylock(pthread_spinlock_t *spin, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    object_point(w, MOVE_TRY_LOCK, plain(spin));
    struct object *o = object_at(w, plain(spin), OBJECT_SPIN, pc);
    if (o == NULL) {
        return EINVAL;
    }
    if (o->owner != NO_FIBER) {
        object_tell(w, o, MOVE_TRY_LOCK, object_state(o));
        object_refused(w, plain(spin), "spin_trylock", EBUSY, pc);
        return EBUSY;
    }
    hold(w, o, MOVE_TRY_LOCK);
    memory_acquire(w, plain(spin), PART_WHOLE);
    object_acted(w, plain(spin), "spin_trylock", 0, pc);
    return 0;
}

int spin_unlock(pthread_spinlock_t *spin, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    object_point(w, MOVE_UNLOCK, plain(spin));
    struct object *o = object_at(w, plain(spin), OBJECT_SPIN, pc);
    if (o == NULL) {
        return EINVAL;
    }
    uint32_t self = sync_self(w);
    uint64_t before = object_state(o);
    if (o->owner != self) {
        object_tell(w, o, MOVE_UNLOCK, before);
        char me[24];
        char holder[24];
        world_fail(w, RUN_MISUSE, "%s unlocks a spin lock that %s holds",
                   owner_name(self, me), owner_name(o->owner, holder));
        return EPERM;
    }
    assert(o->kind == OBJECT_SPIN);
    memory_release(w, plain(spin), PART_WHOLE);
    o->owner = NO_FIBER;
    o->count = 0;
    object_tell(w, o, MOVE_UNLOCK, before);
    lull_let_go(w, plain(spin));
    world_wake_one(w, plain(spin));
    object_acted(w, plain(spin), "spin_unlock", 0, pc);
    return 0;
}
