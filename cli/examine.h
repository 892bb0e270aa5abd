/*
 * Examining one scenario: campaign, findings, verdict.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_EXAMINE_H
#define CLI_EXAMINE_H

#include "cli/code.h"
#include "harness/divergence.h"
#include "harness/elsewhere.h"
#include "harness/finding.h"
#include "harness/plain_waits.h"
#include "harness/reach_told.h"
#include "harness/report/summary.h"
#include "harness/results.h"
#include "harness/shard.h"

enum {
    FINDINGS_MAX = 8,  /* failures shrunk and told; others are counted */
    WARNINGS_MAX = 24, /* rules and points named */
};

/* out/runs.sqlite, opened when there is something to keep. */
struct ledger {
    struct results *results; /* NULL: not yet, or it cannot be */
    bool tried;
};

/* How to examine. */
struct examination {
    uint64_t seed;
    uint64_t schedules; /* 0: as the scenario says */
    uint64_t first;     /* index of the first run; 0: as the scenario says */
    uint64_t deadline;  /* of the whole command, of wall_ms(); WALL_NEVER */
    uint32_t jobs;      /* 0: as the scenario says, else all processors */
    bool fail_fast;     /* stop at the first failure */
    bool keep_going;    /* never stop at failures */
    bool shrink;
    bool draw;
    const char *strategy;  /* NULL: as written */
    const char *variant;   /* NULL: as written */
    const char *out;       /* directory of findings; NULL: keep none */
    FILE *text;            /* terminal reports as they are made; NULL: none */
    bool verbose;          /* reports of expected violations, too */
    struct shard shard;    /* count 0: everything */
    bool resume;           /* what `results` has is not run again */
    struct ledger *ledger; /* what is done is kept there; NULL: nowhere */
    struct report_style style;
    struct interrupt *interrupt; /* may be NULL */
    struct status *status;       /* may be NULL */
};

/* The result of one scenario, and what its summary borrows. */
struct result {
    enum code code;
    struct scenario_summary summary;
    struct scenario *scenario; /* owned; NULL if it could not be loaded */
    struct campaign_outcome outcome;
    bool tells_weak; /* runner_tells_weak() */
    char seed[24];
    char subject[128];
    char reason[480];
    char ungraphed[480]; /* why a search is not one over graphs */
    struct finding findings[FINDINGS_MAX];
    struct summary_failure failures[FINDINGS_MAX];
    char divergence[DIVERGENCE_MAX]; /* why a run was not deterministic */
    char elsewhere[DIVERGENCE_MAX];  /* what differs at other addresses */
    char plainly[PLAIN_WAITS_TEXT];  /* who waits for a plain variable */
    struct reach_texts reach_texts;
    char peak_traces[PEAKS][STORE_PATH_MAX];
    char warning_texts[WARNINGS_MAX][480];
    const char *warnings[WARNINGS_MAX];
};

/* Examines `scenario`, which the result owns from now on.  Ended by
 * result_free(). */
struct result *examine(const struct examination *how,
                       struct scenario *scenario);

/* The result of a scenario that does not run: could not be read (`scenario`
 * is NULL, and `path` names it), or is left out for `reason`. */
struct result *result_of_none(const char *path, struct scenario *scenario,
                              enum code code, const char *reason);

/* Ends a result.  NULL is allowed. */
void result_free(struct result *result);

/* Whether the result shows a violation that was not expected. */
bool result_fails(const struct result *result);

#endif
