/*
 * The summary of a campaign, for the terminal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/report/summary.h"
#include "checker/draw/scene.h"
#include "checker/phrase.h"

#include <assert.h>
#include <string.h>

enum {
    NAME_COLUMNS = 28,
    LINE_MAX_BYTES = 600,
    INDENT = 6,
    COLUMNS = 100
};

struct summary_counts summary_count(const struct campaign_summary *campaign)
{
    struct summary_counts counts = {0};
    for (uint32_t k = 0; k < campaign->scenarios_count; k++) {
        counts.schedules += campaign->scenarios[k].schedules;
        switch (campaign->scenarios[k].status) {
        case SUMMARY_PASSED:
            counts.passed++;
            break;
        case SUMMARY_FAILED:
            counts.failed++;
            break;
        case SUMMARY_INCONCLUSIVE:
            counts.inconclusive++;
            break;
        case SUMMARY_SKIPPED:
            counts.skipped++;
            break;
        case SUMMARY_ERROR:
            counts.errors++;
            break;
        }
    }
    return counts;
}

/* Adds " (treiber.c:37)": where the decisive step stands. */
static void add_place(struct fl_phrase *phrase, const struct fl_record *record)
{
    for (uint32_t s = record->steps_count; s-- > 0;) {
        const struct fl_step *step = &record->steps[s];
        if (step->decisive && step->file != NULL) {
            fl_phrase_print(phrase, " (%s:%u)", step->file, step->line);
            return;
        }
    }
}

const char *summary_message(const struct fl_record *record, char *text,
                            size_t max)
{
    const struct fl_explanation *e = record->explanation;
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, max);
    if (e != NULL && record->history != NULL) {
        char part[FL_TEXT_MAX];
        char name[16];
        const struct fl_operation *op = &record->history->operations[e->stuck];
        fl_phrase_add(&phrase, fl_scene_lane(record, op->client, name));
        fl_phrase_add(&phrase, " ");
        fl_phrase_add(
            &phrase, fl_describe_call(record->history, op, part, sizeof(part)));
        fl_phrase_add(&phrase, " returned ");
        fl_phrase_add(&phrase, e->got);
        if (e->must_all[0] != '\0') {
            fl_phrase_add(&phrase, "; must return ");
            fl_phrase_add(&phrase, e->must_all);
        } else {
            fl_phrase_add(&phrase, ", which is not possible in any reachable "
                                   "state");
        }
    } else if (record->reason_count > 0) {
        fl_phrase_add(&phrase, record->reason[0]);
    } else {
        fl_phrase_add(&phrase, record->verdict);
    }
    add_place(&phrase, record);
    return text;
}

/* The word at the beginning of the line, and its colour. */
static const char *status_word(const struct scenario_summary *scenario,
                               const char **colour)
{
    switch (scenario->status) {
    case SUMMARY_PASSED:
        *colour = "\033[32m";
        return "pass";
    case SUMMARY_FAILED:
        *colour = "\033[31m";
        return "FAIL";
    case SUMMARY_INCONCLUSIVE:
        *colour = "\033[33m";
        return "open";
    case SUMMARY_SKIPPED:
        *colour = "\033[2m";
        return "skip";
    case SUMMARY_ERROR:
        break;
    }
    *colour = "\033[31m";
    return "ERR ";
}

static void add_count(struct fl_phrase *phrase, uint64_t count)
{
    char text[32];
    fl_phrase_add(phrase, fl_scene_count(count, text));
}

static void add_seconds(struct fl_phrase *phrase, uint64_t milliseconds)
{
    uint64_t tenths = (milliseconds + 50) / 100;
    if (milliseconds < 1000) {
        fl_phrase_print(phrase, "%u.%02u s", 0U, (unsigned)(milliseconds / 10));
    } else {
        fl_phrase_print(phrase, "%llu.%u s", (unsigned long long)(tenths / 10),
                        (unsigned)(tenths % 10));
    }
}

/* "; by symmetry each stands for up to 6".  False: it does not. */
static bool describe_symmetry(struct fl_phrase *phrase, const char *before,
                              const struct search_tally *t)
{
    if (t->saved.stands_for <= 1) {
        return false;
    }
    fl_phrase_add(phrase, before);
    fl_phrase_add(phrase, "by symmetry each stands for up to ");
    add_count(phrase, t->saved.stands_for);
    return true;
}

/* ", with the faults that 2 seeds draw": which act, and when, is no decision of
 * a search. */
static void describe_faults(struct fl_phrase *phrase,
                            const struct scenario_summary *scenario)
{
    if (scenario->fault_seeds > 0) {
        fl_phrase_add(phrase, ", with the faults that ");
        add_count(phrase, scenario->fault_seeds);
        fl_phrase_add(phrase, scenario->fault_seeds == 1 ? " seed draws"
                                                         : " seeds draw");
    }
}

/* Executions, not schedules: those that differ in the order of independent
 * steps are one.  A weak model can meet one execution more than once. */
static void describe_executions(struct fl_phrase *phrase,
                                const struct scenario_summary *scenario)
{
    const struct search_tally *t = &scenario->tally;
    bool counted = t->executions > 0;
    fl_phrase_add(phrase, "not violated in all ");
    if (counted && t->distinct > 0) {
        fl_phrase_add(phrase, t->more ? "of more than " : "");
        add_count(phrase, t->distinct);
        fl_phrase_add(phrase, " ");
    }
    fl_phrase_add(phrase, "executions of this program up to the stated bounds");
    describe_faults(phrase, scenario);
    uint64_t more = scenario->schedules;
    if (counted && t->cuts) {
        fl_phrase_add(phrase, ", with awaits cut");
    }
    bool explored = counted && more > t->distinct;
    if (explored) {
        fl_phrase_add(phrase, " (");
        add_count(phrase, more);
        fl_phrase_add(phrase, " explored");
        if (t->blocked > 0) {
            fl_phrase_add(phrase, ", ");
            add_count(phrase, t->blocked);
            fl_phrase_add(phrase, " of them blocked");
        }
    }
    bool symmetric = describe_symmetry(phrase, explored ? "; " : " (", t);
    fl_phrase_add(phrase, explored || symmetric ? ")" : "");
}

/* ", 17 of them cut at a state met before; by symmetry each stands for up to
 * 6" */
static void describe_savings(struct fl_phrase *phrase,
                             const struct search_tally *t)
{
    const struct search_savings *saved = &t->saved;
    if (saved->met > 0) {
        fl_phrase_add(phrase, ", ");
        add_count(phrase, saved->met);
        fl_phrase_add(phrase, " of them cut at a state met before");
    }
    (void)describe_symmetry(phrase, "; ", t);
}

/* What a pass means: never "proved", unless the space was exhausted. */
static void describe_pass(struct fl_phrase *phrase,
                          const struct scenario_summary *scenario)
{
    if (scenario->expected) {
        fl_phrase_print(phrase, "found as expected: %s, %u distinct, in ",
                        scenario->end != NULL ? scenario->end : "violation",
                        scenario->failures_count + scenario->failures_others);
        add_count(phrase, scenario->schedules);
        fl_phrase_add(phrase, " schedules");
    } else if (scenario->exhausted &&
               scenario->preemptions == SUMMARY_UNBOUNDED) {
        describe_executions(phrase, scenario);
    } else if (scenario->exhausted) {
        fl_phrase_print(
            phrase, "not violated in all schedules with <= %u preemption%s",
            scenario->preemptions, scenario->preemptions == 1 ? "" : "s");
        describe_faults(phrase, scenario);
        fl_phrase_add(phrase, " (");
        add_count(phrase, scenario->schedules);
        describe_savings(phrase, &scenario->tally);
        fl_phrase_add(phrase, ")");
    } else {
        fl_phrase_add(phrase, "not violated in ");
        add_count(phrase, scenario->schedules);
        fl_phrase_add(phrase, " schedules");
    }
    if (scenario->undecided > 0) {
        fl_phrase_add(phrase, ", ");
        add_count(phrase, scenario->undecided);
        fl_phrase_add(phrase, " of them undecided");
    }
}

static void describe_failure(struct fl_phrase *phrase,
                             const struct scenario_summary *scenario)
{
    if (scenario->failures_count == 0) {
        fl_phrase_add(phrase, scenario->reason != NULL ? scenario->reason
                              : scenario->expected
                                  ? "no violation found, one was expected"
                                  : "violated");
        return;
    }
    uint32_t distinct = scenario->failures_count + scenario->failures_others;
    fl_phrase_print(phrase, "%u distinct failure%s in ", distinct,
                    distinct == 1 ? "" : "s");
    add_count(phrase, scenario->schedules);
    fl_phrase_add(phrase, " schedules");
}

static void describe_scenario(struct fl_phrase *phrase,
                              const struct scenario_summary *scenario)
{
    switch (scenario->status) {
    case SUMMARY_PASSED:
        describe_pass(phrase, scenario);
        break;
    case SUMMARY_FAILED:
        describe_failure(phrase, scenario);
        break;
    case SUMMARY_INCONCLUSIVE:
        fl_phrase_add(phrase, "inconclusive: ");
        fl_phrase_add(phrase, scenario->reason);
        break;
    case SUMMARY_SKIPPED:
        fl_phrase_add(phrase, "skipped: ");
        fl_phrase_add(phrase, scenario->reason);
        break;
    case SUMMARY_ERROR:
        fl_phrase_add(phrase, scenario->reason);
        break;
    }
    if (scenario->status != SUMMARY_SKIPPED && scenario->wall_ms > 0) {
        fl_phrase_add(phrase, "   ");
        add_seconds(phrase, scenario->wall_ms);
    }
    if (scenario->rate > 0) {
        fl_phrase_add(phrase, ", ");
        add_count(phrase, scenario->rate);
        fl_phrase_add(phrase, "/s");
    }
}

/* Whether the reports of its failures stand above, each with its FAIL: then
 * one more FAIL would look like one more failure. */
static bool is_reported(const struct scenario_summary *scenario)
{
    return scenario->status == SUMMARY_FAILED && scenario->failures_count > 0;
}

/* "FAIL  name    what", or "      name: what" below its reports. */
static void write_line(const struct scenario_summary *scenario, bool colour,
                       FILE *out)
{
    const char *paint = "";
    const char *word = status_word(scenario, &paint);
    char name[LINE_MAX_BYTES];
    char text[LINE_MAX_BYTES];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, name, sizeof(name));
    fl_phrase_add(&phrase, scenario->name);
    size_t columns = fl_text_columns(name);
    int pad = columns < NAME_COLUMNS ? (int)(NAME_COLUMNS - columns) : 0;
    fl_phrase_init(&phrase, text, sizeof(text));
    describe_scenario(&phrase, scenario);
    if (is_reported(scenario)) {
        fprintf(out, "      %s: %s\n", name, text);
        return;
    }
    fprintf(out, "%s%s%s  %s%*s  %s\n", colour ? paint : "", word,
            colour ? "\033[0m" : "", name, pad, "", text);
}

const char *summary_members(const struct scenario_summary *scenario, char *text,
                            size_t max)
{
    assert(scenario->members_count <= SUMMARY_MEMBERS_MAX);
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, max);
    for (uint32_t k = 0; k < scenario->members_count; k++) {
        fl_phrase_add(&phrase, k == 0 ? "" : ", ");
        fl_phrase_add(&phrase, scenario->members[k].name);
        fl_phrase_add(&phrase, " ");
        add_count(&phrase, scenario->members[k].schedules);
    }
    return text;
}

/* Writes words behind those that a line has, and goes on below. */
static void wrap(char *text, FILE *out)
{
    size_t column = INDENT + 2;
    for (char *part = text; part != NULL;) {
        char *comma = strchr(part, ',');
        size_t size = comma == NULL ? strlen(part) : (size_t)(comma - part) + 1;
        const char *gap = part == text ? " " : "";
        if (column + size > COLUMNS) {
            fprintf(out, "\n%*s", INDENT + 2, "");
            column = INDENT + 2;
        }
        fprintf(out, "%s%.*s", gap, (int)size, part);
        column += size + strlen(gap);
        part = comma == NULL ? NULL : comma + 1;
    }
    fputs("\n", out);
}

/* "by stall 718, round_robin 63, ...", where it was more than one. */
static void write_members(const struct scenario_summary *scenario, FILE *out)
{
    if (scenario->members_count > 1 && scenario->status == SUMMARY_PASSED &&
        !scenario->expected) {
        char text[LINE_MAX_BYTES];
        (void)summary_members(scenario, text, sizeof(text));
        fputs("      by", out);
        wrap(text, out);
    }
}

/* "at most 14 own steps (schedule 812), overtaken at most 3 times (...)". */
static void write_peaks(const struct scenario_summary *scenario, FILE *out)
{
    char text[LINE_MAX_BYTES];
    struct fl_phrase phrase;
    if (!scenario->asks_progress || scenario->steps_most == 0) {
        return;
    }
    fl_phrase_init(&phrase, text, sizeof(text));
    fl_phrase_add(&phrase, "operations took at most ");
    add_count(&phrase, scenario->steps_most);
    fl_phrase_print(&phrase, " own step%s (schedule ",
                    scenario->steps_most == 1 ? "" : "s");
    add_count(&phrase, scenario->steps_schedule);
    if (scenario->overtaken_most == 0) {
        fl_phrase_add(&phrase, "), and none was overtaken");
    } else {
        fl_phrase_add(&phrase, "), overtaken at most ");
        add_count(&phrase, scenario->overtaken_most);
        fl_phrase_print(&phrase, " time%s (schedule ",
                        scenario->overtaken_most == 1 ? "" : "s");
        add_count(&phrase, scenario->overtaken_schedule);
        fl_phrase_add(&phrase, ")");
    }
    fprintf(out, "      %s\n", text);
    const char *const traces[] = {scenario->steps_trace,
                                  scenario->overtaken_trace};
    for (uint32_t k = 0; k < 2; k++) {
        if (traces[k] != NULL) {
            fl_phrase_init(&phrase, text, sizeof(text));
            fl_phrase_add(&phrase, traces[k]);
            fprintf(out, "      faultline replay %s\n", text);
        }
    }
}

void summary_scenario(const struct scenario_summary *scenario, bool colour,
                      FILE *out)
{
    assert(scenario != NULL && scenario->name != NULL);
    char text[LINE_MAX_BYTES];
    struct fl_phrase phrase;
    write_line(scenario, colour, out);
    write_members(scenario, out);
    if (scenario->ungraphed != NULL) {
        fl_phrase_init(&phrase, text, sizeof(text));
        fl_phrase_add(&phrase, scenario->ungraphed);
        fprintf(out, "      searched by orders, not graphs: %s\n", text);
    }
    summary_write_reach(scenario, out);
    write_peaks(scenario, out);
    bool several = is_reported(scenario) && scenario->failures_count > 1;
    bool troubled = scenario->status == SUMMARY_ERROR;
    uint32_t listed = several || troubled ? scenario->failures_count : 0;
    for (uint32_t k = 0; k < listed; k++) {
        const struct summary_failure *failure = &scenario->failures[k];
        fl_phrase_init(&phrase, text, sizeof(text));
        fl_phrase_add(&phrase, failure->message);
        fprintf(out, "      %s\n", text);
        if (failure->directory != NULL) {
            fprintf(out, "      faultline replay %s/%s\n", failure->directory,
                    failure->trace == NULL ? "trace.json" : failure->trace);
        }
    }
    for (uint32_t k = 0; k < scenario->warnings_count; k++) {
        fl_phrase_init(&phrase, text, sizeof(text));
        fl_phrase_add(&phrase, scenario->warnings[k]);
        fprintf(out, "      %swarning:%s %s\n", colour ? "\033[33m" : "",
                colour ? "\033[0m" : "", text);
    }
}

/* What is no longer as it was recorded, by name. */
static void write_known(const struct campaign_summary *campaign, FILE *out)
{
    char text[LINE_MAX_BYTES];
    struct fl_phrase phrase;
    for (uint32_t k = 0; k < campaign->known_count; k++) {
        const struct summary_known *known = &campaign->known[k];
        if (known->state == KNOWN_FAILING) {
            continue;
        }
        bool fixed = known->state == KNOWN_FIXED;
        fl_phrase_init(&phrase, text, sizeof(text));
        fl_phrase_add(&phrase, fixed ? "fixed since it was recorded: "
                                     : "stale, record it again: ");
        fl_phrase_add(&phrase, known->path);
        if (known->kind != NULL) {
            fl_phrase_add(&phrase, "   it was: ");
            fl_phrase_add(&phrase, known->kind);
        }
        if (!fixed && known->detail[0] != '\0') {
            fl_phrase_add(&phrase, "; now: ");
            fl_phrase_add(&phrase, known->detail);
        }
        fprintf(out, "%s\n", text);
    }
}

void summary_campaign(const struct campaign_summary *campaign, bool colour,
                      FILE *out)
{
    assert(campaign != NULL);
    if (!campaign->brief) {
        write_known(campaign, out);
    }
    struct summary_counts counts = summary_count(campaign);
    char text[LINE_MAX_BYTES];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, sizeof(text));
    fl_phrase_print(&phrase, "%u failed, %u passed, ", counts.failed,
                    counts.passed);
    if (counts.inconclusive > 0) {
        fl_phrase_print(&phrase, "%u inconclusive, ", counts.inconclusive);
    }
    if (counts.errors > 0) {
        fl_phrase_print(&phrase, "%u in error, ", counts.errors);
    }
    fl_phrase_print(&phrase, "%u skipped in ", counts.skipped);
    add_seconds(&phrase, campaign->wall_ms);
    fl_phrase_print(&phrase, "    (%u scenario%s, ", campaign->scenarios_count,
                    campaign->scenarios_count == 1 ? "" : "s");
    add_count(&phrase, counts.schedules);
    fl_phrase_print(&phrase, " schedules, %u worker%s)", campaign->workers,
                    campaign->workers == 1 ? "" : "s");
    if (campaign->interrupted) {
        fl_phrase_add(&phrase, "    interrupted");
    }
    bool bad = counts.failed > 0 || counts.errors > 0;
    fprintf(out, "%s%s%s    exit %d\n",
            colour ? bad ? "\033[31m" : "\033[32m" : "", text,
            colour ? "\033[0m" : "", campaign->exit_code);
}
