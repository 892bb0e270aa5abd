/*
 * Values by number: a table with open addressing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/values.h"

#include <assert.h>

bool fl_numbering_begin(struct fl_numbering *n, struct fl_monitor *m,
                        uint32_t max)
{
    uint32_t slots = 8;
    while (slots / 3 < max / 2 + 1 && slots < UINT32_MAX / 2) {
        slots *= 2;
    }
    assert(slots > max);
    *n = (struct fl_numbering){.max = max, .mask = slots - 1};
    n->values = fl_monitor_room(m, max, sizeof(*n->values));
    n->slots = fl_monitor_room(m, slots, sizeof(*n->slots));
    return n->values != NULL && n->slots != NULL;
}

static uint32_t hash_value(const struct fl_numbering *n, fl_value value)
{
    uint64_t hash = (uint64_t)value * 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> 32) & n->mask;
}

void fl_numbering_expect(const struct fl_numbering *n, fl_value value)
{
    __builtin_prefetch(&n->slots[hash_value(n, value)]);
}

/* Where `value` is, or would be. */
static uint32_t find_slot(const struct fl_numbering *n, fl_value value)
{
    uint32_t at = hash_value(n, value);
    assert(n->count <= n->mask);
    while (n->slots[at] != 0 && n->values[n->slots[at] - 1] != value) {
        at = (at + 1) & n->mask;
    }
    return at;
}

uint32_t fl_numbering_find(const struct fl_numbering *n, fl_value value)
{
    uint32_t slot = n->slots[find_slot(n, value)];
    return slot == 0 ? FL_NOTHING : slot - 1;
}

uint32_t fl_numbering_add(struct fl_numbering *n, fl_value value)
{
    uint32_t at = find_slot(n, value);
    if (n->slots[at] == 0) {
        assert(n->count < n->max);
        n->values[n->count] = value;
        n->count++;
        n->slots[at] = n->count;
    }
    return n->slots[at] - 1;
}

void fl_numbering_close(struct fl_numbering *n, struct fl_monitor *m)
{
    fl_monitor_drop(m, n->slots);
    n->slots = NULL;
}
