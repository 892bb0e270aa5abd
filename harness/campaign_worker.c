/*
 * A worker of a campaign: takes blocks of indices and runs them.
 *
 * A failing run that is the first of its bucket here is at once run again to
 * record it, and its trace is written to out/ before anything else happens, so
 * that nothing found is lost if the machine goes away.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/campaign_page.h"
#include "harness/child.h"
#include "harness/reach.h"
#include "harness/wall.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FLUSH_RUNS = 64,    /* between two looks at the world outside */
    REPEAT_EVERY = 100, /* one run in so many is made twice and compared */
};

static uint64_t load(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* One writer: no read-modify-write is needed. */
static void store(_Atomic uint64_t *counter, uint64_t value)
{
    atomic_store_explicit(counter, value, memory_order_relaxed);
}

static void add(_Atomic uint64_t *counter, uint64_t value)
{
    store(counter, load(counter) + value);
}

static void tell(const struct worker *w, const struct message *message)
{
    assert(message->worker == w->number);
    ssize_t size = write(w->pipe, message, sizeof(*message));
    if (size != (ssize_t)sizeof(*message)) {
        _exit(1); /* the parent is gone */
    }
}

/* Writes the counters of rules and points, and looks for the parent. */
static void flush_counters(struct worker *w)
{
    const struct runner *runner = w->request->runner;
    const char *const *points = runner_algorithm(runner)->points;
    w->unflushed = 0;
    for (uint32_t i = 0; i < w->request->scenario->rules_count; i++) {
        store(&w->slot->fired[i], w->fired[i] + runner_fired(runner, i));
    }
    for (uint32_t i = 0;
         points != NULL && points[i] != NULL && i < CAMPAIGN_POINTS_MAX; i++) {
        store(&w->slot->reached[i], w->reached[i] + runner_reached(runner, i));
    }
    store(&w->slot->untried, load(&w->slot->untried) | runner_untried(runner));
    store(&w->slot->waited,
          campaign_least(load(&w->slot->waited), runner_waits_plainly(runner)));
    if (getppid() != w->parent) {
        _exit(1);
    }
}

/* Finds the bucket of a failure, or makes it, which sets *fresh.  Returns
 * CAMPAIGN_FAILURES_MAX if there are too many. */
static uint32_t find_bucket(struct slot *slot, uint64_t coarse, bool *fresh)
{
    *fresh = false;
    uint32_t i = 0;
    while (i < slot->buckets_count && slot->buckets[i] != coarse) {
        i++;
    }
    if (i == slot->buckets_count && i < CAMPAIGN_FAILURES_MAX) {
        slot->buckets[i] = coarse;
        slot->buckets_count++;
        *fresh = true;
    }
    return i;
}

static void tell_unsteady(const struct worker *w, uint64_t index)
{
    struct message message = {.kind = MESSAGE_UNSTEADY, .worker = w->number};
    message.failure.index = index;
    tell(w, &message);
}

/* Writes the trace of the run just recorded, and its texts. */
static void keep_trace(struct worker *w, struct message *message)
{
    struct trace *trace = runner_trace(w->request->runner);
    assert(trace != NULL);
    assert(trace->index == message->failure.index);
    if (w->request->store != NULL) {
        (void)store_found(&w->store, trace, message->failure.found);
        message->store_error = w->store.error;
    }
    trace_free(trace);
}

/* Whether a recorded run went another way than it did when it was explored.
 * Its digest says more, as it takes in every access, so the two digests are
 * not compared. */
static bool differs(const struct run_outcome *explored,
                    const struct run_outcome *recorded)
{
    return explored->end != recorded->end ||
           explored->steps != recorded->steps ||
           explored->switches != recorded->switches ||
           explored->preemptions != recorded->preemptions ||
           explored->time != recorded->time;
}

/* One failure is enough: no worker needs to hear it from the parent. */
static void stop_behind(struct page *page, uint64_t index)
{
    uint64_t seen = load(&page->stop_at);
    while (index < seen && !atomic_compare_exchange_weak_explicit(
                               &page->stop_at, &seen, index,
                               memory_order_relaxed, memory_order_relaxed)) {
    }
}

/* Records the failing run, keeps it, and tells the parent. */
static void keep_failure(struct worker *w, const struct run_request *request,
                         const struct run_outcome *found)
{
    assert(run_end_verdict(found->end) == FL_VIOLATION);
    struct message message = {.kind = MESSAGE_FAILURE, .worker = w->number};
    struct campaign_failure *failure = &message.failure;
    failure->index = request->index;
    failure->end = found->end;
    failure->coarse = found->coarse;
    failure->milliseconds = (uint32_t)(wall_ms() - w->started);
    if (found->detail != NULL) {
        (void)snprintf(failure->detail, sizeof(failure->detail), "%s",
                       found->detail);
    }
    struct run_outcome first = *found;
    struct run_request again = *request;
    again.mode = RUN_RECORD;
    again.reach = NULL;
    struct run_outcome recorded;
    runner_run(w->request->runner, &again, &recorded);
    if (differs(&first, &recorded)) {
        tell_unsteady(w, request->index);
    } else {
        keep_trace(w, &message);
        if (w->request->stop_after == 1) {
            stop_behind(w->page, request->index);
        }
    }
    tell(w, &message);
}

/* The first run of this worker that ended so, without a verdict: keeps it, for
 * whoever wants to know what it does. */
static void keep_open(struct worker *w, const struct run_request *request,
                      const struct run_outcome *found)
{
    enum run_end end = found->end;
    if ((w->opened >> end & 1) != 0) {
        return;
    }
    w->opened |= (uint64_t)1 << end;
    struct message message = {.kind = MESSAGE_OPEN, .worker = w->number};
    message.failure.index = request->index;
    message.failure.end = end;
    (void)snprintf(message.failure.detail, sizeof(message.failure.detail), "%s",
                   found->detail == NULL ? "" : found->detail);
    if (end != RUN_UNDECIDED) { /* which costs a checker's budget again */
        struct run_request again = *request;
        again.mode = RUN_RECORD;
        again.reach = NULL;
        struct run_outcome recorded;
        runner_run(w->request->runner, &again, &recorded);
        if (recorded.end == end) {
            keep_trace(w, &message);
        }
    }
    tell(w, &message);
}

/* A copy of this worker, made by the program under test, must not go on with
 * the campaign: it says in which run it came to be, and ends. */
static void end_copy(struct worker *w, uint64_t index)
{
    if (*w->original == 0) {
        uint64_t seen = load(&w->slot->forked);
        if (seen == 0 || index + 1 < seen) {
            store(&w->slot->forked, index + 1);
        }
        _exit(0);
    }
}

/* Where this worker notes what runs show; NULL: nobody asks. */
static struct reach *reach_of(const struct worker *w)
{
    struct reach *all = w->request->reach;
    return all == NULL ? NULL : &all[w->slot - w->page->slots];
}

/* Makes a run, which is looked at if anybody asks. */
static void make_run(struct worker *w, const struct run_request *request,
                     struct run_outcome *outcome)
{
    struct reach *reach = request->reach;
    uint64_t first = w->request->first;
    if (reach != NULL && campaign_is_exhaustive(w->request)) {
        reach_next(reach, first + load(&w->slot->runs), REACH_SAMPLES);
    } else if (reach != NULL) {
        reach_next(reach, request->index, reach_sample(first, request->index));
    }
    runner_run(w->request->runner, request, outcome);
    end_copy(w, request->index);
    if (reach != NULL) {
        reach_end(reach);
    }
}

/* Runs index once more in other surroundings; both must agree. */
static void repeat_run(struct worker *w, const struct run_request *request,
                       const struct run_outcome *first)
{
    uint64_t digest = first->digest;
    enum run_end end = first->end;
    struct run_request again = *request;
    again.second = true;
    uint32_t sample = reach_sample(w->request->first, request->index);
    bool looks = request->reach == NULL && sample != REACH_SAMPLES;
    again.reach = looks ? reach_of(w) : NULL;
    struct run_outcome outcome;
    make_run(w, &again, &outcome);
    add(&w->slot->repeated, 1);
    if (outcome.end != end || outcome.digest != digest) {
        tell_unsteady(w, request->index);
    }
}

/* A search made its worst run so far: keeps what it cannot make again. */
static void keep_peaks(struct worker *w, const struct run_request *request,
                       uint32_t raised)
{
    assert(campaign_is_exhaustive(w->request));
    struct run_request again = *request;
    again.mode = RUN_RECORD;
    again.reach = NULL;
    struct run_outcome outcome;
    runner_run(w->request->runner, &again, &outcome);
    for (uint32_t k = 0; k < PEAKS; k++) {
        if ((raised >> k & 1) != 0) {
            trace_free(w->highest[k]);
            w->highest[k] = runner_trace(w->request->runner);
        }
    }
}

/* Looks how near to a bound its operations came. */
static void note_peaks(struct worker *w, const struct run_request *request,
                       const struct run_outcome *outcome)
{
    bool searches = campaign_is_exhaustive(w->request);
    uint64_t made = w->request->first + load(&w->slot->runs) - 1;
    uint32_t raised =
        peaks_note(&w->slot->peaks, searches ? made : request->index, outcome);
    if (raised != 0 && searches && w->request->store != NULL &&
        peaks_asked(w->request->scenario)) {
        keep_peaks(w, request, raised);
    }
}

/* Writes the worst runs of a search. */
static void write_peaks(struct worker *w)
{
    for (uint32_t k = 0; k < PEAKS; k++) {
        if (w->highest[k] != NULL) {
            (void)peaks_write(&w->store, (enum peak_kind)k, w->highest[k]);
            trace_free(w->highest[k]);
            w->highest[k] = NULL;
        }
    }
}

static void run_one(struct worker *w, const struct run_request *request,
                    struct run_outcome *outcome)
{
    struct slot *slot = w->slot;
    campaign_go_to(slot, request->index);
    make_run(w, request, outcome);
    add(&slot->runs, 1);
    add(&slot->ends[outcome->end], 1);
    add(&slot->checked, outcome->checked);
    add(&slot->steps, outcome->steps);
    add(&slot->made[outcome->place], 1);
    if (run_end_verdict(outcome->end) == FL_VIOLATION) {
        bool fresh = false;
        uint32_t bucket = find_bucket(slot, outcome->coarse, &fresh);
        add(bucket < CAMPAIGN_FAILURES_MAX ? &slot->bucket_times[bucket]
                                           : &slot->bucket_others,
            1);
        if (fresh) {
            keep_failure(w, request, outcome);
        }
    } else if (run_end_verdict(outcome->end) == FL_INCONCLUSIVE) {
        keep_open(w, request, outcome);
    } else if (request->index % REPEAT_EVERY == 0 &&
               !campaign_is_exhaustive(w->request)) {
        repeat_run(w, request, outcome);
    }
    note_peaks(w, request, outcome);
    w->unflushed++;
    if (w->unflushed == FLUSH_RUNS) {
        flush_counters(w);
    }
}

static bool is_wanted(const struct worker *w, uint64_t index)
{
    return !atomic_load_explicit(&w->page->stop, memory_order_relaxed) &&
           index <= load(&w->page->stop_at);
}

static bool is_of_shard(const struct campaign_request *request, uint64_t index)
{
    assert(index >= request->first);
    return request->shards == 0 ||
           (index - request->first) % request->shards == request->shard;
}

/* Makes the runs of a block.  False: it was stopped in it, and the slot says
 * where. */
static bool run_block(struct worker *w, uint64_t from, uint64_t to)
{
    assert(from < to);
    campaign_go_to(w->slot, from);
    store(&w->slot->block_end, to);
    struct run_request request = {
        .mode = RUN_EXPLORE,
        .seed = w->request->seed,
        .strategy = w->request->strategy,
        .preemptions = w->request->scenario->schedule.preemptions,
    };
    struct run_outcome outcome;
    uint64_t index = from;
    for (; index < to && is_wanted(w, index); index++) {
        if (is_of_shard(w->request, index)) {
            bool first = index - w->request->first < REACH_FIRST;
            request.index = index;
            request.reach = first ? reach_of(w) : NULL;
            run_one(w, &request, &outcome);
        }
    }
    campaign_go_to(w->slot, index);
    flush_counters(w);
    return index == to;
}

/* Whether a search goes on: there is one worker, and its schedules share an
 * index, so that it must see for itself when enough was found. */
static bool goes_on(const struct worker *w)
{
    uint64_t most = w->request->schedules_max;
    uint32_t enough = w->request->stop_after;
    return (most == 0 || load(&w->slot->runs) < most) &&
           (enough == 0 || w->slot->buckets_count < enough);
}

/* What was left out of one search and of another: the most, and the worst
 * reason why not more. */
static void join_savings(struct search_savings *all,
                         const struct search_savings *one)
{
    all->apart = one->apart > all->apart ? one->apart : all->apart;
    all->stands_for =
        one->stands_for > all->stands_for ? one->stands_for : all->stands_for;
    all->unpruned =
        one->unpruned > all->unpruned ? one->unpruned : all->unpruned;
    all->met += one->met;
    all->full = all->full || one->full;
}

/* Every schedule of run `index`, one after the other.  True: that was all. */
static bool run_schedules(struct worker *w, uint64_t index,
                          struct search_tally *tally)
{
    assert(index >= w->request->first && index <= w->request->last);
    struct run_request request = {
        .mode = RUN_EXPLORE,
        .seed = w->request->seed,
        .index = index,
        .strategy = w->request->strategy,
        .preemptions = w->request->scenario->schedule.preemptions,
        .reach = reach_of(w),
    };
    struct run_outcome outcome = {0};
    while (!outcome.last && is_wanted(w, index) && goes_on(w)) {
        run_one(w, &request, &outcome);
        request.exhaustive_next = true;
    }
    flush_counters(w);
    tally->executions += outcome.tally.executions;
    tally->redundant += outcome.tally.redundant;
    tally->blocked += outcome.tally.blocked;
    tally->cuts = tally->cuts || outcome.tally.cuts;
    tally->distinct += outcome.tally.distinct;
    tally->more = tally->more || outcome.tally.more;
    join_savings(&tally->saved, &outcome.tally.saved);
    if (tally->ungraphed.why == UNGRAPHED_NOT) {
        tally->ungraphed = outcome.tally.ungraphed;
    }
    return outcome.last && outcome.exhausted;
}

static void work_exhaustively(struct worker *w)
{
    bool all = true;
    struct search_tally tally = {0};
    uint64_t index = w->from < w->to ? w->from : w->request->first;
    for (; index <= w->request->last && is_wanted(w, index) && goes_on(w);
         index++) {
        store(&w->slot->block_end, w->request->last + 1);
        all = run_schedules(w, index, &tally) && all;
    }
    write_peaks(w);
    bool exhausted = all && index > w->request->last;
    struct message message = {.kind = exhausted ? MESSAGE_EXHAUSTED
                                                : MESSAGE_SEARCHED,
                              .worker = w->number,
                              .tally = tally};
    tell(w, &message);
}

static void work_through(struct worker *w)
{
    bool more = w->from == w->to || run_block(w, w->from, w->to);
    uint64_t behind = w->request->last + 1;
    while (more) {
        uint64_t from = campaign_take_block(w->page, w->slot, w->block, behind);
        more = from < behind && is_wanted(w, from) &&
               run_block(w, from, load(&w->slot->block_end));
    }
}

void campaign_work(struct worker *w)
{
    assert(w != NULL && w->slot != NULL);
    assert(w->block > 0);
    w->original = child_mark();
    for (uint32_t i = 0; i < RULES_MAX; i++) {
        w->fired[i] = load(&w->slot->fired[i]);
    }
    for (uint32_t i = 0; i < CAMPAIGN_POINTS_MAX; i++) {
        w->reached[i] = load(&w->slot->reached[i]);
    }
    if (w->request->store != NULL) {
        w->store = *w->request->store;
    }
    if (campaign_is_exhaustive(w->request)) {
        work_exhaustively(w);
    } else {
        work_through(w);
    }
    while (waitpid(-1, NULL, 0) > 0) { /* copies, which have something to say */
    }
    struct message message = {.kind = MESSAGE_DONE, .worker = w->number};
    tell(w, &message);
}
