/*
 * What a search over execution graphs is told of an access: struct offer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/histories.h"

/* The access that is made, and the stores that there are; all of them may be
 * chosen so far. */
void offer_access(struct world *w, struct location *l,
                  const struct atomic_access *a)
{
    struct offer *o = &w->offer;
    if (!o->wanted) {
        return;
    }
    enum ungraphed strays = l->merged ? UNGRAPHED_SIZES
                            : l->count == HISTORY_MAX
                                ? UNGRAPHED_STORES
                                : (enum ungraphed)w->weak->strays;
    if (strays != UNGRAPHED_NOT) {
        offer_stray(o, strays, 0);
    }
    o->made = true;
    o->writes = false;
    o->compares = false;
    o->idles = false;
    o->order = (uint8_t)a->order;
    o->failure = (uint8_t)a->failure;
    o->count = l->count;
    o->choices = 0;
    for (uint32_t i = 0; i < l->count; i++) {
        const struct store *s = location_store(l, i);
        o->piece[i] = s->piece;
        if (s->piece == 0) {
            o->initial[0] = s->value.low;
            o->initial[1] = s->value.high;
        }
    }
}

/* Store `s` is read.  Where nobody has stored yet it would, in another order of
 * the same graph, be found out that nobody has. */
void offer_source(struct world *w, const struct location *l,
                  const struct store *s)
{
    struct offer *o = &w->offer;
    if (o->wanted && s->piece == 0 &&
        heap_owns(w->heap, (const void *)l->address) &&
        heap_is_fill(w->heap, &s->value, l->size)) {
        offer_stray(o, UNGRAPHED_FILL, 0);
    }
}

void offer_choice(struct world *w, const uint8_t *list, uint32_t count)
{
    struct offer *o = &w->offer;
    for (uint32_t i = 0; o->wanted && i < count; i++) {
        o->choice[i] = list == NULL ? (uint8_t)i : list[i];
    }
    o->choices = (uint8_t)count;
}

void offer_values(struct world *w, struct wide expected, struct wide operand)
{
    struct offer *o = &w->offer;
    o->expected[0] = expected.low;
    o->expected[1] = expected.high;
    o->operand[0] = operand.low;
    o->operand[1] = operand.high;
}

void offer_stored(struct world *w, struct wide value)
{
    w->offer.writes = true;
    w->offer.stored[0] = value.low;
    w->offer.stored[1] = value.high;
}

void offer_fence(struct world *w, enum order order)
{
    struct offer *o = &w->offer;
    if (order == ORDER_SEQ_CST) {
        return; /* a point, and as such known */
    }
    if (o->fences < FENCES_MAX) {
        o->fence[o->fences++] = (uint8_t)order;
    } else {
        offer_stray(o, UNGRAPHED_FENCES, 0);
    }
}
