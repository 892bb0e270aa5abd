/*
 * The nearest separators, in time log64 of the number of gaps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/regions.h"

#include <assert.h>

enum {
    BITS = 64
};

bool fl_regions_begin(struct fl_regions *r, struct fl_monitor *m, uint32_t end)
{
    *r = (struct fl_regions){.end = end};
    uint32_t words = end / BITS + 1;
    for (;;) {
        assert(r->levels_count < FL_REGION_LEVELS);
        uint64_t *level = fl_monitor_room(m, words, sizeof(*level));
        if (level == NULL) {
            return false;
        }
        r->levels[r->levels_count] = level;
        r->levels_count++;
        if (words == 1) {
            return true;
        }
        words = (words - 1) / BITS + 1;
    }
}

void fl_regions_add(struct fl_regions *r, uint32_t gap)
{
    assert(gap <= r->end);
    for (uint32_t l = 0; l < r->levels_count; l++) {
        r->levels[l][gap / BITS] |= (uint64_t)1 << (gap % BITS);
        gap /= BITS;
    }
}

static uint32_t lowest_bit(uint64_t word)
{
    assert(word != 0);
    return (uint32_t)__builtin_ctzll(word);
}

static uint32_t highest_bit(uint64_t word)
{
    assert(word != 0);
    return BITS - 1 - (uint32_t)__builtin_clzll(word);
}

/* The greatest separator below `gap`, or 0. */
static uint32_t find_below(const struct fl_regions *r, uint32_t gap)
{
    for (uint32_t l = 0; l < r->levels_count; l++) {
        uint64_t below = ((uint64_t)1 << (gap % BITS)) - 1;
        uint64_t word = r->levels[l][gap / BITS] & below;
        gap /= BITS;
        if (word != 0) {
            gap = gap * BITS + highest_bit(word);
            for (; l > 0; l--) {
                gap = gap * BITS + highest_bit(r->levels[l - 1][gap]);
            }
            return gap;
        }
    }
    return 0;
}

/* The least separator at or above `gap`, or the end. */
static uint32_t find_above(const struct fl_regions *r, uint32_t gap)
{
    uint64_t from = ~(uint64_t)0 << (gap % BITS);
    for (uint32_t l = 0; l < r->levels_count; l++) {
        uint64_t word = r->levels[l][gap / BITS] & from;
        from = ~(((uint64_t)2 << (gap / BITS % BITS)) - 1);
        gap /= BITS;
        if (word != 0) {
            gap = gap * BITS + lowest_bit(word);
            for (; l > 0; l--) {
                gap = gap * BITS + lowest_bit(r->levels[l - 1][gap]);
            }
            return gap;
        }
    }
    return r->end;
}

struct fl_region fl_regions_find(const struct fl_regions *r, uint32_t last_call)
{
    assert(last_call <= r->end);
    struct fl_region region = {
        .low = find_below(r, last_call),
        .high = find_above(r, last_call),
    };
    assert(region.low <= region.high);
    return region;
}
