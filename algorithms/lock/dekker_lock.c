/*
 * Dekker: two clients, two flags, and a turn.
 *
 * Who wants in raises its flag, and goes in if the other's is down.  If both
 * are up, somebody must give way: the turn says who.  Whoever it is not lowers
 * its flag, waits until it is its turn, and begins anew.  Without the turn both
 * are polite: both see the other's flag, both lower theirs, both raise them
 * again, for ever.  Nobody waits and nobody is blocked; each of them steps and
 * stores, and nothing is ever done.
 *
 * The lock guards a plain counter, so that a hole in it shows in the answers.
 *
 * Not crash tolerant.  For two clients; more would have no flag.
 *
 * Linearization points: add and read anywhere inside the lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    POLITE,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.15", "", "the turn says who gives way"},
    [POLITE] = {"polite", "0.B20", "schedule", "both give way"},
    {0},
};

enum {
    CLIENTS = 2
};

struct dekker {
    atomic_bool wants[CLIENTS];
    _Atomic(uint32_t) turn;
    enum flaw flaw;
    fl_value count; /* guarded by the lock */
};

/* The other one wants in, too: gives way until it is our turn. */
static void give_way(struct dekker *d, uint32_t me)
{
    if (d->flaw == POLITE) {
        atomic_store(&d->wants[me], false);
        atomic_store(&d->wants[me], true);
        return;
    }
    if (atomic_load(&d->turn) != me) {
        atomic_store(&d->wants[me], false);
        while (atomic_load(&d->turn) != me) {
        }
        atomic_store(&d->wants[me], true);
    }
}

/* All sequentially consistent: each must see the other's flag after it has
 * raised its own, which nothing weaker promises. */
static void acquire(struct dekker *d, uint32_t me)
{
    atomic_store(&d->wants[me], true);
    while (atomic_load(&d->wants[1 - me])) {
        give_way(d, me);
    }
    fl_hold("lock");
}

static void release(struct dekker *d, uint32_t me)
{
    fl_unhold("lock");
    atomic_store(&d->turn, 1 - me);
    atomic_store(&d->wants[me], false);
}

static void *create(const struct fl_setup *setup)
{
    if (setup->clients > CLIENTS) {
        return NULL;
    }
    struct dekker *d = calloc(1, sizeof(*d));
    if (d != NULL) {
        d->flaw = (enum flaw)setup->variant;
    }
    return d;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct dekker *d = self;
    assert(client < CLIENTS);
    acquire(d, client);
    fl_value before = d->count;
    if (call->fn == FL_COUNTER_ADD) {
        fl_point("lock.inside");
        d->count = before + call->args[0];
    } else {
        assert(call->fn == FL_COUNTER_READ);
    }
    release(d, client);
    return before;
}

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 80},
                                    {FL_COUNTER_READ, 20}};

static const char *const points[] = {"lock.inside", NULL};
static const char *const locks[] = {"lock", NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "dekker_lock",
    .family = "lock",
    .row = "0.15",
    .source = "E. W. Dijkstra, Cooperating sequential processes, Technical "
              "Report EWD-123, 1965 (after T. J. Dekker)",
    .about = "a counter behind a lock of two flags and a turn",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .points = points,
    .locks = locks,
    .create = create,
    .perform = perform,
    .destroy = free,
};
