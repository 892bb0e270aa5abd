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
 * Locks: a thread that would only wait is not run (section 10 there).
 * Decisions inside an event (which waiter is woken, which store is read) are
 * tried one after the other before the next thread has its turn.
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
    NOBODY = DPOR_THREADS,
    DECISIONS = 4 * DPOR_DEPTH,
    BELOW_MAX = 64,
};

static uint64_t bit(uint32_t thread)
{
    assert(thread < DPOR_THREADS);
    return (uint64_t)1 << thread;
}

static void make_room(struct dpor *d)
{
    d->events = need(calloc(DPOR_DEPTH, sizeof(*d->events)), "the search");
    d->nodes = need(calloc(DPOR_DEPTH, sizeof(*d->nodes)), "the search");
    d->decided = need(calloc(DECISIONS, sizeof(*d->decided)), "the search");
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
    d->tally = (struct search_tally){0};
    seen_clear(&d->graphs);
}

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    (void)choice;
    struct dpor *d = self;
    if (d->events == NULL) {
        make_room(d);
    }
    if (!d->started || d->weak != profile->weak) {
        start_over(d);
        d->weak = profile->weak;
        d->ordered = profile->ordered;
        d->placed = profile->placed;
        d->started = true;
    }
    d->timed = false;
    d->lost = false;
    d->redundant = false;
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
    if ((now & bit(thread)) == 0) {
        return NO_EVENT; /* it still waits */
    }
    uint32_t from = d->last[thread] == NO_EVENT ? 0 : d->last[thread] + 1;
    for (uint32_t k = count; k-- > from;) {
        if ((d->nodes[k].runnable & bit(thread)) == 0) {
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
    e->before = before;
    e->own = before == NO_EVENT ? 1 : d->events[before].own + 1;
    e->within = before != NO_EVENT && d->events[before].within;
    e->enabler = find_enabler(d, thread, count);
    e->choices = 0;
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

/* The event that was begun last is over: what it did is known. */
static void finish_event(struct dpor *d, uint64_t enabled)
{
    assert(d->depth > 0);
    uint32_t i = d->depth - 1;
    if (i < d->valid || d->lost) {
        return;
    }
    struct event *e = &d->events[i];
    event_did(e, d->done);
    d->timed = d->timed || d->done->timed;
    e->did.everything = e->did.everything || d->ordered;
    e->within = !e->did.returned && (e->did.called || e->within);
    e->choices = hash_choices(d, i);
    struct node *n = &d->nodes[i];
    n->gone = n->runnable & ~enabled & ~bit(e->thread);
    footprint_join(&n->chosen, &e->did);
    dpor_order(d, i);
}

/* What sleeps at node `i`, of what sleeps or is done at the one before. */
static void fall_asleep(struct dpor *d, uint32_t i)
{
    struct node *n = &d->nodes[i];
    n->asleep = 0;
    if (i == 0) {
        return;
    }
    const struct node *above = &d->nodes[i - 1];
    const struct event *e = &d->events[i - 1];
    for (uint64_t q = above->asleep | above->done; q != 0; q &= q - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(q);
        uint32_t sleeper = above->sleeping[t];
        if (t != e->thread &&
            !footprint_conflicts(&d->sleepers.list[sleeper].did, &e->did)) {
            n->asleep |= bit(t);
            n->sleeping[t] = sleeper;
        }
    }
}

/* Node `n` begins with the first branch of the list, if that is possible. */
static bool take_branch(struct dpor *d, struct node *n, uint32_t *thread)
{
    uint32_t branch = n->first;
    const struct branch *b = &d->branches.list[branch];
    *thread = b->thread;
    n->guided = true;
    n->below = b->child;
    n->wanted = b->choices;
    n->first = b->next;
    branch_free(&d->branches, branch);
    return (n->runnable & ~n->asleep & ~n->done & bit(*thread)) != 0;
}

static void drop_plan(struct dpor *d, struct node *n)
{
    branches_free(&d->branches, n->below);
    n->below = 0;
    n->guided = false;
}

/* The next planned thread that can run, or NOBODY. */
static uint32_t next_planned(struct dpor *d, struct node *n)
{
    while (n->first != 0) {
        uint32_t thread;
        if (take_branch(d, n, &thread)) {
            return thread;
        }
        drop_plan(d, n);
    }
    return NOBODY;
}

/* What the node above planned behind the event that led here. */
static uint32_t inherit(struct dpor *d, uint32_t i)
{
    if (i == 0) {
        return 0;
    }
    struct node *above = &d->nodes[i - 1];
    uint32_t plan = 0;
    if (above->guided && above->wanted == d->events[i - 1].choices) {
        plan = above->below;
        above->below = 0;
        above->guided = false;
    }
    return plan;
}

static uint32_t plainest(const struct moment *moment, uint64_t of)
{
    bool stays =
        moment->running < DPOR_THREADS && (of & bit(moment->running)) != 0;
    return stays ? moment->running : (uint32_t)__builtin_ctzll(of);
}

/* A node that no run has come to before: a thread for it, or NOBODY if all
 * that can come was explored. */
static uint32_t open_node(struct dpor *d, const struct moment *moment)
{
    uint32_t i = d->depth;
    struct node *n = &d->nodes[i];
    d->count = i + 1;
    n->runnable = moment->enabled & ~moment->blocked;
    n->done = 0;
    n->first = inherit(d, i);
    n->below = 0;
    n->guided = false;
    footprint_clear(&n->chosen);
    fall_asleep(d, i);
    uint32_t thread = next_planned(d, n);
    if (thread != NOBODY) {
        return thread;
    }
    if (n->runnable == 0) { /* a deadlock: let the world see it */
        return plainest(moment, moment->enabled);
    }
    uint64_t awake = n->runnable & ~n->asleep;
    return awake == 0 ? NOBODY : plainest(moment, awake);
}

static struct pick make_pick(struct dpor *d, const struct moment *moment,
                             uint32_t thread)
{
    uint32_t i = d->depth++;
    if (i >= d->valid) {
        struct event *e = &d->events[i];
        dpor_event(d, e, thread, i);
        e->next = moment->pending[thread];
    }
    d->last[thread] = i;
    return (struct pick){.thread = thread, .distance = 1};
}

static struct pick stray(struct dpor *d, const struct moment *moment)
{
    d->lost = true;
    d->cut = true;
    return (struct pick){.thread = plainest(moment, moment->enabled),
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
        finish_event(d, moment->enabled);
    }
    d->enabled = moment->enabled;
    d->runnable = moment->enabled & ~moment->blocked;
    memcpy(d->pending, moment->pending, sizeof(d->pending));
    uint32_t thread;
    if (d->depth < d->count) { /* as planned */
        thread = d->events[d->depth].thread;
        if ((moment->enabled & bit(thread)) == 0) {
            return stray(d, moment);
        }
    } else {
        thread = open_node(d, moment);
        if (thread == NOBODY) {
            d->count = d->depth;
            d->redundant = true;
            return (struct pick){.thread = NOBODY, .distance = 1};
        }
    }
    return make_pick(d, moment, thread);
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
        if (d->decided_count == DECISIONS) {
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

/* The thread chosen at node `n` has had its turn. */
static void put_to_sleep(struct dpor *d, struct node *n, uint32_t thread)
{
    uint32_t sleeper = branch_new(&d->sleepers);
    d->sleepers.list[sleeper].did = n->chosen;
    n->sleeping[thread] = sleeper;
    n->done |= bit(thread);
    footprint_clear(&n->chosen);
    drop_plan(d, n);
}

static void close_node(struct dpor *d, struct node *n)
{
    for (uint64_t q = n->done; q != 0; q &= q - 1) {
        branch_free(&d->sleepers, n->sleeping[__builtin_ctzll(q)]);
    }
    n->done = 0;
    branches_free(&d->branches, n->first);
    n->first = 0;
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
        put_to_sleep(d, n, d->events[i].thread);
        uint32_t thread = next_planned(d, n);
        if (thread != NOBODY) {
            d->valid = i;
            d->events[i].thread = (uint8_t)thread;
            return true;
        }
        close_node(d, n);
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
        finish_event(d, 0);
    }
    if (d->timed && !d->ordered) { /* the plans took it to be otherwise */
        start_over(d);
        d->ordered = true;
        return true;
    }
    if (!d->lost && !d->redundant) {
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

static void release(void *self)
{
    struct dpor *d = self;
    free(d->events);
    free(d->nodes);
    free(d->decided);
    free(d->wakeup.steps);
    free(d->branches.list);
    free(d->sleepers.list);
    seen_release(&d->graphs);
}

const struct strategy strategy_dpor = {
    .name = "dpor",
    .about = "every execution once, whatever the order of what is independent",
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
