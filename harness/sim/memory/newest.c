/*
 * The short ways of an access that can only meet the newest store, as most do:
 * under sequential consistency all, and under c11 those of a thread that knows
 * the newest already.  They leave behind what c11.c would; whatever is out of
 * the ordinary (a location not seen before, plain stores, several sizes, a run
 * that is recorded or searched) is left to it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/histories.h"
#include "harness/sim/memory/touch.h"
#include "harness/sim/seen.h"

#include <string.h>

/* An access, and what it meets. */
struct meet {
    struct granule *granule;
    struct location *location;
    struct store *newest;
    uint32_t id; /* of the location */
    uint32_t self;
    struct knowledge *knows; /* the current fiber */
    uint64_t value;          /* in memory */
};

TOUCH_INLINE void write_small(volatile void *address, size_t size,
                              uint64_t value)
{
    switch (size) {
    case 1:
        *(volatile uint8_t *)address = (uint8_t)value;
        break;
    case 2:
        *(volatile uint16_t *)address = (uint16_t)value;
        break;
    case 4:
        *(volatile uint32_t *)address = (uint32_t)value;
        break;
    default:
        assert(size == SMALL_BYTES);
        *(volatile uint64_t *)address = value;
    }
}

/* Whether nothing is out of the ordinary; fills `m`. */
TOUCH_INLINE bool meets(const struct world *w, const struct atomic_access *a,
                        struct meet *m)
{
    struct weak *weak = w->weak;
    uintptr_t address = (uintptr_t)a->address;
    if (!w->calm || a->size > SMALL_BYTES) {
        return false;
    }
    m->self = w->current->id;
    m->knows = &weak->threads[m->self];
    m->granule = granule_seen(w, address);
    if (m->granule == NULL || m->knows->stamp != weak->stamp) {
        return false;
    }
    m->id = m->granule->location;
    if (m->id == NO_LOCATION) {
        return false;
    }
    struct location *l = &weak->locations[m->id];
    if (l->address != address && l->next != NO_LOCATION) {
        m->id = l->next; /* its neighbour in the same granule */
        l = &weak->locations[m->id];
    }
    if (l->address != address || l->size != a->size) {
        return false;
    }
    m->location = l;
    m->newest = location_store(l, 0);
    m->value = read_small(a->address, a->size);
    return !m->newest->pending && m->newest->value.low == m->value;
}

/* Whether an access with `order` can only meet the newest. */
TOUCH_INLINE bool knows_newest(const struct weak *weak, const struct meet *m,
                               enum order order)
{
    struct location *l = m->location;
    if (weak->newest_only || l->count == 1) {
        return true;
    }
    uint32_t before = location_store(l, 1)->ts;
    return view_at(m->knows->view, m->knows->views, m->id) > before ||
           (order == ORDER_SEQ_CST &&
            view_at(weak->sc_view, weak->sc_views, m->id) > before);
}

/* The same of a store. */
TOUCH_INLINE bool goes_last(const struct weak *weak, const struct meet *m,
                            enum order order)
{
    return !weak->inserts || knows_newest(weak, m, order);
}

TOUCH_INLINE void judge(struct world *w, const struct atomic_access *a,
                        const struct meet *m, enum use use)
{
    struct weak *weak = w->weak;
    if (!weak->races) {
        return;
    }
    uintptr_t address = (uintptr_t)a->address;
    if (__builtin_expect(touch_in(w, m->granule, address, a->size, use), 1)) {
        return;
    }
    (void)race_touch_slowly(
        w, &(const struct conflict){
               .address = address, .size = a->size, .pc = a->pc, .use = use});
}

/* What reading the newest does to the reader. */
TOUCH_INLINE void read_newest(struct weak *weak, const struct meet *m,
                              enum order order)
{
    const struct message *message = m->newest->message;
    if (message != NULL && order_acquires(order)) {
        message_acquire(weak, m->self, message);
    } else if (message != NULL) {
        message_see(weak, m->self, message);
    }
    if (!weak->newest_only) {
        uint32_t ts = m->newest->ts;
        view_raise(m->knows->view, &m->knows->views, m->id, ts);
        if (order == ORDER_SEQ_CST) {
            view_raise(weak->sc_view, &weak->sc_views, m->id, ts);
        }
    }
}

/* A store, where only the newest is kept: it takes the place of the one before.
 * `updates`: it has read that. */
TOUCH_INLINE void replace(struct world *w, const struct atomic_access *a,
                          struct meet *m, bool updates)
{
    struct weak *weak = w->weak;
    struct store *s = m->newest;
    struct message *own = sequence_own(w, m->self, a->order);
    struct store carried = {.thread = (uint8_t)m->self,
                            .order = (uint8_t)a->order};
    if (updates) {
        sequence_update(w, &carried, s, own);
    } else {
        sequence_go_on(w, &carried, s, own);
    }
    message_drop(weak, own);
    store_drop(weak, s);
    s->ts += updates ? 1 : STAMP_GAP;
    m->location->last = s->ts;
    s->thread = carried.thread;
    s->order = carried.order;
    s->glued = updates;
    s->crowd = carried.crowd;
    s->heads = carried.heads;
    memcpy(s->head_thread, carried.head_thread, sizeof(s->head_thread));
    memcpy(s->head, carried.head, sizeof(s->head));
    s->message = carried.message;
}

/* A store behind all others. */
TOUCH_INLINE void append(struct world *w, const struct atomic_access *a,
                         struct meet *m, bool updates)
{
    struct weak *weak = w->weak;
    struct location *l = m->location;
    struct message *own = sequence_own(w, m->self, a->order);
    uint32_t ts = updates ? m->newest->ts + 1 : l->last + STAMP_GAP;
    struct store *s = location_insert(weak, l, 0, ts);
    const struct store *before = location_store(l, 1);
    s->thread = (uint8_t)m->self;
    s->order = (uint8_t)a->order;
    s->glued = updates;
    if (updates) {
        sequence_update(w, s, before, own);
    } else {
        sequence_go_on(w, s, before, own);
    }
    message_drop(weak, own);
    view_raise(m->knows->view, &m->knows->views, m->id, ts);
    if (a->order == ORDER_SEQ_CST) {
        view_raise(weak->sc_view, &weak->sc_views, m->id, ts);
    }
    m->newest = s;
}

TOUCH_INLINE void put(struct world *w, const struct atomic_access *a,
                      struct meet *m, bool updates, uint64_t value)
{
    if (w->weak->newest_only) {
        replace(w, a, m, updates);
    } else {
        append(w, a, m, updates);
    }
    m->newest->piece = w->done.number;
    m->newest->value = (struct wide){.low = value};
    write_small(a->address, a->size, value);
    if (w->spinning != 0) {
        world_stored(w, (const void *)(uintptr_t)a->address);
    }
}

/* Whether a weak compare-and-swap need not ask if it is to fail for no reason:
 * only a search would say yes; only what is kept would miss the question. */
TOUCH_INLINE bool never_idles(const struct world *w,
                              const struct atomic_access *a)
{
    return !a->weak || w->weak->newest_only ||
           (w->choice.mode == CHOICE_EXPLORE && !world_searches(w));
}

static struct wide newest_load(struct world *w, const struct atomic_access *a)
{
    struct meet m;
    if (!meets(w, a, &m) || !knows_newest(w->weak, &m, a->order)) {
        return c11_load(w, a);
    }
    m.knows->stale[m.id] = 0;
    read_newest(w->weak, &m, a->order);
    judge(w, a, &m, USE_ATOMIC_READ);
    return (struct wide){.low = m.value};
}

static bool newest_store(struct world *w, const struct atomic_access *a,
                         struct wide value)
{
    struct meet m;
    if (!meets(w, a, &m) || !goes_last(w->weak, &m, a->order)) {
        return c11_store(w, a, value);
    }
    judge(w, a, &m, USE_ATOMIC_WRITE);
    put(w, a, &m, false, value.low);
    return true;
}

static struct wide newest_update(struct world *w, const struct atomic_access *a,
                                 enum update kind, struct wide operand)
{
    struct meet m;
    if (!meets(w, a, &m) || !goes_last(w->weak, &m, a->order)) {
        return c11_update(w, a, kind, operand);
    }
    struct wide before = {.low = m.value};
    struct wide after = wide_apply(kind, before, operand, a->size);
    m.knows->stale[m.id] = 0;
    read_newest(w->weak, &m, a->order);
    judge(w, a, &m, USE_ATOMIC_WRITE);
    put(w, a, &m, true, after.low);
    return before;
}

static struct swap newest_compare(struct world *w,
                                  const struct atomic_access *a,
                                  const struct wide *both)
{
    struct meet m;
    if (!meets(w, a, &m) || !never_idles(w, a) || both[0].high != 0 ||
        !knows_newest(w->weak, &m, a->order) ||
        !knows_newest(w->weak, &m, a->failure)) {
        return c11_compare(w, a, both);
    }
    bool swaps = m.value == both[0].low;
    m.knows->stale[m.id] = 0;
    m.knows->idled = m.knows->idled && !a->weak;
    read_newest(w->weak, &m, swaps ? a->order : a->failure);
    judge(w, a, &m, swaps ? USE_ATOMIC_WRITE : USE_ATOMIC_READ);
    if (swaps) {
        put(w, a, &m, true, both[1].low);
    }
    return (struct swap){.found = {.low = m.value}, .swapped = swaps};
}

const struct memory memory_c11 = {
    .name = "c11",
    .load = newest_load,
    .store = newest_store,
    .update = newest_update,
    .compare = newest_compare,
    .fence = c11_fence,
};
