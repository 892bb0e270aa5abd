/*
 * Chains in order: each possible in itself, and no two each before the other
 * (the zones of Gibbons and Korach 1997).
 *
 * Let m be the least return and M the greatest call in a chain.  Chain `a`
 * must come before `b` if m(a) < M(b), and an order exists iff there are no
 * two that must come before each other: look at the greatest M of a cycle.
 * The lesser of m and M is an order then.  In it, two that contradict each
 * other are found beside each other: one with m < M, and a later one whose m
 * lies before that M.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/chain.h"

#include <assert.h>

/* One walk along a chain. */
struct walk {
    struct fl_chains *c;
    struct fl_monitor *m;
    struct fl_block_of *block;
    uint32_t latest; /* the operation called last so far; FL_NOTHING */
};

/* Operation `i` is next in the chain; false if it returned too early. */
static bool step(struct walk *w, uint32_t i)
{
    const struct fl_span *spans = w->m->spans;
    struct fl_block_of *block = w->block;
    if (w->latest != FL_NOTHING && spans[w->latest].call >= spans[i].ret) {
        return false;
    }
    if (w->latest == FL_NOTHING || spans[i].call > spans[w->latest].call) {
        w->latest = i;
    }
    block->last = w->latest;
    if (block->first == FL_NOTHING || spans[i].ret < spans[block->first].ret) {
        block->first = i;
    }
    w->c->sequence[w->c->sequence_count] = i;
    w->c->sequence_count++;
    return true;
}

static enum fl_answer blame_step(const struct walk *w, uint32_t i, uint32_t v)
{
    char text[80];
    const fl_value *values = w->c->numbering.values;
    (void)fl_chain_value(w->m, values[v], text, sizeof(text));
    fl_monitor_names(w->m, i);
    fl_monitor_names(w->m, w->latest);
    if (i != w->c->giver[v]) {
        return fl_monitor_violates(w->m,
                                   w->latest == w->c->giver[v]
                                       ? "%s was read before it was written"
                                       : "%s was read before what it came from",
                                   text);
    }
    return fl_monitor_violates(
        w->m,
        "%s was written by a cas that returned before the value that "
        "it replaced was there, or was last read",
        text);
}

/* Walks the chain that begins with value `v`. */
static enum fl_answer walk_chain(struct fl_chains *c, struct fl_monitor *m,
                                 uint32_t v)
{
    struct fl_block_of *block = &c->blocks[c->blocks_count];
    *block = (struct fl_block_of){c->sequence_count, v, FL_NOTHING, FL_NOTHING};
    c->blocks_count++;
    struct walk w = {c, m, block, FL_NOTHING};
    while (v != FL_NOTHING) {
        uint32_t giver = c->giver[v];
        if (giver != FL_INITIAL && !step(&w, giver)) {
            return blame_step(&w, giver, v);
        }
        for (uint32_t k = c->reads_begin[v]; k < c->reads_begin[v + 1]; k++) {
            if (!step(&w, c->reads[k])) {
                return blame_step(&w, c->reads[k], v);
            }
        }
        uint32_t replacer = c->replacer[v];
        v = replacer == FL_NOTHING ? FL_NOTHING : c->given[replacer];
    }
    return FL_ANSWER_PASS;
}

/* Walks all chains.  One that begins nowhere goes round in a circle. */
static enum fl_answer walk_chains(struct fl_chains *c, struct fl_monitor *m)
{
    for (uint32_t v = 0; v < c->numbering.count; v++) {
        uint32_t giver = c->giver[v];
        bool begins = giver == FL_INITIAL ||
                      (giver != FL_NOTHING && c->taken[giver] == FL_NOTHING);
        if (begins) {
            enum fl_answer answer = walk_chain(c, m, v);
            if (answer != FL_ANSWER_PASS) {
                return answer;
            }
        }
    }
    if (c->sequence_count == c->musts) {
        return FL_ANSWER_PASS;
    }
    for (uint32_t k = 0; k < c->sequence_count; k++) {
        c->given[c->sequence[k]] = FL_NOTHING;
    }
    uint32_t i = 0;
    while (c->given[i] == FL_NOTHING || c->taken[i] == FL_NOTHING) {
        i++;
        assert(i < m->count);
    }
    char text[80];
    fl_monitor_names(m, i);
    fl_monitor_names(m, c->giver[c->taken[i]]);
    return fl_monitor_violates(
        m, "%s comes from values that all come from it, by cas",
        fl_chain_value(m, c->numbering.values[c->given[i]], text,
                       sizeof(text)));
}

/* m of a block; the initial value was there before all. */
static uint32_t first_ret(const struct fl_chains *c, const struct fl_monitor *m,
                          const struct fl_block_of *block)
{
    bool is_initial = c->giver[block->value] == FL_INITIAL;
    return is_initial ? 0 : m->spans[block->first].ret;
}

static uint32_t last_call(const struct fl_monitor *m,
                          const struct fl_block_of *block)
{
    return block->last == FL_NOTHING ? 0 : m->spans[block->last].call;
}

static enum fl_answer blame_blocks(const struct fl_chains *c,
                                   struct fl_monitor *m,
                                   const struct fl_block_of *a,
                                   const struct fl_block_of *b)
{
    char one[80];
    char other[80];
    const fl_value *values = c->numbering.values;
    (void)fl_chain_value(m, values[a->value], one, sizeof(one));
    (void)fl_chain_value(m, values[b->value], other, sizeof(other));
    fl_monitor_names(m, b->first);
    fl_monitor_names(m, a->last);
    if (c->giver[a->value] == FL_INITIAL) {
        return fl_monitor_violates(
            m, "%s, the initial value, was seen after %s was written", one,
            other);
    }
    fl_monitor_names(m, a->first);
    fl_monitor_names(m, b->last);
    return fl_monitor_violates(
        m, "%s was there before %s and after it, but was written once", one,
        other);
}

/* Orders the blocks into `order`. */
static enum fl_answer order_blocks(const struct fl_chains *c,
                                   struct fl_monitor *m, uint32_t *order)
{
    uint32_t *keys = fl_monitor_room(m, c->blocks_count, sizeof(*keys));
    uint32_t *spare = fl_monitor_room(m, c->blocks_count, sizeof(*spare));
    if (keys == NULL || spare == NULL) {
        return FL_ANSWER_NO_MEMORY;
    }
    for (uint32_t b = 0; b < c->blocks_count; b++) {
        const struct fl_block_of *block = &c->blocks[b];
        keys[b] = fl_least(first_ret(c, m, block), last_call(m, block));
        order[b] = b;
    }
    assert(c->giver[c->blocks[0].value] == FL_INITIAL);
    keys[0] = 0; /* and the sort is stable: it stays in front */
    fl_monitor_sort(order, spare, c->blocks_count, keys);
    assert(order[0] == 0);
    const struct fl_block_of *widest = &c->blocks[0];
    for (uint32_t k = 1; k < c->blocks_count; k++) {
        const struct fl_block_of *block = &c->blocks[order[k]];
        uint32_t first = first_ret(c, m, block);
        uint32_t last = last_call(m, block);
        if (first < last_call(m, widest)) {
            return blame_blocks(c, m, widest, block);
        }
        if (first < last && last > last_call(m, widest)) {
            widest = block;
        }
    }
    fl_monitor_drop(m, keys);
    fl_monitor_drop(m, spare);
    return FL_ANSWER_PASS;
}

static void place_blocks(const struct fl_chains *c, struct fl_monitor *m,
                         const uint32_t *order)
{
    uint32_t gap = 0;
    for (uint32_t k = 0; k < c->blocks_count; k++) {
        uint32_t b = order[k];
        uint32_t end = b + 1 < c->blocks_count ? c->blocks[b + 1].begin
                                               : c->sequence_count;
        for (uint32_t at = c->blocks[b].begin; at < end; at++) {
            uint32_t i = c->sequence[at];
            gap = fl_most(gap, m->spans[i].call);
            assert(gap < m->spans[i].ret);
            fl_monitor_place(m, i, gap);
        }
    }
}

enum fl_answer fl_chains_decide(struct fl_chains *c, struct fl_monitor *m)
{
    c->sequence = fl_monitor_room(m, c->musts, sizeof(*c->sequence));
    c->blocks = fl_monitor_room(m, c->numbering.count, sizeof(*c->blocks));
    if (c->sequence == NULL || c->blocks == NULL) {
        return FL_ANSWER_NO_MEMORY;
    }
    enum fl_answer answer = walk_chains(c, m);
    if (answer != FL_ANSWER_PASS) {
        return answer;
    }
    uint32_t *order = fl_monitor_room(m, c->blocks_count, sizeof(*order));
    if (order == NULL) {
        return FL_ANSWER_NO_MEMORY;
    }
    answer = order_blocks(c, m, order);
    if (answer == FL_ANSWER_PASS) {
        if (!fl_monitor_begin(m)) {
            return FL_ANSWER_NO_MEMORY;
        }
        place_blocks(c, m, order);
    }
    return answer;
}
