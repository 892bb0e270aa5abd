/*
 * Narration: from the log of a run to the failure record.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate.h"

#include "harness/narrate/teller.h"
#include "harness/need.h"
#include "harness/runner.h"
#include "harness/subject.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CALL_SIZE = 160,
    EXPLAINED_MAX = 256 /* operations of a history that can be explained */
};

/* "push(3) push(2) push(1)": done before the clients began. */
static const char *tell_setup(const struct teller *t)
{
    assert(t->record->history != NULL);
    const struct fl_history *h = t->record->history;
    const char *text = NULL;
    for (uint32_t i = 0; i < t->log->setup_operations && i < h->count; i++) {
        char call[CALL_SIZE];
        fl_describe_call(h, &h->operations[i], call, sizeof(call));
        text = text == NULL ? arena_copy(t->arena, call)
                            : arena_print(t->arena, "%s %s", text, call);
    }
    return text;
}

/* The names of the clients by their numbers in the history. */
static const char *const *client_names(struct teller *t, uint32_t *count)
{
    *count = t->log->lanes - t->log->replicas;
    const char **names = arena_take(t->arena, (*count + 1) * sizeof(*names));
    for (uint32_t thread = t->log->replicas; thread < t->log->lanes; thread++) {
        names[lane_of(t, thread)] = lane_name(t, thread);
    }
    return names;
}

static void explain(struct teller *t, struct narrative *narrative)
{
    const struct fl_history *h = t->record->history;
    bool is_history = t->request->outcome->end == RUN_NOT_LINEARIZABLE;
    if (!is_history || h == NULL || h->count > EXPLAINED_MAX) {
        return;
    }
    struct fl_explain_context context = {.setup_count =
                                             t->log->setup_operations};
    context.names = client_names(t, &context.names_count);
    if (fl_explain_within(h, t->source->options, &context,
                          &narrative->explanation) != FL_OK) {
        narrative->explanation = NULL;
    }
    t->record->explanation = narrative->explanation;
}

/* Which steps call and return each operation. */
static void find_edges(struct teller *t)
{
    assert(t->steps != NULL);
    const struct fl_history *h = t->record->history;
    if (h == NULL) {
        return;
    }
    size_t size = (h->count + (size_t)1) * sizeof(uint32_t);
    uint32_t *calls = arena_take(t->arena, size);
    uint32_t *returns = arena_take(t->arena, size);
    memset(calls, 0xFF, size);
    memset(returns, 0xFF, size);
    for (uint32_t i = 0; i < t->count; i++) {
        const struct fl_step *step = &t->steps[i];
        if (step->operation >= h->count) {
            continue;
        }
        if (step->kind == FL_STEP_CALL) {
            calls[step->operation] = i;
        } else if (step->kind == FL_STEP_RETURN) {
            returns[step->operation] = i;
        }
    }
    t->record->call_steps = calls;
    t->record->return_steps = returns;
}

/* Who, what, when: the first lines of a report. */
static void tell_head(struct teller *t)
{
    const struct narrate_request *request = t->request;
    struct fl_record *record = t->record;
    const struct scenario *scenario = request->scenario;
    record->scenario = scenario == NULL ? t->source->algorithm->name
                                        : arena_copy(t->arena, scenario->name);
    record->verdict = run_end_name(request->outcome->end);
    record->open = run_end_verdict(request->outcome->end) == FL_INCONCLUSIVE;
    char subject[200];
    subject_describe(scenario, t->source->algorithm, t->source->variant,
                     subject, sizeof(subject));
    record->subject = arena_copy(t->arena, subject);
    if (request->trace != NULL) {
        record->seed = arena_print(t->arena, "0x%llx",
                                   (unsigned long long)request->trace->seed);
    }
    record->schedule = request->schedule;
    record->schedules = request->schedules;
    record->strategy = arena_copy(t->arena, request->strategy);
    record->milliseconds = request->milliseconds;
    record->signature = arena_copy(t->arena, request->signature);
    record->directory = arena_copy(t->arena, request->directory);
    record->shrink = request->shrink;
}

struct narrative *narrate_source(const struct narrate_request *request,
                                 const struct narrate_source *source)
{
    assert(source->log != NULL);
    assert(source->algorithm != NULL);
    struct narrative *narrative =
        need(calloc(1, sizeof(*narrative)), "the story");
    narrative->arena = arena_new();
    struct teller *t = arena_take(narrative->arena, sizeof(*t));
    *t = (struct teller){
        .request = request,
        .source = source,
        .log = source->log,
        .arena = narrative->arena,
        .symbols = source->symbols == NULL ? symbols_open() : source->symbols,
        .record = &narrative->record,
    };
    if (request->outcome->history != NULL) {
        narrative->history =
            need(fl_history_copy(request->outcome->history, NULL), "the story");
        narrative->record.history = narrative->history;
        narrative->record.setup = tell_setup(t);
    }
    tell_head(t);
    explain(t, narrative);
    lvalues_read(t);
    plain_read(t);
    names_learn(t);
    steps_tell(t);
    narrative->log_of = t->log_of;
    places_tell(t);
    find_edges(t);
    notes_tell(t);
    orders_tell(t);
    causes_tell(t);
    repeats_tell(t);
    faults_tell(t);
    lanes_tell(t);
    network_tell(t);
    reasons_tell(t);
    stacks_tell(t);
    nearest_tell(t);
    if (source->symbols == NULL) {
        symbols_free(t->symbols);
    }
    return narrative;
}

struct narrative *narrate(const struct narrate_request *request)
{
    const struct runner *runner = request->runner;
    const struct fl_algorithm *algorithm = runner_algorithm(runner);
    struct narrate_source source = {
        .log = runner_log(runner),
        .algorithm = algorithm,
        .object = plugin_object(runner->plugin, 0),
        .variant = algorithm->variants[runner_variant(runner)].name,
        .options = runner_options(runner),
        .names = runner->names,
    };
    return narrate_source(request, &source);
}

void narrative_free(struct narrative *narrative)
{
    if (narrative == NULL) {
        return;
    }
    fl_explanation_free(narrative->explanation);
    fl_history_free(narrative->history);
    arena_free(narrative->arena);
    free(narrative);
}
