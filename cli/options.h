/*
 * Options: reading the command line of a subcommand.
 *
 * Each command has one popt table of its own; this file adds --help, the
 * environment, and errors that end with what to type next.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/code.h"
#include "harness/report/report.h"

#include <popt.h>
#include <stdbool.h>
#include <stdint.h>

/* What `--help` says around the table. */
struct usage {
    const char *command;   /* "run" */
    const char *arguments; /* "[SCENARIO|DIR]..." */
    const char *about;     /* a paragraph */
    const char *examples;  /* lines */
};

/* The words on a command line that are not options.  Owned by the caller. */
struct arguments {
    const char **word; /* NULL-ended */
    uint32_t count;
    poptContext context;            /* owns the words */
    const struct poptOption *table; /* borrowed; its texts are freed */
};

enum options_state {
    OPTIONS_READ, /* go on */
    OPTIONS_HELP, /* help was printed: exit 0 */
    OPTIONS_BAD,  /* an error was printed: exit 64 */
};

/*
 * Reads a command line by `table` (ended by POPT_TABLEEND).  A text option that
 * was not given is taken from the environment: `--time-budget` from
 * FAULTLINE_TIME_BUDGET.  Ended by options_release(), whatever it returns,
 * which also frees the texts that the table's variables point to.
 */
enum options_state options_read(struct arguments *arguments,
                                const struct usage *usage,
                                const struct poptOption *table, int count,
                                const char **words);

/* Frees what options_read() made. */
void options_release(struct arguments *arguments);

/* Prints an error of `command`, and how to get help; returns CODE_USAGE. */
enum code options_complain(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads a number of `min` to `max` from `text`; thousands may be set off by
 * spaces or underscores: "100 000".  False: it is none. */
bool options_number(const char *text, uint64_t min, uint64_t max,
                    uint64_t *number);

/* Reads "0x5eed1a", "42" or "random". */
bool options_seed(const char *text, uint64_t *seed);

/* Reads "60s", "500ms", "5m" or "1h" as milliseconds. */
bool options_time(const char *text, uint64_t *milliseconds);

/* Reads "auto" (all processors) or a number of workers. */
bool options_jobs(const char *text, uint32_t *jobs);

/* Applies --color and --full to the style of standard output; false if the
 * word is not auto, always or never.  `colour` may be NULL. */
bool options_style(const char *colour, bool full, struct report_style *style);

#endif
