/*
 * Code on the command line: `faultline run --program test.c`, or `--library
 * ./libqueue.so`.
 *
 * They become a scenario like any other, as text, so that traces keep it and
 * everything else works as it does for files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "harness/scenario.h"

enum {
    PROGRAM_OPTIONS = 16 /* about code on the command line */
};

/* What the options say.  Lists end with NULL, and are NULL if not given. */
struct program_texts {
    char **program;
    char *library; /* instead */
    char *threads;
    char *model;
    char *capacity;   /* of the object, if it is bounded */
    char *operations; /* of each of its threads */
    char **define;
    char **include;
    char **cflags;
    char **arguments;
    char **environment; /* NAME=VALUE */
    char *compiler;
    char *races;          /* what becomes of plain accesses */
    char *leaks;          /* what becomes of memory that is lost */
    char *stack;          /* of each thread: "1MiB" */
    char *progress;       /* what check.progress says */
    const char *strategy; /* that will schedule it, or NULL; borrowed */
};

/* The first file of the program, or the library; NULL if none is named. */
const char *program_subject(const struct program_texts *texts);

/* Whether some program or library is named. */
bool program_named(const struct program_texts *texts);

/* The scenario of that program or library, or NULL: what is wrong was written
 * to stderr.  A strategy that searches gets one seed, since each is a search of
 * its own. */
struct scenario *program_scenario(const struct program_texts *texts);

#endif
