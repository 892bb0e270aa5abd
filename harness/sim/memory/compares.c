/*
 * Which stores an access may read or stand behind, of the model of c11.c, and
 * what a compare-and-swap makes of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/histories.h"

uint32_t location_floor(struct world *w, const struct location *l,
                        enum order order)
{
    struct weak *weak = w->weak;
    const struct knowledge *k = knowledge_of(weak, w->current->id);
    uint32_t id = location_id(weak, l);
    uint32_t floor = view_at(k->view, k->views, id);
    if (order == ORDER_SEQ_CST) {
        uint32_t sc = view_at(weak->sc_view, weak->sc_views, id);
        floor = sc > floor ? sc : floor;
    }
    return floor;
}

uint32_t location_count_from(struct location *l, uint32_t floor)
{
    uint32_t count = 1;
    while (count < l->count && location_store(l, count)->ts >= floor) {
        count++;
    }
    return count;
}

bool location_has_gap(struct location *l, uint32_t i)
{
    if (i == 0) {
        return true;
    }
    const struct store *next = location_store(l, i - 1);
    return !next->glued && !next->pending &&
           next->ts - location_store(l, i)->ts > 1;
}

static bool is_equal(struct wide a, struct wide b)
{
    return a.low == b.low && a.high == b.high;
}

/* Whether a compare-and-swap that finds store `i` equal can be glued to it. */
static bool can_swap(const struct world *w, struct location *l, uint32_t i,
                     uint32_t swapping)
{
    return i == 0 || (w->weak->inserts && !l->merged && i < swapping &&
                      l->count < HISTORY_MAX && location_has_gap(l, i));
}

static bool is_expected(const struct location *l, const struct store *s,
                        const struct atomic_access *a, struct wide expected)
{
    return is_equal(location_cut(l, a, s->value), expected);
}

/* Those of the first `failing` stores to which a weak compare-and-swap could be
 * glued, but fails. */
static void list_idle(struct world *w, struct location *l,
                      const struct atomic_access *a, struct wide expected,
                      struct comparable *c)
{
    uint32_t failing = location_count_from(l, location_floor(w, l, a->failure));
    uint32_t swapping = location_count_from(l, location_floor(w, l, a->order));
    for (uint32_t i = 0; i < failing; i++) {
        if (is_expected(l, location_store(l, i), a, expected) &&
            can_swap(w, l, i, swapping)) {
            c->list[c->count++] = (uint8_t)(i | OFFER_FAILS);
        }
    }
}

void compare_list(struct world *w, struct location *l,
                  const struct atomic_access *a, struct wide expected,
                  struct comparable *c)
{
    c->count = 1;
    c->drawn = 1;
    c->list[0] = 0;
    if (w->weak->newest_only || (l->count == 1 && !a->weak)) {
        return;
    }
    bool idles = a->weak && !knowledge_of(w->weak, w->current->id)->idled;
    uint32_t failing = location_count_from(l, location_floor(w, l, a->failure));
    uint32_t swapping = location_count_from(l, location_floor(w, l, a->order));
    for (uint32_t i = 1; i < failing || i < swapping; i++) {
        bool equal = is_expected(l, location_store(l, i), a, expected);
        if (equal && can_swap(w, l, i, swapping)) {
            c->list[c->count++] = (uint8_t)i;
        } else if (i < failing && (idles || !equal)) {
            c->list[c->count++] = (uint8_t)(i | (equal ? OFFER_FAILS : 0));
        }
    }
    c->drawn = c->count;
    w->offer.idles = idles;
    if (idles) {
        list_idle(w, l, a, expected, c);
    }
}
