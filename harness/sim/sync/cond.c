/*
 * Conditions and barriers.
 *
 * Giving up the mutex and beginning to wait are one step, as they must be: no
 * other fiber runs between them.  Nobody wakes without a signal, a broadcast
 * or its deadline, except that the crash of a fiber which had been signalled
 * wakes the others: the signal would be lost with it.  What was done before the
 * signal that wakes one happens before what that one does then; another signal,
 * or one that wakes nobody, says nothing of order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory.h"
#include "harness/sim/moves.h"
#include "harness/sim/sync/functions.h"
#include "harness/sim/sync/objects.h"

#include <assert.h>
#include <errno.h>

int cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr,
              uintptr_t pc)
{
    if (world == NULL) {
        return pthread_cond_init(cond, attr);
    }
    world_point(world, FL_STEP_SYNC, cond);
    struct object *o = object_new(world, cond, sizeof(*cond), OBJECT_COND, pc);
    if (o != NULL && attr != NULL) {
        pthread_condattr_getclock(attr, &o->clock);
    }
    object_acted(world, cond, "cond_init", 0, pc);
    return o == NULL ? EBUSY : 0;
}

int cond_destroy(pthread_cond_t *cond, uintptr_t pc)
{
    if (world == NULL) {
        return 0;
    }
    world_point(world, FL_STEP_SYNC, cond);
    int status = object_destroy(world, cond, OBJECT_COND, pc);
    object_acted(world, cond, "cond_destroy", status, pc);
    return status;
}

/* Whether somebody waits at `cond` with another mutex than `mutex`. */
static bool has_other_partner(const struct world *w, const struct object *o,
                              const pthread_mutex_t *mutex)
{
    if (o->partner == NULL || o->partner == mutex) {
        return false;
    }
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        if (w->fibers[i].state == FIBER_WAITING &&
            (uintptr_t)w->fibers[i].wait_object == o->address) {
            return true;
        }
    }
    return false;
}

/* Whether the caller may wait at `o` with the mutex `m`; fails the run if
 * not. */
static bool may_wait(struct world *w, const struct object *o,
                     const struct object *m)
{
    assert(o->kind == OBJECT_COND);
    assert(m->kind == OBJECT_MUTEX);
    uint32_t self = sync_self(w);
    char me[24];
    if (m->owner != self) {
        world_fail(w, RUN_MISUSE,
                   "%s waits for a condition without holding its mutex",
                   owner_name(self, me));
        return false;
    }
    if (has_other_partner(w, o, (const pthread_mutex_t *)m->address)) {
        world_fail(w, RUN_MISUSE,
                   "%s waits for a condition with another mutex than others",
                   owner_name(self, me));
        return false;
    }
    return true;
}

/* The moment of `limit`, on the clock of the condition if it names none. */
static int set_deadline(struct world *w, const struct object *o,
                        const struct sim_limit *limit, uint64_t *deadline)
{
    assert(o->kind == OBJECT_COND);
    if (limit == NULL || limit->clock != CLOCK_OF_OBJECT) {
        return clock_deadline(w, limit, deadline);
    }
    struct sim_limit own = *limit;
    own.clock = o->clock;
    return clock_deadline(w, &own, deadline);
}

int cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex,
              const struct sim_limit *limit, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    object_point(w, limit == NULL ? MOVE_SLEEP : MOVE_NONE, cond);
    if (limit != NULL) {
        offer_stray(&w->offer, UNGRAPHED_LIMIT, pc);
    }
    struct object *o = object_at(w, cond, OBJECT_COND, pc);
    struct object *m = object_at(w, mutex, OBJECT_MUTEX, pc);
    if (o == NULL || m == NULL || !may_wait(w, o, m)) {
        return EPERM;
    }
    uint64_t deadline;
    int status = set_deadline(w, o, limit, &deadline);
    if (status != 0) {
        return status;
    }
    if (cancel_is_due(w)) {
        return SIM_CANCELLED;
    }
    o->partner = mutex;
    uint32_t self = sync_self(w);
    uint64_t bit = self < FIBERS_MAX ? fiber_bit(self) : 0;
    uint64_t before = object_state(o);
    o->sleepers |= bit;
    object_tell(w, o, MOVE_SLEEP, before);
    mutex_give(w, m);
    object_acted(w, cond, "cond_wait", 0, pc);
    bool woken = false;
    bool cancelled = false;
    if (deadline > w->now) {
        object_will_lock(w, m);
        woken = object_wait_lightly(w, cond, "condition", NO_FIBER, deadline);
        object_will_lock(w, NULL);
        cancelled = !woken && cancel_is_due(w);
    } else {
        world_point(w, FL_STEP_SYNC, mutex); /* others may have the mutex */
    }
    o->sleepers &= ~bit;
    status = mutex_take(w, m, FOREVER);
    if (status == 0 && !woken) {
        status = ETIMEDOUT;
    }
    object_acted(w, mutex, "cond_wait: mutex_lock", status, pc);
    return cancelled ? SIM_CANCELLED : status;
}

int cond_signal(pthread_cond_t *cond, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    object_point(w, MOVE_SIGNAL, cond);
    struct object *o = object_at(w, cond, OBJECT_COND, pc);
    if (o == NULL) {
        return EINVAL;
    }
    uint64_t before = object_state(o);
    uint32_t woken = world_wake_one(w, cond);
    if (woken != NO_FIBER) {
        memory_wake(w, woken);
        o->sleepers &= ~fiber_bit(woken);
    }
    object_tell(w, o, MOVE_SIGNAL, before);
    object_acted(w, cond, "cond_signal", 0, pc);
    return 0;
}

int cond_broadcast(pthread_cond_t *cond, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    object_point(w, MOVE_BROADCAST, cond);
    struct object *o = object_at(w, cond, OBJECT_COND, pc);
    if (o == NULL) {
        return EINVAL;
    }
    uint64_t before = object_state(o);
    world_wake_all(w, cond);
    for (uint64_t left = before; left != 0; left &= left - 1) {
        memory_wake(w, (uint32_t)__builtin_ctzll(left));
    }
    o->sleepers = 0;
    object_tell(w, o, MOVE_BROADCAST, before);
    object_acted(w, cond, "cond_broadcast", 0, pc);
    return 0;
}

int barrier_init(pthread_barrier_t *barrier, unsigned count, uintptr_t pc)
{
    if (count == 0) {
        return EINVAL;
    }
    if (world == NULL) {
        return pthread_barrier_init(barrier, NULL, count);
    }
    world_point(world, FL_STEP_SYNC, barrier);
    struct object *o =
        object_new(world, barrier, sizeof(*barrier), OBJECT_BARRIER, pc);
    if (o == NULL) {
        return EBUSY;
    }
    assert(o->count == 0);
    o->needed = count;
    object_acted(world, barrier, "barrier_init", 0, pc);
    return 0;
}

int barrier_destroy(pthread_barrier_t *barrier, uintptr_t pc)
{
    if (world == NULL) {
        return 0;
    }
    world_point(world, FL_STEP_SYNC, barrier);
    int status = object_destroy(world, barrier, OBJECT_BARRIER, pc);
    object_acted(world, barrier, "barrier_destroy", status, pc);
    return status;
}

/* All have arrived, the caller last: whoever waits goes on, and that is behind
 * what each has done before it came. */
static void let_pass(struct world *w, struct object *o)
{
    memory_acquire(w, (const void *)o->address, PART_WHOLE);
    o->count = 0;
    o->round++;
    world_wake_all(w, (const void *)o->address);
    for (uint64_t left = o->sleepers; left != 0; left &= left - 1) {
        memory_wake(w, (uint32_t)__builtin_ctzll(left));
    }
    o->sleepers = 0;
}

/* Whether the caller is the last to come. */
static bool arrive(struct world *w, struct object *o, uintptr_t pc)
{
    assert(o->needed > 0);
    assert(o->count < o->needed);
    uint32_t self = sync_self(w);
    uint64_t before = object_state(o);
    /* That of a barrier for one does not change. */
    bool fits = self < BARRIER_SHIFT && o->needed > 1 &&
                o->needed < 1u << (64 - BARRIER_SHIFT);
    if (!fits) {
        offer_stray(&w->offer, UNGRAPHED_BARRIER, pc);
    }
    memory_release(w, (const void *)o->address, PART_WHOLE);
    o->count++;
    bool last = o->count == o->needed;
    if (last) {
        let_pass(w, o);
    } else if (self < FIBERS_MAX) {
        o->sleepers |= fiber_bit(self);
    }
    object_tell(w, o, MOVE_ARRIVE, before);
    return last;
}

int barrier_wait(pthread_barrier_t *barrier, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    object_point(w, MOVE_ARRIVE, barrier);
    struct object *o = object_at(w, barrier, OBJECT_BARRIER, pc);
    if (o == NULL) {
        return EINVAL;
    }
    if (arrive(w, o, pc)) {
        object_acted(w, barrier, "barrier_wait", -1, pc);
        return PTHREAD_BARRIER_SERIAL_THREAD;
    }
    object_acted(w, barrier, "barrier_wait", 0, pc);
    /* The serial thread may destroy it, and make another, before this one has
     * left: then the round that it waited for is over, too. */
    uint32_t round = o->round;
    uint32_t serial = o->serial;
    while (o->round == round && o->serial == serial) {
        if (!object_wait(w, barrier, "barrier", NO_FIBER, FOREVER)) {
            return EDEADLK;
        }
    }
    return 0;
}
