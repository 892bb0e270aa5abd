/*
 * A register whose values are distinct, seen as chains: a write, who read its
 * value, the compare-and-set that replaced it, who read that one's, and so on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_MONITOR_CHAIN_H
#define FL_MONITOR_CHAIN_H

#include "checker/monitor/values.h"

/* The giver of the initial value, which is no operation. */
#define FL_INITIAL (UINT32_MAX - 1)

/* One chain; its operations must be neighbours in any order. */
struct fl_block_of {
    uint32_t begin; /* in fl_chains.sequence */
    uint32_t value; /* the number of the one written first */
    uint32_t first; /* the operation that returned first */
    uint32_t last;  /* the operation that was called last */
};

struct fl_chains {
    struct fl_numbering numbering; /* the initial value is number 0 */
    uint32_t *given;               /* by operation: number, or FL_NOTHING */
    uint32_t *taken;
    uint32_t *giver;       /* by number: operation, FL_INITIAL, FL_NOTHING */
    uint32_t *replacer;    /* by number: the compare-and-set that took it */
    uint32_t *reads;       /* operations, by number and call */
    uint32_t *reads_begin; /* by number */
    uint32_t musts;        /* operations that a witness must hold */
    uint32_t *sequence;    /* operations, chain by chain */
    uint32_t sequence_count;
    struct fl_block_of *blocks;
    uint32_t blocks_count;
};

/* Builds the chains and orders them: FL_ANSWER_PASS, with the witness placed,
 * or a violation. */
enum fl_answer fl_chains_decide(struct fl_chains *c, struct fl_monitor *m);

/* Decides by `tell`, which says what an operation gives and takes. */
enum fl_answer fl_monitor_register_by(
    struct fl_monitor *m, fl_value initial,
    void (*tell)(const struct fl_monitor *m, const struct fl_operation *op,
                 struct fl_values *about));

/* A value as a result of the object's reads. */
const char *fl_chain_value(const struct fl_monitor *m, fl_value value,
                           char *text, size_t max);

#endif
