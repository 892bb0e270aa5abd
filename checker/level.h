/*
 * A level of the search in breadth: the distinct configurations that are
 * reached by one event.
 *
 * A configuration is a row of 64-bit words:
 *
 *     | trail, state | bit for each slot: the item there has taken effect |
 *
 * A slot belongs to an item while it is in flight.  Rows are equal if all but
 * the trail, which says how the configuration came about, is equal; they are
 * found by hash and compared as a whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_LEVEL_H
#define FL_LEVEL_H

#include "checker/block.h"

#include <stdint.h>

struct fl_level {
    struct fl_block rows;  /* uint64_t, `width` of them each */
    struct fl_block slots; /* uint32_t: row number + 1, or 0 */
    uint32_t width;        /* words of a row */
    uint32_t count;        /* rows */
    uint32_t slots_count;  /* a power of two; 0: not indexed */
};

/* What became of a row. */
enum fl_level_entry {
    FL_LEVEL_NEW,
    FL_LEVEL_OLD,
    FL_LEVEL_NO_MEMORY,
};

/* Forgets all rows, and makes those to come `width` words wide. */
void fl_level_clear(struct fl_level *level, uint32_t width);

/* Ends the level. */
void fl_level_release(struct fl_level *level);

/* Row `number`; valid until the next is added. */
uint64_t *fl_level_row(const struct fl_level *level, uint32_t number);

/* Adds `row`, unless it is there.  It must not lie in the level. */
enum fl_level_entry fl_level_add(struct fl_level *level, const uint64_t *row);

/* Keeps the first `count` rows, which may have been changed; they must be
 * distinct.  The level is indexed again when the next is added. */
void fl_level_keep(struct fl_level *level, uint32_t count);

/* Makes rows `width` words wide; what is added to each is zero. */
bool fl_level_widen(struct fl_level *level, uint32_t width);

/* Bytes held. */
uint64_t fl_level_held(const struct fl_level *level);

static inline uint32_t fl_row_state(const uint64_t *row)
{
    return (uint32_t)row[0];
}

static inline uint32_t fl_row_trail(const uint64_t *row)
{
    return (uint32_t)(row[0] >> 32);
}

static inline void fl_row_set(uint64_t *row, uint32_t state, uint32_t trail)
{
    row[0] = (uint64_t)trail << 32 | state;
}

static inline bool fl_row_has(const uint64_t *row, uint32_t slot)
{
    return row[1 + slot / 64] >> (slot % 64) & 1;
}

static inline void fl_row_flip(uint64_t *row, uint32_t slot)
{
    row[1 + slot / 64] ^= (uint64_t)1 << (slot % 64);
}

#endif
