/*
 * faultline replay: one recorded run again, exactly.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/command.h"
#include "cli/debug.h"
#include "cli/options.h"
#include "cli/relay.h"
#include "cli/retrace.h"
#include "harness/finding.h"
#include "harness/wall.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

struct texts {
    char *times;
    char *color;
    char *to;
    int gdb;
    int in_process;
    int full;
    int quiet;
};

static const struct usage usage = {
    .command = "replay",
    .arguments = "TRACE",
    .about =
        "Makes one recorded run again, exactly, and reports it.  Exit code 1: "
        "it fails as\nrecorded; 3: it diverges, because the program or "
        "faultline has changed.",
    .examples =
        "  faultline replay out/treiber-aba/5f3a91c2/trace.json --full\n"
        "  faultline replay out/treiber-aba/5f3a91c2/trace.json --times "
        "1000\n"
        "  faultline replay out/treiber-aba/5f3a91c2/trace.json --to 12 "
        "--gdb\n",
};

/* The exit code of a replay that ended so, after saying what is wrong. */
static enum code judge_end(const struct trace *trace, enum run_end end,
                           const char *detail)
{
    assert(end < RUN_ENDS);
    if (end == RUN_DIVERGED) {
        (void)fprintf(stderr,
                      "faultline replay: diverged: %s\n"
                      "the program or faultline differs from the one that was "
                      "recorded\n",
                      detail);
        return CODE_DIVERGED;
    }
    if (trace->verdict != NULL &&
        strcmp(trace->verdict, run_end_name(end)) != 0) {
        (void)fprintf(stderr,
                      "faultline replay: not reproduced: recorded '%s', now "
                      "'%s'\n",
                      trace->verdict, run_end_name(end));
        return CODE_DIVERGED;
    }
    switch (run_end_verdict(end)) {
    case FL_PASS:
        return CODE_PASS;
    case FL_VIOLATION:
        return CODE_VIOLATION;
    case FL_INCONCLUSIVE:
        return CODE_INCONCLUSIVE;
    }
    return CODE_INTERNAL;
}

static enum code report_death(const struct child_end *end)
{
    (void)fprintf(stderr,
                  "faultline replay: the replay died of %s %d; this is an "
                  "error of faultline\n",
                  end->exited ? "exit code" : "signal",
                  end->exited ? end->code : end->signal);
    return CODE_INTERNAL;
}

/* The trace again `times` times, each compared with the first. */
static enum code replay_often(const struct retrace *retrace, uint64_t times)
{
    assert(times > 0);
    uint64_t started = wall_ms();
    struct retrace_end end = retrace_repeat(retrace, times, WALL_NEVER);
    (void)printf("identical %" PRIu64 " of %" PRIu64 "   %s   %" PRIu64 " ms\n",
                 end.identical, times, run_end_name(end.end),
                 wall_ms() - started);
    enum code code = judge_end(retrace->trace, end.end, end.detail);
    if (end.died) {
        return report_death(&end.child);
    }
    return end.identical == times ? code : CODE_DIVERGED;
}

/* The trace once, with its report. */
static enum code replay_once(const struct retrace *retrace,
                             const struct report_style *style, bool quiet)
{
    FILE *report = relay_open();
    if (report == NULL) {
        perror("faultline replay: no memory for the report");
        return CODE_IO;
    }
    struct finding_request request = {
        .runner = retrace->runner,
        .scenario = retrace->scenario,
        .trace = retrace->trace,
        .seed = retrace->trace->seed,
        .directory = retrace->directory,
        .style = *style,
        .report = report,
        .deadline = WALL_NEVER,
    };
    struct finding finding;
    finding_make(&request, &finding);
    enum code code = CODE_PASS;
    if (!finding.child.exited || finding.end == RUN_ENDS) {
        code = report_death(&finding.child);
    } else {
        if (finding.told && !quiet) {
            relay(report, stdout);
            (void)fflush(stdout);
        }
        code = judge_end(retrace->trace, finding.end, finding.detail);
        if (!finding.told || quiet) {
            (void)printf("%s: %s\n", run_end_name(finding.end),
                         finding.message[0] == '\0' ? finding.detail
                                                    : finding.message);
        }
    }
    (void)fclose(report);
    return code;
}

/* The run up to one step, or to its last one under a debugger. */
static enum code look_at(const struct texts *t, const struct retrace *retrace,
                         uint64_t step, const struct report_style *style)
{
    return t->in_process != 0 ? debug_here(retrace, step, style, true)
                              : debug_print(retrace, step, style);
}

static enum code replay_trace(const struct texts *t,
                              const struct arguments *arguments)
{
    uint64_t times = 1;
    uint64_t to = 0;
    struct report_style style;
    if (arguments->count != 1) {
        return options_complain("replay", "say one trace");
    }
    if (t->times != NULL && !options_number(t->times, 1, 1000000000, &times)) {
        return options_complain("replay", "--times %s: say a number from 1",
                                t->times);
    }
    if (!options_style(t->color, t->full != 0, &style)) {
        return options_complain(
            "replay", "--color %s: say auto, always or never", t->color);
    }
    if (t->to != NULL && !options_number(t->to, 0, UINT32_MAX, &to)) {
        return options_complain("replay", "--to %s: say the number of a step",
                                t->to);
    }
    struct retrace retrace;
    enum code code = retrace_open(&retrace, "replay", arguments->word[0]);
    if (code == CODE_PASS && t->gdb != 0) {
        code = debug_gdb(arguments->word[0], to);
    } else if (code == CODE_PASS && (t->to != NULL || t->in_process != 0)) {
        code = look_at(t, &retrace, to, &style);
    } else if (code == CODE_PASS) {
        code = t->times != NULL ? replay_often(&retrace, times)
                                : replay_once(&retrace, &style, t->quiet != 0);
    }
    retrace_close(&retrace);
    return code;
}

static int replay_main(int count, const char **words)
{
    struct texts t = {0};
    const struct poptOption table[] = {
        {"times", 'n', POPT_ARG_STRING, &t.times, 0,
         "repeat so often, and compare", "N"},
        {"to", '\0', POPT_ARG_STRING, &t.to, 0,
         "show the run up to this step, and where everybody is", "STEP"},
        {"gdb", '\0', POPT_ARG_NONE, &t.gdb, 0,
         "stop there under gdb; 'faultline threads' lists all stacks", NULL},
        {"in-process", '\0', POPT_ARG_NONE, &t.in_process, 0,
         "make the run in this process, for a debugger of yours", NULL},
        {"full", '\0', POPT_ARG_NONE, &t.full, 0, "show every step", NULL},
        {"color", '\0', POPT_ARG_STRING, &t.color, 0,
         "colours: auto, always, never", "WHEN"},
        {"quiet", 'q', POPT_ARG_NONE, &t.quiet, 0, "one line", NULL},
        POPT_TABLEEND,
    };
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    if (state == OPTIONS_READ) {
        code = replay_trace(&t, &arguments);
    }
    options_release(&arguments);
    return (int)code;
}

const struct command command_replay = {
    .name = "replay",
    .about = "make one recorded run again, exactly",
    .main = replay_main,
};
