/*
 * Shrinking: the passes, coarse to fine, until none removes anything.
 *
 *     the end cut off, faults, clients, operations    explored anew
 *     names of clients and values                     replayed tolerantly
 *     preemptions                                     enumerated, else removed
 *     rounds of a livelock that one makes alone       made shorter
 *     other decisions (network, memory)               removed
 *
 * Each pass makes room for the others, so all are made again after the last,
 * until a round removes no operation and no fault.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/shrink.h"
#include "harness/shrink_edit.h"
#include "harness/shrink_try.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/wall.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS_MAX = 8, /* of all passes; each but the last removes something */
    PREEMPTIONS_MAX = 6, /* enumerated bounds: beyond, spaces are too large */
    PREEMPTIONS_FEW = 2, /* so few are enumerated away at once */
    HASTENED_MAX = 512,  /* steps by which one piece is made shorter at once */
};

/* The thread number of client 0. */
static uint32_t client_shift(const struct attempt *attempt)
{
    const struct scenario *scenario = attempt->request->scenario;
    return scenario->system.kind == SYSTEM_NETWORK ? scenario->system.replicas
                                                   : 0;
}

/* Tries the best without calls from..to-1 of `client`. */
static bool try_without_calls(struct attempt *attempt, uint32_t client,
                              uint32_t from, uint32_t to)
{
    assert(from < to);
    uint32_t all = attempt->best->workload.plans[client].count;
    if (from == 0 && to == all && all > 1) {
        attempt->tried.threads++;
    } else {
        attempt->tried.operations++;
    }
    struct trace *edited = trace_copy(attempt->best);
    edit_drop_calls(edited, client, from, to, client_shift(attempt));
    bool fails = attempt_explore(attempt, edited);
    trace_free(edited);
    return fails;
}

/* Tries without the back `part` (a half, a quarter, ...) of each client. */
static bool cut_chunks(struct attempt *attempt, uint32_t chunk)
{
    assert(chunk > 0);
    bool any = false;
    for (uint32_t c = 0; c < attempt->best->workload.clients; c++) {
        uint32_t to = attempt->best->workload.plans[c].count;
        while (to > 0 && !attempt_is_late(attempt)) {
            uint32_t from = to > chunk ? to - chunk : 0;
            if (try_without_calls(attempt, c, from, to)) {
                any = true;
            }
            to = from;
        }
    }
    return any;
}

/* Fewer operations: whole clients, halves, quarters, ..., single ones. */
static bool cut_operations(struct attempt *attempt)
{
    uint32_t longest = 1;
    for (uint32_t c = 0; c < attempt->best->workload.clients; c++) {
        uint32_t count = attempt->best->workload.plans[c].count;
        longest = count > longest ? count : longest;
    }
    bool any = false;
    for (uint32_t chunk = longest; chunk > 0; chunk /= 2) {
        bool cut = cut_chunks(attempt, chunk);
        any = any || cut;
    }
    return any;
}

/* Fewer faults: none at all, or each one away. */
static bool cut_faults(struct attempt *attempt)
{
    if (attempt->best->occurrences_count == 0) {
        return false;
    }
    struct trace *edited = trace_copy(attempt->best);
    edit_drop_occurrences(edited, 0, edited->occurrences_count);
    attempt->tried.faults++;
    bool any = attempt_explore(attempt, edited);
    trace_free(edited);
    for (uint32_t i = attempt->best->occurrences_count; i-- > 0;) {
        if (i >= attempt->best->occurrences_count || attempt_is_late(attempt)) {
            continue;
        }
        edited = trace_copy(attempt->best);
        edit_drop_occurrences(edited, i, i + 1);
        attempt->tried.faults++;
        bool cut = attempt_explore(attempt, edited);
        any = any || cut;
        trace_free(edited);
    }
    return any;
}

/* Whether what client `from` calls may be called by `to`. */
static bool may_take(const struct attempt *attempt, uint32_t to, uint32_t from)
{
    const struct plan *plan = &attempt->best->workload.plans[from];
    for (uint32_t i = 0; i < plan->count; i++) {
        uint32_t fn = plan->calls[i].fn;
        if (!runner_may(attempt->request->runner, to, fn)) {
            return false;
        }
    }
    return true;
}

/* Clients that still do something come first, unless only they may do it. */
static void order_clients(struct attempt *attempt)
{
    assert(attempt->best != NULL);
    uint32_t clients = attempt->best->workload.clients;
    for (uint32_t c = 0; c < clients; c++) {
        uint32_t busy = c;
        while (busy < clients &&
               attempt->best->workload.plans[busy].count == 0) {
            busy++;
        }
        if (busy == c || busy == clients || attempt_is_late(attempt) ||
            !may_take(attempt, c, busy)) {
            continue;
        }
        struct trace *edited = trace_copy(attempt->best);
        edit_swap_clients(edited, c, busy, client_shift(attempt));
        (void)attempt_explore(attempt, edited);
        trace_free(edited);
    }
}

/* Values 1, 2, 3, ...; no waiting where none is needed. */
static void plain_values(struct attempt *attempt)
{
    const struct fl_model *model = runner_model(attempt->request->runner);
    struct trace *edited = trace_copy(attempt->best);
    if (edit_rename_values(edited, attempt->request->scenario, model)) {
        (void)attempt_tolerant(attempt, edited);
    }
    trace_free(edited);
    edited = trace_copy(attempt->best);
    if (edit_drop_thinking(edited)) {
        (void)attempt_tolerant(attempt, edited);
    }
    trace_free(edited);
}

/* A list in a trace, of which parts may go; `tried` counts such candidates. */
struct list {
    void (*drop)(struct trace *trace, uint32_t from, uint32_t to);
    uint32_t (*count)(const struct trace *trace);
    uint32_t *tried;
};

/* Removes parts of a list from the trace for as long as it still fails. */
static void cut_list(struct attempt *attempt, const struct list *list)
{
    for (uint32_t chunk = list->count(attempt->best); chunk > 0; chunk /= 2) {
        uint32_t to = list->count(attempt->best);
        while (to > 0 && !attempt_is_late(attempt)) {
            uint32_t from = to > chunk ? to - chunk : 0;
            struct trace *edited = trace_copy(attempt->best);
            list->drop(edited, from, to);
            (*list->tried)++;
            (void)attempt_tolerant(attempt, edited);
            trace_free(edited);
            uint32_t left = list->count(attempt->best);
            to = from < left ? from : left;
        }
    }
}

/* One-minimal: once more after every round that made the list shorter. */
static void cut_minimal(struct attempt *attempt, const struct list *list)
{
    uint32_t before = UINT32_MAX;
    while (list->count(attempt->best) < before && !attempt_is_late(attempt)) {
        before = list->count(attempt->best);
        cut_list(attempt, list);
    }
}

/* Without any stale read: if it still fails, it is no matter of weak memory. */
static void read_newest(struct attempt *attempt)
{
    if (edit_stale(attempt->best) == 0) {
        return;
    }
    struct trace *edited = trace_copy(attempt->best);
    edit_drop_stale(edited);
    attempt->tried.stale++;
    (void)attempt_tolerant(attempt, edited);
    trace_free(edited);
}

static uint32_t switches_of(const struct trace *trace)
{
    return trace->switches_count;
}

static uint32_t decisions_of(const struct trace *trace)
{
    return trace->decisions_count;
}

static void cut_switches(struct attempt *attempt)
{
    const struct list list = {.drop = edit_drop_switches,
                              .count = switches_of,
                              .tried = &attempt->tried.preemptions};
    cut_minimal(attempt, &list);
}

static void cut_decisions(struct attempt *attempt)
{
    const struct list list = {.drop = edit_drop_decisions,
                              .count = decisions_of,
                              .tried = &attempt->tried.decisions};
    cut_minimal(attempt, &list);
}

/* Makes the piece before switch `which` as short as may be. */
static bool shorten_piece(struct attempt *attempt, uint32_t which)
{
    assert(which < attempt->best->switches_count);
    uint64_t length = edit_piece(attempt->best, which);
    uint64_t by = length > HASTENED_MAX ? HASTENED_MAX : length;
    while (by-- > 1 && !attempt_is_late(attempt)) {
        struct trace *edited = trace_copy(attempt->best);
        edit_hasten(edited, which, by);
        bool shorter = attempt_shorter(attempt, edited);
        trace_free(edited);
        if (shorter) {
            return true;
        }
    }
    return false;
}

/*
 * Of a livelock: who goes round alone between two switches only makes the way
 * longer, to the state that comes back.  No pass that looks at switches sees
 * that, for there are none.
 */
static void shorten_rounds(struct attempt *attempt)
{
    bool any = false;
    for (uint32_t i = attempt->best->switches_count; i-- > 0;) {
        while (attempt_lulls(attempt) && i < attempt->best->switches_count &&
               shorten_piece(attempt, i)) {
            any = true;
        }
    }
    if (any) {
        cut_switches(attempt);
    }
}

/*
 * The fewest preemptions: bounds 0, 1, 2, ... are enumerated up to the best's.
 * True: whatever has fewer than the best was tried, and none of it fails.
 */
static bool fewest_preemptions(struct attempt *attempt)
{
    assert(attempt->best != NULL);
    bool all = true;
    uint32_t bound = 0;
    if (attempt->preemptions > PREEMPTIONS_FEW) { /* leaves fewer bounds */
        (void)attempt_ease(attempt);
        cut_switches(attempt);
    }
    while (bound < attempt->preemptions && bound <= PREEMPTIONS_MAX) {
        switch (attempt_enumerate(attempt, bound)) {
        case ENUMERATED_FOUND:
            return all;
        case ENUMERATED_NONE:
            break;
        case ENUMERATED_PARTLY:
            all = false;
            bound = PREEMPTIONS_MAX; /* larger ones will not end either */
            break;
        }
        bound++;
    }
    if (!all || bound < attempt->preemptions) {
        cut_switches(attempt);
        return false;
    }
    return true;
}

/* All passes over operations and faults until nothing more goes.  Whether
 * anything went. */
static bool cut_together(struct attempt *attempt)
{
    bool any = false;
    for (uint32_t round = 0; round < ROUNDS_MAX; round++) {
        bool fewer_faults = cut_faults(attempt);
        bool fewer_calls = cut_operations(attempt);
        if (!fewer_faults && !fewer_calls) {
            break;
        }
        any = true;
        if (attempt_is_late(attempt)) {
            break;
        }
    }
    return any;
}

/* All passes, again and again: with fewer preemptions and decisions in the way
 * an operation may go that could not before.  Whether no schedule with fewer
 * preemptions fails. */
static bool cut_everything(struct attempt *attempt, bool network)
{
    bool fewest = false;
    for (uint32_t round = 0; round < ROUNDS_MAX; round++) {
        bool fewer = cut_together(attempt);
        if (round > 0 && !fewer) {
            break;
        }
        order_clients(attempt);
        if (!network) { /* where nodes wait for messages, none are preempted */
            fewest = fewest_preemptions(attempt);
            shorten_rounds(attempt);
        }
        read_newest(attempt);
        cut_decisions(attempt);
        plain_values(attempt);
    }
    return fewest;
}

/* Whether the best replays, exactly; otherwise the original stands. */
static bool confirm(struct attempt *attempt)
{
    assert(attempt->best != NULL);
    struct run_request request = {.mode = RUN_REPLAY, .trace = attempt->best};
    struct run_outcome outcome;
    attempt->runs++;
    runner_run(attempt->request->runner, &request, &outcome);
    return outcome.end == attempt->end;
}

/* `best` is called after the strategy that found `original`; but not if it was
 * made in another world, in which it has to be repeated. */
static void keep_strategy(struct trace *best, const struct trace *original)
{
    if (strategy_world(best->strategy) == strategy_world(original->strategy)) {
        free(best->strategy);
        best->strategy =
            original->strategy == NULL ? NULL : strdup(original->strategy);
    }
}

struct trace *shrink_trace(const struct shrink_request *request,
                           struct fl_record_shrink *counts)
{
    assert(request != NULL && counts != NULL);
    assert(request->runner != NULL && request->trace != NULL);
    uint64_t started = wall_ms();
    struct attempt attempt = {.request = request};
    *counts = (struct fl_record_shrink){0};
    if (!attempt_begin(&attempt)) {
        return NULL;
    }
    counts->operations_before = edit_operations(&request->trace->workload);
    counts->faults_before = request->trace->occurrences_count;
    counts->stale_before = edit_stale(request->trace);
    read_newest(&attempt);
    bool network = request->scenario->system.kind == SYSTEM_NETWORK;
    if (!network) { /* where nodes wait for messages, nobody is preempted */
        counts->preemptions_before = (uint32_t)attempt.preemptions;
    }
    counts->fewest_proved = cut_everything(&attempt, network);
    counts->complete = !attempt.late;

    if (!confirm(&attempt)) {
        trace_free(attempt.best);
        attempt.best = trace_copy(request->trace);
        counts->complete = false;
        counts->fewest_proved = false;
        attempt.preemptions = counts->preemptions_before;
    }
    counts->operations_after = edit_operations(&attempt.best->workload);
    counts->faults_after = attempt.best->occurrences_count;
    counts->stale_after = edit_stale(attempt.best);
    if (!network) {
        counts->preemptions_after = (uint32_t)attempt.preemptions;
    }
    counts->replays = attempt.runs;
    counts->tried = attempt.tried;
    counts->milliseconds = (uint32_t)(wall_ms() - started);
    keep_strategy(attempt.best, request->trace);
    attempt.best->seed = request->trace->seed;
    attempt.best->index = request->trace->index;
    return attempt.best;
}
