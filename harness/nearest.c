/*
 * The nearest passing run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/nearest.h"

#include "harness/log.h"
#include "harness/need.h"
#include "harness/shrink_edit.h"
#include "harness/wall.h"

#include <assert.h>
#include <stdlib.h>

enum {
    MOVE_MAX = 6, /* steps that a switch is moved by */
    TRIES_MAX = 2000
};

/* What makes a step the same one in another run. */
struct trail_step {
    enum fl_step_kind kind;
    uint32_t thread;
    uintptr_t pc;
    uintptr_t address;
    uint64_t after;
};

struct search {
    struct runner *runner;
    const struct trace *trace;
    uint64_t deadline;
    struct trail_step *trail; /* of the failing run */
    uint32_t count;
    struct nearest best;
};

static struct trail_step trail_of(const struct log_step *step)
{
    return (struct trail_step){.kind = step->kind,
                               .thread = step->thread,
                               .pc = step->pc,
                               .address = step->address,
                               .after = step->after};
}

static bool is_same(const struct trail_step *a, const struct log_step *b)
{
    return a->kind == b->kind && a->thread == b->thread && a->pc == b->pc &&
           a->address == b->address && a->after == b->after;
}

/* Keeps the failing run's trail.  False: the trace does not fail here. */
static bool begin(struct search *s)
{
    struct run_request request = {.mode = RUN_REPLAY, .trace = s->trace};
    struct run_outcome outcome;
    runner_run(s->runner, &request, &outcome);
    if (run_end_verdict(outcome.end) != FL_VIOLATION ||
        outcome.end == RUN_DIVERGED) {
        return false;
    }
    const struct run_log *log = runner_log(s->runner);
    s->count = log->steps_count;
    s->trail =
        need(malloc((s->count + (size_t)1) * sizeof(*s->trail)), "a trail");
    for (uint32_t i = 0; i < s->count; i++) {
        s->trail[i] = trail_of(&log->steps[i]);
    }
    return true;
}

/* Runs an edited trace; if it passes and parts later than the best so far, it
 * is the best. */
static void try_change(struct search *s, const struct trace *edited,
                       enum nearest_change change)
{
    assert(change != NEAREST_NONE);
    struct run_request request = {.mode = RUN_TOLERANT, .trace = edited};
    struct run_outcome outcome;
    s->best.tried++;
    runner_run(s->runner, &request, &outcome);
    if (run_end_verdict(outcome.end) != FL_PASS) {
        return;
    }
    s->best.passing++;
    const struct run_log *log = runner_log(s->runner);
    uint32_t same = 0;
    while (same < s->count && same < log->steps_count &&
           is_same(&s->trail[same], &log->steps[same])) {
        same++;
    }
    if (same == s->count ||
        (s->best.change != NEAREST_NONE && same <= s->best.step)) {
        return;
    }
    s->best.change = change;
    s->best.step = same;
    s->best.fails = s->trail[same].thread;
    s->best.passes =
        same < log->steps_count ? log->steps[same].thread : NEAREST_NO_THREAD;
}

static bool goes_on(const struct search *s)
{
    return s->best.tried < TRIES_MAX && wall_left(s->deadline, 1) > 0;
}

/* A switch at another moment; the order of switches stays. */
static void try_moved(struct search *s, uint32_t i, int by)
{
    const struct thread_switch *all = s->trace->switches;
    uint64_t step = all[i].step >> 1;
    if (by < 0 && step < (uint64_t)-by) {
        return;
    }
    uint64_t moved = by < 0 ? step - (uint64_t)-by : step + (uint64_t)by;
    uint64_t moment = moved << 1 | (all[i].step & 1);
    if ((i > 0 && moment <= all[i - 1].step) ||
        (i + 1 < s->trace->switches_count && moment >= all[i + 1].step)) {
        return;
    }
    struct trace *edited = trace_copy(s->trace);
    edited->switches[i].step = moment;
    try_change(s, edited, NEAREST_SWITCH);
    trace_free(edited);
}

static void try_switches(struct search *s)
{
    for (uint32_t i = s->trace->switches_count; i-- > 0 && goes_on(s);) {
        struct trace *edited = trace_copy(s->trace);
        edit_drop_switches(edited, i, i + 1);
        try_change(s, edited, NEAREST_SWITCH);
        trace_free(edited);
        for (int by = 1; by <= MOVE_MAX && goes_on(s); by++) {
            try_moved(s, i, by);
            try_moved(s, i, -by);
        }
    }
}

static void try_others(struct search *s)
{
    for (uint32_t i = s->trace->occurrences_count; i-- > 0 && goes_on(s);) {
        struct trace *edited = trace_copy(s->trace);
        edit_drop_occurrences(edited, i, i + 1);
        try_change(s, edited, NEAREST_FAULT);
        trace_free(edited);
    }
    for (uint32_t i = s->trace->decisions_count; i-- > 0 && goes_on(s);) {
        struct trace *edited = trace_copy(s->trace);
        edit_drop_decisions(edited, i, i + 1);
        try_change(s, edited, NEAREST_CHOICE);
        trace_free(edited);
    }
}

struct nearest nearest_find(struct runner *runner, const struct trace *trace,
                            uint64_t deadline)
{
    assert(runner != NULL && trace != NULL);
    struct search s = {.runner = runner, .trace = trace, .deadline = deadline};
    if (begin(&s)) {
        try_switches(&s);
        try_others(&s);
    }
    free(s.trail);
    return s.best;
}
