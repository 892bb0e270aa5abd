/*
 * The one generator of histories for whatever is compared with a judge: all
 * models, six shapes.
 *
 * A run that was legal when it was made, by one of two ways: clients that call,
 * take effect and return in turns (any model, several objects), or a
 * sequential run whose intervals are stretched (values mostly distinct, as
 * monitors want them).  Then the shape befalls it.  What stays legal by
 * construction is known, and must pass whatever anybody decides.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SHAPES_H
#define TESTS_SHAPES_H

#include "tests/distinct_history.h"

enum shape_base {
    BASE_TURNS,   /* of random_history.h */
    BASE_STRETCH, /* of distinct_history.h */
    BASES
};

struct shape_wish {
    const struct fl_model *model;
    enum shape_base base;
    enum shape shape;    /* up to SHAPE_COARSE */
    bool sound;          /* an opened or coarsened history stays legal */
    uint32_t operations; /* so many, or fewer */
    uint32_t clients;
    uint32_t keys;     /* of BASE_TURNS */
    uint32_t capacity; /* of BASE_TURNS */
    uint32_t relax;
    bool distinct; /* of BASE_TURNS: no value is added twice */
    struct fl_strings *strings;
};

struct shape_room {
    uint32_t least;
    uint32_t most; /* FL_OPEN: nothing follows */
};

/* What is known of a history by how it was made. */
static inline bool shape_is_legal(const struct shape_wish *wish)
{
    return wish->shape == SHAPE_LEGAL ||
           (wish->sound &&
            (wish->shape == SHAPE_OPENED || wish->shape == SHAPE_COARSE));
}

static inline const char *shape_name(enum shape shape)
{
    static const char *const names[SHAPES] = {
        "legal", "changed", "swapped", "dropped", "opened", "coarse", "moved",
    };
    return names[shape];
}

/* How far the interval of operation `i` may reach: its client's others end
 * before `least`, and go on at `most`. */
static inline struct shape_room shape_room(const struct fl_history *h,
                                           uint32_t i)
{
    struct shape_room room = {0, FL_OPEN};
    const struct fl_operation *op = &h->operations[i];
    for (uint32_t k = 0; k < h->count; k++) {
        const struct fl_operation *other = &h->operations[k];
        if (other->client != op->client || k == i) {
            continue;
        }
        if (other->call < op->call && other->ret >= room.least) {
            room.least = other->ret + 1;
        } else if (other->call > op->call && other->call < room.most) {
            room.most = other->call;
        }
    }
    return room;
}

/* Stamps are rounded outwards, as far as there is room: whatever was legal
 * stays so. */
static inline void shape_coarsen(struct fl_history *h, uint64_t *seed)
{
    uint32_t grain = 2 + random_below(seed, 24);
    for (uint32_t i = 0; i < h->count; i++) {
        struct fl_operation *op = &h->operations[i];
        struct shape_room room = shape_room(h, i);
        uint32_t call = op->call / grain * grain;
        op->call = call > room.least ? call : room.least;
        if (op->ret != FL_OPEN) {
            uint32_t ret = op->ret / grain * grain + grain;
            op->ret = ret < room.most ? ret : room.most - 1;
        }
    }
}

/* Changes one result; a set of small numbers gains or loses some. */
static inline void shape_change(struct fl_history *h, uint64_t *seed)
{
    for (uint32_t tries = 0; tries < 4; tries++) {
        struct fl_operation *op = &h->operations[random_below(seed, h->count)];
        bool is_bits = h->model->types[op->fn].result == FL_KIND_BITS;
        if (is_bits && op->ret != FL_OPEN) {
            op->result ^= (fl_value)(1 + random_below(seed, 14));
            return;
        }
    }
    (void)distinct_change(h, false, seed);
}

/* An initial value, for the models that have one: now and then. */
static inline fl_value shape_initial(const struct shape_wish *wish,
                                     uint64_t *seed)
{
    static const char *const names[] = {
        "register", "cas_register", "counter", "quota_counter", "semaphore",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(wish->model->name, names[i]) == 0) {
            return (fl_value)random_below(seed, 4);
        }
    }
    return 0;
}

/* Makes a legal run. */
static inline void shape_run(struct fl_history *h,
                             const struct shape_wish *wish, uint64_t *seed)
{
    if (wish->base == BASE_TURNS) {
        struct random_wish turns = {
            .model = wish->model,
            .operations = wish->operations,
            .clients = wish->clients,
            .keys = wish->keys,
            .capacity = wish->capacity,
            .relax = wish->relax,
            .distinct = wish->distinct,
            .initial = shape_initial(wish, seed),
            .strings = wish->strings,
        };
        do {
            random_history(h, &turns, seed);
        } while (h->count < 2);
        return;
    }
    struct distinct_wish stretched = {
        .model = wish->model,
        .operations = wish->operations,
        .clients = wish->clients,
        .shape = SHAPE_LEGAL,
        .no_open = random_below(seed, 2) == 0,
        .initial = 100 * shape_initial(wish, seed),
        .strings = wish->strings,
    };
    distinct_history(h, &stretched, seed);
}

/* Makes `h`, which must have room for DISTINCT_OPERATIONS_MAX. */
static inline void shape_history(struct fl_history *h,
                                 const struct shape_wish *wish, uint64_t *seed)
{
    shape_run(h, wish, seed);
    switch (wish->shape) {
    case SHAPE_LEGAL:
        break;
    case SHAPE_CHANGED:
        shape_change(h, seed);
        break;
    case SHAPE_SWAPPED:
        (void)distinct_change(h, true, seed);
        break;
    case SHAPE_DROPPED:
        distinct_drop(h, seed);
        break;
    case SHAPE_OPENED:
        if (!wish->sound) {
            shape_change(h, seed);
        }
        distinct_open(h, seed);
        break;
    case SHAPE_COARSE:
        if (!wish->sound) {
            shape_change(h, seed);
        }
        shape_coarsen(h, seed);
        break;
    case SHAPE_MOVED:
    case SHAPES:
        distinct_move(h, seed);
        break;
    }
    bool settled = fl_history_settle(h);
    assert(settled);
    (void)settled;
}

#endif
