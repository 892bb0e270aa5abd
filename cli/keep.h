/*
 * What `run` keeps in out/runs.sqlite, and takes up again with --resume.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_KEEP_H
#define CLI_KEEP_H

#include "cli/examine.h"
#include "harness/results.h"

/* One campaign being kept. */
struct keeping {
    struct results *results; /* NULL: nothing is kept */
    bool missed;             /* ... though --resume needs it */
    int64_t row;
    const struct campaign_request *campaign; /* that is kept */
    struct results_run before; /* what an earlier run had done of it */
};

/*
 * Begins to keep `campaign`, whose `from` and known failures are set to where
 * an earlier run was cut if `how` asks to resume.  True: that run had finished,
 * and `result` is what came of it.  `keeping` must outlive the campaign.
 */
bool keep_begin(struct keeping *keeping, const struct examination *how,
                struct campaign_request *campaign, struct result *result);

/* Adds what was done before to what came of the campaign. */
void keep_add(const struct keeping *keeping, struct campaign_outcome *outcome);

/* Keeps the judged result. */
void keep_end(struct keeping *keeping, struct result *result);

/* Opens <out>/runs.sqlite; NULL, and a reason, if it cannot be. */
struct results *keep_open(const char *out);

#endif
