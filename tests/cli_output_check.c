/*
 * What the command line gives to other programs, and what it does with the
 * scenarios that the design was written around.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

static const char *const json_lines[] = {
    "$F list algorithms --format jsonl",
    "$F list models --format jsonl",
    "$F list faults --format jsonl",
    "$F list strategies --format jsonl",
    "$F list views --format jsonl",
    "$F list scenarios --format jsonl $R/scenarios",
    "$F check --format jsonl $R/tests/data/histories/stack-aba.jsonl",
    "$F run --format jsonl --no-svg $R/scenarios/treiber-aba.yaml",
    "$F run --format jsonl $R/scenarios/treiber_stack-aba.yaml",
};

enum {
    JSON_LINES = sizeof(json_lines) / sizeof(json_lines[0])
};

START_TEST(one_object_a_line)
{
    int code = shell("%s >lines", json_lines[_i]);
    ck_assert_msg(code == 0 || code == 1, "%s: exit %d", json_lines[_i], code);
    ck_assert_msg(shell("test -s lines && ! grep -v '^{.*}$' lines") == 0,
                  "%s: %s", json_lines[_i], content("lines"));
}
END_TEST

/* Each format that has words for a stack gives the same drawing. */
static const char *const drawn_formats[] = {
    "jsonl", "edn", "knossos", "jepsen-json", "limo", "fptlin", "csv",
};

enum {
    DRAWN_FORMATS = sizeof(drawn_formats) / sizeof(drawn_formats[0])
};

START_TEST(a_history_of_any_format_is_drawn)
{
    const char *format = drawn_formats[_i];
    static const char strip[] = "sed -e 's/h\\.jsonl/NAME/g' -e "
                                "'s/h\\.other/NAME/g'";
    ck_assert_int_eq(
        shell("cp $R/tests/data/histories/stack-aba.jsonl h.jsonl && "
              "$F convert --to %s h.jsonl >h.other",
              format),
        0);
    ck_assert_int_eq(
        shell("$F graph --view proof h.jsonl | %s >first.dot && "
              "grep -q digraph first.dot && "
              "$F graph --view proof --model stack h.other | %s >other.dot && "
              "$F graph --view proof --model stack --input %s h.other | %s "
              ">named.dot && $F graph --view proof --model stack --input %s - "
              "<h.other | grep -q digraph",
              strip, strip, format, strip, format),
        0);
    ck_assert_msg(shell("cmp first.dot other.dot && cmp first.dot named.dot") ==
                      0,
                  "%s: %s", format, content("out.txt"));
    expect_code(64, "$F graph --input bogus h.other");
    expect_code(65, "$F graph --input knossos h.jsonl");
    expect_text("err.txt", "h.jsonl:1:1");
}
END_TEST

/* A drawing made again later is that of the run, with all its counts; what was
 * not shrunk has none of them. */
START_TEST(a_trace_is_drawn_as_the_run_drew_it)
{
    expect_code(1, "$F run --no-svg $R/scenarios/treiber-aba.yaml");
    expect_text("out.txt", "minimised");
    expect_text("out.txt", "tried: without");
    expect_code(0, "cd out/treiber-aba/*/ && for v in timeline order proof "
                   "steps; do $F graph --view $v trace.json | cmp - $v.dot || "
                   "exit 1; done");
    expect_code(0, "grep -q 'schedule .* minimised' "
                   "out/treiber-aba/*/timeline.dot");
    expect_code(0, "cd out/treiber-aba/*/ && $F graph original.trace.json "
                   ">original.dot && ! grep minimised original.dot");
    expect_code(0, "cp out/treiber-aba/*/trace.json . && $F graph trace.json "
                   ">bare.dot && ! grep minimised bare.dot");
    expect_code(0, "echo '{' >failure.json; $F graph trace.json | cmp - "
                   "bare.dot");
}
END_TEST

/* Who reads through a pipe may go when he has read enough. */
START_TEST(a_reader_may_go)
{
    expect_code(0, "bash -c '{ sleep 0.2; $F list algorithms; echo $? "
                   ">code; } | true'");
    expect_code(0, "grep -q '^141$' code");
    ck_assert_str_eq(content("err.txt"), "");
    expect_code(74, "$F list algorithms >/dev/full");
    expect_text("err.txt", "cannot write to standard output");
}
END_TEST

START_TEST(a_hunt_counts_the_runs_of_sound_forms)
{
    expect_code(0, "$F hunt --seeds 1 --executions 300 "
                   "$R/scenarios/treiber_stack.yaml $R/scenarios/ck_ring.yaml "
                   "$R/scenarios/treiber_stack-wait_free.yaml");
    expect_text("out.txt", " runs, 600 of sound forms accepted, ");
}
END_TEST

START_TEST(a_hunt_takes_as_many_seeds_as_asked_for)
{
    for (int seeds = 1; seeds <= 5; seeds += 2) {
        ck_assert_int_eq(shell("$F hunt --seeds %d $R/scenarios/"
                               "treiber_stack-wait_free.yaml >hunt.txt",
                               seeds),
                         0);
        ck_assert_int_eq(shell("awk '/^treiber/ { rows++; good = $%d == \"ms\""
                               " } END { exit rows != 1 || !good }' hunt.txt",
                               seeds + 4),
                         0);
    }
}
END_TEST

START_TEST(an_algorithm_says_all_of_itself)
{
    expect_code(0, "$F list algorithms --format jsonl");
    static const char *const parts[] = {
        "\"algorithm\":\"shm_region\"",
        "\"family\":\"region\"",
        "\"kind\":\"processes\"",
        "\"model\":\"quota_counter\"",
        "\"row\":\"4.1\"",
        "{\"name\":\"no_tag\",\"row\":\"0.B4\"",
        "\"needs\":\"schedule\",\"about\":\"",
        "\"kind\":\"network\"",
        "\"kind\":\"threads\"",
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        expect_text("out.txt", parts[i]);
    }
}
END_TEST

static const char judge[] =
    "$F list --schema >schema && python3 - schema $R/scenarios "
    "$R/tests/data/scenarios <<'EOF'\n"
    "import glob, json, sys, jsonschema, yaml\n"
    "schema = json.load(open(sys.argv[1]))\n"
    "jsonschema.Draft202012Validator.check_schema(schema)\n"
    "v = jsonschema.Draft202012Validator(schema)\n"
    "count = 0\n"
    "for d in sys.argv[2:]:\n"
    "    for f in glob.glob(d + '/*.yaml'):\n"
    "        v.validate(yaml.safe_load(open(f)))\n"
    "        count += 1\n"
    "assert count > 20\n"
    "s = {'scenario': 1, 'name': 'x', 'system': {'kind': 'threads',\n"
    "     'algorithm': 'ms_queue'}}\n"
    "assert v.is_valid(s)\n"
    "assert not v.is_valid({**s, 'bogus': 1})\n"
    "assert not v.is_valid({**s, 'run': {'time': '5'}})\n"
    "assert v.is_valid({**s, 'run': {'time': '5s'}})\n"
    "EOF";

START_TEST(the_schema_judges_our_scenarios)
{
    expect_code(0, judge);
}
END_TEST

START_TEST(junit_is_xml)
{
    expect_code(1, "$F run --no-svg --format junit=j.xml "
                   "$R/scenarios/treiber-aba.yaml "
                   "$R/tests/data/scenarios/hami.yaml");
    expect_code(0, "xmllint --noout j.xml");
    expect_text("j.xml", "<failure");
    expect_text("j.xml", "<skipped");
}
END_TEST

START_TEST(what_never_acted_is_named)
{
    expect_code(0, "cat >s.yaml <<'EOF'\n"
                   "scenario: 1\n"
                   "name: never\n"
                   "system: { kind: threads, algorithm: ms_queue }\n"
                   "workload: { mix: { dequeue: 1 } }\n"
                   "faults:\n"
                   "  - { kind: delay, when: { step: 90000 } }\n"
                   "  - { kind: crash, when: { point: ms_queue.enq.linked } }\n"
                   "run: { seeds: 1..100 }\n"
                   "EOF\n"
                   "$F run s.yaml");
    expect_text("out.txt", "rule 1 (delay) never fired");
    expect_text("out.txt", "rule 2 (crash) never fired");
    expect_text("out.txt", "point ms_queue.enq.linked was never reached");
}
END_TEST

/* clang calls weak swaps as strong ones, and those may not fail. */
START_TEST(weak_swaps_of_clang_do_not_fail)
{
    static const char make_plugin[] =
        "$C -std=c17 -D_GNU_SOURCE -I$R -O1 -fPIC -fsanitize=thread -c -o q.o "
        "$R/algorithms/queue/ms_queue.c && $C -shared -o q.so q.o "
        "-Wl,-u,fl_sim_table $(dirname $F)/libfaultline-sim.a -Wl,-z,now "
        "-Wl,-Bsymbolic";
    static const char run_plugin[] =
        "cat >s.yaml <<'EOF'\n"
        "scenario: 1\n"
        "name: weak\n"
        "system: { kind: threads, algorithm: ./q.so }\n"
        "faults:\n"
        "  - { kind: cas_spurious_fail, p: 0.5 }\n"
        "run: { seeds: 1..100 }\n"
        "EOF\n"
        "$F run s.yaml";
    static const char warning[] = "rule 1 (cas_spurious_fail) never fired: not "
                                  "available with this compiler";
    ck_assert_int_eq(setenv("C", "gcc", 1), 0);
    expect_code(0, make_plugin);
    expect_code(0, run_plugin);
    ck_assert_ptr_null(strstr(content("out.txt"), warning));
    if (shell("clang --version") == 0) {
        ck_assert_int_eq(setenv("C", "clang", 1), 0);
        expect_code(0, make_plugin);
        expect_code(0, run_plugin);
        expect_text("out.txt", warning);
    }
}
END_TEST

/* The four files that the format was designed on, and what runs of them. */
static const struct {
    const char *line;
    int code;
    const char *says;
} designed[] = {
    {"$F run --schedules 300 $R/tests/data/scenarios/abd.yaml", 0,
     "not violated in 300 schedules"},
    {"$F run $R/tests/data/scenarios/msqueue.yaml", 0,
     "not violated in 5000 schedules"},
    {"$F run --memory sc $R/tests/data/scenarios/msqueue.yaml", 0,
     "not violated in 5000 schedules"},
    {"$F run --memory pso $R/tests/data/scenarios/msqueue.yaml 2>&1", 64,
     "say sc, tso or c11"},
    {"$F run $R/tests/data/scenarios/hami.yaml", 77, "backend: real"},
    {"sed 's/backend: real/backend: sim/; s/isolate: process, //; "
     "/leaked_amount/d' $R/tests/data/scenarios/hami.yaml >s.yaml; "
     "$F run --no-svg s.yaml",
     1, "nobody got it"},
    {"$F run $R/tests/data/scenarios/ckpt.yaml", 77, "kind: ranks"},
};

enum {
    DESIGNED = sizeof(designed) / sizeof(designed[0])
};

START_TEST(a_designed_scenario_runs_or_says_why_not)
{
    expect_code(designed[_i].code, designed[_i].line);
    expect_text("out.txt", designed[_i].says);
}
END_TEST

/* --- limits --------------------------------------------------------------- */

/* In a worker, too, whose parent would otherwise wait for it in vain. */
START_TEST(a_loop_without_a_point_is_no_hang)
{
    expect_code(2, "printf 'scenario: 1\nname: loop\nsystem: { kind: threads, "
                   "algorithm: %s/tests/plugins/trouble.so, variant: endless, "
                   "threads: 2 }\nworkload: { ops_per_thread: 1 }\ncheck: { "
                   "model: counter, criterion: linearizable }\nrun: { seeds: "
                   "1..1 }\n' $(dirname $F) >loop.yaml; timeout 55 $F run -j2 "
                   "loop.yaml");
    expect_text("out.txt", "1 of 1 runs have no verdict");
}
END_TEST

START_TEST(no_memory_is_an_internal_error)
{
    /* A sanitizer's program does not even start in so little. */
    expect_code(70, "ulimit -v 60000; $F version >version || exit 70; $F run "
                    "$R/scenarios/treiber_stack.yaml");
}
END_TEST

START_TEST(a_time_budget_holds_for_everything)
{
    expect_code(2, "timeout 10 $F run --time-budget 500ms $R/scenarios");
    expect_text("out.txt", "the time budget ended before it began");
    expect_code(1, "$F run -q --no-svg --no-shrink "
                   "$R/scenarios/treiber-aba.yaml");
    expect_code(1, "timeout 10 $F shrink --no-svg --time-budget 100ms "
                   "out/treiber-aba/*/original.trace.json");
}
END_TEST

/* On a disk of a few pages the finding stays whole, or is kept elsewhere, and
 * the command that is named repeats it. */
START_TEST(a_full_disk_loses_nothing)
{
    for (int pages = 1; pages <= 16; pages *= 2) {
        int code = shell("mkdir -p disk; mount -t tmpfs -o size=%dk none disk "
                         "&& { $F run --no-svg --out disk/out "
                         "$R/scenarios/treiber-aba.yaml 2>e; code=$?; sed -n "
                         "'s/^what was found: faultline //p' e >again; test -s "
                         "again && $F $(cat again) -q >/dev/null; echo $code "
                         "$?; umount disk; }",
                         4 * pages);
        ck_assert_int_eq(code, 0);
        expect_text("out.txt", "\n74 1\n");
    }
}
END_TEST

/* --- histories ------------------------------------------------------------ */

START_TEST(criteria_have_these_names)
{
    static const char *const names[] = {"linearizable", "strict", "persistent",
                                        "recoverable", "durable"};
    char line[200];
    snprintf(line, sizeof(line),
             "$F check --criterion %s $R/tests/data/histories/kv-append.jsonl",
             names[_i]);
    expect_code(0, line);
    expect_text("out.txt", names[_i]);
}
END_TEST

START_TEST(several_histories_are_counted)
{
    expect_code(1, "$F check $R/tests/data/histories/kv-append.jsonl "
                   "$R/tests/data/histories/stack-aba.jsonl");
    expect_text("out.txt", "1 failed, 1 passed, 0 inconclusive");
    expect_code(0, "$F check - <$R/tests/data/histories/kv-append.jsonl");
    expect_code(65, "$F check --model stack "
                    "$R/tests/data/histories/kv-append.jsonl");
    expect_text("err.txt", "kv-append.jsonl:2:");
}
END_TEST

START_TEST(a_history_has_the_views_that_apply)
{
    static const struct {
        const char *view;
        int code;
    } views[] = {{"timeline", 0},
                 {"order", 0},
                 {"proof", 0},
                 {"steps", 64},
                 {"network", 64}};
    char line[200];
    snprintf(line, sizeof(line),
             "$F graph --view %s $R/tests/data/histories/stack-aba.jsonl",
             views[_i].view);
    expect_code(views[_i].code, line);
    if (views[_i].code == 0) {
        expect_text("out.txt", "digraph");
    } else {
        expect_text("err.txt", views[_i].view);
    }
}
END_TEST

static bool has(const char *line)
{
    int status = system(line);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(void)
{
    Suite *suite = suite_create("output");
    TCase *output = make_case(suite, "output");
    tcase_add_loop_test(output, one_object_a_line, 0, JSON_LINES);
    tcase_add_loop_test(output, a_history_of_any_format_is_drawn, 0,
                        DRAWN_FORMATS);
    tcase_add_test(output, a_trace_is_drawn_as_the_run_drew_it);
    tcase_add_test(output, a_reader_may_go);
    tcase_add_test(output, a_hunt_counts_the_runs_of_sound_forms);
    tcase_add_test(output, a_hunt_takes_as_many_seeds_as_asked_for);
    tcase_add_test(output, an_algorithm_says_all_of_itself);
    tcase_add_test(output, what_never_acted_is_named);
    tcase_add_test(output, weak_swaps_of_clang_do_not_fail);
    if (has("python3 -c 'import jsonschema, yaml' 2>/dev/null")) {
        tcase_add_test(output, the_schema_judges_our_scenarios);
    } else {
        printf("# SKIP the schema judges our scenarios: python3 lacks "
               "jsonschema or yaml\n");
    }
    if (has("xmllint --version 2>/dev/null")) {
        tcase_add_test(output, junit_is_xml);
    } else {
        printf("# SKIP junit is XML: no xmllint\n");
    }
    TCase *limits = make_case(suite, "limits");
    tcase_add_loop_test(limits, a_designed_scenario_runs_or_says_why_not, 0,
                        DESIGNED);
    tcase_add_test(limits, a_loop_without_a_point_is_no_hang);
    tcase_add_test(limits, no_memory_is_an_internal_error);
    tcase_add_test(limits, a_time_budget_holds_for_everything);
    if (has("d=$(mktemp -d); mount -t tmpfs none $d 2>/dev/null && umount $d; "
            "r=$?; rmdir $d; exit $r")) {
        tcase_add_test(limits, a_full_disk_loses_nothing);
    } else {
        printf("# SKIP a full disk: no right to mount one\n");
    }
    TCase *check = make_case(suite, "check");
    tcase_add_loop_test(check, criteria_have_these_names, 0, 5);
    tcase_add_test(check, several_histories_are_counted);
    tcase_add_loop_test(check, a_history_has_the_views_that_apply, 0, 5);
    return check_tap_run(suite);
}
