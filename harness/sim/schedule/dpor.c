/*
 * Every execution, once: optimal dynamic partial order reduction.
 *
 * Executions that differ only in the order of independent events are one
 * (Mazurkiewicz 1977).  The search runs one of each: at the end of a run it
 * looks for races, and for each of them plans a run in which the two come in
 * the other order (dpor_races.c).  Plans are kept as wake-up trees in the node
 * where they begin (dpor_tree.c); a thread whose turn at a node is over sleeps
 * until something dependent happens, so that nothing is run twice (Abdulla,
 * Aronis, Jonsson, Sagonas, "Source sets: a foundation for optimal dynamic
 * partial order reduction", JACM 64(4), 2017, algorithm 2).
 *
 *     run          T0.store x   T1.load x   T1.store y
 *     race              `-----------'
 *     plan         at the first node:  T1.load x
 *
 * Deviations.  An event is all that a thread does between two questions, and
 * what it touches is known when it is over.  The second event of a race may do
 * something else when it comes first (a compare-and-swap that then succeeds):
 * the plan takes it to do all that it could, which can plan a run too many;
 * such a run is cut off when everything that could go on sleeps, and counted.
 * Nor does such a plan cover others, as it would there (dpor_tree.h); and those
 * kept apart from it that it turns out not to be in the way of go behind it
 * then (dpor_nodes.c), or its sleep would be theirs, too.
 * Locks: a thread that would only wait is not run (section 10 there).
 * Decisions inside an event (which waiter is woken, which store is read) are
 * tried one after the other before the next thread has its turn; those that a
 * plan did not have are searched from there on as if nothing slept, which can
 * run an execution again.
 *
 * Everything else that is drawn (faults, reuse of memory, random numbers) is
 * fixed: all runs have one seed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/dpor.h"

#include "harness/need.h"
#include "harness/sim/schedule/list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    BELOW_MAX = 64
};

void dpor_make_room(struct dpor *d)
{
    d->events = need(calloc(DPOR_DEPTH, sizeof(*d->events)), "the search");
    d->nodes = need(calloc(DPOR_DEPTH, sizeof(*d->nodes)), "the search");
    d->decided =
        need(calloc(DPOR_DECISIONS, sizeof(*d->decided)), "the search");
    d->wakeup.steps =
        need(calloc(DPOR_DEPTH + 1, sizeof(*d->wakeup.steps)), "the search");
}

/* Forgets the plans and the counts of the search so far. */
static void start_over(struct dpor *d)
{
    d->count = 0;
    d->valid = 0;
    d->decided_count = 0;
    d->branches.count = d->branches.count == 0 ? 0 : 1;
    d->branches.free = 0;
    d->sleepers.count = d->sleepers.count == 0 ? 0 : 1;
    d->sleepers.free = 0;
    d->cut = false;
    d->tally = (struct search_tally){.cuts = d->tally.cuts};
    seen_clear(&d->graphs);
}

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    (void)choice;
    struct dpor *d = self;
    if (d->events == NULL) {
        dpor_make_room(d);
    }
    if (!d->started || d->weak != profile->weak ||
        d->search != profile->search) {
        start_over(d);
        d->search = profile->search;
        d->weak = profile->weak;
        d->ordered = profile->ordered;
        d->placed = profile->placed;
        d->buffers = profile->buffers;
        d->tally.cuts = profile->cuts;
        d->started = true;
    }
    d->twins = profile->twins;
    d->timed = false;
    d->lost = false;
    d->redundant = false;
    d->halted = false;
    d->depth = 0;
    d->decided_next = 0;
    d->done = NULL;
    for (uint32_t t = 0; t < DPOR_THREADS; t++) {
        d->last[t] = NO_EVENT;
    }
    return true;
}

/* The event that made the next one of `thread` possible, if it was not from
 * its last one on. */
static uint32_t find_enabler(const struct dpor *d, uint32_t thread,
                             uint32_t count)
{
    uint64_t now = count < d->count ? d->nodes[count].runnable : d->runnable;
    if ((now & dpor_bit(thread)) == 0) {
        return NO_EVENT; /* it still waits */
    }
    uint32_t from = d->last[thread] == NO_EVENT ? 0 : d->last[thread] + 1;
    for (uint32_t k = count; k-- > from;) {
        if ((d->nodes[k].runnable & dpor_bit(thread)) == 0) {
            return k;
        }
    }
    return NO_EVENT;
}

/* The event that woke `thread`, which was asleep since its last one. */
static uint32_t find_waker(const struct dpor *d, uint32_t thread,
                           uint32_t count)
{
    uint32_t from = d->last[thread] == NO_EVENT ? 0 : d->last[thread] + 1;
    for (uint32_t k = count; k-- > from;) {
        if ((d->nodes[k].enabled & dpor_bit(thread)) == 0) {
            return k;
        }
    }
    return NO_EVENT;
}

void dpor_event(const struct dpor *d, struct event *e, uint32_t thread,
                uint32_t count)
{
    uint32_t before = d->last[thread];
    e->thread = (uint8_t)thread;
    e->weak = d->weak;
    e->apart = d->weak || d->buffers;
    e->before = before;
    e->own = before == NO_EVENT ? 1 : d->events[before].own + 1;
    e->within = before != NO_EVENT && d->events[before].within;
    e->next = d->pending[thread];
    e->enabler = find_enabler(d, thread, count);
    e->waker = e->next.resumes ? find_waker(d, thread, count) : NO_EVENT;
    e->choices = 0;
    e->stores = before == NO_EVENT ? 0 : d->events[before].stores;
    e->behind = NO_EVENT;
    if (d->buffers) {
        dpor_behind(d, e);
    }
    dpor_stand_beside(d, e);
}

static uint32_t hash_choices(const struct dpor *d, uint32_t event)
{
    uint32_t hash = 0;
    for (uint32_t i = d->decided_count; i-- > 0;) {
        if (d->decided[i].event != event) {
            break;
        }
        hash = (hash ^ (d->decided[i].value + 1u)) * 0x9e3779b1u;
    }
    return hash;
}

void dpor_finish(struct dpor *d, uint64_t enabled)
{
    assert(d->depth > 0);
    uint32_t i = d->depth - 1;
    if (i < d->valid || d->lost) {
        return;
    }
    struct event *e = &d->events[i];
    event_did(e, d->done, d->buffers ? dpor_own_store(d, i) : 0);
    d->timed = d->timed || d->done->timed;
    e->did.everything =
        e->did.everything || d->ordered || (d->moments && d->done->timed);
    e->within = !e->did.returned && (e->did.called || e->within);
    e->choices = hash_choices(d, i);
    struct node *n = &d->nodes[i];
    n->gone = n->runnable & ~enabled & ~dpor_bit(e->thread);
    d->cut = d->cut || (n->gone & n->held) != 0;
    footprint_join(&n->chosen, &e->did);
    dpor_order(d, e, i);
    dpor_compare(d, i);
    dpor_hand_down(d, i);
}

void dpor_start(struct dpor *d, uint32_t thread)
{
    uint32_t i = d->depth++;
    if (i >= d->valid) {
        dpor_event(d, &d->events[i], thread, i);
    }
    d->last[thread] = i;
}

static struct pick stray(struct dpor *d, const struct moment *moment)
{
    d->lost = true;
    d->cut = true;
    return (struct pick){.thread = dpor_plainest(moment, moment->enabled),
                         .distance = 1};
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    (void)choice;
    struct dpor *d = self;
    d->done = moment->done;
    if (d->lost || d->depth >= DPOR_DEPTH) {
        return stray(d, moment);
    }
    if (d->depth > 0) {
        dpor_finish(d, moment->enabled);
    }
    d->enabled = moment->enabled;
    d->runnable = moment->enabled & ~moment->blocked;
    memcpy(d->pending, moment->pending, sizeof(d->pending));
    uint32_t thread;
    if (d->depth < d->count) { /* as planned */
        thread = d->events[d->depth].thread;
        if ((moment->enabled & dpor_bit(thread)) == 0) {
            return stray(d, moment);
        }
    } else {
        thread = dpor_open(d, moment);
        if (thread == DPOR_NOBODY) {
            d->count = d->depth;
            d->redundant = true;
            return (struct pick){.thread = DPOR_NOBODY, .distance = 1};
        }
    }
    dpor_start(d, thread);
    return (struct pick){.thread = thread, .distance = 1};
}

static uint32_t choose(void *self, uint32_t below)
{
    assert(below > 0 && below <= BELOW_MAX);
    struct dpor *d = self;
    if (d->lost) {
        return 0;
    }
    uint32_t event = d->depth == 0 ? NO_EVENT : d->depth - 1;
    if (d->decided_next == d->decided_count) {
        if (d->decided_count == DPOR_DECISIONS) {
            d->lost = true;
            d->cut = true;
            return 0;
        }
        d->decided[d->decided_count++] =
            (struct decided){.event = event, .below = (uint8_t)below};
    }
    const struct decided *c = &d->decided[d->decided_next++];
    if (c->event != event || c->below != below) {
        d->lost = true;
        d->cut = true;
        return 0;
    }
    return c->value;
}

/* The next variant of event `i`: another decision in it.  False: no more. */
static bool vary(struct dpor *d, uint32_t i)
{
    while (d->decided_count > 0) {
        struct decided *c = &d->decided[d->decided_count - 1];
        if (c->event != NO_EVENT && (i == NO_EVENT || c->event > i)) {
            d->decided_count--;
            continue;
        }
        if (c->event != i) {
            return false;
        }
        if (c->value + 1 < c->below) {
            c->value++;
            return true;
        }
        d->decided_count--;
    }
    return false;
}

/* Goes back to the deepest node with something left.  False: none. */
static bool go_back(struct dpor *d)
{
    while (d->count > 0) {
        uint32_t i = d->count - 1;
        struct node *n = &d->nodes[i];
        if (vary(d, i)) {
            d->valid = i;
            return true;
        }
        dpor_put_to_sleep(d, n, d->events[i].thread);
        uint32_t thread = dpor_next_planned(d, n);
        if (thread != DPOR_NOBODY) {
            d->valid = i;
            d->events[i].thread = (uint8_t)thread;
            return true;
        }
        dpor_close(d, n);
        d->count--;
    }
    d->valid = 0;
    return vary(d, NO_EVENT);
}

static void count_run(struct dpor *d)
{
    struct search_tally *t = &d->tally;
    if (d->redundant || d->lost) {
        t->redundant++;
        return;
    }
    if (d->done->blocked) {
        t->blocked++;
        return;
    }
    t->executions++;
    if (!d->weak || d->placed) { /* else what a graph is, is not known */
        seen_add(&d->graphs, dpor_graph(d));
    }
    t->distinct = d->graphs.count;
    t->more = d->graphs.full;
}

static bool end(void *self)
{
    struct dpor *d = self;
    if (d->done == NULL) {
        d->started = false; /* it never ran */
        return false;
    }
    if (!d->lost && d->depth < d->count) {
        d->lost = true; /* shorter than it was before */
        d->cut = true;
    }
    if (!d->lost && !d->redundant) {
        dpor_finish(d, 0);
    }
    if (d->timed && !d->ordered) { /* the plans took it to be otherwise */
        start_over(d);
        d->ordered = true;
        return true;
    }
    if (!d->lost && (!d->redundant || d->halted)) {
        dpor_reverse_races(d);
    }
    count_run(d);
    if (go_back(d)) {
        return true;
    }
    d->started = false; /* the next begin() starts over */
    d->tally.all = !d->cut;
    return false;
}

static bool complete(const void *self)
{
    const struct dpor *d = self;
    return !d->started && !d->cut;
}

static void tell(const void *self, struct search_tally *tally)
{
    const struct dpor *d = self;
    *tally = d->tally;
}

void dpor_release(struct dpor *d)
{
    free(d->events);
    free(d->nodes);
    free(d->decided);
    free(d->wakeup.steps);
    free(d->branches.list);
    free(d->sleepers.list);
    seen_release(&d->graphs);
}

static void release(void *self)
{
    dpor_release(self);
}

const struct strategy strategy_orders = {
    .name = "orders",
    .about = "every order of dependent events once",
    .size = sizeof(struct dpor),
    .attentive = true,
    .searches = true,
    .begin = begin,
    .pick = pick,
    .end = end,
    .complete = complete,
    .tally = tell,
    .release = release,
    .choose = choose,
};
