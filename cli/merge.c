/*
 * faultline merge: the result directories of several machines as one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/command.h"
#include "cli/gather.h"
#include "cli/judge.h"
#include "cli/keep.h"
#include "cli/options.h"
#include "cli/output.h"
#include "harness/need.h"

#include <assert.h>
#include <stdlib.h>

struct texts {
    char *out;
    char *color;
    char **format;
};

static const struct usage usage = {
    .command = "merge",
    .arguments = "DIRECTORY...",
    .about =
        "Joins the result directories of shards, which may have run on other "
        "machines:\ntheir numbers are added up, a failure that several found "
        "is one, and all of\nthem lie in --out.  The exit code is that of the "
        "whole campaign.",
    .examples = "  faultline run --shard 1/2 --out one scenarios\n"
                "  faultline run --shard 2/2 --out two scenarios\n"
                "  faultline merge one two --out both\n",
};

/* Prints the joined campaigns in all formats; gives the code of the worst. */
static enum code print_joined(const struct output *output,
                              const struct report_style *style,
                              const struct results_summary *all, uint32_t count)
{
    assert(output != NULL && style != NULL && (all != NULL || count == 0));
    enum code code = count == 0 ? CODE_NOTHING : CODE_PASS;
    struct campaign_summary campaign = {.version = version_text,
                                        .seed = "",
                                        .scenarios_count = count,
                                        .workers = 1};
    struct scenario_summary *summaries =
        need(calloc(count == 0 ? 1 : count, sizeof(*summaries)), "a merge");
    for (uint32_t i = 0; i < count; i++) {
        summaries[i] = all[i].summary;
        campaign.wall_ms += summaries[i].wall_ms;
        campaign.seed = summaries[i].seed;
        code = code_worse(code, judge_kept(summaries[i].status));
        output_scenario(output, &summaries[i], style->colour, true);
    }
    campaign.scenarios = summaries;
    campaign.exit_code = (int)code;
    output_campaign(output, &campaign, style->colour);
    free(summaries);
    return code;
}

static enum code merge(const char *out, const struct arguments *arguments,
                       const struct report_style *style,
                       const struct output *output)
{
    assert(out != NULL && arguments->count > 0);
    struct results *results = keep_open(out);
    if (results == NULL) {
        return CODE_IO;
    }
    enum code code = CODE_PASS;
    for (uint32_t i = 0; i < arguments->count; i++) {
        code =
            code_worse(code, gather(results, out, arguments->word[i], stderr));
    }
    uint32_t count = 0;
    struct results_summary *all = results_joined(results, &count);
    if (count == 0) {
        (void)fputs("faultline merge: no campaign in any of them has come to "
                    "its end\n",
                    stderr);
    }
    code = code_worse(code, results_failed(results) ? CODE_IO : CODE_PASS);
    code = code_worse(code, print_joined(output, style, all, count));
    for (uint32_t i = 0; i < count; i++) {
        results_summary_free(&all[i]);
    }
    free(all);
    results_close(results);
    return code;
}

static enum code merge_texts(const struct texts *t,
                             const struct arguments *arguments)
{
    struct report_style style;
    struct output output = {0};
    if (arguments->count == 0) {
        return options_complain("merge", "say which result directories");
    }
    if (!options_style(t->color, false, &style)) {
        return options_complain(
            "merge", "--color %s: say auto, always or never", t->color);
    }
    enum code code =
        output_open(&output, "merge", (const char *const *)t->format);
    if (code != CODE_PASS) {
        return code;
    }
    code = merge(t->out == NULL ? "out" : t->out, arguments, &style, &output);
    return code_worse(code, output_close(&output));
}

static int merge_main(int count, const char **words)
{
    struct texts t = {0};
    const struct poptOption table[] = {
        {"out", 'o', POPT_ARG_STRING, &t.out, 0,
         "directory for the whole (default out)", "DIRECTORY"},
        {"format", '\0', POPT_ARG_ARGV, &t.format, 0,
         "text, jsonl or junit; may be repeated", "KIND[=FILE]"},
        {"color", '\0', POPT_ARG_STRING, &t.color, 0,
         "colours: auto, always, never", "WHEN"},
        POPT_TABLEEND,
    };
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    if (state == OPTIONS_READ) {
        code = merge_texts(&t, &arguments);
    }
    options_release(&arguments);
    return (int)code;
}

const struct command command_merge = {
    .name = "merge",
    .about = "join the results of several machines",
    .main = merge_main,
};
