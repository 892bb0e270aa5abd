/*
 * Culprits, by bisection over fresh processes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/culprit.h"

#include "harness/child.h"
#include "harness/wall.h"

#include <assert.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    BEFORE = 2048,   /* runs before the last one that are suspected */
    LONGEST = 10000, /* ms for one process */
    TO_THE_END = 77, /* exit code; whoever exits by himself has another */
};

/* Runs to make again. */
struct suspects {
    const struct campaign_request *request;
    uint64_t from;
    uint64_t to; /* included */
};

static int make_runs(void *argument)
{
    const struct suspects *s = argument;
    const struct campaign_request *q = s->request;
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) {
        (void)dup2(nowhere, STDERR_FILENO); /* libc says what it dies of */
    }
    struct run_request run = {
        .mode = RUN_EXPLORE,
        .seed = q->seed,
        .strategy = q->strategy,
        .preemptions = q->scenario->schedule.preemptions,
    };
    for (run.index = s->from; run.index <= s->to; run.index++) {
        struct run_outcome outcome;
        runner_run(q->runner, &run, &outcome);
    }
    return TO_THE_END;
}

static bool dies(const struct campaign_request *request, uint64_t from,
                 uint64_t to)
{
    assert(from <= to);
    struct suspects s = {.request = request, .from = from, .to = to};
    struct child_end end =
        child_run(make_runs, &s, wall_ms() + LONGEST, request->interrupt);
    return !end.too_late && !end.stopped &&
           (!end.exited || end.code != TO_THE_END);
}

void culprit_find(const struct campaign_request *request,
                  struct campaign_death *death)
{
    assert(request != NULL && death != NULL);
    uint64_t last = death->index;
    death->culprit = last;
    if (dies(request, last, last)) {
        return;
    }
    uint64_t low = request->first;
    low = last - low > BEFORE ? last - BEFORE : low;
    if (low == last || !dies(request, low, last)) {
        death->culprit = UINT64_MAX;
        return;
    }
    uint64_t high = last; /* from `low` on it dies, from `high` on not */
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (dies(request, middle, last)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    death->culprit = low;
}
