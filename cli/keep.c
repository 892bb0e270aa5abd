/*
 * Keeping results, and resuming.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/keep.h"
#include "cli/judge.h"
#include "cli/reached.h"
#include "harness/reach_told.h"
#include "harness/store.h"

#include <assert.h>
#include <string.h>

struct results *keep_open(const char *out)
{
    assert(out != NULL);
    char path[STORE_PATH_MAX];
    /* If it cannot be made, opening says why. */
    (void)store_make_directories(out);
    (void)snprintf(path, sizeof(path), "%s/%s", out, results_file);
    return results_open(path, true, stderr);
}

static void note(void *context, const struct campaign_outcome *so_far)
{
    struct keeping *k = context;
    /* First what was seen: if it is cut in between, that is cut to measure
     * when the campaign goes on.  A search does not. */
    if (!campaign_is_exhaustive(k->campaign)) {
        struct reached *seen = reached_so_far(k->campaign, so_far->next);
        results_write_reach(k->results, k->row, seen);
        reached_free(seen);
    }
    results_note(k->results, k->row, so_far, &k->before);
}

/* The texts of a kept failure, in the rooms that a finding has for them. */
static void take_failure(struct result *result, uint32_t i,
                         const struct summary_failure *kept)
{
    assert(i < FINDINGS_MAX);
    struct finding *f = &result->findings[i];
    (void)snprintf(f->signature, sizeof(f->signature), "%s",
                   kept->signature == NULL ? "" : kept->signature);
    (void)snprintf(f->detail, sizeof(f->detail), "%s",
                   kept->kind == NULL ? "" : kept->kind);
    (void)snprintf(f->message, sizeof(f->message), "%s",
                   kept->message == NULL ? "" : kept->message);
    (void)snprintf(f->directory, sizeof(f->directory), "%s",
                   kept->directory == NULL ? "" : kept->directory);
    (void)snprintf(f->file, sizeof(f->file), "%s",
                   kept->file == NULL ? "" : kept->file);
    result->failures[i] = (struct summary_failure){
        .signature = f->signature,
        .kind = f->detail,
        .message = f->message,
        .directory = f->directory[0] == '\0' ? NULL : f->directory,
        .trace = kept->trace == NULL ? NULL : "original.trace.json",
        .file = f->file[0] == '\0' ? NULL : f->file,
        .line = kept->line,
        .schedule = kept->schedule,
        .times = kept->times,
    };
}

/* The peaks of a campaign that had finished, with room for their traces. */
static void take_peaks(struct result *result,
                       const struct scenario_summary *from)
{
    struct scenario_summary *s = &result->summary;
    const char *const traces[PEAKS] = {[PEAK_STEPS] = from->steps_trace,
                                       [PEAK_OVERTAKEN] =
                                           from->overtaken_trace};
    for (uint32_t k = 0; k < PEAKS; k++) {
        (void)snprintf(result->peak_traces[k], sizeof(result->peak_traces[k]),
                       "%s", traces[k] == NULL ? "" : traces[k]);
    }
    const char *steps = result->peak_traces[PEAK_STEPS];
    const char *overtaken = result->peak_traces[PEAK_OVERTAKEN];
    s->asks_progress = from->asks_progress;
    s->steps_most = from->steps_most;
    s->steps_schedule = from->steps_schedule;
    s->steps_trace = steps[0] == '\0' ? NULL : steps;
    s->overtaken_most = from->overtaken_most;
    s->overtaken_schedule = from->overtaken_schedule;
    s->overtaken_trace = overtaken[0] == '\0' ? NULL : overtaken;
}

/* The result of a campaign that had finished. */
static bool take_result(const struct keeping *k, struct result *result)
{
    struct results_summary kept;
    if (!results_summary(k->results, k->before.row, &kept)) {
        return false;
    }
    const struct scenario_summary *from = &kept.summary;
    struct scenario_summary *s = &result->summary;
    s->status = from->status;
    s->expected = from->expected;
    s->schedules = from->schedules;
    s->planned = from->planned;
    s->undecided = from->undecided;
    s->exhausted = from->exhausted;
    s->preemptions = from->preemptions;
    s->tally = from->tally;
    s->wall_ms = from->wall_ms;
    s->rate = from->rate;
    take_peaks(result, from);
    if (kept.reached != NULL) {
        reached_tell(kept.reached, &s->reach, &result->reach_texts);
    }
    (void)snprintf(result->subject, sizeof(result->subject), "%s",
                   from->subject == NULL ? "" : from->subject);
    (void)snprintf(result->reason, sizeof(result->reason), "%s",
                   from->reason == NULL ? "" : from->reason);
    s->reason = result->reason[0] == '\0' ? NULL : result->reason;
    for (uint32_t i = 0; i < from->failures_count; i++) {
        if (i < FINDINGS_MAX) {
            take_failure(result, i, &from->failures[i]);
            s->failures_count++;
        } else {
            s->failures_others++;
        }
    }
    s->end = s->failures_count > 0 ? result->failures[0].kind : NULL;
    result->code = judge_kept(s->status);
    results_summary_free(&kept);
    return true;
}

/* What lies before the place where it goes on: a few runs behind it were made,
 * too, and will be made again. */
static void count_before(const struct campaign_request *campaign,
                         struct results_run *before)
{
    struct campaign_request part = *campaign;
    part.last = before->next - 1;
    before->runs = before->next > campaign->first ? campaign_planned(&part) : 0;
    if (before->undecided > before->runs) {
        before->undecided = before->runs;
    }
}

bool keep_begin(struct keeping *k, const struct examination *how,
                struct campaign_request *campaign, struct result *result)
{
    char key[RESULTS_KEY_MAX];
    assert(k != NULL && campaign != NULL);
    *k = (struct keeping){0};
    if (how->ledger != NULL && !how->ledger->tried && how->out != NULL) {
        how->ledger->tried = true;
        how->ledger->results = keep_open(how->out);
    }
    k->results = how->ledger == NULL ? NULL : how->ledger->results;
    k->missed = k->results == NULL && how->resume;
    if (k->results == NULL) {
        return false;
    }
    results_key(campaign, key);
    if (how->resume && results_find(k->results, key, &k->before)) {
        if (k->before.done && take_result(k, result)) {
            return true;
        }
        if (!campaign_is_exhaustive(campaign)) { /* which has no middle */
            campaign->from = k->before.next;
            campaign->known = k->before.known;
            campaign->known_count = k->before.known_count;
            count_before(campaign, &k->before);
        }
    }
    if (campaign->from == 0) {
        k->before = (struct results_run){0};
    }
    k->row = results_begin(k->results, key, campaign, &k->before);
    k->campaign = campaign;
    campaign->keep = note;
    campaign->context = k;
    return false;
}

void keep_add(const struct keeping *k, struct campaign_outcome *o)
{
    const struct results_run *before = &k->before;
    if (before->runs == 0) {
        return;
    }
    assert(before->undecided <= before->runs);
    o->runs += before->runs;
    o->ends[RUN_UNDECIDED] += before->undecided;
    o->ends[RUN_FINISHED] += before->runs - before->undecided;
    o->milliseconds += before->milliseconds;
    o->resumed = true;
}

void keep_end(struct keeping *k, struct result *result)
{
    const struct campaign_outcome *o = &result->outcome;
    if (k->missed) { /* a campaign goes on without, but not this one */
        result->code = code_worse(result->code, CODE_IO);
    }
    if (k->results == NULL) {
        return;
    }
    bool done = !o->interrupted && !o->out_of_time &&
                result->summary.status != SUMMARY_ERROR;
    results_finish(k->results, k->row, &result->summary, done);
}
