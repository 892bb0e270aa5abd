/*
 * faultline check: decide histories that were recorded elsewhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/check.h"
#include "cli/command.h"
#include "cli/decider.h"
#include "cli/draw.h"
#include "cli/follow.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "harness/model_plugin.h"
#include "harness/report/json.h"
#include "harness/scenario.h"
#include "harness/wall.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct texts {
    struct input_texts input;
    struct criteria_texts criteria;
    char *explain;
    char *out;
    char *max_states;
    char *max_configurations;
    char *time_budget;
    struct decider_texts decider;
    char *view;
    char *type;
    char *output;
    char *color;
    char **format;
    int full;
    int quiet;
    int online;
};

static const struct usage usage = {
    .command = "check",
    .arguments = "HISTORY...",
    .about =
        "Decides whether recorded histories (- is standard input) satisfy a "
        "model, and\nexplains the smallest failing part of those that do "
        "not.  The form of a history\nis guessed, and its model taken from "
        "its header or its operations, unless they\nare given.",
    .examples =
        "  faultline check history.jsonl\n"
        "  faultline check --model queue --criterion durable history.jsonl\n"
        "  record-my-system | faultline check --model register -\n"
        "  record-my-system | faultline check --online --model register -\n"
        "  faultline check --input knossos --initial 0 history.edn\n"
        "  faultline check --criterion all --out out history.jsonl\n"
        "  faultline check --criterion buffered_durable --max-loss '5 ops' h\n"
        "  faultline check --explain markdown history.jsonl >why.md\n"
        "  faultline check --view order -T svg -o order.svg history.jsonl\n",
};

/* What cannot be had online: another criterion, or what needs all of a history
 * at once.  To pass over it would be to answer another question. */
static enum code test_online(const struct texts *t, const struct session *s)
{
    const struct asked {
        const char *option;
        const char *text;
    } asked[] = {
        {"--max-loss", t->criteria.max_loss},
        {"--explain", t->explain},
        {"--out", t->out},
        {"--max-states", t->max_states},
        {"--time-budget", t->time_budget},
        {"--view", t->view},
        {"--type", t->type},
        {"--output", t->output},
    };
    if (s->weaker != NULL || s->criteria.criterion > FL_LINEARIZABLE ||
        s->criteria.all || s->criteria.relaxed) {
        const char *option = s->weaker != NULL ? "--model" : "--criterion";
        return options_complain(
            "check",
            "%s %s: --online judges by linearizable alone, and no weaker "
            "form; check without --online",
            option,
            s->weaker != NULL ? s->weaker->name : t->criteria.criterion);
    }
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        if (asked[i].text != NULL) {
            return options_complain(
                "check",
                "%s: --online keeps nothing of a history; check without it",
                asked[i].option);
        }
    }
    return CODE_PASS;
}

/* --max-configurations N. */
static enum code read_configurations(const struct texts *t, struct session *s)
{
    uint64_t number = 0;
    if (t->max_configurations == NULL) {
        return CODE_PASS;
    }
    if (t->online == 0) {
        return options_complain("check",
                                "--max-configurations: only --online follows "
                                "them at once; use --max-states");
    }
    if (!options_number(t->max_configurations, 1, UINT32_MAX - 1, &number)) {
        return options_complain("check",
                                "--max-configurations %s: say a number from 1",
                                t->max_configurations);
    }
    s->configurations = (uint32_t)number;
    return CODE_PASS;
}

static enum code read_texts(const struct texts *t, struct session *s)
{
    enum code said = decider_read("check", &t->decider, &s->asked);
    if (said != CODE_PASS) {
        return said;
    }
    uint64_t budget = 0;
    enum code code = input_reading("check", "--input", &t->input, &s->reading);
    if (code != CODE_PASS) {
        return code;
    }
    s->own_model = t->input.model != NULL && model_plugin_is(t->input.model);
    code = criteria_read("check", &t->criteria, &s->criteria);
    if (code != CODE_PASS) {
        return code;
    }
    s->weaker =
        t->input.model == NULL ? NULL : fl_weakening_find(t->input.model);
    if (s->weaker != NULL && (s->criteria.criterion > FL_LINEARIZABLE ||
                              s->criteria.all || s->criteria.relaxed)) {
        return options_complain("check",
                                "--criterion %s: %s is judged by linearizable "
                                "alone; use --model accumulator",
                                t->criteria.criterion, s->weaker->name);
    }
    if (!tell_read(t->explain, &s->tells)) {
        return options_complain(
            "check", "--explain %s: say text, markdown or json", t->explain);
    }
    s->directory = t->out;
    if (t->max_states != NULL &&
        !options_number(t->max_states, 1, UINT64_MAX - 9, &s->states)) {
        return options_complain("check", "--max-states %s: say a number",
                                t->max_states);
    }
    if (t->time_budget != NULL && !options_time(t->time_budget, &budget)) {
        return options_complain("check",
                                "--time-budget %s: say a number with "
                                "its unit: 500ms, 60s, 5m",
                                t->time_budget);
    }
    if (!options_style(t->color, t->full != 0, &s->style)) {
        return options_complain(
            "check", "--color %s: say auto, always or never", t->color);
    }
    s->deadline = budget == 0 ? WALL_NEVER : wall_ms() + budget;
    s->quiet = t->quiet != 0;
    s->online = t->online != 0;
    code = s->online ? test_online(t, s) : CODE_PASS;
    code = code == CODE_PASS ? read_configurations(t, s) : code;
    if (code != CODE_PASS) {
        return code;
    }
    s->draws = t->view != NULL || t->type != NULL || t->output != NULL;
    s->drawing = (struct drawing){.command = "check",
                                  .view = t->view,
                                  .type = t->type,
                                  .path = t->output};
    return drawing_check(&s->drawing);
}

static void check_file(struct session *s, const char *path)
{
    struct input input;
    bool more = input_open(&input, "check", path, &s->reading);
    while (more) {
        struct fl_header header;
        uint64_t started = wall_ns();
        struct fl_history *h = input_next(&input, &header);
        uint64_t parse_ns = wall_ns() - started;
        more = h != NULL;
        if (more) {
            s->format = fl_reader_format(input.reader);
            assert(s->format != NULL);
            check_decide(s, input.path, h, &header, parse_ns);
        }
        fl_history_free(h);
    }
    s->code = code_worse(s->code, input.code);
    input_close(&input);
}

/* Follows a stream: see cli/follow.h. */
static void follow(struct session *s, const char *path)
{
    struct follow how = {.reading = &s->reading,
                         .criteria = &s->criteria,
                         .configurations = s->configurations,
                         .text =
                             s->quiet ? NULL : s->output.stream[OUTPUT_TEXT],
                         .jsonl = s->output.stream[OUTPUT_JSONL]};
    s->code = code_worse(s->code, follow_file(&how, path));
}

static void print_totals(const struct session *s)
{
    FILE *text = s->output.stream[OUTPUT_TEXT];
    if (text == NULL || s->online || s->draws || s->tells >= TELL_MARKDOWN ||
        (s->histories < 2 && !s->quiet)) {
        return;
    }
    (void)fprintf(text,
                  "%" PRIu32 " failed, %" PRIu32 " passed, %" PRIu32
                  " inconclusive, of %" PRIu32 " histories     exit %d\n",
                  s->verdicts[FL_VIOLATION], s->verdicts[FL_PASS],
                  s->verdicts[FL_INCONCLUSIVE], s->histories, (int)s->code);
}

static enum code run_session(struct session *s,
                             const struct arguments *arguments)
{
    if (arguments->count == 0) {
        return options_complain("check", "no history; - is standard input");
    }
    if (s->output.stream[OUTPUT_JUNIT] != NULL) {
        return options_complain("check", "--format junit: say text or jsonl");
    }
    for (uint32_t i = 0; i < arguments->count; i++) {
        if (s->online) {
            follow(s, arguments->word[i]);
        } else {
            check_file(s, arguments->word[i]);
        }
    }
    if (s->draws && !s->drawn && s->code == CODE_PASS) {
        (void)fputs("faultline check: nothing to draw: the history passes\n",
                    stderr);
    }
    print_totals(s);
    return s->code;
}

static int check_main(int count, const char **words)
{
    struct texts t = {0};
    const struct poptOption table[] = {
        {"model", 'm', POPT_ARG_STRING, &t.input.model, 0,
         "the specification: see 'faultline list models'", "MODEL"},
        {"input", 'i', POPT_ARG_STRING, &t.input.format, 0,
         "the form of the histories: see 'faultline list formats'", "FORMAT"},
        {"initial", '\0', POPT_ARG_STRING, &t.input.initial, 0,
         "what the object holds at first", "NUMBER"},
        {"lenient", '\0', POPT_ARG_NONE, &t.input.lenient, 0,
         "take a last line that is cut off for the end", NULL},
        {"criterion", 'c', POPT_ARG_STRING, &t.criteria.criterion, 0,
         "what it is held to; all: the strongest that holds", "CRITERION"},
        {"max-loss", '\0', POPT_ARG_STRING, &t.criteria.max_loss, 0,
         "what a crash may lose: 5 ops, 10ms (buffered criteria)", "AMOUNT"},
        {"relax", '\0', POPT_ARG_STRING, &t.criteria.relax, 0,
         "of models that may be out of order: by so much", "K"},
        {"explain", '\0', POPT_ARG_STRING, &t.explain, 0,
         "why it passes or fails, as text, markdown or json", "FORM"},
        {"out", '\0', POPT_ARG_STRING, &t.out, 0,
         "drawings of what fails into this directory", "DIR"},
        {"max-states", '\0', POPT_ARG_STRING, &t.max_states, 0,
         "model steps to try for one history", "N"},
        {"max-configurations", '\0', POPT_ARG_STRING, &t.max_configurations, 0,
         "with --online: to follow at once, of one object", "N"},
        {"time-budget", 't', POPT_ARG_STRING, &t.time_budget, 0,
         "wall time for everything", "60s"},
        DECIDER_OPTIONS(t.decider),
        {"online", '\0', POPT_ARG_NONE, &t.online, 0,
         "judge a stream while it comes, and keep nothing of it", NULL},
        {"view", '\0', POPT_ARG_STRING, &t.view, 0,
         "draw the first violation instead of reporting", "VIEW"},
        {"type", 'T', POPT_ARG_STRING, &t.type, 0,
         "drawing as dot, svg, png or pdf", "TYPE"},
        {"output", 'o', POPT_ARG_STRING, &t.output, 0, "drawing to this file",
         "FILE"},
        {"format", '\0', POPT_ARG_ARGV, &t.format, 0, "text or jsonl",
         "KIND[=FILE]"},
        {"color", '\0', POPT_ARG_STRING, &t.color, 0,
         "colours: auto, always, never", "WHEN"},
        {"full", '\0', POPT_ARG_NONE, &t.full, 0, "fold nothing", NULL},
        {"quiet", 'q', POPT_ARG_NONE, &t.quiet, 0, "only the totals", NULL},
        POPT_TABLEEND,
    };
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    struct session s = {0};
    if (state == OPTIONS_READ) {
        code = read_texts(&t, &s);
        if (code == CODE_PASS) {
            code =
                output_open(&s.output, "check", (const char *const *)t.format);
        }
        if (code == CODE_PASS) {
            code = run_session(&s, &arguments);
            code = code_worse(code, output_close(&s.output));
        }
    }
    options_release(&arguments);
    return (int)code;
}

const struct command command_check = {
    .name = "check",
    .about = "decide recorded histories, and explain those that fail",
    .main = check_main,
};
