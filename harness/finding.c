/*
 * A finding: shrink, replay, tell, keep.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/finding.h"
#include "checker/format/jsonl.h"
#include "harness/narrate.h"
#include "harness/nearest.h"
#include "harness/report/summary.h"
#include "harness/shrink.h"
#include "harness/wall.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What the child works on. */
struct work {
    const struct finding_request *request;
    struct finding *finding;
    struct trace *original; /* owned unless it is the request's */
    struct trace *minimal;  /* owned */
    struct nearest nearest;
};

static void copy_text(char *to, size_t max, const char *text)
{
    (void)snprintf(to, max, "%s", text == NULL ? "" : text);
}

/* Records the failing run from its seed, where its trace was not kept. */
static struct trace *record_again(const struct finding_request *request)
{
    struct run_request run = {
        .mode = RUN_RECORD,
        .seed = request->seed,
        .index = request->failure->index,
        .strategy = request->strategy,
    };
    struct run_outcome outcome;
    runner_run(request->runner, &run, &outcome);
    return runner_trace(request->runner);
}

static struct trace *find_trace(const struct finding_request *request)
{
    if (request->trace != NULL) {
        return trace_copy(request->trace);
    }
    if (request->failure->found[0] != '\0') {
        char path[STORE_PATH_MAX + 32];
        (void)snprintf(path, sizeof(path), "%s/original.trace.json",
                       request->failure->found);
        struct trace *trace = trace_read(path, stderr);
        if (trace != NULL) {
            return trace;
        }
    }
    return record_again(request);
}

/* The view `view` of `record`, as <name>.dot. */
static void store_view(struct parcel *parcel, const struct fl_view *view,
                       const struct fl_record *record)
{
    assert(view != NULL && record != NULL);
    if (view->lacks(record) != NULL) {
        return;
    }
    char name[64];
    (void)snprintf(name, sizeof(name), "%s.dot", view->name);
    FILE *file = store_file(parcel, name);
    if (file != NULL) {
        view->draw(record, file);
        store_close(parcel, file);
    }
}

static void store_reports(struct parcel *parcel, const struct fl_record *record)
{
    FILE *file = store_file(parcel, "report.txt");
    if (file != NULL) {
        struct report_style plain = {.columns = 0, .unicode = true};
        report_failure(record, &plain, file);
        store_close(parcel, file);
    }
    file = store_file(parcel, "failure.json");
    if (file != NULL) {
        report_json(record, file);
        store_close(parcel, file);
    }
    file = record->history == NULL ? NULL : store_file(parcel, "history.jsonl");
    if (file != NULL) {
        (void)fl_jsonl_write(file, record->history, NULL);
        store_close(parcel, file);
    }
    for (uint32_t i = 0; fl_views[i] != NULL; i++) {
        store_view(parcel, fl_views[i], record);
    }
}

/* Fills the directory in the making. */
static void fill_parcel(const struct work *w, struct parcel *parcel,
                        const struct fl_record *record)
{
    assert(w->minimal != NULL && w->original != NULL);
    if (w->minimal->scenario_text != NULL) {
        store_text(parcel, "scenario.yaml", w->minimal->scenario_text);
    }
    store_trace(parcel, "trace.json", w->minimal);
    store_trace(parcel, "original.trace.json", w->original);
    store_reports(parcel, record);
    char repeat[2 * STORE_PATH_MAX];
    (void)snprintf(repeat, sizeof(repeat), "faultline replay %s/trace.json\n",
                   w->finding->directory);
    store_text(parcel, "repeat.txt", repeat);
    if (w->request->draw && parcel->error == 0) {
        w->finding->undrawn = !store_draw(parcel->making);
    }
}

/* Tells the run just replayed. */
static struct narrative *tell(const struct work *w,
                              const struct run_outcome *outcome)
{
    assert(w->minimal != NULL);
    const struct finding_request *request = w->request;
    const char *directory = w->finding->directory;
    if (directory[0] == '\0') {
        directory = request->directory;
    }
    struct narrate_request n = {
        .nearest = &w->nearest,
        .runner = request->runner,
        .outcome = outcome,
        .scenario = request->scenario,
        .trace = w->minimal,
        .shrink = w->finding->shrink,
        .schedule = request->schedule,
        .schedules = request->schedules,
        .strategy = w->original->strategy,
        .milliseconds =
            request->failure == NULL ? 0 : request->failure->milliseconds,
        .signature = w->finding->signature,
        .directory = directory,
    };
    return narrate(&n);
}

/* What the summary needs of the record. */
static void keep_message(struct finding *finding,
                         const struct fl_record *record)
{
    (void)summary_message(record, finding->message, sizeof(finding->message));
    copy_text(finding->subject, sizeof(finding->subject), record->subject);
    for (uint32_t i = 0; i < record->steps_count; i++) {
        const struct fl_step *step = &record->steps[i];
        if (step->decisive && finding->line == 0) {
            copy_text(finding->file, sizeof(finding->file),
                      step->path == NULL ? step->file : step->path);
            finding->line = step->line;
        }
    }
}

/* Tells the run and writes its directory, if there is to be one. */
static void write_finding(struct work *w, const struct run_outcome *outcome)
{
    struct finding *finding = w->finding;
    struct store *store = w->request->store;
    struct parcel parcel = {0};
    bool stored = store != NULL && store_begin(store, &parcel);
    if (stored) {
        int size = snprintf(finding->directory, sizeof(finding->directory),
                            "%s/%s", store->root, finding->signature);
        assert(size > 0);
        stored = (size_t)size < sizeof(finding->directory);
    }
    struct narrative *narrative = tell(w, outcome);
    keep_message(finding, &narrative->record);
    if (stored) {
        fill_parcel(w, &parcel, &narrative->record);
        stored = store_commit(&parcel, finding->signature, finding->directory);
    }
    if (store != NULL) {
        finding->store_error = stored ? store->error : parcel.error;
    }
    if (w->request->report != NULL) {
        report_failure(&narrative->record, &w->request->style,
                       w->request->report);
        finding->told = fflush(w->request->report) == 0;
    }
    narrative_free(narrative);
}

/* Shrinks, or takes the trace as it is. */
static void find_minimal(struct work *w)
{
    assert(w->original != NULL);
    const struct finding_request *request = w->request;
    if (request->shrink) {
        struct shrink_request shrink = {
            .runner = request->runner,
            .scenario = request->scenario,
            .trace = w->original,
            .deadline = request->deadline,
        };
        w->minimal = shrink_trace(&shrink, &w->finding->shrink);
    }
    if (w->minimal == NULL) {
        w->minimal = trace_copy(w->original);
    }
}

/* What can be said of a run in which nothing is wrong. */
static void tell_pass(const struct run_outcome *outcome,
                      struct finding *finding)
{
    if (run_end_verdict(outcome->end) != FL_PASS || outcome->steps_most == 0) {
        return;
    }
    (void)snprintf(finding->detail, sizeof(finding->detail),
                   "nothing is wrong; operations took at most %llu own steps, "
                   "and were overtaken at most %u times",
                   (unsigned long long)outcome->steps_most,
                   outcome->overtaken_most);
}

/* How a run came to where it has no verdict, for who looks at it alone. */
static void tell_open(struct work *w, const struct run_outcome *outcome)
{
    bool open = run_end_verdict(outcome->end) == FL_INCONCLUSIVE &&
                outcome->end != RUN_DIVERGED;
    if (open && w->request->store == NULL) {
        write_finding(w, outcome);
    }
}

static int work_in_child(void *argument)
{
    struct work *w = argument;
    const struct finding_request *request = w->request;
    struct finding *finding = w->finding;
    w->original = find_trace(request);
    if (w->original == NULL) {
        return 1;
    }
    find_minimal(w);
    if (request->shrink) {
        w->nearest =
            nearest_find(request->runner, w->minimal, request->deadline);
    }
    struct run_request run = {.mode = RUN_REPLAY, .trace = w->minimal};
    struct run_outcome outcome;
    runner_run(request->runner, &run, &outcome);
    finding->end = outcome.end;
    copy_text(finding->detail, sizeof(finding->detail), outcome.detail);
    finding->reproduced = run_end_verdict(outcome.end) == FL_VIOLATION &&
                          outcome.end != RUN_DIVERGED;
    if (!finding->reproduced) {
        tell_pass(&outcome, finding);
        tell_open(w, &outcome);
        return 1;
    }
    signature_write(request->scenario, &outcome, w->minimal,
                    finding->signature);
    free(w->minimal->signature);
    w->minimal->signature = strdup(finding->signature);
    write_finding(w, &outcome);
    return 0;
}

void finding_make(const struct finding_request *request,
                  struct finding *finding)
{
    assert(request != NULL && finding != NULL);
    assert(request->trace != NULL || request->failure != NULL);
    struct finding *shared = child_share(sizeof(*shared));
    shared->end = request->failure == NULL ? RUN_ENDS : request->failure->end;
    struct work work = {.request = request, .finding = shared};
    /* The child keeps the deadline by itself; this is for one that hangs. */
    uint64_t latest =
        request->deadline == WALL_NEVER ? WALL_NEVER : request->deadline + 2000;
    struct child_end end =
        child_run(work_in_child, &work, latest, request->interrupt);
    *finding = *shared;
    finding->child = end;
    child_unshare(shared, sizeof(*shared));
}
