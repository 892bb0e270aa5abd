/*
 * faultline graph: draw a trace or a failing history.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/account.h"
#include "cli/command.h"
#include "cli/draw.h"
#include "cli/input.h"
#include "cli/kept.h"
#include "cli/options.h"
#include "cli/retrace.h"
#include "harness/child.h"
#include "harness/narrate.h"
#include "harness/signature.h"
#include "harness/wall.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
    PEEK_MAX = 256 /* bytes looked at to tell a trace from a history */
};

struct texts {
    char *view;
    char *type;
    char *output;
    struct input_texts input;
};

static const struct usage usage = {
    .command = "graph",
    .arguments = "TRACE|HISTORY",
    .about =
        "Draws a recorded run, or the smallest failing part of a history, "
        "whatever its format.\nDOT text on standard output, unless -T asks "
        "Graphviz for something else.",
    .examples =
        "  faultline graph --view steps out/treiber-aba/5f3a91c2/trace.json\n"
        "  faultline graph --view proof -T svg -o proof.svg trace.json\n"
        "  faultline graph --view order history.jsonl | dot -Tx11\n"
        "  faultline graph --input porcupine-kv -T svg -o kv.svg kv.log\n",
};

/* What the child that replays a trace draws. */
struct scene {
    const struct retrace *retrace;
    const struct drawing *drawing;
};

static int draw_in_child(void *argument)
{
    const struct scene *scene = argument;
    const struct retrace *retrace = scene->retrace;
    struct run_request request = {.mode = RUN_REPLAY, .trace = retrace->trace};
    struct run_outcome outcome;
    runner_run(retrace->runner, &request, &outcome);
    if (outcome.end == RUN_DIVERGED) {
        (void)fprintf(stderr, "faultline graph: the replay diverged: %s\n",
                      outcome.detail);
        return CODE_DIVERGED;
    }
    char signature[SIGNATURE_MAX];
    signature_write(retrace->scenario, &outcome, retrace->trace, signature);
    struct kept kept; /* zero where nothing is known */
    (void)kept_read(&kept, retrace->directory, signature, retrace->trace);
    struct narrate_request n = {
        .schedule = kept.schedule,
        .schedules = kept.schedules,
        .shrink = kept.shrink,
        .runner = retrace->runner,
        .outcome = &outcome,
        .scenario = retrace->scenario,
        .trace = retrace->trace,
        .signature = signature,
        .directory = retrace->directory,
    };
    struct narrative *narrative = narrate(&n);
    enum code code = drawing_make(scene->drawing, &narrative->record);
    narrative_free(narrative);
    return (int)code;
}

static enum code draw_trace(const struct drawing *drawing, const char *path)
{
    struct retrace retrace;
    enum code code = retrace_open(&retrace, "graph", path);
    if (code == CODE_PASS) {
        struct scene scene = {.retrace = &retrace, .drawing = drawing};
        struct child_end end =
            child_run(draw_in_child, &scene, WALL_NEVER, NULL);
        code = end.exited ? (enum code)end.code : CODE_INTERNAL;
        if (!end.exited) {
            (void)fprintf(stderr,
                          "faultline graph: the replay died of signal "
                          "%d\n",
                          end.signal);
        }
    }
    retrace_close(&retrace);
    return code;
}

/* Draws `h` if it fails; *failed says so. */
static enum code draw_failing(const struct drawing *drawing, const char *path,
                              const struct fl_history *h,
                              const struct fl_header *header, bool *failed)
{
    assert(h != NULL && failed != NULL);
    struct fl_options options = {
        .criterion = header->criterion < 0
                         ? FL_LINEARIZABLE
                         : (enum fl_criterion)header->criterion,
        .capacity = header->capacity,
        .budget = {.milliseconds = 30000},
    };
    struct fl_result *result = NULL;
    if (fl_check(h, &options, &result) != FL_OK) {
        (void)fputs("faultline graph: no memory\n", stderr);
        return CODE_INTERNAL;
    }
    enum fl_verdict verdict = result->verdict;
    fl_result_free(result);
    *failed = verdict == FL_VIOLATION;
    if (!*failed) {
        return verdict == FL_PASS ? CODE_PASS : CODE_INCONCLUSIVE;
    }
    struct account *account = account_new(path, h, &options);
    enum code code = CODE_INTERNAL;
    if (account != NULL) {
        code = drawing_make(drawing, &account->record);
    }
    account_free(account);
    return code;
}

/* Draws the first history of the file that fails. */
static enum code draw_histories(const struct drawing *drawing, const char *path,
                                const struct fl_reading *reading)
{
    assert(reading != NULL);
    struct input input;
    enum code code = CODE_PASS;
    bool failed = false;
    bool more = input_open(&input, "graph", path, reading);
    while (more && !failed) {
        struct fl_header header;
        struct fl_history *h = input_next(&input, &header);
        more = h != NULL;
        if (more) {
            enum code drawn =
                draw_failing(drawing, input.path, h, &header, &failed);
            code = code_worse(code, drawn);
        }
        fl_history_free(h);
    }
    if (!failed && input.code == CODE_PASS) {
        (void)fputs("faultline graph: nothing to draw: no history fails\n",
                    stderr);
        code = code_worse(code, CODE_NOTHING);
    }
    code = code_worse(code, input.code);
    input_close(&input);
    return code;
}

/* A trace is an object which says early what it is. */
static bool is_trace(FILE *file)
{
    assert(file != NULL);
    char text[PEEK_MAX + 1];
    size_t size = fread(text, 1, PEEK_MAX, file);
    text[size] = '\0';
    return text[strspn(text, " \t\r\n")] == '{' &&
           strstr(text, "\"faultline_trace\"") != NULL;
}

/* Draws what `path` holds: a history if the command line says how to read it,
 * or if it does not look like a trace. */
static enum code draw_file(const struct drawing *drawing, const char *path,
                           const struct input_texts *texts)
{
    struct fl_reading reading;
    enum code code = input_reading("graph", "--input", texts, &reading);
    if (code != CODE_PASS) {
        return code;
    }
    if (strcmp(path, "-") == 0 || texts->format != NULL) {
        return draw_histories(drawing, path, &reading);
    }
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        (void)fprintf(stderr, "faultline graph: cannot read %s: %s\n", path,
                      strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        return CODE_INPUT;
    }
    bool trace = is_trace(file);
    (void)fclose(file);
    return trace ? draw_trace(drawing, path)
                 : draw_histories(drawing, path, &reading);
}

static enum code draw(const struct texts *t, const struct arguments *arguments)
{
    if (arguments->count != 1) {
        return options_complain("graph", "say one trace or history");
    }
    struct drawing drawing = {.command = "graph",
                              .view = t->view,
                              .type = t->type,
                              .path = t->output};
    enum code code = drawing_check(&drawing);
    return code != CODE_PASS
               ? code
               : draw_file(&drawing, arguments->word[0], &t->input);
}

static int graph_main(int count, const char **words)
{
    struct texts t = {0};
    const struct poptOption table[] = {
        {"view", '\0', POPT_ARG_STRING, &t.view, 0,
         "timeline, order, proof, steps or network", "VIEW"},
        {"type", 'T', POPT_ARG_STRING, &t.type, 0, "dot, svg, png or pdf",
         "TYPE"},
        {"output", 'o', POPT_ARG_STRING, &t.output, 0, "to this file", "FILE"},
        {"input", 'i', POPT_ARG_STRING, &t.input.format, 0,
         "of a history: its format, or auto", "FORMAT"},
        {"model", 'm', POPT_ARG_STRING, &t.input.model, 0,
         "of a history: instead of its header's", "MODEL"},
        {"initial", '\0', POPT_ARG_STRING, &t.input.initial, 0,
         "of a history: what the object holds at first", "NUMBER"},
        {"lenient", '\0', POPT_ARG_NONE, &t.input.lenient, 0,
         "of a history: a last line that is cut off is the end", NULL},
        POPT_TABLEEND,
    };
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    if (state == OPTIONS_READ) {
        code = draw(&t, &arguments);
    }
    options_release(&arguments);
    return (int)code;
}

const struct command command_graph = {
    .name = "graph",
    .about = "draw a recorded run or a failing history",
    .main = graph_main,
};
