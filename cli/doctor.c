/*
 * faultline doctor: what this machine has, and what to install.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "algorithms/registry.h"
#include "cli/catalogue.h"
#include "cli/command.h"
#include "cli/options.h"
#include "harness/child.h"
#include "harness/symbols.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum grade {
    GRADE_GOOD,
    GRADE_MISSING, /* something works less well */
    GRADE_BAD,     /* something does not work */
};

struct checkup {
    struct report_style style;
    uint32_t bad;
};

static const struct usage usage = {
    .command = "doctor",
    .arguments = "",
    .about = "Says what this machine has, what is missing, and what to type "
             "about it.",
    .examples = "  faultline doctor\n",
};

static void say(struct checkup *c, enum grade grade, const char *what,
                const char *text)
{
    assert(what != NULL && text != NULL);
    static const char *const words[] = {"ok", "missing", "BAD"};
    static const char *const marks[] = {"✓", "–", "✗"};
    static const char *const plain[] = {"+", "-", "x"};
    (void)printf("  %s %-8s %-12s %s\n",
                 c->style.unicode ? marks[grade] : plain[grade], words[grade],
                 what, text);
    c->bad += grade == GRADE_BAD ? 1 : 0;
}

static void look_for_program(struct checkup *c, const char *program,
                             const char *version, const char *otherwise)
{
    const char *arguments[] = {program, version, NULL};
    bool there = child_spawn(arguments, -1) == 0;
    say(c, there ? GRADE_GOOD : GRADE_MISSING, program,
        there ? "found" : otherwise);
}

static void look_for_plugins(struct checkup *c)
{
    char text[200];
    char reason[200] = "";
    uint32_t found = 0;
    uint32_t wanted = 0;
    uint32_t left_out = 0;
    struct plugin *plugin = NULL;
    for (; algorithm_names[wanted] != NULL; wanted++) {
        if (plugin_left_out(algorithm_names[wanted], reason, sizeof(reason))) {
            say(c, GRADE_MISSING, algorithm_names[wanted], reason);
            left_out++;
            continue;
        }
        plugin_free(plugin);
        plugin = catalogue_open(algorithm_names[wanted]);
        found += plugin != NULL ? 1 : 0;
    }
    wanted -= left_out;
    (void)snprintf(
        text, sizeof(text), "%" PRIu32 " of %" PRIu32 " built-in algorithms%s",
        found, wanted,
        found == wanted ? "" : "; try: make, or set FAULTLINE_ALGORITHMS");
    say(c, found == wanted ? GRADE_GOOD : GRADE_BAD, "plug-ins", text);
    struct symbols *symbols = plugin == NULL ? NULL : symbols_open();
    struct source_place place = {0};
    bool known =
        symbols != NULL &&
        symbols_place(symbols,
                      (uintptr_t)plugin_algorithm(plugin, 0)->perform + 8,
                      &place) &&
        place.line != 0;
    say(c, known ? GRADE_GOOD : GRADE_MISSING, "symbols",
        known ? "file:line of algorithms is known"
              : "no file:line in reports; compile algorithms with -g");
    symbols_free(symbols);
    plugin_free(plugin);
}

static void look_at_out(struct checkup *c)
{
    char text[200];
    struct stat status;
    const char *place = stat("out", &status) == 0 ? "out" : ".";
    if (access(place, W_OK | X_OK) == 0) {
        say(c, GRADE_GOOD, "out/", "findings can be kept");
        return;
    }
    (void)snprintf(text, sizeof(text),
                   "cannot be written (%s); try: faultline run --out DIRECTORY",
                   strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    say(c, GRADE_BAD, "out/", text);
}

static void look_at_processors(struct checkup *c)
{
    char text[100];
    uint32_t jobs = 0;
    bool known = options_jobs("auto", &jobs);
    (void)snprintf(text, sizeof(text), "%" PRIu32 " worker%s by default", jobs,
                   jobs == 1 ? "" : "s");
    say(c, known ? GRADE_GOOD : GRADE_BAD, "processors", text);
}

static enum code examine_machine(void)
{
    struct checkup c = {.style = report_style_of(stdout)};
    (void)printf("faultline %s on this machine:\n", version_text);
    look_at_processors(&c);
    look_for_plugins(&c);
    look_at_out(&c);
    look_for_program(&c, "dot", "-V",
                     "no .svg beside the .dot; try: apt install graphviz");
    look_for_program(&c, "gcc", "--version",
                     "to compile your own algorithms; try: apt install gcc");
    look_for_program(&c, "clang", "--version",
                     "the other compiler for your own algorithms; try: apt "
                     "install clang");
    look_for_program(&c, "gdb", "--version",
                     "to debug a replay; try: apt install gdb");
    say(&c, GRADE_MISSING, "backends",
        "real, mpi: not in this version; such scenarios are skipped");
    if (c.bad == 0) {
        (void)printf("all that is needed is here; next: faultline run\n");
        return CODE_PASS;
    }
    return CODE_VIOLATION;
}

static int doctor_main(int count, const char **words)
{
    const struct poptOption table[] = {POPT_TABLEEND};
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    if (state == OPTIONS_READ) {
        code = arguments.count > 0
                   ? options_complain("doctor", "'%s' is one word too many",
                                      arguments.word[0])
                   : examine_machine();
    }
    options_release(&arguments);
    return (int)code;
}

const struct command command_doctor = {
    .name = "doctor",
    .about = "say what this machine has, and what is missing",
    .main = doctor_main,
};
