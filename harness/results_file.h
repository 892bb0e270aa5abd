/*
 * The file behind results: what results.c and results_join.c share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_RESULTS_FILE_H
#define HX_RESULTS_FILE_H

#include "harness/results.h"

#include <sqlite3.h>

struct results {
    sqlite3 *base;
    FILE *errors;
    bool failed;
    char path[STORE_PATH_MAX];
};

/* Whether an answer of SQLite is no error; the first error is said. */
bool results_check(struct results *r, int code);

/* A statement, ended by sqlite3_finalize(); NULL after an error. */
sqlite3_stmt *results_prepare(struct results *r, const char *text);

/* Runs a text of statements without answers. */
void results_run_text(struct results *r, const char *text);

/* Goes to the next row; false: there is none. */
bool results_step(struct results *r, sqlite3_stmt *statement);

/* The parameter `place` (from 1) of a statement; a NULL text is NULL. */
void results_bind_text(sqlite3_stmt *statement, int place, const char *text);

/* Runs `statement`, which answers with no rows, with its first place bound to
 * `text`. */
void results_run_with(struct results *r, const char *statement,
                      const char *text);
void results_bind_number(sqlite3_stmt *statement, int place, uint64_t number);

/* The column `column` (from 0) of a row, as a number. */
uint64_t results_number(sqlite3_stmt *statement, int column);

/* A copy of a column's text; NULL if it has none. */
char *results_copy_text(sqlite3_stmt *statement, int column);

/* The peaks of `row`: written, read into a summary (texts are copies), and
 * those of one more shard, whose summary is to be freed, joined to others.  A
 * shard that has none makes those of the whole unknown. */
void results_write_peaks(struct results *r, int64_t row,
                         const struct scenario_summary *summary);
void results_read_peaks(struct results *r, int64_t row,
                        struct scenario_summary *into);
void results_join_peaks(struct scenario_summary *a, struct scenario_summary *b);

/* The tables of what was seen, and what copies those of the rows in `fresh`
 * from database `other`. */
extern const char results_reach_schema[];
extern const char results_reach_copy[];

/* Takes in what one more shard has seen.  One that does not know, or that ran
 * other code, makes that of the whole unknown. */
void results_join_reach(struct results_summary *into,
                        const struct results_summary *shard);

/* Says what was seen in the summary. */
void results_tell_reach(struct results_summary *summary);

/* The traces of peaks that earlier campaigns of the scenario `name` left beside
 * its failures are there no more. */
void results_forget_peaks(struct results *r, const char *name);

/* Removes the failures of `row`. */
void results_forget(struct results *r, int64_t row);

#endif
