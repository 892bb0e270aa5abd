/*
 * Fences of the model of c11.c, which says what they do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/histories.h"

/* V |= A, and what travels beside it. */
static void acquire_seen(struct weak *weak, uint32_t self)
{
    struct knowledge *k = knowledge_of(weak, self);
    view_join(k->view, &k->views, k->seen_view, k->seen_views);
    uint32_t *clock = weak->clock[self];
    const uint32_t *seen = weak->seen[self];
    for (uint32_t i = 0; i < FIBERS_MAX; i++) {
        clock[i] = seen[i] > clock[i] ? seen[i] : clock[i];
    }
}

void c11_fence(struct world *w, enum order order)
{
    struct weak *weak = w->weak;
    uint32_t self = w->current->id;
    struct knowledge *k = knowledge_of(weak, self);
    offer_fence(w, order);
    if (order_acquires(order)) {
        acquire_seen(weak, self);
    }
    if (order == ORDER_SEQ_CST) {
        /* S orders values only: clocks are not in it, or races would hide. */
        view_join(k->view, &k->views, weak->sc_view, weak->sc_views);
        view_join(weak->sc_view, &weak->sc_views, k->view, k->views);
    }
    if (order_releases(order)) {
        message_drop(weak, k->released);
        k->released = message_capture(w, self, NULL);
    }
}
