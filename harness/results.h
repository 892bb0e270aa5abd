/*
 * Results: what campaigns did, kept in one SQLite file.
 *
 *     out/runs.sqlite    table runs       a scenario's campaign, a row each
 *                        table failures   what it found
 *                        table peaks      the worst that its operations met
 *                        table reach      what was seen in its runs
 *
 * A row is written when its campaign begins, about once a second while it
 * runs, and when it ends, so that `run --resume` can go on where a run was
 * cut, even by SIGKILL; `merge` joins the files of several machines.
 *
 * A campaign is known by its key: the same scenario text, seed, strategy,
 * variant, range and shard are the same runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_RESULTS_H
#define HX_RESULTS_H

#include "harness/campaign.h"
#include "harness/report/summary.h"

#include <stdio.h>

enum {
    RESULTS_KEY_MAX = 33
};

struct reached;
struct reach_texts;
struct results; /* an open file */

/* Name of the file in an out/ directory. */
extern const char results_file[];

/*
 * Opens the file at `path`, making it if `make`.  NULL: it cannot be, or it is
 * none of ours; the reason is printed to `errors`.
 */
struct results *results_open(const char *path, bool make, FILE *errors);

/* Closes it.  NULL is allowed. */
void results_close(struct results *results);

/* Whether something could not be written; said on `errors` once. */
bool results_failed(const struct results *results);

/* The key of the campaign that `request` describes, as hex digits. */
void results_key(const struct campaign_request *request,
                 char key[RESULTS_KEY_MAX]);

/* A campaign as it was kept. */
struct results_run {
    int64_t row; /* 0: none was kept */
    bool done;
    uint64_t next; /* the first index that was not run */
    uint64_t runs;
    uint64_t undecided;
    bool exhausted;
    uint64_t milliseconds;
    uint32_t known_count; /* failures of a campaign that is not done */
    struct campaign_failure known[CAMPAIGN_FAILURES_MAX];
};

/* Finds the newest campaign with `key`.  False: there is none. */
bool results_find(struct results *results, const char *key,
                  struct results_run *run);

/* Begins a row, which knows what the row `before` knows if that has one.
 * Returns it, or 0. */
int64_t results_begin(struct results *results, const char *key,
                      const struct campaign_request *request,
                      const struct results_run *before);

/* Notes how far the campaign of `row` is. */
void results_note(struct results *results, int64_t row,
                  const struct campaign_outcome *so_far,
                  const struct results_run *before);

/* Ends the row with its summary.  `done`: nothing of it is missing. */
void results_finish(struct results *results, int64_t row,
                    const struct scenario_summary *summary, bool done);

/* A finished campaign, or a merged one, as its summary; texts are copies that
 * results_summary_free() frees. */
struct results_summary {
    struct scenario_summary summary;
    struct summary_failure *failures;
    struct reached *reached; /* what was seen; NULL: not known */
    struct reach_texts *texts;
};

/* Keeps what was seen in the runs of `row`, instead of what was kept of it;
 * NULL: nothing. */
void results_write_reach(struct results *results, int64_t row,
                         const struct reached *reached);

/* Reads it; NULL: nothing was kept.  Owned by the caller. */
struct reached *results_read_reach(struct results *results, int64_t row);

/* Reads the summary of `row`; false: it has none. */
bool results_summary(struct results *results, int64_t row,
                     struct results_summary *summary);

/* Frees what results_summary() or results_joined() made. */
void results_summary_free(struct results_summary *summary);

/* Where results come from, and where they go. */
struct results_places {
    const char *from;
    const char *out;
};

/*
 * Adds all rows of the file at `path`; the directories of failures are told as
 * they will lie in `out`, the traces of peaks as they lie in `from`: see
 * results_next_peak().  False: it cannot be read; said.
 */
bool results_add(struct results *results, const char *path,
                 const struct results_places *places, FILE *errors);

/* A trace of the worst run of a campaign. */
struct results_peak {
    int64_t row; /* 0: before the first */
    char trace[STORE_PATH_MAX];
    char name[STORE_PATH_MAX]; /* of the scenario */
    char key[RESULTS_KEY_MAX];
};

/* The next one after *peak that results_add() took from below `from`, where it
 * still lies.  False: there is none. */
bool results_next_peak(struct results *results, const char *from,
                       struct results_peak *peak);

/* It lies at `trace` now; NULL: nowhere. */
void results_move_peak(struct results *results, const struct results_peak *peak,
                       const char *trace);

/*
 * The campaigns of all shards joined, one summary for each scenario and seed,
 * in the order of their names.  Of a campaign kept more than once the newest
 * counts.  Owned by the caller, who frees each and the array; NULL if there
 * are none.
 */
struct results_summary *results_joined(struct results *results,
                                       uint32_t *count);

#endif
