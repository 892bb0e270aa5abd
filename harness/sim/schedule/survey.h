/*
 * The survey: what the profile runs saw, for strategies that want to know.
 *
 * How many points each thread makes, and how many of them on which shared
 * location.  The same runs are surveyed in every process, and locations are
 * numbered by their first use, so that what a strategy draws from it is the
 * same everywhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCHEDULE_SURVEY_H
#define HX_SCHEDULE_SURVEY_H

#include "harness/sim/operation.h"

enum {
    STRATEGY_THREADS = 64,
    SURVEY_PLACES = 64, /* locations told apart; others are not looked at */
    SURVEY_CELLS = 512, /* of the index; a power of two */
};

/* A location, and the operations on it in all runs of the survey. */
struct surveyed {
    const void *location;
    uint32_t size; /* bytes, at least 1 */
    bool written;
    uint32_t operations[STRATEGY_THREADS];
};

/* Eight bytes of memory: the places that have some of them, as bits; 0: the
 * entry is free. */
struct survey_cell {
    uintptr_t cell;
    uint64_t places;
};

struct survey {
    uint32_t runs;
    uint64_t steps;                    /* points of all of them */
    uint64_t points[STRATEGY_THREADS]; /* and of each thread */
    uint32_t count;
    /* Of them, those that several threads use and one writes: how many, and
     * which, as bits; seen to by survey_end(). */
    uint32_t shared;
    uint64_t shared_bits;
    uint32_t threads; /* beyond these, nobody made a point */
    uint32_t operations[STRATEGY_THREADS]; /* on shared places, in all runs */
    bool indexed;                          /* `cells` hold */
    struct surveyed places[SURVEY_PLACES];
    struct survey_cell cells[SURVEY_CELLS];
};

/* A run of the survey has ended. */
void survey_end(struct survey *survey);

/* The place that `operation` is on; the survey's count if it is on none. */
uint32_t survey_find(const struct survey *survey,
                     const struct operation *operation);

/* The same by looking at every place: slow, and what survey_find() is tested
 * against. */
uint32_t survey_find_slowly(const struct survey *survey,
                            const struct operation *operation);

/* Whether threads share the place, and one of them writes. */
bool survey_is_shared(const struct survey *survey, uint32_t place);

/* Shared place number `which`, below survey->shared. */
uint32_t survey_shared(const struct survey *survey, uint32_t which);

/* Operations of `thread` on the place (the count: on all shared ones) in a run,
 * rounded up. */
uint32_t survey_mean(const struct survey *survey, uint32_t place,
                     uint32_t thread);

/* The strategy of profile runs: round robin, and it takes notes.  Its state is
 * a struct survey. */
extern const struct strategy strategy_survey;

#endif
