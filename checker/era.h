/*
 * The configurations of an era, as losses.c lists them: each once, with its
 * bits, its state, and the steps between them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_ERA_H
#define FL_ERA_H

#include "checker/losses.h"

#include <assert.h>

enum {
    FL_ERA_BITS = 64 /* of a word */
};

struct fl_node {
    uint32_t state;
    uint32_t parent; /* in this era; of its first nodes: in the era before */
    uint32_t by;     /* operation; FL_OPEN: a first node */
    bool live;       /* the era can be finished from here */
};

/* A step from node to node of an era. */
struct fl_step {
    uint32_t from;
    uint32_t to;
};

/* An era: its configurations, and the sets that may survive it. */
struct fl_era {
    struct fl_block nodes;
    struct fl_block words; /* of each node */
    uint32_t count;
    struct fl_block slots; /* node + 1, or 0 */
    uint32_t slots_count;
    struct fl_block steps;
    uint32_t steps_count;
    struct fl_block choices; /* nodes, each the first with its set of musts */
    uint32_t choices_count;
    uint32_t choice; /* the one being tried */
    uint32_t final;  /* a node that finishes it; FL_OPEN: none */
};

struct fl_losses {
    const struct fl_history *h;
    const struct fl_options *options;
    struct fl_search *search;
    struct fl_space space;
    struct fl_memo *memo;
    struct fl_era *eras;
    uint32_t eras_count;
    uint32_t *era_of;  /* of each operation */
    uint32_t words;    /* of the bits of all operations */
    uint64_t *scratch; /* the bits of a new node */
    void *state;
    uint32_t reached; /* the last era that was listed */
    const struct fl_loss_watch *watch;
    struct fl_loss_bound *bounds; /* of the crash at the end of each era */
    bool strict;
};

static inline bool fl_has_bit(const uint64_t *bits, uint32_t i)
{
    return bits[i / FL_ERA_BITS] >> (i % FL_ERA_BITS) & 1;
}

static inline void fl_set_bit(uint64_t *bits, uint32_t i)
{
    bits[i / FL_ERA_BITS] |= (uint64_t)1 << (i % FL_ERA_BITS);
}

static inline struct fl_node *fl_node_at(const struct fl_era *era, uint32_t n)
{
    assert(n < era->count);
    return (struct fl_node *)era->nodes.data + n;
}

static inline uint64_t *fl_words_at(const struct fl_losses *l,
                                    const struct fl_era *era, uint32_t n)
{
    return (uint64_t *)era->words.data + (size_t)n * l->words;
}

/* Whether operation `i` may come next in era `e`, of whose returned operations
 * the first to return that is not taken does so at `least`. */
bool fl_era_enabled(const struct fl_losses *l, uint32_t e, uint32_t i,
                    uint32_t least);

/* The least return among the returned operations of era `e` that are not in
 * `words`, or FL_OPEN. */
uint32_t fl_era_least(const struct fl_losses *l, uint32_t e,
                      const uint64_t *words);

/* Adds the node (l->scratch, node), unless it is there; its index in `*to`.
 * False: no memory. */
bool fl_era_add(struct fl_losses *l, struct fl_era *era,
                const struct fl_node *node, uint32_t *to);

/* Adds a step.  False: no memory. */
bool fl_era_step(struct fl_era *era, struct fl_step step);

/* Forgets all; keeps the memory. */
void fl_era_clear(struct fl_era *era);

/* Ends the memory. */
void fl_era_release(struct fl_era *era);

#endif
