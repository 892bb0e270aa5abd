/*
 * faultline run: examine scenarios and report.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/command.h"
#include "cli/corpus.h"
#include "cli/examine.h"
#include "cli/keep.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/program.h"
#include "cli/select.h"
#include "harness/need.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/wall.h"

#include <assert.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SEED_DEFAULT 0x5eed1au

/* The options, as popt stores them. */
struct texts {
    char *seed;
    char *jobs;
    char *time_budget;
    char *schedules;
    char *first;
    char *max_states;
    char *only;
    char *variant;
    char *strategy;
    char *memory;
    char *out;
    char *color;
    char *shard;
    char *corpus;
    char **format;
    int resume;
    struct program_texts program;
    int fail_fast;
    int keep_going;
    int no_shrink;
    int no_svg;
    int full;
    int quiet;
    int verbose;
};

/* One `run` command. */
struct session {
    struct examination how;
    struct ledger ledger;
    struct output output;
    struct status status;
    struct interrupt interrupt;
    const char *only;
    const char *corpus;                  /* NULL: none */
    struct corpus known;                 /* what it holds */
    const struct program_texts *program; /* instead of files; or NULL */
    uint64_t states;
    bool memory_set;
    enum memory_model memory; /* instead of the scenarios' */
    bool verbose;
    enum code code;
    char seed[24];
    char timestamp[32];
    uint64_t started;
    uint32_t count;
    struct result *results[SELECT_MAX];
};

static const struct usage usage = {
    .command = "run",
    .arguments = "[SCENARIO|DIRECTORY|-]...",
    .about =
        "Runs scenarios: explores schedules and faults, checks every history, "
        "shrinks\nand explains each distinct failure, and keeps it in out/. "
        "Without arguments:\nall scenarios in ./scenarios, or a built-in one "
        "if there is no such directory.\n\nEach option may come from the "
        "environment: FAULTLINE_SEED, FAULTLINE_JOBS,\nFAULTLINE_TIME_BUDGET, "
        "...  The same seed gives the same first failure for any\nnumber of "
        "jobs.",
    .examples = "  faultline run scenarios/treiber-aba.yaml\n"
                "  faultline run --seed random --time-budget 60s scenarios\n"
                "  faultline run --variant aba --fail-fast "
                "scenarios/treiber-sound.yaml\n"
                "  faultline run --only 'ms_queue*' --format junit=junit.xml\n"
                "  faultline run --program test.c --define CASE=3\n",
};

static enum code bad(const char *option, const char *text, const char *wanted)
{
    assert(option != NULL && text != NULL && wanted != NULL);
    return options_complain("run", "--%s %s: say %s", option, text, wanted);
}

static enum code check_strategy(const char *name)
{
    const char *names[STRATEGIES_MAX + 1] = {NULL};
    for (uint32_t i = 0; i < STRATEGIES_MAX && strategies[i] != NULL; i++) {
        names[i] = strategies[i]->name;
    }
    if (name == NULL || strategy_find(name) != NULL) {
        return CODE_PASS;
    }
    const char *nearest = scenario_nearest(name, names);
    return options_complain("run",
                            "--strategy %s: unknown strategy%s%s%s\nsee: "
                            "faultline list strategies",
                            name, nearest == NULL ? "" : "; did you mean ",
                            nearest == NULL ? "" : nearest,
                            nearest == NULL ? "" : "?");
}

/* What needs no reading. */
static void take_switches(const struct texts *t, struct session *s)
{
    struct examination *how = &s->how;
    how->fail_fast = t->fail_fast != 0;
    how->keep_going = t->keep_going != 0;
    how->shrink = t->no_shrink == 0;
    how->draw = t->no_svg == 0;
    how->strategy = t->strategy;
    how->variant = t->variant;
    how->out = t->out == NULL ? "out" : t->out;
    how->resume = t->resume != 0;
    how->verbose = t->verbose != 0;
    s->verbose = how->verbose;
    s->only = t->only;
    s->corpus = t->corpus;
    s->program = program_named(&t->program) ? &t->program : NULL;
}

/* Turns the texts into numbers; CODE_USAGE if one is wrong. */
static enum code read_texts(const struct texts *t, struct session *s)
{
    struct examination *how = &s->how;
    uint64_t budget = 0;
    how->seed = SEED_DEFAULT;
    if (t->seed != NULL && !options_seed(t->seed, &how->seed)) {
        return bad("seed", t->seed, "a number, 0x and hex digits, or random");
    }
    if (t->jobs != NULL && !options_jobs(t->jobs, &how->jobs)) {
        return bad("jobs", t->jobs, "a number from 1 to 64, or auto");
    }
    if (t->time_budget != NULL && !options_time(t->time_budget, &budget)) {
        return bad("time-budget", t->time_budget,
                   "a number with its unit: 500ms, 60s, 5m or 1h");
    }
    if (t->schedules != NULL &&
        !options_number(t->schedules, 1, 1000000000000, &how->schedules)) {
        return bad("schedules", t->schedules, "a number from 1");
    }
    if (t->first != NULL &&
        !options_number(t->first, 1, 1000000000000, &how->first)) {
        return bad("first", t->first, "the number of a run, from 1");
    }
    if (t->max_states != NULL &&
        !options_number(t->max_states, 1, UINT64_MAX - 9, &s->states)) {
        return bad("max-states", t->max_states, "a number from 1");
    }
    s->memory_set = t->memory != NULL;
    if (t->memory != NULL && !scenario_memory_named(t->memory, &s->memory)) {
        return bad("memory", t->memory, "sc, tso or c11");
    }
    if (!options_style(t->color, t->full != 0, &how->style)) {
        return bad("color", t->color, "auto, always or never");
    }
    if (t->fail_fast != 0 && t->keep_going != 0) {
        return options_complain("run", "--fail-fast and --keep-going exclude "
                                       "each other");
    }
    how->deadline = budget == 0 ? WALL_NEVER : s->started + budget;
    take_switches(t, s);
    char error[SHARD_ERROR_MAX];
    if (t->shard != NULL && !shard_read(t->shard, getenv, &how->shard, error)) {
        return options_complain("run", "--shard %s: %s", t->shard, error);
    }
    return check_strategy(t->strategy);
}

/* The scenario_summary of a result goes to the text and JSON-lines streams. */
static void print_result(struct session *s, const struct result *result,
                         bool quiet)
{
    assert(result->summary.name != NULL);
    output_scenario(&s->output, &result->summary, s->how.style.colour, !quiet);
    if (s->verbose) {
        const struct campaign_outcome *o = &result->outcome;
        (void)fprintf(stderr,
                      "%s: %" PRIu64 " runs, %" PRIu64 " steps, %" PRIu64
                      " histories searched, %" PRIu64 " runs made twice\n",
                      result->summary.name, o->runs, o->steps, o->checked,
                      o->repeated);
    }
}

static bool is_selected(const struct session *s,
                        const struct scenario *scenario)
{
    return s->only == NULL || fnmatch(s->only, scenario->name, 0) == 0;
}

/* Examines the scenario in one file; NULL if it is not selected. */
static struct result *run_file(struct session *s, const char *path)
{
    assert(path != NULL);
    struct scenario *scenario =
        s->program != NULL ? program_scenario(s->program) : select_load(path);
    if (scenario == NULL) {
        return result_of_none(path, NULL, CODE_INPUT,
                              "the scenario cannot be read");
    }
    if (!is_selected(s, scenario)) {
        scenario_free(scenario);
        return NULL;
    }
    if (wall_left(s->how.deadline, 1) == 0) {
        return result_of_none(path, scenario, CODE_INCONCLUSIVE,
                              "the time budget ended before it began");
    }
    if (s->states != 0) {
        scenario->check.checker_nodes = s->states;
    }
    if (s->memory_set) {
        scenario->system.memory = s->memory;
    }
    return examine(&s->how, scenario);
}

static void run_files(struct session *s, const struct selection *selection,
                      bool quiet)
{
    assert(selection->count <= SELECT_MAX);
    s->status.scenarios = selection->count;
    for (uint32_t i = 0; i < selection->count; i++) {
        s->status.number = i + 1;
        struct result *result = run_file(s, selection->path[i]);
        if (result == NULL) {
            continue;
        }
        s->results[s->count++] = result;
        s->code = code_worse(s->code, result->code);
        print_result(s, result, quiet);
        if (s->corpus != NULL) {
            s->code = code_worse(s->code, corpus_add(s->corpus, result));
        }
        interrupt_read(&s->interrupt);
        if (s->interrupt.asked > 0 ||
            (s->how.fail_fast && result_fails(result))) {
            break;
        }
    }
}

/* The totals, in every format. */
static void print_totals(struct session *s)
{
    assert(s->count <= SELECT_MAX);
    struct scenario_summary *summaries =
        calloc(s->count == 0 ? 1 : s->count, sizeof(*summaries));
    if (summaries == NULL) {
        perror("faultline");
        exit(CODE_INTERNAL);
    }
    for (uint32_t i = 0; i < s->count; i++) {
        summaries[i] = s->results[i]->summary;
    }
    struct campaign_summary campaign = {
        .version = version_text,
        .timestamp = s->timestamp,
        .seed = s->seed,
        .scenarios = summaries,
        .scenarios_count = s->count,
        .known = s->known.known,
        .known_count = s->known.known_count,
        .brief = s->how.text == NULL,
        .wall_ms = wall_ms() - s->started,
        .workers = s->how.jobs,
        .interrupted = s->interrupt.asked > 0,
        .exit_code = (int)s->code,
    };
    if (campaign.workers == 0) {
        (void)options_jobs("auto", &campaign.workers);
    }
    output_campaign(&s->output, &campaign, s->how.style.colour);
    free(summaries);
}

static void begin_session(struct session *s, const struct texts *t)
{
    (void)snprintf(s->seed, sizeof(s->seed), "0x%" PRIx64, s->how.seed);
    time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts) != NULL) {
        (void)strftime(s->timestamp, sizeof(s->timestamp), "%Y-%m-%dT%H:%M:%SZ",
                       &parts);
    }
    s->how.text = t->quiet != 0 ? NULL : s->output.stream[OUTPUT_TEXT];
    s->how.interrupt = &s->interrupt;
    s->how.status = &s->status;
    status_init(&s->status, t->quiet != 0);
    interrupt_open(&s->interrupt);
}

/* Known failures first.  False: one is enough, and there is one. */
static bool run_corpus(struct session *s)
{
    if (s->corpus == NULL) {
        return true;
    }
    s->code =
        code_worse(s->code, corpus_run(s->corpus, s->only, s->how.fail_fast,
                                       s->how.text, &s->known));
    return !s->how.fail_fast || s->known.failing == s->known.expected;
}

static enum code run_session(struct session *s, const struct texts *t,
                             const struct arguments *arguments)
{
    struct selection selection = {0};
    for (uint32_t i = 0; i < arguments->count; i++) {
        select_add(&selection, arguments->word[i]);
    }
    if (s->program != NULL) {
        selection.path[selection.count++] =
            need(strdup(program_subject(s->program)), "the list of scenarios");
    } else if (arguments->count == 0) {
        select_discover(&selection);
    }
    if (selection.missing > 0) {
        s->code = CODE_INPUT;
    }
    begin_session(s, t);
    s->how.ledger = &s->ledger;
    if (run_corpus(s)) {
        run_files(s, &selection, t->quiet != 0);
    }
    if (s->interrupt.asked > 0) {
        s->code = CODE_INTERRUPTED;
    } else if (s->count == 0 && s->code == CODE_PASS) {
        (void)fprintf(stderr,
                      "faultline run: no scenario was selected%s%s\n"
                      "try: faultline list scenarios\n",
                      s->only == NULL ? "" : " by --only ",
                      s->only == NULL ? "" : s->only);
        s->code = CODE_NOTHING;
    }
    print_totals(s);
    interrupt_close(&s->interrupt);
    corpus_release(&s->known);
    results_close(s->ledger.results);
    for (uint32_t i = 0; i < s->count; i++) {
        result_free(s->results[i]);
    }
    select_release(&selection);
    return code_worse(s->code, output_close(&s->output));
}

/* Reads the words by `table`, which fills *t, and does what they ask for.  The
 * table belongs to run_main(): popt reads it once more when it is released. */
static int run_words(struct texts *t, const struct poptOption *table, int count,
                     const char **words)
{
    assert(t != NULL && table != NULL);
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    struct session *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        perror("faultline");
        exit(CODE_INTERNAL);
    }
    s->started = wall_ms();
    if (state == OPTIONS_READ) {
        t->program.strategy = t->strategy;
        code = read_texts(t, s);
        if (code == CODE_PASS && s->program != NULL && arguments.count > 0) {
            code = options_complain("run", "say scenarios, or --program");
        }
        if (code == CODE_PASS) {
            code =
                output_open(&s->output, "run", (const char *const *)t->format);
        }
        if (code == CODE_PASS) {
            code = run_session(s, t, &arguments);
        }
    }
    free(s);
    options_release(&arguments);
    return (int)code;
}

/* Those about code on the command line. */
static void list_program(struct poptOption table[PROGRAM_OPTIONS],
                         struct program_texts *p)
{
    const struct poptOption own[PROGRAM_OPTIONS] = {
        {"program", '\0', POPT_ARG_ARGV, &p->program, 0,
         "a C program, instead of scenarios; may be repeated", "FILE.c"},
        {"library", '\0', POPT_ARG_STRING, &p->library, 0,
         "a plug-in with an object, instead of scenarios", "FILE.so"},
        {"threads", '\0', POPT_ARG_STRING, &p->threads, 0,
         "so many call that object (default 2)", "N"},
        {"model", '\0', POPT_ARG_STRING, &p->model, 0,
         "its specification, instead of its own", "NAME"},
        {"capacity", '\0', POPT_ARG_STRING, &p->capacity, 0,
         "of the object, if it is bounded", "N"},
        {"operations", '\0', POPT_ARG_STRING, &p->operations, 0,
         "so many a thread (default 4)", "N"},
        {"leaks", '\0', POPT_ARG_STRING, &p->leaks, 0,
         "memory lost at the end: ignore (default) or report", "WHAT"},
        {"races", '\0', POPT_ARG_STRING, &p->races, 0,
         "its plain accesses: off, report, strong, explore", "WHAT"},
        {"stack", '\0', POPT_ARG_STRING, &p->stack, 0,
         "of each of its threads (default 64KiB)", "SIZE"},
        {"progress", '\0', POPT_ARG_STRING, &p->progress, 0,
         "what is asked of it (default deadlock_free)", "WHAT"},
        {"define", 'D', POPT_ARG_ARGV, &p->define, 0,
         "compile it with this macro; may be repeated", "NAME[=VALUE]"},
        {"include", 'I', POPT_ARG_ARGV, &p->include, 0,
         "a folder of its headers; may be repeated", "DIRECTORY"},
        {"cflag", '\0', POPT_ARG_ARGV, &p->cflags, 0,
         "one more word for its compiler; may be repeated", "WORD"},
        {"argument", '\0', POPT_ARG_ARGV, &p->arguments, 0,
         "an argument of its main(); may be repeated", "WORD"},
        {"env", '\0', POPT_ARG_ARGV, &p->environment, 0,
         "a variable of its environment; may be repeated", "NAME=VALUE"},
        {"compiler", '\0', POPT_ARG_STRING, &p->compiler, 0,
         "its compiler (default gcc, else clang)", "NAME"},
    };
    memcpy(table, own, sizeof(own));
}

static int run_main(int count, const char **words)
{
    struct texts t = {0};
    struct poptOption table[] = {
        [PROGRAM_OPTIONS] = {"seed", 's', POPT_ARG_STRING, &t.seed, 0,
                             "campaign seed (default 0x5eed1a)", "HEX|random"},
        {"jobs", 'j', POPT_ARG_STRING, &t.jobs, 0,
         "worker processes (default auto)", "N|auto"},
        {"time-budget", 't', POPT_ARG_STRING, &t.time_budget, 0,
         "wall time for everything, reports included", "60s"},
        {"schedules", 'n', POPT_ARG_STRING, &t.schedules, 0,
         "runs of each scenario, instead of its seeds", "N"},
        {"first", '\0', POPT_ARG_STRING, &t.first, 0,
         "begin with this run: with -n 1, only it", "N"},
        {"max-states", '\0', POPT_ARG_STRING, &t.max_states, 0,
         "model steps the checker may try for one history", "N"},
        {"strategy", '\0', POPT_ARG_STRING, &t.strategy, 0,
         "schedule strategy, instead of the scenario's", "NAME"},
        {"memory", '\0', POPT_ARG_STRING, &t.memory, 0,
         "memory model, instead of the scenario's: sc, tso, c11", "MODEL"},
        {"variant", '\0', POPT_ARG_STRING, &t.variant, 0,
         "variant of the algorithm, instead of the scenario's", "NAME"},
        {"only", '\0', POPT_ARG_STRING, &t.only, 0,
         "only scenarios whose name matches", "GLOB"},
        {"shard", '\0', POPT_ARG_STRING, &t.shard, 0,
         "only this share of the runs: 2/5, or auto", "I/N|auto"},
        {"corpus", '\0', POPT_ARG_STRING, &t.corpus, 0,
         "known failures: tried first, and added to", "DIRECTORY"},
        {"resume", '\0', POPT_ARG_NONE, &t.resume, 0,
         "go on where the last run into --out was cut", NULL},
        {"fail-fast", '\0', POPT_ARG_NONE, &t.fail_fast, 0,
         "stop at the first failure", NULL},
        {"keep-going", '\0', POPT_ARG_NONE, &t.keep_going, 0,
         "run all schedules, whatever fails", NULL},
        {"no-shrink", '\0', POPT_ARG_NONE, &t.no_shrink, 0,
         "report failures as they were found", NULL},
        {"no-svg", '\0', POPT_ARG_NONE, &t.no_svg, 0, "write .dot files only",
         NULL},
        {"full", '\0', POPT_ARG_NONE, &t.full, 0, "show every step", NULL},
        {"format", '\0', POPT_ARG_ARGV, &t.format, 0,
         "text, jsonl or junit; may be repeated", "KIND[=FILE]"},
        {"out", 'o', POPT_ARG_STRING, &t.out, 0,
         "directory for what is found (default out)", "DIRECTORY"},
        {"color", '\0', POPT_ARG_STRING, &t.color, 0,
         "colours: auto, always, never", "WHEN"},
        {"quiet", 'q', POPT_ARG_NONE, &t.quiet, 0, "only the last line", NULL},
        {"verbose", 'v', POPT_ARG_NONE, &t.verbose, 0,
         "reports of expected violations, numbers of each campaign", NULL},
        POPT_TABLEEND,
    };
    list_program(table, &t.program);
    return run_words(&t, table, count, words);
}

const struct command command_run = {
    .name = "run",
    .about = "run scenarios, and report what fails",
    .main = run_main,
};
