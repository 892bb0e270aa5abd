/*
 * Judging: from what a campaign counted to a status, a reason and a code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_JUDGE_H
#define CLI_JUDGE_H

#include "cli/examine.h"

/*
 * Fills the status, reason, code, numbers and warnings of `result` from its
 * outcome and findings.  `exhaustive`: all schedules were asked for.
 */
void judge(struct result *result, const struct fl_algorithm *algorithm,
           bool exhaustive);

/* The exit code of a status that was kept. */
enum code judge_kept(enum summary_status status);

#endif
