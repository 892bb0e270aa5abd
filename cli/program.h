/*
 * Programs on the command line: `faultline run --program test.c`.
 *
 * They become a scenario like any other, as text, so that traces keep it and
 * everything else works as it does for files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "harness/scenario.h"

/* What the options say.  Lists end with NULL, and are NULL if not given. */
struct program_texts {
    char **program;
    char **define;
    char **include;
    char **cflags;
    char **arguments;
    char *compiler;
};

/* Whether some program is named. */
bool program_named(const struct program_texts *texts);

/* The scenario of that program, or NULL: what is wrong was written to stderr.
 */
struct scenario *program_scenario(const struct program_texts *texts);

#endif
