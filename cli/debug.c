/*
 * Looking at one step of a recorded run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/debug.h"
#include "harness/child.h"
#include "harness/log.h"
#include "harness/narrate.h"
#include "harness/runner.h"
#include "harness/signals.h"
#include "harness/wall.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PRINT_MS = 60000 /* for the child; the run took much less before */
};

/* What the child is to print. */
struct look {
    const struct retrace *retrace;
    uint64_t number;
    const struct report_style *style;
};

static void replay(const struct retrace *retrace, struct run_outcome *outcome)
{
    struct run_request request = {.mode = RUN_REPLAY, .trace = retrace->trace};
    runner_run(retrace->runner, &request, outcome);
}

/* Prints, and returns the step of the log that step `number` is. */
static uint32_t print_run(const struct retrace *retrace,
                          const struct run_outcome *outcome, uint64_t number,
                          const struct report_style *style)
{
    struct narrate_request n = {
        .runner = retrace->runner,
        .outcome = outcome,
        .scenario = retrace->scenario,
        .trace = retrace->trace,
        .directory = retrace->directory,
    };
    struct narrative *narrative = narrate(&n);
    uint32_t count = narrative->record.steps_count;
    uint32_t at = number == 0 || number > count ? count : (uint32_t)number;
    report_at(&narrative->record, at, style, stdout);
    if (number > count) {
        (void)printf("\n  the run has no step %" PRIu64 "\n", number);
    }
    (void)fflush(stdout);
    uint32_t stop = at == 0 ? 0 : narrative->log_of[at - 1] + 1;
    narrative_free(narrative);
    return stop;
}

enum code debug_here(const struct retrace *retrace, uint64_t number,
                     const struct report_style *style, bool stop)
{
    assert(retrace->runner != NULL);
    struct run_outcome outcome;
    replay(retrace, &outcome);
    if (outcome.end == RUN_DIVERGED) {
        (void)fprintf(stderr, "faultline replay: diverged: %s\n",
                      outcome.detail);
        return CODE_DIVERGED;
    }
    uint32_t at = print_run(retrace, &outcome, number, style);
    if (stop) {
        retrace->runner->world.log->stop_at = at;
        replay(retrace, &outcome);
        retrace->runner->world.log->stop_at = 0;
    }
    return run_end_verdict(outcome.end) == FL_VIOLATION ? CODE_VIOLATION
                                                        : CODE_PASS;
}

static int print_in_child(void *argument)
{
    const struct look *look = argument;
    assert(look != NULL);
    return (int)debug_here(look->retrace, look->number, look->style, false);
}

enum code debug_print(const struct retrace *retrace, uint64_t number,
                      const struct report_style *style)
{
    struct look look = {.retrace = retrace, .number = number, .style = style};
    struct child_end end =
        child_run(print_in_child, &look, wall_ms() + PRINT_MS, NULL);
    if (!end.exited) {
        (void)fprintf(stderr,
                      "faultline replay: the run was killed by signal "
                      "%d\n",
                      end.signal);
        return CODE_INTERNAL;
    }
    return (enum code)end.code;
}

/* The script beside the program: build/gdb.py, PREFIX/lib/faultline/gdb.py. */
static bool find_script(const char *self, char *script, size_t max)
{
    static const char *const places[] = {"gdb.py", "../lib/faultline/gdb.py"};
    const char *slash = strrchr(self, '/');
    assert(slash != NULL);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        int size = snprintf(script, max, "%.*s/%s", (int)(slash - self), self,
                            places[i]);
        if (size > 0 && (size_t)size < max && access(script, R_OK) == 0) {
            return true;
        }
    }
    return false;
}

enum code debug_gdb(const char *path, uint64_t number)
{
    char self[PATH_MAX] = "";
    char script[PATH_MAX + 32] = "";
    char step[24];
    ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (size <= 0 || !find_script(self, script, sizeof(script))) {
        (void)fprintf(stderr, "faultline replay: --gdb: there is no gdb.py "
                              "beside the program; make install puts it "
                              "there\n");
        return CODE_IO;
    }
    (void)snprintf(step, sizeof(step), "%" PRIu64, number);
    const char *const arguments[] = {
        "gdb",
        "-q",
        "-nx",
        "-iex",
        "set confirm off",
        "-iex",
        "set debuginfod enabled off",
        "-ex",
        "set pagination off",
        "-ex",
        "break debugger_stop",
        "-x",
        script,
        "-ex",
        "run",
        "-ex",
        "faultline threads",
        "-ex",
        "faultline where",
        "--args",
        self,
        "replay",
        "--in-process",
        "--to",
        step,
        path,
        NULL,
    };
    union {
        const char *const *given;
        char *const *wanted;
    } cast = {.given = arguments};
    (void)fflush(NULL);
    signals_remove(); /* timers outlive exec: the watch would end gdb */
    (void)execvp("gdb", cast.wanted);
    (void)fprintf(stderr, "faultline replay: --gdb: %s\ntry: apt install gdb\n",
                  strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    return CODE_IO;
}
