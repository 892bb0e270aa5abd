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
#include "harness/sim/memory/model.h"

#include "harness/sim/access.h"
#include "harness/sim/journal.h"

#include <string.h>

static struct buffer *buffer_of(struct weak *weak, uint32_t thread)
{
    assert(thread < FIBERS_MAX);
    struct buffer *b = &weak->buffers[thread];
    if (b->stamp != weak->stamp) {
        b->stamp = weak->stamp;
        b->flusher = NO_FIBER;
        b->first = 0;
        b->count = 0;
    }
    return b;
}

static struct buffered *entry_of(struct buffer *b, uint32_t i)
{
    assert(i < b->count);
    return &b->entry[(b->first + i) % BUFFER_MAX];
}

/* --- flushers ------------------------------------------------------------- */

static void sleep_flusher(struct world *w, const struct buffer *b)
{
    if (b->flusher != NO_FIBER) {
        w->fibers[b->flusher].state = FIBER_DONE;
        w->enabled &= ~fiber_bit(b->flusher);
        w->yielding &= ~fiber_bit(b->flusher);
    }
}

static void log_flush(struct world *w, uint32_t thread,
                      const struct buffered *entry)
{
    struct log_step *step = world_log(w, FL_STEP_STORE, entry->pc);
    if (step != NULL) {
        step->thread = thread;
        step->operation = w->fibers[thread].ticket;
        step->address = entry->address;
        step->size = entry->size;
        step->before = wide_read((const void *)entry->address, entry->size).low;
        step->after = entry->value.low;
        step->name = "flush";
        step->source = entry->step;
        step->callers_count = 0;
    }
}

/* The oldest entry goes to memory. */
static void flush_one(struct world *w, uint32_t thread)
{
    struct weak *weak = w->weak;
    struct buffer *b = buffer_of(weak, thread);
    assert(b->count > 0);
    const struct buffered entry = *entry_of(b, 0);
    b->first = (b->first + 1) % BUFFER_MAX;
    b->count--;
    if (w->recording && !w->ended) {
        log_flush(w, thread, &entry);
    }
    world_digest(w, (uint64_t)thread << 8 | entry.size);
    c11_flush(w, thread, &entry);
    message_drop(weak, entry.message);
}

static void flush_for_ever(void *argument)
{
    struct world *w = world;
    uint32_t thread = (uint32_t)(uintptr_t)argument;
    struct buffer *b = buffer_of(w->weak, thread);
    for (;;) {
        while (b->count == 0) {
            sleep_flusher(w, b);
            world_reschedule(w);
        }
        flush_one(w, thread);
        if (b->count > 0) {
            const struct buffered *next = entry_of(b, 0);
            world_point_of(w, (struct operation){
                                  .kind = FL_STEP_STORE,
                                  .location = (const void *)next->address,
                                  .size = next->size,
                              });
        }
    }
}

/* Makes sure that the buffer of `thread`, which is not empty, can be picked;
 * false: there is no room for one more thread. */
static bool wake_flusher(struct world *w, uint32_t thread, struct buffer *b)
{
    if (b->flusher == NO_FIBER) {
        uint32_t id = world_spawn(w, w->fibers[thread].process, flush_for_ever,
                                  (void *)(uintptr_t)thread);
        if (id == NO_FIBER) {
            return false;
        }
        w->fibers[id].process_target = id; /* no fault aims at it */
        w->fibers[id].pseudo = true;
        b->flusher = id;
        return true;
    }
    struct fiber *f = &w->fibers[b->flusher];
    if (f->state == FIBER_DONE) {
        f->state = FIBER_READY;
        w->enabled |= fiber_bit(f->id);
        world_reconsider(w);
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
    while (b->count > 0) {
        flush_one(w, thread);
    }
    sleep_flusher(w, b);
}

void edge_leave(struct world *w)
{
    uint32_t self = w->current->id;
    if (w->memory == &memory_tso && buffer_of(w->weak, self)->count > 0) {
        world_point(w, FL_STEP_FENCE, NULL);
        tso_drain(w, self);
    }
}

void tso_settle(struct world *w)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        struct buffer *b = buffer_of(w->weak, i);
        while (b->count > 0) {
            flush_one(w, i);
        }
    }
}

/* --- the model ------------------------------------------------------------ */

/* The newest entry that touches these bytes, or NULL. */
static const struct buffered *find_entry(struct buffer *b, uintptr_t address,
                                         size_t size)
{
    for (uint32_t i = b->count; i-- > 0;) {
        const struct buffered *e = entry_of(b, i);
        if (e->address < address + size && address < e->address + e->size) {
            return e;
        }
    }
    return NULL;
}

static bool covers(const struct buffered *e, uintptr_t address, size_t size)
{
    return e->address <= address && e->address + e->size >= address + size;
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
    const struct buffered *e = find_entry(b, address, a->size);
    if (e == NULL) {
        return memory_c11.load(w, a);
    }
    if (!covers(e, address, a->size)) {
        tso_drain(w, w->current->id);
        return memory_c11.load(w, a);
    }
    if (w->recording) {
        w->weak->last =
            (struct seen_store){.step = e->step,
                                .order = a->order,
                                .newest = cut(e, address, a->size).low};
    }
    (void)race_touch(w, address, a->size, USE_ATOMIC_READ, a->pc);
    return cut(e, address, a->size);
}

static void tso_store(struct world *w, const struct atomic_access *a,
                      struct wide value)
{
    struct weak *weak = w->weak;
    uint32_t self = w->current->id;
    struct buffer *b = buffer_of(weak, self);
    if (a->order == ORDER_SEQ_CST) {
        tso_drain(w, self);
        memory_c11.store(w, a, value);
        return;
    }
    if (b->count == BUFFER_MAX) {
        flush_one(w, self);
    }
    (void)race_touch(w, (uintptr_t)a->address, a->size, USE_ATOMIC_WRITE,
                     a->pc);
    memory_order_store(w, a->order);
    b->count++;
    *entry_of(b, b->count - 1) = (struct buffered){
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
    }
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
        const struct buffered *e = find_entry(b, (uintptr_t)address, size);
        if (e != NULL && covers(e, (uintptr_t)address, size)) {
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
