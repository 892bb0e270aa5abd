/*
 * Steps in one array, parents first, so that one walk from its end marks what
 * is alive and one from its beginning moves it together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/trail.h"

#include <assert.h>
#include <string.h>

enum {
    PRUNE_LEAST = 1 << 12 /* steps; fewer are not worth a walk */
};

bool fl_trail_clear(struct fl_trail *trail)
{
    if (!fl_block_reserve(&trail->steps, sizeof(struct fl_trail_step))) {
        return false;
    }
    struct fl_trail_step *steps = trail->steps.data;
    steps[FL_TRAIL_ROOT] = (struct fl_trail_step){0, UINT32_MAX};
    trail->count = 1;
    trail->pruned = 1;
    return true;
}

void fl_trail_release(struct fl_trail *trail)
{
    fl_block_release(&trail->steps);
    fl_block_release(&trail->moved);
    *trail = (struct fl_trail){.count = 0};
}

uint32_t fl_trail_add(struct fl_trail *trail, uint32_t parent, uint32_t item)
{
    assert(parent < trail->count);
    size_t size = (trail->count + 1ul) * sizeof(struct fl_trail_step);
    if (trail->count == UINT32_MAX - 1 ||
        !fl_block_reserve(&trail->steps, size)) {
        return UINT32_MAX;
    }
    struct fl_trail_step *steps = trail->steps.data;
    steps[trail->count] = (struct fl_trail_step){parent, item};
    trail->count++;
    return trail->count - 1;
}

uint32_t fl_trail_items(const struct fl_trail *trail, uint32_t end,
                        uint32_t *items)
{
    const struct fl_trail_step *steps = trail->steps.data;
    uint32_t count = 0;
    for (uint32_t at = end; at != FL_TRAIL_ROOT; at = steps[at].parent) {
        assert(steps[at].parent < at);
        count++;
    }
    assert(count < trail->count);
    uint32_t left = count;
    for (uint32_t at = end; at != FL_TRAIL_ROOT; at = steps[at].parent) {
        left--;
        items[left] = steps[at].item;
    }
    return count;
}

bool fl_trail_grown(const struct fl_trail *trail)
{
    return trail->count > PRUNE_LEAST && trail->count / 2 > trail->pruned;
}

bool fl_trail_prune_begin(struct fl_trail *trail)
{
    size_t size = trail->count * sizeof(uint32_t);
    if (!fl_block_reserve(&trail->moved, size)) {
        return false;
    }
    memset(trail->moved.data, 0, size);
    return true;
}

void fl_trail_prune_keep(struct fl_trail *trail, uint32_t end)
{
    assert(end < trail->count);
    ((uint32_t *)trail->moved.data)[end] = 1;
}

void fl_trail_prune_end(struct fl_trail *trail)
{
    struct fl_trail_step *steps = trail->steps.data;
    uint32_t *moved = trail->moved.data;
    for (uint32_t at = trail->count; at-- > 1;) {
        if (moved[at] != 0) {
            moved[steps[at].parent] = 1;
        }
    }
    uint32_t count = 1;
    moved[FL_TRAIL_ROOT] = FL_TRAIL_ROOT;
    for (uint32_t at = 1; at < trail->count; at++) {
        if (moved[at] != 0) {
            steps[count].parent = moved[steps[at].parent];
            steps[count].item = steps[at].item;
            assert(steps[count].parent < count);
            moved[at] = count;
            count++;
        }
    }
    trail->count = count;
    trail->pruned = count;
}

uint32_t fl_trail_prune_moved(const struct fl_trail *trail, uint32_t end)
{
    return ((const uint32_t *)trail->moved.data)[end];
}

uint64_t fl_trail_held(const struct fl_trail *trail)
{
    return trail->count * sizeof(struct fl_trail_step);
}
