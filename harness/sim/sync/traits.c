/*
 * What a thread was told to be and has from who made it: its name, and which
 * signals it blocks.  Nothing depends on it but what the program reads back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/families.h"
#include "harness/sim/sync/functions.h"
#include "harness/sim/sync/objects.h"

#include "harness/sim/program.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

/* Those of fiber `id`, as at the start if they were never set. */
static struct traits *traits_of(struct world *w, uint32_t id)
{
    assert(id < FIBERS_MAX);
    struct traits *t = &w->sync->traits[id];
    if (t->execution != w->sync->execution) {
        *t =
            (struct traits){.execution = w->sync->execution, .name = "program"};
    }
    return t;
}

void traits_inherit(struct world *w, uint32_t child)
{
    assert(w->current != NULL);
    *traits_of(w, child) = *traits_of(w, w->current->id);
}

/* Those of the thread of that handle, or NULL. */
static struct traits *named(struct world *w, pthread_t thread)
{
    if (w == NULL || thread == 0 || thread > w->fibers_count) {
        return NULL;
    }
    uint32_t id = (uint32_t)(thread - 1);
    if (w->current == NULL || w->current->id != id) {
        family_handle(w, id);
    }
    return traits_of(w, id);
}

int thread_rename(pthread_t thread, const char *name, uintptr_t pc)
{
    struct traits *t = named(world, thread);
    size_t size = text_length(name, SIZE_MAX, pc) + 1;
    if (size > sizeof(t->name)) {
        return ERANGE;
    }
    if (t != NULL) {
        world_touch(world, t, 0, true);
        memcpy(t->name, name, size);
    }
    return world == NULL || t != NULL ? 0 : ESRCH;
}

int thread_name(pthread_t thread, char *to, size_t max, uintptr_t pc)
{
    const struct traits *t = named(world, thread);
    if (t == NULL) {
        return ESRCH;
    }
    size_t size = strlen(t->name) + 1;
    if (size > max) {
        return ERANGE;
    }
    world_touch(world, t, 0, false);
    bytes_copy(to, t->name, size, pc);
    return 0;
}

uint64_t thread_mask(int how, uint64_t bits)
{
    struct world *w = world;
    if (w == NULL || w->current == NULL) {
        return 0;
    }
    struct traits *t = traits_of(w, w->current->id);
    uint64_t before = t->blocked;
    if (how == SIG_BLOCK) {
        t->blocked |= bits;
    } else if (how == SIG_UNBLOCK) {
        t->blocked &= ~bits;
    } else if (how == SIG_SETMASK) {
        t->blocked = bits;
    }
    return before;
}
