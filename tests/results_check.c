/*
 * Results that outlive a run: shards that add up to the whole, campaigns that
 * go on where they were cut, and a corpus of known failures.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

#define ABA   "$R/scenarios/treiber-aba.yaml"
#define SOUND "$R/scenarios/ms_queue.yaml"

START_TEST(shards_add_up_to_the_whole)
{
    expect_code(1, "for i in 1 2 3; do $F run -q --no-svg -n 3000 --keep-going "
                   "--shard $i/3 --out o$i " ABA " " SOUND "; s=$?; done; "
                   "exit $s");
    expect_code(1, "$F run --no-svg -n 3000 --keep-going --format "
                   "jsonl=whole.jsonl --out whole " ABA " " SOUND);
    expect_code(1, "$F merge --format jsonl=all.jsonl o1 o2 o3 --out all");
    expect_code(0, "for f in whole all; do grep '\"scenario\"' $f.jsonl | "
                   "grep -o '\"\\(scenario\\|status\\|schedules\\|signature\\)"
                   "\":[^,}]*' | sort >$f.txt; done; "
                   "test -s all.txt && diff all.txt whole.txt");
    /* the failures are there, and can be run again */
    expect_code(1, "for t in all/treiber-aba/*/trace.json; do $F replay "
                   "-q $t || test $? -eq 1 || exit 9; done; exit 1");
    /* what was there is not added again */
    expect_code(1, "$F merge o1 o2 o3 all --out all --format jsonl=again.jsonl"
                   "; s=$?; grep '\"schedules\"' again.jsonl | grep -c "
                   "'\"schedules\":3000'; exit $s");
    expect_text("out.txt", "2\n");
}
END_TEST

START_TEST(a_shard_makes_its_own_runs_only)
{
    expect_code(0, "for i in 1 2 3 4; do $F run --shard $i/4 -n 10 --out o$i "
                   "--format jsonl " SOUND "; done | grep -o "
                   "'\"schedules\":[0-9]*' | sort | uniq -c | tr -s ' \\n' '  '"
                   " | sed 's/^ //'");
    /* 10 runs over four: 3 3 2 2, in the scenario's line and in the total */
    expect_text("out.txt", "4 \"schedules\":2 4 \"schedules\":3");
    expect_code(0, "PMI_RANK=1 PMI_SIZE=2 $F run --shard auto -n 11 "
                   "--format jsonl " SOUND);
    expect_text("out.txt", "\"schedules\":5");
}
END_TEST

#ifdef __SANITIZE_ADDRESS__ /* a few times slower */
#define MANY "60000"
#else
#define MANY "400000"
#endif

/* Cut by SIGKILL and by SIGINT, and gone on with until it is done. */
START_TEST(a_cut_campaign_goes_on)
{
    int cuts = 0;
    int code = 0;
    do {
        code = shell("timeout -s KILL 2 $F run -q --resume -n " MANY " " SOUND);
        cuts++;
    } while (code == 137 && cuts < 40);
    ck_assert_int_eq(code, 0);
    expect_code(0, "$F run --resume -n " MANY " --format jsonl " SOUND);
    expect_text("out.txt", "\"schedules\":" MANY);
    expect_code(0, "$F run --resume -n " MANY "1 --time-budget 1ms " SOUND
                   " || test $? -eq 2");
}
END_TEST

START_TEST(what_was_found_before_the_cut_counts)
{
    ck_assert_int_eq(setenv("CUT", "timeout --preserve-status -s INT 3", 1), 0);
    expect_code(130, "$CUT $F run --no-svg -n 90000000 --keep-going " ABA);
    expect_code(0, "ls out/treiber-aba/*/*trace.json >one");
    expect_code(130, "$CUT $F run --resume --no-svg -n 90000000 --keep-going "
                     "--format jsonl " ABA);
    expect_text("out.txt", "not linearizable");
    /* known is known: the second part, which begins behind it, adds none */
    expect_code(0, "test -s one && ls out/treiber-aba/*/*trace.json | "
                   "cmp one -");
}
END_TEST

START_TEST(a_finished_campaign_is_not_run_again)
{
    expect_code(1, "$F run --no-svg " ABA " && exit 9; rm -r out/treiber-aba; "
                   "exit 1");
    expect_code(1, "$F run --resume --format jsonl " ABA);
    expect_text("out.txt", "\"signature\"");
    expect_text("out.txt", "must return");
    /* or it would have been found, and kept, again */
    expect_code(1, "test -e out/treiber-aba");
    expect_code(0, "$F run --resume --variant sound --schedules 100 " ABA);
    expect_text("out.txt", "not violated in 100 schedules");
}
END_TEST

START_TEST(results_go_below_directories_that_are_not_there)
{
    expect_code(0, "$F run -n 10 --out a/b/c " SOUND);
    ck_assert_str_eq(content("err.txt"), "");
    expect_code(0, "test -s a/b/c/runs.sqlite");
}
END_TEST

/* What a complete search counted is told again. */
START_TEST(a_finished_search_keeps_its_counts)
{
    expect_code(0, "printf 'scenario: 1\\nname: all\\nsystem: { kind: threads, "
                   "algorithm: fetch_counter, threads: 2 }\\nworkload: { "
                   "ops_per_thread: 2 }\\n' >all.yaml; "
                   "$F run --resume --strategy exhaustive --format jsonl "
                   "all.yaml | grep -o '\"executions\":.*\"redundant\":[0-9]*' "
                   ">first.txt; grep -q 'executions\":[1-9]' first.txt; "
                   "$F run --resume --strategy exhaustive --format jsonl=2 "
                   "all.yaml; grep -o '\"executions\":.*\"redundant\":[0-9]*' "
                   "2 | diff - first.txt && test -s first.txt");
    expect_text("out.txt", "in all ");
    expect_text("out.txt", " executions of this program");
}
END_TEST

/* Which faults act, and when, is no decision of a search. */
START_TEST(a_search_says_that_faults_are_drawn)
{
    expect_code(0,
                "search() { printf 'scenario: 1\nname: f\nsystem: { kind: "
                "threads, algorithm: fetch_counter, threads: 2 }\n"
                "workload: { ops_per_thread: 1 }\nschedule: { strategy: "
                "exhaustive%s }\nrun: { seeds: 1..%s }\n%s\n' \"$1\" $2 "
                "\"$3\" >f.yaml; shift 3; $F run \"$@\" f.yaml; }; "
                "crash='faults: [{ kind: crash, target: { threads: any }, "
                "when: { step: 1..8 } }]'; search '' 1 \"$crash\" --resume; "
                "search '' 3 \"$crash\"; search ', preemptions: 1' 1 "
                "\"$crash\" --format jsonl=j --format text; echo again; "
                "search '' 1 \"$crash\" --resume; echo none; search '' 1 ''");
    expect_text("out.txt", "executions of this program up to the stated "
                           "bounds, with the faults that 1 seed draws (");
    expect_text("out.txt", "bounds, with the faults that 3 seeds draw (");
    expect_text("out.txt", "all schedules with <= 1 preemption, with the "
                           "faults that 1 seed draws (");
    expect_text("j", "\"fault_seeds\":1,");
    const char *out = content("out.txt");
    const char *again = strstr(out, "again");
    const char *none = strstr(out, "none\n");
    ck_assert(again != NULL && none != NULL);
    ck_assert_ptr_nonnull(strstr(again, "faults that 1 seed draws"));
    ck_assert_ptr_null(strstr(none, "faults"));
}
END_TEST

START_TEST(known_failures_come_first)
{
    expect_code(1, "$F run -q --no-svg --corpus known " ABA
                   " $R/scenarios/treiber_stack-aba.yaml");
    expect_code(0, "test $(ls known/*/*.trace.json | wc -l) -eq 2");
    expect_code(1, "$F run --no-svg --corpus known -n 50 " SOUND);
    expect_text("out.txt", "2 traces, 2 failing, 0 fixed, 0 stale");
    expect_code(1, "$F run --no-svg --corpus known --fail-fast " ABA);
    ck_assert_ptr_null(strstr(content("out.txt"), "HISTORY"));
    expect_code(0, "$F run --no-svg --corpus known -n 50 --only 'ms_*' " SOUND);
    /* the same run with the flaw taken out */
    expect_code(0, "sed -i 's/\"variant\": *\"aba\"/\"variant\":\"sound\"/; "
                   "s/variant: aba/variant: sound/' known/treiber-aba/*.json "
                   "&& rm -r known/treiber_stack-aba");
    int code = shell("$F run --no-svg --corpus known -n 50 " SOUND);
    ck_assert_int_eq(code, 0);
    expect_text("out.txt", "1 trace, 0 failing,");
    expect_code(0, "echo '{' >known/treiber-aba/x.trace.json; "
                   "$F run -q --corpus known -n 50 " SOUND);
    expect_text("err.txt", "stale known/treiber-aba/x.trace.json");
}
END_TEST

/* The summary names what is not as it was: a counter whose flaw was mended,
 * and whose first runs are step for step the same. */
START_TEST(what_was_fixed_is_named)
{
    static const char make_plugin[] =
        "printf '#include <faultline/object.h>\\n"
        "static long n;\\n"
        "static void *make(void) { static int any; n = 0; return &any; }\\n"
        "static fl_value add(void *s, const fl_value *a) { (void)s; "
        "n += a[0]; return n - a[0] + %s; }\\n"
        "FL_OBJECT = {.name = \"c\", .model = \"counter\", .make = make,"
        " .operations = {{\"add\", add}}};\\n' >c.c && "
        "$F cc -shared -o c.so c.c";
    static const char scenario[] =
        "printf 'scenario: 1\\nname: c\\nsystem: { kind: threads, algorithm: "
        "./c.so, threads: 1 }\\nworkload: { ops_per_thread: 1 }\\n' >c.yaml";
    ck_assert_int_eq(shell("%s", scenario), 0);
    ck_assert_int_eq(shell(make_plugin, "1"), 0);
    expect_code(1, "$F run -q --no-svg --corpus known c.yaml");
    expect_code(1, "$F run -q --no-svg --corpus known --format jsonl c.yaml");
    expect_text("out.txt", "\"state\":\"failing\"");
    ck_assert_int_eq(shell(make_plugin, "0"), 0);
    expect_code(0, "$F run -n 20 --corpus known --format text --format "
                   "jsonl=j --format junit=x c.yaml");
    expect_text("out.txt", "fixed since it was recorded: known/c/");
    expect_text("out.txt", "it was: not linearizable");
    expect_text("j", "\"state\":\"fixed\",\"kind\":\"not linearizable\"");
    expect_text("x", "fixed since it was recorded; it was: not linearizable");
    expect_text("x",
                "<testsuite name=\"faultline\" tests=\"2\" failures=\"0\"");
    expect_code(0, "echo '{' >known/c/x.trace.json; $F run -n 20 --corpus "
                   "known --format text --format jsonl=j --format junit=x "
                   "c.yaml");
    expect_text("out.txt", "stale, record it again: known/c/x.trace.json");
    expect_text("j", "\"state\":\"stale\"");
    expect_text("x", "<skipped message=\"stale: it cannot be run any more\"");
    expect_code(0, "$F run -q -n 20 --corpus known c.yaml && "
                   "test $(wc -l <out.txt) -le 1");
}
END_TEST

static const struct {
    const char *line;
    int code;
    const char *says;
} refused[] = {
    {"$F merge", 64, "say which"},
    {"$F merge nothing", 65, "nothing/runs.sqlite"},
    {"mkdir d; echo x >d/runs.sqlite; $F merge d", 65, "not a database"},
    {"mkdir d; printf 'not a database\\n' >d/runs.sqlite; $F merge d", 65,
     "d/runs.sqlite: file is not a database"},
    {"mkdir d; printf x >d/runs.sqlite; $F merge d; s=$?; "
     "test $(wc -c <d/runs.sqlite) -eq 1 && exit $s",
     65, "d/runs.sqlite holds nothing"},
    /* one of ours that says it is another's */
    {"$F run -q -n 1 --out d " SOUND " && printf '\\0\\0\\0\\0' | dd bs=1 "
     "seek=68 conv=notrunc of=d/runs.sqlite 2>dd && $F merge d",
     65, "d/runs.sqlite holds something else"},
    {"$F run -q -n 1 --out d " SOUND " && $F merge d && rm d/runs.sqlite && "
     "mkdir e && $F merge e",
     65, "e/runs.sqlite"},
    {"$F run --shard 3/2 " SOUND, 64, "from 1"},
    {"$F run --shard auto " SOUND, 64, "launcher"},
    {"mkdir out; echo x >out/runs.sqlite; $F run --resume -n 10 " SOUND, 74,
     "not a database"},
    {"mkdir out; echo x >out/runs.sqlite; $F run -n 10 " SOUND, 0,
     "not a database"},
    {"$F run --no-svg --corpus /proc/x " ABA " $R/scenarios/"
     "ms_queue-late_read.yaml",
     74, "/proc/x"},
};

START_TEST(bad_results_are_named)
{
    expect_code(refused[_i].code, refused[_i].line);
    expect_text("err.txt", refused[_i].says);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("results");
    TCase *kept = make_case(suite, "kept");
    tcase_add_test(kept, shards_add_up_to_the_whole);
    tcase_add_test(kept, a_shard_makes_its_own_runs_only);
    tcase_add_test(kept, a_cut_campaign_goes_on);
    tcase_add_test(kept, what_was_found_before_the_cut_counts);
    tcase_add_test(kept, a_finished_campaign_is_not_run_again);
    tcase_add_test(kept, results_go_below_directories_that_are_not_there);
    tcase_add_test(kept, a_finished_search_keeps_its_counts);
    tcase_add_test(kept, a_search_says_that_faults_are_drawn);
    tcase_add_test(kept, known_failures_come_first);
    tcase_add_test(kept, what_was_fixed_is_named);
    tcase_add_loop_test(kept, bad_results_are_named, 0,
                        sizeof(refused) / sizeof(refused[0]));
    return check_tap_run(suite);
}
