/*
 * C11: views over bounded histories.
 *
 * An operational model like RC11 (Lahav, Vafeiadis, Kang, Hur, Dreyer, PLDI
 * 2017), in the form that CDSChecker, C11Tester (Luo, Demsky, ASPLOS 2021),
 * Relacy and Loom have: a load reads a store that was executed, so there is no
 * load buffering.  V is what a thread must not un-see, R its V at its last
 * release fence, A what it has read and not acquired, S the global view of
 * seq_cst, x the location, f the floor: a load may read any store with a
 * timestamp of f or more.
 *
 *     floor      V[x]; for seq_cst max(V[x], S[x])
 *     load       V[x] = ts;  A |= view      acq: V |= view      sc: S[x] |= ts
 *     store      ts > f;  V[x] = ts;  view = R, or V if it releases;
 *                sc: S[x] = ts
 *     update     reads a store to which nothing is glued, and is glued to it;
 *                view |= that of the store read
 *     fence      acq: V |= A    rel: R = V    sc: both, V |= S, S = V, R = V
 *
 * Release sequences are C17's: later stores of the same thread belong to them
 * too; C++20's do not have these (release_sequence: c20).  The wrong one would
 * accuse sound code.  seq_cst is C++20's, with execution order as its order.
 *
 * Which store is read is a decision, counted from the newest: 0 is sequential
 * consistency, and what shrinking wants.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/histories.h"
#include "harness/sim/memory/touch.h"
#include "harness/sim/seen.h"

enum {
    INSERT_ONE_IN = 32, /* stores are placed before newer ones */
    STALE_MANY = 64,    /* stale reads in a row: a loop, for whoever searches */
};

static uint32_t self_of(const struct world *w)
{
    assert(w->current != NULL);
    return w->current->id;
}

/* Whether the current fiber must read the newest store of `l` by now. */
static bool has_had_stale(struct world *w, const struct location *l)
{
    const struct knowledge *k = knowledge_of(w->weak, self_of(w));
    return k->stale[location_id(w->weak, l)] >= w->weak->stale_max;
}

/* A decision below `n`: 0 with probability 1/2, else uniform below `among`.
 * What a search over graphs decides beyond the bound of stale reads counts for
 * others. */
static uint32_t decide(struct world *w, const struct location *l, uint32_t n,
                       uint32_t among)
{
    assert(among > 0 && among <= n);
    if (n <= 1) {
        return 0;
    }
    if (has_had_stale(w, l) && !w->offer.wanted) {
        uint64_t kept =
            w->by_operations ? choice_settle(&w->choice, STREAM_STALE, 0) : 0;
        return kept < n ? (uint32_t)kept : n - 1;
    }
    uint32_t drawn = 0;
    if (among > 1 && !world_searches(w)) {
        uint64_t word = choice_word(&w->choice, STREAM_STALE);
        if (word >> 63 != 0) {
            drawn = (uint32_t)((word & UINT32_MAX) * among >> 32);
        }
    }
    return world_settle(w, STREAM_STALE, n, drawn);
}

/* The current fiber has read store `i` from the newest. */
static void note_read(struct world *w, struct location *l, uint32_t i,
                      enum order order)
{
    struct weak *weak = w->weak;
    uint32_t id = location_id(weak, l);
    struct knowledge *k = knowledge_of(weak, self_of(w));
    k->stale[id] = i == 0 ? 0 : (uint8_t)(k->stale[id] + 1);
    w->weakened += i == 0 ? 0 : 1;
    if (k->stale[id] > STALE_MANY) {
        offer_stray(&w->offer, UNGRAPHED_STALE, 0);
    }
    offer_source(w, l, location_store(l, i));
    w->done.source = location_store(l, i)->piece;
    w->done.sourced = !l->merged; /* what was there before is not kept apart */
    if (w->recording) {
        weak->last = (struct seen_store){
            .stale = i,
            .step = location_store(l, i)->step,
            .newest = location_store(l, 0)->value.low,
            .order = order,
        };
    }
}

static void judge(struct world *w, const struct atomic_access *a, enum use use)
{
    (void)race_touch(w, (uintptr_t)a->address, a->size, use, a->pc);
}

/* What reading `s` does to the reader. */
static void read_store(struct world *w, struct location *l,
                       const struct store *s, enum order order)
{
    struct weak *weak = w->weak;
    uint32_t self = self_of(w);
    uint32_t id = location_id(weak, l);
    if (order_acquires(order)) {
        message_acquire(weak, self, s->message);
    } else {
        message_see(weak, self, s->message);
    }
    /* Where only the newest is read, views say nothing. */
    if (!weak->newest_only) {
        struct knowledge *k = knowledge_of(weak, self);
        view_raise(k->view, &k->views, id, s->ts);
        if (order == ORDER_SEQ_CST) {
            view_raise(weak->sc_view, &weak->sc_views, id, s->ts);
        }
    }
}

/* --- placing stores ------------------------------------------------------- */

/* Behind which store, counted from the newest, a store with `floor` goes. */
static uint32_t place(struct world *w, struct location *l, uint32_t floor)
{
    if (!w->weak->inserts || l->merged) {
        return 0;
    }
    uint8_t fits[HISTORY_MAX];
    uint32_t count = 0;
    uint32_t from = location_count_from(l, floor);
    /* When the history is full, its oldest goes before this comes. */
    from = l->count == HISTORY_MAX && from == l->count ? from - 1 : from;
    for (uint32_t i = 0; i < from; i++) {
        if (location_has_gap(l, i)) {
            fits[count++] = (uint8_t)i;
        }
    }
    if (count <= 1) {
        return 0;
    }
    offer_choice(w, fits, count);
    uint32_t drawn = 0;
    if (!world_searches(w)) {
        uint64_t word = choice_word(&w->choice, STREAM_STALE);
        if ((word >> 32) % INSERT_ONE_IN == 0) {
            drawn = 1 + (uint32_t)((word & UINT32_MAX) * (count - 1) >> 32);
        }
    }
    uint32_t fit = fits[world_settle(w, STREAM_STALE, count, drawn)];
    w->weakened += fit == 0 ? 0 : 1;
    return fit;
}

static uint32_t stamp_behind(struct location *l, uint32_t i, bool glued)
{
    const struct store *before = location_store(l, i);
    if (i == 0) {
        return glued ? before->ts + 1 : l->last + STAMP_GAP;
    }
    uint32_t next = location_store(l, i - 1)->ts;
    return glued ? before->ts + 1 : before->ts + (next - before->ts) / 2;
}

/* A new store of `thread` behind store `i` from the newest. */
static struct store *put_store(struct world *w, struct location *l, uint32_t i,
                               uint32_t thread, bool glued)
{
    struct weak *weak = w->weak;
    uint32_t ts = stamp_behind(l, i, glued);
    struct store *s = location_insert(weak, l, i, ts);
    s->thread = (uint8_t)thread;
    s->piece = w->current == NULL ? 0 : w->done.number;
    s->glued = glued;
    if (w->recording && w->log != NULL) {
        /* An update is logged after it was made, a store before. */
        s->step = w->log->steps_count - (glued ? 0u : 1u);
    }
    if (!weak->newest_only) {
        struct knowledge *k = knowledge_of(weak, thread);
        view_raise(k->view, &k->views, location_id(weak, l), ts);
    }
    return s;
}

static void publish(struct world *w, struct location *l, uint32_t i,
                    enum order order)
{
    const struct store *s = location_store(l, i);
    struct weak *weak = w->weak;
    if (order == ORDER_SEQ_CST && !weak->newest_only) {
        view_raise(weak->sc_view, &weak->sc_views, location_id(weak, l), s->ts);
    }
    if (i == 0) {
        void *at = (void *)l->address; /* real memory keeps the newest */
        wide_write(at, l->size, s->value);
        if (w->spinning != 0) {
            world_stored(w, at);
        }
    }
}

/* --- locations without a history ------------------------------------------ */

void c11_meet_all(struct world *w)
{
    struct weak *weak = w->weak;
    uint32_t self = self_of(w);
    /* Stronger than asked for, whatever the order: that accuses nobody. */
    offer_stray(&w->offer, UNGRAPHED_LOCATIONS, 0);
    message_acquire(weak, self, weak->overflow);
    struct message *all = message_capture(w, self, weak->overflow);
    message_drop(weak, weak->overflow);
    weak->overflow = all;
}

/* --- the model ------------------------------------------------------------ */

struct wide c11_load(struct world *w, const struct atomic_access *a)
{
    struct location *l = location_at(w, a);
    if (l == NULL) {
        c11_meet_all(w);
        judge(w, a, USE_ATOMIC_READ);
        return wide_read(a->address, a->size);
    }
    offer_access(w, l, a);
    uint32_t i = 0;
    if (l->count > 1 && !w->weak->newest_only) {
        uint32_t count = location_count_from(l, location_floor(w, l, a->order));
        offer_choice(w, NULL, count);
        i = decide(w, l, count, count);
    }
    note_read(w, l, i, a->order);
    const struct store *s = location_store(l, i);
    read_store(w, l, s, a->order);
    judge(w, a, USE_ATOMIC_READ);
    return location_cut(l, a, s->value);
}

bool c11_store(struct world *w, const struct atomic_access *a,
               struct wide value)
{
    struct location *l = location_at(w, a);
    if (l == NULL) {
        c11_meet_all(w);
        judge(w, a, USE_ATOMIC_WRITE);
        wide_write(a->address, a->size, value);
        return true;
    }
    judge(w, a, USE_ATOMIC_WRITE);
    offer_access(w, l, a);
    offer_stored(w, value);
    memory_order_store(w, a->order);
    uint32_t self = self_of(w);
    uint32_t i = place(w, l, location_floor(w, l, a->order));
    const struct store before = *location_store(l, i);
    struct wide whole = location_put(l, a, before.value, value);
    struct message *own = sequence_own(w, self, a->order);
    /* Placing it may drop the oldest, whose messages `before` still names. */
    struct store carried = {.thread = (uint8_t)self,
                            .order = (uint8_t)a->order};
    sequence_go_on(w, &carried, &before, own);
    message_drop(w->weak, own);
    struct store *s = put_store(w, l, i, self, false);
    carried.ts = s->ts;
    carried.piece = s->piece;
    carried.step = s->step;
    carried.value = whole;
    *s = carried;
    publish(w, l, i, a->order);
    return true;
}

void c11_flush(struct world *w, uint32_t thread, const struct buffered *b)
{
    struct atomic_access a = {.address = (volatile void *)b->address,
                              .size = b->size};
    struct location *l = location_at(w, &a);
    if (l == NULL) {
        wide_write(a.address, a.size, b->value);
        return;
    }
    const struct store before = *location_store(l, 0);
    struct store carried = {.thread = (uint8_t)thread, .order = b->order};
    sequence_go_on(w, &carried, &before, b->message);
    struct wide whole = location_put(l, &a, before.value, b->value);
    struct store *s = put_store(w, l, 0, thread, false);
    carried.ts = s->ts;
    carried.step = b->step;
    carried.value = whole;
    *s = carried;
    publish(w, l, 0, ORDER_RELAXED);
}

/* An update that reads store `i` from the newest and leaves `value`. */
static void update_store(struct world *w, struct location *l, uint32_t i,
                         const struct atomic_access *a, struct wide value)
{
    enum order order = a->order;
    uint32_t self = self_of(w);
    const struct store before = *location_store(l, i);
    assert(location_has_gap(l, i));
    read_store(w, l, &before, order);
    judge(w, a, USE_ATOMIC_WRITE);
    struct message *own = sequence_own(w, self, order);
    struct store carried = {.thread = (uint8_t)self, .order = (uint8_t)order};
    sequence_update(w, &carried, &before, own);
    message_drop(w->weak, own);
    struct store *s = put_store(w, l, i, self, true);
    carried.ts = s->ts;
    carried.piece = s->piece;
    carried.step = s->step;
    carried.glued = true;
    carried.value = value;
    *s = carried;
    publish(w, l, i, order);
}

struct wide c11_update(struct world *w, const struct atomic_access *a,
                       enum update kind, struct wide operand)
{
    struct location *l = location_at(w, a);
    if (l == NULL) {
        c11_meet_all(w);
        judge(w, a, USE_ATOMIC_WRITE);
        struct wide old = wide_read(a->address, a->size);
        wide_write(a->address, a->size,
                   wide_apply(kind, old, operand, a->size));
        return old;
    }
    offer_access(w, l, a);
    uint32_t i = place(w, l, location_floor(w, l, a->order));
    note_read(w, l, i, a->order);
    struct wide whole = location_store(l, i)->value;
    struct wide before = location_cut(l, a, whole);
    struct wide after = wide_apply(kind, before, operand, a->size);
    offer_values(w, before, operand);
    offer_stored(w, after);
    w->offer.apply = (uint8_t)kind;
    update_store(w, l, i, a, location_put(l, a, whole, after));
    return before;
}

static bool is_equal(struct wide a, struct wide b)
{
    return a.low == b.low && a.high == b.high;
}

static struct swap compare_memory(struct world *w,
                                  const struct atomic_access *a,
                                  const struct wide *both)
{
    c11_meet_all(w);
    struct wide found = wide_read(a->address, a->size);
    bool swapped = is_equal(found, both[0]);
    judge(w, a, swapped ? USE_ATOMIC_WRITE : USE_ATOMIC_READ);
    if (swapped) {
        wide_write(a->address, a->size, both[1]);
    }
    return (struct swap){.found = found, .swapped = swapped};
}

struct swap c11_compare(struct world *w, const struct atomic_access *a,
                        const struct wide *both)
{
    struct location *l = location_at(w, a);
    if (l == NULL) {
        return compare_memory(w, a, both);
    }
    struct comparable c;
    offer_access(w, l, a);
    compare_list(w, l, a, both[0], &c);
    offer_values(w, both[0], both[1]);
    offer_choice(w, c.list, c.count);
    w->offer.compares = true;
    uint32_t chosen = c.list[decide(w, l, c.count, c.drawn)];
    bool idle = (chosen & OFFER_FAILS) != 0;
    uint32_t i = chosen & ~(uint32_t)OFFER_FAILS;
    note_read(w, l, i, a->order);
    struct wide whole = location_store(l, i)->value;
    struct wide found = location_cut(l, a, whole);
    bool swaps = is_equal(found, both[0]) && !idle;
    if (a->weak) {
        knowledge_of(w->weak, self_of(w))->idled = idle;
    }
    if (idle) {
        w->polled = w->step; /* it may not fail the next time */
    }
    if (swaps) {
        offer_stored(w, both[1]);
        update_store(w, l, i, a, location_put(l, a, whole, both[1]));
    } else {
        read_store(w, l, location_store(l, i), a->failure);
        judge(w, a, USE_ATOMIC_READ);
    }
    return (struct swap){.found = found, .swapped = swaps};
}
