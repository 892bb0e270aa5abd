/*
 * Building a program under test: from its sources to a plug-in in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_BUILD_H
#define HX_BUILD_H

#include "harness/scenario.h"

enum {
    BUILT_PATH_MAX = 40
};

/* A plug-in that was built: a file of memory, gone when it is closed. */
struct built {
    int file;                  /* its descriptor, to be closed; or -1 */
    char path[BUILT_PATH_MAX]; /* "/proc/self/fd/5" */
    uint64_t subject;          /* hash of all that went into it, by content:
                                * sources, their own headers, flags */
};

/*
 * Compiles and links the program of `scenario` (system.source).  What the
 * compiler says goes to `errors`, and so do our own errors, each at its place
 * in the scenario; false is returned then.  Sources are looked for in the
 * working directory, then beside the scenario's file.
 */
bool build_program(const struct scenario *scenario, struct built *built,
                   FILE *errors);

/* Ends one.  A plug-in that was loaded from it stays. */
void build_close(struct built *built);

/* Finds the file `name` that a scenario names: in the working directory, then
 * beside the scenario's own file.  False: nowhere; `path` is then the first
 * place that was tried. */
bool build_find(const struct scenario *scenario, const char *name, char *path,
                size_t max);

#endif
