/*
 * Exhaustive search: every schedule with at most c preemptions, depth first.
 *
 * Stateless, as in CHESS (Musuvathi, Qadeer, PLDI 2007): a stack of decisions,
 * each with the threads still to be tried there.  A run follows the stack and
 * extends it; at its end finished entries are popped, the last open one takes
 * its next alternative, and the program is run again.  A switch away from a
 * thread that could go on costs one of the c preemptions; when none is left,
 * the running thread goes on.
 *
 *     depth   0      1      2      3
 *     chosen  T0     T0     T1     T1
 *     left    {T1}   {}     {}     {T0}   <- next: T0 here, rest popped
 *
 * Which of several waiters is woken, and which store a load reads, are
 * decisions like any other.  The rest (faults, reuse, random numbers) must be
 * fixed: the caller runs all executions with the same seed.
 *
 * A loop that reads again what has not changed is taken to wait (spin.c), as
 * otherwise it would have no last schedule: after one repetition the thread
 * goes on when what it reads has changed, or when nobody else can.  Who yields
 * may go on all the same; leaving him is no preemption (decide.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/exhaustive.h"

#include "harness/sim/schedule/list.h"

#include <assert.h>

bool exhaustive_begin(struct exhaustive *x, const struct profile *profile)
{
    bool other = !x->started || x->preemptions != profile->preemptions ||
                 x->search != profile->search;
    if (other) {
        x->count = 0;
        x->cut = false; /* of the search that begins */
        x->preemptions = profile->preemptions;
        x->search = profile->search;
        x->started = true;
    }
    x->depth = 0;
    x->spent = 0;
    return other;
}

static uint32_t cost(const struct decision_point *d, uint32_t thread)
{
    return !d->forced && d->running < 64 && thread != d->running ? 1 : 0;
}

/* A new decision: the running thread first, so that the first schedule has no
 * preemption at all. */
static void push(struct exhaustive *x, const struct moment *moment)
{
    bool stays = exhaustive_stays(moment);
    struct decision_point *d = &x->stack[x->count++];
    d->running = (uint8_t)moment->running;
    d->forced = !stays;
    d->spent = (uint8_t)x->spent;
    d->chosen = stays ? (uint8_t)moment->running
                      : (uint8_t)__builtin_ctzll(moment->enabled);
    d->left = moment->enabled & ~((uint64_t)1 << d->chosen);
    if (stays && x->spent >= x->preemptions) {
        d->left = 0;
    }
}

uint32_t exhaustive_pick(struct exhaustive *x, const struct moment *moment)
{
    if (x->depth >= EXHAUSTIVE_DEPTH) {
        x->cut = true;
        return (uint32_t)__builtin_ctzll(moment->enabled);
    }
    if (x->depth < x->count &&
        (moment->enabled >> x->stack[x->depth].chosen & 1) == 0) {
        x->cut = true; /* the program decides by what we do not see */
        x->count = x->depth;
    }
    if (x->depth == x->count) {
        push(x, moment);
    }
    const struct decision_point *d = &x->stack[x->depth++];
    assert((moment->enabled >> d->chosen & 1) != 0);
    x->spent += cost(d, d->chosen);
    return d->chosen;
}

/* Values are tried like threads, from 0 on; none of them is a preemption. */
uint32_t exhaustive_choose(struct exhaustive *x, uint32_t below)
{
    assert(below > 0 && below <= STRATEGY_THREADS);
    const struct moment moment = {.enabled =
                                      UINT64_MAX >> (STRATEGY_THREADS - below),
                                  .running = STRATEGY_THREADS,
                                  .forced = true};
    return exhaustive_pick(x, &moment);
}

bool exhaustive_end(struct exhaustive *x)
{
    if (x->depth < x->count) {
        x->cut = true;
        x->count = x->depth;
    }
    while (x->count > 0 && x->stack[x->count - 1].left == 0) {
        x->count--;
    }
    if (x->count == 0) {
        x->started = false; /* the next begin() starts over */
        return false;
    }
    struct decision_point *d = &x->stack[x->count - 1];
    d->chosen = (uint8_t)__builtin_ctzll(d->left);
    d->left &= d->left - 1;
    return true;
}

bool exhaustive_complete(const struct exhaustive *x)
{
    return !x->started && !x->cut;
}

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    (void)choice;
    (void)exhaustive_begin(self, profile);
    return true;
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    (void)choice;
    return (struct pick){.thread = exhaustive_pick(self, moment),
                         .distance = 1};
}

static bool end(void *self)
{
    return exhaustive_end(self);
}

static bool complete(const void *self)
{
    return exhaustive_complete(self);
}

static uint32_t choose(void *self, uint32_t below)
{
    return exhaustive_choose(self, below);
}

const struct strategy strategy_exhaustive = {
    .name = "exhaustive",
    .about = "every schedule with at most `preemptions` preemptions",
    .size = sizeof(struct exhaustive),
    .searches = true,
    .begin = begin,
    .pick = pick,
    .end = end,
    .complete = complete,
    .choose = choose,
};
