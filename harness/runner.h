/*
 * The inside of a runner: what the files that make a run share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_RUNNER_H
#define HX_RUNNER_H

#include "harness/leftover.h"
#include "harness/run.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/sim/schedule/survey.h"
#include "harness/sim/twins.h"
#include "harness/sim/world.h"
#include "harness/verdicts.h"

enum {
    PARAMS_MAX = 16,
    ARGUMENTS_TEXT = 4096,
    RECOVERIES_MAX = 256, /* noted in the history of one run */
};

struct runner {
    const struct scenario *scenario;
    struct plugin *plugin;
    const struct fl_algorithm *algorithm; /* of copy 0 */
    uint32_t variant;
    uint64_t subject; /* see struct binding */
    int64_t params[PARAMS_MAX];
    struct fl_options options;
    uint32_t clients;  /* that perform */
    uint32_t replicas; /* FL_NETWORK */
    uint32_t lanes;    /* fibers at the start: replicas and clients */
    char names_text[FIBERS_MAX][20]; /* "replica4294967295" */
    const char *names[FIBERS_MAX];   /* "T0", "replica1" */

    struct world world;
    struct verdicts *verdicts;
    bool itself;
    struct alone *alone; /* whose answers are the model's; or NULL */
    struct fl_history *history;
    void *states[STRATEGIES_MAX]; /* of strategies, by their place */
    void *pruned;                 /* of strategy_pruned; or NULL */
    uint64_t profile_steps;       /* length of a profile run */
    uint32_t points[FIBERS_MAX];  /* of each thread in it */
    struct survey survey;         /* more of it */
    bool surveying;
    struct leftover leftover;
    struct twins twins;
    char *shared; /* FL_PROCESSES: the region */

    /* of the run in hand */
    struct workload drawn; /* room for a drawn workload */
    struct workload setup; /* plans[0]: performed before */
    const struct workload *workload;
    const struct run_request *request;
    void *self[COPIES_MAX];    /* what create() returned */
    uint32_t next[FIBERS_MAX]; /* next operation of each client */
    uint32_t cut[FIBERS_MAX];  /* the one that it called and has no result of,
                                * from 1; 0: none */
    uint32_t told[FIBERS_MAX]; /* the last one that it was told of, likewise */
    uint32_t ids[FIBERS_MAX];  /* its client number in the history */
    uint32_t ids_used;
    uint32_t hits[NAMES_MAX]; /* of named points */
    struct trace *trace;      /* what recording keeps; owned */
    bool trace_valid;
    uint32_t exclusive;              /* bits: locks of `mutual_exclusion` */
    char words_text[ARGUMENTS_TEXT]; /* arguments of main() */
    char *words[NAMES_MAX + 2];
    const struct strategy *strategy;
    const char *named; /* the strategy found last, and its name */
    const struct strategy *by_name;
    uint64_t turn; /* number of the run among those of the strategy */
    uint32_t warnings;
    uint32_t blocked_fn; /* operation type that no order explains */
    uint64_t checked;    /* 1 if the checker ran */
    bool unchecked;      /* benchmarks: histories are recorded, not judged */

    /* counts over all runs */
    uint64_t reached[NAMES_MAX];
};

/* runner_new() without the object alone: its history has the operations of a
 * model, and is not to be judged if that is `itself`. */
struct runner *runner_new_plain(const struct scenario *scenario,
                                const char *variant, FILE *errors);

/* Starts the fibers of a run: replicas and clients. */
void client_start(struct runner *r);

/* Performs the scenario's set-up operations, outside any fiber. */
void client_setup(struct runner *r);

/* Calls create() for every process, outside any fiber; false: no memory. */
bool client_create(struct runner *r);

/* Draws the operations of a run into r->drawn. */
void work_draw(struct runner *r);

/* Makes room for drawn workloads, and the fixed ones of the scenario. */
void work_prepare(struct runner *r);
void work_release(struct workload *workload);

/* Copies `from` to the empty workload `to`, which then owns its plans. */
void work_copy(struct workload *to, const struct workload *from);

#endif
