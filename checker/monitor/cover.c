/*
 * A tree of least counts, where each node holds only what it has more than its
 * sibling: so whole branches change by one addition, and nothing is pushed
 * down.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/cover.h"

#include <assert.h>

enum {
    BLOCK = 16,    /* cells in a leaf */
    GONE = 1 << 30 /* the count of a cell that left */
};

bool fl_cover_begin(struct fl_cover *c, struct fl_monitor *m, uint32_t cells)
{
    *c = (struct fl_cover){.cells = cells, .blocks = 1};
    while (c->blocks * BLOCK <= cells) {
        c->blocks *= 2;
    }
    assert(cells < UINT32_MAX / 4);
    c->counts = fl_monitor_room(m, (size_t)(cells / BLOCK + 1) * BLOCK,
                                sizeof(*c->counts));
    c->tree = fl_monitor_room(m, 2ul * c->blocks, sizeof(*c->tree));
    c->names = fl_monitor_room(m, cells + 2ul, sizeof(*c->names));
    return c->counts != NULL && c->tree != NULL && c->names != NULL;
}

static void change_names(struct fl_cover *c, uint32_t cell, uint32_t name)
{
    for (uint32_t at = cell + 1; at <= c->cells + 1; at += at & -at) {
        c->names[at] ^= name;
    }
}

static uint32_t name_at(const struct fl_cover *c, uint32_t cell)
{
    uint32_t name = 0;
    for (uint32_t at = cell + 1; at > 0; at &= at - 1) {
        name ^= c->names[at];
    }
    return name;
}

void fl_cover_add(struct fl_cover *c, uint32_t from, uint32_t to, uint32_t name)
{
    assert(from < to && to <= c->cells);
    c->counts[from]++; /* differences, until the tree is built */
    if (to < c->cells) {
        c->counts[to]--;
    }
    change_names(c, from, name);
    change_names(c, to, name);
}

static void settle_block(struct fl_cover *c, uint32_t block)
{
    int32_t *counts = &c->counts[(size_t)block * BLOCK];
    int32_t least = counts[0];
    for (uint32_t i = 1; i < BLOCK; i++) {
        least = counts[i] < least ? counts[i] : least;
    }
    for (uint32_t i = 0; i < BLOCK; i++) {
        counts[i] -= least;
    }
    c->tree[c->blocks + block] += least;
}

/* Whether the node's own count changed by it. */
static bool settle_node(struct fl_cover *c, uint32_t node)
{
    int32_t *children = &c->tree[2ul * node];
    int32_t least = children[0] < children[1] ? children[0] : children[1];
    children[0] -= least;
    children[1] -= least;
    c->tree[node] += least;
    return least != 0;
}

/* After the count of one node changed: up to the first that stays as it was,
 * which is mostly the next but one. */
static void settle_above(struct fl_cover *c, uint32_t node)
{
    assert(node >= 1 && node < 2 * c->blocks);
    bool changed = true;
    for (node /= 2; node > 0 && changed; node /= 2) {
        changed = settle_node(c, node);
    }
}

void fl_cover_build(struct fl_cover *c)
{
    for (uint32_t cell = 1; cell < c->cells; cell++) {
        c->counts[cell] += c->counts[cell - 1];
        assert(c->counts[cell] >= 0);
    }
    uint32_t used = c->cells / BLOCK + 1;
    for (uint32_t cell = c->cells; cell < used * BLOCK; cell++) {
        c->counts[cell] = GONE;
    }
    for (uint32_t block = 0; block < c->blocks; block++) {
        if (block < used) {
            settle_block(c, block);
        } else {
            c->tree[c->blocks + block] = GONE;
        }
    }
    for (uint32_t node = c->blocks - 1; node > 0; node--) {
        (void)settle_node(c, node);
    }
}

/* Takes one from the cells of one block. */
static void lower_cells(struct fl_cover *c, uint32_t from, uint32_t to)
{
    assert(from < to && (to - 1) / BLOCK == from / BLOCK);
    for (uint32_t cell = from; cell < to; cell++) {
        c->counts[cell]--;
    }
    settle_block(c, from / BLOCK);
    settle_above(c, c->blocks + from / BLOCK);
}

/* Takes one from whole blocks: from the nodes that hold them, beside the two
 * ways up, which are settled on the way. */
static void lower_blocks(struct fl_cover *c, uint32_t first, uint32_t end)
{
    assert(first < end);
    uint32_t left = first + c->blocks;
    uint32_t right = end + c->blocks;
    while (left < right) {
        if (left % 2 == 1) {
            c->tree[left]--;
            left++;
        }
        if (right % 2 == 1) {
            right--;
            c->tree[right]--;
        }
        left /= 2;
        right /= 2;
    }
    left = (c->blocks + first) / 2;
    right = (c->blocks + end - 1) / 2;
    for (; left != right; left /= 2, right /= 2) {
        (void)settle_node(c, left);
        (void)settle_node(c, right);
    }
    /* Where they meet the node itself may have been lowered, nothing above. */
    if (left > 0) {
        (void)settle_node(c, left);
        settle_above(c, left);
    }
}

void fl_cover_remove(struct fl_cover *c, uint32_t from, uint32_t to,
                     uint32_t name)
{
    assert(from < to && to <= c->cells);
    change_names(c, from, name);
    change_names(c, to, name);
    uint32_t first = (from + BLOCK - 1) / BLOCK; /* whole block */
    uint32_t end = to / BLOCK;
    if (from / BLOCK == (to - 1) / BLOCK) {
        lower_cells(c, from, to);
        return;
    }
    if (from % BLOCK != 0) {
        lower_cells(c, from, first * BLOCK);
    }
    if (to % BLOCK != 0) {
        lower_cells(c, end * BLOCK, to);
    }
    if (first < end) {
        lower_blocks(c, first, end);
    }
}

uint32_t fl_cover_next(struct fl_cover *c, uint32_t *name)
{
    int32_t count = c->tree[1];
    assert(count >= 0);
    if (count > 1) {
        return FL_NOTHING;
    }
    uint32_t node = 1;
    while (node < c->blocks) {
        node = 2 * node + (c->tree[2ul * node] != 0);
        assert(c->tree[node] == 0);
    }
    uint32_t block = node - c->blocks;
    uint32_t cell = block * BLOCK;
    while (c->counts[cell] != 0) {
        cell++;
    }
    assert(cell < c->cells);
    c->counts[cell] = GONE;
    settle_block(c, block);
    settle_above(c, c->blocks + block);
    *name = count == 0 ? FL_NOTHING : name_at(c, cell);
    return cell;
}
