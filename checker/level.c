/*
 * An open-addressing index over an array of rows.  It is as large as the level
 * needs, not as the greatest before it: most levels hold one row.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/level.h"

#include <assert.h>
#include <string.h>

enum {
    SLOTS_FIRST = 16
};

void fl_level_clear(struct fl_level *level, uint32_t width)
{
    assert(width >= 1);
    level->width = width;
    level->count = 0;
    level->slots_count = 0;
}

void fl_level_release(struct fl_level *level)
{
    fl_block_release(&level->rows);
    fl_block_release(&level->slots);
    *level = (struct fl_level){.width = 0};
}

uint64_t *fl_level_row(const struct fl_level *level, uint32_t number)
{
    assert(number <= level->count);
    return (uint64_t *)level->rows.data + (size_t)number * level->width;
}

static uint32_t hash_row(const struct fl_level *level, const uint64_t *row)
{
    uint64_t hash = (uint32_t)row[0]; /* the state, not the trail */
    for (uint32_t w = 1; w < level->width; w++) {
        hash = (hash ^ row[w]) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    hash *= 0xbf58476d1ce4e5b9u;
    return (uint32_t)(hash >> 32);
}

static bool are_equal(const struct fl_level *level, const uint64_t *a,
                      const uint64_t *b)
{
    return fl_row_state(a) == fl_row_state(b) &&
           memcmp(a + 1, b + 1, (level->width - 1) * sizeof(*a)) == 0;
}

/* Indexes all rows in a table with room for as many again. */
static bool index_rows(struct fl_level *level)
{
    uint32_t slots_count = SLOTS_FIRST;
    while (slots_count / 4 <= level->count) {
        slots_count *= 2;
    }
    size_t size = slots_count * sizeof(uint32_t);
    if (slots_count > UINT32_MAX / 4 ||
        !fl_block_reserve(&level->slots, size)) {
        return false;
    }
    uint32_t *slots = level->slots.data;
    memset(slots, 0, size);
    for (uint32_t r = 0; r < level->count; r++) {
        uint32_t at = hash_row(level, fl_level_row(level, r));
        while (slots[at & (slots_count - 1)] != 0) {
            at++;
        }
        slots[at & (slots_count - 1)] = r + 1;
    }
    level->slots_count = slots_count;
    return true;
}

enum fl_level_entry fl_level_add(struct fl_level *level, const uint64_t *row)
{
    if (level->slots_count / 2 <= level->count && !index_rows(level)) {
        return FL_LEVEL_NO_MEMORY;
    }
    uint32_t *slots = level->slots.data;
    uint32_t mask = level->slots_count - 1;
    uint32_t at = hash_row(level, row) & mask;
    while (slots[at] != 0) {
        if (are_equal(level, fl_level_row(level, slots[at] - 1), row)) {
            return FL_LEVEL_OLD;
        }
        at = (at + 1) & mask;
    }
    size_t size = level->width * sizeof(*row);
    if (!fl_block_reserve(&level->rows, (level->count + 1ul) * size)) {
        return FL_LEVEL_NO_MEMORY;
    }
    level->count++;
    assert(level->count < level->slots_count);
    memcpy(fl_level_row(level, level->count - 1), row, size);
    slots[at] = level->count;
    return FL_LEVEL_NEW;
}

void fl_level_keep(struct fl_level *level, uint32_t count)
{
    assert(count <= level->count);
    level->count = count;
    level->slots_count = 0;
}

bool fl_level_widen(struct fl_level *level, uint32_t width)
{
    uint32_t narrow = level->width;
    assert(width >= narrow);
    if (!fl_block_reserve(&level->rows,
                          (size_t)level->count * width * sizeof(uint64_t))) {
        return false;
    }
    uint64_t *rows = level->rows.data;
    for (uint32_t r = level->count; r-- > 0;) {
        memmove(rows + (size_t)r * width, rows + (size_t)r * narrow,
                narrow * sizeof(*rows));
        memset(rows + (size_t)r * width + narrow, 0,
               (width - narrow) * sizeof(*rows));
    }
    level->width = width;
    level->slots_count = 0;
    return true;
}

uint64_t fl_level_held(const struct fl_level *level)
{
    return (uint64_t)level->count * level->width * sizeof(uint64_t) +
           (uint64_t)level->slots_count * sizeof(uint32_t);
}
