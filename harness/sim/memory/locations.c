/*
 * Histories of stores, in modification order.
 *
 * A location comes into being with the first atomic access of its bytes in a
 * run, and begins with what memory holds then.  Two sizes of access that
 * overlap make one location of the whole granule, with only its newest value:
 * that loses behaviours, and invents none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/histories.h"

#include <string.h>

/* --- values --------------------------------------------------------------- */

struct wide wide_read(const volatile void *address, size_t size)
{
    assert(size <= sizeof(struct wide));
    struct wide value = {0};
    memcpy(&value, (const void *)(uintptr_t)address, size);
    return value;
}

void wide_write(volatile void *address, size_t size, struct wide value)
{
    assert(size <= sizeof(value));
    memcpy((void *)(uintptr_t)address, &value, size);
}

static bool is_equal(struct wide a, struct wide b)
{
    return a.low == b.low && a.high == b.high;
}

/* Without the bytes beyond `size`. */
static struct wide clip(struct wide value, size_t size)
{
    struct wide clipped = {0};
    memcpy(&clipped, &value, size);
    return clipped;
}

static struct wide add(struct wide a, struct wide b)
{
    struct wide sum = {.low = a.low + b.low, .high = a.high + b.high};
    sum.high += sum.low < a.low ? 1 : 0;
    return sum;
}

struct wide wide_apply(enum update kind, struct wide before,
                       struct wide operand, size_t size)
{
    struct wide after = operand;
    switch (kind) {
    case UPDATE_EXCHANGE:
        break;
    case UPDATE_ADD:
        after = add(before, operand);
        break;
    case UPDATE_SUB:
        after = (struct wide){.low = ~operand.low, .high = ~operand.high};
        after = add(before, add(after, (struct wide){.low = 1}));
        break;
    case UPDATE_AND:
        after.low &= before.low;
        after.high &= before.high;
        break;
    case UPDATE_OR:
        after.low |= before.low;
        after.high |= before.high;
        break;
    case UPDATE_XOR:
        after.low ^= before.low;
        after.high ^= before.high;
        break;
    case UPDATE_NAND:
        after.low = ~(before.low & operand.low);
        after.high = ~(before.high & operand.high);
        break;
    }
    return clip(after, size);
}

struct wide location_cut(const struct location *l,
                         const struct atomic_access *a, struct wide whole)
{
    size_t offset = (size_t)((uintptr_t)a->address - l->address);
    assert(offset + a->size <= l->size);
    struct wide part = {0};
    memcpy(&part, (const char *)&whole + offset, a->size);
    return part;
}

struct wide location_put(const struct location *l,
                         const struct atomic_access *a, struct wide whole,
                         struct wide part)
{
    size_t offset = (size_t)((uintptr_t)a->address - l->address);
    assert(offset + a->size <= l->size);
    memcpy((char *)&whole + offset, &part, a->size);
    return whole;
}

/* --- stores --------------------------------------------------------------- */

void store_drop(struct weak *weak, struct store *s)
{
    message_drop(weak, s->message);
    for (uint32_t i = 0; i < s->heads; i++) {
        message_drop(weak, s->head[i]);
    }
}

static void drop_oldest(struct weak *weak, struct location *l)
{
    assert(l->count > 0);
    store_drop(weak, location_store(l, l->count - 1u));
    l->first = (uint8_t)((l->first + 1u) & (HISTORY_MAX - 1u));
    l->count--;
}

struct store *location_insert(struct weak *weak, struct location *l, uint32_t i,
                              uint32_t ts)
{
    /* Where only the newest is read, it alone is kept. */
    if (l->count == HISTORY_MAX || (weak->newest_only && l->count == 1)) {
        drop_oldest(weak, l);
        weak->limits.evictions += weak->newest_only ? 0 : 1;
    }
    assert(i <= l->count);
    l->count++;
    for (uint32_t j = 0; j < i; j++) {
        *location_store(l, j) = *location_store(l, j + 1);
    }
    struct store *s = location_store(l, i);
    s->ts = ts;
    s->glued = false;
    s->crowd = false;
    s->pending = false;
    s->heads = 0;
    s->piece = 0;
    s->message = NULL;
    s->step = FL_NO_STEP;
    l->last = ts > l->last ? ts : l->last;
    return s;
}

/* --- locations ------------------------------------------------------------ */

static void drop(struct weak *weak, struct location *l)
{
    while (l->count > 0) {
        drop_oldest(weak, l);
    }
    weak->free_ids[weak->free_count++] = (uint16_t)location_id(weak, l);
}

void location_drop_all(struct weak *weak, struct granule *g)
{
    if (weak->spotted) {
        spots_drop(weak, g);
        return;
    }
    for (uint16_t id = g->location; id != NO_LOCATION;) {
        struct location *l = &weak->locations[id];
        id = l->next;
        drop(weak, l);
    }
    g->location = NO_LOCATION;
}

/* A new location whose only store is what memory holds.  One that takes an
 * earlier one's number goes on with its timestamps: no view of the earlier one
 * hides or shows anything here. */
static struct location *make(struct weak *weak, struct granule *g,
                             uintptr_t address, size_t size)
{
    uint32_t id;
    if (weak->free_count > 0) {
        id = weak->free_ids[--weak->free_count];
        for (uint32_t t = 0; t < weak->threads_used; t++) {
            weak->threads[t].stale[id] = 0;
        }
    } else if (weak->locations_used < LOCATIONS_MAX) {
        id = weak->locations_used++;
        weak->locations[id].last = 0;
    } else {
        return NULL;
    }
    struct location *l = &weak->locations[id];
    l->address = address;
    l->size = (uint8_t)size;
    l->count = 0;
    l->first = 0;
    l->merged = false;
    l->next = g->location;
    g->location = (uint16_t)id;
    struct store *s = location_insert(weak, l, 0, l->last + STAMP_GAP);
    s->thread = OUTSIDE_THREAD;
    s->order = ORDER_RELAXED;
    s->value = wide_read((const void *)address, size);
    return l;
}

/* Another size: all of the granule becomes one location, and whoever acquires
 * it acquires what all its parts had to give. */
static struct location *merge(struct world *w, struct granule *g)
{
    struct weak *weak = w->weak;
    struct message *all = NULL;
    for (uint16_t id = g->location; id != NO_LOCATION;
         id = weak->locations[id].next) {
        const struct store *newest = location_store(&weak->locations[id], 0);
        struct message *joined = message_join(w, all, newest->message);
        message_drop(weak, all);
        all = joined;
    }
    location_drop_all(weak, g);
    weak->strays = UNGRAPHED_SIZES;
    struct location *l = make(weak, g, g->address, WIDE_BYTES);
    assert(l != NULL); /* there is room for at least the one dropped */
    l->merged = true;
    struct store *s = location_store(l, 0);
    s->message = all;
    s->crowd = true;
    return l;
}

/* What plain code has stored is taken in: by a hook that announced it, or by
 * code that nobody saw, which then leaves nothing older to be read. */
static void refresh(struct weak *weak, struct location *l)
{
    struct store *newest = location_store(l, 0);
    struct wide value = wide_read((const void *)l->address, l->size);
    if (newest->pending) {
        newest->pending = false;
        newest->value = value;
        return;
    }
    if (is_equal(value, newest->value)) {
        return;
    }
    while (l->count > 1) {
        drop_oldest(weak, l);
    }
    weak->strays = UNGRAPHED_SILENT;
    newest = location_store(l, 0);
    newest->value = value;
    newest->thread = OUTSIDE_THREAD;
    newest->step = FL_NO_STEP;
}

static bool overlaps(const struct location *l, uintptr_t address, size_t size)
{
    return address < l->address + l->size && l->address < address + size;
}

void location_misaligned(struct world *w, const struct atomic_access *a)
{
    world_fail(w, RUN_MISUSE,
               "an atomic access of %zu bytes is not aligned to its size",
               a->size);
}

struct location *location_at(struct world *w, const struct atomic_access *a)
{
    struct weak *weak = w->weak;
    uintptr_t address = (uintptr_t)a->address;
    assert(!weak->spotted);
    if (address % WIDE_BYTES + a->size > WIDE_BYTES) {
        location_misaligned(w, a);
    }
    struct granule *g = granule_at(w, address);
    if (g == NULL) {
        weak->limits.crowded++;
        return NULL;
    }
    for (uint16_t id = g->location; id != NO_LOCATION;) {
        struct location *l = &weak->locations[id];
        if ((l->address == address && l->size == a->size) || l->merged) {
            refresh(weak, l);
            return l;
        }
        if (overlaps(l, address, a->size)) {
            return merge(w, g);
        }
        id = l->next;
    }
    struct location *l = make(weak, g, address, a->size);
    weak->limits.crowded += l == NULL ? 1 : 0;
    return l;
}

/* A plain write of thread `self` to the bytes of `l`. */
static void write_plainly(struct weak *weak, struct location *l, uint32_t self)
{
    const struct store *newest = location_store(l, 0);
    if (newest->pending && newest->thread == self) {
        return; /* nobody has looked in between */
    }
    refresh(weak, l);
    struct store *s = location_insert(weak, l, 0, l->last + STAMP_GAP);
    weak->strays = UNGRAPHED_PLAIN;
    s->thread = (uint8_t)self;
    s->order = ORDER_RELAXED;
    s->pending = true;
    if (!weak->newest_only) {
        struct knowledge *k = knowledge_of(weak, self);
        view_raise(k->view, &k->views, location_id(weak, l), s->ts);
    }
}

void location_plain_write(struct world *w, uintptr_t address, size_t size)
{
    struct weak *weak = w->weak;
    uintptr_t end = address + size;
    for (uintptr_t at = address & ~(uintptr_t)(WIDE_BYTES - 1); at < end;
         at += WIDE_BYTES) {
        const struct granule *g = granule_find(w, at);
        if (g != NULL && weak->spotted) {
            spots_plain_write(weak, g, address, size);
            continue;
        }
        for (uint16_t id = g == NULL ? NO_LOCATION : g->location;
             id != NO_LOCATION; id = weak->locations[id].next) {
            struct location *l = &weak->locations[id];
            if (overlaps(l, address, size)) {
                write_plainly(weak, l, w->current->id);
            }
        }
    }
}
