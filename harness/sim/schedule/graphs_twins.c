/*
 * Threads that are alike (harness/sim/twins.h), in a search over execution
 * graphs: none overtakes another as long as they do the same.
 *
 * As in dpor_twins.c: of twins t < u, piece number n of u comes behind piece
 * number n of t if up to there they were the same, nothing but reads of the
 * same writes.  That edge is a cause like any other to the search (so what u
 * does never revisits what t did before it), and an edge of the order of
 * execution; of happens-before it is none.  Every graph has an order of
 * execution in which such reads stand together, and then names by which nobody
 * overtakes.
 *
 * Under a memory model that lets loads read older stores, reads that differ
 * need no order, and both names would be run.  So t, too, is the one that reads
 * the older store.  If modification order is that of execution, that loses
 * nothing: the older store is there before the newer, and what reads it can
 * come before what reads that.  (With `mo: insert` the newer can come first,
 * and may be what led to the older: then only the first rule holds.)  Reading
 * the newest store is never against the rule, so whatever is added can still
 * be added as it is added first, which the search builds on.
 *
 * SPORE (Kokologiannakis, Marmanis, Vafeiadis, PLDI 2024) has the second rule
 * for any prefix that is the same, and of writes, too; where the first event
 * that differs is no access (a return, a fence), this one may run an execution
 * under two names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/graphs.h"

#include <string.h>

void graphs_twins_begin(struct graphs *s, const struct profile *profile)
{
    s->twins = profile->twins != NULL;
    s->likes = profile->twins;
    if (s->twins) {
        memcpy(s->alike, profile->twins, sizeof(s->alike));
    }
}

uint64_t graphs_held(const struct graphs *s, uint64_t threads)
{
    uint64_t held = 0;
    for (uint64_t left = s->twins ? threads : 0; left != 0; left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left);
        for (uint64_t q = s->alike[t]; q != 0; q &= q - 1) {
            if (s->pieces[__builtin_ctzll(q)] <= s->pieces[t]) {
                held |= left & -left;
            }
        }
    }
    return held;
}

/* The first vertex of a piece, behind `from`, or NO_VERTEX. */
static uint16_t find(const struct graph *g, uint32_t from, uint32_t thread,
                     uint32_t piece)
{
    for (uint32_t i = from; i < g->count; i++) {
        if (g->list[i].thread == thread && g->list[i].piece == piece) {
            return (uint16_t)i;
        }
    }
    return NO_VERTEX;
}

uint16_t graphs_beside(const struct graphs *s, const struct turn *turn)
{
    if (!s->twins || s->alike[turn->thread] == 0) {
        return 0;
    }
    /* Those below it are as alike to each other as to this one. */
    uint32_t twin = 63 - (uint32_t)__builtin_clzll(s->alike[turn->thread]);
    uint16_t last = NO_VERTEX;
    for (uint32_t i = s->graph.count; last == NO_VERTEX && i-- > 0;) {
        const struct vertex *v = &s->graph.list[i];
        last = v->thread == twin && v->piece == turn->piece ? (uint16_t)i
                                                            : NO_VERTEX;
    }
    assert(last != NO_VERTEX);
    return (uint16_t)(last + 1);
}

/* Whether what vertex `v` does is seen by nobody. */
static bool only_reads(const struct vertex *v)
{
    switch ((enum vertex_kind)v->kind) {
    case VERTEX_OTHER:
        return true;
    case VERTEX_READ:
        return !v->updates;
    case VERTEX_FENCE:
        return v->order != ORDER_SEQ_CST;
    case VERTEX_WRITE:
    case VERTEX_TOUCH:
        break;
    }
    return false;
}

static bool is_like(const struct vertex *v, const struct vertex *u)
{
    if (v->kind != u->kind || v->order != u->order) {
        return false;
    }
    return v->kind != VERTEX_READ ||
           (v->place == u->place && v->source == u->source &&
            v->idle == u->idle);
}

/* Whether all vertices of a piece of `thread` only read, and one of the same
 * piece of `twin` is like each; `twin` itself has not returned for it. */
static bool follows(const struct graphs *s, uint32_t thread, uint32_t twin,
                    uint32_t piece)
{
    const struct graph *g = &s->graph;
    uint32_t i = find(g, 0, thread, piece);
    for (; i != NO_VERTEX; i = find(g, i + 1, thread, piece)) {
        const struct vertex *v = &g->list[i];
        if (!only_reads(v)) {
            return false;
        }
        if (v->kind == VERTEX_READ && s->place[v->place] == RETURNS_OF(twin)) {
            if (v->source != NO_VERTEX) {
                return false;
            }
            continue;
        }
        uint32_t k = find(g, 0, twin, piece);
        while (k != NO_VERTEX && !is_like(v, &g->list[k])) {
            k = find(g, k + 1, twin, piece);
        }
        if (k == NO_VERTEX) {
            return false;
        }
    }
    return true;
}

/* Whether two threads have done the same in this piece. */
static bool is_same(const struct graphs *s, uint32_t one, uint32_t other,
                    uint32_t piece)
{
    const struct graph *g = &s->graph;
    uint16_t first = find(g, 0, one, piece);
    uint16_t twin = find(g, 0, other, piece);
    /* Threads that the code has made come behind what made each, one right
     * after the other (harness/sim/families.h). */
    return first != NO_VERTEX && twin != NO_VERTEX &&
           (piece == 1 || g->list[first].after == g->list[twin].after) &&
           follows(s, one, other, piece) && follows(s, other, one, piece);
}

void graphs_compare(struct graphs *s, const struct turn *turn)
{
    for (uint64_t q = s->twins ? s->alike[turn->thread] : 0; q != 0;
         q &= q - 1) {
        uint32_t twin = (uint32_t)__builtin_ctzll(q);
        if (!is_same(s, turn->thread, twin, turn->piece)) {
            s->alike[turn->thread] &= ~((uint64_t)1 << twin);
        }
    }
}

/* What of two reads of twins that differ comes first: that of the older store,
 * and of one store that which fails for no reason. */
static uint32_t rank_read(const struct graph *g, const struct vertex *v)
{
    return 2u * graph_position(g, v) + (v->updates ? 1 : 0);
}

/* Whether the rule for reads is one of a compare-and-swap: not if what fails
 * were bound to the order of all that is sequentially consistent, and what
 * swaps were not. */
static bool is_ranked(const struct vertex *v)
{
    return v->kind == VERTEX_READ && !v->settled &&
           (!v->compares || v->failure != ORDER_SEQ_CST ||
            v->success == ORDER_SEQ_CST);
}

bool graph_ranks_twins(const struct graphs *s, const struct graph *g)
{
    const struct check *c = &s->check;
    for (uint32_t i = 0; s->twins && !s->inserts && i < g->count; i++) {
        const struct vertex *v = &g->list[i];
        if (v->beside == 0 || !is_ranked(v)) {
            continue;
        }
        const struct vertex *u =
            &g->list[c->turns[c->piece_of[v->beside - 1]].first];
        if (is_ranked(u) && u->place == v->place &&
            rank_read(g, u) > rank_read(g, v)) {
            return false;
        }
    }
    return true;
}
