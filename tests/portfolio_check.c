/*
 * The portfolio from outside: who made the runs is told, and is the same for
 * any number of workers; what a member found says so, and replays.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

#define SOUND "$R/scenarios/ms_queue.yaml"
#define FLAW  "$R/scenarios/treiber-aba.yaml"

/* The object that tells who made the runs of report.jsonl, a line for each, to
 * members.txt. */
#define MEMBERS(report)                                                        \
    "grep '\"event\":\"scenario\"' " report " | grep -o "                      \
    "'\"strategies\":{[^}]*}' | tr '{},' '\\n\\n\\n' | grep ':[0-9]' | tr -d " \
    "'\"' "

START_TEST(every_sampler_has_its_share)
{
    expect_code(0, "$F run -n 700 --format jsonl=a.jsonl " SOUND
                   " >text.txt; " MEMBERS("a.jsonl") ">members.txt");
    expect_code(0, "for s in random sticky pct pos urw surw stall coverage "
                   "delay systematic adversary round_robin; do "
                   "grep -q \"^$s:[1-9]\" members.txt || exit 1; done");
    expect_code(0, "test $(wc -l <members.txt) -eq 12");
    expect_code(0, "awk -F: '{ n += $2 } END { print n }' members.txt");
    expect_text("out.txt", "700\n");
    /* the most first, and the same in the text */
    expect_code(0, "cut -d: -f2 members.txt | sort -rn -c");
    expect_code(0, "n=$(sed -n 's/^stall://p' members.txt); "
                   "grep -q \"^      by stall $n, \" text.txt");
}
END_TEST

START_TEST(the_shares_are_those_of_one_worker)
{
    expect_code(0,
                "for j in 1 2 4; do $F run -n 3000 --jobs $j --format "
                "jsonl=$j.jsonl " SOUND "; " MEMBERS(
                    "$j.jsonl") ">members$j.txt; done; test -s members1.txt && "
                                "cmp members1.txt members2.txt && "
                                "cmp members1.txt members4.txt");
}
END_TEST

START_TEST(one_strategy_is_no_portfolio)
{
    expect_code(0, "$F run -n 100 --strategy pct --format jsonl=a.jsonl "
                   "--format text --format junit=a.xml " SOUND
                   " >text.txt; " MEMBERS("a.jsonl"));
    expect_text("out.txt", "pct:100\n");
    expect_code(1, "grep '^ *by ' text.txt");
    expect_code(0, "grep 'name=\"strategies\" value=\"pct 100\"' a.xml");
}
END_TEST

/* How many runs were made until all workers had stopped is chance. */
START_TEST(what_chance_decides_is_not_told)
{
    expect_code(1, "$F run --fail-fast --format jsonl=a.jsonl " FLAW);
    expect_code(1, "grep '\"strategies\"' a.jsonl");
    expect_code(1, "$F run -n 100 --keep-going --format jsonl=a.jsonl " FLAW);
    expect_code(0, "grep '\"strategies\"' a.jsonl");
}
END_TEST

/* The report, failure.json and the trace as it was found agree on who found
 * it, and that one finds it alone at the same run or not at all. */
START_TEST(a_failure_says_who_found_it)
{
    expect_code(
        0, "for j in 1 2 4; do $F run --fail-fast --jobs $j --out o$j " FLAW
           " >text$j.txt; done; cat o1/*/*/failure.json | grep -o "
           "'\"strategy\": *\"[a-z_]*\"' | cut -d'\"' -f4");
    char who[32];
    snprintf(who, sizeof(who), "%.30s", content("out.txt"));
    who[strcspn(who, "\n")] = '\0';
    ck_assert_uint_gt(strlen(who), 2);
    ck_assert_int_eq(setenv("WHO", who, 1), 0);
    expect_code(0,
                "for j in 1 2 4; do grep \"schedule [0-9/]* by $WHO\" "
                "text$j.txt o$j/*/*/report.txt && grep \"\\\"strategy\\\": "
                "*\\\"$WHO\\\"\" o$j/*/*/original.trace.json || exit 1; done");
    expect_code(1, "$F replay -q o1/*/*/trace.json");
    expect_code(1, "$F replay -q o1/*/*/original.trace.json");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("portfolio");
    TCase *told = tcase_create("told");
    tcase_add_checked_fixture(told, enter, leave);
    tcase_set_timeout(told, 60);
    tcase_add_test(told, every_sampler_has_its_share);
    tcase_add_test(told, the_shares_are_those_of_one_worker);
    tcase_add_test(told, one_strategy_is_no_portfolio);
    tcase_add_test(told, what_chance_decides_is_not_told);
    tcase_add_test(told, a_failure_says_who_found_it);
    suite_add_tcase(suite, told);
    return check_tap_run(suite);
}
