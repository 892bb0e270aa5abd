/*
 * Atomic locations of few threads, the long way: where they are, and release
 * sequences.  spots.h says what they are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/spots.h"

#include "harness/sim/memory/histories.h"
#include "harness/sim/seen.h"

#include <string.h>

/* --- where they are ------------------------------------------------------- */

static void clear(struct spot *s)
{
    memset(s->message, 0, sizeof(s->message));
    s->heads = 0;
    s->crowd = false;
}

static struct spot *make(struct weak *weak, struct granule *g,
                         uintptr_t address, size_t size)
{
    uint32_t id;
    if (weak->free_count > 0) {
        id = weak->free_ids[--weak->free_count];
    } else if (weak->locations_used < LOCATIONS_MAX) {
        id = weak->locations_used++;
    } else {
        return NULL;
    }
    struct spot *s = &weak->spots[id];
    s->address = address;
    s->size = (uint8_t)size;
    uint32_t from = (uint32_t)(address % CELL_BYTES);
    uint32_t mask = ((1u << size) - 1u) << from;
    s->mask = (uint8_t)(from + size > CELL_BYTES ? 0u : mask);
    s->merged = false;
    s->next = g->location;
    g->location = (uint16_t)id;
    clear(s);
    return s;
}

void spots_drop(struct weak *weak, struct granule *g)
{
    for (uint16_t id = g->location; id != NO_LOCATION;) {
        weak->free_ids[weak->free_count++] = id;
        id = weak->spots[id].next;
    }
    g->location = NO_LOCATION;
}

/* Another size: what location_at() does then. */
static struct spot *merge(struct weak *weak, struct granule *g)
{
    lane_clocks all = {0};
    for (uint16_t id = g->location; id != NO_LOCATION;) {
        all = spot_later(all, lanes_at(weak->spots[id].message));
        id = weak->spots[id].next;
    }
    spots_drop(weak, g);
    struct spot *s = make(weak, g, g->address, WIDE_BYTES);
    assert(s != NULL); /* there is room for at least the one dropped */
    s->merged = true;
    s->crowd = true;
    lanes_put(s->message, all);
    return s;
}

static bool overlaps(const struct spot *s, uintptr_t address, size_t size)
{
    return address < s->address + s->size && s->address < address + size;
}

struct spot *spot_in(struct weak *weak, struct granule *g, uintptr_t address,
                     size_t size)
{
    for (uint16_t id = g->location; id != NO_LOCATION;) {
        struct spot *s = &weak->spots[id];
        if ((s->address == address && s->size == size) || s->merged) {
            return s;
        }
        if (overlaps(s, address, size)) {
            return merge(weak, g);
        }
        id = s->next;
    }
    return make(weak, g, address, size);
}

/* The spot of the bytes of `a`; NULL: there is no room for one more. */
static struct spot *spot_at(struct world *w, const struct atomic_access *a)
{
    struct weak *weak = w->weak;
    uintptr_t address = (uintptr_t)a->address;
    if (address % WIDE_BYTES + a->size > WIDE_BYTES) {
        location_misaligned(w, a);
    }
    struct granule *g = granule_at(w, address);
    if (g == NULL) {
        weak->limits.crowded++;
        return NULL;
    }
    struct spot *s = spot_in(weak, g, address, a->size);
    weak->limits.crowded += s == NULL ? 1 : 0;
    return s;
}

void spots_plain_write(struct weak *weak, const struct granule *g,
                       uintptr_t address, size_t size)
{
    for (uint16_t id = g->location; id != NO_LOCATION;) {
        struct spot *s = &weak->spots[id];
        if (overlaps(s, address, size)) {
            clear(s);
        }
        id = s->next;
    }
}

/* --- what they hand on ---------------------------------------------------- */

/* What a store of `self` that does not release hands on of its own: what was
 * released at its last fence. */
static lane_clocks fenced(struct weak *weak, uint32_t self)
{
    const struct message *released = knowledge_of(weak, self)->released;
    const lane_clocks none = {0};
    assert(released == NULL || released->clocks >= LANES);
    return released == NULL ? none : lanes_at(released->words);
}

/* The part of `s` that a later store of `self` carries on. */
static lane_clocks headed_by(const struct spot *s, uint32_t self)
{
    const lane_clocks none = {0};
    if (s->crowd) {
        return lanes_at(s->message);
    }
    for (uint32_t i = 0; i < s->heads; i++) {
        if (s->head_thread[i] == self) {
            return lanes_at(s->head[i]);
        }
    }
    return none;
}

static void add_head(struct spot *s, uint32_t self, lane_clocks message)
{
    if (s->heads == HEADS_MAX) {
        s->crowd = true;
        return;
    }
    s->head_thread[s->heads] = (uint8_t)self;
    lanes_put(s->head[s->heads], message);
    s->heads++;
}

void spot_go_on(struct weak *weak, struct spot *s, uint32_t self,
                enum order order)
{
    bool releases = order_releases(order);
    lane_clocks own = releases ? spot_capture(weak, self) : fenced(weak, self);
    lane_clocks mine = {0};
    if (!weak->c20 && !releases) {
        mine = headed_by(s, self);
    }
    lane_clocks message = spot_later(own, mine);
    s->crowd = s->crowd && lanes_any(mine);
    s->heads = 0;
    lanes_put(s->message, message);
    if (lanes_any(message)) {
        add_head(s, self, message);
    }
}

void spot_update(struct weak *weak, struct spot *s, uint32_t self,
                 enum order order)
{
    bool releases = order_releases(order);
    lane_clocks own = releases ? spot_capture(weak, self) : fenced(weak, self);
    if (!lanes_any(own)) {
        return; /* every sequence goes on */
    }
    lane_clocks mine = {0};
    if (!releases) {
        mine = headed_by(s, self);
    }
    lanes_put(s->message, releases && order_acquires(order)
                              ? own
                              : spot_later(own, lanes_at(s->message)));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->heads; i++) {
        if (s->head_thread[i] != self) {
            s->head_thread[kept] = s->head_thread[i];
            memmove(s->head[kept], s->head[i], sizeof(s->head[i]));
            kept++;
        }
    }
    s->heads = (uint8_t)kept;
    add_head(s, self, spot_later(own, mine));
}

/* --- the model ------------------------------------------------------------ */

static void judge(struct world *w, const struct atomic_access *a, enum use use)
{
    (void)race_touch(w, (uintptr_t)a->address, a->size, use, a->pc);
}

/* The current fiber, which may be the one too many: then false. */
static bool is_few(struct world *w, uint32_t *self)
{
    *self = w->current->id;
    (void)knowledge_of(w->weak, *self);
    return w->weak->few;
}

static void store_value(struct world *w, const struct atomic_access *a,
                        struct wide value)
{
    wide_write(a->address, a->size, value);
    if (w->spinning != 0) {
        world_stored(w, (const void *)(uintptr_t)a->address);
    }
}

static struct wide load(struct world *w, const struct atomic_access *a)
{
    uint32_t self;
    if (!is_few(w, &self)) {
        return memory_c11.load(w, a);
    }
    const struct spot *s = spot_at(w, a);
    if (s == NULL) {
        c11_meet_all(w);
    } else {
        spot_read(w->weak, self, s, a->order);
    }
    judge(w, a, USE_ATOMIC_READ);
    return wide_read(a->address, a->size);
}

static bool store(struct world *w, const struct atomic_access *a,
                  struct wide value)
{
    uint32_t self;
    if (!is_few(w, &self)) {
        return memory_c11.store(w, a, value);
    }
    struct spot *s = spot_at(w, a);
    if (s == NULL) {
        c11_meet_all(w);
    }
    judge(w, a, USE_ATOMIC_WRITE);
    if (s != NULL) {
        spot_store(w->weak, s, self, a->order);
    }
    store_value(w, a, value);
    return true;
}

static struct wide update(struct world *w, const struct atomic_access *a,
                          enum update kind, struct wide operand)
{
    uint32_t self;
    if (!is_few(w, &self)) {
        return memory_c11.update(w, a, kind, operand);
    }
    struct spot *s = spot_at(w, a);
    if (s == NULL) {
        c11_meet_all(w);
    } else {
        spot_read(w->weak, self, s, a->order);
    }
    judge(w, a, USE_ATOMIC_WRITE);
    if (s != NULL) {
        spot_update(w->weak, s, self, a->order);
    }
    struct wide before = wide_read(a->address, a->size);
    store_value(w, a, wide_apply(kind, before, operand, a->size));
    return before;
}

static struct swap compare(struct world *w, const struct atomic_access *a,
                           const struct wide *both)
{
    uint32_t self;
    if (!is_few(w, &self)) {
        return memory_c11.compare(w, a, both);
    }
    struct spot *s = spot_at(w, a);
    struct wide found = wide_read(a->address, a->size);
    bool swaps = found.low == both[0].low && found.high == both[0].high;
    if (s == NULL) {
        c11_meet_all(w);
    } else {
        spot_read(w->weak, self, s, swaps ? a->order : a->failure);
    }
    judge(w, a, swaps ? USE_ATOMIC_WRITE : USE_ATOMIC_READ);
    if (swaps) {
        if (s != NULL) {
            spot_update(w->weak, s, self, a->order);
        }
        store_value(w, a, both[1]);
    }
    return (struct swap){.found = found, .swapped = swaps};
}

const struct memory memory_spots = {
    .name = "spots",
    .swift = true,
    .load = load,
    .store = store,
    .update = update,
    .compare = compare,
    .fence = c11_fence,
};

/* --- locks, blocks, and the like ------------------------------------------ */

void spots_release(struct weak *weak, uint32_t thread, struct meeting *m)
{
    lane_clocks own = spot_capture(weak, thread);
    lanes_put(m->clocks, spot_later(lanes_at(m->clocks), own));
}

void spots_acquire(struct weak *weak, uint32_t thread, const struct meeting *m)
{
    uint32_t *clock = weak->clock[thread];
    lanes_put(clock, spot_later(lanes_at(clock), lanes_at(m->clocks)));
}

/* --- more threads --------------------------------------------------------- */

/* What `clocks` say, as a message; NULL: nothing. */
static struct message *message_of(struct world *w, const uint32_t *clocks)
{
    return lanes_any(lanes_at(clocks)) ? message_from(w, clocks, LANES) : NULL;
}

void spots_end(struct world *w, const struct granule *g)
{
    struct weak *weak = w->weak;
    for (uint16_t id = g->location; id != NO_LOCATION;) {
        const struct spot *from = &weak->spots[id];
        struct location *l = &weak->locations[id];
        *l = (struct location){.address = from->address,
                               .size = from->size,
                               .merged = from->merged,
                               .next = from->next};
        struct store *s = location_insert(weak, l, 0, STAMP_GAP);
        s->thread = OUTSIDE_THREAD;
        s->order = ORDER_RELAXED;
        s->value = wide_read((const void *)from->address, from->size);
        s->message = message_of(w, from->message);
        s->crowd = from->crowd;
        s->heads = from->heads;
        for (uint32_t i = 0; i < from->heads; i++) {
            s->head_thread[i] = from->head_thread[i];
            s->head[i] = message_of(w, from->head[i]);
        }
        id = from->next;
    }
}

void spots_end_meetings(struct world *w)
{
    struct weak *weak = w->weak;
    for (uint32_t i = 0; i < SLOTS_OBJECTS; i++) {
        struct meeting *m = &weak->meetings[i];
        if (m->stamp == weak->stamp) {
            m->message = message_of(w, m->clocks);
        }
    }
}
