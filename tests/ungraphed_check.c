/*
 * Why a program is not searched by execution graphs is said, with the place in
 * it that showed this first; and a program that graphs follow says nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

struct unfollowed {
    int number;        /* CASE of programs/unfollowed.c */
    const char *count; /* of its executions */
    const char *text;  /* NULL: graphs follow it */
};

static const struct unfollowed cases[] = {
    {0, "in all 2 executions", NULL},
    {1, "in all 2 executions",
     "a robust mutex that its holder leaves behind has no graph form"},
    {2, "in all 2 executions",
     "a pthread barrier for one at unfollowed.c:48 has no graph form"},
    {3, "in all 4 executions", NULL},
    {4, "in all 2 executions", NULL},
    {5, "in all 6 executions",
     "a rwlock whose readers queue behind writers at unfollowed.c:59 has no "
     "graph form"},
    {6, "in all 2 executions",
     "a wait with a time limit at unfollowed.c:63 has no graph form"},
    {7, "in all 2 executions",
     "an atomic access at unfollowed.c:66 is of another size than others of "
     "the same bytes"},
    {10, "in all 2 executions", NULL},
    {9, "in all 2 executions",
     "the clock, or a number drawn, depends on the order of all steps"},
};

/* The line below that of the result, in each of the reports. */
START_TEST(what_graphs_do_not_follow_is_said)
{
    const struct unfollowed *c = &cases[_i];
    char line[600];
    (void)snprintf(line, sizeof(line),
                   "$F run --program $R/tests/programs/unfollowed.c -D CASE=%d"
                   " --strategy exhaustive --memory c11 --format text"
                   " --format jsonl=out.jsonl --format junit=out.xml"
                   " >run.txt",
                   c->number);
    expect_code(0, line);
    expect_text("run.txt", c->count);
    if (c->text == NULL) {
        expect_code(
            1, "grep -e ' by orders' -e ungraphed run.txt out.jsonl out.xml");
        return;
    }
    (void)snprintf(line, sizeof(line),
                   "\n      searched by orders, not graphs: %s\n", c->text);
    expect_text("run.txt", line);
    (void)snprintf(line, sizeof(line), "\"ungraphed\":\"%s\"", c->text);
    expect_text("out.jsonl", line);
    (void)snprintf(line, sizeof(line),
                   "<system-out>searched by orders, not graphs: %s\n", c->text);
    expect_text("out.xml", line);
}
END_TEST

/* Under sc there is no search over graphs, so nothing is left out; and a
 * scenario says by its own lines what keeps it from being one. */
START_TEST(what_a_scenario_asks_for_is_said)
{
    expect_code(0, "$F run --program $R/tests/programs/unfollowed.c -D CASE=2"
                   " --strategy exhaustive --memory sc >run.txt");
    expect_code(1, "grep graphs run.txt");
    expect_code(0, "printf '%s\\n' 'scenario: 1' 'name: s' 'system:'"
                   " '  kind: threads' '  algorithm: treiber_stack'"
                   " '  memory: c11' '  stale_max: 4' '  threads: 2'"
                   " 'workload: { program: [[push 1], [pop]] }'"
                   " 'schedule: { strategy: exhaustive, awaits: keep }'"
                   " >s.yaml; $F run s.yaml");
    expect_text("out.txt",
                "searched by orders, not graphs: stale_max bounds what"
                " a load may read");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ungraphed");
    TCase *tcase = tcase_create("ungraphed");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_loop_test(tcase, what_graphs_do_not_follow_is_said, 0,
                        (int)(sizeof(cases) / sizeof(cases[0])));
    tcase_add_test(tcase, what_a_scenario_asks_for_is_said);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
