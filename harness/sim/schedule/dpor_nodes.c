/*
 * Nodes: what is to be tried where, in the order planned, and what sleeps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/dpor.h"

#include <assert.h>

/* What sleeps at node `i`, of what sleeps or is done at the one before.  A plan
 * is for one outcome of each decision in it.  Behind another one nothing
 * sleeps: for what depends on a sleeper and would wake it, there is no plan
 * here that leads to it. */
static void fall_asleep(struct dpor *d, uint32_t i)
{
    struct node *n = &d->nodes[i];
    n->asleep = 0;
    if (i == 0) {
        return;
    }
    const struct node *above = &d->nodes[i - 1];
    const struct event *e = &d->events[i - 1];
    if (above->planned && above->wanted != e->choices) {
        return;
    }
    uint16_t begun[DPOR_THREADS];
    dpor_begun(d, begun);
    for (uint64_t q = above->asleep | above->done; q != 0; q &= q - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(q);
        uint32_t sleeper = above->sleeping[t];
        if (t != e->thread &&
            !footprint_conflicts(&d->sleepers.list[sleeper].did, &e->did,
                                 begun)) {
            n->asleep |= dpor_bit(t);
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
    n->planned = b->child != 0;
    n->wanted = b->choices;
    n->loose = b->loose;
    n->handed = false;
    n->first = b->next;
    branch_free(&d->branches, branch);
    uint64_t can = n->runnable & ~n->held & ~n->asleep & ~n->done;
    return (can & dpor_bit(*thread)) != 0;
}

static void drop_plan(struct dpor *d, struct node *n)
{
    branches_free(&d->branches, n->below);
    n->below = 0;
    n->guided = false;
    n->planned = false;
}

uint32_t dpor_next_planned(struct dpor *d, struct node *n)
{
    while (n->first != 0) {
        uint32_t thread;
        if (take_branch(d, n, &thread)) {
            return thread;
        }
        drop_plan(d, n);
    }
    return DPOR_NOBODY;
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

void dpor_hand_down(struct dpor *d, uint32_t i)
{
    struct node *n = &d->nodes[i];
    const struct event *e = &d->events[i];
    if (!n->loose || n->handed || n->wanted != e->choices) {
        return;
    }
    n->handed = true;
    uint32_t apart = n->first;
    n->first = 0;
    struct wakeup *v = &d->wakeup;
    while (apart != 0) {
        dpor_begun_before(d, i, v->begun);
        wakeup_take(&d->branches, &apart, v);
        if (!wakeup_begins(v, e->thread, &e->did)) {
            wakeup_insert(&d->branches, &n->first, v);
            continue;
        }
        wakeup_drop(v, e->thread);
        v->begun[e->thread]++;
        if (v->count > 0) {
            wakeup_insert(&d->branches, &n->below, v);
            n->guided = true;
            n->planned = true;
        }
    }
}

uint32_t dpor_plainest(const struct moment *moment, uint64_t of)
{
    bool stays =
        moment->running < DPOR_THREADS && (of & dpor_bit(moment->running)) != 0;
    return stays ? moment->running : (uint32_t)__builtin_ctzll(of);
}

uint32_t dpor_open(struct dpor *d, const struct moment *moment)
{
    uint32_t i = d->depth;
    struct node *n = &d->nodes[i];
    d->count = i + 1;
    n->enabled = moment->enabled;
    n->runnable = moment->enabled & ~moment->blocked;
    n->held = dpor_held(d, n->runnable);
    n->done = 0;
    n->first = inherit(d, i);
    n->below = 0;
    n->guided = false;
    n->planned = false;
    n->loose = false;
    footprint_clear(&n->chosen);
    fall_asleep(d, i);
    uint32_t thread = dpor_next_planned(d, n);
    if (thread != DPOR_NOBODY) {
        return thread;
    }
    if (n->runnable == 0) { /* a deadlock: let the world see it */
        return dpor_plainest(moment, moment->enabled);
    }
    uint64_t awake = n->runnable & ~n->held & ~n->asleep;
    d->halted = (n->runnable & ~n->held) == 0;
    return awake == 0 ? DPOR_NOBODY : dpor_plainest(moment, awake);
}

void dpor_put_to_sleep(struct dpor *d, struct node *n, uint32_t thread)
{
    uint32_t sleeper = branch_new(&d->sleepers);
    d->sleepers.list[sleeper].did = n->chosen;
    if (n->loose && !n->handed) { /* what it was taken to do is forgotten */
        d->sleepers.list[sleeper].did.everything = true;
    }
    n->sleeping[thread] = sleeper;
    n->done |= dpor_bit(thread);
    footprint_clear(&n->chosen);
    drop_plan(d, n);
}

void dpor_close(struct dpor *d, struct node *n)
{
    for (uint64_t q = n->done; q != 0; q &= q - 1) {
        branch_free(&d->sleepers, n->sleeping[__builtin_ctzll(q)]);
    }
    n->done = 0;
    branches_free(&d->branches, n->first);
    n->first = 0;
}
