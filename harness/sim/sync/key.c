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

/* Of a pthread_once_t: what its object's `round` says. */
enum once_state {
    ONCE_FRESH,
    ONCE_RUNS,
    ONCE_DONE,
};

int key_create(pthread_key_t *key, void (*destroy)(void *value))
{
    struct world *w = world;
    if (w == NULL || w->sync->keys_count == KEYS_MAX) {
        return EAGAIN;
    }
    struct sync *sync = w->sync;
    assert(sync->keys_count < KEYS_MAX);
    uint32_t number = sync->keys_count++;
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
    for (uint32_t i = 0; i < sync->used_count; i++) {
        struct object *o = &sync->slots[sync->used[i]];
        if (o->kind == OBJECT_MUTEX && o->robust && o->owner == self) {
            mutex_orphan(w, o);
        }
    }
    memory_leave(w);
}

int once_call(pthread_once_t *once, void (*routine)(void), uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return pthread_once(once, routine);
    }
    world_point(w, FL_STEP_SYNC, once);
    struct object *o = object_at(w, once, OBJECT_ONCE, pc);
    if (o == NULL) {
        return EINVAL;
    }
    while (o->round == ONCE_RUNS) {
        if (!object_wait(w, once, "once control", o->owner, FOREVER)) {
            return EDEADLK;
        }
    }
    if (o->round == ONCE_FRESH) {
        o->round = ONCE_RUNS;
        o->owner = sync_self(w);
        object_acted(w, once, "pthread_once", 0, pc);
        routine();
        assert(o->round == ONCE_RUNS);
        memory_release(w, once, PART_WHOLE);
        o->round = ONCE_DONE;
        o->owner = NO_FIBER;
        world_wake_all(w, once);
        world_effect(w, once);
    }
    memory_acquire(w, once, PART_WHOLE);
    return 0;
}
