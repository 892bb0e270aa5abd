/*
 * Synchronisation by calls: what was done before a release of an object
 * happens before what is done after a later acquire of it.
 *
 * Each such call is also a barrier for store buffers: as on the machine, where
 * it ends in a locked instruction or in the kernel.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/buffers.h"

static struct meeting *meeting_of(struct world *w, const void *object,
                                  uint32_t part)
{
    struct weak *weak = w->weak;
    uintptr_t at = (uintptr_t)object;
    uint64_t hash = (at >> 2 ^ (uintptr_t)part << 40) * 0x9e3779b97f4a7c15u;
    uint32_t slot = (uint32_t)(hash >> 40) & (SLOTS_OBJECTS - 1);
    struct meeting *m = &weak->meetings[slot];
    while (m->stamp == weak->stamp && (m->object != at || m->part != part)) {
        slot = (slot + 1) & (SLOTS_OBJECTS - 1);
        m = &weak->meetings[slot];
    }
    if (m->stamp == weak->stamp) {
        return m;
    }
    if (weak->meetings_used >= SLOTS_OBJECTS * 3 / 4) {
        return NULL;
    }
    weak->meetings_used++;
    *m = (struct meeting){.object = at, .part = part, .stamp = weak->stamp};
    return m;
}

static void release_as(struct world *w, uint32_t thread, const void *object,
                       uint32_t part)
{
    struct weak *weak = w->weak;
    struct meeting *m = meeting_of(w, object, part);
    (void)knowledge_of(weak, thread); /* are they still few? */
    if (m != NULL && weak->spotted) {
        spots_release(weak, thread, m);
        return;
    }
    struct message **to = m == NULL ? &weak->overflow : &m->message;
    struct message *released = message_capture(w, thread, *to);
    message_drop(weak, *to);
    *to = released;
}

void edge_release(struct world *w, const void *object, uint32_t part)
{
    uint32_t self = w->current->id;
    tso_drain(w, self);
    release_as(w, self, object, part);
}

void edge_orphan(struct world *w, uint32_t fiber, const void *object)
{
    tso_drain(w, fiber);
    release_as(w, fiber, object, PART_WHOLE);
}

void edge_acquire(struct world *w, const void *object, uint32_t part)
{
    uint32_t self = w->current->id;
    if (part != PART_BLOCK) { /* malloc is no barrier */
        tso_drain(w, self);
    }
    struct weak *weak = w->weak;
    const struct meeting *m = meeting_of(w, object, part);
    (void)knowledge_of(weak, self);
    if (m != NULL && weak->spotted) {
        spots_acquire(weak, self, m);
        return;
    }
    message_acquire(weak, self, m == NULL ? weak->overflow : m->message);
}

static void hand_over(struct world *w, uint32_t from, uint32_t to)
{
    struct message *all = message_capture(w, from, NULL);
    message_acquire(w->weak, to, all);
    message_drop(w->weak, all);
}

void edge_spawn(struct world *w, uint32_t child)
{
    tso_drain(w, w->current->id);
    hand_over(w, w->current->id, child);
}

void edge_join(struct world *w, uint32_t fiber)
{
    tso_drain(w, fiber);
    tso_drain(w, w->current->id);
    hand_over(w, fiber, w->current->id);
}

void edge_drain(struct world *w)
{
    tso_drain(w, w->current->id);
}
