/*
 * How runs end: their names and what they mean for the verdict.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/run.h"

#include <assert.h>

/* One end: its name in reports, and the verdict that it is. */
struct ending {
    const char *name;
    enum fl_verdict verdict;
};

static const struct ending endings[RUN_ENDS] = {
    [RUN_FINISHED] = {"passed", FL_PASS},
    [RUN_NOT_LINEARIZABLE] = {"not linearizable", FL_VIOLATION},
    [RUN_UNDECIDED] = {"checker budget exhausted", FL_INCONCLUSIVE},
    [RUN_STEP_LIMIT] = {"step limit", FL_INCONCLUSIVE},
    [RUN_TIME_LIMIT] = {"time limit", FL_INCONCLUSIVE},
    [RUN_STUCK] = {"loop without a point", FL_INCONCLUSIVE},
    [RUN_OUTSIDE] = {"blocked outside the simulated world", FL_INCONCLUSIVE},
    [RUN_DEADLOCK] = {"deadlock", FL_VIOLATION},
    [RUN_LIVELOCK] = {"livelock", FL_VIOLATION},
    [RUN_BLOCKED] = {"survivors blocked", FL_VIOLATION},
    [RUN_NOT_RECOVERED] = {"not recovered in time", FL_VIOLATION},
    [RUN_NOT_EXCLUSIVE] = {"mutual exclusion broken", FL_VIOLATION},
    [RUN_CRASHED] = {"program crashed", FL_VIOLATION},
    [RUN_ABORTED] = {"program aborted", FL_VIOLATION},
    [RUN_ASSERTION] = {"assertion failed", FL_VIOLATION},
    [RUN_STACK_OVERFLOW] = {"stack overflow", FL_VIOLATION},
    [RUN_USE_AFTER_FREE] = {"use after free", FL_VIOLATION},
    [RUN_OUT_OF_BOUNDS] = {"out of bounds", FL_VIOLATION},
    [RUN_DOUBLE_FREE] = {"double free", FL_VIOLATION},
    [RUN_INVALID_FREE] = {"invalid free", FL_VIOLATION},
    [RUN_UNINITIALISED] = {"uninitialised read", FL_VIOLATION},
    [RUN_LEAK] = {"leak", FL_VIOLATION},
    [RUN_RACE] = {"data race", FL_VIOLATION},
    [RUN_MISUSE] = {"misuse of a call", FL_VIOLATION},
    [RUN_INVARIANT] = {"invariant broken", FL_VIOLATION},
    [RUN_MEMORY_BOUND] = {"memory bound passed", FL_VIOLATION},
    [RUN_STEPS_BOUND] = {"steps bound passed", FL_VIOLATION},
    [RUN_STARVED] = {"starvation", FL_VIOLATION},
    [RUN_CUT] = {"cut short", FL_PASS},
    [RUN_BEYOND] = {"more than is simulated", FL_INCONCLUSIVE},
    [RUN_DIVERGED] = {"replay diverged", FL_INCONCLUSIVE},
};

const char *run_end_name(enum run_end end)
{
    assert(end < RUN_ENDS);
    return endings[end].name;
}

enum fl_verdict run_end_verdict(enum run_end end)
{
    assert(end < RUN_ENDS);
    return endings[end].verdict;
}

uint64_t run_ends_undecided(const uint64_t ends[RUN_ENDS])
{
    uint64_t undecided = 0;
    for (uint32_t e = 0; e < RUN_ENDS; e++) {
        if (run_end_verdict((enum run_end)e) == FL_INCONCLUSIVE) {
            undecided += ends[e];
        }
    }
    return undecided;
}
