/*
 * Moves on objects as vertices of the graph (harness/sim/moves.h), and what
 * makes a piece possible: its thread was made, woken, or waited for another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/moves.h"
#include "harness/sim/schedule/graphs.h"

/* A move on an object as it was left last. */
static struct vertex read_of_object(struct graphs *s, uintptr_t object,
                                    uint8_t move)
{
    uint16_t place = graphs_place(s, object);
    uint16_t top = graph_top(&s->graph, place);
    return (struct vertex){.kind = VERTEX_READ,
                           .move = move,
                           .settled = true,
                           .place = place,
                           .source = graph_ranked(&s->graph, place, top),
                           .rank = 1};
}

/* Notes the state of an object before the first move on it; later ones must
 * know of the same. */
static bool keeps_first(struct graphs *s, uint16_t place, uint64_t state)
{
    if (!s->acted[place]) {
        s->acted[place] = true;
        s->first[place] = state;
    }
    return s->first[place] == state;
}

/* Who went to sleep gave up its mutex, as it had it.  False: not so. */
static bool add_given(struct graphs *s, const struct turn *turn, uint16_t read)
{
    const struct moved *m = &s->offer->gave;
    uint16_t place = graphs_place(s, (uintptr_t)m->object);
    uint16_t top = graph_top(&s->graph, place);
    uint16_t held = graph_ranked(&s->graph, place, top);
    if (held == NO_VERTEX || s->graph.list[held].thread != turn->thread ||
        s->graph.list[held].value.low != m->before) {
        return false;
    }
    s->graph.list[read].gives = (uint16_t)(place + 1);
    struct vertex v = graph_given(&s->graph, &s->graph.list[read]);
    graphs_add(s, turn, v);
    return v.value.low == m->after;
}

bool graphs_add_move(struct graphs *s, const struct turn *turn)
{
    const struct moved *t = &s->offer->moved;
    struct vertex v = read_of_object(s, (uintptr_t)t->object, t->move);
    uint64_t woken = t->before & ~t->after;
    if (t->move == MOVE_SIGNAL && woken != 0) {
        uint64_t below = t->before & (woken - 1);
        v.chosen = (uint8_t)__builtin_popcountll(below);
    }
    struct deed deed =
        move_on((enum move)t->move, turn->thread, t->before, v.chosen);
    bool known = v.source == NO_VERTEX
                     ? keeps_first(s, v.place, t->before)
                     : s->graph.list[v.source].value.low == t->before;
    if (!known || deed.waits || deed.after != t->after) {
        return false;
    }
    v.updates = t->after != t->before;
    v.acquires = deed.acquires;
    uint16_t at = graphs_add(s, turn, v);
    if (at != NO_VERTEX && v.updates) {
        struct wide before = {.low = t->before};
        graphs_add(s, turn, graph_written(&s->graph, at, before));
    }
    return at == NO_VERTEX || t->move != MOVE_SLEEP || add_given(s, turn, at);
}

bool graphs_keep_move(struct graphs *s, const struct vertex *v)
{
    const struct moved *t =
        v->move == MOVE_UNLOCK && s->offer->gave.move != MOVE_NONE
            ? &s->offer->gave
            : &s->offer->moved;
    if (t->move != v->move ||
        graphs_place(s, (uintptr_t)t->object) != v->place) {
        return false;
    }
    return v->kind == VERTEX_WRITE ? v->value.low == t->after
                                   : v->updates == (t->before != t->after);
}

/* Whether thread `thread` waits behind write `v`: it went to sleep, or came to
 * a barrier, and not last. */
static bool leaves_waiting(const struct vertex *v, uint32_t thread)
{
    bool waits = v->move == MOVE_SLEEP || v->move == MOVE_ARRIVE;
    return v->kind == VERTEX_WRITE && v->thread == thread && waits &&
           (v->value.low >> thread & 1) != 0;
}

bool graphs_passes(const struct graphs *s, const struct turn *turn)
{
    for (uint32_t i = 0; i < s->graph.count; i++) {
        const struct vertex *v = &s->graph.list[i];
        if (v->piece + 1 == turn->piece && v->move == MOVE_ARRIVE &&
            leaves_waiting(v, turn->thread)) {
            return true;
        }
    }
    return false;
}

/* What woke a thread that sleeps at a condition, or waits at a barrier: of what
 * changed that since, the first without it. */
static uint16_t waker(const struct graphs *s, uint32_t thread)
{
    const struct graph *g = &s->graph;
    const struct vertex *slept = NULL;
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vertex *v = &g->list[i];
        slept = leaves_waiting(v, thread) ? v : slept;
    }
    uint16_t top = slept == NULL ? 0 : graph_top(g, slept->place);
    for (uint32_t rank = slept == NULL ? 1 : slept->rank; rank <= top; rank++) {
        uint16_t at = graph_ranked(g, slept->place, (uint16_t)rank);
        if ((g->list[at].value.low >> thread & 1) == 0) {
            return at;
        }
    }
    return NO_VERTEX;
}

uint16_t graphs_enabler(const struct graphs *s, const struct turn *turn,
                        const struct operation *next)
{
    if (turn->piece == 1) {
        return s->born[turn->thread];
    }
    if (next->resumes) {
        return waker(s, turn->thread);
    }
    if (next->awaits == AWAITS_THREAD) {
        for (uint32_t i = s->graph.count; i-- > 0;) {
            if (s->graph.list[i].thread == next->thread) {
                return (uint16_t)i;
            }
        }
    }
    return NO_VERTEX;
}

void graphs_finish_stuck(struct graphs *s, const struct moment *moment)
{
    s->stuck = true;
    uint64_t left = moment->enabled & ~graphs_held(s, moment->enabled);
    for (; left != 0; left &= left - 1) {
        uint32_t thread = (uint32_t)__builtin_ctzll(left);
        const struct operation *o = &moment->pending[thread];
        if (o->move == MOVE_NONE || s->graph.count + 2 >= GRAPH_MAX) {
            if (o->move != MOVE_NONE) {
                graphs_refuse(s, UNGRAPHED_LENGTH, 0);
            }
            continue;
        }
        const struct turn turn = {.thread = (uint8_t)thread,
                                  .piece = (uint16_t)(s->pieces[thread] + 1)};
        uint16_t at = graphs_add(
            s, &turn, read_of_object(s, (uintptr_t)o->location, o->move));
        if (at != NO_VERTEX) {
            s->graph.list[at].after = graphs_enabler(s, &turn, o);
            s->graph.list[at].beside = graphs_beside(s, &turn);
            graph_grow(s, at, (struct wide){0});
            s->graph.count--;
        }
    }
}
