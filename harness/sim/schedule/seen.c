/*
 * A set of hashes, open addressing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/seen.h"

#include "harness/need.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS_FIRST = 1 << 10
};

/* Puts `hash`, which is not 0, in its place; false if it is there already. */
static bool put(uint64_t *slots, uint32_t max, uint64_t hash)
{
    assert(hash != 0);
    uint32_t at = (uint32_t)(hash >> 32) & (max - 1);
    while (slots[at] != 0) {
        if (slots[at] == hash) {
            return false;
        }
        at = (at + 1) & (max - 1);
    }
    slots[at] = hash;
    return true;
}

static void grow(struct seen *s)
{
    uint32_t max = s->max == 0 ? SLOTS_FIRST : s->max * 2;
    uint64_t *more = need(calloc(max, sizeof(*more)), "the search");
    for (uint32_t i = 0; i < s->max; i++) {
        if (s->slots[i] != 0) {
            put(more, max, s->slots[i]);
        }
    }
    free(s->slots);
    s->slots = more;
    s->max = max;
}

bool seen_add(struct seen *s, uint64_t hash)
{
    if (s->full) {
        return true;
    }
    if (s->count >= s->max / 2) {
        if (s->max >= SEEN_MAX) {
            s->full = true;
            return true;
        }
        grow(s);
    }
    bool fresh = put(s->slots, s->max, hash == 0 ? 1 : hash);
    s->count += fresh ? 1 : 0;
    return fresh;
}

void seen_clear(struct seen *s)
{
    if (s->slots != NULL) {
        memset(s->slots, 0, s->max * sizeof(*s->slots));
    }
    s->count = 0;
    s->full = false;
}

void seen_release(struct seen *s)
{
    free(s->slots);
    *s = (struct seen){0};
}
