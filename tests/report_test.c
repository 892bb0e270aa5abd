/*
 * The reports: the text as agreed, XML and JSON that others can read, and
 * nothing that a hostile record could break.
 *
 * The agreed texts lie in tests/data/report/.  To agree to a change, look at
 * the text that a failing case leaves in /tmp, and move it there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/phrase.h"
#include "harness/report/json.h"
#include "harness/report/jsonl.h"
#include "harness/report/junit.h"
#include "harness/report/report.h"
#include "tests/hostile_fixture.h"
#include "tests/record_fixture.h"
#include "tests/tap.h"

#include <jansson.h>

/* A stream into memory. */
struct sink {
    char *text;
    size_t size;
    FILE *out;
};

static void sink_open(struct sink *sink)
{
    *sink = (struct sink){.text = NULL};
    sink->out = open_memstream(&sink->text, &sink->size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(sink->out);
}

/* The text of `path`, or NULL. */
static char *read_all(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (in == NULL) {
        return NULL;
    }
    if (getdelim(&text, &size, '\0', in) < 0) {
        free(text);
        text = NULL;
    }
    (void)fclose(in);
    return text;
}

/* Compares the report of a record with the agreed text. */
static void compare_report(const char *name, void (*make)(struct fixture *),
                           const struct report_style *style)
{
    struct fixture *f = calloc(1, sizeof(*f));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    char path[200];
    struct sink sink;
    make(f);
    sink_open(&sink);
    report_failure(&f->record, style, sink.out);
    (void)fclose(sink.out);
    snprintf(path, sizeof(path), "tests/data/report/%s.txt", name);
    char *agreed = read_all(path);
    bool same = agreed != NULL && strcmp(agreed, sink.text) == 0;
    CU_ASSERT_TRUE(same);
    if (!same) {
        snprintf(path, sizeof(path), "/tmp/faultline-report-%s.txt", name);
        FILE *out = fopen(path, "w");
        if (out != NULL) {
            fputs(sink.text, out);
            (void)fclose(out);
            printf("# differs: see %s\n", path);
        }
    }
    free(agreed);
    free(sink.text);
    fixture_release(f);
    free(f);
}

static void reports_are_as_agreed(void)
{
    struct report_style style = {.columns = 100, .unicode = true};
    compare_report("treiber", fixture_treiber, &style);
    compare_report("abd", fixture_abd, &style);
    compare_report("use_after_free", fixture_use_after_free, &style);
    compare_report("file", fixture_file, &style);
    style.unicode = false;
    style.full = true;
    compare_report("treiber_ascii_full", fixture_treiber, &style);
    style =
        (struct report_style){.columns = 80, .unicode = true, .colour = true};
    compare_report("treiber_80_colour", fixture_treiber, &style);
}

/* Every line of `text` is UTF-8 without control characters, and, but for the
 * commands to paste, within `columns`. */
static void check_lines(char *text, uint32_t columns, bool colour)
{
    bool valid = true;
    for (char *line = strtok_r(text, "\n", &text); line != NULL;
         line = strtok_r(NULL, "\n", &text)) {
        if (strstr(line, "faultline ") == NULL &&
            strstr(line, "all files") == NULL && !colour) {
            CU_ASSERT(fl_text_columns(line) <= columns);
        }
        for (const char *at = line; *at != '\0';) {
            size_t size = fl_character_size(at, &valid);
            CU_ASSERT_TRUE(valid);
            CU_ASSERT((unsigned char)*at >= 0x20 || (colour && *at == '\033'));
            at += size;
        }
    }
}

static void hostile_records_break_nothing(void)
{
    static void (*const make[])(struct fixture *) = {
        fixture_hostile, fixture_empty, fixture_crowd, fixture_abd};
    static const uint32_t columns[] = {1, 60, 100, 3000};
    struct fixture *f = calloc(1, sizeof(*f));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    for (size_t k = 0; k < 16; k++) {
        struct report_style style = {.columns = columns[k % 4],
                                     .unicode = k % 3 != 0,
                                     .colour = k % 2 != 0,
                                     .full = k % 5 == 0};
        struct sink sink;
        make[k / 4](f);
        sink_open(&sink);
        report_failure(&f->record, &style, sink.out);
        (void)fclose(sink.out);
        check_lines(sink.text, style.columns < 40 ? 40 : style.columns,
                    style.colour);
        free(sink.text);
        fixture_release(f);
    }
    free(f);
}

/* Parses what report_json() writes of a record. */
static json_t *parse_failure(void (*make)(struct fixture *))
{
    struct fixture *f = calloc(1, sizeof(*f));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    struct sink sink;
    json_error_t error;
    make(f);
    sink_open(&sink);
    report_json(&f->record, sink.out);
    (void)fclose(sink.out);
    json_t *root = json_loads(sink.text, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        printf("# %d:%d: %s\n", error.line, error.column, error.text);
    }
    free(sink.text);
    fixture_release(f);
    free(f);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    return root;
}

static void failure_json_can_be_read_back(void)
{
    json_t *root = parse_failure(fixture_treiber);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(root, "schema")), 1);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(root, "steps")), 22);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(root, "operations")), 9);
    json_t *why = json_object_get(root, "explanation");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(why, "must_all")),
                           "3, 4 or 5");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(why, "configurations")), 7);
    json_decref(root);
    json_decref(parse_failure(fixture_abd));
    json_decref(parse_failure(fixture_hostile));
    json_decref(parse_failure(fixture_empty));
    json_decref(parse_failure(fixture_file));
}

static void json_escapes_everything(void)
{
    struct sink sink;
    struct json j;
    sink_open(&sink);
    json_init(&j, sink.out, 0);
    json_open(&j, NULL, '{');
    json_text(&j, "a\"b", "c\\d\n\x01<\xff\u00fc");
    json_number(&j, "n", INT64_MIN);
    json_unsigned(&j, "u", UINT64_MAX);
    json_bool(&j, "t", true);
    json_none(&j, "z");
    json_open(&j, "e", '[');
    json_close(&j);
    json_close(&j);
    (void)fclose(sink.out);
    CU_ASSERT_STRING_EQUAL(
        sink.text, "{\"a\\\"b\":\"c\\\\d\\n\\u0001\\u003c\ufffd\u00fc\","
                   "\"n\":-9223372036854775808,"
                   "\"u\":18446744073709551615,\"t\":true,\"z\":null,"
                   "\"e\":[]}\n");
    free(sink.text);
}

static const struct summary_failure failures[] = {
    {.signature = "5f3a91c2",
     .kind = "not linearizable",
     .message = "T1 pop() returned 2; must return 3, 4 or 5 (treiber.c:37)",
     .directory = "out/treiber-stack/5f3a91c2",
     .file = "treiber.c",
     .line = 37,
     .schedule = 412,
     .times = 3},
    {.signature = HOSTILE,
     .kind = HOSTILE,
     .message = HOSTILE,
     .directory = HOSTILE,
     .schedule = 9,
     .times = 1},
};
static const char *const warnings[] = {"rule 2 (crash) never fired", HOSTILE};
static const struct scenario_summary scenarios[] = {
    {.name = "treiber-stack",
     .path = "scenarios/treiber.yaml",
     .subject = "treiber_stack, variant aba",
     .status = SUMMARY_FAILED,
     .end = "not linearizable",
     .seed = "0x5eed1a",
     .schedules = 412,
     .planned = 10000,
     .wall_ms = 3100,
     .failures = failures,
     .failures_count = 2,
     .failures_others = 1,
     .warnings = warnings,
     .warnings_count = 2},
    {.name = "two-lock-queue",
     .status = SUMMARY_PASSED,
     .seed = "0x5eed1a",
     .schedules = 2000000,
     .wall_ms = 4100,
     .rate = 487804},
    {.name = "spin-lock",
     .status = SUMMARY_PASSED,
     .exhausted = true,
     .preemptions = 2,
     .schedules = 1234,
     .wall_ms = 12},
    {.name = "elimination-stack",
     .status = SUMMARY_INCONCLUSIVE,
     .reason = "checker budget reached in 31 schedules",
     .schedules = 48},
    {.name = "mpi-put",
     .status = SUMMARY_SKIPPED,
     .reason = "backend mpi: there is no mpirun"},
    {.name = HOSTILE, .status = SUMMARY_ERROR, .reason = HOSTILE},
    {.name = "known-bad",
     .status = SUMMARY_FAILED,
     .expected = true,
     .schedules = 100},
};
static const struct campaign_summary campaign = {
    .version = "0.1.0",
    .timestamp = "2026-11-20T20:30:00Z",
    .seed = "0x5eed1a",
    .scenarios = scenarios,
    .scenarios_count = sizeof(scenarios) / sizeof(scenarios[0]),
    .wall_ms = 41700,
    .workers = 4,
    .exit_code = 1};

static void junit_is_valid_xml(void)
{
    struct sink sink;
    sink_open(&sink);
    junit_write(&campaign, sink.out);
    (void)fclose(sink.out);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        sink.text, "tests=\"7\" failures=\"2\" errors=\"1\" skipped=\"2\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(
        sink.text, "<skipped message=\"inconclusive: checker budget reached"));
    CU_ASSERT_PTR_NULL(strchr(sink.text, '\x01'));
    CU_ASSERT_PTR_NULL(strstr(sink.text, "]]>"));
    if (system("command -v xmllint >/dev/null 2>&1") != 0) {
        free(sink.text);
        TAP_SKIP("there is no xmllint on this machine");
    }
    FILE *lint = popen("xmllint --noout - >&2", "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(lint);
    fputs(sink.text, lint);
    CU_ASSERT_EQUAL(pclose(lint), 0);
    free(sink.text);
}

static void jsonl_is_one_object_a_line(void)
{
    struct sink sink;
    uint32_t lines = 0;
    sink_open(&sink);
    jsonl_failure(&scenarios[0], &failures[1], sink.out);
    for (size_t k = 0; k < campaign.scenarios_count; k++) {
        jsonl_scenario(&scenarios[k], sink.out);
    }
    jsonl_campaign(&campaign, sink.out);
    (void)fclose(sink.out);
    char *rest = sink.text;
    for (char *line = strtok_r(rest, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        CU_ASSERT_PTR_NOT_NULL(root);
        CU_ASSERT_PTR_NOT_NULL(
            json_string_value(json_object_get(root, "event")));
        json_decref(root);
        lines++;
    }
    CU_ASSERT_EQUAL(lines, campaign.scenarios_count + 2);
    free(sink.text);
}

static void summaries_never_say_proved(void)
{
    struct sink sink;
    sink_open(&sink);
    for (size_t k = 0; k < campaign.scenarios_count; k++) {
        summary_scenario(&scenarios[k], false, sink.out);
    }
    summary_campaign(&campaign, false, sink.out);
    (void)fclose(sink.out);
    CU_ASSERT_PTR_NULL(strstr(sink.text, "proved"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(sink.text, "not violated in 2 000 000 schedules"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(sink.text, "in all schedules with <= 2 preemptions (1234)"));
    CU_ASSERT_PTR_NOT_NULL(strstr(
        sink.text, "2 failed, 2 passed, 1 inconclusive, 1 in error, 1 skipped "
                   "in 41.7 s    (7 scenarios, 2 001 794 schedules, 4 "
                   "workers)    exit 1\n"));
    free(sink.text);
}

static void the_same_to_several_nodes_is_one_line(void)
{
    struct fixture *f = calloc(1, sizeof(*f));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    static const char *const sends[] = {"send ask to s1", "send ask to s2",
                                        "send ask to s3", "send v=1 to s1"};
    struct report_style style = {.columns = 100, .unicode = true};
    struct sink sink;
    fixture_begin(f, "register");
    uint32_t read = fixture_call(f, 0, FL_REGISTER_READ, FL_NONE, "read() {");
    for (size_t i = 0; i < sizeof(sends) / sizeof(sends[0]); i++) {
        fixture_step(f, FL_STEP_SEND, 0, 7, sends[i]);
    }
    fixture_return(f, read, 1, "} = 1");
    fixture_end(f, NULL);
    sink_open(&sink);
    report_failure(&f->record, &style, sink.out);
    (void)fclose(sink.out);
    CU_ASSERT_PTR_NOT_NULL(strstr(sink.text, "send ask to s1, s2, s3\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(sink.text, "send v=1 to s1\n"));
    free(sink.text);
    style.full = true;
    sink_open(&sink);
    report_failure(&f->record, &style, sink.out);
    (void)fclose(sink.out);
    CU_ASSERT_PTR_NOT_NULL(strstr(sink.text, "send ask to s2\n"));
    free(sink.text);
    fixture_release(f);
    free(f);
}

/* What was left uncounted, and what graphs do not follow. */
static void searches_say_what_they_do_not_know(void)
{
    struct sink sink;
    sink_open(&sink);
    const struct scenario_summary one = {
        .name = "many",
        .status = SUMMARY_PASSED,
        .schedules = 5000000,
        .exhausted = true,
        .preemptions = SUMMARY_UNBOUNDED,
        .tally = {.executions = 5000000, .distinct = 2097152, .more = true},
        .ungraphed = "a robust mutex at a.c:1 has no graph form"};
    summary_scenario(&one, false, sink.out);
    jsonl_scenario(&one, sink.out);
    (void)fclose(sink.out);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(sink.text, "in all of more than 2 097 152 executions of this "
                          "program up to the stated bounds (5 000 000 "
                          "explored)\n      searched by orders, not graphs: a "
                          "robust mutex at a.c:1 has no graph form\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(sink.text, "\"distinct_more\":true"));
    free(sink.text);
}

static void reported_failures_have_no_second_line_of_their_own(void)
{
    struct sink sink;
    sink_open(&sink);
    struct scenario_summary one = scenarios[0];
    one.failures_count = 1;
    one.failures_others = 0;
    one.warnings_count = 0;
    summary_scenario(&one, false, sink.out);
    one.status = SUMMARY_PASSED;
    one.expected = true;
    summary_scenario(&one, false, sink.out);
    (void)fclose(sink.out);
    char *second = strchr(sink.text, '\n');
    CU_ASSERT_PTR_NOT_NULL_FATAL(second);
    CU_ASSERT_PTR_NULL(strstr(sink.text, "FAIL"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(sink.text, "treiber-stack: 1 distinct failure in 412"));
    CU_ASSERT_PTR_NOT_NULL(strstr(second, "pass  treiber-stack"));
    CU_ASSERT_PTR_NOT_NULL(strstr(second, "found as expected"));
    CU_ASSERT_PTR_NULL(strstr(sink.text, "replay"));
    free(sink.text);
}

static void messages_fit_on_one_line(void)
{
    struct fixture *f = calloc(1, sizeof(*f));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    char text[400];
    fixture_treiber(f);
    CU_ASSERT_STRING_EQUAL(
        summary_message(&f->record, text, sizeof(text)),
        "T1 pop() returned 2; must return 3, 4 or 5 (treiber.c:37)");
    fixture_release(f);
    fixture_hostile(f);
    CU_ASSERT_PTR_NULL(
        strchr(summary_message(&f->record, text, sizeof(text)), '\n'));
    fixture_release(f);
    free(f);
}

static void colours_follow_the_conventions(void)
{
    FILE *out = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    unsetenv("NO_COLOR");
    unsetenv("CLICOLOR_FORCE");
    CU_ASSERT_FALSE(report_style_of(out).colour);
    setenv("CLICOLOR_FORCE", "1", 1);
    CU_ASSERT_TRUE(report_style_of(out).colour);
    setenv("NO_COLOR", "1", 1);
    CU_ASSERT_FALSE(report_style_of(out).colour);
    setenv("LC_ALL", "C", 1);
    CU_ASSERT_FALSE(report_style_of(out).unicode);
    setenv("LC_ALL", "de_DE.UTF-8", 1);
    CU_ASSERT_TRUE(report_style_of(out).unicode);
    CU_ASSERT_EQUAL(report_style_of(out).columns, 100);
    (void)fclose(out);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"reports are as agreed", reports_are_as_agreed},
        {"hostile records break nothing", hostile_records_break_nothing},
        {"failure.json can be read back", failure_json_can_be_read_back},
        {"JSON escapes everything", json_escapes_everything},
        {"JUnit is valid XML", junit_is_valid_xml},
        {"JSON lines are one object a line", jsonl_is_one_object_a_line},
        {"summaries never say proved", summaries_never_say_proved},
        {"the same to several nodes is one line",
         the_same_to_several_nodes_is_one_line},
        {"searches say what they do not know",
         searches_say_what_they_do_not_know},
        {"reported failures have no second line of their own",
         reported_failures_have_no_second_line_of_their_own},
        {"messages fit on one line", messages_fit_on_one_line},
        {"colours follow the conventions", colours_follow_the_conventions},
        {NULL, NULL},
    };
    return tap_run("report", cases);
}
