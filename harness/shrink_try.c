/*
 * Trying candidates.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/shrink_try.h"
#include "harness/wall.h"

#include <assert.h>
#include <stdlib.h>

enum {
    /* Explorations of a candidate: twenty times what a success took so far
     * leaves 1 in 10^8 to chance, within these bounds. */
    EXPLORE_FACTOR = 20,
    EXPLORE_MIN = 400,
    EXPLORE_MAX = 4000,
    ENUMERATE_MAX = 200000, /* schedules of one bound */
    BETTER_MAX = 2000,      /* more, to find one that reads better */
    EASE_MAX = 4000,        /* explorations since a success */
};

bool attempt_is_late(struct attempt *attempt)
{
    uint64_t deadline = attempt->request->deadline;
    if (!attempt->late && deadline != WALL_NEVER) {
        attempt->late = wall_ms() >= deadline;
    }
    return attempt->late;
}

/* The run just recorded becomes the best. */
static void adopt(struct attempt *attempt, const struct run_outcome *outcome)
{
    struct trace *trace = runner_trace(attempt->request->runner);
    assert(trace != NULL);
    trace_free(attempt->best);
    attempt->best = trace;
    attempt->preemptions = outcome->preemptions;
    attempt->steps = outcome->steps;
}

bool attempt_lulls(const struct attempt *attempt)
{
    return attempt->end == RUN_LIVELOCK || attempt->end == RUN_BLOCKED;
}

/* Of a livelock the shortest run is wanted: it ends at the first state that
 * comes back, not at one that came back after a decent while. */
static void run(struct attempt *attempt, const struct run_request *request,
                struct run_outcome *outcome)
{
    struct run_request eager = *request;
    if (attempt_lulls(attempt) && request->mode != RUN_REPLAY) {
        eager.patience = 1;
    }
    attempt->runs++;
    runner_run(attempt->request->runner, &eager, outcome);
}

bool attempt_begin(struct attempt *attempt)
{
    assert(attempt->best == NULL);
    const struct trace *trace = attempt->request->trace;
    struct run_request request = {.mode = RUN_REPLAY, .trace = trace};
    struct run_outcome outcome;
    run(attempt, &request, &outcome);
    if (run_end_verdict(outcome.end) != FL_VIOLATION ||
        outcome.end == RUN_DIVERGED) {
        return false;
    }
    attempt->end = outcome.end;
    attempt->best = trace_copy(trace);
    attempt->preemptions = outcome.preemptions;
    attempt->steps = outcome.steps;
    return true;
}

/* Replays `edited` where it is possible. */
static void replay(struct attempt *attempt, const struct trace *edited,
                   struct run_outcome *outcome)
{
    assert(edited != attempt->best); /* it would be freed */
    struct run_request request = {
        .mode = RUN_TOLERANT,
        .seed = edited->seed,
        .index = edited->index,
        .trace = edited,
    };
    run(attempt, &request, outcome);
}

bool attempt_tolerant(struct attempt *attempt, const struct trace *edited)
{
    struct run_outcome outcome;
    replay(attempt, edited, &outcome);
    if (outcome.end != attempt->end) {
        return false;
    }
    adopt(attempt, &outcome);
    return true;
}

bool attempt_shorter(struct attempt *attempt, const struct trace *edited)
{
    struct run_outcome outcome;
    replay(attempt, edited, &outcome);
    if (outcome.end != attempt->end || outcome.steps >= attempt->steps ||
        outcome.preemptions > attempt->preemptions) {
        return false;
    }
    adopt(attempt, &outcome);
    return true;
}

/* How many seeds a candidate gets. */
static uint64_t explorations(const struct attempt *attempt)
{
    uint64_t wanted = attempt->needed * EXPLORE_FACTOR;
    if (wanted < EXPLORE_MIN) {
        return EXPLORE_MIN;
    }
    return wanted > EXPLORE_MAX ? EXPLORE_MAX : wanted;
}

/* Records the failing run that `request` explored. */
static bool record(struct attempt *attempt, struct run_request request)
{
    request.mode = RUN_RECORD;
    struct run_outcome outcome;
    run(attempt, &request, &outcome);
    if (outcome.end != attempt->end) {
        return false;
    }
    adopt(attempt, &outcome);
    return true;
}

bool attempt_explore(struct attempt *attempt, const struct trace *edited)
{
    assert(edited != attempt->best);
    if (attempt_tolerant(attempt, edited)) {
        return true;
    }
    static const char *const strategies[] = {"random", "pct", "sticky"};
    struct run_request request = {
        .mode = RUN_EXPLORE,
        .seed = edited->run_seed ^ edited->seed,
        .workload = &edited->workload,
        .faults = edited,
    };
    uint64_t most = explorations(attempt);
    if (most > attempt->tried.schedules) {
        attempt->tried.schedules = (uint32_t)most;
    }
    for (uint64_t i = 0; i < most; i++) {
        if (i % 16 == 0 && attempt_is_late(attempt)) {
            return false;
        }
        request.index = i;
        request.strategy = strategies[i % 3];
        struct run_outcome outcome;
        run(attempt, &request, &outcome);
        if (outcome.end == attempt->end && record(attempt, request)) {
            if (i > attempt->needed) {
                attempt->needed = i;
            }
            return true;
        }
    }
    return false;
}

/* How hard a run is to read: switches first, then steps. */
static uint64_t hardness(const struct run_outcome *outcome)
{
    return outcome->preemptions << 48 | outcome->switches << 32 |
           (outcome->steps & UINT32_MAX);
}

enum enumerated attempt_enumerate(struct attempt *attempt, uint32_t preemptions)
{
    assert(attempt->best != NULL);
    struct trace *fixed = trace_copy(attempt->best);
    struct run_request request = {
        .mode = RUN_EXPLORE,
        .seed = fixed->seed,
        .index = fixed->index,
        .workload = &fixed->workload,
        .faults = fixed,
        .strategy = "exhaustive",
        .preemptions = preemptions,
        .bounded = true,
    };
    enum enumerated result = ENUMERATED_PARTLY;
    uint64_t easiest = UINT64_MAX;
    uint64_t most = ENUMERATE_MAX;
    for (uint64_t i = 0; i < most && !attempt_is_late(attempt); i++) {
        struct run_outcome outcome;
        run(attempt, &request, &outcome);
        attempt->tried.enumerated++;
        bool last = outcome.last;
        bool exhausted = outcome.exhausted;
        request.exhaustive_next = true;
        if (outcome.end == attempt->end && hardness(&outcome) < easiest) {
            uint64_t found = hardness(&outcome);
            if (record(attempt, request)) {
                easiest = found;
                result = ENUMERATED_FOUND;
                most = i + BETTER_MAX < most ? i + BETTER_MAX : most;
            }
        }
        if (last && exhausted && result != ENUMERATED_FOUND) {
            result = ENUMERATED_NONE;
        }
        if (last) {
            break;
        }
    }
    trace_free(fixed);
    return result;
}

bool attempt_ease(struct attempt *attempt)
{
    assert(attempt->best != NULL);
    /* those whose schedules have few preemptions */
    static const char *const strategies[] = {"pct", "delay", "sticky"};
    struct trace *fixed = trace_copy(attempt->best);
    struct run_request request = {
        .mode = RUN_EXPLORE,
        .seed = fixed->run_seed ^ fixed->seed,
        .workload = &fixed->workload,
        .faults = fixed,
    };
    bool any = false;
    uint64_t most = EASE_MAX;
    for (uint64_t i = 0; i < most && attempt->preemptions > 0; i++) {
        if (i % 16 == 0 && attempt_is_late(attempt)) {
            break;
        }
        request.index = i;
        request.strategy = strategies[i % 3];
        struct run_outcome outcome;
        run(attempt, &request, &outcome);
        if (outcome.end == attempt->end &&
            outcome.preemptions < attempt->preemptions &&
            record(attempt, request)) {
            any = true;
            most = i + EASE_MAX;
        }
    }
    trace_free(fixed);
    return any;
}
