/*
 * Targets: names of threads and nodes, patterns over them, and picks.
 *
 * Sets of targets are words: bit i is thread or node i.  A pattern is a name
 * in which `*` stands for any characters; a link is two patterns with an arrow
 * between them: "client*->replica1", "replica4<->replica5", or "*" for all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TARGETS_H
#define HX_TARGETS_H

#include "harness/scenario.h"

enum {
    TARGETS_MAX = 64,    /* a set is one word */
    TARGET_NAME_MAX = 16 /* bytes of a name */
};

/* Those who can be targets in a scenario. */
struct targets {
    uint32_t count;    /* threads, processes, or all nodes */
    uint32_t replicas; /* of a network: nodes 0 .. replicas-1; else 0 */
    const char *const *names;
};

/* The number of threads, processes or nodes of `scenario`. */
uint32_t targets_count(const struct scenario *scenario);

/* Writes the name of target `i` into `name` and returns it: "T0" for threads,
 * "P0" for processes, "replica1" and "client1" for nodes. */
const char *targets_name(const struct scenario *scenario, uint32_t i,
                         char name[TARGET_NAME_MAX]);

/* The first `count` bits. */
uint64_t targets_first(uint32_t count);

/* Does `name` match `pattern`? */
bool targets_match(const char *pattern, const char *name);

/* Those whose names match `pattern`; "client" and "replica" stand for all of
 * their kind. */
uint64_t targets_named(const struct targets *all, const char *pattern);

/* Adds the links that match `pattern` to `links`: bit b of links[a] is a->b.
 * False if the pattern has no arrow, or matches nothing. */
bool targets_link(const struct targets *all, const char *pattern,
                  uint64_t links[TARGETS_MAX]);

/* Those that `target` can be about at all; of links, those at either end. */
uint64_t targets_candidates(const struct targets *all,
                            const struct target *target);

/* Draws `count` of `set` from STREAM_FAULTS. */
uint64_t targets_draw(uint64_t set, uint32_t count, struct choice *choice);

#endif
