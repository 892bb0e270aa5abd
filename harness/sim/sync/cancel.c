/*
 * Cancelling: one thread wishes that another one end, which it does at the next
 * call that waits, or that asks.
 *
 * Cancelling is deferred.  Who waits in such a call is woken, as if a time
 * limit had passed, and finds the wish; who was woken for what it waited for
 * has that first, so no signal of a condition is lost with it.  What was done
 * before the wish happens before what the other does on its way out.
 *
 * A search takes a wish for something that depends on all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/families.h"
#include "harness/sim/memory.h"
#include "harness/sim/seen.h"
#include "harness/sim/sync/functions.h"
#include "harness/sim/sync/objects.h"
#include "harness/sim/twins.h"
#include "harness/sim/wait.h"

#include "harness/sim/program.h"

#include <assert.h>
#include <errno.h>

/* What is wished of fiber `id`. */
static struct cancel *cancel_of(struct sync *sync, uint32_t id)
{
    assert(id < FIBERS_MAX);
    struct cancel *c = &sync->cancels[id];
    if (c->execution != sync->execution) {
        *c = (struct cancel){.execution = sync->execution};
    }
    return c;
}

static bool is_due(const struct cancel *c)
{
    return c->wished && !c->disabled && !c->leaves;
}

bool sync_is_cancelled(const struct sync *sync, uint32_t fiber)
{
    assert(fiber < FIBERS_MAX);
    const struct cancel *c = &sync->cancels[fiber];
    return c->execution == sync->execution && is_due(c);
}

bool cancel_is_due(struct world *w)
{
    if (w->current == NULL || w->sync->cancelling != w->sync->execution) {
        return false; /* nobody has wished anything: nor is that a touch */
    }
    const struct cancel *c = cancel_of(w->sync, w->current->id);
    world_touch(w, c, 0, false);
    if (!is_due(c)) {
        return false;
    }
    memory_acquire(w, c, PART_WHOLE);
    return true;
}

bool object_wait_lightly(struct world *w, const void *address, const char *what,
                         uint32_t owner, uint64_t deadline)
{
    if (cancel_is_due(w)) {
        return false;
    }
    if (w->current == NULL) {
        return object_wait(w, address, what, owner, deadline);
    }
    struct cancel *c = cancel_of(w->sync, w->current->id);
    c->waits = true;
    bool woken = object_wait(w, address, what, owner, deadline);
    c->waits = false;
    return woken;
}

/* Whether the handle is one of a thread that can be cancelled; fails the run if
 * not. */
static bool may_cancel(struct world *w, pthread_t thread)
{
    bool known = thread != 0 && thread <= w->fibers_count;
    const struct thread_entry *e = known ? &w->sync->threads[thread - 1] : NULL;
    bool gone = known && e->execution == w->sync->execution && e->joined;
    if (known && !gone) {
        return true;
    }
    char me[24];
    world_fail(w, RUN_MISUSE, "%s cancels a thread %s",
               owner_name(sync_self(w), me),
               gone ? "that was joined before" : "that there is not");
    return false;
}

int thread_cancel(pthread_t thread, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return ESRCH;
    }
    world_point(w, FL_STEP_SYNC, NULL);
    if (!may_cancel(w, thread)) {
        return ESRCH;
    }
    uint32_t id = (uint32_t)(thread - 1);
    struct fiber *f = &w->fibers[id];
    struct cancel *c = cancel_of(w->sync, id);
    family_handle(w, id);
    w->done.everything = true;
    world_touch(w, c, 0, true);
    memory_drain(w);
    memory_release(w, c, PART_WHOLE);
    w->sync->cancelling = w->sync->execution;
    c->wished = true;
    if (is_due(c) && c->waits && f->state == FIBER_WAITING) {
        wait_ready(w, f, false);
    }
    object_acted(w, c, "pthread_cancel", 0, pc);
    return 0;
}

int cancel_state(int state, int *old, uintptr_t pc)
{
    const int now = PTHREAD_CANCEL_ENABLE;
    if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) {
        return EINVAL;
    }
    struct cancel *c = world == NULL || world->current == NULL
                           ? NULL
                           : cancel_of(world->sync, world->current->id);
    int before = c != NULL && c->disabled ? PTHREAD_CANCEL_DISABLE : now;
    if (c != NULL) {
        world->sync->cancelling = world->sync->execution;
        c->disabled = state == PTHREAD_CANCEL_DISABLE;
    }
    if (old != NULL) {
        bytes_copy(old, &before, sizeof(before), pc);
    }
    return 0;
}

bool cancel_due(uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL || w->current == NULL) {
        return false;
    }
    world_point(w, FL_STEP_SYNC, NULL);
    if (cancel_is_due(w)) {
        return true;
    }
    const struct cancel *c = cancel_of(w->sync, w->current->id);
    world_saw(w, &(struct seen_read){.pc = pc, .address = c, .value = 0});
    return false;
}

void cancel_leave(void)
{
    if (world != NULL && world->current != NULL) {
        cancel_of(world->sync, world->current->id)->leaves = true;
    }
}
