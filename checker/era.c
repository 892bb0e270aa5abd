/*
 * Nodes by hash, compared as a whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/era.h"

#include <assert.h>
#include <string.h>

enum {
    HASH_BITS = 32,
    SLOTS_FIRST = 64
};

static uint32_t hash_node(const struct fl_losses *l, const uint64_t *words,
                          uint32_t state)
{
    uint64_t hash = state;
    for (uint32_t w = 0; w < l->words; w++) {
        hash = (hash ^ words[w]) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> HASH_BITS;
    }
    return (uint32_t)(hash * 0x9e3779b97f4a7c15u >> HASH_BITS);
}

/* The slot of (words, state), or the free one for it. */
static uint32_t find_slot(const struct fl_losses *l, const struct fl_era *era,
                          const uint64_t *words, uint32_t state)
{
    const uint32_t *slots = era->slots.data;
    assert(era->count < era->slots_count);
    uint32_t at = hash_node(l, words, state) & (era->slots_count - 1);
    while (slots[at] != 0) {
        uint32_t n = slots[at] - 1;
        if (fl_node_at(era, n)->state == state &&
            memcmp(fl_words_at(l, era, n), words, l->words * sizeof(*words)) ==
                0) {
            break;
        }
        at = (at + 1) & (era->slots_count - 1);
    }
    return at;
}

/* Doubles the slots when they are half full. */
static bool grow_slots(const struct fl_losses *l, struct fl_era *era)
{
    if (2 * (era->count + 1) <= era->slots_count) {
        return true;
    }
    uint32_t count = era->slots_count == 0 ? SLOTS_FIRST : 2 * era->slots_count;
    if (!fl_block_reserve(&era->slots, count * sizeof(uint32_t))) {
        return false;
    }
    assert((count & (count - 1)) == 0);
    era->slots_count = count;
    uint32_t *slots = era->slots.data;
    memset(slots, 0, count * sizeof(*slots));
    for (uint32_t n = 0; n < era->count; n++) {
        slots[find_slot(l, era, fl_words_at(l, era, n),
                        fl_node_at(era, n)->state)] = n + 1;
    }
    return true;
}

bool fl_era_add(struct fl_losses *l, struct fl_era *era,
                const struct fl_node *node, uint32_t *to)
{
    size_t row = l->words * sizeof(uint64_t);
    if (!grow_slots(l, era) ||
        !fl_block_reserve(&era->nodes, (era->count + 1) * sizeof(*node)) ||
        !fl_block_reserve(&era->words, (era->count + 1) * row)) {
        return false;
    }
    uint32_t *slot = (uint32_t *)era->slots.data +
                     find_slot(l, era, l->scratch, node->state);
    if (*slot != 0) {
        *to = *slot - 1;
        assert(*to < era->count);
        return true;
    }
    *to = era->count;
    era->count++;
    *slot = era->count;
    *fl_node_at(era, era->count - 1) = *node;
    memcpy(fl_words_at(l, era, era->count - 1), l->scratch, row);
    return true;
}

bool fl_era_step(struct fl_era *era, struct fl_step step)
{
    size_t size = (era->steps_count + 1ul) * sizeof(step);
    if (!fl_block_reserve(&era->steps, size)) {
        return false;
    }
    ((struct fl_step *)era->steps.data)[era->steps_count] = step;
    era->steps_count++;
    return true;
}

void fl_era_clear(struct fl_era *era)
{
    era->count = 0;
    era->slots_count = 0;
    era->steps_count = 0;
    era->choices_count = 0;
    era->choice = 0;
}

void fl_era_release(struct fl_era *era)
{
    fl_block_release(&era->nodes);
    fl_block_release(&era->words);
    fl_block_release(&era->slots);
    fl_block_release(&era->steps);
    fl_block_release(&era->choices);
}
