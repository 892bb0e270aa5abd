/*
 * TSO: a store buffer for each thread (Sewell, Sarkar, Owens, Zappa Nardelli,
 * Myreen, "x86-TSO", CACM 2010).
 *
 *     store relaxed, release   append (full: the oldest goes first)
 *     store seq_cst            append, drain
 *     load                     newest own entry that covers it, else memory; a
 *                              partial overlap drains first
 *     update, seq_cst fence,   drain, act
 *     every call that orders
 *
 * Each buffer that is not empty is a thread of its own, its *flusher*: one pick
 * of it lets the oldest entry out.  So strategies, traces and searches need to
 * know nothing of buffers.  An empty one counts as a thread that has ended.
 *
 * What happens before what is still as C11 has it: a store carries in its
 * entry what it releases.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/buffers.h"
#include "harness/sim/memory/histories.h"
#include "harness/sim/memory/touch.h"

#include "harness/sim/access.h"
#include "harness/sim/journal.h"

#include <string.h>

/* Makes sure that the buffer of `thread`, which is not empty, can be picked;
 * false: there is no room for one more thread. */
static bool wake_flusher(struct world *w, uint32_t thread, struct buffer *b)
{
    if (b->flusher == NO_FIBER && !buffer_serve(w, thread)) {
        return false;
    }
    struct fiber *f = &w->fibers[b->flusher];
    if (f->state == FIBER_DONE) {
        f->state = FIBER_READY;
        w->enabled |= fiber_bit(f->id);
        world_reconsider(w);
        buffer_announce(w, b);
    }
    return true;
}

void tso_drain(struct world *w, uint32_t thread)
{
    if (w->memory != &memory_tso) {
        return;
    }
    struct buffer *b = buffer_of(w->weak, thread);
    if (b->count == 0) {
        return;
    }
    /* A search holds back whoever needs it empty; if it is not all the same,
     * what depends on what is not known. */
    w->done.timed = true;
    while (b->count > 0) {
        buffer_flush(w, thread);
    }
    buffer_rest(w, b);
}

void edge_leave(struct world *w)
{
    uint32_t self = w->current->id;
    if (w->memory != &memory_tso) {
        return;
    }
    /* A search must find the same steps whatever has left the buffer. */
    const struct buffer *b = buffer_of(w->weak, self);
    if (b->count > 0 || (w->by_operations && b->stores > 0)) {
        world_point(w, FL_STEP_FENCE, NULL);
        tso_drain(w, self);
    }
}

void tso_settle(struct world *w)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        struct buffer *b = buffer_of(w->weak, i);
        while (b->count > 0) {
            buffer_flush(w, i);
        }
    }
}

/* --- the model ------------------------------------------------------------ */

/* The number, from 1, of `e` among the stores that went into `b`. */
static uint16_t buffer_number(const struct buffer *b, const struct buffered *e)
{
    uint32_t place = (uint32_t)(e - b->entry);
    uint32_t behind = (place + BUFFER_MAX - b->first) % BUFFER_MAX;
    return (uint16_t)(b->stores - b->count + behind + 1);
}

static struct wide cut(const struct buffered *e, uintptr_t address, size_t size)
{
    struct wide part = {0};
    memcpy(&part, (const char *)&e->value + (address - e->address), size);
    return part;
}

static struct wide tso_load(struct world *w, const struct atomic_access *a)
{
    struct buffer *b = buffer_of(w->weak, w->current->id);
    uintptr_t address = (uintptr_t)a->address;
    const struct buffered *e = buffer_find(b, address, a->size);
    if (e == NULL) {
        return memory_c11.load(w, a);
    }
    if (!buffer_covers(e, address, a->size)) {
        tso_drain(w, w->current->id);
        return memory_c11.load(w, a);
    }
    if (w->recording) {
        w->weak->last =
            (struct seen_store){.step = e->step,
                                .order = a->order,
                                .newest = cut(e, address, a->size).low};
    }
    w->done.forwarded = buffer_number(b, e);
    (void)race_touch(w, address, a->size, USE_ATOMIC_READ, a->pc);
    return cut(e, address, a->size);
}

static bool tso_store(struct world *w, const struct atomic_access *a,
                      struct wide value)
{
    struct weak *weak = w->weak;
    uint32_t self = w->current->id;
    struct buffer *b = buffer_of(weak, self);
    if (a->order == ORDER_SEQ_CST) {
        tso_drain(w, self);
        return memory_c11.store(w, a, value);
    }
    if (b->count == BUFFER_MAX) {
        buffer_flush(w, self);
    }
    (void)race_touch(w, (uintptr_t)a->address, a->size, USE_ATOMIC_WRITE,
                     a->pc);
    memory_order_store(w, a->order);
    b->count++;
    b->stores++;
    *buffer_entry(b, b->count - 1) = (struct buffered){
        .address = (uintptr_t)a->address,
        .size = (uint8_t)a->size,
        .order = (uint8_t)a->order,
        .step = w->recording && w->log != NULL ? w->log->steps_count - 1
                                               : FL_NO_STEP,
        .pc = a->pc,
        .value = value,
        .message = order_releases(a->order)
                       ? message_capture(w, self, NULL)
                       : message_hold(knowledge_of(weak, self)->released),
    };
    if (!wake_flusher(w, self, b)) {
        tso_drain(w, self);
        return true;
    }
    return false;
}

static struct wide tso_update(struct world *w, const struct atomic_access *a,
                              enum update kind, struct wide operand)
{
    tso_drain(w, w->current->id);
    return memory_c11.update(w, a, kind, operand);
}

static struct swap tso_compare(struct world *w, const struct atomic_access *a,
                               const struct wide *both)
{
    tso_drain(w, w->current->id);
    return memory_c11.compare(w, a, both);
}

static void tso_fence(struct world *w, enum order order)
{
    if (order == ORDER_SEQ_CST) {
        tso_drain(w, w->current->id);
    }
    memory_c11.fence(w, order);
}

uint64_t memory_peek(const struct world *w, uint32_t fiber, const void *address,
                     size_t size)
{
    assert(size <= sizeof(uint64_t));
    if (w->memory == &memory_tso) {
        struct buffer *b = buffer_of(w->weak, fiber);
        const struct buffered *e = buffer_find(b, (uintptr_t)address, size);
        if (e != NULL && buffer_covers(e, (uintptr_t)address, size)) {
            return cut(e, (uintptr_t)address, size).low;
        }
    }
    return wide_read(address, size).low;
}

const struct memory memory_tso = {
    .name = "tso",
    .load = tso_load,
    .store = tso_store,
    .update = tso_update,
    .compare = tso_compare,
    .fence = tso_fence,
};
