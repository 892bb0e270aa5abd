/*
 * faultline shrink: from a failing trace to the smallest one that fails alike.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/relay.h"
#include "cli/retrace.h"
#include "harness/finding.h"
#include "harness/wall.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

struct texts {
    char *time_budget;
    char *out;
    char *color;
    int full;
    int quiet;
    int no_svg;
};

static const struct usage usage = {
    .command = "shrink",
    .arguments = "TRACE",
    .about =
        "Removes operations, faults and preemptions from a failing run for as "
        "long as it\nfails in the same way, and writes what is left to "
        "out/SCENARIO/SIGNATURE/.",
    .examples =
        "  faultline shrink out/treiber-aba/found-412/original.trace.json\n"
        "  faultline shrink --time-budget 5m "
        "out/treiber-aba/5f3a91c2/original.trace.json\n",
};

/* Says what is there now, or why there is nothing. */
static enum code report_finding(const struct finding *finding, FILE *report,
                                const char *out, bool quiet)
{
    assert(finding != NULL && report != NULL);
    if (!finding->child.exited) {
        (void)fputs("faultline shrink: it did not end in time, or died; the "
                    "trace is as it was\n",
                    stderr);
        return finding->child.too_late ? CODE_INCONCLUSIVE : CODE_INTERNAL;
    }
    if (!finding->reproduced) {
        (void)fprintf(stderr,
                      "faultline shrink: the trace does not fail when it is "
                      "replayed: %s%s%s\n",
                      run_end_name(finding->end),
                      finding->detail[0] == '\0' ? "" : ": ", finding->detail);
        return CODE_DIVERGED;
    }
    if (finding->told && !quiet) {
        relay(report, stdout);
    }
    const struct fl_record_shrink *s = &finding->shrink;
    (void)printf("%" PRIu32 " -> %" PRIu32 " operations, %" PRIu32
                 " -> %" PRIu32 " faults, %" PRIu32 " -> %" PRIu32
                 " preemptions%s%s\n",
                 s->operations_before, s->operations_after, s->faults_before,
                 s->faults_after, s->preemptions_before, s->preemptions_after,
                 s->fewest_proved ? " (no schedule with fewer fails)" : "",
                 s->complete ? "" : " (the budget ran out)");
    (void)fflush(stdout);
    if (finding->store_error != 0) {
        (void)fprintf(stderr,
                      "faultline: cannot write to %s/: %s\n"
                      "try: faultline shrink --out DIRECTORY\n",
                      out,
                      strerror(finding->store_error)); // NOLINT
    }
    if (finding->directory[0] != '\0') {
        (void)printf("%s/trace.json\n", finding->directory);
    }
    return finding->store_error != 0 ? CODE_IO : CODE_VIOLATION;
}

static enum code shrink_retrace(const struct texts *t,
                                const struct retrace *retrace,
                                const struct report_style *style,
                                uint64_t budget)
{
    assert(retrace->runner != NULL && retrace->trace != NULL);
    const char *out = t->out == NULL ? "out" : t->out;
    struct store store;
    store_init(&store, out, retrace->scenario->name);
    FILE *report = relay_open();
    if (report == NULL) {
        perror("faultline shrink: no memory for the report");
        return CODE_IO;
    }
    struct finding_request request = {
        .runner = retrace->runner,
        .scenario = retrace->scenario,
        .trace = retrace->trace,
        .seed = retrace->trace->seed,
        .store = &store,
        .style = *style,
        .report = report,
        .shrink = true,
        .draw = t->no_svg == 0,
        .deadline = wall_ms() + budget,
    };
    struct finding finding;
    finding_make(&request, &finding);
    enum code code = report_finding(&finding, report, out, t->quiet != 0);
    (void)fclose(report);
    return code;
}

static enum code shrink_file(const struct texts *t,
                             const struct arguments *arguments)
{
    uint64_t budget = 60000;
    struct report_style style;
    if (arguments->count != 1) {
        return options_complain("shrink", "say one trace");
    }
    if (t->time_budget != NULL && !options_time(t->time_budget, &budget)) {
        return options_complain("shrink",
                                "--time-budget %s: say a number with "
                                "its unit: 500ms, 60s, 5m",
                                t->time_budget);
    }
    if (!options_style(t->color, t->full != 0, &style)) {
        return options_complain(
            "shrink", "--color %s: say auto, always or never", t->color);
    }
    struct retrace retrace;
    enum code code = retrace_open(&retrace, "shrink", arguments->word[0]);
    if (code == CODE_PASS) {
        code = shrink_retrace(t, &retrace, &style, budget);
    }
    retrace_close(&retrace);
    return code;
}

static int shrink_main(int count, const char **words)
{
    struct texts t = {0};
    const struct poptOption table[] = {
        {"time-budget", 't', POPT_ARG_STRING, &t.time_budget, 0,
         "wall time (default 60s)", "60s"},
        {"out", 'o', POPT_ARG_STRING, &t.out, 0,
         "directory for what is found (default out)", "DIRECTORY"},
        {"no-svg", '\0', POPT_ARG_NONE, &t.no_svg, 0, "write .dot files only",
         NULL},
        {"full", '\0', POPT_ARG_NONE, &t.full, 0, "show every step", NULL},
        {"color", '\0', POPT_ARG_STRING, &t.color, 0,
         "colours: auto, always, never", "WHEN"},
        {"quiet", 'q', POPT_ARG_NONE, &t.quiet, 0, "no report", NULL},
        POPT_TABLEEND,
    };
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    if (state == OPTIONS_READ) {
        code = shrink_file(&t, &arguments);
    }
    options_release(&arguments);
    return (int)code;
}

const struct command command_shrink = {
    .name = "shrink",
    .about = "make a failing trace as small as it gets",
    .main = shrink_main,
};
