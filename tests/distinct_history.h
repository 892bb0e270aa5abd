/*
 * Random histories for monitors: values are mostly distinct, and the shape
 * says what became of a run that was legal when it was made.
 *
 * Clients call, take effect one at a time, and return; intervals are then
 * stretched, also across each other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_DISTINCT_HISTORY_H
#define TESTS_DISTINCT_HISTORY_H

#include "tests/random_history.h"

#include <stdio.h>

enum {
    DISTINCT_OPERATIONS_MAX = 128,
    DISTINCT_CLIENTS_MAX = 16
};

enum shape {
    SHAPE_LEGAL,   /* linearizable by construction */
    SHAPE_CHANGED, /* one result changed */
    SHAPE_SWAPPED, /* two results swapped */
    SHAPE_DROPPED, /* one operation dropped */
    SHAPE_OPENED,  /* some operations never return */
    SHAPE_COARSE,  /* stamps coarsened: what was close is concurrent */
    SHAPE_MOVED,   /* one interval moved */
    SHAPES
};

struct distinct_wish {
    const struct fl_model *model;
    uint32_t operations;
    uint32_t clients;
    enum shape shape;
    bool no_open;
    bool no_repeats;  /* of values; else a few in a hundred */
    fl_value initial; /* of the object; 0: none */
    struct fl_strings *strings;
};

/* A value that was not used yet; a few in a hundred repeat. */
static inline fl_value distinct_value(const struct distinct_wish *wish,
                                      enum fl_kind kind, fl_value *last,
                                      uint64_t *seed)
{
    bool repeats = !wish->no_repeats && random_below(seed, 64) == 0;
    fl_value value = repeats && *last > 0
                         ? 1 + random_below(seed, (uint32_t)*last)
                         : ++*last;
    if (kind == FL_KIND_STRING) {
        char text[24];
        int size = snprintf(text, sizeof(text), "v%lld", (long long)value);
        return fl_strings_add(wish->strings, text, (size_t)size);
    }
    return value;
}

/* The arguments of an operation: distinct for what adds, any known value for
 * what looks. */
static inline void distinct_args(const struct distinct_wish *wish,
                                 struct fl_operation *op, fl_value now,
                                 fl_value *last, uint64_t *seed)
{
    const struct fl_operation_type *type = &wish->model->types[op->fn];
    bool is_set = wish->model->by_element;
    if (type->args[0] == FL_KIND_VOID) {
        return;
    }
    op->args[0] = distinct_value(wish, type->args[0], last, seed);
    if (is_set && op->fn != FL_SET_INSERT) {
        op->args[0] = 1 + random_below(seed, (uint32_t)*last);
    }
    if (type->args[1] != FL_KIND_VOID) {
        op->args[1] = op->args[0];
        bool is_now = random_below(seed, 8) > 0;
        op->args[0] = is_now ? now : 1000 + random_below(seed, 9);
    }
}

/* A permutation of priorities, so that they do not come in order. */
static inline fl_value distinct_priority(const struct distinct_wish *wish,
                                         fl_value value)
{
    bool is_priority = strcmp(wish->model->name, "priority_queue") == 0;
    return is_priority ? value * 37 % 257 : value;
}

/* What no monitor decides, or few, is seldom wanted. */
static inline bool is_rare(const struct distinct_wish *wish, uint32_t fn,
                           uint64_t *seed)
{
    const char *name = wish->model->name;
    bool is_strange =
        (strcmp(name, "kv") == 0 && fn == FL_KV_APPEND) ||
        (strcmp(name, "semaphore") == 0 && fn >= FL_SEMAPHORE_TRY);
    return is_strange && random_below(seed, 64) > 0;
}

/* Runs the model: operation i takes effect at moment 8 * (i + 1). */
static inline void distinct_run(struct fl_history *h,
                                const struct distinct_wish *wish,
                                uint64_t *seed)
{
    static _Alignas(16) unsigned char state[1 << 14];
    struct fl_space space = {.history = h,
                             .initial = h->initial,
                             .adds = DISTINCT_OPERATIONS_MAX,
                             .strings = wish->strings,
                             .keys = 1,
                             .object_max = 4096};
    size_t size = fl_state_start(&space, state);
    fl_value last = 0;
    uint32_t tries = 0;
    uint32_t bias = random_below(seed, 3);
    while (h->count < wish->operations && tries < 20 * wish->operations) {
        tries++;
        struct fl_operation op = {
            .client = random_below(seed, wish->clients),
            .fn = random_below(seed, wish->model->types_count),
            .key = FL_NONE,
            .args = {0},
        };
        if (bias == 0 && random_below(seed, 2) == 0) {
            op.fn = 0;
        }
        bool appends =
            strcmp(wish->model->name, "kv") == 0 && op.fn == FL_KV_APPEND;
        if (appends && random_below(seed, 64) > 0) {
            continue;
        }
        if (is_rare(wish, op.fn, seed)) {
            continue;
        }
        fl_value now = 0;
        if (wish->model->types[op.fn].args[1] != FL_KIND_VOID) {
            memcpy(&now, state, sizeof(now)); /* of a register */
        }
        distinct_args(wish, &op, now, &last, seed);
        op.args[0] = distinct_priority(wish, op.args[0]);
        op.result = fl_state_step(&space, state, &size, &op);
        if (op.result == FL_REFUSED) {
            continue;
        }
        op.call = 8 * (h->count + 1);
        op.ret = op.call;
        h->operations[h->count] = op;
        h->count++;
    }
}

/* Stretches intervals both ways, as far as the client's neighbours allow. */
static inline void distinct_stretch(struct fl_history *h, uint64_t *seed)
{
    uint32_t reach = 1 + random_below(seed, 40);
    for (uint32_t i = 0; i < h->count; i++) {
        struct fl_operation *op = &h->operations[i];
        uint32_t least = 0;
        uint32_t most = 8 * (h->count + 3);
        for (uint32_t k = 0; k < h->count; k++) {
            const struct fl_operation *other = &h->operations[k];
            if (other->client == op->client && k < i) {
                least = other->ret + 1;
            } else if (other->client == op->client && k > i) {
                most = other->call - 1;
                break;
            }
        }
        uint32_t early = random_below(seed, reach);
        uint32_t late = 1 + random_below(seed, reach);
        op->call = op->call > least + early ? op->call - early : least;
        op->ret = op->ret + late < most ? op->ret + late : most;
    }
}

static inline void distinct_coarsen(struct fl_history *h, uint64_t *seed)
{
    uint32_t grain = 2 + random_below(seed, 24);
    uint32_t ends[DISTINCT_CLIENTS_MAX] = {0};
    for (uint32_t i = 0; i < h->count; i++) {
        struct fl_operation *op = &h->operations[i];
        uint32_t call = op->call / grain * grain;
        op->call = call > ends[op->client] ? call : op->call;
        ends[op->client] = op->ret + 1;
    }
}

/* Operations of some clients, the last ones, never return. */
static inline void distinct_open(struct fl_history *h, uint64_t *seed)
{
    bool met[DISTINCT_CLIENTS_MAX] = {false};
    for (uint32_t i = h->count; i > 0; i--) {
        struct fl_operation *op = &h->operations[i - 1];
        if (!met[op->client] && random_below(seed, 3) > 0) {
            op->ret = FL_OPEN;
            op->result = FL_NONE;
        }
        met[op->client] = true;
    }
}

/* Gives an operation another result: that of one of its kind, or any.  False
 * if none has a result to change. */
static inline bool distinct_change(struct fl_history *h, bool swaps,
                                   uint64_t *seed)
{
    for (uint32_t tries = 0; tries < 40; tries++) {
        struct fl_operation *a = &h->operations[random_below(seed, h->count)];
        struct fl_operation *b = &h->operations[random_below(seed, h->count)];
        enum fl_kind kind = h->model->types[a->fn].result;
        if (a->ret == FL_OPEN || b->ret == FL_OPEN || kind == FL_KIND_VOID) {
            continue;
        }
        fl_value before = a->result;
        if (kind == FL_KIND_BOOL) {
            a->result = !a->result;
            return true;
        }
        bool is_alike = a->fn == b->fn || !swaps;
        if (is_alike && kind == h->model->types[b->fn].result &&
            a->result != b->result) {
            a->result = b->result;
            b->result = swaps ? before : b->result;
            return true;
        }
    }
    return false;
}

/* Moves an operation's interval away, within its client's own. */
static inline void distinct_move(struct fl_history *h, uint64_t *seed)
{
    struct fl_operation *op = &h->operations[random_below(seed, h->count)];
    uint32_t least = 0;
    uint32_t most = 8 * (h->count + 3);
    for (uint32_t k = 0; k < h->count; k++) {
        const struct fl_operation *other = &h->operations[k];
        if (other == op || other->client != op->client) {
            continue;
        }
        if (other->ret < op->call && other->ret >= least) {
            least = other->ret + 1;
        }
        if (other->call > op->ret && other->call <= most) {
            most = other->call - 1;
        }
    }
    if (op->ret != FL_OPEN && most > least) {
        op->call = least + random_below(seed, most - least);
        op->ret = op->call + 1 + random_below(seed, most - op->call);
    }
}

static inline void distinct_drop(struct fl_history *h, uint64_t *seed)
{
    if (h->count < 2) {
        return;
    }
    uint32_t at = random_below(seed, h->count);
    h->count--;
    memmove(h->operations + at, h->operations + at + 1,
            (h->count - at) * sizeof(*h->operations));
}

/* Makes `h`, which must have room. */
static inline void distinct_history(struct fl_history *h,
                                    const struct distinct_wish *wish,
                                    uint64_t *seed)
{
    assert(wish->operations <= DISTINCT_OPERATIONS_MAX);
    assert(wish->clients <= DISTINCT_CLIENTS_MAX);
    fl_history_clear(h);
    h->model = wish->model;
    h->initial = wish->initial == 0 ? FL_NONE : wish->initial;
    do {
        h->count = 0;
        distinct_run(h, wish, seed);
    } while (h->count < 3);
    distinct_stretch(h, seed);
    bool opens = !wish->no_open && random_below(seed, 4) == 0;
    if (wish->shape == SHAPE_OPENED || opens) {
        distinct_open(h, seed);
    }
    if (wish->shape == SHAPE_CHANGED || wish->shape == SHAPE_SWAPPED ||
        wish->shape == SHAPE_OPENED) {
        bool changed = distinct_change(h, wish->shape == SHAPE_SWAPPED, seed);
        bool is_semaphore = strcmp(wish->model->name, "semaphore") == 0;
        for (uint32_t k = 0; k < 3 && !changed && is_semaphore; k++) {
            uint32_t i = random_below(seed, h->count);
            h->operations[i].fn = 0; /* whatever it was is an acquisition */
            h->operations[i].result = FL_NONE;
        }
    } else if (wish->shape == SHAPE_DROPPED) {
        distinct_drop(h, seed);
    } else if (wish->shape == SHAPE_MOVED) {
        distinct_move(h, seed);
    } else if (wish->shape == SHAPE_COARSE) {
        distinct_coarsen(h, seed);
        distinct_move(h, seed);
    }
    bool settled = fl_history_settle(h);
    assert(settled);
    (void)settled;
}

#endif
