/*
 * A tree of greatest last cells over blocks of operations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/waiting.h"

#include <assert.h>

enum {
    BLOCK = 16 /* operations in a leaf */
};

/* The last cell plus 1 of the operation at `at`, 0 if it does not wait. */
static uint32_t last_of(const struct fl_waiting *w, uint32_t at)
{
    uint32_t op = w->ops[at];
    return w->chosen[op] == FL_NOTHING ? w->cells[op].ret + 1 : 0;
}

static void settle_block(struct fl_waiting *w, uint32_t block)
{
    uint32_t most = 0;
    uint32_t end = fl_least((block + 1) * BLOCK, w->count);
    for (uint32_t at = block * BLOCK; at < end; at++) {
        most = fl_most(most, last_of(w, at));
    }
    w->tree[w->blocks + block] = most;
}

bool fl_waiting_begin(struct fl_waiting *w, struct fl_monitor *m)
{
    w->blocks = 1;
    while (w->blocks * BLOCK < w->count) {
        w->blocks *= 2;
    }
    w->tree = fl_monitor_room(m, 2ul * w->blocks, sizeof(*w->tree));
    if (w->tree == NULL) {
        return false;
    }
    for (uint32_t block = 0; block * BLOCK < w->count; block++) {
        settle_block(w, block);
    }
    for (uint32_t node = w->blocks - 1; node > 0; node--) {
        w->tree[node] = fl_most(w->tree[2ul * node], w->tree[2ul * node + 1]);
    }
    return true;
}

/* The first block after `block` with an operation that reaches `cell`. */
static uint32_t next_block(const struct fl_waiting *w, uint32_t block,
                           uint32_t cell)
{
    uint32_t node = w->blocks + block;
    while (node > 1 && (node % 2 == 1 || w->tree[node + 1] <= cell)) {
        node /= 2;
    }
    if (node <= 1) {
        return w->blocks;
    }
    node++;
    while (node < w->blocks) {
        node = 2 * node + (w->tree[2ul * node] <= cell);
    }
    assert(w->tree[node] > cell);
    return node - w->blocks;
}

void fl_waiting_end(struct fl_waiting *w, uint32_t at)
{
    assert(at < w->count);
    uint32_t node = w->blocks + at / BLOCK;
    uint32_t before = w->tree[node];
    settle_block(w, at / BLOCK);
    bool changed = w->tree[node] != before;
    for (node /= 2; node > 0 && changed; node /= 2) {
        before = w->tree[node];
        w->tree[node] = fl_most(w->tree[2ul * node], w->tree[2ul * node + 1]);
        changed = w->tree[node] != before;
    }
}

uint32_t fl_waiting_find(struct fl_waiting *w, uint32_t from, uint32_t cell)
{
    uint32_t block = from / BLOCK;
    while (block < w->blocks && from < w->count) {
        uint32_t end = fl_least((block + 1) * BLOCK, w->count);
        for (uint32_t at = from; at < end; at++) {
            if (last_of(w, at) > cell) {
                return at;
            }
        }
        if (from == block * BLOCK) {
            fl_waiting_end(w, from); /* some may have ended elsewhere */
        }
        block = next_block(w, block, cell);
        from = block * BLOCK;
    }
    return w->count;
}
