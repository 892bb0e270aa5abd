/*
 * JUnit XML, as CI systems read it: one test case a scenario.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/report/junit.h"
#include "checker/phrase.h"
#include "harness/report/jsonl.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum {
    MEMBERS_TEXT = 600
};

/* XML 1.0 allows tab, newline and return below U+0020, and neither U+FFFE nor
 * U+FFFF; surrogates are no UTF-8. */
static bool is_forbidden(const char *text, size_t size)
{
    unsigned char byte = (unsigned char)text[0];
    if (size == 1) {
        return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
    }
    return size == 3 && (memcmp(text, "\xef\xbf\xbe", 3) == 0 ||
                         memcmp(text, "\xef\xbf\xbf", 3) == 0);
}

static const char *find_entity(char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\n': /* an attribute would turn it into a space */
        return "&#10;";
    case '\r':
        return "&#13;";
    case '\t':
        return "&#9;";
    default:
        return NULL;
    }
}

void junit_escape(const char *text, FILE *out)
{
    assert(out != NULL);
    bool valid = true;
    for (const char *at = text; at != NULL && *at != '\0';) {
        size_t size = fl_character_size(at, &valid);
        const char *entity = find_entity(*at);
        if (!valid) {
            fputs("\xef\xbf\xbd", out); /* U+FFFD */
        } else if (entity != NULL) {
            fputs(entity, out);
        } else if (!is_forbidden(at, size)) {
            fwrite(at, 1, size, out);
        }
        at += size;
    }
}

static void write_attribute(FILE *out, const char *name, const char *text)
{
    fprintf(out, " %s=\"", name);
    junit_escape(text, out);
    fputc('"', out);
}

static void write_seconds(FILE *out, uint64_t milliseconds)
{
    fprintf(out, " time=\"%" PRIu64 ".%03u\"", milliseconds / 1000,
            (unsigned)(milliseconds % 1000));
}

static void write_property(FILE *out, const char *name, const char *value)
{
    fputs("      <property", out);
    write_attribute(out, "name", name);
    write_attribute(out, "value", value);
    fputs("/>\n", out);
}

static void write_number(FILE *out, const char *name, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, number);
    write_property(out, name, text);
}

/* The first failure is the test's own; the others are told within it, as
 * several readers take one `failure` only. */
static void write_failure(FILE *out, const struct scenario_summary *scenario)
{
    const struct summary_failure *first =
        scenario->failures_count > 0 ? &scenario->failures[0] : NULL;
    assert(scenario->failures_count == 0 || scenario->failures != NULL);
    const char *kind = first != NULL           ? first->kind
                       : scenario->end != NULL ? scenario->end
                                               : "failure";
    fputs("      <failure", out);
    write_attribute(out, "type", kind);
    write_attribute(out, "message",
                    first != NULL              ? first->message
                    : scenario->reason != NULL ? scenario->reason
                                               : kind);
    fputc('>', out);
    for (uint32_t k = 0; k < scenario->failures_count; k++) {
        const struct summary_failure *failure = &scenario->failures[k];
        fputs(k > 0 ? "\n\n" : "", out);
        junit_escape(failure->kind, out);
        fputs(": ", out);
        junit_escape(failure->message, out);
        fprintf(out, "\nschedule %" PRIu64 ", seed ", failure->schedule);
        junit_escape(scenario->seed, out);
        if (failure->directory != NULL) {
            fputs("\nreplay: faultline replay ", out);
            junit_escape(failure->directory, out);
            fprintf(out, "/%s",
                    failure->trace == NULL ? "trace.json" : failure->trace);
        }
    }
    if (scenario->failures_others > 0) {
        fprintf(out, "\n\nand %u more distinct failures",
                scenario->failures_others);
    }
    fputs("</failure>\n", out);
}

/* Attachments as Jenkins and GitLab find them, and warnings. */
static void write_output(FILE *out, const struct scenario_summary *scenario)
{
    bool any = scenario->warnings_count > 0 || scenario->ungraphed != NULL;
    for (uint32_t k = 0; k < scenario->failures_count; k++) {
        any = any || scenario->failures[k].directory != NULL;
    }
    if (!any) {
        return;
    }
    fputs("      <system-out>", out);
    if (scenario->ungraphed != NULL) {
        fputs("searched by orders, not graphs: ", out);
        junit_escape(scenario->ungraphed, out);
        fputc('\n', out);
    }
    for (uint32_t k = 0; k < scenario->warnings_count; k++) {
        fputs("warning: ", out);
        junit_escape(scenario->warnings[k], out);
        fputc('\n', out);
    }
    for (uint32_t k = 0; k < scenario->failures_count; k++) {
        if (scenario->failures[k].directory != NULL) {
            fputs("[[ATTACHMENT|", out);
            junit_escape(scenario->failures[k].directory, out);
            fputs("/report.txt]]\n", out);
        }
    }
    fputs("</system-out>\n", out);
}

static void write_reason(FILE *out, const char *element, const char *lead,
                         const char *reason)
{
    fprintf(out, "      <%s message=\"%s", element, lead);
    junit_escape(reason != NULL ? reason : "no reason given", out);
    fputs("\"/>\n", out);
}

static void write_case(FILE *out, const struct scenario_summary *scenario)
{
    fputs("    <testcase", out);
    write_attribute(out, "classname",
                    scenario->subject != NULL ? scenario->subject
                                              : "faultline");
    write_attribute(out, "name", scenario->name);
    if (scenario->path != NULL) {
        write_attribute(out, "file", scenario->path);
    }
    write_seconds(out, scenario->wall_ms);
    fputs(">\n", out);
    fputs("      <properties>\n", out);
    if (scenario->seed != NULL) {
        write_property(out, "seed", scenario->seed);
    }
    write_number(out, "schedules", scenario->schedules);
    write_number(out, "rate", scenario->rate);
    if (scenario->members_count > 0) {
        char members[MEMBERS_TEXT];
        write_property(out, "strategies",
                       summary_members(scenario, members, sizeof(members)));
    }
    if (scenario->steps_most > 0) {
        write_number(out, "steps_most", scenario->steps_most);
        write_number(out, "overtaken_most", scenario->overtaken_most);
    }
    fputs("      </properties>\n", out);
    switch (scenario->status) {
    case SUMMARY_FAILED:
        write_failure(out, scenario);
        break;
    case SUMMARY_INCONCLUSIVE:
        write_reason(out, "skipped", "inconclusive: ", scenario->reason);
        break;
    case SUMMARY_SKIPPED:
        write_reason(out, "skipped", "", scenario->reason);
        break;
    case SUMMARY_ERROR:
        write_reason(out, "error", "", scenario->reason);
        break;
    case SUMMARY_PASSED:
        break;
    }
    write_output(out, scenario);
    fputs("    </testcase>\n", out);
}

/* A failure that was known before: a test case of its own. */
static void write_known(FILE *out, const struct summary_known *known)
{
    fputs("    <testcase", out);
    write_attribute(out, "classname", "corpus");
    write_attribute(out, "name", known->path);
    fputs(" time=\"0.000\">\n      <properties>\n", out);
    write_property(out, "state", known_state_name(known->state));
    fputs("      </properties>\n", out);
    const char *kind = known->kind == NULL ? "failure" : known->kind;
    switch (known->state) {
    case KNOWN_FAILING:
        if (!known->expected) {
            fputs("      <failure", out);
            write_attribute(out, "type", kind);
            write_attribute(out, "message", known->detail);
            fputs("/>\n", out);
        }
        break;
    case KNOWN_FIXED:
        fputs("      <system-out>fixed since it was recorded; it was: ", out);
        junit_escape(kind, out);
        fputs("</system-out>\n", out);
        break;
    case KNOWN_STALE:
        write_reason(out, "skipped", "stale: ", known->detail);
        break;
    }
    fputs("    </testcase>\n", out);
}

/* The attributes that the document and its suite share. */
static void write_totals(FILE *out, const struct campaign_summary *campaign)
{
    struct summary_counts counts = summary_count(campaign);
    uint32_t failing = 0;
    uint32_t stale = 0;
    for (uint32_t k = 0; k < campaign->known_count; k++) {
        const struct summary_known *known = &campaign->known[k];
        failing += known->state == KNOWN_FAILING && !known->expected;
        stale += known->state == KNOWN_STALE;
    }
    fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"",
            campaign->scenarios_count + campaign->known_count,
            counts.failed + failing, counts.errors,
            counts.skipped + counts.inconclusive + stale);
    write_seconds(out, campaign->wall_ms);
    if (campaign->timestamp != NULL) {
        write_attribute(out, "timestamp", campaign->timestamp);
    }
}

void junit_write(const struct campaign_summary *campaign, FILE *out)
{
    assert(campaign != NULL && out != NULL);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
    fputs("<testsuites name=\"faultline\"", out);
    write_totals(out, campaign);
    fputs(">\n  <testsuite name=\"faultline\"", out);
    write_totals(out, campaign);
    fputs(">\n    <properties>\n", out);
    if (campaign->seed != NULL) {
        write_property(out, "seed", campaign->seed);
    }
    if (campaign->version != NULL) {
        write_property(out, "version", campaign->version);
    }
    write_number(out, "workers", campaign->workers);
    fputs("    </properties>\n", out);
    for (uint32_t k = 0; k < campaign->known_count; k++) {
        write_known(out, &campaign->known[k]);
    }
    for (uint32_t k = 0; k < campaign->scenarios_count; k++) {
        write_case(out, &campaign->scenarios[k]);
    }
    fputs("  </testsuite>\n</testsuites>\n", out);
}
