/*
 * Examining one scenario.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/examine.h"
#include "cli/judge.h"
#include "cli/keep.h"
#include "cli/options.h"
#include "cli/reached.h"
#include "cli/relay.h"
#include "harness/culprit.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/subject.h"
#include "harness/wall.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCHEDULES_DEFAULT = 10000, /* where neither file nor command line says */
    SHRINK_MS = 10000,         /* for one failure, if no budget is shorter */
    RESERVE_MAX_MS = 2000,     /* of a budget, kept for shrinking and reports */
};

static struct result *new_result(void)
{
    struct result *result = calloc(1, sizeof(*result));
    if (result == NULL) {
        perror("faultline");
        exit(CODE_INTERNAL);
    }
    result->summary.failures = result->failures;
    result->summary.warnings = result->warnings;
    return result;
}

struct result *result_of_none(const char *path, struct scenario *scenario,
                              enum code code, const char *reason)
{
    struct result *result = new_result();
    result->scenario = scenario;
    result->code = code;
    (void)snprintf(result->reason, sizeof(result->reason), "%s", reason);
    result->summary.name = scenario == NULL ? path : scenario->name;
    result->summary.path = path;
    result->summary.reason = result->reason;
    switch (code) {
    case CODE_SKIPPED:
    case CODE_NOTHING:
        result->summary.status = SUMMARY_SKIPPED;
        break;
    case CODE_INCONCLUSIVE:
        result->summary.status = SUMMARY_INCONCLUSIVE;
        break;
    case CODE_PASS:
    case CODE_VIOLATION:
    case CODE_DIVERGED:
    case CODE_USAGE:
    case CODE_INPUT:
    case CODE_INTERNAL:
    case CODE_IO:
    case CODE_INTERRUPTED:
        result->summary.status = SUMMARY_ERROR;
        break;
    }
    return result;
}

void result_free(struct result *result)
{
    if (result != NULL) {
        scenario_free(result->scenario);
        free(result);
    }
}

bool result_fails(const struct result *result)
{
    return result->code == CODE_VIOLATION || result->code == CODE_DIVERGED;
}

/* Which runs, how many workers, when to stop. */
static void plan_campaign(const struct examination *how,
                          const struct scenario *scenario,
                          struct campaign_request *request)
{
    assert(request->scenario == scenario);
    const struct run_section *run = &scenario->run;
    request->first = run->seeds_set ? run->first_seed : 1;
    request->last = run->seeds_set ? run->last_seed : SCHEDULES_DEFAULT;
    if (how->first != 0) {
        request->first = how->first;
        request->last = request->last < how->first ? how->first : request->last;
    }
    if (campaign_is_exhaustive(request)) {
        request->schedules_max = how->schedules;
        if (!run->seeds_set) {
            request->last = request->first; /* all schedules of one workload */
        }
    } else if (how->schedules != 0) {
        request->last = request->first + how->schedules - 1;
    }
    request->jobs = how->jobs;
    if (request->jobs == 0) {
        request->jobs = run->jobs;
    }
    if (request->jobs == 0 || request->jobs > CAMPAIGN_WORKERS_MAX) {
        bool known = options_jobs("auto", &request->jobs);
        assert(known);
        (void)known;
    }
    request->stop_after = how->keep_going ? 0 : run->stop_after;
    if (how->fail_fast || scenario->expect == EXPECT_VIOLATION) {
        request->stop_after = 1;
    }
    if (how->shard.count > 1 && !campaign_is_exhaustive(request)) {
        request->shard = how->shard.number;
        request->shards = how->shard.count;
    }
}

/* When this scenario must be done, reports included. */
static uint64_t own_deadline(const struct examination *how,
                             const struct scenario *scenario)
{
    uint64_t own = WALL_NEVER;
    if (scenario->run.time_ms != 0) {
        own = wall_ms() + scenario->run.time_ms;
    }
    return own < how->deadline ? own : how->deadline;
}

/* When exploring must stop, so that shrinking has a share. */
static uint64_t explore_deadline(uint64_t deadline)
{
    if (deadline == WALL_NEVER) {
        return WALL_NEVER;
    }
    uint64_t now = wall_ms();
    uint64_t left = deadline > now ? deadline - now : 0;
    uint64_t reserve = left / 10;
    reserve = reserve > RESERVE_MAX_MS ? RESERVE_MAX_MS : reserve;
    return deadline - reserve;
}

/* What can be said of a failure whose report could not be made. */
static void tell_shortly(const struct examination *how,
                         const struct result *result,
                         const struct campaign_failure *failure)
{
    assert(how->text != NULL);
    (void)fprintf(how->text,
                  "FAIL  %s   %s   seed %s   schedule %" PRIu64 "\n  %s\n",
                  result->scenario->name, run_end_name(failure->end),
                  result->seed, failure->index, failure->detail);
    if (failure->found[0] != '\0') {
        (void)fprintf(how->text,
                      "  the full report could not be made; repeat it with\n"
                      "    faultline replay %s/original.trace.json\n\n",
                      failure->found);
    }
}

/* Whether failures are told at length: an expected one need not be. */
static bool is_told(const struct examination *how,
                    const struct scenario *scenario)
{
    return how->text != NULL &&
           (how->verbose || scenario->expect != EXPECT_VIOLATION);
}

/* Makes the finding of one failure, and prints it. */
static void make_finding(const struct examination *how,
                         const struct campaign_request *campaign,
                         struct result *result, uint32_t i, uint64_t deadline)
{
    assert(i < FINDINGS_MAX);
    const struct campaign_failure *failure = &result->outcome.failures[i];
    uint64_t latest = wall_ms() + SHRINK_MS;
    bool told = is_told(how, campaign->scenario);
    FILE *report = told ? relay_open() : NULL;
    struct finding_request request = {
        .runner = campaign->runner,
        .scenario = campaign->scenario,
        .variant = campaign->variant,
        .strategy = campaign->strategy,
        .seed = campaign->seed,
        .failure = failure,
        .schedule = failure->index - campaign->first + 1,
        .schedules = campaign_is_exhaustive(campaign)
                         ? 0
                         : campaign->last - campaign->first + 1,
        .store = campaign->store,
        .style = how->style,
        .report = report,
        .shrink = how->shrink,
        .draw = how->draw,
        .deadline = latest < deadline ? latest : deadline,
        .interrupt = how->interrupt,
    };
    struct finding *finding = &result->findings[i];
    finding_make(&request, finding);
    if (report != NULL && finding->told) {
        relay(report, how->text);
    } else if (told) {
        tell_shortly(how, result, failure);
    }
    if (report != NULL) {
        (void)fclose(report);
    }
    if (finding->directory[0] != '\0' && failure->found[0] != '\0') {
        store_remove(failure->found); /* the finding holds all of it */
    }
}

/* Adds a finding to the summary; one of a signature already there only
 * counts. */
static void summarise_finding(struct result *result, uint32_t i)
{
    assert(result->summary.failures_count < FINDINGS_MAX);
    struct finding *finding = &result->findings[i];
    const struct campaign_failure *failure = &result->outcome.failures[i];
    struct scenario_summary *summary = &result->summary;
    for (uint32_t s = 0; s < summary->failures_count; s++) {
        if (finding->signature[0] != '\0' &&
            strcmp(result->failures[s].signature, finding->signature) == 0) {
            result->failures[s].times += failure->times;
            return;
        }
    }
    result->failures[summary->failures_count] = (struct summary_failure){
        .signature = finding->signature,
        .kind = run_end_name(failure->end),
        .message =
            finding->message[0] == '\0' ? failure->detail : finding->message,
        .directory =
            finding->directory[0] == '\0' ? failure->found : finding->directory,
        .trace = finding->directory[0] == '\0' ? "original.trace.json" : NULL,
        .file = finding->file[0] == '\0' ? NULL : finding->file,
        .line = finding->line,
        .schedule =
            failure->index -
            (result->scenario->run.seeds_set ? result->scenario->run.first_seed
                                             : 1) +
            1,
        .times = failure->times,
        .bucket = failure->coarse,
    };
    summary->failures_count++;
}

static void make_findings(const struct examination *how,
                          const struct campaign_request *campaign,
                          struct result *result, uint64_t deadline)
{
    const struct campaign_outcome *outcome = &result->outcome;
    for (uint32_t i = 0; i < outcome->failures_count; i++) {
        bool stopped = how->interrupt != NULL && how->interrupt->asked > 1;
        if (i >= FINDINGS_MAX || stopped) {
            result->summary.failures_others++;
            continue;
        }
        make_finding(how, campaign, result, i, deadline);
        summarise_finding(result, i);
    }
    result->summary.failures_others += outcome->others;
}

/* out/ could not be written: says so, and where the findings are instead. */
static void complain_store(const struct examination *how, struct result *result)
{
    int error = result->outcome.store_error;
    const char *kept = "";
    const char *trace = "trace.json";
    for (uint32_t i = 0; i < FINDINGS_MAX; i++) {
        if (result->findings[i].store_error != 0) {
            error = result->findings[i].store_error;
        }
        if (kept[0] == '\0') {
            kept = result->findings[i].directory;
        }
        if (kept[0] == '\0' && i < result->outcome.failures_count) {
            kept = result->outcome.failures[i].found;
            trace = "original.trace.json";
        }
    }
    if (error == 0) {
        return;
    }
    (void)fflush(stdout);
    (void)fprintf(stderr, "faultline: cannot write to %s/: %s\n", how->out,
                  strerror(error)); // NOLINT(concurrency-mt-unsafe)
    if (kept[0] != '\0') {
        (void)fprintf(stderr, "what was found: faultline replay %s/%s\n", kept,
                      trace);
    }
    (void)fputs("try: faultline run --out DIRECTORY\n", stderr);
    result->code = code_worse(result->code, CODE_IO);
}

/* Of the workers that died, the first run is looked into. */
static void find_culprit(const struct campaign_request *campaign,
                         struct campaign_outcome *outcome)
{
    struct campaign_death *first = &outcome->deaths[0];
    if (outcome->deaths_count == 0) {
        return;
    }
    for (uint32_t i = 1; i < outcome->deaths_count; i++) {
        if (outcome->deaths[i].index < first->index) {
            *first = outcome->deaths[i];
        }
    }
    first->culprit = first->index;
    if (first->signal != SIGKILL && !campaign_is_exhaustive(campaign)) {
        culprit_find(campaign, first);
    }
}

/* Takes the trace of a peak from out/, if the campaign left it there. */
static const char *find_trace(const struct campaign_request *campaign,
                              struct result *result, enum peak_kind kind)
{
    char *path = result->peak_traces[kind];
    if (campaign->store == NULL || result->outcome.peaks.of[kind].value == 0 ||
        !peaks_find(campaign->store, kind, path)) {
        return NULL;
    }
    return path;
}

/* How near to a bound single operations came.  What is known of a part of the
 * runs only is not told, nor what depends on how far the other workers were
 * when one found a failure. */
static void summarise_peaks(const struct campaign_request *campaign,
                            struct result *result)
{
    const struct campaign_outcome *o = &result->outcome;
    struct scenario_summary *s = &result->summary;
    bool cut = o->failures_count > 0 && campaign->stop_after != 0;
    if (o->resumed || cut || o->peaks.of[PEAK_STEPS].value == 0) {
        return;
    }
    s->asks_progress = peaks_asked(campaign->scenario);
    if (s->asks_progress && campaign->store != NULL &&
        !campaign_is_exhaustive(campaign)) {
        struct run_request run = {.seed = campaign->seed,
                                  .strategy = campaign->strategy};
        peaks_record(campaign->runner, &o->peaks, &run, campaign->store);
    }
    const struct peak *steps = &o->peaks.of[PEAK_STEPS];
    const struct peak *overtaken = &o->peaks.of[PEAK_OVERTAKEN];
    s->steps_most = steps->value;
    s->steps_schedule = steps->index - campaign->first + 1;
    s->steps_trace = find_trace(campaign, result, PEAK_STEPS);
    s->overtaken_most = overtaken->value;
    s->overtaken_schedule =
        overtaken->value == 0 ? 0 : overtaken->index - campaign->first + 1;
    s->overtaken_trace = find_trace(campaign, result, PEAK_OVERTAKEN);
}

/* Who made the schedules.  Not told where that depends on how far the other
 * workers were when one found a failure, or of a part of the runs only. */
static void summarise_members(const struct campaign_request *campaign,
                              struct result *result)
{
    const struct campaign_outcome *o = &result->outcome;
    struct scenario_summary *s = &result->summary;
    if (o->resumed || (o->failures_count > 0 && campaign->stop_after != 0)) {
        return;
    }
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        if (o->made[i] == 0) {
            continue;
        }
        uint32_t at = s->members_count++;
        assert(at < SUMMARY_MEMBERS_MAX);
        for (; at > 0 && s->members[at - 1].schedules < o->made[i]; at--) {
            s->members[at] = s->members[at - 1];
        }
        s->members[at] = (struct summary_member){.name = strategies[i]->name,
                                                 .schedules = o->made[i]};
    }
}

/* The part of examining that has a runner. */
static void examine_with(const struct examination *how, struct runner *runner,
                         struct result *result)
{
    const struct scenario *scenario = result->scenario;
    struct store store;
    store_init(&store, how->out == NULL ? "out" : how->out, scenario->name);
    struct campaign_request campaign = {
        .scenario = scenario,
        .variant = how->variant,
        .runner = runner,
        .seed = how->seed,
        .strategy = how->strategy,
        .store = how->out == NULL ? NULL : &store,
        .interrupt = how->interrupt,
        .status = how->status,
    };
    plan_campaign(how, scenario, &campaign);
    if (campaign_is_exhaustive(&campaign) && scenario->rules_count > 0) {
        result->summary.fault_seeds = campaign.last - campaign.first + 1;
    }
    struct keeping keeping;
    if (keep_begin(&keeping, how, &campaign, result)) {
        return; /* it had finished */
    }
    uint64_t deadline = own_deadline(how, scenario);
    campaign.deadline = explore_deadline(deadline);
    if (how->status != NULL) {
        how->status->scenario = scenario->name;
    }
    uint64_t started = wall_ms();
    if (campaign.store != NULL) {
        peaks_forget(campaign.store);
    }
    reached_begin(&keeping, &campaign);
    campaign_run(&campaign, &result->outcome);
    keep_add(&keeping, &result->outcome);
    find_culprit(&campaign, &result->outcome);
    if (result->outcome.unsteady) {
        divergence_find(&campaign, result->outcome.unsteady_index,
                        result->divergence);
    }
    elsewhere_find(&campaign, &result->outcome, result->elsewhere);
    plain_waits_tell((uintptr_t)result->outcome.waited, result->plainly,
                     sizeof(result->plainly));
    make_findings(how, &campaign, result, deadline);
    summarise_members(&campaign, result);
    summarise_peaks(&campaign, result);
    reached_end(&keeping, &campaign, result);
    result->summary.wall_ms = wall_ms() - started;
    result->summary.preemptions = scenario->schedule.preemptions;
    if (!campaign_is_exhaustive(&campaign)) {
        result->summary.planned = campaign_planned(&campaign);
    }
    const struct fl_algorithm *algorithm = runner_algorithm(runner);
    subject_describe(scenario, algorithm,
                     algorithm->variants[runner_variant(runner)].name,
                     result->subject, sizeof(result->subject));
    result->tells_weak = runner_tells_weak(runner);
    judge(result, algorithm, campaign_is_exhaustive(&campaign));
    complain_store(how, result);
    keep_end(&keeping, result);
}

struct result *examine(const struct examination *how, struct scenario *scenario)
{
    assert(how != NULL && scenario != NULL);
    if (scenario->skip != NULL) {
        return result_of_none(scenario->path, scenario, CODE_SKIPPED,
                              scenario->skip);
    }
    struct runner *runner = runner_new(scenario, how->variant, stderr);
    if (runner == NULL) {
        return result_of_none(scenario->path, scenario, CODE_INPUT,
                              "cannot be run: standard error says why");
    }
    struct result *result = new_result();
    result->scenario = scenario;
    (void)snprintf(result->seed, sizeof(result->seed), "0x%" PRIx64, how->seed);
    result->summary.name = scenario->name;
    result->summary.path = scenario->path;
    result->summary.subject = result->subject;
    result->summary.seed = result->seed;
    examine_with(how, runner, result);
    runner_free(runner);
    return result;
}
