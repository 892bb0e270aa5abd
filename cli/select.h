/*
 * Selecting: from the words on the command line to scenario files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_SELECT_H
#define CLI_SELECT_H

#include "harness/scenario.h"

enum {
    SELECT_MAX = 1024 /* scenarios of one command */
};

/* The files that a command is about, in order.  Texts are owned. */
struct selection {
    uint32_t count;
    uint32_t missing; /* words that name nothing: reported already */
    char *path[SELECT_MAX];
};

/* The path that stands for the scenario built into the program. */
extern const char select_default[];

/*
 * Adds `word`: a file, "-", or a directory, of which all .yaml, .yml and .json
 * files are added by name.  What does not exist is reported.
 */
void select_add(struct selection *selection, const char *word);

/* No words: ./scenarios if there is such a directory, else the scenario built
 * into the program. */
void select_discover(struct selection *selection);

/* Ends a selection. */
void select_release(struct selection *selection);

/* Reads a scenario that select_* named; errors as of scenario_load(). */
struct scenario *select_load(const char *path);

#endif
