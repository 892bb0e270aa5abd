/*
 * The tree of a YAML file: what stands where.
 *
 * libfyaml reads; the tree keeps only what a scenario may be made of, each
 * piece with its place.  Everything that makes YAML dangerous ends here:
 * aliases, anchors, tags, merge keys, keys that are not words, duplicate keys,
 * a second document, nesting and size without end, bytes that are no text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCENARIO_TREE_H
#define HX_SCENARIO_TREE_H

#include "harness/scenario/complain.h"

enum {
    SCENARIO_SIZE_MAX = 1024 * 1024, /* bytes of a file */
    TREE_DEPTH_MAX = 16,
    TREE_NODES_MAX = 20000,
    TREE_KEYS_MAX = 128,   /* keys of one mapping */
    TREE_SCALAR_MAX = 4096 /* bytes of one text */
};

enum node_kind {
    NODE_SCALAR,
    NODE_SEQUENCE,
    NODE_MAPPING,
};

/* A value.  The children of a mapping are its values, each with its key. */
struct node {
    enum node_kind kind;
    bool quoted;      /* a scalar in quotes, or a block of text */
    const char *text; /* of a scalar; never NULL */
    const char *key;  /* if its parent is a mapping */
    struct place place;
    struct place key_place;
    uint32_t count; /* of children */
    struct node *first;
    struct node *last;
    struct node *next; /* sibling */
};

/*
 * Reads complaints->text into a tree, whose memory is complaints->arena.
 * NULL, and at least one complaint, if it is no YAML or not a mapping.
 */
const struct node *tree_read(struct complaints *complaints);

/* The value of `key` in `mapping`, or NULL; also of a node that is none. */
const struct node *node_find(const struct node *mapping, const char *key);

/* "a list", "a mapping", "'50ms'" for messages, into `out`. */
const char *node_describe(const struct node *node, char *out, size_t max);

#endif
