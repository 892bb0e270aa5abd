/*
 * Leftovers: what is reserved at the end of a run, and nobody has.
 *
 * `also: [leaked_amount_max: 0]` asks it of a quota.  The client that ends last
 * asks for the usage once more, as an operation of the history like any other.
 * From it is taken what set-up and the clients that are alive were granted and
 * have not released; the rest is leaked: by operations that were cut off, and
 * by clients that will not come back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_LEFTOVER_H
#define HX_LEFTOVER_H

#include "harness/algorithm.h"
#include "harness/scenario.h"
#include "harness/sim/world.h"

#include <stdio.h>

struct runner;
struct fl_model;

struct leftover {
    bool asked;  /* the scenario wants to know */
    int64_t max; /* that may be leaked */

    /* of a run */
    bool known;   /* the last client came to its end, and was answered */
    bool unclear; /* an operation timed out: nobody knows what it did */
    int64_t usage;
    int64_t granted;          /* to set-up */
    int64_t held[FIBERS_MAX]; /* by each client */
};

/* Whether `model` can be asked what the scenario asks; complaints go to
 * `errors`, their number is returned. */
uint32_t leftover_resolve(const struct scenario *scenario,
                          const struct fl_model *model, FILE *errors);

/* Reads what the scenario of `r` asks. */
void leftover_prepare(struct runner *r);

/* A run begins. */
void leftover_begin(struct leftover *leftover);

/* `client` (UINT32_MAX: set-up) was answered `result`. */
void leftover_returned(struct leftover *leftover, uint32_t client,
                       const struct fl_call *call, fl_value result);

/* Whether the current client of `r`, which has nothing else to do, is the last
 * one and has to ask for the usage. */
bool leftover_is_due(const struct runner *r);

/* The run is over: fails it with RUN_INVARIANT if more than allowed is leaked.
 */
void leftover_judge(struct runner *r);

#endif
