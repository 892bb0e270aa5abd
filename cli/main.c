/*
 * The command `faultline`: finds the subcommand and hands over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/code.h"
#include "cli/command.h"
#include "harness/scenario.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command *const commands[] = {
    &command_run,   &command_check,   &command_replay, &command_shrink,
    &command_graph, &command_convert, &command_merge,  &command_list,
    &command_hunt,  &command_bench,   &command_doctor, &command_version,
    &command_init,  &command_cc,      &command_cxx,    NULL,
};

enum {
    COMMANDS_MAX = sizeof(commands) / sizeof(commands[0])
};

static void print_help(FILE *out)
{
    (void)fputs("Faultline finds schedules and faults under which concurrent C "
                "code breaks its\nspecification, and shows the smallest "
                "failing run.\n\nusage: faultline COMMAND [OPTION]... "
                "[ARGUMENT]...\n\n",
                out);
    for (uint32_t i = 0; commands[i] != NULL; i++) {
        (void)fprintf(out, "  %-9s %s\n", commands[i]->name,
                      commands[i]->about);
    }
    (void)fputs("\n'faultline COMMAND --help' shows its options and examples."
                "\n\nexit codes:\n"
                "  0 pass   1 violation   2 inconclusive   3 replay diverged "
                "or run not deterministic\n"
                "  4 nothing selected   64 usage   65 bad input file   70 "
                "internal   74 I/O\n"
                "  77 skipped   130 interrupted (a partial report was "
                "written)\n\nfirst steps:\n"
                "  faultline doctor      what this machine has\n"
                "  faultline run         run ./scenarios, or a built-in one\n",
                out);
}

static const struct command *find_command(const char *name)
{
    assert(name != NULL);
    for (uint32_t i = 0; commands[i] != NULL; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static int refuse(const char *name)
{
    const char *names[COMMANDS_MAX];
    uint32_t i = 0;
    for (; commands[i] != NULL; i++) {
        names[i] = commands[i]->name;
    }
    names[i] = NULL;
    const char *nearest = scenario_nearest(name, names);
    (void)fprintf(stderr, "faultline: unknown command '%s'", name);
    if (nearest != NULL) {
        (void)fprintf(stderr, "; did you mean '%s'?", nearest);
    }
    (void)fputs("\ntry: faultline --help\n", stderr);
    return CODE_USAGE;
}

/* Whether who read standard output through a pipe has gone: `... | head`. */
static bool reader_is_gone(void)
{
    struct pollfd out = {.fd = fileno(stdout), .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

/* A full disk behind standard output must not pass for success.  A reader that
 * has read enough is no error to talk about: the process then ends as all
 * filters do, by SIGPIPE, which a shell shows as 141. */
static int finish(int code)
{
    bool failed = fflush(stdout) != 0;
    if (failed || ferror(stdout) != 0) {
        if (reader_is_gone()) {
            (void)signal(SIGPIPE, SIG_DFL);
            (void)raise(SIGPIPE);
        }
        perror("faultline: cannot write to standard output");
        return (int)code_worse((enum code)code, CODE_IO);
    }
    return code;
}

/* Hands `words` over to a command; the first is its name. */
static int run_command(const struct command *command, int count, char **words)
{
    assert(count > 0 && command->main != NULL);
    const char **rest = calloc((size_t)count + 1, sizeof(*rest));
    if (rest == NULL) {
        perror("faultline");
        return CODE_INTERNAL;
    }
    for (int i = 0; i < count; i++) {
        rest[i] = words[i];
    }
    int code = command->main(count, rest);
    free(rest);
    return finish(code);
}

/* Build systems want a compiler of one word: faultline-cc is `faultline cc`. */
static const struct command *find_called(const char *path)
{
    static const char with[] = "faultline-";
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    return strncmp(name, with, sizeof(with) - 1) == 0
               ? find_command(name + sizeof(with) - 1)
               : NULL;
}

int main(int count, char **arguments)
{
    (void)signal(SIGPIPE, SIG_IGN);
    const struct command *called = find_called(arguments[0]);
    if (called != NULL) {
        return run_command(called, count, arguments);
    }
    if (count < 2) {
        print_help(stderr);
        return CODE_USAGE;
    }
    const char *name = arguments[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
        strcmp(name, "help") == 0) {
        print_help(stdout);
        return finish(CODE_PASS);
    }
    if (strcmp(name, "--version") == 0) {
        name = command_version.name;
    }
    const struct command *command = find_command(name);
    if (command == NULL) {
        return refuse(name);
    }
    return run_command(command, count - 1, arguments + 1);
}
