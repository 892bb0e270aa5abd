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
 * goes on when what it reads has changed, or when nobody else can.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

enum {
    DEPTH_MAX = 1 << 14, /* decisions of one run */
    THREADS = 64,        /* and the number of nobody */
};

struct decision_point {
    uint64_t left; /* threads still to be tried */
    uint8_t chosen;
    uint8_t running; /* who ran before; 64 if nobody did */
    uint8_t spent;   /* preemptions before this decision */
    bool forced;
};

struct exhaustive {
    struct decision_point stack[DEPTH_MAX];
    uint32_t count;       /* decisions on the stack */
    uint32_t depth;       /* decisions made in this run */
    uint32_t preemptions; /* bound */
    uint32_t spent;       /* in this run */
    uint32_t search;      /* number of the one in hand */
    bool started;
    bool cut; /* a run was longer than the stack, or another one than the same
               * decisions had led to before: not exhaustive */
};

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    (void)choice;
    struct exhaustive *x = self;
    if (!x->started || x->preemptions != profile->preemptions ||
        x->search != profile->search) {
        x->count = 0;
        x->cut = false; /* of the search that begins */
        x->preemptions = profile->preemptions;
        x->search = profile->search;
        x->started = true;
    }
    x->depth = 0;
    x->spent = 0;
    return true;
}

static uint32_t cost(const struct decision_point *d, uint32_t thread)
{
    return !d->forced && d->running < 64 && thread != d->running ? 1 : 0;
}

/* A new decision: the running thread first, so that the first schedule has no
 * preemption at all. */
static void push(struct exhaustive *x, const struct moment *moment)
{
    bool stays = !moment->forced && moment->running < 64 &&
                 (moment->enabled >> moment->running & 1) != 0;
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

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    (void)choice;
    struct exhaustive *x = self;
    if (x->depth >= DEPTH_MAX) {
        x->cut = true;
        return (struct pick){.thread =
                                 (uint32_t)__builtin_ctzll(moment->enabled),
                             .distance = 1};
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
    return (struct pick){.thread = d->chosen, .distance = 1};
}

/* Values are tried like threads, from 0 on; none of them is a preemption. */
static uint32_t choose(void *self, uint32_t below)
{
    assert(below > 0 && below <= THREADS);
    const struct moment moment = {.enabled = UINT64_MAX >> (THREADS - below),
                                  .running = THREADS,
                                  .forced = true};
    return pick(self, &moment, NULL).thread;
}

static bool end(void *self)
{
    struct exhaustive *x = self;
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

static bool complete(const void *self)
{
    const struct exhaustive *x = self;
    return !x->started && !x->cut;
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
