/*
 * Random small histories, by construction: clients call, operations take
 * effect one at a time, clients return, or crash in between.  So each is legal
 * when it is made; then, mostly, one thing in it is changed, and nobody knows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_RANDOM_HISTORY_H
#define TESTS_RANDOM_HISTORY_H

#include "checker/model.h"
#include "checker/operations.h"
#include "checker/strings.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    RANDOM_CLIENTS_MAX = 4,
    RANDOM_OPERATIONS_MAX = 16
};

/* What is wanted. */
struct random_wish {
    const struct fl_model *model;
    uint32_t operations; /* so many, or fewer */
    uint32_t clients;
    uint32_t keys;
    uint32_t capacity;
    uint32_t relax;
    bool crashes;               /* clients crash and come back */
    bool distinct;              /* no value is added twice */
    bool changed;               /* change something at the end */
    bool few;                   /* all values are one, unless distinct */
    fl_value initial;           /* of the object; 0: none */
    struct fl_strings *strings; /* for kv */
};

/* splitmix64: the next number. */
static inline uint64_t random_next(uint64_t *seed)
{
    *seed += 0x9e3779b97f4a7c15u;
    uint64_t z = *seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline uint32_t random_below(uint64_t *seed, uint32_t bound)
{
    return (uint32_t)(random_next(seed) % bound);
}

/* The world while a history is made. */
struct random_world {
    struct fl_history *h;
    struct fl_space space;
    const struct random_wish *wish;
    uint64_t *seed;
    fl_value value;                      /* the last distinct one */
    uint32_t flight[RANDOM_CLIENTS_MAX]; /* ticket + 1 */
    bool applied[RANDOM_CLIENTS_MAX];
    fl_value answer[RANDOM_CLIENTS_MAX];
    bool gone[RANDOM_CLIENTS_MAX]; /* gave up without a crash */
    uint32_t ghost;                /* ticket + 1: cut off, may act later */
    _Alignas(16) unsigned char state[8192];
    size_t size;
};

/* A text that some object of the model may know. */
static inline fl_value random_text(struct random_world *w, bool result)
{
    static const char *const texts[] = {"a", "b", "", "ab"};
    static const char *const scans[] = {"", "1=1", "1=2 2=1", "0=0 1=1"};
    static const char *const programs[] = {"r1 w1=1", "w1=2 w2=2", "r1 r2",
                                           "w2=1 r2 r1"};
    static const char *const reads[] = {"_", "1 _", "2 2", ""};
    const char *const *from = texts;
    if (strcmp(w->wish->model->name, "snapshot") == 0) {
        from = scans;
    } else if (strcmp(w->wish->model->name, "txn_map") == 0) {
        from = result ? reads : programs;
    }
    const char *text = from[random_below(w->seed, 4)];
    return fl_strings_add(w->wish->strings, text, strlen(text));
}

static inline fl_value random_value(struct random_world *w, enum fl_kind kind)
{
    if (kind == FL_KIND_STRING) {
        return random_text(w, false);
    }
    if (w->wish->distinct) {
        w->value++;
        return w->value;
    }
    return 1 + random_below(w->seed, w->wish->few ? 1 : 3);
}

static inline void random_call(struct random_world *w, uint32_t client)
{
    const struct fl_model *model = w->wish->model;
    uint32_t fn = random_below(w->seed, model->types_count);
    fl_value args[FL_ARGS_MAX] = {0};
    for (int i = 0; i < FL_ARGS_MAX; i++) {
        if (model->types[fn].args[i] != FL_KIND_VOID) {
            args[i] = random_value(w, model->types[fn].args[i]);
        }
    }
    if (model->types[fn].args[1] != FL_KIND_VOID && w->value > 1) {
        args[0] = 1 + random_below(w->seed, (uint32_t)w->value);
    }
    bool counts_from_0 = (model == fl_model_find("log") && fn == FL_LOG_READ) ||
                         model == fl_model_find("barrier");
    if (counts_from_0) {
        args[0] = random_below(w->seed, 3);
    }
    fl_value key = FL_NONE;
    if (w->wish->keys > 1) {
        key = random_below(w->seed, w->wish->keys);
    }
    w->flight[client] = fl_history_call(w->h, client, fn, key, args) + 1;
    w->applied[client] = false;
}

/* Lets an operation take effect; false if that is impossible now. */
static inline bool random_effect(struct random_world *w, uint32_t ticket,
                                 fl_value *answer)
{
    _Alignas(16) unsigned char next[sizeof(w->state)];
    size_t size = w->size;
    memcpy(next, w->state, size);
    const struct fl_operation *op = &w->h->operations[ticket - 1];
    const struct fl_model *model = w->wish->model;
    assert(op->ret == FL_OPEN);
    uint32_t ways = fl_state_ways(&w->space, next, size, op);
    if (model->ways != NULL && w->space.keys <= 1 && ways > 0) {
        uint32_t way = random_below(w->seed, ways);
        *answer = model->go(&w->space, next, &size, op, way);
    } else {
        *answer = fl_state_step(&w->space, next, &size, op);
    }
    if (*answer == FL_REFUSED) {
        return false;
    }
    memcpy(w->state, next, size);
    w->size = size;
    return true;
}

static inline void random_event(struct random_world *w, uint32_t client)
{
    struct fl_history *h = w->h;
    if (h->events_count + 2 > h->events_max) {
        return;
    }
    if (random_below(w->seed, 4) == 0) {
        fl_history_event(h, FL_EVENT_CRASH_ALL, 0);
        w->ghost = w->applied[client] ? w->ghost : w->flight[client];
        memset(w->flight, 0, sizeof(w->flight));
        return;
    }
    fl_history_event(h, FL_EVENT_CRASH, client);
    w->ghost = w->applied[client] ? w->ghost : w->flight[client];
    fl_history_event(h, FL_EVENT_RECOVER, client);
    w->flight[client] = 0;
}

static inline void random_turn(struct random_world *w)
{
    uint32_t client = random_below(w->seed, w->wish->clients);
    if (w->gone[client]) {
        return;
    }
    if (w->ghost > 0 && random_below(w->seed, 6) == 0) {
        fl_value answer;
        (void)random_effect(w, w->ghost, &answer);
        w->ghost = 0;
    }
    if (w->flight[client] == 0) {
        if (w->h->count < w->wish->operations) {
            random_call(w, client);
        }
        return;
    }
    uint32_t what = random_below(w->seed, 20);
    if (what == 0 && !w->wish->crashes) {
        w->gone[client] = true;
    } else if (what < 2 && w->wish->crashes) {
        random_event(w, client);
    } else if (!w->applied[client]) {
        w->applied[client] =
            random_effect(w, w->flight[client], &w->answer[client]);
    } else {
        fl_history_return(w->h, w->flight[client] - 1, w->answer[client]);
        w->flight[client] = 0;
    }
}

/* Changes one result, or one key, or swaps two results. */
static inline void random_change(struct random_world *w)
{
    if (w->h->count == 0) {
        return;
    }
    struct fl_operation *op =
        &w->h->operations[random_below(w->seed, w->h->count)];
    struct fl_operation *other =
        &w->h->operations[random_below(w->seed, w->h->count)];
    if (op->ret == FL_OPEN || other->ret == FL_OPEN) {
        return;
    }
    if (op->fn == other->fn && op->result != other->result) {
        fl_value result = op->result;
        op->result = other->result;
        other->result = result;
        return;
    }
    switch (w->wish->model->types[op->fn].result) {
    case FL_KIND_VOID:
        break;
    case FL_KIND_INT:
        op->result = random_below(w->seed, 4);
        op->result = op->result == 0 ? FL_NONE : op->result;
        break;
    case FL_KIND_BOOL:
        op->result = !op->result;
        break;
    case FL_KIND_STRING:
        op->result = random_text(w, true);
        break;
    case FL_KIND_BITS:
        op->result = (fl_value)random_below(w->seed, 16);
        break;
    }
}

/* Makes `h`, which is cleared first and must have room, of this wish. */
static inline void random_history(struct fl_history *h,
                                  const struct random_wish *wish,
                                  uint64_t *seed)
{
    static struct random_world w; /* 8 KiB: not for the stack */
    assert(wish->clients <= RANDOM_CLIENTS_MAX);
    memset(&w, 0, sizeof(w));
    fl_history_clear(h);
    h->model = wish->model;
    h->initial = wish->initial == 0 ? FL_NONE : wish->initial;
    w.h = h;
    w.wish = wish;
    w.seed = seed;
    w.space = (struct fl_space){
        .history = h,
        .initial = h->initial,
        .capacity = wish->capacity,
        .relax = wish->relax,
        .adds = RANDOM_OPERATIONS_MAX,
        .strings = wish->strings,
        .keys = wish->keys,
        .object_max = 512,
    };
    w.size = fl_state_start(&w.space, w.state);
    for (uint32_t turn = 0; turn < 8 * wish->operations; turn++) {
        random_turn(&w);
    }
    if (wish->changed) {
        random_change(&w);
        random_change(&w);
    }
}

#endif
