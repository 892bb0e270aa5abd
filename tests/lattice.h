/*
 * The lattice: the second judge, for histories too long for the twin.
 *
 * All configurations with one operation taken, then all with two, and so on;
 * each level is a list without repetitions, compared as a whole.  Nothing is
 * left out: no reductions, no promotion, no order of candidates, no window.
 * An open operation may always be taken and is never asked for.  What it
 * shares with the checker is the model and nothing else.  A level may grow
 * too wide, and then it does not know.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_LATTICE_H
#define TESTS_LATTICE_H

#include "checker/check.h"
#include "checker/model.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    LATTICE_OPERATIONS_MAX = 256,
    LATTICE_WORDS = LATTICE_OPERATIONS_MAX / 64,
    LATTICE_WIDTH = 2048, /* configurations of one level */
    LATTICE_SLOTS = 8192,
    LATTICE_STATE_MAX = 1 << 14
};

enum lattice_answer {
    LATTICE_FAILS,
    LATTICE_PASSES,
    LATTICE_TOO_WIDE,
};

struct lattice_node {
    uint64_t taken[LATTICE_WORDS];
    size_t size;
    unsigned char *state;
};

struct lattice_slot {
    uint32_t age; /* empty unless that of the level */
    uint32_t node;
};

struct lattice_level {
    struct lattice_node nodes[LATTICE_WIDTH];
    uint32_t count;
    uint32_t age;
    struct lattice_slot slots[LATTICE_SLOTS];
};

struct lattice {
    const struct fl_history *h;
    struct fl_space space;
    enum fl_criterion criterion;
    struct lattice_level level[2];
};

static inline bool lattice_taken(const struct lattice_node *n, uint32_t i)
{
    return n->taken[i / 64] >> (i % 64) & 1;
}

static inline uint32_t lattice_hash(const struct lattice_node *n)
{
    uint64_t hash = 14695981039346656037u;
    for (uint32_t w = 0; w < LATTICE_WORDS; w++) {
        hash = (hash ^ n->taken[w]) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    for (size_t i = 0; i < n->size; i++) {
        hash = (hash ^ n->state[i]) * 1099511628211u;
    }
    return (uint32_t)(hash >> 32);
}

/* Adds a copy of `n`, unless it is there.  False: too wide. */
static inline bool lattice_add(struct lattice_level *level,
                               const struct lattice_node *n)
{
    uint32_t at = lattice_hash(n) % LATTICE_SLOTS;
    for (; level->slots[at].age == level->age; at = (at + 1) % LATTICE_SLOTS) {
        const struct lattice_node *old = &level->nodes[level->slots[at].node];
        if (old->size == n->size &&
            memcmp(old->taken, n->taken, sizeof(n->taken)) == 0 &&
            memcmp(old->state, n->state, n->size) == 0) {
            return true;
        }
    }
    if (level->count == LATTICE_WIDTH) {
        return false;
    }
    struct lattice_node *node = &level->nodes[level->count];
    level->slots[at] = (struct lattice_slot){level->age, level->count};
    level->count++;
    *node = *n;
    node->state = malloc(n->size + 1);
    assert(node->state != NULL);
    memcpy(node->state, n->state, n->size);
    return true;
}

static inline void lattice_clear(struct lattice_level *level)
{
    for (uint32_t i = 0; i < level->count; i++) {
        free(level->nodes[i].state);
    }
    level->count = 0;
    level->age++;
}

/* The first return among the operations that must still be taken. */
static inline uint32_t lattice_least(const struct lattice *l,
                                     const struct lattice_node *n)
{
    uint32_t least = FL_OPEN;
    for (uint32_t i = 0; i < l->h->count; i++) {
        uint32_t ret = l->h->operations[i].ret;
        least = ret < least && !lattice_taken(n, i) ? ret : least;
    }
    return least;
}

/* Whether an earlier operation of the client of `i` must still be taken. */
static inline bool lattice_waits(const struct lattice *l,
                                 const struct lattice_node *n, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        const struct fl_operation *other = &l->h->operations[k];
        if (other->client == l->h->operations[i].client &&
            other->ret != FL_OPEN && !lattice_taken(n, k)) {
            return true;
        }
    }
    return false;
}

static inline bool lattice_done(const struct lattice *l,
                                const struct lattice_node *n)
{
    for (uint32_t i = 0; i < l->h->count; i++) {
        if (l->h->operations[i].ret != FL_OPEN && !lattice_taken(n, i)) {
            return false;
        }
    }
    return true;
}

/* Adds what `n` leads to through operation `i`. */
static inline bool lattice_follow(struct lattice *l, struct lattice_level *to,
                                  const struct lattice_node *n, uint32_t i)
{
    static _Alignas(16) unsigned char state[LATTICE_STATE_MAX];
    static _Alignas(16) unsigned char before[LATTICE_STATE_MAX];
    const struct fl_operation *op = &l->h->operations[i];
    memcpy(before, n->state, n->size);
    uint32_t ways = fl_state_ways(&l->space, before, n->size, op);
    for (uint32_t way = 0; way < ways; way++) {
        struct lattice_node next = *n;
        next.state = state;
        memcpy(state, before, n->size);
        if (!fl_state_go(&l->space, state, &next.size, op, way)) {
            continue;
        }
        next.taken[i / 64] |= (uint64_t)1 << (i % 64);
        if (!lattice_add(to, &next)) {
            return false;
        }
    }
    return true;
}

/* Adds all that may follow `n`.  False: too wide. */
static inline bool lattice_expand(struct lattice *l, struct lattice_level *to,
                                  const struct lattice_node *n)
{
    uint32_t least = lattice_least(l, n);
    for (uint32_t i = 0; i < l->h->count; i++) {
        bool may = l->criterion == FL_SEQUENTIAL
                       ? !lattice_waits(l, n, i)
                       : l->h->operations[i].call < least;
        if (may && !lattice_taken(n, i) && !lattice_follow(l, to, n, i)) {
            return false;
        }
    }
    return true;
}

static inline enum lattice_answer lattice_climb(struct lattice *l)
{
    for (uint32_t taken = 0; taken <= l->h->count; taken++) {
        struct lattice_level *from = &l->level[taken % 2];
        struct lattice_level *to = &l->level[(taken + 1) % 2];
        lattice_clear(to);
        for (uint32_t k = 0; k < from->count; k++) {
            const struct lattice_node *n = &from->nodes[k];
            if (lattice_done(l, n)) {
                return LATTICE_PASSES;
            }
            if (!lattice_expand(l, to, n)) {
                return LATTICE_TOO_WIDE;
            }
        }
    }
    return LATTICE_FAILS;
}

/* Linearizable, or sequentially consistent, without crashes. */
static inline enum lattice_answer
lattice_decide(const struct fl_history *h, const struct fl_options *options)
{
    static struct lattice l;
    static _Alignas(16) unsigned char state[LATTICE_STATE_MAX];
    assert(options->criterion == FL_LINEARIZABLE ||
           options->criterion == FL_SEQUENTIAL);
    assert(h->count <= LATTICE_OPERATIONS_MAX);
    l.h = h;
    l.criterion = options->criterion;
    fl_space_init(&l.space, h);
    fl_space_limit(&l.space, options->capacity, options->relax);
    assert(fl_state_max(&l.space) <= LATTICE_STATE_MAX);
    lattice_clear(&l.level[0]);
    struct lattice_node root = {.state = state};
    root.size = fl_state_start(&l.space, state);
    bool added = lattice_add(&l.level[0], &root);
    enum lattice_answer answer = added ? lattice_climb(&l) : LATTICE_TOO_WIDE;
    lattice_clear(&l.level[0]);
    lattice_clear(&l.level[1]);
    return answer;
}

#endif
