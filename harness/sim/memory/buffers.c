/*
 * Store buffers: rings of stores, and the threads that empty them.
 *
 * A search over operations must know what depends on what.  A store into the
 * buffer and a load that finds its value there concern nobody else; the store
 * that leaves the buffer is a step of the thread that empties it.  Whatever
 * has to find the buffer empty is held back until it is, so that every store
 * has exactly one step at which others can see it: that is what makes one
 * execution of two that differ in nothing (Abdulla, Aronis, Atig, Jonsson,
 * Leonardsson, Sagonas, "Stateless model checking for TSO and PSO", TACAS
 * 2015).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/buffers.h"
#include "harness/sim/memory/histories.h"

#include "harness/sim/access.h"

struct buffer *buffer_of(struct weak *weak, uint32_t thread)
{
    assert(thread < FIBERS_MAX);
    struct buffer *b = &weak->buffers[thread];
    if (b->stamp != weak->stamp) {
        b->stamp = weak->stamp;
        b->flusher = NO_FIBER;
        b->first = 0;
        b->count = 0;
        b->stores = 0;
    }
    return b;
}

struct buffered *buffer_entry(struct buffer *b, uint32_t i)
{
    assert(i < b->count);
    return &b->entry[(b->first + i) % BUFFER_MAX];
}

struct buffered *buffer_find(struct buffer *b, uintptr_t address, size_t size)
{
    for (uint32_t i = b->count; i-- > 0;) {
        struct buffered *e = buffer_entry(b, i);
        if (e->address < address + size && address < e->address + e->size) {
            return e;
        }
    }
    return NULL;
}

bool buffer_covers(const struct buffered *e, uintptr_t address, size_t size)
{
    return e->address <= address && e->address + e->size >= address + size;
}

/* --- flushers ------------------------------------------------------------- */

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

void buffer_flush(struct world *w, uint32_t thread)
{
    struct weak *weak = w->weak;
    struct buffer *b = buffer_of(weak, thread);
    assert(b->count > 0);
    const struct buffered entry = *buffer_entry(b, 0);
    b->first = (b->first + 1) % BUFFER_MAX;
    b->count--;
    w->flushed |= b->flusher == NO_FIBER ? 0 : fiber_bit(b->flusher);
    if (w->recording && !w->ended) {
        log_flush(w, thread, &entry);
    }
    world_digest(w, (uint64_t)thread << 8 | entry.size);
    c11_flush(w, thread, &entry);
    message_drop(weak, entry.message);
}

/* What the thread that empties `b`, which is not empty, does next. */
static struct operation next_flush(struct buffer *b)
{
    const struct buffered *oldest = buffer_entry(b, 0);
    return (struct operation){.kind = FL_STEP_STORE,
                              .location = (const void *)oldest->address,
                              .size = oldest->size};
}

void buffer_announce(struct world *w, struct buffer *b)
{
    w->pending[b->flusher] = next_flush(b);
}

void buffer_rest(struct world *w, const struct buffer *b)
{
    if (b->flusher != NO_FIBER) {
        w->fibers[b->flusher].state = FIBER_DONE;
        w->enabled &= ~fiber_bit(b->flusher);
        w->yielding &= ~fiber_bit(b->flusher);
    }
}

static void flush_for_ever(void *argument)
{
    struct world *w = world;
    uint32_t thread = (uint32_t)(uintptr_t)argument;
    struct buffer *b = buffer_of(w->weak, thread);
    for (;;) {
        while (b->count == 0) {
            buffer_rest(w, b);
            world_reschedule(w);
        }
        buffer_flush(w, thread);
        if (b->count > 0) {
            world_point_of(w, next_flush(b));
        }
    }
}

bool buffer_serve(struct world *w, uint32_t thread)
{
    struct buffer *b = buffer_of(w->weak, thread);
    assert(b->flusher == NO_FIBER);
    uint32_t id = world_spawn(w, w->fibers[thread].process, flush_for_ever,
                              (void *)(uintptr_t)thread);
    if (id == NO_FIBER) {
        return false;
    }
    w->fibers[id].process_target = id; /* no fault aims at it */
    w->fibers[id].pseudo = true;
    b->flusher = id;
    buffer_rest(w, b);
    return true;
}

/* --- searches over operations --------------------------------------------- */

void memory_adopt(struct world *w, uint32_t thread)
{
    if (w->by_operations && w->memory == &memory_tso) {
        (void)buffer_serve(w, thread); /* or it goes without a buffer */
    }
}

void memory_start(struct world *w)
{
    uint32_t clients = w->fibers_count;
    for (uint32_t i = 0; i < clients; i++) {
        memory_adopt(w, i);
        if (w->memory != NULL) {
            (void)knowledge_of(w->weak, i); /* swift.c does not ask */
        }
    }
    if (w->memory != NULL) {
        /* What is known of freed memory that may be read outlives it. */
        w->weak->swift = w->weak->few && w->calm && !w->plain_points &&
                         !w->scenario->system.freed_reads;
    }
}

/* Whether `next` is a barrier. */
static bool is_barrier(const struct operation *next)
{
    switch (next->kind) {
    case FL_STEP_UPDATE:
    case FL_STEP_REFUSE:
    case FL_STEP_FENCE: /* only seq_cst ones are points */
    case FL_STEP_CALL:
    case FL_STEP_RETURN:
    case FL_STEP_FREE:
    case FL_STEP_SYNC:
        return true;
    case FL_STEP_STORE:
        return !next->plain && next->order == ORDER_SEQ_CST;
    case FL_STEP_LOAD:
    case FL_STEP_ALLOC:
    case FL_STEP_POINT:
    case FL_STEP_SEND:
    case FL_STEP_RECEIVE:
    case FL_STEP_TIME:
    case FL_STEP_CRASH:
        break;
    }
    return false;
}

/* Whether a load has to wait for some of its bytes to leave the buffer. */
static bool is_split(struct buffer *b, const struct operation *next)
{
    if (next->kind != FL_STEP_LOAD || next->plain) {
        return false;
    }
    uintptr_t at = (uintptr_t)next->location;
    const struct buffered *e = buffer_find(b, at, next->size);
    return e != NULL && !buffer_covers(e, at, next->size);
}

bool memory_holds_back(struct world *w, uint32_t thread)
{
    if (w->memory != &memory_tso) {
        return false;
    }
    struct operation *next = &w->pending[thread];
    const struct fiber *f = &w->fibers[thread];
    if (f->pseudo) {
        next->flushes = true;
        next->flusher = (uint8_t)thread;
        next->thread = (uint8_t)(uintptr_t)f->argument;
        return false;
    }
    struct buffer *b = buffer_of(w->weak, thread);
    if (next->starts || next->resumes || b->flusher == NO_FIBER) {
        return false;
    }
    next->flusher = (uint8_t)b->flusher;
    next->drains =
        is_barrier(next) ||
        (next->plain && w->scenario->system.volatile_atomic && b->stores > 0);
    next->buffered =
        next->kind == FL_STEP_STORE && !next->plain && !next->drains;
    return (next->drains && b->count > 0) ||
           (next->buffered && b->count == BUFFER_MAX) || is_split(b, next);
}
