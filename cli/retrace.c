/*
 * A trace made ready to run again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/retrace.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void name_directory(struct retrace *retrace, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t size = slash == NULL ? 0 : (size_t)(slash - path);
    if (size == 0 || size >= sizeof(retrace->directory)) {
        (void)snprintf(retrace->directory, sizeof(retrace->directory), ".");
        return;
    }
    memcpy(retrace->directory, path, size);
    retrace->directory[size] = '\0';
}

enum code retrace_open(struct retrace *retrace, const char *command,
                       const char *path)
{
    assert(retrace != NULL && path != NULL);
    *retrace = (struct retrace){0};
    name_directory(retrace, path);
    retrace->trace = trace_read(path, stderr);
    if (retrace->trace == NULL) {
        (void)fprintf(stderr,
                      "faultline %s: %s is not a trace that can be read\n"
                      "try: faultline run, which writes traces to "
                      "out/SCENARIO/SIGNATURE/trace.json\n",
                      command, path);
        return CODE_INPUT;
    }
    const struct trace *trace = retrace->trace;
    if (trace->scenario_text == NULL) {
        (void)fprintf(stderr, "faultline %s: %s: the trace has no scenario\n",
                      command, path);
        return CODE_INPUT;
    }
    const char *named =
        trace->scenario_path == NULL ? path : trace->scenario_path;
    retrace->scenario = scenario_parse(named, trace->scenario_text,
                                       strlen(trace->scenario_text), stderr);
    if (retrace->scenario == NULL) {
        return CODE_INPUT;
    }
    if (retrace->scenario->skip != NULL) {
        (void)fprintf(stderr, "faultline %s: skipped: %s\n", command,
                      retrace->scenario->skip);
        return CODE_SKIPPED;
    }
    if (trace->memory != NULL &&
        !scenario_memory_named(trace->memory,
                               &retrace->scenario->system.memory)) {
        (void)fprintf(stderr,
                      "faultline %s: %s: memory %s: say sc, tso or c11\n",
                      command, path, trace->memory);
        return CODE_INPUT;
    }
    retrace->runner = runner_new(retrace->scenario, trace->variant, stderr);
    if (retrace->runner == NULL) {
        return CODE_INPUT;
    }
    if (trace->subject != 0 &&
        trace->subject != runner_subject(retrace->runner)) {
        (void)fprintf(stderr,
                      "faultline %s: stale: %s is not what it was when this "
                      "trace was recorded\n",
                      command, retrace->scenario->system.algorithm.name[0]);
    }
    return CODE_PASS;
}

/* What the child that repeats a trace shares with its parent. */
struct repetition {
    const struct retrace *retrace;
    uint64_t times;
    struct retrace_end *shared;
};

/* Another result is a divergence, too, though every step was the same. */
static void follow_loosely(const struct retrace *retrace,
                           struct retrace_end *shared)
{
    assert(shared->end == RUN_DIVERGED);
    struct run_request request = {.mode = RUN_TOLERANT,
                                  .seed = retrace->trace->seed,
                                  .index = retrace->trace->index,
                                  .trace = retrace->trace};
    struct run_outcome outcome;
    runner_run(retrace->runner, &request, &outcome);
    shared->loose = outcome.end;
    shared->loose_alike = outcome.steps == retrace->trace->steps;
}

static int repeat_in_child(void *argument)
{
    const struct repetition *r = argument;
    struct retrace_end *shared = r->shared;
    assert(shared != NULL);
    struct run_request request = {.mode = RUN_REPLAY,
                                  .trace = r->retrace->trace};
    uint64_t digest = 0;
    for (uint64_t i = 0; i < r->times; i++) {
        struct run_outcome outcome;
        runner_run(r->retrace->runner, &request, &outcome);
        if (i == 0) {
            digest = outcome.digest;
            shared->end = outcome.end;
            (void)snprintf(shared->detail, sizeof(shared->detail), "%s",
                           outcome.detail == NULL ? "" : outcome.detail);
        }
        shared->made++;
        shared->identical += outcome.end == shared->end &&
                             outcome.end != RUN_DIVERGED &&
                             outcome.digest == digest;
    }
    if (shared->end == RUN_DIVERGED) {
        follow_loosely(r->retrace, shared);
    }
    return 0;
}

struct retrace_end retrace_repeat(const struct retrace *retrace, uint64_t times,
                                  uint64_t deadline)
{
    assert(retrace->runner != NULL && times > 0);
    struct repetition r = {.retrace = retrace,
                           .times = times,
                           .shared = child_share(sizeof(*r.shared))};
    struct child_end child = child_run(repeat_in_child, &r, deadline, NULL);
    struct retrace_end end = *r.shared;
    end.child = child;
    end.died = !child.exited || child.code != 0 || end.made != times;
    child_unshare(r.shared, sizeof(*r.shared));
    return end;
}

bool retrace_is_same(const struct retrace *retrace, enum run_end end)
{
    const char *verdict = retrace->trace->verdict;
    return verdict != NULL && strcmp(verdict, run_end_name(end)) == 0;
}

void retrace_close(struct retrace *retrace)
{
    runner_free(retrace->runner);
    scenario_free(retrace->scenario);
    trace_free(retrace->trace);
    *retrace = (struct retrace){0};
}
