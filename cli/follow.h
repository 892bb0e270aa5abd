/*
 * Following: a stream of operations that is judged while it comes, and not
 * kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include "checker/format/formats.h"
#include "cli/code.h"
#include "cli/criteria.h"

#include <stdio.h>

/* How a stream is followed. */
struct follow {
    const struct fl_reading *reading;
    const struct criteria *criteria;
    uint32_t configurations; /* of one object at once; 0: as many as usual */
    FILE *text;              /* a line a history; NULL: none */
    FILE *jsonl;             /* the same as JSON; NULL: none */
};

/*
 * Follows the histories in the file at `path` ("-": standard input), which are
 * lines of JSON in the order of calls, up to the first violation or the end.
 * What is wrong with the input is told as `check` tells it.
 */
enum code follow_file(const struct follow *how, const char *path);

#endif
