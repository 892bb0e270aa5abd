/*
 * A selection: the operations of a run whose order is drawn, and their order.
 *
 * The law of SURW (surw.c), for strategies that let it decide about the
 * operations on one shared location, or on all, and choose otherwise by a law
 * of their own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCHEDULE_SELECTION_H
#define HX_SCHEDULE_SELECTION_H

#include "harness/sim/schedule/strategy.h"
#include "harness/sim/schedule/survey.h"

struct selection {
    const struct survey *survey;     /* NULL: nothing is shared */
    uint32_t place;                  /* of the survey; its count: all of them */
    uint32_t left[STRATEGY_THREADS]; /* selected operations to come */
    uint32_t intended; /* whose turn it is, or STRATEGY_THREADS: nobody's */
};

/* A run begins: draws what is selected, and whose turn is the first.  Borrows
 * `survey`, which may be NULL. */
void selection_begin(struct selection *selection, const struct survey *survey,
                     struct choice *choice);

/* Bits: who of `among` is at a selected operation. */
uint64_t selection_find(const struct selection *selection,
                        const struct moment *moment, uint64_t among);

/* Of `found`: those whose turn it is not. */
uint64_t selection_held(const struct selection *selection, uint64_t found);

/* `thread` does its selected operation now: draws the next turn. */
void selection_take(struct selection *selection, uint32_t thread,
                    struct choice *choice);

#endif
