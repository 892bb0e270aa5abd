/*
 * Why a history passes or fails, as it is asked for: in the terminal's words,
 * as Markdown, as a line of JSON, as drawings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_TELL_H
#define CLI_TELL_H

#include "checker/check.h"
#include "cli/code.h"
#include "harness/report/report.h"

enum tell_kind {
    TELL_FAILURES, /* text, of those that fail; no --explain was given */
    TELL_TEXT,
    TELL_MARKDOWN,
    TELL_JSON,
};

/* A history that was decided. */
struct telling {
    const char *path;
    const char *name; /* its id, or the path */
    uint32_t line;    /* where it begins */
    const struct fl_history *history;
    const struct fl_options *options; /* that it was decided under */
    const struct fl_result *result;
    const struct report_style *style;
};

/* "text", "markdown", "json" into `*kind`; NULL: TELL_FAILURES.  False: it is
 * none of them. */
bool tell_read(const char *name, enum tell_kind *kind);

/* Tells it to `out`: an explanation of a violation, the witness of a pass
 * (unless `kind` is TELL_FAILURES), or that a budget ran out.  CODE_PASS, or
 * CODE_INTERNAL without memory. */
enum code tell_history(const struct telling *telling, enum tell_kind kind,
                       FILE *out);

/*
 * Draws it into `directory`, which is made if need be: the timeline and the
 * proof as NAME.CRITERION.VIEW.dot, and as .svg where there is Graphviz.  What
 * was written is said on `out` (NULL: nowhere).  `paths` gets the .dot files,
 * "" for what could not be drawn.
 */
enum {
    TELL_VIEWS = 2,
    TELL_PATH_MAX = 512
};
enum code tell_drawings(const struct telling *telling, const char *directory,
                        FILE *out, char paths[TELL_VIEWS][TELL_PATH_MAX]);

#endif
