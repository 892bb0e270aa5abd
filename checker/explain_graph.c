/*
 * The graph of configurations: everything a search could reach.
 *
 * A history that is explained is small, so nothing clever is done: breadth
 * first from the start, each configuration expanded once, kept whole.  What is
 * enabled and what is accepted is read off the definition (Herlihy and Wing
 * 1990; the crash criteria by deadline and successor), apart from the search,
 * so that the drawing of this graph is a second opinion.
 *
 *     {} [1 2 3] --T1 pop() = 1--> {1} [2 3] --T1 pop() = 2--> ...
 *        `--T0 pop() = 4, must be 1: a refusal
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/explain_graph.h"

#include "checker/criterion.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    STATE_ALIGN = 16,
    SLOTS = 4 * FL_CONFIGURATIONS_MAX, /* a power of two */
    FIRST_MAX = 64
};

/* Makes room for one more of `size` bytes each, doubling `*max`. */
static bool grow(void **items, uint32_t count, uint32_t *max, size_t size)
{
    assert(count <= *max);
    if (count < *max) {
        return true;
    }
    uint32_t more = *max == 0 ? FIRST_MAX : 2 * *max;
    void *grown = realloc(*items, more * size);
    if (grown == NULL) {
        return false;
    }
    *items = grown;
    *max = more;
    return true;
}

/* FNV-1a: the order of slots never shows, so any hash will do. */
static uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ byte[i]) * 16777619U;
    }
    return hash;
}

static bool is_same(const struct fl_graph *g, uint32_t c,
                    const uint64_t done[4], size_t size)
{
    return memcmp(g->configurations[c].done, done, 4 * sizeof(*done)) == 0 &&
           g->sizes[c] == size &&
           memcmp(g->states + c * g->state_max, g->scratch, size) == 0;
}

/* The slot of the configuration (done, scratch), or the free one for it. */
static uint32_t find_slot(const struct fl_graph *g, const uint64_t done[4],
                          size_t size)
{
    uint32_t hash = hash_bytes(2166136261U, done, 4 * sizeof(*done));
    uint32_t slot = hash_bytes(hash, g->scratch, size) % SLOTS;
    while (g->slots[slot] != 0 && !is_same(g, g->slots[slot] - 1, done, size)) {
        slot = (slot + 1) % SLOTS;
    }
    return slot;
}

/* Makes room for one more configuration: three arrays that grow together. */
static bool make_room(struct fl_graph *g)
{
    if (g->count < g->max) {
        return true;
    }
    uint32_t max = g->max;
    uint32_t again = g->max;
    void *items = g->configurations;
    bool grown = grow(&items, g->count, &max, sizeof(*g->configurations));
    g->configurations = items;
    items = g->states;
    grown = grown && grow(&items, g->count, &again, g->state_max);
    g->states = items;
    again = g->max;
    items = g->sizes;
    grown = grown && grow(&items, g->count, &again, sizeof(*g->sizes));
    g->sizes = items;
    if (grown) {
        g->max = max;
    }
    return grown;
}

/* How many operations of `done` returned, the set-up apart. */
static uint32_t count_returned(const struct fl_graph *g,
                               const struct fl_configuration *c)
{
    uint32_t count = 0;
    for (uint32_t i = g->context->setup_count; i < g->h->count; i++) {
        if (fl_is_done(c, i) && g->h->operations[i].ret != FL_OPEN) {
            count++;
        }
    }
    return count;
}

uint32_t fl_graph_bound(const struct fl_graph *g,
                        const struct fl_configuration *c, uint32_t *by)
{
    uint32_t bound = FL_OPEN;
    *by = FL_OPEN;
    for (uint32_t i = 0; i < g->h->count; i++) {
        if (!fl_is_done(c, i) && g->h->operations[i].ret < bound) {
            bound = g->h->operations[i].ret;
            *by = i;
        }
    }
    return bound;
}

/* Whether a crash criterion lets `i` still take effect in `c`. */
static bool is_in_time(const struct fl_graph *g,
                       const struct fl_configuration *c, uint32_t i)
{
    if (g->successor[i] != FL_OPEN && fl_is_done(c, g->successor[i])) {
        return false;
    }
    if (g->deadline[i] == FL_OPEN) {
        return true;
    }
    for (uint32_t j = 0; j < g->h->count; j++) {
        if (fl_is_done(c, j) && g->h->operations[j].call >= g->deadline[i]) {
            return false;
        }
    }
    return true;
}

/* Whether `i` is what its client does next, be some left out that may be. */
static bool is_in_turn(const struct fl_graph *g,
                       const struct fl_configuration *c, uint32_t i)
{
    for (uint32_t k = 0; k < g->h->count; k++) {
        const struct fl_operation *op = &g->h->operations[k];
        bool must_wait = k < i && op->ret != FL_OPEN && !fl_is_done(c, k);
        bool is_late = k > i && fl_is_done(c, k);
        if (op->client == g->h->operations[i].client &&
            (must_wait || is_late)) {
            return false;
        }
    }
    return true;
}

bool fl_graph_enabled(const struct fl_graph *g,
                      const struct fl_configuration *c, uint32_t i)
{
    assert(i < g->h->count);
    uint32_t by = FL_OPEN;
    if (g->gone != NULL && g->gone[i]) {
        return false;
    }
    if (g->options != NULL && g->options->criterion == FL_SEQUENTIAL) {
        return !fl_is_done(c, i) && is_in_turn(g, c, i);
    }
    return !fl_is_done(c, i) &&
           g->h->operations[i].call < fl_graph_bound(g, c, &by) &&
           is_in_time(g, c, i);
}

bool fl_graph_enter(struct fl_graph *g, const struct fl_configuration *next,
                    size_t size, uint32_t *to)
{
    uint32_t slot = find_slot(g, next->done, size);
    if (g->slots[slot] != 0) {
        *to = g->slots[slot] - 1;
        return true;
    }
    if (!make_room(g)) {
        return false;
    }
    struct fl_configuration *c = &g->configurations[g->count];
    *c = *next;
    c->depth = count_returned(g, c);
    fl_state_describe(&g->space, g->scratch, size, c->state, sizeof(c->state));
    memset(g->states + g->count * g->state_max, 0, g->state_max);
    memcpy(g->states + g->count * g->state_max, g->scratch, size);
    g->sizes[g->count] = size;
    *to = g->count;
    g->count++;
    g->slots[slot] = g->count;
    uint32_t by = FL_OPEN;
    g->accepts = g->accepts || fl_graph_bound(g, c, &by) == FL_OPEN;
    return true;
}

/* Operation `i` under the name that its client goes by. */
static struct fl_operation named(const struct fl_graph *g, uint32_t i)
{
    struct fl_operation op = g->h->operations[i];
    op.client = g->client[i];
    return op;
}

/* In how many ways `i` can go from the state of `from`. */
static uint32_t count_ways(const struct fl_graph *g, uint32_t from, uint32_t i)
{
    struct fl_operation op = named(g, i);
    return fl_state_ways(&g->space, g->states + from * g->state_max,
                         g->sizes[from], &op);
}

/* Takes the state of configuration `c` into scratch; returns its size. */
static size_t load(struct fl_graph *g, uint32_t c)
{
    memcpy(g->scratch, g->states + c * g->state_max, g->state_max);
    return g->sizes[c];
}

fl_value fl_graph_answer(struct fl_graph *g, uint32_t at, uint32_t i)
{
    struct fl_operation op = named(g, i);
    size_t size = load(g, at);
    return fl_state_step(&g->space, g->scratch, &size, &op);
}

/* Applies `edge->by` to the state of `edge->from`, into scratch, in one of its
 * ways.  Says whether the model accepts the answer. */
static bool apply(struct fl_graph *g, const struct fl_edge *edge, uint32_t way,
                  size_t *size)
{
    struct fl_operation op = named(g, edge->by);
    *size = load(g, edge->from);
    bool accepts = way < count_ways(g, edge->from, edge->by) &&
                   fl_state_go(&g->space, g->scratch, size, &op, way);
    assert(*size <= g->state_max);
    return accepts;
}

bool fl_graph_add_edge(struct fl_graph *g, struct fl_edge edge)
{
    void *items = g->edges;
    if (!grow(&items, g->edges_count, &g->edges_max, sizeof(*g->edges))) {
        return false;
    }
    g->edges = items;
    g->edges[g->edges_count] = edge;
    g->edges_count++;
    return true;
}

bool fl_graph_refuse(struct fl_graph *g, uint32_t at, uint32_t by)
{
    fl_value answer = fl_graph_answer(g, at, by);
    const struct fl_operation *op = &g->h->operations[by];
    uint32_t max = g->refusals_max;
    void *items = g->refusals;
    bool grown = grow(&items, g->refusals_count, &max, sizeof(*g->refusals));
    g->refusals = items;
    max = g->refusals_max;
    items = g->answers;
    grown = grown && grow(&items, g->refusals_count, &max, sizeof(*g->answers));
    g->answers = items;
    if (!grown) {
        return false;
    }
    g->refusals_max = max;
    struct fl_refusal *refusal = &g->refusals[g->refusals_count];
    *refusal = (struct fl_refusal){.at = at, .by = by};
    if (answer != op->result) {
        fl_describe_result(g->h, op->fn, answer, refusal->must,
                           sizeof(refusal->must));
    }
    g->answers[g->refusals_count] = answer;
    g->refusals_count++;
    return true;
}

/* Takes `i` from configuration `from`, or notes why not. */
static bool try_operation(struct fl_graph *g, uint32_t from, uint32_t i)
{
    uint32_t ways = count_ways(g, from, i);
    bool held = true;
    for (uint32_t way = 0; held && (way == 0 || way < ways); way++) {
        size_t size = 0;
        struct fl_edge edge = {.from = from, .by = i};
        if (!apply(g, &edge, way, &size)) {
            return g->h->operations[i].ret == FL_OPEN ||
                   fl_graph_refuse(g, from, i);
        }
        struct fl_configuration next = g->configurations[from];
        next.done[i / 64] |= (uint64_t)1 << (i % 64);
        next.from = from;
        next.by = i;
        held = fl_graph_enter(g, &next, size, &edge.to) &&
               fl_graph_add_edge(g, edge);
    }
    return held;
}

/* Tries everything that is enabled in configuration `from`. */
static bool expand(struct fl_graph *g, uint32_t from)
{
    bool room = true;
    for (uint32_t i = 0; i < g->h->count && room; i++) {
        if (fl_graph_enabled(g, &g->configurations[from], i)) {
            room = try_operation(g, from, i);
        }
    }
    return room;
}

/* The set-up takes effect in order, and is no longer spoken of. */
static bool perform_setup(struct fl_graph *g, struct fl_configuration *start,
                          size_t *size)
{
    for (uint32_t i = 0; i < g->context->setup_count; i++) {
        const struct fl_operation *op = &g->h->operations[i];
        if (op->ret == FL_OPEN ||
            !fl_state_accepts(&g->space, g->scratch, size, op)) {
            return false;
        }
        start->done[i / 64] |= (uint64_t)1 << (i % 64);
    }
    return true;
}

enum fl_status fl_graph_begin(struct fl_graph *g)
{
    assert(g->h->count <= FL_EXPLAINED_MAX);
    assert(g->context->setup_count <= g->h->count);
    enum fl_criterion criterion =
        g->options == NULL ? FL_LINEARIZABLE : g->options->criterion;
    for (uint32_t i = 0; i < g->h->count; i++) {
        g->client[i] = fl_criterion_client(g->h, criterion, i);
    }
    size_t need = fl_state_max(&g->space);
    g->state_max = (need / STATE_ALIGN + 1) * STATE_ALIGN;
    g->scratch = calloc(1, g->state_max);
    g->slots = calloc(SLOTS, sizeof(*g->slots));
    return g->scratch == NULL || g->slots == NULL ? FL_NO_MEMORY : FL_OK;
}

enum fl_status fl_graph_build(struct fl_graph *g)
{
    enum fl_status status = fl_graph_begin(g);
    if (status != FL_OK) {
        return status;
    }
    struct fl_configuration start = {.from = FL_OPEN, .by = FL_OPEN};
    size_t size = fl_state_start(&g->space, g->scratch);
    if (!perform_setup(g, &start, &size)) {
        return FL_BAD_INPUT;
    }
    uint32_t at = 0;
    if (!fl_graph_enter(g, &start, size, &at)) {
        return FL_NO_MEMORY;
    }
    uint32_t next = 0;
    while (next < g->count && g->count < FL_CONFIGURATIONS_MAX && !g->accepts) {
        if (!expand(g, next)) {
            return FL_NO_MEMORY;
        }
        next++;
    }
    g->expanded = next;
    g->complete = next == g->count;
    return FL_OK;
}

/* Where taking `by` leads from `at`, which is expanded; FL_OPEN: refused. */
static uint32_t step_from(const struct fl_graph *g, uint32_t at, uint32_t by)
{
    for (uint32_t k = g->edges_count; k-- > 0;) {
        if (g->edges[k].from == at && g->edges[k].by == by) {
            return g->edges[k].to;
        }
    }
    return FL_OPEN;
}

enum fl_status fl_graph_follow(struct fl_graph *g, const uint32_t *order,
                               uint32_t order_count)
{
    uint32_t at = 0;
    for (uint32_t k = 0; k <= order_count; k++) {
        /* Beyond the limit each is met once: the order only goes deeper. */
        if (at >= g->expanded && !expand(g, at)) {
            return FL_NO_MEMORY;
        }
        if (k == order_count || g->count > SLOTS / 2) {
            break;
        }
        if (fl_is_done(&g->configurations[at], order[k])) {
            continue; /* the set-up */
        }
        uint32_t to = step_from(g, at, order[k]);
        if (to == FL_OPEN) {
            break;
        }
        at = to;
    }
    return FL_OK;
}

void fl_graph_release(struct fl_graph *g)
{
    free(g->configurations);
    free(g->states);
    free(g->sizes);
    free(g->slots);
    free(g->edges);
    free(g->refusals);
    free(g->answers);
    free(g->scratch);
}
