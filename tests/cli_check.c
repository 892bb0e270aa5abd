/*
 * The command line, as a person and a CI job meet it: exit codes, bad input,
 * signals, a directory that cannot be written, a machine without Graphviz.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/interrupt.h"
#include "tests/cli_fixture.h"

#include <signal.h>

/* --- exit codes ----------------------------------------------------------- */

static const struct {
    const char *line;
    int code;
    const char *says; /* on standard error; NULL: nothing asked */
} lines[] = {
    {"$F", 64, "usage"},
    {"$F --help", 0, NULL},
    {"$F version", 0, NULL},
    {"$F runn", 64, "did you mean 'run'"},
    {"$F run --sede 1", 64, "did you mean --seed"},
    {"$F run --seed xyz", 64, "hex"},
    {"$F run --jobs 0", 64, "--jobs 0"},
    {"$F run --jobs 1000", 64, "from 1 to 64"},
    {"$F run --time-budget 60", 64, "unit"},
    {"$F run --schedules -1", 64, "--schedules"},
    {"$F run --format xml", 64, "junit"},
    {"$F run --format text --format jsonl", 64, "two formats"},
    {"$F run --fail-fast --keep-going", 64, "exclude"},
    {"$F run --color blue", 64, "always"},
    {"$F run --strategy bogus $R/scenarios/treiber-aba.yaml", 64, "strategy"},
    {"$F run --variant bogus $R/scenarios/treiber-aba.yaml", 65, "bogus"},
    {"$F run nothing.yaml", 65, "nothing.yaml"},
    {"mkdir empty; $F run empty", 4, "no scenario"},
    {"$F run --only 'zzz*' $R/scenarios/treiber-aba.yaml", 4, "--only"},
    {"$F run $R/scenarios/treiber-aba.yaml", 1, NULL},
    {"$F run $R/scenarios/treiber_stack-aba.yaml", 0, NULL},
    {"$F run --schedules 200 $R/scenarios/treiber_stack.yaml", 0, NULL},
    {"$F run --schedules 1 $R/scenarios/ms_queue-late_read.yaml", 1, NULL},
    {"$F run --format jsonl=/nonexistent/x $R/scenarios/treiber-aba.yaml", 74,
     "/nonexistent/x"},
    {"$F run $R/scenarios/treiber-aba.yaml >/dev/full", 74, "standard output"},
    {"$F check", 64, "history"},
    {"$F check nothing.jsonl", 65, "nothing.jsonl"},
    {"$F check --model staack x", 64, "did you mean stack"},
    {"$F check --criterion durabel x", 64, "did you mean durable"},
    {"$F replay", 64, "trace"},
    {"$F replay nothing.json", 65, "nothing.json"},
    {"$F replay --times 0 x", 64, "--times"},
    {"$F shrink nothing.json", 65, "nothing.json"},
    {"$F graph nothing.json", 65, "nothing.json"},
    {"$F graph --view tmeline x", 64, "did you mean timeline"},
    {"$F graph -T gif x", 64, "svg"},
    {"$F list", 64, "what to list"},
    {"$F list algoritms", 64, "did you mean algorithms"},
    {"$F list algorithms", 0, NULL},
    {"$F list models", 0, NULL},
    {"$F list faults", 0, NULL},
    {"$F list strategies", 0, NULL},
    {"$F list views", 0, NULL},
    {"$F list scenarios $R/scenarios", 0, NULL},
    {"$F list --schema", 0, NULL},
    {"$F doctor", 0, NULL},
    {"$F hunt --executions 0", 64, "--executions"},
    {"$F hunt --seeds 0", 64, "--seeds 0"},
    {"$F hunt --seeds 65", 64, "from 1 to 64"},
    {"$F hunt --executions 200 $R/scenarios/treiber_stack.yaml", 0, NULL},
    {"$F bench --only nothing", 4, "nothing"},
    {"$F bench extra", 64, "extra"},
};

enum {
    LINES = sizeof(lines) / sizeof(lines[0])
};

START_TEST(a_line_ends_with_its_code)
{
    expect_code(lines[_i].code, lines[_i].line);
    if (lines[_i].says != NULL) {
        expect_text("err.txt", lines[_i].says);
    }
}
END_TEST

static const char *const commands[] = {
    "run",  "check", "replay", "shrink", "graph",
    "list", "hunt",  "bench",  "doctor",
};

START_TEST(help_has_examples)
{
    char line[64];
    snprintf(line, sizeof(line), "$F %s --help", commands[_i]);
    expect_code(0, line);
    expect_text("out.txt", "usage: faultline ");
    expect_text("out.txt", "examples:\n  faultline ");
}
END_TEST

/* --- bad input ------------------------------------------------------------ */

static const struct {
    const char *name;
    const char *make; /* writes bad.yaml */
} scenarios[] = {
    {"empty", ": >bad.yaml"},
    {"binary", "head -c 4096 /dev/urandom >bad.yaml"},
    {"zeros", "head -c 4096 /dev/zero >bad.yaml"},
    {"truncated", "head -c 300 $R/scenarios/treiber-aba.yaml >bad.yaml"},
    {"an unknown key", "{ cat $R/scenarios/treiber-aba.yaml; echo 'bogus: 1'; "
                       "} >bad.yaml"},
    {"a unit missing",
     "sed 's/4..40 steps/4..40/' $R/scenarios/treiber-aba.yaml >bad.yaml"},
    {"a number out of range",
     "sed 's/threads: 2/threads: 5000/' $R/scenarios/treiber-aba.yaml "
     ">bad.yaml"},
    {"an algorithm that is not there",
     "sed 's/treiber_stack/treiber_stakc/' $R/scenarios/treiber-aba.yaml "
     ">bad.yaml"},
    {"a target that matches nothing",
     "sed 's/threads: any/threads: T9/' $R/scenarios/treiber-aba.yaml "
     ">bad.yaml"},
    {"nesting",
     "{ printf 'scenario: '; head -c 20000 /dev/zero | tr '\\0' '['; "
     "} >bad.yaml"},
    {"an alias bomb",
     "{ echo 'a0: &a0 [x,x,x,x,x,x,x,x,x,x]'; for i in 1 2 3 4 5 6 7 8 9; do "
     "p=$((i-1)); echo \"a$i: &a$i "
     "[*a$p,*a$p,*a$p,*a$p,*a$p,*a$p,*a$p,*a$p,*a$p,*a$p]\"; done; } "
     ">bad.yaml"},
    {"huge", "yes '# a line of nothing much to say' | head -c 30000000 "
             ">bad.yaml"},
};

enum {
    SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0])
};

START_TEST(a_bad_scenario_is_refused)
{
    char line[1024];
    ck_assert_int_eq(shell("%s", scenarios[_i].make), 0);
    snprintf(line, sizeof(line), "timeout 20 $F run bad.yaml");
    expect_code(65, line);
    expect_text("err.txt", "bad.yaml");
    ck_assert_msg(access("out", F_OK) != 0, "out/ appeared");
}
END_TEST

static const struct {
    const char *make; /* writes bad.jsonl */
    const char *says;
} histories[] = {
    {": >bad.jsonl", "bad.jsonl"},
    {"head -c 4096 /dev/urandom >bad.jsonl", "bad.jsonl"},
    {"echo '{\"model\":\"stack\"' >bad.jsonl", "bad.jsonl:1:"},
    {"echo '{\"model\":\"heap\"}' >bad.jsonl", "heap"},
    {"printf '%s\\n' '{\"model\":\"stack\"}' '{\"client\":0,\"op\":\"psuh\","
     "\"key\":null,\"args\":[1],\"result\":null,\"call\":1,\"return\":2}' "
     ">bad.jsonl",
     "psuh"},
    {"head -c 3000000 /dev/zero | tr '\\0' '[' >bad.jsonl", "bad.jsonl"},
};

START_TEST(a_bad_history_is_refused)
{
    ck_assert_int_eq(shell("%s", histories[_i].make), 0);
    expect_code(65, "timeout 20 $F check bad.jsonl");
    expect_text("err.txt", histories[_i].says);
}
END_TEST

START_TEST(a_bad_trace_is_refused)
{
    expect_code(1, "$F run --no-svg $R/scenarios/treiber-aba.yaml");
    ck_assert_int_eq(shell("cp out/treiber-aba/*/trace.json good.json"), 0);
    expect_code(65, ": >bad.json; $F replay bad.json");
    expect_code(65, "head -c 700 good.json >bad.json; $F replay bad.json");
    expect_code(65, "head -c 4096 /dev/urandom >bad.json; $F shrink bad.json");
    expect_code(65, "echo '{}' >bad.json; $F graph bad.json");
    expect_code(65, "head -c 3000000 /dev/zero | tr '\\0' '[' >bad.json; "
                    "timeout 20 $F replay bad.json");
    expect_text("err.txt", "bad.json");
}
END_TEST

START_TEST(a_later_backend_is_skipped)
{
    ck_assert_int_eq(shell("sed 's/threads: 2/threads: 2\\n  backend: real/' "
                           "$R/scenarios/treiber-aba.yaml >real.yaml"),
                     0);
    expect_code(77, "$F run real.yaml");
    expect_text("out.txt", "skip");
}
END_TEST

/* --- findings ------------------------------------------------------------- */

START_TEST(a_finding_is_whole)
{
    expect_code(1, "$F run $R/scenarios/treiber-aba.yaml");
    expect_text("out.txt", "WHY NO LINEARIZATION EXISTS");
    expect_text("out.txt", "faultline replay out/treiber-aba/");
    static const char *const files[] = {
        "scenario.yaml", "trace.json",   "original.trace.json", "history.jsonl",
        "report.txt",    "failure.json", "timeline.dot",        "order.dot",
        "proof.dot",     "steps.dot",    "repeat.txt",
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        ck_assert_msg(shell("test -s out/treiber-aba/*/%s", files[i]) == 0,
                      "%s is missing", files[i]);
    }
    ck_assert_int_eq(shell("test $(ls out/treiber-aba | wc -l) -eq 1"), 0);
    expect_code(1, "PATH=$(dirname $F):$PATH; sh -c \"$(cat "
                   "out/treiber-aba/*/repeat.txt)\"");
    expect_text("out.txt", "WHY NO LINEARIZATION EXISTS");
    expect_code(1, "$F replay out/treiber-aba/*/trace.json --times 50");
    expect_text("out.txt", "identical 50 of 50");
    expect_code(1, "$F replay -q out/treiber-aba/*/original.trace.json");
    expect_code(1, "$F shrink --no-svg "
                   "out/treiber-aba/*/original.trace.json");
    expect_code(1, "$F check out/treiber-aba/*/history.jsonl");
    expect_code(0, "$F graph --view steps out/treiber-aba/*/trace.json");
    expect_text("out.txt", "digraph");
    expect_code(0, "$F graph --view order out/treiber-aba/*/history.jsonl");
    expect_text("out.txt", "digraph");
    expect_code(64, "$F graph --view network out/treiber-aba/*/trace.json");
}
END_TEST

START_TEST(a_changed_trace_diverges)
{
    expect_code(1, "$F run --no-svg $R/scenarios/treiber-aba.yaml");
    ck_assert_int_eq(shell("sed '/\"digests\"/,$ s/0x[0-9a-f]*/0x1234/' "
                           "out/treiber-aba/*/trace.json >changed.json"),
                     0);
    expect_code(3, "$F replay changed.json");
    expect_text("err.txt", "diverged");
    ck_assert_int_eq(shell("sed 's/\"not linearizable\"/\"deadlock\"/' "
                           "out/treiber-aba/*/trace.json >other.json"),
                     0);
    expect_code(3, "$F replay other.json");
    expect_text("err.txt", "not reproduced");
}
END_TEST

START_TEST(the_first_failure_is_the_same_for_any_jobs)
{
    for (int jobs = 1; jobs <= 3; jobs++) {
        int code = shell("$F run --jobs %d --no-svg --format jsonl=%d.jsonl "
                         "--out out%d $R/scenarios/treiber-aba.yaml",
                         jobs, jobs, jobs);
        ck_assert_int_eq(code, 1);
        ck_assert_int_eq(shell("grep -o '\"\\(schedule\\|signature\\|message"
                               "\\)\":[^,}]*' %d.jsonl | head -3 >%d.txt; "
                               "test -s %d.txt && cmp 1.txt %d.txt && cmp "
                               "out1/treiber-aba/*/trace.json "
                               "out%d/treiber-aba/*/trace.json",
                               jobs, jobs, jobs, jobs, jobs),
                         0);
    }
}
END_TEST

START_TEST(no_dot_is_a_note)
{
    expect_code(1, "PATH=/nonexistent $F run $R/scenarios/treiber-aba.yaml");
    expect_text("out.txt", "graphviz");
    expect_code(0, "test -s out/treiber-aba/*/timeline.dot");
    expect_code(1, "test -e out/treiber-aba/*/timeline.svg");
    expect_code(77, "PATH=/nonexistent $F graph -T svg "
                    "out/treiber-aba/*/trace.json");
}
END_TEST

START_TEST(a_finding_survives_an_unwritable_out)
{
    expect_code(74, ": >out; $F run $R/scenarios/treiber-aba.yaml");
    expect_text("out.txt", "WHY NO LINEARIZATION EXISTS");
    expect_text("err.txt", "cannot write to out/");
    expect_code(1, "$F replay -q faultline-*/treiber-aba/*/trace.json");
}
END_TEST

START_TEST(a_finding_is_told_when_nothing_can_be_written)
{
    expect_code(74, ": >out; TMPDIR=/nonexistent $F run "
                    "$R/scenarios/treiber-aba.yaml");
    expect_text("out.txt", "WHY NO LINEARIZATION EXISTS");
    expect_text("err.txt", "cannot write to out/");
}
END_TEST

/* --- signals -------------------------------------------------------------- */

/* A campaign that finds something soon and goes on for long. */
#define LONG_CAMPAIGN(options)                                                \
    "$F run --keep-going --schedules 900000000 --jobs 2 " options             \
    " $R/scenarios/treiber-aba.yaml >long.txt 2>long.err & pid=$!; "          \
    "for i in $(seq 100); do ls out/treiber-aba/found-*/original.trace.json " \
    ">/dev/null 2>&1 && break; sleep 0.1; done; sleep 0.3; "

static const char long_campaign[] = LONG_CAMPAIGN("");
static const char long_jsonl[] = LONG_CAMPAIGN("--format jsonl");

START_TEST(an_interrupt_leaves_a_partial_report)
{
    int code = shell("%s kill -INT $pid; wait $pid", long_campaign);
    ck_assert_int_eq(code, 130);
    expect_text("long.txt", "WHY NO LINEARIZATION EXISTS");
    expect_code(1, "for t in out/treiber-aba/*/trace.json; do $F replay -q $t; "
                   "exit $?; done");
}
END_TEST

/* As `timeout -s INT` does it: the child first, and then its group. */
START_TEST(an_interrupt_asked_twice_in_a_moment_is_one)
{
    int code = shell("%s kill -INT $pid; sleep 0.05; kill -INT $pid; "
                     "wait $pid",
                     long_jsonl);
    ck_assert_int_eq(code, 130);
    expect_code(0, "grep -q '\"event\":\"failure\"' long.txt");
    expect_text("long.txt", "\"interrupted\":true");
}
END_TEST

START_TEST(a_second_interrupt_after_a_moment_stops_at_once)
{
    struct interrupt interrupt;
    interrupt_open(&interrupt);
    (void)kill(getpid(), SIGINT);
    interrupt_read(&interrupt);
    (void)kill(getpid(), SIGINT);
    interrupt_read(&interrupt);
    (void)kill(getpid(), SIGTERM);
    interrupt_read(&interrupt);
    ck_assert_uint_eq(interrupt.asked, 1);
    (void)usleep(350 * 1000);
    (void)kill(getpid(), SIGINT);
    interrupt_read(&interrupt);
    ck_assert_uint_eq(interrupt.asked, 2);
    interrupt_close(&interrupt);
}
END_TEST

START_TEST(sigkill_loses_nothing_found)
{
    int code = shell("%s kill -KILL $pid; wait $pid", long_campaign);
    ck_assert_int_eq(code, 137);
    expect_code(1, "for t in out/treiber-aba/found-*/original.trace.json; do "
                   "$F replay -q $t; exit $?; done");
    /* The workers go with their parent. */
    expect_code(0, "sleep 0.5; ! ps -eo args | grep -v grep | grep -q "
                   "'schedules 900000000'");
}
END_TEST

START_TEST(a_status_line_is_printed_on_request)
{
    int code = shell("%s kill -USR1 $pid; sleep 0.3; kill -INT $pid; wait $pid",
                     long_campaign);
    ck_assert_int_eq(code, 130);
    expect_text("long.err", "schedules");
}
END_TEST

START_TEST(a_time_budget_is_kept)
{
    expect_code(0, "timeout 10 $F run --time-budget 1s --schedules 900000000 "
                   "$R/scenarios/treiber_stack.yaml");
}
END_TEST

/* --- check ---------------------------------------------------------------- */

#define PUSH_1                                                 \
    "{\"client\":0,\"op\":\"push\",\"key\":null,\"args\":[1]," \
    "\"result\":null,\"call\":1,\"return\":2}"
#define POP(result)                                          \
    "{\"client\":1,\"op\":\"pop\",\"key\":null,\"args\":[]," \
    "\"result\":" result ",\"call\":3,\"return\":4}"

START_TEST(histories_are_decided)
{
    expect_code(0, "printf '%s\\n' '{\"model\":\"stack\"}' '" PUSH_1
                   "' '" POP("1") "' | $F check -");
    expect_text("out.txt", "pass");
    expect_code(1, "printf '%s\\n' '" PUSH_1
                   "' '" POP("2") "' >h; "
                                  "$F check --model stack h");
    expect_text("out.txt", "WHY NO LINEARIZATION EXISTS");
    expect_code(1, "$F check --model stack --format jsonl h");
    expect_text("out.txt", "\"verdict\":\"violation\"");
    expect_code(1, "$F check --model stack --view order h");
    expect_text("out.txt", "digraph");
    expect_code(2,
                "$F check --max-states 1 $R/tests/data/histories/*.jsonl "
                "| tail -1 >&2; printf '%s\\n' '{\"model\":\"stack\"}' '" PUSH_1
                "' '" POP("1") "' | $F check --max-states 1 -");
}
END_TEST

START_TEST(an_algorithm_is_listed_as_one_object)
{
    expect_code(0, "$F list algorithms --format jsonl");
    expect_text("out.txt", "\"algorithm\":\"ms_queue\"");
    expect_text("out.txt", "\"row\":\"0.1\"");
    expect_text("out.txt", "\"variants\":[{\"name\":\"sound\"");
}
END_TEST

START_TEST(options_come_from_the_environment)
{
    expect_code(64, "FAULTLINE_SEED=xyz $F run "
                    "$R/scenarios/treiber-aba.yaml");
    expect_code(1, "FAULTLINE_SEED=0xabc $F run --no-svg "
                   "$R/scenarios/treiber-aba.yaml");
    expect_text("out.txt", "0xabc");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli");
    TCase *codes = make_case(suite, "codes");
    tcase_add_loop_test(codes, a_line_ends_with_its_code, 0, LINES);
    tcase_add_loop_test(codes, help_has_examples, 0,
                        sizeof(commands) / sizeof(commands[0]));
    tcase_add_test(codes, options_come_from_the_environment);
    TCase *bad = make_case(suite, "bad input");
    tcase_add_loop_test(bad, a_bad_scenario_is_refused, 0, SCENARIOS);
    tcase_add_loop_test(bad, a_bad_history_is_refused, 0,
                        sizeof(histories) / sizeof(histories[0]));
    tcase_add_test(bad, a_bad_trace_is_refused);
    tcase_add_test(bad, a_later_backend_is_skipped);
    TCase *findings = make_case(suite, "findings");
    tcase_add_test(findings, a_finding_is_whole);
    tcase_add_test(findings, a_changed_trace_diverges);
    tcase_add_test(findings, the_first_failure_is_the_same_for_any_jobs);
    tcase_add_test(findings, no_dot_is_a_note);
    tcase_add_test(findings, a_finding_survives_an_unwritable_out);
    tcase_add_test(findings, a_finding_is_told_when_nothing_can_be_written);
    TCase *signals = make_case(suite, "signals");
    tcase_add_test(signals, an_interrupt_leaves_a_partial_report);
    tcase_add_test(signals, an_interrupt_asked_twice_in_a_moment_is_one);
    tcase_add_test(signals, a_second_interrupt_after_a_moment_stops_at_once);
    tcase_add_test(signals, sigkill_loses_nothing_found);
    tcase_add_test(signals, a_status_line_is_printed_on_request);
    tcase_add_test(signals, a_time_budget_is_kept);
    TCase *check = make_case(suite, "check");
    tcase_add_test(check, histories_are_decided);
    tcase_add_test(check, an_algorithm_is_listed_as_one_object);
    return check_tap_run(suite);
}
