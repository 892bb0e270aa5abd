/*
 * Thread-specific values and once.
 *
 * Rows of values carry the number of the execution and are cleared when a
 * thread first sets one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory.h"
#include "harness/sim/seen.h"
#include "harness/sim/sync/functions.h"
#include "harness/sim/sync/objects.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
    ROUNDS_MAX = 4, /* PTHREAD_DESTRUCTOR_ITERATIONS */
};

/* The first that no key has; KEYS_MAX: there is none.  Values that threads had
 * for a deleted key are gone. */
static uint32_t take_number(struct sync *sync)
{
    uint32_t number = 0;
    while (number < sync->keys_count && !sync->keys[number].deleted) {
        number++;
    }
    if (number == sync->keys_count && number < KEYS_MAX) {
        sync->keys_count++;
    } else if (number < KEYS_MAX) {
        for (uint32_t i = 0; i < OWNERS; i++) {
            sync->values[i][number] = NULL;
        }
    }
    assert(number <= KEYS_MAX);
    return number;
}

int key_create(pthread_key_t *key, void (*destroy)(void *value))
{
    struct world *w = world;
    if (w == NULL) {
        return EAGAIN;
    }
    struct sync *sync = w->sync;
    uint32_t number = take_number(sync);
    if (number == KEYS_MAX) {
        return EAGAIN;
    }
    sync->keys[number] =
        (struct key){.destroy = destroy, .execution = sync->execution};
    *key = number;
    return 0;
}

static bool is_key(const struct sync *sync, pthread_key_t key)
{
    return key < sync->keys_count && !sync->keys[key].deleted;
}

int key_delete(pthread_key_t key)
{
    if (world == NULL || !is_key(world->sync, key)) {
        return EINVAL;
    }
    world->sync->keys[key].deleted = true;
    return 0;
}

void *key_get(pthread_key_t key)
{
    struct world *w = world;
    if (w == NULL || !is_key(w->sync, key)) {
        return NULL;
    }
    uint32_t self = sync_self(w);
    bool fresh = w->sync->values_execution[self] != w->sync->execution;
    return fresh ? NULL : w->sync->values[self][key];
}

int key_set(pthread_key_t key, uintptr_t value)
{
    struct world *w = world;
    if (w == NULL || !is_key(w->sync, key)) {
        return EINVAL;
    }
    struct sync *sync = w->sync;
    uint32_t self = sync_self(w);
    if (sync->values_execution[self] != sync->execution) {
        sync->values_execution[self] = sync->execution;
        memset(sync->values[self], 0, sizeof(sync->values[self]));
    }
    sync->values[self][key] = (void *)value;
    return 0;
}

/* One round of destructors for the values of `self`; false if there was
 * nothing to destroy. */
static bool destroy_values(struct sync *sync, uint32_t self)
{
    assert(self < OWNERS);
    bool any = false;
    for (uint32_t key = 0; key < sync->keys_count; key++) {
        void *value = sync->values[self][key];
        if (value == NULL || sync->keys[key].destroy == NULL ||
            !is_key(sync, key)) {
            continue;
        }
        sync->values[self][key] = NULL;
        sync->keys[key].destroy(value);
        any = true;
    }
    return any;
}

void sync_leave(struct world *w)
{
    assert(w->current != NULL);
    struct sync *sync = w->sync;
    uint32_t self = w->current->id;
    if (sync->values_execution[self] == sync->execution) {
        uint32_t rounds = 0;
        while (rounds < ROUNDS_MAX && destroy_values(sync, self)) {
            rounds++;
        }
    }
    sync_stop(w);
}

void sync_stop(struct world *w)
{
    assert(w->current != NULL);
    struct sync *sync = w->sync;
    uint32_t self = w->current->id;
    for (uint32_t i = 0; i < sync->used_count; i++) {
        struct object *o = &sync->slots[sync->used[i]];
        if (o->kind == OBJECT_MUTEX && o->robust && o->owner == self) {
            mutex_orphan(w, o);
        }
    }
    memory_leave(w);
}

/* Whether the caller is the one to act; NULL in *once: the run has failed. */
static bool enter_once(struct world *w, struct object **once,
                       pthread_once_t *address, uintptr_t pc)
{
    world_point_of(w, (struct operation){.kind = FL_STEP_SYNC,
                                         .location = address,
                                         .move = MOVE_ENTER,
                                         .awaits = AWAITS_LOCK});
    struct object *o = object_at(w, address, OBJECT_ONCE, pc);
    *once = o;
    while (o != NULL && o->round == ONCE_RUNS) {
        if (!object_wait(w, address, "once control", o->owner, FOREVER)) {
            *once = NULL;
            return false;
        }
    }
    if (o == NULL || o->round == ONCE_DONE) {
        memory_acquire(w, address, PART_WHOLE);
        if (o != NULL) {
            object_tell(w, o, MOVE_ENTER, ONCE_DONE);
        }
        return false;
    }
    assert(o->round == ONCE_FRESH);
    o->round = ONCE_RUNS;
    o->owner = sync_self(w);
    object_tell(w, o, MOVE_ENTER, ONCE_FRESH);
    object_acted(w, address, "once", 0, pc);
    return true;
}

bool once_begin(pthread_once_t *once, uintptr_t pc)
{
    struct object *o = NULL;
    return world == NULL ? *once != ONCE_BY_LIBC
                         : enter_once(world, &o, once, pc);
}

/* In a search by operations leaving is a step of its own: what it was there for
 * may have ended in the middle of another one. */
static void leave_once(struct world *w, struct object *o, pthread_once_t *once,
                       enum once_state state)
{
    enum move move = state == ONCE_DONE ? MOVE_DONE : MOVE_UNDO;
    if (w->by_operations) {
        object_point(w, move, once);
        world_touch(w, once, 0, true);
    }
    assert(o->round == ONCE_RUNS);
    memory_release(w, once, PART_WHOLE);
    o->round = state;
    o->owner = NO_FIBER;
    object_tell(w, o, move, ONCE_RUNS);
    world_wake_all(w, once);
    world_effect(w, once);
    memory_acquire(w, once, PART_WHOLE);
}

void once_end(pthread_once_t *once, bool done, uintptr_t pc)
{
    assert(once != NULL);
    if (world == NULL) {
        *once = done ? ONCE_BY_LIBC : PTHREAD_ONCE_INIT;
        return;
    }
    struct object *o = object_at(world, once, OBJECT_ONCE, pc);
    if (o != NULL) {
        leave_once(world, o, once, done ? ONCE_DONE : ONCE_FRESH);
    }
}

int once_call(pthread_once_t *once, void (*routine)(void), uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return pthread_once(once, routine);
    }
    struct object *o = NULL;
    if (enter_once(w, &o, once, pc)) {
        routine();
        leave_once(w, o, once, ONCE_DONE);
    }
    return o == NULL ? EINVAL : 0;
}
