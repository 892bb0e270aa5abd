/*
 * A trace made ready to run again: its scenario, and a runner for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_RETRACE_H
#define CLI_RETRACE_H

#include "cli/code.h"
#include "harness/run.h"

struct retrace {
    struct trace *trace;
    struct scenario *scenario; /* of the text that the trace carries */
    struct runner *runner;
    char directory[1024]; /* that the trace lies in */
};

/* Reads the trace at `path` for `command`.  CODE_PASS, or another code and a
 * message.  Ended by retrace_close() in any case. */
enum code retrace_open(struct retrace *retrace, const char *command,
                       const char *path);

/* Ends what retrace_open() began, also after an error. */
void retrace_close(struct retrace *retrace);

#endif
