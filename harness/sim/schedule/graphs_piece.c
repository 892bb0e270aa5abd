/*
 * What a thread has done between two questions, as vertices of the graph.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/graphs.h"

uint16_t graphs_place(struct graphs *s, uintptr_t at)
{
    for (uint32_t i = 0; i < s->places; i++) {
        if (s->place[i] == at) {
            return (uint16_t)i;
        }
    }
    if (s->places == GRAPH_PLACES) {
        graphs_refuse(s, UNGRAPHED_LOCATIONS, 0);
        return 0;
    }
    s->place[s->places] = at;
    return (uint16_t)s->places++;
}

static bool is_access(const struct operation *o)
{
    return !o->starts && (o->kind == FL_STEP_LOAD || o->kind == FL_STEP_STORE ||
                          o->kind == FL_STEP_UPDATE);
}

static bool is_free(const struct graphs *s)
{
    return s->next.kind == FL_STEP_FREE && !s->next.starts;
}

/* Whether it did what only threads of clients do, or more at once than is told
 * apart. */
static bool is_mixed(const struct graphs *s, uint32_t thread)
{
    const struct footprint *done = s->done;
    if ((done->called && done->returned) ||
        ((done->called || done->returned) && thread >= s->lanes)) {
        return true;
    }
    for (uint32_t i = 0; i < done->count; i++) {
        if (done->touches[i].size != 1 && !is_free(s)) {
            return true;
        }
    }
    return false;
}

static bool is_of_kind(const struct operation *o)
{
    switch (o->kind) {
    case FL_STEP_POINT:
    case FL_STEP_SEND:
    case FL_STEP_RECEIVE:
    case FL_STEP_CRASH:
        return o->starts;
    case FL_STEP_LOAD:
    case FL_STEP_STORE:
    case FL_STEP_UPDATE:
    case FL_STEP_REFUSE:
    case FL_STEP_CALL:
    case FL_STEP_RETURN:
    case FL_STEP_FENCE:
    case FL_STEP_ALLOC:
    case FL_STEP_FREE:
    case FL_STEP_SYNC:
    case FL_STEP_TIME: /* others may go first: it is not timed */
        break;
    }
    return true;
}

/* Finds out whether the piece is one that this search does not follow. */
static void check_piece(struct graphs *s, const struct turn *turn)
{
    uint32_t thread = turn->thread;
    const struct operation *o = &s->next;
    const struct footprint *done = s->done;
    const struct offer *offer = s->offer;
    bool resumes =
        o->resumes && o->move != MOVE_LOCK && !graphs_passes(s, turn);
    bool sleeps = offer->moved.move == MOVE_SLEEP;
    if (offer->strays.why != UNGRAPHED_NOT) {
        graphs_refuse(s, offer->strays.why, offer->strays.pc);
    } else if (resumes || (o->move != MOVE_NONE &&
                           offer->moved.move != o->move && !done->failed)) {
        graphs_refuse_use(s, thread,
                          offer->loops ? UNGRAPHED_LOOP : UNGRAPHED_STEP);
    } else if (done->timed) {
        graphs_refuse(s, UNGRAPHED_CLOCK, 0);
    } else if (done->reuses && done->everything) {
        graphs_refuse(s, UNGRAPHED_SIZE_CLASS, 0);
    } else if (done->everything ||
               sleeps != (offer->gave.move == MOVE_UNLOCK) ||
               (is_access(o) && !offer->made) || is_mixed(s, thread) ||
               !is_of_kind(o)) {
        graphs_refuse(s, UNGRAPHED_STEP, 0);
    }
}

uint16_t graphs_add(struct graphs *s, const struct turn *turn, struct vertex v)
{
    if (s->graph.count + 1 >= GRAPH_MAX) {
        graphs_refuse(s, UNGRAPHED_LENGTH, 0);
        return NO_VERTEX;
    }
    v.thread = turn->thread;
    v.piece = turn->piece;
    v.after = NO_VERTEX;
    uint16_t at = graph_add(&s->graph, &v);
    s->turn_of[at] = (uint16_t)s->finished;
    return at;
}

/* The write that a piece of the memory model's names made. */
static uint16_t named(const struct graphs *s, uint32_t piece)
{
    assert(piece <= s->finished);
    return piece == 0 ? NO_VERTEX : s->wrote[piece - 1];
}

static struct wide join(const uint64_t *halves)
{
    return (struct wide){.low = halves[0], .high = halves[1]};
}

static void add_access(struct graphs *s, const struct turn *turn)
{
    const struct offer *o = s->offer;
    uint16_t place = graphs_place(s, (uintptr_t)s->next.location);
    struct vertex v = {
        .kind = VERTEX_WRITE,
        .order = o->order,
        .place = place,
        .value = join(o->stored),
        .source = NO_VERTEX,
        .rank = (uint16_t)(graph_top(&s->graph, place) + 1),
        .updates = s->next.kind == FL_STEP_UPDATE,
    };
    if (s->next.kind != FL_STEP_STORE) {
        graphs_add(
            s, turn,
            (struct vertex){
                .kind = VERTEX_READ,
                .order = !o->compares || o->writes ? o->order : o->failure,
                .success = o->order,
                .failure = o->failure,
                .apply = o->apply,
                .size = (uint8_t)s->next.size,
                .updates = o->writes,
                .compares = o->compares,
                .idles = o->idles,
                .place = place,
                .source = named(s, s->done->source),
                .rank = 1,
                .value = join(o->expected),
                .operand = join(o->operand),
            });
    }
    if (o->writes) {
        s->wrote[s->finished] = graphs_add(s, turn, v);
    }
}

static bool is_move(const struct graphs *s)
{
    return s->offer->moved.move != MOVE_NONE;
}

/* A call knows of what every other client has returned from. */
static void add_call(struct graphs *s, const struct turn *turn)
{
    for (uint32_t t = 0; t < s->lanes; t++) {
        if (t == turn->thread) {
            continue;
        }
        uint16_t place = graphs_place(s, RETURNS_OF(t));
        uint16_t top = graph_top(&s->graph, place);
        graphs_add(s, turn,
                   (struct vertex){
                       .kind = VERTEX_READ,
                       .order = ORDER_ACQUIRE,
                       .settled = true,
                       .place = place,
                       .rank = 1,
                       .source = graph_ranked(&s->graph, place, top),
                   });
    }
}

static void add_return(struct graphs *s, const struct turn *turn)
{
    uint16_t place = graphs_place(s, RETURNS_OF(turn->thread));
    graphs_add(s, turn,
               (struct vertex){
                   .kind = VERTEX_WRITE,
                   .order = ORDER_RELEASE,
                   .settled = true,
                   .place = place,
                   .source = NO_VERTEX,
                   .rank = (uint16_t)(graph_top(&s->graph, place) + 1),
               });
}

/* Another thread's touch of the same object must be before it. */
static void add_touches(struct graphs *s, const struct turn *turn)
{
    uintptr_t own = is_access(&s->next) ? (uintptr_t)s->next.location
                    : is_move(s)        ? (uintptr_t)s->offer->moved.object
                                        : 0;
    bool given = s->offer->gave.move != MOVE_NONE;
    for (uint32_t i = 0; i < s->done->count; i++) {
        uintptr_t at = s->done->touches[i].at;
        if (at == own || (given && at == (uintptr_t)s->offer->gave.object)) {
            continue;
        }
        uint16_t v =
            graphs_add(s, turn,
                       (struct vertex){.kind = VERTEX_TOUCH,
                                       .reads = !s->done->touches[i].writes,
                                       .place = graphs_place(s, at),
                                       .rank = 1,
                                       .source = NO_VERTEX});
        if (v == NO_VERTEX) {
            return;
        }
    }
}

static void add_fence(struct graphs *s, const struct turn *turn, uint8_t order)
{
    graphs_add(s, turn,
               (struct vertex){.kind = VERTEX_FENCE,
                               .order = order,
                               .rank = 1,
                               .source = NO_VERTEX});
}

/* The fences behind what the piece began with, but for the first `known`. */
static void add_fences(struct graphs *s, const struct turn *turn,
                       uint32_t known)
{
    for (uint32_t i = known; i < s->offer->fences; i++) {
        add_fence(s, turn, s->offer->fence[i]);
    }
}

/* Whether the order of `u` and a later `v` of the same place is no matter of
 * what is read from whom. */
static bool meets(const struct vertex *u, const struct vertex *v)
{
    if (u->place != v->place || u->thread == v->thread) {
        return false;
    }
    if (v->move != MOVE_NONE) {
        return u->kind == VERTEX_TOUCH;
    }
    return u->kind == VERTEX_TOUCH
               ? !u->reads || !v->reads
               : u->kind == VERTEX_READ || u->kind == VERTEX_WRITE;
}

static void check_touches(struct graphs *s, uint32_t from)
{
    for (uint32_t i = from; i < s->graph.count; i++) {
        const struct vertex *v = &s->graph.list[i];
        if (v->kind != VERTEX_TOUCH && v->move == MOVE_NONE) {
            continue;
        }
        uint64_t before[GRAPH_WORDS];
        graph_prefix(&s->graph, (uint16_t)i, before);
        for (uint32_t k = 0; k < i; k++) {
            if (meets(&s->graph.list[k], v) && !bits_have(before, k)) {
                graphs_refuse_use(s, v->thread, UNGRAPHED_SIZE_CLASS);
            }
        }
    }
}

/* Whoever has used what vertex `at` frees must have done so before it: that it
 * might also do so later is found out where races are judged, and else not by
 * this search. */
static void check_freed(struct graphs *s, uint32_t at)
{
    const struct touch *block = &s->done->touches[0];
    for (uint32_t i = 1; i < s->done->count; i++) {
        const struct touch *t = &s->done->touches[i];
        block = t->size > block->size ? t : block;
    }
    uint64_t before[GRAPH_WORDS];
    graph_prefix(&s->graph, (uint16_t)at, before);
    for (uint32_t i = 0; i < at && !s->done->failed; i++) {
        const struct vertex *v = &s->graph.list[i];
        bool uses = v->kind == VERTEX_READ || v->kind == VERTEX_WRITE ||
                    v->kind == VERTEX_TOUCH;
        if (uses && s->place[v->place] - block->at < block->size &&
            v->thread != s->graph.list[at].thread && !bits_have(before, i)) {
            graphs_refuse(s, UNGRAPHED_FREE, 0);
        }
    }
}

/* A piece that was not planned. */
static void add_piece(struct graphs *s, const struct turn *turn)
{
    uint32_t first = s->graph.count;
    uint16_t after = graphs_enabler(s, turn, &s->next);
    if (s->next.resumes && after == NO_VERTEX) {
        graphs_refuse_use(s, turn->thread, UNGRAPHED_STEP);
    }
    if (is_access(&s->next)) {
        add_access(s, turn);
    } else if (is_move(s)) {
        if (!graphs_add_move(s, turn)) {
            graphs_refuse_use(s, turn->thread, UNGRAPHED_STEP);
        }
    } else if (s->done->called) {
        add_call(s, turn);
    } else if (s->done->returned) {
        add_return(s, turn);
    } else if (s->next.kind == FL_STEP_FENCE && !s->next.starts) {
        add_fence(s, turn, s->next.order);
    }
    add_fences(s, turn, 0);
    add_touches(s, turn);
    if (s->graph.count == first) {
        graphs_add(s, turn, (struct vertex){.rank = 1, .source = NO_VERTEX});
    }
    s->graph.list[first].after = after;
    s->graph.list[first].beside = graphs_beside(s, turn);
    check_touches(s, first);
    if (is_free(s)) {
        check_freed(s, first);
    }
    struct wide initial = join(s->offer->initial);
    for (uint32_t i = first; i < s->graph.count && !s->unfit; i++) {
        graph_grow(s, (uint16_t)i, initial);
    }
}

static bool is_of_memory(const struct vertex *v)
{
    return (v->kind == VERTEX_READ || v->kind == VERTEX_WRITE) && !v->settled;
}

/* Whether the piece did what was planned; notes what it wrote. */
static bool keeps_plan(struct graphs *s, const struct turn *turn)
{
    const struct offer *o = s->offer;
    bool writes = is_access(&s->next) && o->writes;
    for (uint16_t i = turn->first; i != NO_VERTEX; i = s->check.next[i]) {
        const struct vertex *v = &s->graph.list[i];
        s->turn_of[i] = (uint16_t)s->finished;
        if (v->move != MOVE_NONE && !graphs_keep_move(s, v)) {
            return false;
        }
        if (!is_of_memory(v)) {
            continue;
        }
        if (!o->made ||
            graphs_place(s, (uintptr_t)s->next.location) != v->place) {
            return false;
        }
        if (v->kind == VERTEX_READ &&
            (named(s, s->done->source) != v->source || v->updates != writes)) {
            return false;
        }
        if (v->kind == VERTEX_WRITE) {
            s->wrote[s->finished] = i;
            if (!writes || v->value.low != o->stored[0]) {
                return false;
            }
        }
    }
    return true;
}

/* Of a piece of which only a part was kept, fences and touches were not. */
static void complete_piece(struct graphs *s, const struct turn *turn)
{
    uint32_t fences = 0;
    bool touches = false;
    for (uint16_t i = turn->first; i != NO_VERTEX; i = s->check.next[i]) {
        const struct vertex *v = &s->graph.list[i];
        fences += v->kind == VERTEX_FENCE && v->order != ORDER_SEQ_CST ? 1 : 0;
        touches = touches || v->kind == VERTEX_TOUCH;
    }
    add_fences(s, turn, fences);
    if (!touches) {
        add_touches(s, turn);
    }
}

void graphs_finish_piece(struct graphs *s)
{
    if (s->finished == s->at || s->lost || s->unfit) {
        return;
    }
    assert(s->finished + 1 == s->at);
    struct turn *turn = &s->script[s->finished];
    s->wrote[s->finished] = NO_VERTEX;
    if (!s->next.resumes || s->offer->used.why != UNGRAPHED_NOT) {
        s->used[turn->thread] = s->offer->used;
    }
    check_piece(s, turn);
    if (s->unfit) {
        s->finished++;
        return;
    }
    if (s->finished >= s->script_count) {
        add_piece(s, turn);
    } else if (!keeps_plan(s, turn)) {
        s->lost = true;
        s->cut = true;
    } else {
        complete_piece(s, turn);
    }
    graphs_compare(s, turn);
    s->finished++;
}
