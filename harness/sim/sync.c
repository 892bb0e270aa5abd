/*
 * The side table of synchronisation objects.
 *
 * Open addressing with linear probing; nothing is ever taken out, since a new
 * execution number empties the table at once.  Addresses place entries, and
 * decide nothing: whatever walks the table goes by order of first use.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/sync.h"
#include "harness/sim/families.h"

#include "harness/need.h"
#include "harness/plugin.h"
#include "harness/sim/heap.h"
#include "harness/sim/lull.h"
#include "harness/sim/memory.h"
#include "harness/sim/seen.h"
#include "harness/sim/sync/objects.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* The first word of an object that the table knows; its kind is added. */
static const uint32_t mark_known = 0x5fa11000u;
static const uint32_t mark_gone = 0x5fa12000u;

static const char *const kind_names[] = {
    [OBJECT_MUTEX] = "mutex",       [OBJECT_SPIN] = "spin lock",
    [OBJECT_RWLOCK] = "rwlock",     [OBJECT_COND] = "condition",
    [OBJECT_BARRIER] = "barrier",   [OBJECT_SEMAPHORE] = "semaphore",
    [OBJECT_ONCE] = "once control",
};

struct sync *sync_new(void)
{
    struct sync *sync = need(calloc(1, sizeof(*sync)), "the locks");
    sync_reset(sync);
    return sync;
}

void sync_free(struct sync *sync)
{
    free(sync);
}

void sync_reset(struct sync *sync)
{
    sync->execution++;
    if (sync->execution == 0) { /* all numbers were used: old stamps go */
        memset(sync, 0, sizeof(*sync));
        sync->execution = 1;
    }
    sync->used_count = 0;
    sync->serial = 0;
    sync->keys_count = 0;
    sync->next_pid = 0;
    sync->outside = 0;
}

uint32_t sync_self(const struct world *w)
{
    return w->current == NULL ? OUTSIDE : w->current->id;
}

const char *owner_name(uint32_t owner, char *text)
{
    enum {
        TEXT_MAX = 24
    };
    if (owner < FIBERS_MAX) {
        snprintf(text, TEXT_MAX, "T%u", owner);
    } else {
        snprintf(text, TEXT_MAX, "%s",
                 owner == OUTSIDE ? "set-up code" : "nobody");
    }
    return text;
}

/* The address is the program's own: if it is null, the program crashes here, as
 * it would without the simulation. */
__attribute__((no_sanitize("undefined"))) static uint32_t
read_mark(const void *address)
{
    uint32_t mark;
    memcpy(&mark, address, sizeof(mark));
    return mark;
}

static void write_mark(void *address, uint32_t mark)
{
    memcpy(address, &mark, sizeof(mark));
}

/* Where `address` is, or would be. */
static uint32_t slot_of(const struct sync *sync, uintptr_t address)
{
    _Static_assert((SLOTS & (SLOTS - 1)) == 0, "a slot is some bits of a hash");
    uint64_t hash = (address >> 2) * 0x9e3779b97f4a7c15u;
    uint32_t slot = (uint32_t)(hash >> 40) & (SLOTS - 1);
    while (sync->slots[slot].execution == sync->execution &&
           sync->slots[slot].address != address) {
        slot = (slot + 1) & (SLOTS - 1);
    }
    return slot;
}

static struct object *find(struct sync *sync, const void *address)
{
    struct object *o = &sync->slots[slot_of(sync, (uintptr_t)address)];
    return o->execution == sync->execution ? o : NULL;
}

/* A bit for each fiber that waits for `address`. */
static bool is_awaited(const struct world *w, const void *address)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        if (w->fibers[i].state == FIBER_WAITING &&
            w->fibers[i].wait_object == address) {
            return true;
        }
    }
    return false;
}

/* Starts an entry for a new object at `address`. */
static struct object *enter(struct world *w, void *address,
                            enum object_kind kind)
{
    struct sync *sync = w->sync;
    uint32_t slot = slot_of(sync, (uintptr_t)address);
    struct object *o = &sync->slots[slot];
    if (o->execution != sync->execution) {
        if (sync->used_count == OBJECTS_MAX) {
            world_fail(w, RUN_MISUSE, "more than %u locks and the like",
                       (unsigned)OBJECTS_MAX);
            return NULL;
        }
        sync->used[sync->used_count++] = (uint16_t)slot;
    }
    assert(sync->used_count <= OBJECTS_MAX);
    *o = (struct object){.address = (uintptr_t)address,
                         .execution = sync->execution,
                         .serial = ++sync->serial,
                         .kind = kind,
                         .owner = NO_FIBER};
    write_mark(address, mark_known + (uint32_t)kind);
    return o;
}

/* What a static initialiser, or libc's, has left in the bytes, of which `mark`
 * are the first. */
static void adopt(struct object *o, const void *address, uint32_t mark)
{
    if (o->kind == OBJECT_MUTEX) {
        const pthread_mutex_t *mutex = address;
        int type = mutex->__data.__kind & 3;
        o->type = type == PTHREAD_MUTEX_RECURSIVE    ? MUTEX_RECURSIVE
                  : type == PTHREAD_MUTEX_ERRORCHECK ? MUTEX_CHECKED
                                                     : MUTEX_NORMAL;
        enum {
            ROBUST = 16 /* glibc: PTHREAD_MUTEX_ROBUST_NORMAL_NP */
        };
        o->robust = (mutex->__data.__kind & ROBUST) != 0;
    } else if (o->kind == OBJECT_RWLOCK) {
        const pthread_rwlock_t *lock = address;
        o->writers_first = lock->__data.__flags ==
                           PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
    } else if (o->kind == OBJECT_ONCE && mark == ONCE_BY_LIBC) {
        o->round = ONCE_DONE;
    }
}

/* Whether objects of `kind` may be made by a static initialiser, all zero. */
static bool has_initialiser(enum object_kind kind)
{
    return kind != OBJECT_BARRIER && kind != OBJECT_SEMAPHORE;
}

struct object *object_at(struct world *w, void *address, enum object_kind kind,
                         uintptr_t pc)
{
    heap_access(w, address, sizeof(uint32_t), ACCESS_UPDATE, pc);
    world_touch(w, address, 0, true);
    w->offer.used = (struct ungraphed_cause){.why = UNGRAPHED_OBJECT, .pc = pc};
    memory_drain(w);
    uint32_t mark = read_mark(address);
    struct object *o = find(w->sync, address);
    if (mark == mark_known + (uint32_t)kind && o != NULL && o->kind == kind) {
        return o;
    }
    assert(kind >= OBJECT_MUTEX && kind <= OBJECT_ONCE);
    const char *name = kind_names[kind];
    if (mark == mark_gone) {
        world_fail(w, RUN_MISUSE, "a %s is used after it was destroyed", name);
        return NULL;
    }
    bool known = mark == mark_known + (uint32_t)kind;
    bool made = kind == OBJECT_ONCE && mark == ONCE_BY_LIBC;
    if (!known && !made && (mark != 0 || !has_initialiser(kind))) {
        world_fail(w, RUN_MISUSE, "a %s is used that was never initialised",
                   name);
        return NULL;
    }
    o = enter(w, address, kind);
    if (o != NULL) {
        adopt(o, address, mark);
    }
    return o;
}

struct object *object_new(struct world *w, void *address, size_t size,
                          enum object_kind kind, uintptr_t pc)
{
    assert(size >= sizeof(uint32_t)); /* the mark fits */
    heap_access(w, address, size, ACCESS_WRITE, pc);
    world_touch(w, address, 0, true);
    memory_drain(w);
    struct object *o = find(w->sync, address);
    bool known = read_mark(address) == mark_known + (uint32_t)kind;
    if (known && o != NULL && o->kind == kind &&
        (o->owner != NO_FIBER || is_awaited(w, address))) {
        world_fail(w, RUN_MISUSE, "a %s is initialised again while in use",
                   kind_names[kind]);
        return NULL;
    }
    return enter(w, address, kind);
}

int object_destroy(struct world *w, void *address, enum object_kind kind,
                   uintptr_t pc)
{
    struct object *o = object_at(w, address, kind, pc);
    if (o == NULL) {
        return EINVAL;
    }
    if (o->owner != NO_FIBER) {
        char name[24];
        world_fail(w, RUN_MISUSE, "a %s is destroyed while %s holds it",
                   kind_names[kind], owner_name(o->owner, name));
        return EBUSY;
    }
    if (is_awaited(w, address) || (kind == OBJECT_RWLOCK && o->count != 0)) {
        world_fail(w, RUN_MISUSE, "a %s is destroyed while it is in use",
                   kind_names[kind]);
        return EBUSY;
    }
    write_mark(address, mark_gone);
    return 0;
}

const struct object *object_known(const struct sync *sync, const void *address,
                                  enum object_kind kind)
{
    const struct object *o = &sync->slots[slot_of(sync, (uintptr_t)address)];
    bool known = o->execution == sync->execution && o->kind == kind &&
                 read_mark(address) == mark_known + (uint32_t)kind;
    return known ? o : NULL;
}

void object_will_lock(struct world *w, const struct object *m)
{
    assert(m == NULL || m->kind == OBJECT_MUTEX || m->kind == OBJECT_SPIN);
    if (w->current != NULL) {
        w->current->then_locks = m == NULL ? NULL : (const void *)m->address;
    }
}

bool object_wait(struct world *w, const void *address, const char *what,
                 uint32_t owner, uint64_t deadline)
{
    if (w->current == NULL) {
        char name[24];
        world_fail(w, RUN_BLOCKED,
                   "set-up or settling code would wait for a %s held by %s",
                   what, owner_name(owner, name));
        return false;
    }
    assert(w->current->state == FIBER_READY);
    if (deadline <= w->now) {
        return false;
    }
    return world_wait(w, address, what, owner < FIBERS_MAX ? owner : NO_FIBER,
                      deadline);
}

static void note(struct world *w, const void *address, const char *name,
                 int result, uintptr_t pc)
{
    if (w->current == NULL) {
        return;
    }
    family_act(w);
    world_digest(w, (uint64_t)(uint32_t)result);
    if (!w->recording) {
        return;
    }
    struct log_step *step = world_log(w, FL_STEP_SYNC, pc);
    if (step != NULL) {
        step->address = (uintptr_t)address;
        step->name = name;
        step->after = (uint64_t)(uint32_t)result;
    }
}

void object_acted(struct world *w, const void *address, const char *name,
                  int result, uintptr_t pc)
{
    assert(name != NULL);
    note(w, address, name, result, pc);
    world_effect(w, address);
}

void object_refused(struct world *w, const void *address, const char *name,
                    int result, uintptr_t pc)
{
    note(w, address, name, result, pc);
    if (w->current == NULL) {
        return;
    }
    if (result == EBUSY) {
        lull_refused(w, address);
        world_touch(w, address, 0, false);
    }
    if (result == EBUSY || (result == EAGAIN && w->searches)) {
        /* Until somebody gives it back, it will be again. */
        world_saw(w, &(struct seen_read){.pc = pc,
                                         .address = address,
                                         .value = (uint64_t)result});
    }
    world_yield(w);
}

uint32_t sync_holder(const struct sync *sync, const void *address)
{
    const struct object *o = &sync->slots[slot_of(sync, (uintptr_t)address)];
    bool known = o->execution == sync->execution;
    return known && o->owner < FIBERS_MAX ? o->owner : NO_FIBER;
}

void *sync_thread_locals(struct world *w)
{
    struct fiber *f = w->current;
    assert(f != NULL && f->tls != NULL);
    struct sync *sync = w->sync;
    if (sync->tls_execution[f->id] != sync->execution) {
        sync->tls_execution[f->id] = sync->execution;
        /* Nodes of a network share one copy, and nothing else. */
        bool own = f->process < plugin_copies(w->plugin);
        struct tls_image image = plugin_tls(w->plugin, own ? f->process : 0);
        char *block = f->tls;
        assert(image.bytes_size <= image.size);
        memcpy(block, image.bytes, image.bytes_size);
        memset(block + image.bytes_size, 0, image.size - image.bytes_size);
    }
    return f->tls;
}

void sync_crash(struct world *w, uint32_t fiber)
{
    assert(fiber < FIBERS_MAX);
    struct sync *sync = w->sync;
    for (uint32_t i = 0; i < sync->used_count; i++) {
        struct object *o = &sync->slots[sync->used[i]];
        if (o->kind == OBJECT_MUTEX && o->robust && o->owner == fiber) {
            mutex_orphan(w, o);
        }
    }
    /* If the fiber comes back, it starts with nothing of its own. */
    sync->values_execution[fiber] = 0;
    sync->tls_execution[fiber] = 0;
    sync->traits[fiber].execution = 0;
    sync->cancels[fiber].execution = 0;
    /* A wake that was on its way to the dead would be lost: those who wait for
     * the same look again. */
    const struct fiber *f = &w->fibers[fiber];
    if (f->woken && f->wait_object != NULL) {
        world_wake_all(w, f->wait_object);
    }
}

static uint64_t mix_words(uint64_t hash, const void *words, size_t size)
{
    return XXH3_64bits_withSeed(words, size, hash);
}

static uint64_t mix_object(uint64_t hash, const struct object *o)
{
    const uint64_t words[] = {
        o->address, o->serial,         (uint64_t)o->kind,     o->owner,
        o->count,   o->needed,         (uint64_t)o->health,   o->round,
        o->robust,  (uint64_t)o->type, (uintptr_t)o->partner,
    };
    hash = mix_words(hash, words, sizeof(words));
    return o->kind == OBJECT_RWLOCK
               ? mix_words(hash, o->reads, sizeof(o->reads))
               : hash;
}

uint64_t sync_state(const struct sync *sync)
{
    uint64_t hash = sync->used_count;
    for (uint32_t i = 0; i < sync->used_count; i++) {
        hash = mix_object(hash, &sync->slots[sync->used[i]]);
    }
    bool cancelling = sync->cancelling == sync->execution;
    for (uint32_t i = 0; i < FIBERS_MAX && cancelling; i++) {
        const struct cancel *c = &sync->cancels[i];
        if (c->execution == sync->execution) {
            hash = hash * 31 + (c->wished ? 4 * i + 1 : 0) +
                   (c->disabled ? 4 * i + 2 : 0);
        }
    }
    for (uint32_t i = 0; i < OWNERS && sync->keys_count > 0; i++) {
        if (sync->values_execution[i] == sync->execution) {
            hash = mix_words(hash, sync->values[i], sizeof(sync->values[i]));
        }
    }
    return hash;
}
