/*
 * faultline hunt: does the harness find what it is known to find?
 *
 * Every scenario that expects a violation must show it within its own budget
 * from three different seeds, or as many as asked for; every other one must be
 * accepted over many executions; and every variant of every algorithm must have
 * a scenario.  The table of planted flaws is the harness's own test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "algorithms/registry.h"
#include "cli/catalogue.h"
#include "cli/command.h"
#include "cli/examine.h"
#include "cli/options.h"
#include "cli/select.h"
#include "harness/wall.h"

#include <assert.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEEDS = 5, /* different seeds that must find each flaw */
    SEEDS_MAX = 64,
    EXECUTIONS = 200000, /* over which a sound form must be accepted */
    SUBJECTS_MAX = SELECT_MAX,
};

struct texts {
    char *seed;
    char *seeds;
    char *jobs;
    char *executions;
    char *only;
};

/* One `hunt`. */
struct hunt {
    uint64_t seeds[SEEDS_MAX];
    uint64_t seeds_count;
    uint64_t executions;
    const char *only;
    struct examination how;
    struct interrupt interrupt;
    struct status status;
    uint32_t hunted; /* scenarios */
    uint32_t missed;
    uint32_t skipped;
    uint64_t runs;
    uint64_t accepted; /* of them, those of sound forms that were accepted */
    uint32_t subjects_count;
    char subjects[SUBJECTS_MAX][96]; /* "ms_queue no_tag": hunted */
};

static const struct usage usage = {
    .command = "hunt",
    .arguments = "[SCENARIO|DIRECTORY]...",
    .about =
        "Tests the harness on the flaws it is known to find: each must be "
        "found within its\nscenario's budget from five seeds (--seeds), and "
        "each sound form be accepted.\nExit code 1 if one is missed or "
        "accused, or if a variant has no scenario.",
    .examples = "  faultline hunt\n"
                "  faultline hunt --only 'ms_queue*' --executions 1000\n"
                "  faultline hunt --seeds 20\n",
};

static const char *name_of(const struct names *names, const char *otherwise)
{
    return names->count == 0 ? otherwise : names->name[0];
}

static void remember(struct hunt *hunt, const struct result *result)
{
    assert(result->scenario != NULL);
    const struct scenario *s = result->scenario;
    if (hunt->subjects_count == SUBJECTS_MAX) {
        return;
    }
    const char *algorithm = name_of(&s->system.algorithm, "");
    size_t size = strcspn(result->subject, ",");
    if (size > 0) { /* the descriptor's name: params may choose the file */
        (void)snprintf(hunt->subjects[hunt->subjects_count],
                       sizeof(hunt->subjects[0]), "%.*s %s", (int)size,
                       result->subject, name_of(&s->system.variant, "sound"));
    } else {
        (void)snprintf(hunt->subjects[hunt->subjects_count],
                       sizeof(hunt->subjects[0]), "%s %s", algorithm,
                       name_of(&s->system.variant, "sound"));
    }
    hunt->subjects_count++;
}

/* The scenario that shows a newcomer a failure: it fails, though its file does
 * not say that it expects to. */
static bool is_demonstration(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->tags.count; i++) {
        if (strcmp(scenario->tags.name[i], "demo") == 0) {
            return true;
        }
    }
    return false;
}

/* Reads the scenario at `path` as this command sees it. */
static struct scenario *load(const char *path)
{
    struct scenario *scenario = select_load(path);
    if (scenario != NULL && is_demonstration(scenario)) {
        scenario->expect = EXPECT_VIOLATION;
    }
    return scenario;
}

/* Examines the scenario at `path` from one seed. */
static struct result *examine_file(struct hunt *hunt, const char *path,
                                   uint64_t seed)
{
    struct scenario *scenario = load(path);
    if (scenario == NULL) {
        return result_of_none(path, NULL, CODE_INPUT,
                              "the scenario cannot be read");
    }
    hunt->how.seed = seed;
    hunt->how.schedules = 0;
    if (scenario->expect == EXPECT_PASS && scenario->skip == NULL) {
        hunt->how.schedules = hunt->executions;
        scenario->run.time_ms = 0;
    }
    struct result *result = examine(&hunt->how, scenario);
    hunt->runs += result->outcome.runs;
    return result;
}

/* One seed of a flaw: where it was found, in the table. */
static bool found_flaw(const struct result *result)
{
    assert(result->outcome.failures_count <= CAMPAIGN_FAILURES_MAX);
    const struct campaign_outcome *o = &result->outcome;
    bool found = result->code == CODE_PASS && o->failures_count > 0 &&
                 result->findings[0].reproduced;
    if (found) {
        (void)printf(" %10" PRIu64, result->failures[0].schedule);
    } else {
        (void)printf(" %10s", "MISSED");
    }
    return found;
}

static void print_begin(const struct scenario *scenario)
{
    (void)printf("%-36s %-10s", scenario->name,
                 scenario->expect == EXPECT_VIOLATION ? "flaw" : "sound");
    (void)fflush(stdout);
}

/* The rest of a row: what was seen, or why nothing was. */
static void print_end(const struct result *result, uint64_t started, bool good)
{
    (void)printf(" %7" PRIu64 " ms  %s", wall_ms() - started,
                 good ? "ok" : "MISS");
    if (result->summary.end != NULL) {
        (void)printf("  %s", result->summary.end);
    }
    if (result->summary.reason != NULL) {
        (void)printf("  %s", result->summary.reason);
    }
    (void)putchar('\n');
    (void)fflush(stdout);
}

/* A flaw: from every seed. */
static bool hunt_flaw(struct hunt *hunt, const char *path, struct result *first,
                      uint64_t started)
{
    assert(first->scenario != NULL);
    bool good = found_flaw(first);
    for (uint32_t i = 1; i < hunt->seeds_count && hunt->interrupt.asked == 0;
         i++) {
        struct result *next = examine_file(hunt, path, hunt->seeds[i]);
        bool found = found_flaw(next);
        good = good && found;
        result_free(next);
    }
    print_end(first, started, good);
    return good;
}

/* A sound form: accepted, over as many executions as were asked for. */
static bool hunt_sound(struct hunt *hunt, const struct result *result,
                       uint64_t started)
{
    assert(result->scenario != NULL);
    const struct campaign_outcome *o = &result->outcome;
    bool enough = o->exhausted || o->runs >= hunt->executions;
    bool good = result->code == CODE_PASS && enough;
    hunt->accepted += good ? o->runs : 0;
    (void)printf(" %10" PRIu64 " %21s", o->runs,
                 o->exhausted ? "all schedules" : "runs");
    print_end(result, started, good);
    for (uint32_t i = 0; i < result->summary.warnings_count; i++) {
        (void)printf("%37s%s\n", "", result->warnings[i]);
    }
    return good;
}

static void hunt_file(struct hunt *hunt, const char *path)
{
    struct scenario *scenario = load(path);
    bool selected = scenario == NULL || hunt->only == NULL ||
                    fnmatch(hunt->only, scenario->name, 0) == 0;
    if (selected && scenario != NULL) {
        print_begin(scenario);
    }
    scenario_free(scenario);
    if (!selected) {
        return;
    }
    uint64_t started = wall_ms();
    struct result *result = examine_file(hunt, path, hunt->seeds[0]);
    bool good = false;
    if (result->code == CODE_SKIPPED) {
        (void)printf(" skipped: %s\n", result->summary.reason);
        hunt->skipped++;
        good = true;
    } else if (result->scenario == NULL || result->subject[0] == '\0') {
        (void)printf("%s MISS  %s\n", path, result->summary.reason);
    } else {
        remember(hunt, result);
        good = result->scenario->expect == EXPECT_VIOLATION
                   ? hunt_flaw(hunt, path, result, started)
                   : hunt_sound(hunt, result, started);
    }
    hunt->hunted++;
    hunt->missed += good ? 0 : 1;
    result_free(result);
}

static bool is_hunted(const struct hunt *hunt, const char *algorithm,
                      const char *variant)
{
    assert(hunt->subjects_count <= SUBJECTS_MAX);
    char subject[96];
    (void)snprintf(subject, sizeof(subject), "%s %s", algorithm, variant);
    for (uint32_t i = 0; i < hunt->subjects_count; i++) {
        if (strcmp(hunt->subjects[i], subject) == 0) {
            return true;
        }
    }
    return false;
}

/* Variants that no scenario is about. */
static void find_gaps(struct hunt *hunt)
{
    for (uint32_t i = 0; algorithm_names[i] != NULL; i++) {
        char reason[200];
        if (plugin_left_out(algorithm_names[i], reason, sizeof(reason))) {
            continue; /* as each of its scenarios has said */
        }
        struct plugin *plugin = catalogue_open(algorithm_names[i]);
        if (plugin == NULL) {
            hunt->missed++;
            continue;
        }
        const struct fl_algorithm *a = plugin_algorithm(plugin, 0);
        for (const struct fl_variant *v = a->variants; v->name != NULL; v++) {
            if (!is_hunted(hunt, a->name, v->name)) {
                (void)printf("%s, variant %s (row %s): MISS  no scenario is "
                             "about it\n",
                             a->name, v->name, v->row);
                hunt->missed++;
            }
        }
        plugin_free(plugin);
    }
}

static enum code run_hunt(struct hunt *hunt, const struct arguments *arguments)
{
    struct selection selection = {0};
    for (uint32_t i = 0; i < arguments->count; i++) {
        select_add(&selection, arguments->word[i]);
    }
    if (arguments->count == 0) {
        select_discover(&selection);
    }
    hunt->missed += selection.missing;
    (void)printf("%-36s %-10s %32s\n", "scenario", "form",
                 "found in run, by seed");
    uint64_t started = wall_ms();
    interrupt_open(&hunt->interrupt);
    for (uint32_t i = 0; i < selection.count && hunt->interrupt.asked == 0;
         i++) {
        hunt_file(hunt, selection.path[i]);
        interrupt_read(&hunt->interrupt);
    }
    bool stopped = hunt->interrupt.asked > 0;
    interrupt_close(&hunt->interrupt);
    select_release(&selection);
    if (arguments->count == 0 && hunt->only == NULL && !stopped) {
        find_gaps(hunt);
    }
    (void)printf("%" PRIu32 " scenarios, %" PRIu32 " missed, %" PRIu32
                 " skipped, %" PRIu64 " runs, %" PRIu64
                 " of sound forms accepted, %" PRIu64 " s\n",
                 hunt->hunted, hunt->missed, hunt->skipped, hunt->runs,
                 hunt->accepted, (wall_ms() - started) / 1000);
    if (stopped) {
        return CODE_INTERRUPTED;
    }
    if (hunt->hunted == 0) {
        return hunt->missed > 0 ? CODE_INPUT : CODE_NOTHING;
    }
    return hunt->missed > 0 ? CODE_VIOLATION : CODE_PASS;
}

static enum code read_texts(const struct texts *t, struct hunt *hunt)
{
    uint64_t seed = 0x5eed1a;
    hunt->executions = EXECUTIONS;
    if (t->seed != NULL && !options_seed(t->seed, &seed)) {
        return options_complain("hunt",
                                "--seed %s: say a number, 0x and hex "
                                "digits, or random",
                                t->seed);
    }
    hunt->seeds_count = SEEDS;
    if (t->seeds != NULL &&
        !options_number(t->seeds, 1, SEEDS_MAX, &hunt->seeds_count)) {
        return options_complain("hunt", "--seeds %s: say a number from 1 to %d",
                                t->seeds, SEEDS_MAX);
    }
    if (t->jobs != NULL && !options_jobs(t->jobs, &hunt->how.jobs)) {
        return options_complain("hunt",
                                "--jobs %s: say a number from 1 to 64, "
                                "or auto",
                                t->jobs);
    }
    if (t->executions != NULL &&
        !options_number(t->executions, 1, 1000000000, &hunt->executions)) {
        return options_complain("hunt", "--executions %s: say a number from 1",
                                t->executions);
    }
    hunt->seeds[0] = seed;
    for (uint32_t i = 1; i < hunt->seeds_count; i++) {
        hunt->seeds[i] = choice_seed_of(seed, i) & UINT32_MAX;
    }
    hunt->only = t->only;
    hunt->how.deadline = WALL_NEVER;
    hunt->how.interrupt = &hunt->interrupt;
    status_init(&hunt->status, true);
    return CODE_PASS;
}

static int hunt_main(int count, const char **words)
{
    struct texts t = {0};
    const struct poptOption table[] = {
        {"seed", 's', POPT_ARG_STRING, &t.seed, 0,
         "the first of the seeds (default 0x5eed1a)", "HEX|random"},
        {"seeds", '\0', POPT_ARG_STRING, &t.seeds, 0,
         "how many seeds must find each flaw (default 5)", "N"},
        {"jobs", 'j', POPT_ARG_STRING, &t.jobs, 0,
         "worker processes (default auto)", "N|auto"},
        {"executions", 'n', POPT_ARG_STRING, &t.executions, 0,
         "of each sound form (default 200000)", "N"},
        {"only", '\0', POPT_ARG_STRING, &t.only, 0,
         "only scenarios whose name matches", "GLOB"},
        POPT_TABLEEND,
    };
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    struct hunt *hunt = calloc(1, sizeof(*hunt));
    if (hunt == NULL) {
        perror("faultline");
        exit(CODE_INTERNAL);
    }
    if (state == OPTIONS_READ) {
        code = read_texts(&t, hunt);
        if (code == CODE_PASS) {
            code = run_hunt(hunt, &arguments);
        }
    }
    free(hunt);
    options_release(&arguments);
    return (int)code;
}

const struct command command_hunt = {
    .name = "hunt",
    .about = "test the harness on the flaws it must find",
    .main = hunt_main,
};
