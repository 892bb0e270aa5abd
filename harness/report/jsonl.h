/*
 * JSON lines: the run as a stream of events for programs.
 *
 * One object a line, each with "event" and "schema":
 *   {"event":"failure", ...}    a distinct failure, when it is found
 *   {"event":"scenario", ...}   a scenario's result, when it ends
 *   {"event":"campaign", ...}   the totals, last
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_JSONL_H
#define HX_JSONL_H

#include "harness/report/summary.h"

/* Writes the line of one failure of `scenario`. */
void jsonl_failure(const struct scenario_summary *scenario,
                   const struct summary_failure *failure, FILE *out);

/* Writes the line of a scenario's result, its failures within. */
void jsonl_scenario(const struct scenario_summary *scenario, FILE *out);

/* Writes the line with the totals. */
void jsonl_campaign(const struct campaign_summary *campaign, FILE *out);

/* "failing", "fixed", "stale". */
const char *known_state_name(enum known_state state);

#endif
