/*
 * The port for strategies: who runs next, and for how long.
 *
 * A strategy sees canonical thread numbers only, and draws only from
 * STREAM_SCHEDULE: no address, no clock, no hash order.  It answers with a
 * thread and a distance, the number of points after which it wants to be asked
 * again; it is asked earlier whenever the running thread cannot go on or the
 * enabled set changes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_STRATEGY_H
#define HX_STRATEGY_H

#include "harness/choice.h"
#include "harness/sim/operation.h"
#include "harness/tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STRATEGIES_MAX = 32 /* in the menu, at most */
};

struct survey;

/* What a strategy may know before a run. */
struct profile {
    uint32_t threads;
    uint64_t steps;         /* expected in a run: the longest seen so far */
    uint32_t depth;         /* PCT; 0 = draw it */
    uint32_t preemptions;   /* bound of exhaustive search */
    bool weak;              /* loads may read older stores */
    bool placed;            /* ... and stores are ordered as they come */
    bool ordered;           /* the order of all steps counts: faults may act */
    bool buffers;           /* stores wait in buffers */
    bool cuts;              /* loops that wait are cut, */
    bool may_cut;           /* or may be, if a search wishes it */
    uint32_t delays;        /* delay bounding; 0 = draw it */
    uint64_t fair_after;    /* steps, then a fair walk; 0 = never */
    uint64_t seed;          /* of the campaign */
    uint64_t turn;          /* number of this run among those of the strategy */
    const uint32_t *points; /* of each of 64 threads, as the profile runs had
                             * them; NULL: not known */
    struct offer *offer;    /* what accesses could read, if the memory model has
                          * views, and no bound that was asked for; else NULL */
    enum ungraphed ungraphed; /* why there is no search over graphs */
    bool c20;                 /* its release sequences are those of C++20 */
    uint32_t search; /* another one: a search must begin anew, since what it
                      * took for granted is not so */
    const uint64_t *twins; /* of each of 64 threads, those with lower numbers
                            * that are alike; NULL: none, or it is not for a
                            * strategy to know */
    const struct survey *survey; /* more of the profile runs, or NULL */
};

/* The moment of a decision. */
struct moment {
    uint64_t enabled; /* bits; never 0 */
    uint32_t running; /* the thread that ran last, or 64 */
    bool forced;      /* it cannot go on: leaving it is no preemption */
    uint64_t step;

    /* For attentive strategies; 0 and NULL for others. */
    uint64_t blocked; /* of `enabled`: what they are about to do would only
                       * wait (a lock that is held, a thread not over) */
    uint64_t waiting; /* ... and, where an offer is wanted, what would wait for
                       * any object whose moves are told */
    const struct operation *pending; /* by thread: about to be done */
    const struct footprint *done;    /* by `running`, since the last question;
                                      * who does not search is only told
                                      * whether a call returned */
};

struct pick {
    uint32_t thread;   /* or 64: nothing new can come of this run (searches
                        * only) */
    uint64_t distance; /* points until asked again; UINT64_MAX: as long as the
                        * thread can run */
};

struct strategy {
    const char *name;
    const char *about;
    size_t size; /* of its state, kept from run to run, zeroed at first */

    /* It looks at `pending`, `blocked` and `done` of a moment.  All its
     * distances must be 1, so that it is asked at every point. */
    bool attentive;

    /* It searches: one run after the other of the same index, until end() says
     * that it was the last. */
    bool searches;

    /* A run begins.  False: nothing is left to explore. */
    bool (*begin)(void *self, const struct profile *profile,
                  struct choice *choice);

    struct pick (*pick)(void *self, const struct moment *moment,
                        struct choice *choice);

    /* Optional: the run ended.  False: that was the last one (exhausted). */
    bool (*end)(void *self);

    /* Optional: whether end() said "last" because everything was explored. */
    bool (*complete)(const void *self);

    /* Optional: what was done so far, of the search in hand or the last. */
    void (*tally)(const void *self, struct search_tally *tally);

    /* Optional: frees what the state points to. */
    void (*release)(void *self);

    /* Optional: a decision below `below` (2 to 64) other than who runs, where a
     * search must try them all: which waiter is woken, which store is read.
     * Without it such decisions are drawn. */
    uint32_t (*choose)(void *self, uint32_t below);

    /* Optional, of a random walk: where it keeps the step at which its run
     * length is over, so that the world may draw in its place (walk.h). */
    uint64_t *(*walks)(void *self);

    /* Optional: a thread yielded (PCT lowers its priority). */
    void (*yielded)(void *self, uint32_t thread);

    /* Optional: its runs learn from earlier ones.  The first of its turns that
     * must be made, in order, before `turn` of the campaign with `seed` is;
     * `turn` itself if none must.  What a run draws is then a function of its
     * turn, whoever makes it, and as often as it is made. */
    uint64_t (*since)(const void *self, uint64_t seed, uint64_t turn);

    /* Optional, and then nothing else is there: a portfolio.  The strategy
     * that makes run `index`, and its number among that strategy's runs.  It
     * depends on nothing but the index, so that all workers agree. */
    const struct strategy *(*member)(uint64_t index, uint64_t *turn);
};

/* All that can be asked for by name; ends with NULL. */
extern const struct strategy *const strategies[];

/* The strategy called `name`, or NULL. */
const struct strategy *strategy_find(const char *name);

/* The strategy by which a trace was made: it may be off the menu; or NULL. */
const struct strategy *strategy_recall(const char *name);

/* The place of `strategy` in strategies[]; the last of
 * STRATEGIES_MAX if it is not there. */
uint32_t strategy_place(const struct strategy *strategy);

/* In which world the strategy called `name` (NULL: none) has its runs
 * (world.h): 0 in that of most; 1 in that of searches, where who yields may go
 * on; 2 in that of searches which look at operations, where loops spin
 * otherwise. */
uint32_t strategy_world(const char *name);

/* A step of the random walk, for strategies that end in one: `due` is kept
 * from step to step and starts as 0. */
struct pick strategy_walk(uint64_t *due, const struct moment *moment,
                          struct choice *choice);

/* Uniform over the bits of `enabled`. */
uint32_t strategy_any(uint64_t enabled, struct choice *choice);

/* Uniform below `n`, which is not 0. */
uint64_t strategy_below(struct choice *choice, uint64_t n);

#endif
