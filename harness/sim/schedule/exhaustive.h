/*
 * The stack of a depth-first search over schedules: exhaustive.c says how.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCHEDULE_EXHAUSTIVE_H
#define HX_SCHEDULE_EXHAUSTIVE_H

#include "harness/sim/schedule/strategy.h"
#include "harness/sim/schedule/survey.h"

enum {
    EXHAUSTIVE_DEPTH = 1 << 14, /* decisions of one run */
};

struct decision_point {
    uint64_t left; /* threads still to be tried */
    uint8_t chosen;
    uint8_t running; /* who ran before; 64 if nobody did */
    uint8_t spent;   /* preemptions before this decision */
    bool forced;
};

struct exhaustive {
    struct decision_point stack[EXHAUSTIVE_DEPTH];
    uint32_t count;       /* decisions on the stack */
    uint32_t depth;       /* decisions made in this run */
    uint32_t preemptions; /* bound */
    uint32_t spent;       /* in this run */
    uint32_t search;      /* number of the one in hand */
    bool started;
    bool cut; /* a run was longer than the stack, or another one than the same
               * decisions had led to before: not exhaustive */
};

/* A run begins.  True: of another search than the run before. */
bool exhaustive_begin(struct exhaustive *x, const struct profile *profile);

/* Who runs next. */
uint32_t exhaustive_pick(struct exhaustive *x, const struct moment *moment);

/* A decision other than who runs. */
uint32_t exhaustive_choose(struct exhaustive *x, uint32_t below);

/* The run ended.  False: it was the last one.  Else the decision on top of the
 * stack is the first that the next run makes otherwise. */
bool exhaustive_end(struct exhaustive *x);

/* Whether the search came to its end, and left nothing out. */
bool exhaustive_complete(const struct exhaustive *x);

/* Whether `thread` ran before and could go on: leaving it is a preemption. */
static inline bool exhaustive_stays(const struct moment *moment)
{
    return !moment->forced && moment->running < STRATEGY_THREADS &&
           (moment->enabled >> moment->running & 1) != 0;
}

#endif
