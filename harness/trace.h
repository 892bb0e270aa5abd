/*
 * A trace: one run, so exactly that it can be repeated, and edited.
 *
 * It holds the workload (which operations, by whom), the switches (at which
 * step which thread went on), the faults that acted, and the other decisions
 * that were not 0.  It names its scenario and carries that file's text, so
 * that a trace is complete by itself.  Digests, one for every 64 steps, tell a
 * replay where it begins to differ.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TRACE_H
#define HX_TRACE_H

#include "harness/algorithm.h"
#include "harness/arena.h"
#include "harness/choice.h"
#include "harness/fault.h"
#include "harness/scenario.h"

/* The operations of one client, in order. */
struct plan {
    uint32_t count;
    uint32_t max;
    struct fl_call *calls; /* owned by the workload */
    uint64_t *think;       /* virtual ns before each; may be NULL */
};

/* The operations of all clients. */
struct workload {
    uint32_t clients;
    struct plan plans[64];
};

/* From a moment on, `thread` runs.  A moment is twice the number of points so
 * far, plus 1 if the thread that ran before could not go on. */
struct thread_switch {
    uint64_t step; /* the moment */
    uint32_t thread;
};

/* One fault that acted: which rule, where, what. */
struct occurrence {
    uint32_t rule;    /* index in the scenario; UINT32_MAX: none */
    struct site site; /* as it was; its point is borrowed: of the scenario,
                         * or of trace.texts */
    struct action action;
};

enum {
    TRACE_VERSION = 1,
    TRACE_SIZE_MAX = 64 * 1024 * 1024 /* bytes of a file */
};

struct trace {
    char *scenario_path;
    char *scenario_text;
    char *variant;  /* overrides the scenario's; NULL: as written */
    char *memory;   /* model; NULL: the scenario's */
    uint64_t seed;  /* of the campaign */
    uint64_t index; /* of the run in it */
    uint64_t run_seed;
    uint64_t subject; /* hash of the user's code that ran; 0: not known */
    char *strategy;   /* that found it */
    struct workload workload;
    struct thread_switch *switches;
    uint32_t switches_count;
    uint32_t switches_max;
    struct occurrence *occurrences;
    uint32_t occurrences_count;
    uint32_t occurrences_max;
    struct decision *decisions; /* sorted by (stream, position) */
    uint32_t decisions_count;
    uint64_t *digests; /* rolling, one for every 64 steps, then the last */
    uint32_t digests_count;
    uint32_t digests_max;
    uint64_t steps;
    uint64_t patience;   /* of lull_begin(); 0: as usual */
    bool cuts;           /* loops that wait were cut, unasked */
    char *verdict;       /* name of the outcome */
    char *signature;     /* hex */
    struct arena *texts; /* names of points, if it was read or copied */
};

/* An empty trace, owned by the caller; ends the program if memory ends. */
struct trace *trace_new(void);

/* A copy, to be edited; it borrows nothing. */
struct trace *trace_copy(const struct trace *trace);

/* Ends a trace.  NULL is allowed. */
void trace_free(struct trace *trace);

/* Writes `trace` to `path`, whole or not at all: into a new file beside it,
 * which is synced and renamed.  Returns 0 or an errno. */
int trace_write(const struct trace *trace, const char *path);

/*
 * Reads a trace.  Errors go to `errors` as `file:line:col: error: expected
 * ...`, and NULL is returned.
 *
 * What is read is in form: clients, threads, rules, streams and kinds are in
 * range, switches and decisions in order.  Whether an operation's `fn` is one
 * of the model's, and a thread one of the run's, the runner must see to.
 */
struct trace *trace_read(const char *path, FILE *errors);

/* The same from memory; `path` names it in errors. */
struct trace *trace_parse(const char *path, const char *text, size_t size,
                          FILE *errors);

#endif
