/*
 * States that a search has met: open addressing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/states.h"

#include "harness/need.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS_FIRST = 1 << 10
};

static bool is_free(const struct state *slot)
{
    return slot->low == 0 && slot->high == 0;
}

/* The slot of `state`, or the free one where it belongs. */
static struct state *find(struct state *slots, uint32_t max,
                          const struct state *state)
{
    assert(max > 0 && (max & (max - 1)) == 0);
    uint32_t at = (uint32_t)(state->low >> 32) & (max - 1);
    while (!is_free(&slots[at]) &&
           (slots[at].low != state->low || slots[at].high != state->high)) {
        at = (at + 1) & (max - 1);
    }
    return &slots[at];
}

static void grow(struct states *s)
{
    uint32_t max = s->max == 0 ? SLOTS_FIRST : s->max * 2;
    struct state *more = need(calloc(max, sizeof(*more)), "the search");
    for (uint32_t i = 0; i < s->max; i++) {
        if (!is_free(&s->slots[i])) {
            *find(more, max, &s->slots[i]) = s->slots[i];
        }
    }
    free(s->slots);
    s->slots = more;
    s->max = max;
}

bool states_met(struct states *s, const struct state *state)
{
    if (s->count >= s->max / 2 && s->max < STATES_MAX) {
        grow(s);
    }
    struct state named = *state;
    named.low += is_free(state) ? 1 : 0;
    struct state *slot = find(s->slots, s->max, &named);
    if (!is_free(slot)) {
        bool met = slot->spent <= named.spent;
        slot->spent = met ? slot->spent : named.spent;
        return met;
    }
    if (s->count >= s->max / 2) {
        s->full = true;
        return false;
    }
    *slot = named;
    s->count++;
    return false;
}

void states_clear(struct states *s)
{
    if (s->slots != NULL) {
        memset(s->slots, 0, s->max * sizeof(*s->slots));
    }
    s->count = 0;
    s->full = false;
}

void states_release(struct states *s)
{
    free(s->slots);
    *s = (struct states){.count = 0};
}
