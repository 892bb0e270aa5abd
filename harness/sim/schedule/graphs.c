/*
 * One run for each execution graph.
 *
 * A run begins with a graph that was planned: its pieces are executed in an
 * order that graphs_check.c found, each read reading what it has to.  Then it
 * goes on with the lowest thread that can, reading the newest and writing
 * behind everything, until it ends; each vertex that comes plans the graphs
 * that it leads to (graphs_grow.c).  Every run thus ends in a graph of its
 * own, and none is made in vain.
 *
 * A mutex, semaphore, rwlock, condition, barrier or the like is a location:
 * each move on it reads its state and writes the next (moves.h); what changes
 * nothing only reads.  Who would have to wait is not run.  If nobody can go on,
 * those that wait are looked at all the same: they could have been earlier.
 *
 * A loop that goes round for nothing is cut (await.c): its thread goes no
 * further in this run, and whatever is stored to what it has read leads to
 * graphs of its own.
 *
 * Other objects, time limits, allocation by several threads, loops that go
 * round, the clock, plain stores to atomics and the bounds of the memory model
 * are not followed: the search is then unfit, and its caller takes another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/graphs.h"

#include "harness/need.h"

#include <stdlib.h>
#include <string.h>

enum {
    NOBODY = GRAPH_THREADS,
};

static uint64_t bit_of(uint32_t thread)
{
    assert(thread < GRAPH_THREADS);
    return (uint64_t)1 << thread;
}

static void make_room(struct graphs *s)
{
    struct graph *const all[] = {&s->graph, &s->part, &s->built, &s->rest};
    for (uint32_t i = 0; i < 4; i++) {
        all[i]->list =
            need(calloc(GRAPH_MAX + 1, sizeof(*all[i]->list)), "the search");
    }
    size_t clocks = (size_t)GRAPH_MAX * GRAPH_THREADS;
    struct check *c = &s->check;
    c->clocks = need(calloc(clocks, sizeof(*c->clocks)), "the search");
    c->messages = need(calloc(clocks, sizeof(*c->messages)), "the search");
    c->heads =
        need(calloc(clocks * GRAPH_HEADS, sizeof(*c->heads)), "the search");
}

static void drop_plans(struct graphs *s)
{
    while (s->planned != NULL) {
        struct planned *below = s->planned->below;
        free(s->planned);
        s->planned = below;
    }
}

void graphs_refuse(struct graphs *s, enum ungraphed why, uintptr_t pc)
{
    assert(why > UNGRAPHED_NOT && why < UNGRAPHED_KINDS);
    bool began =
        pc == 0 && why != UNGRAPHED_ROBUST; /* which shows at its end */
    if (!s->unfit) {
        s->cause =
            (struct ungraphed_cause){.why = why, .pc = began ? s->next.pc : pc};
    }
    s->unfit = true;
}

void graphs_refuse_use(struct graphs *s, uint32_t thread, enum ungraphed why)
{
    const struct ungraphed_cause *used = &s->used[thread];
    if (used->why != UNGRAPHED_NOT) {
        graphs_refuse(s, used->why, used->pc);
    } else {
        graphs_refuse(s, why, 0);
    }
}

void graphs_forget(struct graphs *s)
{
    drop_plans(s);
    s->started = false;
    s->unfit = false;
    s->cause = (struct ungraphed_cause){.why = UNGRAPHED_NOT};
    s->cut = false;
    s->graph.count = 0;
    s->script_count = 0;
    s->places = 0;
    memset(s->acted, 0, sizeof(s->acted));
    s->tally = (struct search_tally){.cuts = s->tally.cuts};
    seen_clear(&s->seen);
    seen_clear(&s->barred);
}

void graphs_begin(struct graphs *s, const struct profile *profile)
{
    if (s->graph.list == NULL) {
        make_room(s);
    }
    if (!s->started) {
        graphs_forget(s);
        s->started = true;
        s->lanes = profile->threads;
    }
    s->tally.cuts = profile->cuts || s->cuts;
    s->c20 = profile->c20;
    s->inserts = !profile->placed;
    s->offer = profile->offer;
    s->offer->wanted = true;
    s->offer->cuts = s->cuts;
    s->fixed = s->graph.count;
    s->lost = false;
    s->ran = false;
    s->stuck = false;
    s->halted = false;
    s->at = 0;
    s->finished = 0;
    s->known = 0;
    memset(s->pieces, 0, sizeof(s->pieces));
    memset(s->used, 0, sizeof(s->used));
    memset(s->turn_of, 0xff, s->fixed * sizeof(*s->turn_of));
    graphs_twins_begin(s, profile);
}

/* --- who runs ------------------------------------------------------------- */

/* Threads that were not there before. */
static void note_born(struct graphs *s, uint64_t enabled)
{
    for (uint64_t q = enabled & ~s->known; q != 0; q &= q - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(q);
        uint16_t made = NO_VERTEX;
        for (uint32_t i = s->graph.count; s->finished > 0 && i-- > 0;) {
            if (s->graph.list[i].thread == s->script[s->finished - 1].thread &&
                s->graph.list[i].piece == s->script[s->finished - 1].piece) {
                made = (uint16_t)i;
                break;
            }
        }
        s->born[t] = made;
        if (s->twins) {
            s->alike[t] = s->likes[t];
        }
    }
    s->known |= enabled;
}

static struct pick stray(const struct moment *moment)
{
    bool stays = moment->running < GRAPH_THREADS &&
                 (moment->enabled & bit_of(moment->running)) != 0;
    return (struct pick){.thread =
                             stays ? moment->running
                                   : (uint32_t)__builtin_ctzll(moment->enabled),
                         .distance = 1};
}

struct pick graphs_pick(struct graphs *s, const struct moment *moment)
{
    s->done = moment->done;
    s->ran = true;
    graphs_finish_piece(s);
    note_born(s, moment->enabled);
    uint64_t can = moment->enabled & ~moment->waiting;
    bool deadlock = can == 0;
    can &= ~graphs_held(s, can);
    if (can == 0 && !s->lost && !s->unfit && !s->stuck) {
        graphs_finish_stuck(s, moment);
        s->halted = !deadlock;
    }
    if (s->at + 1 >= GRAPH_MAX) {
        graphs_refuse(s, UNGRAPHED_LENGTH, 0);
    }
    if (s->unfit || s->halted) { /* the rest of this run is for nobody */
        return (struct pick){.thread = NOBODY, .distance = 1};
    }
    if (s->lost || s->stuck) {
        return stray(moment);
    }
    uint32_t thread = (uint32_t)__builtin_ctzll(can);
    if (s->at < s->script_count) {
        thread = s->script[s->at].thread;
        if ((can & bit_of(thread)) == 0) {
            s->lost = true;
            s->cut = true;
            return stray(moment);
        }
    } else {
        s->script[s->at] =
            (struct turn){.thread = (uint8_t)thread,
                          .piece = (uint16_t)(s->pieces[thread] + 1),
                          .first = NO_VERTEX};
    }
    s->pieces[thread]++;
    s->next = moment->pending[thread];
    s->at++;
    return (struct pick){.thread = thread, .distance = 1};
}

/* What the running access has to begin with, or NULL: the plainest. */
static const struct vertex *planned_access(const struct graphs *s)
{
    if (s->at == 0 || s->at > s->script_count) {
        return NULL;
    }
    const struct vertex *v = &s->graph.list[s->script[s->at - 1].first];
    return v->kind == VERTEX_READ || v->kind == VERTEX_WRITE ? v : NULL;
}

/* The write that `v` has to read, or to stand behind, of those that were
 * executed. */
static uint16_t planned_before(const struct graphs *s, const struct vertex *v)
{
    if (v->kind == VERTEX_READ) {
        return v->source;
    }
    uint16_t before = NO_VERTEX;
    for (uint32_t i = 0; i < s->fixed; i++) {
        const struct vertex *u = &s->graph.list[i];
        if (u->kind == VERTEX_WRITE && u->place == v->place &&
            u->rank < v->rank && s->turn_of[i] != NO_VERTEX &&
            (before == NO_VERTEX || s->graph.list[before].rank < u->rank)) {
            before = (uint16_t)i;
        }
    }
    return before;
}

uint32_t graphs_choose(struct graphs *s, uint32_t below)
{
    const struct offer *o = s->offer;
    if (s->lost || s->unfit || s->stuck) {
        return 0;
    }
    if (s->next.move == MOVE_SIGNAL) {
        const struct vertex *v = planned_access(s);
        return v == NULL || v->chosen >= below ? 0 : v->chosen;
    }
    if (!o->made || o->choices != below) {
        graphs_refuse(s, UNGRAPHED_DECISION, 0);
        return 0;
    }
    const struct vertex *v = planned_access(s);
    if (v == NULL) {
        return 0;
    }
    uint16_t before = planned_before(s, v);
    uint32_t piece = before == NO_VERTEX ? 0 : s->turn_of[before] + 1u;
    uint32_t fails = v->idle ? OFFER_FAILS : 0;
    for (uint32_t i = 0; i < below; i++) {
        uint32_t store = o->choice[i] ^ fails;
        if (store < OFFERED_MAX && o->piece[store] == piece) {
            return i;
        }
    }
    if (s->inserts) { /* no room between two others */
        graphs_refuse(s, UNGRAPHED_STORES, 0);
    }
    return 0; /* keeps_plan() notices */
}

/* --- the next graph ------------------------------------------------------- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93u;
    return hash ^ hash >> 29;
}

static uint64_t name(const struct graphs *s, uint16_t i)
{
    if (i == NO_VERTEX) {
        return 0;
    }
    const struct vertex *v = &s->graph.list[i];
    return ((uint64_t)v->thread + 1) << 40 | (uint64_t)v->piece << 8 | v->kind;
}

/* The same for whatever order its vertices were added in. */
static uint64_t hash_graph(const struct graphs *s)
{
    const struct graph *g = &s->graph;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vertex *v = &g->list[i];
        uint64_t hash = mix(name(s, (uint16_t)i), v->place);
        if (v->kind == VERTEX_READ) {
            hash = mix(hash, name(s, v->source) ^ (uint64_t)v->chosen << 56);
        } else if (v->kind == VERTEX_WRITE && v->rank > 1) {
            uint16_t rank = (uint16_t)(v->rank - 1);
            hash = mix(hash, name(s, graph_ranked(g, v->place, rank)));
        }
        sum += hash;
    }
    return sum;
}

static void lay_script(struct graphs *s)
{
    struct check *c = &s->check;
    for (uint32_t i = 0; i < c->pieces; i++) {
        s->script[i] = c->turns[c->line[i]];
    }
    s->script_count = c->pieces;
}

/* Takes the next graph that was planned.  False: there is none. */
static bool take_planned(struct graphs *s)
{
    while (s->planned != NULL && !s->unfit) {
        struct planned *p = s->planned;
        s->planned = p->below;
        memcpy(s->graph.list, p->list, p->count * sizeof(*p->list));
        s->graph.count = p->count;
        for (uint32_t i = p->fresh; i < p->count; i++) {
            graph_grow(s, (uint16_t)i, (struct wide){0});
        }
        bool doomed = p->doomed;
        free(p);
        if (!doomed) {
            bool consistent = graph_check(s, &s->graph);
            assert(consistent);
            (void)consistent;
            lay_script(s);
            return true;
        }
    }
    return false;
}

static void count_run(struct graphs *s)
{
    struct search_tally *t = &s->tally;
    if (s->lost || s->halted) {
        t->redundant++;
        return;
    }
    if (s->done->blocked) {
        t->blocked++;
        bool fresh = seen_add(&s->barred, hash_graph(s));
        t->redundant += fresh ? 0 : 1;
        return;
    }
    t->executions++;
    seen_add(&s->seen, hash_graph(s));
    t->distinct = s->seen.count;
    t->more = s->seen.full;
}

bool graphs_end(struct graphs *s)
{
    if (!s->ran) {
        graphs_forget(s);
        return false;
    }
    graphs_finish_piece(s);
    if (s->unfit) {
        return false;
    }
    count_run(s);
    /* What other threads would still have done leads to graphs of its own. */
    bool through = s->stuck || s->done->stuck;
    s->cut = s->cut || (s->done->failed && !through) || s->at < s->script_count;
    if (take_planned(s)) {
        return true;
    }
    s->started = false;
    s->tally.all = !s->cut && !s->unfit;
    return false;
}

void graphs_release(struct graphs *s)
{
    drop_plans(s);
    free(s->graph.list);
    free(s->part.list);
    free(s->built.list);
    free(s->rest.list);
    free(s->check.clocks);
    free(s->check.messages);
    free(s->check.heads);
    seen_release(&s->seen);
    seen_release(&s->barred);
}
