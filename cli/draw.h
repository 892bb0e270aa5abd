/*
 * Drawing one view of a record to a file or to standard output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_DRAW_H
#define CLI_DRAW_H

#include "checker/record.h"
#include "cli/code.h"

/* What to draw, and how. */
struct drawing {
    const char *command; /* for errors: "graph" */
    const char *view;    /* its name; NULL: timeline */
    const char *type;    /* "svg", "png", ... as Graphviz knows them; NULL or
                          * "dot": DOT text */
    const char *path;    /* NULL or "-": standard output */
};

/* Whether the view and type exist: CODE_PASS, or CODE_USAGE and a message. */
enum code drawing_check(const struct drawing *drawing);

/* Whether this machine has Graphviz. */
bool drawing_has_graphviz(void);

/* Draws; CODE_PASS, CODE_USAGE (the record cannot be drawn so), CODE_SKIPPED
 * (no Graphviz) or CODE_IO, with a message. */
enum code drawing_make(const struct drawing *drawing,
                       const struct fl_record *record);

#endif
