/*
 * Traces: made, copied, ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/trace.h"

#include "harness/need.h"
#include "harness/trace_words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *const trace_site_words[SITES + 1] = {
    [SITE_STEP] = "step",   [SITE_CAS_WEAK] = "cas_weak",
    [SITE_ALLOC] = "alloc", [SITE_POINT] = "point",
    [SITE_SEND] = "send",   [SITE_TIME] = "time",
    [SITE_START] = "start",
};

const char *const trace_act_words[ACTS + 1] = {
    [ACT_NONE] = "none",   [ACT_DELAY] = "delay",         [ACT_CRASH] = "crash",
    [ACT_PAUSE] = "pause", [ACT_FAIL] = "fail",           [ACT_REUSE] = "reuse",
    [ACT_DROP] = "drop",   [ACT_DUPLICATE] = "duplicate", [ACT_LATE] = "late",
    [ACT_CUT] = "cut",     [ACT_CLOG] = "clog",           [ACT_CLOCK] = "clock",
};

const char *const trace_stream_words[STREAMS + 1] = {
    [STREAM_SCHEDULE] = "schedule", [STREAM_FAULTS] = "faults",
    [STREAM_NETWORK] = "network",   [STREAM_MEMORY] = "memory",
    [STREAM_WAKE] = "wake",         [STREAM_PROGRAM] = "program",
    [STREAM_WORKLOAD] = "workload", [STREAM_STALE] = "stale",
};

/* A copy of `count` items of `size` bytes; NULL if there are none. */
static void *copy_items(const void *items, size_t count, size_t size)
{
    if (items == NULL || count == 0) {
        return NULL;
    }
    void *copy = need(malloc(count * size), "a trace");
    memcpy(copy, items, count * size);
    return copy;
}

static char *copy_text(const char *text)
{
    return text == NULL ? NULL : need(strdup(text), "a trace");
}

static void copy_workload(struct workload *copy)
{
    assert(copy->clients <= 64);
    for (uint32_t i = 0; i < copy->clients; i++) {
        struct plan *plan = &copy->plans[i];
        plan->calls =
            copy_items(plan->calls, plan->count, sizeof(*plan->calls));
        plan->think =
            copy_items(plan->think, plan->count, sizeof(*plan->think));
        plan->max = plan->count;
    }
}

/* The names of points of the occurrences, in memory of the copy's own. */
static void copy_points(struct trace *copy)
{
    copy->texts = NULL;
    for (uint32_t i = 0; i < copy->occurrences_count; i++) {
        struct site *site = &copy->occurrences[i].site;
        if (site->point == NULL) {
            continue;
        }
        if (copy->texts == NULL) {
            copy->texts = arena_new();
        }
        site->point = arena_text(copy->texts, site->point, strlen(site->point));
    }
}

struct trace *trace_new(void)
{
    return need(calloc(1, sizeof(struct trace)), "a trace");
}

struct trace *trace_copy(const struct trace *trace)
{
    struct trace *copy = trace_new();
    *copy = *trace;
    copy->scenario_path = copy_text(trace->scenario_path);
    copy->scenario_text = copy_text(trace->scenario_text);
    copy->variant = copy_text(trace->variant);
    copy->memory = copy_text(trace->memory);
    copy->strategy = copy_text(trace->strategy);
    copy->verdict = copy_text(trace->verdict);
    copy->signature = copy_text(trace->signature);
    copy_workload(&copy->workload);
    copy->switches = copy_items(trace->switches, trace->switches_count,
                                sizeof(*copy->switches));
    copy->switches_max = trace->switches_count;
    copy->occurrences = copy_items(trace->occurrences, trace->occurrences_count,
                                   sizeof(*copy->occurrences));
    copy->occurrences_max = trace->occurrences_count;
    copy->decisions = copy_items(trace->decisions, trace->decisions_count,
                                 sizeof(*copy->decisions));
    copy->digests = copy_items(trace->digests, trace->digests_count,
                               sizeof(*copy->digests));
    copy->digests_max = trace->digests_count;
    copy_points(copy);
    return copy;
}

void trace_free(struct trace *trace)
{
    if (trace == NULL) {
        return;
    }
    assert(trace->workload.clients <= 64);
    for (uint32_t i = 0; i < trace->workload.clients; i++) {
        free(trace->workload.plans[i].calls);
        free(trace->workload.plans[i].think);
    }
    free(trace->scenario_path);
    free(trace->scenario_text);
    free(trace->variant);
    free(trace->memory);
    free(trace->strategy);
    free(trace->verdict);
    free(trace->signature);
    free(trace->switches);
    free(trace->occurrences);
    free(trace->decisions);
    free(trace->digests);
    arena_free(trace->texts);
    free(trace);
}
