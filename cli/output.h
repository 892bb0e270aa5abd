/*
 * Output: the formats that a command was asked for, and where they go.
 *
 *     --format text --format jsonl=run.jsonl --format junit=junit.xml
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli/code.h"
#include "harness/report/summary.h"

#include <stdbool.h>
#include <stdio.h>

enum output_kind {
    OUTPUT_TEXT,
    OUTPUT_JSONL,
    OUTPUT_JUNIT,
    OUTPUTS
};

/* One stream a format; NULL: not wanted. */
struct output {
    FILE *stream[OUTPUTS];
    const char *path[OUTPUTS]; /* NULL: standard output */
};

/*
 * Opens what `formats` (NULL-ended; NULL: text) says, for `command`.  Errors
 * are printed; returns CODE_PASS, CODE_USAGE or CODE_IO.
 */
enum code output_open(struct output *output, const char *command,
                      const char *const *formats);

/* One scenario's result, and the totals, in every format that was asked for.
 * `text` false: the text has the totals only. */
void output_scenario(const struct output *output,
                     const struct scenario_summary *summary, bool colour,
                     bool text);
void output_campaign(const struct output *output,
                     const struct campaign_summary *campaign, bool colour);

/* Closes all; CODE_IO, and a message, if something could not be written. */
enum code output_close(struct output *output);

#endif
