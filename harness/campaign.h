/*
 * Campaigns: many runs of one scenario, over worker processes.
 *
 * Runs are numbered by their index; each is a function of (seed, index) alone.
 * Workers take blocks of indices in order.  After a failure at index i no index
 * above it is begun, but every index below it is finished before it is named
 * the first: so the first failure is the same for any number of workers.
 *
 * The program under test runs in the workers only.  One that dies names its run
 * by the index it had published, and another goes on behind it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_CAMPAIGN_H
#define HX_CAMPAIGN_H

#include "harness/interrupt.h"
#include "harness/peaks.h"
#include "harness/run.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/status.h"
#include "harness/store.h"

enum {
    CAMPAIGN_WORKERS_MAX = 64,
    CAMPAIGN_FAILURES_MAX = 32, /* distinct failures kept, by bucket */
    CAMPAIGN_DEATHS_MAX = 8,    /* workers lost before it is given up */
    CAMPAIGN_POINTS_MAX = 64,   /* named points counted */
    CAMPAIGN_OPEN_MAX = 6,      /* ways not to come to a verdict */
};

struct campaign_failure;
struct campaign_outcome;

/* What to run. */
struct campaign_request {
    const struct scenario *scenario;
    const char *variant;   /* instead of the scenario's; NULL: as written */
    struct runner *runner; /* of the scenario; workers inherit copies of it */
    uint64_t seed;
    uint64_t first; /* indices of the runs */
    uint64_t last;
    uint64_t from;   /* goes on at this index, known failures lie before it;
                      * 0: at `first` */
    uint32_t shard;  /* of `shards`, from 0: only the runs whose distance from
                      * `first` is `shard` modulo `shards` */
    uint32_t shards; /* 0: all runs */
    const struct campaign_failure *known; /* found before; by index */
    uint32_t known_count;
    uint64_t schedules_max; /* exhaustive: at most so many; 0 = all */
    uint64_t deadline;      /* of wall_ms(); WALL_NEVER */
    uint32_t jobs;          /* workers, at least 1 */
    uint32_t stop_after;    /* distinct failures; 0 = never */
    const char *strategy;   /* instead of the scenario's; NULL: as written */
    struct reach *reach;    /* a room for each worker, shared with them: what
                             * their runs show; NULL: nobody asks */
    struct store *store; /* keeps each failure as it is found; NULL: nowhere */
    struct interrupt *interrupt; /* may be NULL */
    struct status *status;       /* shows how far it is; may be NULL */
    /* Called about once a second, and at the end, with what was found so far;
     * no run before `next` is missing.  May be NULL. */
    void (*keep)(void *context, const struct campaign_outcome *so_far);
    void *context;
};

/* The first failure of its bucket. */
struct campaign_failure {
    uint64_t index;
    enum run_end end;
    uint64_t coarse;       /* the bucket */
    uint64_t times;        /* runs in it */
    uint32_t milliseconds; /* from the start until it was found */
    char detail[200];
    char found[STORE_PATH_MAX]; /* its directory; "" if it could not be kept */
};

/* The first run of its kind that had no verdict. */
struct campaign_open {
    uint64_t index;
    enum run_end end;
    char detail[200];
    char found[STORE_PATH_MAX]; /* its directory; "" if it could not be kept */
};

/* A worker that died under the program under test. */
struct campaign_death {
    uint64_t index; /* the run that it was in */
    int signal;     /* 0: it exited with `code` */
    int code;
    uint64_t culprit; /* the run that leads to it, made first in a fresh
                       * process: it may be an earlier one; UINT64_MAX: none
                       * does again */
};

/* What came of it. */
struct campaign_outcome {
    uint64_t runs;
    uint64_t ends[RUN_ENDS]; /* runs by how they ended */
    uint64_t checked;        /* histories that were new, and searched */
    uint64_t steps;
    uint64_t repeated;             /* runs made twice and compared */
    uint64_t made[STRATEGIES_MAX]; /* runs of each strategy, by its place */
    struct peaks peaks;            /* known when it has ended */
    uint32_t failures_count;
    struct campaign_failure failures[CAMPAIGN_FAILURES_MAX]; /* by index */
    uint32_t others; /* distinct failures beyond those */
    uint32_t deaths_count;
    struct campaign_death deaths[CAMPAIGN_DEATHS_MAX];
    bool forked;           /* a process came out of a run: */
    uint64_t forked_index; /* which */
    bool given_up;         /* too many runs that had to be cut by force */
    uint32_t open_count;
    struct campaign_open open[CAMPAIGN_OPEN_MAX]; /* one for each end */
    bool unsteady; /* a run differed from its repetition: */
    uint64_t unsteady_index;
    bool exhausted;            /* the exhaustive search came to its end */
    struct search_tally tally; /* what it counted, if it had no bound */
    bool out_of_time;
    bool interrupted;
    bool resumed;    /* runs before these count, too, of which is not known what
                     they reached and which rules acted */
    int store_error; /* errno of out/; 0 if all was kept there */
    uint64_t fired[RULES_MAX]; /* how often each rule acted */
    uint64_t reached[CAMPAIGN_POINTS_MAX];
    uint64_t untried; /* bits of runner_untried() */
    uint64_t waited;  /* runner_waits_plainly(), the least; 0: none */
    uint64_t next;    /* the first index that was not run */
    uint64_t milliseconds;
};

/* Runs a campaign.  Trouble with processes ends the program. */
void campaign_run(const struct campaign_request *request,
                  struct campaign_outcome *outcome);

/* How many runs `request` asks for in its shard. */
uint64_t campaign_planned(const struct campaign_request *request);

/* Whether `request` asks for all schedules instead of some. */
bool campaign_is_exhaustive(const struct campaign_request *request);

#endif
