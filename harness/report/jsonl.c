/*
 * JSON lines: the run as a stream of events for programs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/report/jsonl.h"
#include "harness/report/json.h"

#include <assert.h>

enum {
    SCHEMA = 1
};

static const char *status_name(enum summary_status status)
{
    switch (status) {
    case SUMMARY_PASSED:
        return "pass";
    case SUMMARY_FAILED:
        return "fail";
    case SUMMARY_INCONCLUSIVE:
        return "inconclusive";
    case SUMMARY_SKIPPED:
        return "skipped";
    case SUMMARY_ERROR:
        break;
    }
    return "error";
}

static void begin(struct json *j, const char *event, FILE *out)
{
    json_init(j, out, 0);
    json_open(j, NULL, '{');
    json_text(j, "event", event);
    json_number(j, "schema", SCHEMA);
}

static void write_failure(struct json *j, const struct summary_failure *failure)
{
    json_text(j, "signature", failure->signature);
    json_text(j, "kind", failure->kind);
    json_text(j, "message", failure->message);
    json_text(j, "directory", failure->directory);
    json_text(j, "file", failure->file);
    json_unsigned(j, "line", failure->line);
    json_unsigned(j, "schedule", failure->schedule);
    json_unsigned(j, "times", failure->times);
}

void jsonl_failure(const struct scenario_summary *scenario,
                   const struct summary_failure *failure, FILE *out)
{
    assert(scenario != NULL && failure != NULL);
    struct json j;
    begin(&j, "failure", out);
    json_text(&j, "scenario", scenario->name);
    json_text(&j, "seed", scenario->seed);
    write_failure(&j, failure);
    json_close(&j);
}

/* Who made the schedules, if that is known. */
static void write_members(struct json *j,
                          const struct scenario_summary *scenario)
{
    if (scenario->members_count == 0) {
        return;
    }
    json_open(j, "strategies", '{');
    for (uint32_t k = 0; k < scenario->members_count; k++) {
        json_unsigned(j, scenario->members[k].name,
                      scenario->members[k].schedules);
    }
    json_close(j);
}

/* What a share of the schedules showed, if that is known. */
static void write_reach(struct json *j, const struct summary_reach *reach)
{
    if (reach->looked == 0) {
        return;
    }
    json_open(j, "reach", '{');
    json_unsigned(j, "looked", reach->looked);
    json_unsigned(j, "sites", reach->sites);
    json_unsigned(j, "sites_all", reach->sites_all);
    json_unsigned(j, "pairs", reach->pairs);
    json_unsigned(j, "ways", reach->ways);
    json_bool(j, "ways_full", reach->ways_full);
    json_bool(j, "full", reach->full);
    json_unsigned(j, "quiet", reach->quiet);
    json_unsigned(j, "never", reach->never);
    json_texts(j, "never_at", reach->never_at, reach->never_count);
    json_close(j);
}

/* How near to a bound single operations came, if that is known. */
static void write_peaks(struct json *j, const struct scenario_summary *scenario)
{
    if (scenario->steps_most > 0) {
        json_unsigned(j, "steps_most", scenario->steps_most);
        json_unsigned(j, "steps_schedule", scenario->steps_schedule);
        json_text(j, "steps_trace", scenario->steps_trace);
        json_unsigned(j, "overtaken_most", scenario->overtaken_most);
    }
    if (scenario->overtaken_most > 0) {
        json_unsigned(j, "overtaken_schedule", scenario->overtaken_schedule);
        json_text(j, "overtaken_trace", scenario->overtaken_trace);
    }
}

void jsonl_scenario(const struct scenario_summary *scenario, FILE *out)
{
    assert(scenario != NULL);
    struct json j;
    begin(&j, "scenario", out);
    json_text(&j, "scenario", scenario->name);
    json_text(&j, "path", scenario->path);
    json_text(&j, "subject", scenario->subject);
    json_text(&j, "status", status_name(scenario->status));
    json_text(&j, "end", scenario->end);
    json_text(&j, "reason", scenario->reason);
    json_text(&j, "seed", scenario->seed);
    json_bool(&j, "expected", scenario->expected);
    json_unsigned(&j, "schedules", scenario->schedules);
    json_unsigned(&j, "planned", scenario->planned);
    json_unsigned(&j, "undecided", scenario->undecided);
    json_bool(&j, "exhausted", scenario->exhausted);
    if (scenario->preemptions == SUMMARY_UNBOUNDED) {
        json_unsigned(&j, "executions", scenario->tally.executions);
        json_unsigned(&j, "distinct", scenario->tally.distinct);
        if (scenario->tally.more) {
            json_bool(&j, "distinct_more", true);
        }
        json_unsigned(&j, "redundant", scenario->tally.redundant);
        if (scenario->tally.cuts) {
            json_unsigned(&j, "blocked", scenario->tally.blocked);
        }
        if (scenario->ungraphed != NULL) {
            json_text(&j, "ungraphed", scenario->ungraphed);
        }
    } else {
        json_unsigned(&j, "preemptions", scenario->preemptions);
        if (scenario->tally.saved.met > 0) {
            json_unsigned(&j, "states_met", scenario->tally.saved.met);
        }
    }
    if (scenario->fault_seeds > 0) {
        json_unsigned(&j, "fault_seeds", scenario->fault_seeds);
    }
    if (scenario->tally.saved.stands_for > 1) {
        json_unsigned(&j, "stands_for", scenario->tally.saved.stands_for);
    }
    write_members(&j, scenario);
    write_reach(&j, &scenario->reach);
    write_peaks(&j, scenario);
    json_unsigned(&j, "rate", scenario->rate);
    json_unsigned(&j, "wall_ms", scenario->wall_ms);
    json_open(&j, "failures", '[');
    for (uint32_t k = 0; k < scenario->failures_count; k++) {
        json_open(&j, NULL, '{');
        write_failure(&j, &scenario->failures[k]);
        json_close(&j);
    }
    json_close(&j);
    json_unsigned(&j, "failures_others", scenario->failures_others);
    json_texts(&j, "warnings", scenario->warnings, scenario->warnings_count);
    json_close(&j);
}

const char *known_state_name(enum known_state state)
{
    switch (state) {
    case KNOWN_FAILING:
        return "failing";
    case KNOWN_FIXED:
        return "fixed";
    case KNOWN_STALE:
        break;
    }
    return "stale";
}

/* A line for each failure that was known before. */
static void write_known(const struct campaign_summary *campaign, FILE *out)
{
    for (uint32_t k = 0; k < campaign->known_count; k++) {
        const struct summary_known *known = &campaign->known[k];
        struct json j;
        begin(&j, "known", out);
        json_text(&j, "trace", known->path);
        json_text(&j, "scenario", known->scenario);
        json_text(&j, "state", known_state_name(known->state));
        json_text(&j, "kind", known->kind);
        json_text(&j, "detail", known->detail);
        json_bool(&j, "expected", known->expected);
        json_close(&j);
    }
}

void jsonl_campaign(const struct campaign_summary *campaign, FILE *out)
{
    assert(campaign != NULL);
    struct summary_counts counts = summary_count(campaign);
    struct json j;
    write_known(campaign, out);
    begin(&j, "campaign", out);
    json_text(&j, "version", campaign->version);
    json_text(&j, "timestamp", campaign->timestamp);
    json_text(&j, "seed", campaign->seed);
    json_unsigned(&j, "scenarios", campaign->scenarios_count);
    json_unsigned(&j, "passed", counts.passed);
    json_unsigned(&j, "failed", counts.failed);
    json_unsigned(&j, "inconclusive", counts.inconclusive);
    json_unsigned(&j, "skipped", counts.skipped);
    json_unsigned(&j, "errors", counts.errors);
    json_unsigned(&j, "schedules", counts.schedules);
    json_unsigned(&j, "wall_ms", campaign->wall_ms);
    json_unsigned(&j, "workers", campaign->workers);
    json_bool(&j, "interrupted", campaign->interrupted);
    json_number(&j, "exit", campaign->exit_code);
    json_close(&j);
}
