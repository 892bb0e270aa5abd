/*
 * One run: an algorithm, a workload, a schedule and faults, from the first
 * step to a verdict.
 *
 * A runner belongs to one scenario and one OS thread and makes any number of
 * runs, one after the other, without allocating.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_RUN_H
#define HX_RUN_H

#include "checker/check.h"
#include "harness/plugin.h"
#include "harness/scenario.h"
#include "harness/tally.h"
#include "harness/trace.h"

struct run_log;

/* How a run ended. */
enum run_end {
    RUN_FINISHED,         /* every client finished or was crashed */
    RUN_NOT_LINEARIZABLE, /* ... and no order explains the history */
    RUN_UNDECIDED,        /* ... and the checker's budget ran out */
    RUN_STEP_LIMIT,       /* inconclusive */
    RUN_TIME_LIMIT,       /* inconclusive: virtual time */
    RUN_STUCK,            /* inconclusive: a loop without points */
    RUN_DEADLOCK,
    RUN_LIVELOCK,
    RUN_BLOCKED,       /* survivors wait for one that a fault took away */
    RUN_NOT_RECOVERED, /* lock_recovers, liveness: not within its time */
    RUN_NOT_EXCLUSIVE, /* mutual_exclusion: two hold one lock */
    RUN_CRASHED,       /* the program under test: SIGSEGV, SIGFPE, ... */
    RUN_ABORTED,       /* abort(), exit() */
    RUN_ASSERTION,     /* assert() */
    RUN_STACK_OVERFLOW,
    RUN_USE_AFTER_FREE,
    RUN_OUT_OF_BOUNDS,
    RUN_DOUBLE_FREE,
    RUN_INVALID_FREE,
    RUN_UNINITIALISED,
    RUN_LEAK,
    RUN_RACE,         /* two accesses, one plain, not ordered */
    RUN_MISUSE,       /* of pthreads: unlock by a stranger, ... */
    RUN_INVARIANT,    /* the algorithm's settle() says so */
    RUN_MEMORY_BOUND, /* more retired blocks than allowed */
    RUN_STEPS_BOUND,  /* an operation took more own steps than allowed */
    RUN_STARVED,      /* ... or was overtaken by more others than allowed */
    RUN_DIVERGED,     /* a replay differs from its trace */
    RUN_CUT,          /* a search: nothing new could come of it; not judged */
    RUN_OUTSIDE,      /* inconclusive: blocked by the system itself */
    RUN_BEYOND,       /* inconclusive: more threads or memory than there is
                       * room for, which a machine would have had */
    RUN_ENDS
};

enum run_mode {
    RUN_EXPLORE,  /* draw, record nothing */
    RUN_RECORD,   /* draw the same again; fill trace and log */
    RUN_REPLAY,   /* exactly a trace; fill the log */
    RUN_TOLERANT, /* a trace, where it is possible; else the plainest */
};

/* What to run. */
struct run_request {
    enum run_mode mode;
    uint64_t seed;             /* of the campaign */
    uint64_t index;            /* explore, record */
    const struct trace *trace; /* replay, tolerant */
    /* Explore and record with these operations and occurrences instead of
     * drawing them; NULL: draw.  This is how shrinking asks "does it still
     * fail with less?". */
    const struct workload *workload;
    const struct trace *faults;
    const char *strategy; /* instead of the scenario's; NULL: as written */
    bool exhaustive_next; /* go on with the depth-first search in hand */
    uint32_t preemptions; /* its bound */
    bool bounded;         /* the bound counts, though it may be 0 */
    uint64_t patience;    /* with steps that complete nothing, before states
                           * are noted (sim/lull.h); 0: as usual */
    struct reach *reach;  /* takes in what the run shows; NULL: nobody does */
    bool second;          /* a determinism check: other stack filling,
                                * other poison */
    bool third;           /* another one still */
};

/* What came of it.  Texts and history are the runner's, until its next run. */
struct run_outcome {
    enum run_end end;
    enum fl_verdict verdict;
    const char *detail; /* one line: "T1 waits for mutex m held by T0" */
    uint32_t thread;    /* that failed, or UINT32_MAX */
    uint64_t steps;
    uint64_t switches;
    uint64_t preemptions; /* switches away from an enabled thread */
    uint64_t digest;      /* of everything observable in the run */
    uint64_t time;        /* virtual, at its end */
    const struct fl_history *history;
    uint64_t checked;        /* 1 if the checker ran, 0 if the cache answered */
    const char *strategy;    /* that made the run, not a portfolio of them */
    uint32_t place;          /* its place in the menu, below STRATEGIES_MAX */
    uint64_t steps_most;     /* own steps of an operation, the most */
    uint32_t overtaken_most; /* operations of others while one waited */
    uint64_t coarse;         /* bucket of the failure, before shrinking */
    bool last;               /* exhaustive search: nothing comes after it */
    bool exhausted;    /* ... and every schedule within the bound was run */
    uint32_t warnings; /* bits: 1 = memory bound passed */
    struct search_tally tally; /* of the search; zero if there is none */
};

struct runner;

/*
 * Makes a runner for `scenario` (borrowed), resolving its names against the
 * algorithm; all errors go to `errors` and NULL is returned.  `variant`
 * overrides the scenario's; NULL: as written.
 */
struct runner *runner_new(const struct scenario *scenario, const char *variant,
                          FILE *errors);

/* Ends a runner.  NULL is allowed. */
void runner_free(struct runner *runner);

/* Makes one run. */
void runner_run(struct runner *runner, const struct run_request *request,
                struct run_outcome *outcome);

/* After RUN_RECORD: the trace of the run, owned by the caller. */
struct trace *runner_trace(const struct runner *runner);

/* After RUN_RECORD or RUN_REPLAY: everything that happened, step by step. */
const struct run_log *runner_log(const struct runner *runner);

/* The descriptor of the algorithm that it runs. */
const struct fl_algorithm *runner_algorithm(const struct runner *runner);

/* The model by which its histories are checked. */
const struct fl_model *runner_model(const struct runner *runner);

/* Whether `client` may call `fn`: not what the object or the algorithm keeps
 * for other clients. */
bool runner_may(const struct runner *runner, uint32_t client, uint32_t fn);

/* Hash of the user's code that it runs, by content; 0 if the algorithm is one
 * that comes with faultline. */
uint64_t runner_subject(const struct runner *runner);

/* The variant in force: index into the descriptor's variants. */
uint32_t runner_variant(const struct runner *runner);

/* Whether weak compare-and-swaps of the plug-in can be told from strong ones:
 * else cas_spurious_fail cannot act. */
bool runner_tells_weak(const struct runner *runner);

/* How often rule `rule` acted, and the named point number `point` of the
 * descriptor was passed, in all runs so far. */
uint64_t runner_fired(const struct runner *runner, uint32_t rule);
uint64_t runner_reached(const struct runner *runner, uint32_t point);

/* What the memory model left out in all runs so far, since it keeps only so
 * much: bits.  A pass does not speak of that. */
enum {
    UNTRIED_STORES = 1,    /* stores that were too old to be kept */
    UNTRIED_LOCATIONS = 2, /* locations beyond those with a history */
    UNTRIED_STEPS = 4,     /* what follows when threads are in step, trying
                            * locks and letting go: lockstep.h */
};
uint64_t runner_untried(const struct runner *runner);

/* Where a loop waited for a plain variable, in all runs so far, and then found
 * it changed: the least such program counter, or 0. */
uintptr_t runner_waits_plainly(const struct runner *runner);

/* For benchmarks: runs are made and recorded, but their histories not judged.
 */
void runner_set_unchecked(struct runner *runner, bool unchecked);

/* The options by which its histories are checked. */
const struct fl_options *runner_options(const struct runner *runner);

/* "not linearizable", "use after free", ...; and "lin", "uaf" for ids. */
const char *run_end_name(enum run_end end);

/* Whether this end is a pass, a violation or inconclusive. */
enum fl_verdict run_end_verdict(enum run_end end);

/* How many of the runs counted by how they ended have no verdict. */
uint64_t run_ends_undecided(const uint64_t ends[RUN_ENDS]);

#endif
