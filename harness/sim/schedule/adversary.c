/*
 * The adversary: others get ahead of one, again and again.
 *
 * For properties of single operations (wait-free, starvation-free, bounded
 * bypass).  A victim is drawn; between any two of its steps somebody else
 * performs a whole operation, and goes a number of steps into the next one: a
 * number drawn once a run, so that in some runs the victim always looks when
 * the other one is inside.  A retry loop then never ends, and a lock that is
 * for whoever comes first is never free.
 *
 *     offset 0   | other: operation | victim: step | other: operation | ...
 *     offset 3   | other: operation, 3 steps | victim: step | other: ...
 *
 * Where the others have few operations, one between any two steps wastes them:
 * one for each round of the victim's loop is enough.  So in one run of four it
 * makes a drawn number of steps at a time.
 *
 * It is fair: everybody makes steps as long as he can.  Where others cannot go
 * on, or get nowhere, the victim does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

enum {
    OFFSETS = 16,     /* steps into an operation, at most; half the runs: 0 */
    STRIDES = 6,      /* steps of the victim at a time, at most */
    STRIDE_EVERY = 4, /* runs; in all others it makes one */
    PATIENCE = 128    /* steps of others in which nobody has got anywhere */
};

struct adversary {
    uint32_t victim;
    uint32_t offset;
    uint32_t rival;   /* who runs now, or STRATEGY_THREADS */
    bool performed;   /* it has: `into` counts */
    uint32_t into;    /* steps into its next operation */
    uint32_t waiting; /* steps since the victim's last one */
    uint32_t stride;  /* of the victim */
    uint32_t left;    /* steps that it still makes in this one */
};

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    struct adversary *a = self;
    assert(profile->threads > 0);
    *a = (struct adversary){
        .victim = (uint32_t)strategy_below(choice, profile->threads),
        .rival = STRATEGY_THREADS};
    if (strategy_below(choice, 2) != 0) {
        a->offset = (uint32_t)strategy_below(choice, OFFSETS);
    }
    a->stride = 1;
    if (strategy_below(choice, STRIDE_EVERY) == 0) {
        a->stride = 2 + (uint32_t)strategy_below(choice, STRIDES - 1);
    }
    return true;
}

/* What the rival has done since the last question. */
static void note(struct adversary *a, const struct moment *moment)
{
    if (a->rival >= STRATEGY_THREADS || moment->running != a->rival) {
        return;
    }
    a->waiting++;
    if (a->performed) {
        a->into++;
    }
    a->performed |= moment->done != NULL && moment->done->returned;
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    struct adversary *a = self;
    assert(moment->enabled != 0);
    note(a, moment);
    uint64_t victim = (uint64_t)1 << a->victim;
    uint64_t free = moment->enabled & ~moment->blocked;
    free = free != 0 ? free : moment->enabled;
    bool due = (a->performed && a->into >= a->offset) || a->waiting >= PATIENCE;
    uint64_t rivals = free & ~victim;
    bool can = (free & victim) != 0;
    if (rivals == 0 || (can && (due || a->left > 0))) {
        a->left = a->left > 0 ? a->left - 1 : a->stride - 1;
        a->rival = STRATEGY_THREADS;
        a->performed = false;
        a->into = 0;
        a->waiting = 0;
        uint32_t chosen = (uint32_t)__builtin_ctzll(free & victim);
        return (struct pick){.thread = chosen, .distance = 1};
    }
    if (a->rival >= STRATEGY_THREADS || (rivals >> a->rival & 1) == 0) {
        a->rival = strategy_any(rivals, choice);
    }
    return (struct pick){.thread = a->rival, .distance = 1};
}

const struct strategy strategy_adversary = {
    .name = "adversary",
    .about = "others perform an operation between any two steps of a victim",
    .size = sizeof(struct adversary),
    .attentive = true,
    .begin = begin,
    .pick = pick,
};
