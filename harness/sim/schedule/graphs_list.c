/*
 * Parts of execution graphs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/model.h"
#include "harness/sim/moves.h"
#include "harness/sim/schedule/graphs.h"

#include <string.h>

/* Ranks from 1 without gaps, in the order that there is. */
static void close_ranks(struct graph *g)
{
    uint16_t ranks[GRAPH_MAX];
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vertex *v = &g->list[i];
        ranks[i] = 1;
        for (uint32_t k = 0; v->kind == VERTEX_WRITE && k < g->count; k++) {
            const struct vertex *u = &g->list[k];
            if (u->kind == VERTEX_WRITE && u->place == v->place &&
                u->rank < v->rank) {
                ranks[i]++;
            }
        }
    }
    for (uint32_t i = 0; i < g->count; i++) {
        g->list[i].rank = ranks[i];
    }
}

void graph_take(struct graph *to, const struct graph *from,
                const uint64_t *bits)
{
    uint16_t number[GRAPH_MAX];
    to->count = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        number[i] = NO_VERTEX;
        if (bits_have(bits, i)) {
            number[i] = (uint16_t)to->count;
            to->list[to->count++] = from->list[i];
        }
    }
    for (uint32_t i = 0; i < to->count; i++) {
        struct vertex *v = &to->list[i];
        v->source = v->source == NO_VERTEX ? NO_VERTEX : number[v->source];
        v->after = v->after == NO_VERTEX ? NO_VERTEX : number[v->after];
        if (v->beside != 0) {
            assert(number[v->beside - 1] != NO_VERTEX);
            v->beside = (uint16_t)(number[v->beside - 1] + 1);
        }
    }
    close_ranks(to);
}

void graph_take_first(struct graph *to, const struct graph *from,
                      uint32_t count)
{
    assert(count <= from->count);
    memcpy(to->list, from->list, count * sizeof(*to->list));
    to->count = count;
    if (count < from->count) {
        close_ranks(to);
    }
}

static void shift_ranks(struct graph *g, uint16_t place, uint16_t from, int by)
{
    for (uint32_t i = 0; i < g->count; i++) {
        struct vertex *v = &g->list[i];
        if (v->kind == VERTEX_WRITE && v->place == place && v->rank >= from) {
            v->rank = (uint16_t)(v->rank + by);
        }
    }
}

uint16_t graph_add(struct graph *g, const struct vertex *v)
{
    assert(g->count < GRAPH_MAX);
    if (v->kind == VERTEX_WRITE) {
        shift_ranks(g, v->place, v->rank, 1);
    }
    g->list[g->count] = *v;
    return (uint16_t)g->count++;
}

uint16_t graph_top(const struct graph *g, uint16_t place)
{
    uint16_t top = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vertex *v = &g->list[i];
        if (v->kind == VERTEX_WRITE && v->place == place) {
            top++;
        }
    }
    return top;
}

uint16_t graph_ranked(const struct graph *g, uint16_t place, uint16_t rank)
{
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vertex *v = &g->list[i];
        if (v->kind == VERTEX_WRITE && v->place == place && v->rank == rank) {
            return (uint16_t)i;
        }
    }
    return NO_VERTEX;
}

void graph_rank(struct graph *g, uint16_t write, uint16_t rank)
{
    struct vertex *v = &g->list[write];
    assert(v->kind == VERTEX_WRITE);
    shift_ranks(g, v->place, (uint16_t)(v->rank + 1), -1);
    v->rank = 0;
    shift_ranks(g, v->place, rank, 1);
    v->rank = rank;
}

void graph_prefix(const struct graph *g, uint16_t of, uint64_t *bits)
{
    assert(of < g->count);
    uint16_t before[GRAPH_MAX]; /* in program order */
    uint16_t last[GRAPH_THREADS];
    memset(last, 0xff, sizeof(last));
    for (uint32_t i = 0; i < g->count; i++) {
        before[i] = last[g->list[i].thread];
        last[g->list[i].thread] = (uint16_t)i;
    }
    uint16_t todo[4 * GRAPH_MAX];
    uint32_t count = 0;
    memset(bits, 0, GRAPH_WORDS * sizeof(*bits));
    todo[count++] = of;
    while (count > 0) {
        uint16_t i = todo[--count];
        const struct vertex *v = &g->list[i];
        /* cppcheck-suppress uninitvar; all below g->count are set */
        uint16_t own = before[i];
        const uint16_t back[] = {
            own, v->kind == VERTEX_READ ? v->source : NO_VERTEX, v->after,
            v->beside == 0 ? NO_VERTEX : (uint16_t)(v->beside - 1)};
        for (uint32_t k = 0; k < 4; k++) {
            if (back[k] != NO_VERTEX && !bits_have(bits, back[k])) {
                bits_set(bits, back[k]);
                todo[count++] = back[k];
            }
        }
    }
}

struct vertex graph_written(const struct graph *g, uint16_t read,
                            struct wide before)
{
    const struct vertex *r = &g->list[read];
    assert(r->kind == VERTEX_READ && r->updates);
    struct deed deed =
        move_on((enum move)r->move, r->thread, before.low, r->chosen);
    struct wide value = {.low = deed.after};
    if (r->move == MOVE_NONE) {
        value = r->compares ? r->operand
                            : wide_apply((enum update)r->apply, before,
                                         r->operand, r->size);
    }
    return (struct vertex){
        .kind = VERTEX_WRITE,
        .thread = r->thread,
        .order = r->order,
        .updates = true,
        .move = r->move,
        .releases = deed.releases,
        .settled = r->settled,
        .piece = r->piece,
        .place = r->place,
        .source = NO_VERTEX,
        .after = NO_VERTEX,
        .rank = (uint16_t)(graph_position(g, r) + 1),
        .value = value,
    };
}

struct vertex graph_given(const struct graph *g, const struct vertex *read)
{
    assert(read->gives != 0);
    uint16_t place = (uint16_t)(read->gives - 1);
    uint16_t top = graph_top(g, place);
    uint16_t held = graph_ranked(g, place, top);
    assert(held != NO_VERTEX && g->list[held].thread == read->thread);
    uint64_t before = g->list[held].value.low;
    struct deed deed = move_on(MOVE_UNLOCK, read->thread, before, 0);
    return (struct vertex){
        .kind = VERTEX_WRITE,
        .thread = read->thread,
        .move = MOVE_UNLOCK,
        .releases = deed.releases,
        .settled = true,
        .piece = read->piece,
        .place = place,
        .source = NO_VERTEX,
        .after = NO_VERTEX,
        .rank = (uint16_t)(top + 1),
        .value.low = deed.after,
    };
}
