/*
 * Happens-before of an execution graph, by the rules of memory/c11.c and
 * memory/sequences.c.
 *
 * A clock says of each thread how many of its vertices are before.  What a
 * write hands to whoever acquires it is a clock, too (its message), and so is
 * the part of it that each thread heads.  The order of sequentially consistent
 * accesses is no part of happens-before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/model.h"
#include "harness/sim/schedule/graphs.h"

#include <string.h>

/* What threads know while the graph is walked. */
struct walk {
    struct check *c;
    const struct graph *g;
    bool c20;
    bool inserts;
    bool fits;
    uint16_t now[GRAPH_THREADS][GRAPH_THREADS];
    uint16_t seen[GRAPH_THREADS][GRAPH_THREADS]; /* read, not yet acquired */
    uint16_t released[GRAPH_THREADS][GRAPH_THREADS];
    bool has_released[GRAPH_THREADS];
};

static void join(const struct check *c, uint16_t *clock, const uint16_t *other)
{
    for (uint32_t t = 0; t < c->threads; t++) {
        clock[t] = other[t] > clock[t] ? other[t] : clock[t];
    }
}

static uint16_t *clock_of(const struct check *c, uint16_t *of, uint32_t i)
{
    return of + (size_t)i * c->threads;
}

static uint16_t *head_of(const struct check *c, uint32_t write, uint32_t i)
{
    return c->heads + ((size_t)write * GRAPH_HEADS + i) * c->threads;
}

static void add_head(struct walk *w, uint16_t write, uint8_t thread,
                     const uint16_t *clock)
{
    struct check *c = w->c;
    uint32_t i = c->head_count[write];
    if (i == GRAPH_HEADS) {
        c->crowd[write] = true;
        return;
    }
    c->head_thread[write][i] = thread;
    memcpy(head_of(c, write, i), clock, c->threads * sizeof(*clock));
    c->head_count[write]++;
}

/* The part of `write` that a later write of `thread` carries on, or NULL. */
static const uint16_t *headed_by(const struct walk *w, uint16_t write,
                                 uint8_t thread)
{
    const struct check *c = w->c;
    if (write == NO_VERTEX) {
        return NULL;
    }
    if (c->crowd[write]) {
        return c->has_message[write] ? clock_of(c, c->messages, write) : NULL;
    }
    for (uint32_t i = 0; i < c->head_count[write]; i++) {
        if (c->head_thread[write][i] == thread) {
            return head_of(c, write, i);
        }
    }
    return NULL;
}

/* What thread `t` releases with a write of this order, or NULL. */
static const uint16_t *own_of(const struct walk *w, uint8_t t, uint8_t order)
{
    if (order_releases((enum order)order)) {
        return w->now[t];
    }
    return w->has_released[t] ? w->released[t] : NULL;
}

static void add_message(struct walk *w, uint16_t write, const uint16_t *clock)
{
    struct check *c = w->c;
    if (clock != NULL) {
        join(c, clock_of(c, c->messages, write), clock);
        c->has_message[write] = true;
    }
}

/* Whether a store that was placed before this one, and perhaps later, parts it
 * from a sequence that its thread heads.  Then it counts which came first, and
 * a graph does not say. */
static bool is_parted(const struct walk *w, const struct vertex *v,
                      uint16_t head, uint16_t before)
{
    return w->g->list[head].rank < v->rank &&
           headed_by(w, head, v->thread) != NULL &&
           headed_by(w, before, v->thread) == NULL;
}

/* Whether a store of another thread could stand between write `head` and one
 * behind it in the same sequence.  Then more is allowed than without it: what
 * has read the one behind synchronises no more.  So not every execution comes
 * of one that has fewer vertices, as a search that adds them one by one takes
 * it to. */
static bool can_be_parted(const struct walk *w, uint16_t head)
{
    const struct vertex *h = &w->g->list[head];
    if (w->c->head_count[head] == 0) {
        return false;
    }
    for (uint32_t k = 0; k < w->g->count; k++) {
        const struct vertex *u = &w->g->list[k];
        if (u->kind == VERTEX_WRITE && u->place == h->place && !u->updates &&
            u->thread != h->thread &&
            !graph_before(w->c, w->g, (uint16_t)k, head)) {
            return true;
        }
    }
    return false;
}

/* Whether write `i`, which may go on with a sequence of its thread, can be
 * judged behind `before`. */
static bool is_followed(const struct walk *w, uint16_t i, uint16_t before)
{
    const struct vertex *v = &w->g->list[i];
    for (uint32_t k = 0; k < w->g->count; k++) {
        const struct vertex *u = &w->g->list[k];
        if (u->kind != VERTEX_WRITE || u->place != v->place ||
            u->thread != v->thread || k == i) {
            continue;
        }
        if (w->inserts ? is_parted(w, v, (uint16_t)k, before)
                       : k < i && can_be_parted(w, (uint16_t)k)) {
            return false;
        }
    }
    return true;
}

/* A store behind `before`. */
static void go_on(struct walk *w, uint16_t i, uint16_t before)
{
    const struct vertex *v = &w->g->list[i];
    bool alone = w->c20 || order_releases((enum order)v->order);
    w->fits = w->fits && (alone || is_followed(w, i, before));
    const uint16_t *mine = alone ? NULL : headed_by(w, before, v->thread);
    add_message(w, i, own_of(w, v->thread, v->order));
    add_message(w, i, mine);
    w->c->crowd[i] = mine != NULL && w->c->crowd[before];
    if (w->c->has_message[i]) {
        add_head(w, i, v->thread, clock_of(w->c, w->c->messages, i));
    }
}

/* An update that read `before`: every sequence goes on. */
static void update(struct walk *w, uint16_t i, uint16_t before)
{
    struct check *c = w->c;
    const struct vertex *v = &w->g->list[i];
    const uint16_t *own = own_of(w, v->thread, v->order);
    c->crowd[i] = before != NO_VERTEX && c->crowd[before];
    add_message(w, i, own);
    if (before != NO_VERTEX && c->has_message[before]) {
        add_message(w, i, clock_of(c, c->messages, before));
    }
    for (uint32_t h = 0; before != NO_VERTEX && h < c->head_count[before];
         h++) {
        uint8_t thread = c->head_thread[before][h];
        if (thread != v->thread || own == NULL) {
            add_head(w, i, thread, head_of(c, before, h));
        }
    }
    if (own != NULL) {
        uint16_t both[GRAPH_THREADS] = {0};
        memcpy(both, own, c->threads * sizeof(*both));
        const uint16_t *mine = order_releases((enum order)v->order)
                                   ? NULL
                                   : headed_by(w, before, v->thread);
        if (mine != NULL) {
            join(c, both, mine);
        }
        add_head(w, i, v->thread, both);
    }
}

/* A move, behind all that came before it on its object. */
static void acquire(struct walk *w, const struct vertex *v)
{
    const struct check *c = w->c;
    uint32_t first = c->first_write[v->place];
    uint32_t count = graph_position(w->g, v);
    for (uint32_t i = first; v->acquires != 0 && i < first + count; i++) {
        if ((w->g->list[c->writes[i]].releases & v->acquires) != 0) {
            join(c, w->now[v->thread], clock_of(c, c->clocks, c->writes[i]));
        }
    }
}

static void read(struct walk *w, const struct vertex *v)
{
    const struct check *c = w->c;
    if (v->move != MOVE_NONE) {
        acquire(w, v);
        return;
    }
    if (v->source == NO_VERTEX || !c->has_message[v->source]) {
        return;
    }
    bool now = v->settled || order_acquires((enum order)v->order);
    join(c, now ? w->now[v->thread] : w->seen[v->thread],
         clock_of(c, c->messages, v->source));
}

static void fence(struct walk *w, const struct vertex *v)
{
    uint8_t t = v->thread;
    if (order_acquires((enum order)v->order)) {
        join(w->c, w->now[t], w->seen[t]);
    }
    if (order_releases((enum order)v->order)) {
        memcpy(w->released[t], w->now[t], w->c->threads * sizeof(uint16_t));
        w->has_released[t] = true;
    }
}

static void write(struct walk *w, uint16_t i)
{
    const struct check *c = w->c;
    const struct vertex *v = &w->g->list[i];
    if (v->move != MOVE_NONE) {
        return; /* acquire() finds it */
    }
    /* The write before it in modification order. */
    uint16_t before = v->rank == 1
                          ? NO_VERTEX
                          : c->writes[c->first_write[v->place] + v->rank - 2];
    memset(clock_of(c, c->messages, i), 0, c->threads * sizeof(*c->messages));
    if (v->updates) {
        update(w, i, before);
    } else {
        go_on(w, i, before);
    }
}

static void step(struct walk *w, uint16_t i)
{
    struct check *c = w->c;
    const struct vertex *v = &w->g->list[i];
    w->now[v->thread][v->thread] = c->own[i];
    if (v->after != NO_VERTEX) {
        join(c, w->now[v->thread], clock_of(c, c->clocks, v->after));
    }
    c->has_message[i] = false;
    c->head_count[i] = 0;
    switch ((enum vertex_kind)v->kind) {
    case VERTEX_READ:
        read(w, v);
        break;
    case VERTEX_WRITE:
        write(w, i);
        break;
    case VERTEX_FENCE:
        fence(w, v);
        break;
    case VERTEX_TOUCH:
    case VERTEX_OTHER:
        break;
    }
    memcpy(clock_of(c, c->clocks, i), w->now[v->thread],
           c->threads * sizeof(*c->clocks));
}

/* Only what the threads of this graph need. */
static void start(struct walk *w, struct graphs *s, const struct graph *g)
{
    w->c = &s->check;
    w->g = g;
    w->c20 = s->c20;
    w->inserts = s->inserts;
    w->fits = true;
    /* Of a write that is executed later than the one behind it, nothing is
     * known then. */
    memset(w->c->has_message, 0, g->count * sizeof(*w->c->has_message));
    memset(w->c->head_count, 0, g->count * sizeof(*w->c->head_count));
    memset(w->c->crowd, 0, g->count * sizeof(*w->c->crowd));
    for (uint32_t t = 0; t < w->c->threads; t++) {
        memset(w->now[t], 0, w->c->threads * sizeof(uint16_t));
        memset(w->seen[t], 0, w->c->threads * sizeof(uint16_t));
        w->has_released[t] = false;
    }
}

bool graph_clocks(struct graphs *s, const struct graph *g)
{
    struct check *c = &s->check;
    struct walk w;
    start(&w, s, g);
    for (uint32_t i = 0; i < c->pieces; i++) {
        for (uint16_t v = c->turns[c->line[i]].first; v != NO_VERTEX;
             v = c->next[v]) {
            step(&w, v);
        }
    }
    return w.fits;
}
