/*
 * Two clients that want both of two locks, in opposite orders, and try the
 * second one.
 *
 * Who lets go of the first one when he is refused may be in step with the other
 * one for ever; who keeps it is stuck for good.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum kind {
    LETS_GO,
    KEEPS,      /* the first, and lets go of one that nobody else wants */
    POLITE,     /* two flags and no lock: undo each other's work */
    BOTH_KINDS, /* one lets go, the other one keeps */
};

struct back_off {
    _Atomic(int64_t) value;
    enum kind kind;
    pthread_mutex_t locks[2];
    pthread_mutex_t own[2];
    _Atomic(int) wants[2];
};

static void take_both(struct back_off *b, uint32_t me)
{
    pthread_mutex_lock(&b->locks[me]);
    while (pthread_mutex_trylock(&b->locks[1 - me]) != 0) {
        pthread_mutex_unlock(&b->locks[me]);
        pthread_mutex_lock(&b->locks[me]);
    }
    pthread_mutex_unlock(&b->locks[1 - me]);
    pthread_mutex_unlock(&b->locks[me]);
}

static void keep_one(struct back_off *b, uint32_t me)
{
    pthread_mutex_lock(&b->locks[me]);
    pthread_mutex_lock(&b->own[me]);
    while (pthread_mutex_trylock(&b->locks[1 - me]) != 0) {
        pthread_mutex_unlock(&b->own[me]);
        pthread_mutex_lock(&b->own[me]);
    }
    pthread_mutex_unlock(&b->locks[1 - me]);
    pthread_mutex_unlock(&b->own[me]);
    pthread_mutex_unlock(&b->locks[me]);
}

static void give_way(struct back_off *b, uint32_t me)
{
    atomic_store(&b->wants[me], 1);
    while (atomic_load(&b->wants[1 - me]) != 0) {
        atomic_store(&b->wants[me], 0);
        atomic_store(&b->wants[me], 1);
    }
    atomic_store(&b->wants[me], 0);
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct back_off *b = self;
    uint32_t me = client % 2;
    if (b->kind == POLITE) {
        give_way(b, me);
    } else if (b->kind == KEEPS || (b->kind == BOTH_KINDS && me == 1)) {
        keep_one(b, me);
    } else {
        take_both(b, me);
    }
    return atomic_fetch_add(&b->value, call->args[0]);
}

static void *create(const struct fl_setup *setup)
{
    struct back_off *b = calloc(1, sizeof(*b));
    b->kind = (enum kind)setup->variant;
    for (uint32_t i = 0; i < 2; i++) {
        pthread_mutex_init(&b->locks[i], NULL);
        pthread_mutex_init(&b->own[i], NULL);
    }
    return b;
}

static const struct fl_variant variants[] = {
    [LETS_GO] = {"lets_go", "", "", "tries and lets go"},
    [KEEPS] = {"keeps", "", "", "tries and keeps"},
    [POLITE] = {"polite", "", "", "both give way"},
    [BOTH_KINDS] = {"both_kinds", "", "", "one keeps, and one lets go"},
    {NULL, NULL, NULL, NULL},
};

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "back_off",
    .family = "test",
    .row = "t",
    .source = "the tests",
    .about = "two locks in opposite orders",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = 1,
    .create = create,
    .perform = perform,
    .destroy = free,
};
