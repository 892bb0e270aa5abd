/*
 * Toys: what the laws of strategies are measured on.
 *
 * A toy is a few threads with a list of operations each, on locations that are
 * numbers.  A driver asks the strategy as the world asks an attentive one: at
 * every point, with what each thread is about to do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_TOY_H
#define TESTS_TOY_H

#include "harness/sim/schedule/strategy.h"
#include "harness/sim/schedule/survey.h"

enum {
    TOY_THREADS = 3,
    TOY_POINTS = 12,
    TOY_ORDERS = 128,
    TOY_STATE = 1 << 20,
    TOY_SAMPLES = 40000,
    TOY_NOBODY = 64,
};

/* The operations of one thread: 'a' .. 'd' write a shared location, 'A' .. 'D'
 * read it, '.' is private, '/' is private and the last of a call. */
struct toy {
    uint32_t threads;
    const char *code[TOY_THREADS];
    struct choice choice;
    struct profile profile;
    struct survey survey;
    uint32_t points[STRATEGY_THREADS];
};

/* Who made each point, as text: "0110". */
struct order {
    char who[TOY_THREADS * TOY_POINTS + 1];
};

struct tally {
    uint32_t count;
    struct order orders[TOY_ORDERS];
    uint32_t times[TOY_ORDERS];
};

/* Room for the state of any strategy; toy_make() clears it. */
void *toy_state(void);

/* Threads that do `a`, `b` and, unless NULL, `c`; surveyed. */
struct toy toy_make(const char *a, const char *b, const char *c);

/* Tells the profile what is known.  It then points into the toy itself, so it
 * is done where the toy stays. */
void toy_tell(struct toy *toy);

/* Operation number `at` of `thread`, which is written `c`. */
struct operation toy_operation(char c, uint32_t thread, size_t at);

/* One run: asks wherever the strategy wants to be asked. */
struct order toy_run(struct toy *toy, const struct strategy *strategy,
                     void *state);

/* One more run went this way. */
void toy_count(struct tally *tally, const struct order *order);

/* TOY_SAMPLES runs of the strategy called `name`, counted whole or by the order
 * of their shared operations. */
void toy_sample(struct toy *toy, const char *name, bool shared,
                struct tally *tally);

#endif
