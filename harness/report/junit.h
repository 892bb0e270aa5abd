/*
 * JUnit XML, as CI systems read it: one test case a scenario.
 *
 * A violation is a `failure` with one line as its message and the command
 * that repeats it as its text; inconclusive and skipped scenarios are
 * `skipped` with the reason; our own trouble is an `error`.  Characters that
 * XML cannot hold are left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_JUNIT_H
#define HX_JUNIT_H

#include "harness/report/summary.h"

/* Writes `campaign` as one document. */
void junit_write(const struct campaign_summary *campaign, FILE *out);

/* Writes `text` escaped for XML text and attribute values: not UTF-8 becomes
 * U+FFFD, characters that XML forbids are dropped. */
void junit_escape(const char *text, FILE *out);

#endif
