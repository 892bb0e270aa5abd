/*
 * Runs of a small scenario with one fault rule, for tests of what rules and
 * kinds of faults do in the simulated world.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_ACTS_FIXTURE_H
#define TESTS_ACTS_FIXTURE_H

#include "harness/log.h"
#include "harness/run.h"
#include "tests/check_tap.h"

#include <string.h>

/* Threads on a lock-free queue, whose nodes come from calloc(). */
#define QUEUE                                                      \
    "system: { kind: threads, algorithm: ms_queue, threads: 3 }\n" \
    "workload: { ops_per_thread: 6 }\n"

/* The same with nodes that are freed. */
#define FREEING_QUEUE                                                    \
    "system: { kind: threads, algorithm: two_lock_queue, threads: 2 }\n" \
    "workload: { ops_per_thread: 12 }\n"

/* Processes behind the lock `region.sem`. */
#define REGION                                                           \
    "system: { kind: processes, algorithm: shm_region, processes: 3 }\n" \
    "workload: { ops_per_process: 4, amount: 1..9 }\n"

/* Five replicas and three clients. */
#define REGISTER                                                \
    "system: { kind: network, algorithm: abd_register, nodes: " \
    "{ replica: 5, client: 3 } }\n"                             \
    "workload: { clients: { ops: 20, think: 1ms..5ms }, timeout: 2s }\n"

/* One run, as it was recorded. */
struct act_run {
    const struct run_log *log;
    const struct trace *trace;
    const struct run_outcome *outcome;
};

/* A scenario in use. */
struct acts {
    struct scenario *scenario;
    struct runner *runner;
    struct run_outcome outcome;
    struct trace *trace;
};

static inline void acts_open(struct acts *a, const char *system,
                             const char *rest)
{
    char text[4000];
    int size = snprintf(text, sizeof(text), "scenario: 1\nname: acts\n%s%s\n",
                        system, rest);
    ck_assert(size > 0 && (size_t)size < sizeof(text));
    *a = (struct acts){.scenario =
                           scenario_parse("acts", text, (size_t)size, stderr)};
    ck_assert_msg(a->scenario != NULL, "refused: %s", text);
    ck_assert_msg(a->scenario->skip == NULL, "skipped: %s", text);
    a->runner = runner_new(a->scenario, NULL, stderr);
    ck_assert_msg(a->runner != NULL, "does not fit: %s", text);
}

static inline void acts_close(struct acts *a)
{
    trace_free(a->trace);
    runner_free(a->runner);
    scenario_free(a->scenario);
}

/* Run number `index`; it lasts until the next one. */
static inline struct act_run acts_run(struct acts *a, uint64_t index)
{
    struct run_request request = {
        .mode = RUN_RECORD, .seed = 5, .index = index};
    trace_free(a->trace);
    a->outcome = (struct run_outcome){.end = RUN_FINISHED};
    runner_run(a->runner, &request, &a->outcome);
    a->trace = runner_trace(a->runner);
    return (struct act_run){.log = runner_log(a->runner),
                            .trace = a->trace,
                            .outcome = &a->outcome};
}

#endif
