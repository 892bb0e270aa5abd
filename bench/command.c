/*
 * Benchmarks of the command line: the program starts itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench.h"
#include "harness/child.h"
#include "harness/run.h"
#include "harness/wall.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    PATH_SIZE = 512,
    REPLAYS = 1000,
    SEARCH_MAX = 10000, /* runs looked through for a failure */
};

/* Writes the scenario into the directory; its path goes to `path`. */
static bool write_scenario(const struct bench *bench, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/treiber-aba.yaml", bench->directory);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return false;
    }
    (void)fputs(bench->scenario, file);
    return fclose(file) == 0;
}

bool bench_first_failure(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    char path[PATH_SIZE];
    char out[PATH_SIZE];
    if (!write_scenario(bench, path)) {
        return false;
    }
    (void)snprintf(out, sizeof(out), "%s/out", bench->directory);
    const char *arguments[] = {bench->program, "run",   path, "--out", out,
                               "--color",      "never", NULL};
    uint64_t started = wall_ns();
    int code = child_spawn(arguments, -1);
    *value = (double)(wall_ns() - started) / 1e9;
    return code == 1; /* a violation, told and stored */
}

/* The trace of the first failing run of the scenario, or NULL. */
static struct trace *record_failure(struct runner *runner)
{
    struct run_request request = {.mode = RUN_EXPLORE, .seed = 0x5eed1a};
    struct run_outcome outcome = {.verdict = FL_PASS};
    while (request.index < SEARCH_MAX && outcome.verdict != FL_VIOLATION) {
        request.index++;
        runner_run(runner, &request, &outcome);
    }
    if (outcome.verdict != FL_VIOLATION) {
        return NULL;
    }
    request.mode = RUN_RECORD;
    runner_run(runner, &request, &outcome);
    return runner_trace(runner);
}

/* How many of REPLAYS replays end as the first did, with its digest. */
static uint32_t count_identical(struct runner *runner,
                                const struct trace *trace)
{
    struct run_request request = {.mode = RUN_REPLAY, .trace = trace};
    struct run_outcome first;
    runner_run(runner, &request, &first);
    uint32_t identical =
        first.verdict == FL_VIOLATION && first.end != RUN_DIVERGED;
    for (uint32_t i = 1; i < REPLAYS; i++) {
        struct run_outcome next;
        runner_run(runner, &request, &next);
        identical += next.end == first.end && next.digest == first.digest &&
                     next.steps == first.steps;
    }
    return identical;
}

bool bench_replay(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    struct scenario *scenario = scenario_parse("<bench>", bench->scenario,
                                               strlen(bench->scenario), stderr);
    if (scenario == NULL) {
        return false;
    }
    struct runner *runner = runner_new(scenario, NULL, stderr);
    struct trace *trace = runner == NULL ? NULL : record_failure(runner);
    bool taken = trace != NULL;
    if (taken) {
        *value = (double)count_identical(runner, trace);
    }
    trace_free(trace);
    runner_free(runner);
    scenario_free(scenario);
    return taken;
}
