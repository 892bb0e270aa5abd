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

void retrace_close(struct retrace *retrace)
{
    runner_free(retrace->runner);
    scenario_free(retrace->scenario);
    trace_free(retrace->trace);
    *retrace = (struct retrace){0};
}
