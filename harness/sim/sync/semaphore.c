/*
 * Semaphores without names, and the futex system call.
 *
 * A semaphore belongs to nobody, so a crash leaves its count as it was; that
 * is how a lock made of one is lost with its holder.  The count lives in the
 * side table; memory that is put back to its beginning loses it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/heap.h"
#include "harness/sim/lull.h"
#include "harness/sim/memory.h"
#include "harness/sim/sync/functions.h"
#include "harness/sim/sync/objects.h"

#include <assert.h>
#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>

/* -1 and errno, or 0. */
static int status_of(int error)
{
    if (error == 0) {
        return 0;
    }
    *fl_sim_functions.errno_address() = error;
    return -1;
}

int semaphore_init(sem_t *semaphore, unsigned value, uintptr_t pc)
{
    if (value > SEMAPHORE_MAX) {
        return status_of(EINVAL);
    }
    if (world == NULL) {
        return sem_init(semaphore, 0, value);
    }
    if (world->step + 1 >= world->lull_due) {
        lull_give(world, value);
    }
    world_point(world, FL_STEP_SYNC, semaphore);
    struct object *o =
        object_new(world, semaphore, sizeof(*semaphore), OBJECT_SEMAPHORE, pc);
    if (o == NULL) {
        return status_of(EBUSY);
    }
    assert(o->kind == OBJECT_SEMAPHORE);
    o->count = value;
    object_acted(world, semaphore, "sem_init", 0, pc);
    return 0;
}

int semaphore_destroy(sem_t *semaphore, uintptr_t pc)
{
    if (world == NULL) {
        return 0;
    }
    world_point(world, FL_STEP_SYNC, semaphore);
    int status = object_destroy(world, semaphore, OBJECT_SEMAPHORE, pc);
    object_acted(world, semaphore, "sem_destroy", status, pc);
    return status_of(status);
}

int semaphore_wait(sem_t *semaphore, const struct sim_limit *limit,
                   uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    uint64_t deadline;
    int status = clock_deadline(w, limit, &deadline);
    if (status != 0) {
        return status_of(status);
    }
    bool patient = deadline == FOREVER;
    object_point(w, patient ? MOVE_WAIT : MOVE_NONE, semaphore);
    if (!patient) {
        offer_stray(&w->offer, UNGRAPHED_LIMIT, pc);
    }
    struct object *o = object_at(w, semaphore, OBJECT_SEMAPHORE, pc);
    if (o == NULL) {
        return status_of(EINVAL);
    }
    const char *name = limit == NULL ? "sem_wait" : "sem_timedwait";
    if (cancel_is_due(w)) {
        return SIM_CANCELLED;
    }
    while (o->count == 0) {
        if (!object_wait_lightly(w, semaphore, "semaphore", NO_FIBER,
                                 deadline)) {
            if (cancel_is_due(w)) {
                return SIM_CANCELLED;
            }
            object_acted(w, semaphore, name, ETIMEDOUT, pc);
            return status_of(ETIMEDOUT);
        }
    }
    assert(o->count > 0);
    uint64_t before = object_state(o);
    o->count--;
    object_tell(w, o, MOVE_WAIT, before);
    memory_acquire(w, semaphore, PART_WHOLE);
    object_acted(w, semaphore, name, 0, pc);
    return 0;
}

int semaphore_trywait(sem_t *semaphore, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    object_point(w, MOVE_TRY_WAIT, semaphore);
    struct object *o = object_at(w, semaphore, OBJECT_SEMAPHORE, pc);
    if (o == NULL) {
        return status_of(EINVAL);
    }
    uint64_t before = object_state(o);
    if (o->count == 0) {
        object_tell(w, o, MOVE_TRY_WAIT, before);
        object_refused(w, semaphore, "sem_trywait", EAGAIN, pc);
        return status_of(EAGAIN);
    }
    o->count--;
    object_tell(w, o, MOVE_TRY_WAIT, before);
    memory_acquire(w, semaphore, PART_WHOLE);
    object_acted(w, semaphore, "sem_trywait", 0, pc);
    return 0;
}

int semaphore_post(sem_t *semaphore, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return 0;
    }
    object_point(w, MOVE_POST, semaphore);
    struct object *o = object_at(w, semaphore, OBJECT_SEMAPHORE, pc);
    if (o == NULL) {
        return status_of(EINVAL);
    }
    assert(o->count <= SEMAPHORE_MAX);
    uint64_t before = object_state(o);
    o->count += o->count < SEMAPHORE_MAX ? 1 : 0;
    object_tell(w, o, MOVE_POST, before);
    if (before == SEMAPHORE_MAX) {
        return status_of(EOVERFLOW);
    }
    memory_release(w, semaphore, PART_WHOLE);
    world_wake_one(w, semaphore);
    object_acted(w, semaphore, "sem_post", 0, pc);
    return 0;
}

int semaphore_value(sem_t *semaphore, int *value, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return sem_getvalue(semaphore, value);
    }
    object_point(w, MOVE_VALUE, semaphore);
    const struct object *o = object_at(w, semaphore, OBJECT_SEMAPHORE, pc);
    if (o == NULL) {
        return status_of(EINVAL);
    }
    object_tell(w, o, MOVE_VALUE, object_state(o));
    assert(o->count <= SEMAPHORE_MAX);
    *value = (int)o->count;
    return 0;
}

/* FUTEX_WAIT and FUTEX_WAIT_BITSET on the word at `at`. */
static int futex_wait(struct world *w, const long arguments[6], bool absolute,
                      uintptr_t pc)
{
    const void *at = (const void *)arguments[0];
    bool wall = (arguments[1] & FUTEX_CLOCK_REALTIME) != 0;
    struct sim_limit limit = {.relative = !absolute,
                              .clock = wall ? CLOCK_REALTIME : CLOCK_MONOTONIC};
    uint64_t deadline = FOREVER;
    if (arguments[3] != 0) {
        memcpy(&limit.time, (const void *)arguments[3], sizeof(limit.time));
        int status = clock_deadline(w, &limit, &deadline);
        if (status != 0) {
            return status;
        }
    }
    uint32_t value;
    heap_access(w, at, sizeof(value), ACCESS_ATOMIC_READ, pc);
    memcpy(&value, at, sizeof(value));
    if (value != (uint32_t)arguments[2]) {
        object_refused(w, at, "futex_wait", EAGAIN, pc);
        return EAGAIN;
    }
    object_acted(w, at, "futex_wait", 0, pc);
    return object_wait(w, at, "futex", NO_FIBER, deadline) ? 0 : ETIMEDOUT;
}

/* Wakes up to `most` who wait at `at`; returns how many. */
static long futex_wake(struct world *w, const void *at, long most)
{
    assert(at != NULL);
    long count = 0;
    while (count < most && world_wake_one(w, at) != NO_FIBER) {
        count++;
    }
    return count;
}

static long futex(struct world *w, const long arguments[6], uintptr_t pc)
{
    const void *at = (const void *)arguments[0];
    int command = (int)arguments[1] & FUTEX_CMD_MASK;
    if (at == NULL || (uintptr_t)at % sizeof(uint32_t) != 0) {
        return status_of(at == NULL ? EFAULT : EINVAL);
    }
    world_point(w, FL_STEP_SYNC, at);
    memory_drain(w); /* the kernel's locks are barriers; they order no clocks,
                      * for nobody promises that they do */
    if (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) {
        return status_of(
            futex_wait(w, arguments, command == FUTEX_WAIT_BITSET, pc));
    }
    if (command == FUTEX_WAKE || command == FUTEX_WAKE_BITSET) {
        long count = futex_wake(w, at, (int)arguments[2]);
        object_acted(w, at, "futex_wake", (int)count, pc);
        return count;
    }
    world_fail(w, RUN_MISUSE,
               "futex operation %d is not part of the simulated world: only "
               "FUTEX_WAIT and FUTEX_WAKE are",
               command);
    return status_of(ENOSYS);
}

long system_call(long number, const long arguments[6], uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return status_of(ENOSYS);
    }
    switch (number) {
    case SYS_futex:
        return futex(w, arguments, pc);
    case SYS_gettid:
        return fl_sim_functions.thread_number();
    case SYS_getpid:
        return fl_sim_functions.process_self();
    case SYS_sched_yield:
        return thread_yield(pc);
    case SYS_membarrier:
        world_point(w, FL_STEP_FENCE, NULL);
        return 0;
    default:
        world_fail(w, RUN_MISUSE,
                   "system call %ld is not part of the simulated world",
                   number);
        return status_of(ENOSYS);
    }
}
