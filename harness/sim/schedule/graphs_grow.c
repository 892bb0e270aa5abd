/*
 * What a vertex leads to, when it has come last to a graph.
 *
 * A read could have read another write; a write could stand elsewhere in
 * modification order, and any read of its location that is not before it could
 * have read it (a revisit).  What came after that read and is not before the
 * write is taken out of the graph, for it may be different then.  Of all
 * graphs that lead to one by a revisit, the one is taken in which the read,
 * and all that is taken out, was added as it is added first: reading the
 * newest write, or as the newest.  So no graph comes up twice, and none has to
 * be remembered (Kokologiannakis, Marmanis, Gladstein, Vafeiadis, "Truly
 * stateless, optimal dynamic partial order reduction", POPL 2022).
 *
 *     is there       T0: W x 1     T1: R x (0)   R y (0)      T2: W x 2
 *     T2 revisits    T0: W x 1     T1: R x (2)                T2: W x 2
 *
 * An update whose write has no room (another one was made of what it read)
 * cannot be itself, and still its write revisits: the other may be taken out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/need.h"
#include "harness/sim/moves.h"
#include "harness/sim/schedule/graphs.h"

#include <stdlib.h>
#include <string.h>

static bool is_access(const struct vertex *v)
{
    return v->kind == VERTEX_READ || v->kind == VERTEX_WRITE;
}

static void plan(struct graphs *s, const struct graph *g, uint32_t fresh,
                 bool doomed)
{
    size_t size = sizeof(struct planned) + g->count * sizeof(*g->list);
    struct planned *p = need(malloc(size), "the search");
    p->count = g->count;
    p->fresh = fresh;
    p->doomed = doomed;
    memcpy(p->list, g->list, g->count * sizeof(*g->list));
    p->below = s->planned;
    s->planned = p;
}

/* Adds the write of an update, behind what its read reads now, or the one that
 * gives up a mutex.  False: it has no room. */
static bool follow_write(struct graphs *s, const struct vertex *v)
{
    struct graph *g = &s->built;
    struct vertex added = *v;
    if (!v->updates) {
        assert(v->move == MOVE_UNLOCK);
        added.rank = (uint16_t)(graph_top(g, v->place) + 1);
        graph_add(g, &added);
        return graph_check(s, g);
    }
    uint16_t read = NO_VERTEX;
    for (uint32_t i = 0; i < g->count; i++) {
        read = g->list[i].thread == v->thread ? (uint16_t)i : read;
    }
    assert(v->updates && read != NO_VERTEX);
    added.rank = (uint16_t)(graph_position(g, &g->list[read]) + 1);
    graph_add(g, &added);
    return graph_check(s, g);
}

/* Adds another read of a call: of the newest that can be, after its reads
 * before this one. */
static void follow_read(struct graphs *s, const struct vertex *v)
{
    struct graph *g = &s->built;
    uint16_t at = graph_add(g, v);
    bool can = false;
    for (uint32_t rank = graph_top(g, v->place) + 1u; !can && rank-- > 0;) {
        g->list[at].source = graph_ranked(g, v->place, (uint16_t)rank);
        can = graph_check(s, g);
    }
    assert(can);
}

/* Plans the graph built, with the vertices that follow, if it is one.  If it
 * is but for one of these, that one only leads to others. */
static void plan_built(struct graphs *s)
{
    struct graph *g = &s->built;
    uint32_t fresh = g->count;
    if (fresh + s->rest.count >= GRAPH_MAX) {
        graphs_refuse(s, UNGRAPHED_LENGTH, 0);
        return;
    }
    if (!graph_check(s, g)) {
        return;
    }
    for (uint32_t i = 0; i < s->rest.count; i++) {
        const struct vertex *v = &s->rest.list[i];
        if (v->kind == VERTEX_READ) {
            follow_read(s, v);
        } else if (!follow_write(s, v)) {
            plan(s, g, fresh, true);
            return;
        }
    }
    plan(s, g, fresh, false);
}

/* --- another write to read, another place to stand ------------------------ */

static bool is_equal(struct wide a, struct wide b)
{
    return a.low == b.low && a.high == b.high;
}

/* In how many ways `r` can read a write of this value: a compare-and-swap may
 * fail for no reason, a signal wake any of those that sleep.  The first one is
 * the plainest. */
static uint32_t ways_of(const struct vertex *r, struct wide value)
{
    if (r->move != MOVE_NONE) {
        return move_ways((enum move)r->move, value.low);
    }
    return r->idles && is_equal(value, r->value) ? 2 : 1;
}

/* Read `at` of the graph built reads a write of this value, in one of the ways
 * that there are: whether a write comes with it.  Then the graph is planned. */
static void plan_read(struct graphs *s, uint16_t at, struct wide value,
                      uint32_t way)
{
    struct vertex *r = &s->built.list[at];
    bool idle = r->move == MOVE_NONE && way != 0;
    if (r->move != MOVE_NONE) {
        r->chosen = (uint8_t)way;
        struct deed deed =
            move_on((enum move)r->move, r->thread, value.low, way);
        if (deed.waits) {
            return;
        }
        r->updates = deed.after != value.low;
        r->acquires = deed.acquires;
    }
    if (r->compares) {
        r->updates = is_equal(value, r->value) && !idle;
        r->order = r->updates ? r->success : r->failure;
        r->idle = idle;
    }
    if (r->updates) {
        s->rest.list[s->rest.count++] = graph_written(&s->built, at, value);
    }
    if (r->gives != 0) {
        s->rest.list[s->rest.count++] = graph_given(&s->built, r);
    }
    plan_built(s);
}

/* The reads behind number `at` of the same call, in the run's graph: they come
 * again. */
static void collect_call(struct graphs *s, uint16_t at)
{
    const struct vertex *r = &s->graph.list[at];
    bool call = r->settled && r->move == MOVE_NONE;
    for (uint32_t i = at + 1u; call && i < s->graph.count; i++) {
        const struct vertex *v = &s->graph.list[i];
        if (v->thread == r->thread && v->piece == r->piece &&
            v->kind == VERTEX_READ) {
            s->rest.list[s->rest.count++] = *v;
        }
    }
}

/* What the thread of read `at` has read or written there. */
static uint16_t least(const struct graph *g, uint16_t at)
{
    const struct vertex *r = &g->list[at];
    uint16_t least = 0;
    for (uint32_t i = 0; i < at; i++) {
        const struct vertex *v = &g->list[i];
        if (v->thread == r->thread && v->place == r->place && is_access(v)) {
            uint16_t position = graph_position(g, v);
            least = position > least ? position : least;
        }
    }
    return least;
}

static void read_another(struct graphs *s, const struct graph *g,
                         struct wide initial)
{
    uint16_t at = (uint16_t)(g->count - 1);
    const struct vertex *r = &g->list[at];
    uint16_t now = graph_position(g, r);
    uint16_t top = graph_top(g, r->place);
    assert(!r->idle && r->chosen == 0);
    if (r->move != MOVE_NONE) {
        initial.low = s->first[r->place];
    }
    for (uint16_t rank = least(g, at); rank <= top; rank++) {
        uint16_t source =
            rank == 0 ? NO_VERTEX : graph_ranked(g, r->place, rank);
        struct wide value = rank == 0 ? initial : g->list[source].value;
        for (uint32_t way = rank == now; way < ways_of(r, value); way++) {
            graph_take_first(&s->built, g, g->count);
            s->built.list[at].source = source;
            s->rest.count = 0;
            collect_call(s, at);
            plan_read(s, at, value, way);
        }
    }
}

static void stand_elsewhere(struct graphs *s, const struct graph *g)
{
    uint16_t at = (uint16_t)(g->count - 1);
    uint16_t now = g->list[at].rank;
    for (uint16_t rank = 1; rank < now; rank++) {
        graph_take_first(&s->built, g, g->count);
        graph_rank(&s->built, at, rank);
        s->rest.count = 0;
        plan_built(s);
    }
}

/* --- revisits ------------------------------------------------------------- */

/* Whether `e`, a read of a call, could read vertex `write` instead, in what is
 * `before` it.  It could not if another read of the call comes before what
 * this write comes behind. */
static bool could_read(struct graphs *s, const struct graph *g, uint32_t e,
                       uint32_t write, const uint64_t *before)
{
    uint64_t bits[GRAPH_WORDS] = {0};
    uint16_t from = 0;
    uint16_t to = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        if (i <= e || bits_have(before, i)) {
            bits_set(bits, i);
            from = (uint16_t)(from + (i < e ? 1 : 0));
            to = (uint16_t)(to + (i < write ? 1 : 0));
        }
    }
    graph_take(&s->built, g, bits);
    s->built.list[from].source = to;
    return graph_check(s, &s->built);
}

/* Whether vertex `e` was added to those `before` it (in the order of adding,
 * or by their bit) as it is added first. */
static bool is_plainest(struct graphs *s, const struct graph *g, uint32_t e,
                        const uint64_t *before)
{
    const struct vertex *v = &g->list[e];
    if (!is_access(v)) {
        return true;
    }
    uint16_t position = graph_position(g, v);
    if (v->idle || v->chosen != 0 || v->fixed) {
        return false;
    }
    if (v->kind == VERTEX_READ && v->source != NO_VERTEX && v->source > e &&
        !bits_have(before, v->source)) {
        return false;
    }
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vertex *u = &g->list[i];
        bool there = (i < e || bits_have(before, i)) && i != e;
        if (!is_access(u) || !there || u->place != v->place) {
            continue;
        }
        if (u->kind == VERTEX_WRITE && u->rank > position &&
            (v->kind == VERTEX_WRITE || !v->settled ||
             could_read(s, g, e, i, before))) {
            return false;
        }
        if (v->kind == VERTEX_WRITE && u->kind == VERTEX_READ &&
            u->source == e) {
            return false;
        }
    }
    return true;
}

/* What of the pieces that were cut is made again as soon as they are run. */
static void collect_rest(struct graphs *s, const struct graph *g, uint16_t read,
                         const uint64_t *kept)
{
    uint64_t cut[GRAPH_THREADS] = {0}; /* pieces in part taken out */
    s->rest.count = 0;
    if (g->list[g->count - 2].gives != 0 && g->list[g->count - 1].updates) {
        s->rest.list[s->rest.count++] = graph_given(g, &g->list[g->count - 2]);
    }
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vertex *v = &g->list[i];
        if (bits_have(kept, i)) {
            cut[v->thread] = v->piece;
            continue;
        }
        bool own = v->thread == g->list[read].thread &&
                   v->piece == g->list[read].piece;
        bool remade = v->kind == VERTEX_WRITE
                          ? (v->updates || v->move != MOVE_NONE) && !own
                          : v->kind == VERTEX_READ;
        if (remade && cut[v->thread] == v->piece) {
            s->rest.list[s->rest.count++] = *v;
        }
    }
}

/* The last vertex, a write, gives its value to a read, in what is kept. */
struct revisit {
    const struct graph *g;
    const uint64_t *kept;
    uint16_t at; /* the read, in that */
    uint32_t rest;
    bool fixed; /* the write stands where it is, for it updates */
};

/* ... and stands at `rank`, or last; the read reads it in this way.  How many
 * ranks there are. */
static uint16_t revisit_at(struct graphs *s, const struct revisit *v,
                           uint16_t rank, uint32_t way)
{
    graph_take(&s->built, v->g, v->kept);
    uint16_t write = (uint16_t)(s->built.count - 1);
    uint16_t top = graph_top(&s->built, s->built.list[write].place);
    s->built.list[v->at].source = write;
    if (!v->fixed) {
        graph_rank(&s->built, write, rank > 0 ? rank : top);
    }
    s->rest.count = v->rest;
    plan_read(s, v->at, s->built.list[write].value, way);
    return top;
}

static void revisit(struct graphs *s, const struct graph *g, uint16_t read,
                    const uint64_t *kept)
{
    const struct vertex *w = &g->list[g->count - 1];
    uint32_t ways = ways_of(&g->list[read], w->value);
    collect_rest(s, g, read, kept);
    struct revisit v = {.g = g,
                        .kept = kept,
                        .rest = s->rest.count,
                        .fixed = w->updates || w->move != MOVE_NONE};
    for (uint32_t i = 0; i < read; i++) {
        v.at = (uint16_t)(v.at + (bits_have(kept, i) ? 1 : 0));
    }
    uint16_t top = 0;
    for (uint16_t rank = 0; rank == 0 || (!v.fixed && rank < top); rank++) {
        for (uint32_t way = 0; way < ways; way++) {
            top = revisit_at(s, &v, rank, way);
        }
    }
}

/* Whose move is `read`, which is not kept, waits until the object lets it. */
static void wait_instead(struct graphs *s, const struct graph *g, uint16_t read,
                         const uint64_t *kept)
{
    collect_rest(s, g, read, kept);
    graph_take(&s->built, g, kept);
    assert(s->built.count >= 2);
    s->built.list[s->built.count - 2].fixed = true;
    s->built.list[s->built.count - 1].fixed = true;
    plan_built(s);
}

/* Whether the last vertex, a write, could give its value to read `r`.  Of two
 * moves that change an object, the one before comes behind what the other came
 * behind. */
static bool could_have(const struct graph *g, const struct vertex *r)
{
    const struct vertex *w = &g->list[g->count - 1];
    if (r->kind != VERTEX_READ || r->place != w->place) {
        return false;
    }
    return w->move == MOVE_NONE || !r->updates ||
           (w->updates && r->source == g->list[g->count - 2].source);
}

/* Whether it then waits. */
static bool would_wait(const struct graph *g, const struct vertex *r)
{
    uint64_t state = g->list[g->count - 1].value.low;
    return r->move != MOVE_NONE &&
           move_on((enum move)r->move, r->thread, state, 0).waits;
}

static void revisit_all(struct graphs *s, const struct graph *g)
{
    uint16_t last = (uint16_t)(g->count - 1);
    uint64_t before[GRAPH_WORDS];
    graph_prefix(g, last, before);
    for (uint16_t read = 0; read < last; read++) {
        const struct vertex *r = &g->list[read];
        if (!could_have(g, r) || bits_have(before, read)) {
            continue;
        }
        uint64_t kept[GRAPH_WORDS] = {0};
        bool waits = would_wait(g, r);
        bool plainest = true;
        for (uint32_t e = 0; e < g->count; e++) {
            bool stays = e < read || e == last || bits_have(before, e);
            plainest = plainest && (stays || is_plainest(s, g, e, before));
            if (stays || (e == read && !waits)) {
                bits_set(kept, e);
            }
        }
        if (plainest && waits) {
            wait_instead(s, g, read, kept);
        } else if (plainest) {
            revisit(s, g, read, kept);
        }
    }
}

void graph_grow(struct graphs *s, uint16_t at, struct wide initial)
{
    struct graph *g = &s->part;
    graph_take_first(g, &s->graph, at + 1u);
    const struct vertex *v = &g->list[at];
    if (v->kind == VERTEX_READ) {
        read_another(s, g, initial);
    } else if (v->kind == VERTEX_WRITE) {
        if (!v->updates && !v->settled) {
            stand_elsewhere(s, g);
        }
        revisit_all(s, g);
    }
}
