/*
 * A trace made ready to run again: its scenario, and a runner for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_RETRACE_H
#define CLI_RETRACE_H

#include "cli/code.h"
#include "harness/child.h"
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

/* What came of making the run of a trace again. */
struct retrace_end {
    bool died; /* the child did not come to its end; `child` says how */
    struct child_end child;
    uint64_t made;      /* runs */
    uint64_t identical; /* of those, like the first, and not diverged */
    enum run_end end;   /* of the first */
    char detail[200];
    /* If it diverged: what came of following its switches where that was
     * possible, and whether that took as many steps. */
    enum run_end loose;
    bool loose_alike;
};

/* Makes the run `times` times in a child, which is killed at `deadline` (of
 * wall_ms()), and compares each with the first. */
struct retrace_end retrace_repeat(const struct retrace *retrace, uint64_t times,
                                  uint64_t deadline);

/* Whether the run ended as its trace says. */
bool retrace_is_same(const struct retrace *retrace, enum run_end end);

/* Ends what retrace_open() began, also after an error. */
void retrace_close(struct retrace *retrace);

#endif
