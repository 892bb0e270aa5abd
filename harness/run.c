/*
 * One run, from the first step to the verdict.
 *
 *     begin     choices, heap, globals, rules, workload, strategy
 *     create    create() and the set-up operations, outside any fiber
 *     run       fibers, until the world says that it has ended
 *     judge     settle(), leaks, bounds; then the history, by cache or search
 *     tell      outcome; trace and log if the run was recorded
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/run.h"

#include "checker/model.h"
#include "harness/judge.h"
#include "harness/need.h"
#include "harness/reach.h"
#include "harness/rules.h"
#include "harness/runner.h"
#include "harness/sim/await.h"
#include "harness/sim/families.h"
#include "harness/sim/fate.h"
#include "harness/sim/fiber.h"
#include "harness/sim/heap.h"
#include "harness/sim/journal.h"
#include "harness/sim/lull.h"
#include "harness/sim/memory.h"
#include "harness/sim/net.h"
#include "harness/sim/schedule/list.h"
#include "harness/sim/sync.h"
#include "harness/strategist.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEPS_MAX = 20000, /* of a run, if the scenario says nothing */
    PROFILE_RUNS = 4,
};

static bool replays(const struct run_request *q)
{
    return q->mode == RUN_REPLAY || q->mode == RUN_TOLERANT;
}

static bool is_exhaustive(const struct runner *r)
{
    return r->strategy->searches;
}

static void begin_choices(struct runner *r)
{
    struct world *w = &r->world;
    const struct run_request *q = r->request;
    if (replays(q)) {
        choice_replay(&w->choice, q->trace->decisions,
                      q->trace->decisions_count);
        return;
    }
    /* An exhaustive search varies the schedule alone: its caller keeps the
     * index.  A run of it cannot be drawn again, so all that it draws is
     * kept. */
    bool kept = q->mode == RUN_RECORD || is_exhaustive(r);
    choice_begin(&w->choice, kept ? CHOICE_RECORD : CHOICE_EXPLORE,
                 choice_seed_of(q->seed, q->index));
}

/* Forgets the run before. */
static void clear_world(struct world *w)
{
    w->current = NULL;
    w->step = 0;
    w->until = 1;
    w->quick = 0;
    w->others = 0;
    w->calm = false;
    w->plain_quick = false;
    w->now = 0;
    w->point_ns = w->net == NULL ? POINT_NS : 0;
    w->spinning = 0;
    w->probed = 0;
    w->enabled = 0;
    w->attends = false;
    w->footprint = NULL;
    footprint_clear(&w->done);
    w->done.number = 0;
    w->offer.wanted = false;
    w->yielding = 0;
    w->frozen = 0;
    w->fibers_count = 0;
    w->next_deadline = FOREVER;
    w->next_rest = UINT64_MAX;
    w->due = 0;
    w->patience = PATIENCE_NOT_DRAWN;
    w->replay_next = 0;
    w->digests_seen = 0;
    w->switches = 0;
    w->steps_most = 0;
    w->overtaken_most = 0;
    w->preemptions = 0;
    w->wanted_since = FOREVER;
    w->last_crash = FOREVER;
    w->last_hold = FOREVER;
    w->in_flight = 0;
    w->retired = 0;
    w->retired_max = 0;
    w->digest = 0x5eed;
    w->ended = false;
    w->end = RUN_FINISHED;
    w->detail[0] = '\0';
    w->failed = UINT32_MAX;
    w->execution++;
}

static void set_limits(struct runner *r)
{
    struct world *w = &r->world;
    const struct scenario *s = r->scenario;
    w->steps_max = s->run.steps_max != 0 ? s->run.steps_max : STEPS_MAX;
    w->steps_bound = s->check.steps_bound;
    w->time_max = s->run.sim_time_ns != 0 ? s->run.sim_time_ns : FOREVER;
    w->heal_at = FOREVER;
    w->finish_by = FOREVER;
    w->plain_points = scenario_races(&s->system) == RACES_EXPLORE;
    if (s->liveness.set) {
        w->heal_at = s->liveness.heal_after_ns;
        w->finish_by = w->heal_at + s->liveness.must_finish_within_ns;
        w->time_max = w->finish_by < w->time_max ? w->finish_by : w->time_max;
    }
}

/* Whether loops that wait are cut: if that was asked for, or was so when a
 * search that had to made the trace (strategist_begin()). */
static bool is_cutting(const struct runner *r)
{
    const struct run_request *q = r->request;
    return strategist_may_cut(r->scenario) &&
           (r->scenario->schedule.cut_awaits || (replays(q) && q->trace->cuts));
}

/* Whether plain accesses may race and nothing is said of it: then what they
 * find is a matter of the order of the events that they are part of. */
static bool lets_race(const struct system_section *s)
{
    return scenario_races(s) == RACES_OFF &&
           s->memory != MEMORY_C11; /* whose graphs have no place for it */
}

/* What this mode records, and what it follows. */
static void set_mode(struct runner *r)
{
    struct world *w = &r->world;
    const struct run_request *q = r->request;
    w->recording = q->mode != RUN_EXPLORE;
    w->replay = replays(q) ? q->trace : NULL;
    w->tolerant = q->mode == RUN_TOLERANT;
    w->trace = w->recording || is_exhaustive(r) ? r->trace : NULL;
    w->reach = q->reach;
    if (w->reach != NULL) {
        reach_begin(w->reach, q->index);
    }
    w->fill = q->third ? 0xa6 : q->second ? 0x5b : 0;
    const struct strategy *s = replays(q) && q->trace->strategy != NULL
                                   ? strategy_recall(q->trace->strategy)
                                   : r->strategy;
    w->searches = s != NULL && s->searches;
    w->by_operations = w->searches && s->attentive;
    w->lets_go = false;
    w->touches_plain = s == &strategy_pruned ||
                       (w->by_operations && lets_race(&r->scenario->system));
    await_begin(w, w->by_operations && is_cutting(r));
    r->trace_valid = false;
    if (w->trace != NULL) {
        w->trace->switches_count = 0;
        w->trace->digests_count = 0;
    }
    journal_clear(w->log);
}

static void choose_workload(struct runner *r)
{
    const struct run_request *q = r->request;
    if (q->workload != NULL) {
        r->workload = q->workload;
    } else if (replays(q)) {
        r->workload = &q->trace->workload;
    } else {
        work_draw(r);
    }
    memset(r->next, 0, r->clients * sizeof(r->next[0]));
    memset(r->cut, 0, r->clients * sizeof(r->cut[0]));
    memset(r->told, 0, r->clients * sizeof(r->told[0]));
    leftover_begin(&r->leftover);
    for (uint32_t i = 0; i < r->clients; i++) {
        r->ids[i] = i;
    }
    r->ids_used = r->clients + 1; /* one more performs the set-up */
}

/* After how many steps that complete nothing states are noted. */
static uint64_t patience_of(const struct run_request *q)
{
    uint64_t asked = q->patience != 0 ? q->patience
                     : replays(q)     ? q->trace->patience
                                      : 0;
    return asked != 0 ? asked : LULL_STEPS;
}

static void begin(struct runner *r)
{
    struct world *w = &r->world;
    const struct run_request *q = r->request;
    clear_world(w);
    set_limits(r);
    set_mode(r);
    begin_choices(r);
    plugin_restore(r->plugin);
    heap_reset(w, r->scenario->system.reuse, r->scenario->system.freed_reads,
               w->fill);
    heap_set_checks(w->heap, !r->scenario->system.heap_fast);
    sync_reset(w->sync);
    memory_begin(w);
    if (w->net != NULL) {
        net_reset(w->net, w);
    }
    if (r->shared != NULL) {
        memset(r->shared, 0, r->algorithm->shared_size);
    }
    fl_history_clear(r->history);
    memset(r->hits, 0, sizeof(r->hits));
    r->warnings = 0;
    choose_workload(r);
    const struct trace *occurrences = q->faults != NULL ? q->faults
                                      : replays(q)      ? q->trace
                                                        : NULL;
    rules_be_lenient(w->rules, q->mode != RUN_REPLAY);
    rules_begin(w->rules, &w->choice, occurrences, q->index);
    w->sites = rules_sites(w->rules);
    lull_begin(w, patience_of(q));
    twins_find(r);
    if (!replays(q)) {
        strategist_begin(r);
    }
    world_settle_down(w);
}

/* Tells a search whether the run failed before its threads were through; what
 * is judged of its end comes later. */
static void note_failure(struct world *w)
{
    w->done.failed = w->end != RUN_FINISHED && w->end != RUN_CUT;
}

/* Everything that may run code under test; a signal comes back here. */
static void perform(struct runner *r)
{
    struct world *w = &r->world;
    if (sigsetjmp(w->escape, 0) != 0) {
        fiber_escape(w);
        note_failure(w);
        w->running = false;
        return;
    }
    w->running = true;
    if (!client_create(r)) {
        world_fail(w, RUN_ABORTED, "create() found no memory");
    } else {
        client_setup(r);
        w->log->root = (uintptr_t)r->self[0];
        w->log->setup_operations = r->setup.plans[0].count;
        w->log->lanes = r->lanes;
        w->log->replicas = r->replicas;
    }
    if (!w->ended) {
        client_start(r);
        fate_start(w);
        world_run(w);
    }
    note_failure(w);
    memory_settle(w);
    if (w->end == RUN_FINISHED && r->scenario->system.source.files.count > 0 &&
        w->now >= w->time_max) {
        w->end = RUN_TIME_LIMIT; /* what main() would have come to is open */
    }
    if (w->end == RUN_FINISHED) {
        judge_object(r);
    }
    w->running = false;
}

static void replace_text(char **text, const char *with)
{
    assert(with != NULL);
    free(*text);
    *text = need(strdup(with), "a trace");
}

/* Fills the trace of a recorded run. */
static void fill_trace(struct runner *r)
{
    const struct run_request *q = r->request;
    struct trace *t = r->trace;
    struct world *w = &r->world;
    work_release(&t->workload);
    work_copy(&t->workload, r->workload);
    t->seed = replays(q) ? q->trace->seed : q->seed;
    t->index = replays(q) ? q->trace->index : q->index;
    t->run_seed = choice_seed_of(t->seed, t->index);
    t->subject = r->subject;
    uint32_t count = 0;
    const struct occurrence *list = rules_occurrences(w->rules, &count);
    free(t->occurrences);
    t->occurrences = need(malloc((count + 1) * sizeof(*list)), "a trace");
    if (count > 0) {
        memcpy(t->occurrences, list, count * sizeof(*list));
    }
    t->occurrences_count = count;
    t->occurrences_max = count;
    judge_keep_decisions(t, &w->choice);
    t->steps = w->step;
    t->patience = patience_of(q);
    t->cuts = w->awaits != NULL && !r->scenario->schedule.cut_awaits;
    replace_text(&t->strategy, r->strategy->name);
    replace_text(&t->verdict, run_end_name(w->end));
    replace_text(&t->variant, r->algorithm->variants[r->variant].name);
    replace_text(&t->memory, scenario_memory(r->scenario->system.memory));
    replace_text(&t->scenario_path, r->scenario->path);
    replace_text(&t->scenario_text, r->scenario->text);
    r->trace_valid = true;
}

static void tell(struct runner *r, struct run_outcome *o)
{
    struct world *w = &r->world;
    *o = (struct run_outcome){.end = w->end,
                              .verdict = run_end_verdict(w->end),
                              .detail = w->detail,
                              .thread = w->failed,
                              .steps = w->step,
                              .switches = w->switches,
                              .preemptions = w->preemptions,
                              .digest = w->digest,
                              .time = w->now,
                              .history = r->history,
                              .checked = r->checked,
                              .strategy = r->strategy->name,
                              .place = strategy_place(r->strategy),
                              .steps_most = w->steps_most,
                              .overtaken_most = w->overtaken_most,
                              .warnings = r->warnings};
    o->coarse = judge_bucket(r);
    if (replays(r->request)) {
        return;
    }
    const struct strategy *s = r->strategy;
    void *state = strategist_state(r, s);
    if (s->end != NULL && r->request->mode == RUN_EXPLORE && !s->end(state)) {
        o->last = true;
        o->exhausted = s->complete == NULL || s->complete(state);
    }
    if (s->tally != NULL) {
        s->tally(state, &o->tally);
    }
    const struct twins *t = &r->twins;
    o->tally.saved.apart = t->apart == APART_NOT ? t->told : t->apart;
    o->tally.saved.stands_for = t->stands_for;
    o->tally.saved.unpruned = strategist_unpruned(r);
    if (t->apart == APART_NOT && t->told != APART_NOT) {
        o->last = false; /* it looked as if threads were alike: once more */
        o->exhausted = false;
    }
}

/* The profile runs: how long is an execution, and each thread of it?  Always
 * the same ones, so that what a strategy does at index i does not depend on the
 * worker's past. */
static void measure_steps(struct runner *r)
{
    struct run_request request = {.mode = RUN_EXPLORE};
    r->profile_steps = 1;
    r->surveying = true;
    for (uint32_t i = 0; i < PROFILE_RUNS; i++) {
        struct run_outcome outcome;
        request.index = i;
        runner_run(r, &request, &outcome);
        survey_end(&r->survey);
        if (outcome.end == RUN_STUCK || outcome.end == RUN_OUTSIDE) {
            break; /* it was cut by force, and so will be all others */
        }
    }
    r->surveying = false;
    const struct survey *survey = &r->survey;
    r->profile_steps = survey->steps / PROFILE_RUNS + 1;
    for (uint32_t f = 0; f < FIBERS_MAX; f++) {
        uint64_t mean = (survey->points[f] + PROFILE_RUNS - 1) / PROFILE_RUNS;
        r->points[f] = mean < UINT32_MAX ? (uint32_t)mean : UINT32_MAX;
    }
}

static void run_once(struct runner *r, struct run_outcome *outcome);

/* Makes the runs that the strategy of this one learns from, where another
 * worker made them: all of the same strategy, from the one on that it names. */
static void catch_up(struct runner *r, const struct run_request *request)
{
    const struct strategy *strategy = r->strategy;
    uint64_t turn = r->turn;
    uint64_t first =
        strategy->since(strategist_state(r, strategy), request->seed, turn);
    struct run_request earlier = {.mode = RUN_EXPLORE,
                                  .seed = request->seed,
                                  .index = request->index,
                                  .strategy = request->strategy};
    r->request = &earlier;
    uint64_t at = turn;
    while (at > first && earlier.index > 0) {
        earlier.index--;
        strategist_pick(r);
        at = r->strategy == strategy ? r->turn : at;
    }
    bool unchecked = r->unchecked;
    r->unchecked = true;
    for (; earlier.index < request->index && at < turn; earlier.index++) {
        strategist_pick(r);
        if (r->strategy == strategy) {
            struct run_outcome outcome;
            run_once(r, &outcome);
        }
    }
    r->unchecked = unchecked;
    r->request = request;
    r->strategy = strategy;
    r->turn = turn;
}

static void run_once(struct runner *r, struct run_outcome *outcome)
{
    struct world *w = &r->world;
    begin(r);
    world = w;
    perform(r);
    if (w->recording) {
        journal_finish(w);
    }
    families_end(w);
    judge_history(r);
    leftover_judge(r);
    world = NULL;
    if (w->recording || w->trace != NULL) {
        fill_trace(r);
    }
    tell(r, outcome);
}

void runner_run(struct runner *r, const struct run_request *request,
                struct run_outcome *outcome)
{
    if (r->profile_steps == 0) {
        measure_steps(r);
    }
    struct run_request again = *request;
    struct trace *last = NULL;
    r->request = request;
    r->strategy = &strategy_random; /* a replay asks nobody */
    if (!replays(request)) {
        strategist_pick(r);
        if (r->strategy->since != NULL) {
            catch_up(r, request);
        }
    }
    if (request->mode == RUN_RECORD && is_exhaustive(r) && r->trace_valid) {
        /* An exhaustive search has no seed to draw its schedule from again:
         * its last run is recorded by following its own switches. */
        last = trace_copy(r->trace);
        again.mode = RUN_TOLERANT;
        again.trace = last;
        r->request = &again;
    }
    run_once(r, outcome);
    r->request = NULL;
    trace_free(last);
}

struct trace *runner_trace(const struct runner *r)
{
    assert(r->trace_valid);
    return trace_copy(r->trace);
}

void runner_set_unchecked(struct runner *r, bool unchecked)
{
    r->unchecked = unchecked;
}
