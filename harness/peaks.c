/*
 * Peaks, noted run by run and joined over workers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/peaks.h"

#include "harness/child.h"
#include "harness/wall.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

enum {
    RECORD_MS = 20000 /* for two runs; they took much less before */
};

static const char *const files[PEAKS] = {
    [PEAK_STEPS] = "most-steps.trace.json",
    [PEAK_OVERTAKEN] = "most-overtaken.trace.json",
};

static bool raise_peak(struct peak *peak, uint64_t value, uint64_t index)
{
    if (value < peak->value || value == 0 ||
        (value == peak->value && index >= peak->index)) {
        return false;
    }
    *peak = (struct peak){.value = value, .index = index};
    return true;
}

uint32_t peaks_note(struct peaks *peaks, uint64_t index,
                    const struct run_outcome *outcome)
{
    assert(peaks != NULL && outcome != NULL);
    bool steps = raise_peak(&peaks->of[PEAK_STEPS], outcome->steps_most, index);
    bool overtaken =
        raise_peak(&peaks->of[PEAK_OVERTAKEN], outcome->overtaken_most, index);
    return (uint32_t)steps << PEAK_STEPS | (uint32_t)overtaken
                                               << PEAK_OVERTAKEN;
}

void peaks_join(struct peaks *peaks, const struct peaks *others)
{
    for (uint32_t k = 0; k < PEAKS; k++) {
        (void)raise_peak(&peaks->of[k], others->of[k].value,
                         others->of[k].index);
    }
}

bool peaks_asked(const struct scenario *scenario)
{
    const struct check_section *check = &scenario->check;
    return check->progress_set || check->steps_bound != 0 ||
           check->bypass_bound != 0;
}

/* Where the trace of `kind` belongs.  False: that is too long a name. */
static bool name_file(const struct store *store, enum peak_kind kind,
                      char *path)
{
    assert(store != NULL && kind < PEAKS);
    int size = snprintf(path, STORE_PATH_MAX, "%s/%s/%s", store->out,
                        store->scenario, files[kind]);
    return size > 0 && size < STORE_PATH_MAX;
}

bool peaks_write(const struct store *store, enum peak_kind kind,
                 const struct trace *trace)
{
    assert(trace != NULL);
    char path[STORE_PATH_MAX];
    if (!name_file(store, kind, path)) {
        return false;
    }
    char *slash = strrchr(path, '/');
    *slash = '\0';
    int error = store_make_directories(path);
    *slash = '/';
    return error == 0 && trace_write(trace, path) == 0;
}

bool peaks_find(const struct store *store, enum peak_kind kind, char *path)
{
    return name_file(store, kind, path) && access(path, R_OK) == 0;
}

void peaks_forget(const struct store *store)
{
    char path[STORE_PATH_MAX];
    for (uint32_t k = 0; k < PEAKS; k++) {
        if (name_file(store, (enum peak_kind)k, path)) {
            (void)unlink(path); /* it need not be there */
        }
    }
}

/* What the child that records works on. */
struct recording {
    struct runner *runner;
    const struct peaks *peaks;
    const struct run_request *request;
    const struct store *store;
};

static int record_in_child(void *argument)
{
    const struct recording *r = argument;
    for (uint32_t k = 0; k < PEAKS; k++) {
        if (r->peaks->of[k].value == 0) {
            continue;
        }
        struct run_request request = *r->request;
        struct run_outcome outcome;
        request.mode = RUN_RECORD;
        request.index = r->peaks->of[k].index;
        runner_run(r->runner, &request, &outcome);
        struct trace *trace = runner_trace(r->runner);
        (void)peaks_write(r->store, (enum peak_kind)k, trace);
        trace_free(trace);
    }
    return 0;
}

void peaks_record(struct runner *runner, const struct peaks *peaks,
                  const struct run_request *request, const struct store *store)
{
    assert(runner != NULL && peaks != NULL);
    struct recording recording = {
        .runner = runner, .peaks = peaks, .request = request, .store = store};
    (void)child_run(record_in_child, &recording, wall_ms() + RECORD_MS, NULL);
}
