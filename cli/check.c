/*
 * faultline check: decide histories that were recorded elsewhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/account.h"
#include "cli/command.h"
#include "cli/draw.h"
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

enum {
    CRITERIA_MAX = 16,
    REPORTS_MAX = 5, /* failing histories told in full; others in a line */
};

struct texts {
    struct input_texts input;
    char *criterion;
    char *max_states;
    char *time_budget;
    char *decider;
    char *view;
    char *type;
    char *output;
    char *color;
    char **format;
    int full;
    int quiet;
};

/* One `check` command. */
struct session {
    struct fl_reading reading;
    const struct fl_format *format; /* of the history that is decided */
    int criterion;                  /* -1: as the headers say */
    enum fl_decider decider;
    uint64_t states;
    uint64_t deadline;
    struct report_style style;
    struct output output;
    struct drawing drawing;
    bool own_model; /* of a plug-in, which is tried on each history */
    bool draws;     /* a view is wanted instead of reports */
    bool drawn;
    bool quiet;
    enum code code;
    uint32_t histories;
    uint32_t verdicts[3];
    uint32_t reports;
};

/* One history of a file, and its answer. */
struct decision_of {
    const char *path;
    const struct fl_history *history;
    const struct fl_header *header;
    const struct fl_format *format;
    struct fl_options options;
    const struct fl_result *result;
    uint64_t milliseconds;
    uint64_t parse_ns;
    uint64_t check_ns;
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
        "  faultline check --input knossos --initial 0 history.edn\n"
        "  faultline check --view order -T svg -o order.svg history.jsonl\n",
};

static enum code bad_criterion(const char *name)
{
    assert(name != NULL);
    _Static_assert((int)FL_BUFFERED_STRICT < CRITERIA_MAX,
                   "there is room for all");
    const char *names[CRITERIA_MAX + 1] = {NULL};
    for (uint32_t i = 0; i <= FL_BUFFERED_STRICT; i++) {
        names[i] = fl_criterion_name((enum fl_criterion)i);
    }
    const char *nearest = scenario_nearest(name, names);
    return options_complain("check",
                            "--criterion %s: say linearizable, strict, "
                            "persistent, recoverable, durable, "
                            "durable_strict, sequential, quiescent, "
                            "detectable, buffered_durable or "
                            "buffered_strict%s%s%s",
                            name, nearest == NULL ? "" : "; did you mean ",
                            nearest == NULL ? "" : nearest,
                            nearest == NULL ? "" : "?");
}

static bool read_decider(const char *text, enum fl_decider *decider)
{
    static const char *const names[] = {"auto", "search", "monitor"};
    static const enum fl_decider deciders[] = {
        FL_DECIDER_AUTO, FL_DECIDER_SEARCH, FL_DECIDER_MONITOR};
    assert(decider != NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (text == NULL || strcmp(text, names[i]) == 0) {
            *decider = deciders[i];
            return true;
        }
    }
    return false;
}

static enum code read_texts(const struct texts *t, struct session *s)
{
    if (!read_decider(t->decider, &s->decider)) {
        return options_complain(
            "check", "--decider %s: say auto, search or monitor", t->decider);
    }
    uint64_t budget = 0;
    s->criterion = -1;
    enum code code = input_reading("check", "--input", &t->input, &s->reading);
    if (code != CODE_PASS) {
        return code;
    }
    s->own_model = t->input.model != NULL && model_plugin_is(t->input.model);
    if (t->criterion != NULL) {
        s->criterion = fl_criterion_find(t->criterion);
        if (s->criterion < 0) {
            return bad_criterion(t->criterion);
        }
    }
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
    s->draws = t->view != NULL || t->type != NULL || t->output != NULL;
    s->drawing = (struct drawing){.command = "check",
                                  .view = t->view,
                                  .type = t->type,
                                  .path = t->output};
    return drawing_check(&s->drawing);
}

static uint32_t count_open(const struct fl_history *h)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        count += h->operations[i].ret == FL_OPEN;
    }
    return count;
}

static const char *exhausted_name(enum fl_exhausted exhausted)
{
    switch (exhausted) {
    case FL_WITHIN:
        return "no budget";
    case FL_NODES:
        return "the state budget";
    case FL_BYTES:
        return "the memory budget";
    case FL_TIME:
        return "the time budget";
    }
    return "a budget";
}

static void print_line(const struct decision_of *d, FILE *out)
{
    assert(d->result != NULL && d->header != NULL);
    const struct fl_result *result = d->result;
    (void)fprintf(out, "%-12s  %s:%" PRIu32, fl_verdict_name(result->verdict),
                  d->path, d->header->line);
    if (d->header->id[0] != '\0') {
        (void)fprintf(out, "  %s", d->header->id);
    }
    (void)fprintf(out,
                  "  %s, %s, %" PRIu32 " operations, %" PRIu32 " open, %" PRIu64
                  " states, %" PRIu64 " ms",
                  d->history->model->name,
                  fl_criterion_name(d->options.criterion), d->history->count,
                  count_open(d->history), result->nodes, d->milliseconds);
    if (d->format != fl_formats[0]) {
        (void)fprintf(out, ", read as %s", d->format->name);
    }
    if (result->verdict == FL_INCONCLUSIVE) {
        (void)fprintf(out,
                      "; %s ran out, give more with --max-states or "
                      "--time-budget",
                      exhausted_name(result->exhausted));
    }
    (void)fputc('\n', out);
}

static void print_json(const struct decision_of *d, FILE *out)
{
    assert(d->result != NULL && d->header != NULL);
    struct json j;
    json_init(&j, out, 0);
    json_open(&j, NULL, '{');
    json_text(&j, "event", "history");
    json_unsigned(&j, "schema", 1);
    json_text(&j, "file", d->path);
    json_unsigned(&j, "line", d->header->line);
    json_text(&j, "id", d->header->id[0] == '\0' ? NULL : d->header->id);
    json_text(&j, "format", d->format->name);
    json_text(&j, "model", d->history->model->name);
    json_text(&j, "criterion", fl_criterion_name(d->options.criterion));
    json_unsigned(&j, "operations", d->history->count);
    json_unsigned(&j, "open", count_open(d->history));
    json_text(&j, "verdict", fl_verdict_name(d->result->verdict));
    json_text(&j, "expect",
              d->header->expect < 0
                  ? NULL
                  : fl_verdict_name((enum fl_verdict)d->header->expect));
    json_unsigned(&j, "states", d->result->nodes);
    json_text(&j, "decider", d->result->decider);
    json_text(&j, "pattern",
              d->result->pattern[0] == '\0' ? NULL : d->result->pattern);
    json_unsigned(&j, "configurations", d->result->entries);
    json_unsigned(&j, "parse_ns", d->parse_ns);
    json_unsigned(&j, "check_ns", d->check_ns);
    json_unsigned(&j, "milliseconds", d->milliseconds);
    json_close(&j);
}

/* Tells or draws a failing history. */
static void tell(struct session *s, const struct decision_of *d)
{
    FILE *text = s->output.stream[OUTPUT_TEXT];
    bool report =
        text != NULL && !s->quiet && !s->draws && s->reports < REPORTS_MAX;
    bool draw = s->draws && !s->drawn;
    if (!report && !draw) {
        return;
    }
    struct fl_options options = d->options;
    if (options.budget.milliseconds == 0) {
        options.budget.milliseconds = 10000; /* each decision of minimising */
    }
    struct account *account =
        account_new(d->header->id[0] == '\0' ? d->path : d->header->id,
                    d->history, &options);
    if (account == NULL) {
        (void)fputs("faultline check: no memory to explain the history\n",
                    stderr);
        s->code = code_worse(s->code, CODE_INTERNAL);
        return;
    }
    if (report) {
        report_failure(&account->record, &s->style, text);
        s->reports++;
    } else {
        s->code =
            code_worse(s->code, drawing_make(&s->drawing, &account->record));
        s->drawn = true;
    }
    account_free(account);
}

static void keep_verdict(struct session *s, const struct decision_of *d)
{
    assert(d->result->verdict <= FL_INCONCLUSIVE);
    s->histories++;
    s->verdicts[d->result->verdict]++;
    switch (d->result->verdict) {
    case FL_PASS:
        if (!fl_witness_holds(d->history, &d->options, d->result->order,
                              d->result->order_count)) {
            (void)fprintf(stderr,
                          "faultline check: %s:%" PRIu32
                          ": internal error: the witness does not hold\n",
                          d->path, d->header->line);
            s->code = code_worse(s->code, CODE_INTERNAL);
        }
        break;
    case FL_VIOLATION:
        s->code = code_worse(s->code, CODE_VIOLATION);
        tell(s, d);
        break;
    case FL_INCONCLUSIVE:
        s->code = code_worse(s->code, CODE_INCONCLUSIVE);
        break;
    }
}

/* Whether the user's own model keeps its promises on this history. */
static bool is_model_sound(struct session *s, const struct decision_of *d)
{
    char text[300];
    if (model_plugin_try(d->history, &d->options, text, sizeof(text))) {
        return true;
    }
    (void)fprintf(stderr,
                  "faultline check: %s:%" PRIu32 ": not decided: %s\n"
                  "checker/model.h says what a model promises\n",
                  d->path, d->header->line, text);
    s->code = code_worse(s->code, CODE_INPUT);
    return false;
}

/* Decides one history. */
static void decide(struct session *s, const char *path,
                   const struct fl_history *h, const struct fl_header *header,
                   uint64_t parse_ns)
{
    assert(h != NULL && h->model != NULL);
    struct decision_of d = {.path = path,
                            .history = h,
                            .header = header,
                            .format = s->format,
                            .parse_ns = parse_ns};
    d.options.decider = s->decider;
    int criterion = s->criterion >= 0 ? s->criterion : header->criterion;
    d.options.criterion =
        criterion < 0 ? FL_LINEARIZABLE : (enum fl_criterion)criterion;
    d.options.capacity = header->capacity;
    if (s->own_model && !is_model_sound(s, &d)) {
        return;
    }
    d.options.budget.nodes = s->states;
    if (s->deadline != WALL_NEVER) {
        int left = wall_left(s->deadline, INT32_MAX);
        d.options.budget.milliseconds = left == 0 ? 1 : (uint32_t)left;
    }
    uint64_t started = wall_ns();
    struct fl_result *result = NULL;
    if (fl_check(h, &d.options, &result) != FL_OK) {
        (void)fprintf(stderr, "faultline check: %s: no memory\n", path);
        s->code = code_worse(s->code, CODE_INTERNAL);
        return;
    }
    d.result = result;
    d.check_ns = wall_ns() - started;
    d.milliseconds = d.check_ns / 1000000;
    keep_verdict(s, &d);
    if (s->output.stream[OUTPUT_TEXT] != NULL && !s->quiet && !s->draws) {
        print_line(&d, s->output.stream[OUTPUT_TEXT]);
    }
    if (s->output.stream[OUTPUT_JSONL] != NULL) {
        print_json(&d, s->output.stream[OUTPUT_JSONL]);
    }
    fl_result_free(result);
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
            decide(s, input.path, h, &header, parse_ns);
        }
        fl_history_free(h);
    }
    s->code = code_worse(s->code, input.code);
    input_close(&input);
}

static void print_totals(const struct session *s)
{
    FILE *text = s->output.stream[OUTPUT_TEXT];
    if (text == NULL || s->draws || (s->histories < 2 && !s->quiet)) {
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
        check_file(s, arguments->word[i]);
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
        {"criterion", 'c', POPT_ARG_STRING, &t.criterion, 0,
         "what becomes of operations that a crash cut off", "CRITERION"},
        {"max-states", '\0', POPT_ARG_STRING, &t.max_states, 0,
         "model steps to try for one history", "N"},
        {"time-budget", 't', POPT_ARG_STRING, &t.time_budget, 0,
         "wall time for everything", "60s"},
        {"decider", '\0', POPT_ARG_STRING, &t.decider, 0,
         "who decides: auto, search or monitor", "WHO"},
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
