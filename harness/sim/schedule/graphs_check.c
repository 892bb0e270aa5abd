/*
 * Whether a graph is an execution of memory/c11.c.
 *
 *     coherence   who happens after a read or write of a location reads, or
 *                 stands, at the same place in modification order or later
 *     updates     nothing stands between what one read and what it wrote
 *     order       there is an order of execution which contains program
 *                 order, reads-from, modification order, and
 *                   a before b, both sequentially consistent, if otherwise a
 *                   would find something older than b has told
 *
 * The third is what the global view of memory/c11.c comes to.  A fence tells
 * all that happens before it, and finds all that happens after it; an access
 * tells and finds its own place.  Views that fences hand on need no edges of
 * their own: whoever has joined such a view comes later than who told it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/graphs.h"

#include <string.h>

static bool is_access(const struct vertex *v)
{
    return v->kind == VERTEX_READ || v->kind == VERTEX_WRITE;
}

/* Numbers the pieces, and the vertices of each thread. */
static void number(struct check *c, const struct graph *g)
{
    uint16_t own[GRAPH_THREADS] = {0};
    uint16_t current[GRAPH_THREADS] = {0};
    c->pieces = 0;
    c->threads = 0;
    c->places = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vertex *v = &g->list[i];
        uint16_t p = current[v->thread];
        c->own[i] = ++own[v->thread];
        c->next[i] = NO_VERTEX;
        c->threads = v->thread >= c->threads ? v->thread + 1u : c->threads;
        c->places =
            is_access(v) && v->place >= c->places ? v->place + 1u : c->places;
        if (own[v->thread] > 1 && c->turns[p].piece == v->piece) {
            c->next[c->last[p]] = (uint16_t)i;
        } else {
            p = (uint16_t)c->pieces++;
            c->turns[p] = (struct turn){
                .thread = v->thread, .piece = v->piece, .first = (uint16_t)i};
            current[v->thread] = p;
        }
        c->last[p] = (uint16_t)i;
        c->piece_of[i] = p;
    }
    c->words = (c->pieces + 63) / 64;
}

/* Lists the writes of each location by rank. */
static void list_writes(struct check *c, const struct graph *g)
{
    memset(c->first_write, 0, (c->places + 1) * sizeof(*c->first_write));
    for (uint32_t i = 0; i < g->count; i++) {
        if (g->list[i].kind == VERTEX_WRITE) {
            c->first_write[g->list[i].place + 1]++;
        }
    }
    for (uint32_t p = 0; p < c->places; p++) {
        c->first_write[p + 1] =
            (uint16_t)(c->first_write[p + 1] + c->first_write[p]);
    }
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vertex *v = &g->list[i];
        if (v->kind == VERTEX_WRITE) {
            c->writes[c->first_write[v->place] + v->rank - 1] = (uint16_t)i;
        }
    }
}

/* The write of this rank, from 1, or NO_VERTEX. */
static uint16_t ranked(const struct check *c, uint16_t place, uint32_t rank)
{
    uint32_t at = c->first_write[place] + rank - 1u;
    return at < c->first_write[place + 1] ? c->writes[at] : NO_VERTEX;
}

/* Piece of vertex `a` before that of vertex `b`. */
static void add_edge(struct check *c, uint16_t a, uint16_t b)
{
    uint32_t from = c->piece_of[a];
    uint32_t to = c->piece_of[b];
    uint64_t *row = &c->edges[(size_t)from * c->words];
    if (from != to && !bits_have(row, to)) {
        bits_set(row, to);
        c->degree[to]++;
    }
}

static void order_vertex(const struct graphs *s, struct check *c,
                         const struct graph *g, uint16_t i)
{
    const struct vertex *v = &g->list[i];
    if (v->after != NO_VERTEX) {
        add_edge(c, v->after, i);
    }
    if (v->beside != 0) {
        add_edge(c, (uint16_t)(v->beside - 1), i);
    }
    if (v->kind == VERTEX_READ && v->source != NO_VERTEX) {
        add_edge(c, v->source, i);
    }
    if (v->kind == VERTEX_WRITE && v->rank > 1 && (!s->inserts || v->settled)) {
        add_edge(c, ranked(c, v->place, v->rank - 1u), i);
    }
    if (v->kind == VERTEX_READ && v->settled) {
        uint16_t next = ranked(c, v->place, graph_position(g, v) + 1u);
        if (next != NO_VERTEX) {
            add_edge(c, i, next);
        }
    }
}

static void order(const struct graphs *s, struct check *c,
                  const struct graph *g)
{
    memset(c->edges, 0, (size_t)c->pieces * c->words * sizeof(*c->edges));
    memset(c->degree, 0, c->pieces * sizeof(*c->degree));
    uint16_t last[GRAPH_THREADS];
    memset(last, 0xff, sizeof(last));
    for (uint32_t i = 0; i < g->count; i++) {
        uint8_t t = g->list[i].thread;
        if (last[t] != NO_VERTEX) {
            add_edge(c, last[t], (uint16_t)i);
        }
        last[t] = (uint16_t)i;
        order_vertex(s, c, g, (uint16_t)i);
    }
}

/* Piece `p` is in line: nobody waits for it any more. */
static void let_follow(const struct check *c, uint32_t p, uint16_t *degree,
                       uint64_t *ready)
{
    for (uint32_t k = 0; k < c->words; k++) {
        for (uint64_t q = c->edges[p * c->words + k]; q != 0; q &= q - 1) {
            uint32_t to = k * 64 + (uint32_t)__builtin_ctzll(q);
            if (--degree[to] == 0) {
                bits_set(ready, to);
            }
        }
    }
}

/* Lays the pieces in line, those added first first.  False: a cycle. */
static bool line_up(struct check *c)
{
    uint16_t degree[GRAPH_MAX];
    uint64_t ready[GRAPH_WORDS] = {0};
    memcpy(degree, c->degree, c->pieces * sizeof(*degree));
    for (uint32_t p = 0; p < c->pieces; p++) {
        if (degree[p] == 0) {
            bits_set(ready, p);
        }
    }
    for (uint32_t done = 0; done < c->pieces; done++) {
        uint32_t w = 0;
        while (w < c->words && ready[w] == 0) {
            w++;
        }
        if (w == c->words) {
            return false;
        }
        uint32_t p = w * 64 + (uint32_t)__builtin_ctzll(ready[w]);
        ready[w] &= ready[w] - 1;
        c->line[done] = (uint16_t)p;
        let_follow(c, p, degree, ready);
    }
    return true;
}

/* An update's write, directly behind what its read read. */
static bool is_glued(const struct graph *g, uint16_t i)
{
    const struct vertex *w = &g->list[i];
    for (uint32_t k = i; k-- > 0;) {
        const struct vertex *r = &g->list[k];
        if (r->thread == w->thread) {
            assert(r->kind == VERTEX_READ && r->piece == w->piece);
            return graph_position(g, r) + 1 == w->rank;
        }
    }
    assert(false);
    return false;
}

static bool are_glued(const struct graph *g)
{
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vertex *v = &g->list[i];
        if (v->kind == VERTEX_WRITE && v->updates &&
            !is_glued(g, (uint16_t)i)) {
            return false;
        }
    }
    return true;
}

static void chain_accesses(struct check *c, const struct graph *g)
{
    memset(c->latest, 0xff, c->places * sizeof(*c->latest));
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vertex *v = &g->list[i];
        if (is_access(v)) {
            c->chain[i] = c->latest[v->place];
            c->latest[v->place] = (uint16_t)i;
        }
    }
}

/* Whether `late`, which happens after `early`, would go back. */
static bool goes_back(const struct check *c, const struct graph *g,
                      uint16_t early, uint16_t late)
{
    const struct vertex *v = &g->list[late];
    uint16_t from = graph_position(g, &g->list[early]);
    uint16_t to = graph_position(g, v);
    return (from > to || (from == to && v->kind == VERTEX_WRITE)) &&
           graph_before(c, g, early, late);
}

static bool is_coherent(struct check *c, const struct graph *g)
{
    chain_accesses(c, g);
    for (uint32_t i = 0; i < g->count; i++) {
        if (!is_access(&g->list[i])) {
            continue;
        }
        for (uint16_t k = c->chain[i]; k != NO_VERTEX; k = c->chain[k]) {
            if (goes_back(c, g, k, (uint16_t)i) ||
                goes_back(c, g, (uint16_t)i, k)) {
                return false;
            }
        }
    }
    return true;
}

static bool is_total(const struct vertex *v)
{
    return v->order == ORDER_SEQ_CST && !v->settled &&
           (is_access(v) || v->kind == VERTEX_FENCE);
}

/* Whether one of what `a` tells is behind one of what `b` finds. */
static bool tells(const struct check *c, const struct graph *g, uint16_t a,
                  uint16_t b)
{
    bool tells_all = g->list[a].kind == VERTEX_FENCE;
    bool finds_all = g->list[b].kind == VERTEX_FENCE;
    uint32_t from = tells_all ? 0 : a;
    uint32_t to = tells_all ? g->count : a + 1u;
    for (uint32_t i = from; i < to; i++) {
        const struct vertex *told = &g->list[i];
        if (!is_access(told) || told->settled ||
            (tells_all && !graph_before(c, g, (uint16_t)i, a))) {
            continue;
        }
        uint16_t position = graph_position(g, told);
        uint32_t first = finds_all ? 0 : b;
        uint32_t end = finds_all ? g->count : b + 1u;
        for (uint32_t k = first; k < end; k++) {
            const struct vertex *found = &g->list[k];
            if (is_access(found) && found->place == told->place &&
                graph_position(g, found) < position &&
                (!finds_all || graph_before(c, g, b, (uint16_t)k))) {
                return true;
            }
        }
    }
    return false;
}

/* Edges of the order of what is sequentially consistent.  Whether there is
 * one more. */
static bool order_total(struct check *c, const struct graph *g)
{
    uint16_t total[GRAPH_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        if (is_total(&g->list[i])) {
            total[count++] = (uint16_t)i;
        }
    }
    bool more = false;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < count; k++) {
            const struct vertex *a = &g->list[total[i]];
            const struct vertex *b = &g->list[total[k]];
            bool apart = is_access(a) && is_access(b) && a->place != b->place;
            if (i != k && !apart && tells(c, g, total[i], total[k])) {
                add_edge(c, total[k], total[i]);
                more = true;
            }
        }
    }
    return more;
}

bool graph_check(struct graphs *s, const struct graph *g)
{
    struct check *c = &s->check;
    number(c, g);
    list_writes(c, g);
    if (!are_glued(g) || !graph_ranks_twins(s, g)) {
        return false;
    }
    order(s, c, g);
    if (!line_up(c)) {
        return false;
    }
    if (!graph_clocks(s, g)) {
        graphs_refuse(s, UNGRAPHED_SEQUENCE, 0);
        return false;
    }
    if (!is_coherent(c, g)) {
        return false;
    }
    return !order_total(c, g) || line_up(c);
}
