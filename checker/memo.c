/*
 * Two open-addressing tables over growing pools.  Tables start small in each
 * decision, so that a history of four operations does not pay for the one of a
 * thousand before it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/memo.h"

#include <assert.h>
#include <string.h>

enum {
    SLOTS_FIRST = 64
};

struct state {
    size_t start;
    uint32_t size;
    uint32_t hash;
};

struct slot {
    uint32_t hash;
    uint32_t key; /* index into keys, in words; 0: free */
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint32_t hash_words(const uint64_t *words, uint32_t count)
{
    uint64_t hash = count;
    for (uint32_t i = 0; i < count; i++) {
        hash = mix(hash, words[i]);
    }
    return (uint32_t)(hash >> 32);
}

static uint32_t hash_bytes(const unsigned char *bytes, size_t size)
{
    uint64_t hash = size;
    size_t at = 0;
    for (; at + sizeof(uint64_t) <= size; at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof(word));
        hash = mix(hash, word);
    }
    uint64_t rest = 0;
    if (at < size) {
        memcpy(&rest, bytes + at, size - at);
    }
    return (uint32_t)(mix(hash, rest) >> 32);
}

bool fl_memo_clear(struct fl_memo *memo)
{
    memo->bytes_size = 0;
    memo->states_count = 0;
    memo->keys_size = 1;
    memo->entries = 0;
    memo->state_slots_count = SLOTS_FIRST;
    memo->slots_count = SLOTS_FIRST;
    size_t state_slots_size = SLOTS_FIRST * sizeof(uint32_t);
    size_t slots_size = SLOTS_FIRST * sizeof(struct slot);
    if (!fl_block_reserve(&memo->state_slots, state_slots_size) ||
        !fl_block_reserve(&memo->slots, slots_size)) {
        return false;
    }
    memset(memo->state_slots.data, 0, state_slots_size);
    memset(memo->slots.data, 0, slots_size);
    return true;
}

void fl_memo_release(struct fl_memo *memo)
{
    fl_block_release(&memo->bytes);
    fl_block_release(&memo->states);
    fl_block_release(&memo->state_slots);
    fl_block_release(&memo->keys);
    fl_block_release(&memo->slots);
}

/* Makes the table of states twice as large. */
static bool grow_state_slots(struct fl_memo *memo)
{
    uint32_t count = memo->state_slots_count * 2;
    size_t size = count * sizeof(uint32_t);
    if (count == 0 || !fl_block_reserve(&memo->state_slots, size)) {
        return false;
    }
    uint32_t *slots = memo->state_slots.data;
    const struct state *states = memo->states.data;
    memset(slots, 0, size);
    for (uint32_t i = 0; i < memo->states_count; i++) {
        uint32_t at = states[i].hash & (count - 1);
        while (slots[at] != 0) {
            at = (at + 1) & (count - 1);
        }
        slots[at] = i + 1;
    }
    memo->state_slots_count = count;
    return true;
}

static uint32_t add_state(struct fl_memo *memo, const void *bytes, size_t size,
                          uint32_t hash)
{
    assert(memo->states_count < memo->state_slots_count);
    size_t start = memo->bytes_size;
    size_t states_size = (memo->states_count + 1ul) * sizeof(struct state);
    if (!fl_block_reserve(&memo->bytes, start + size + 1) ||
        !fl_block_reserve(&memo->states, states_size)) {
        return UINT32_MAX;
    }
    memcpy((char *)memo->bytes.data + start, bytes, size);
    memo->bytes_size += size;
    struct state *states = memo->states.data;
    states[memo->states_count] =
        (struct state){.start = start, .size = (uint32_t)size, .hash = hash};
    memo->states_count++;
    return memo->states_count - 1;
}

uint32_t fl_memo_state(struct fl_memo *memo, const void *bytes, size_t size)
{
    assert(size < UINT32_MAX);
    if (memo->states_count >= memo->state_slots_count / 2 &&
        !grow_state_slots(memo)) {
        return UINT32_MAX;
    }
    uint32_t hash = hash_bytes(bytes, size);
    uint32_t mask = memo->state_slots_count - 1;
    uint32_t *slots = memo->state_slots.data;
    const struct state *states = memo->states.data;
    uint32_t at = hash & mask;
    while (slots[at] != 0) {
        const struct state *state = &states[slots[at] - 1];
        if (state->hash == hash && state->size == size &&
            memcmp((char *)memo->bytes.data + state->start, bytes, size) == 0) {
            return slots[at] - 1;
        }
        at = (at + 1) & mask;
    }
    uint32_t number = add_state(memo, bytes, size, hash);
    if (number != UINT32_MAX) {
        slots[at] = number + 1;
    }
    return number;
}

const void *fl_memo_bytes(const struct fl_memo *memo, uint32_t state,
                          size_t *size)
{
    assert(state < memo->states_count);
    const struct state *states = memo->states.data;
    *size = states[state].size;
    return (const char *)memo->bytes.data + states[state].start;
}

/* Makes the table of configurations twice as large. */
static bool grow_slots(struct fl_memo *memo)
{
    uint32_t old_count = memo->slots_count;
    uint32_t count = old_count * 2;
    size_t size = count * sizeof(struct slot);
    struct fl_block grown = {0};
    if (count == 0 || !fl_block_reserve(&grown, size)) {
        return false;
    }
    struct slot *to = grown.data;
    const struct slot *from = memo->slots.data;
    memset(to, 0, size);
    for (uint32_t i = 0; i < old_count; i++) {
        if (from[i].key != 0) {
            uint32_t at = from[i].hash & (count - 1);
            while (to[at].key != 0) {
                at = (at + 1) & (count - 1);
            }
            to[at] = from[i];
        }
    }
    assert(count > old_count);
    fl_block_release(&memo->slots);
    memo->slots = grown;
    memo->slots_count = count;
    return true;
}

static bool keys_equal(const uint64_t *key, const uint64_t *words,
                       uint32_t count)
{
    return key[0] == count &&
           memcmp(key + 1, words, count * sizeof(*words)) == 0;
}

enum fl_entry fl_memo_enter(struct fl_memo *memo, const uint64_t *words,
                            uint32_t count)
{
    assert(count > 0);
    assert(memo->keys_size > 0); /* cleared */
    if (memo->entries >= memo->slots_count / 10 * 7 && !grow_slots(memo)) {
        return FL_ENTRY_NO_MEMORY;
    }
    uint32_t hash = hash_words(words, count);
    uint32_t mask = memo->slots_count - 1;
    struct slot *slots = memo->slots.data;
    uint64_t *keys = memo->keys.data;
    uint32_t at = hash & mask;
    while (slots[at].key != 0) {
        if (slots[at].hash == hash &&
            keys_equal(keys + slots[at].key, words, count)) {
            return FL_ENTRY_OLD;
        }
        at = (at + 1) & mask;
    }
    size_t end = memo->keys_size + 1 + count;
    if (end > UINT32_MAX ||
        !fl_block_reserve(&memo->keys, end * sizeof(*keys))) {
        return FL_ENTRY_NO_MEMORY;
    }
    keys = memo->keys.data;
    keys[memo->keys_size] = count;
    memcpy(keys + memo->keys_size + 1, words, count * sizeof(*words));
    slots[at] = (struct slot){hash, (uint32_t)memo->keys_size};
    memo->keys_size = end;
    memo->entries++;
    return FL_ENTRY_NEW;
}

uint64_t fl_memo_held(const struct fl_memo *memo)
{
    return memo->bytes_size + memo->states_count * sizeof(struct state) +
           memo->state_slots_count * sizeof(uint32_t) +
           memo->keys_size * sizeof(uint64_t) +
           memo->slots_count * sizeof(struct slot);
}
