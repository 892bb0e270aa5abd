/*
 * Loops that wait, cut by a search: what the tool says of it, and that whoever
 * waits for ever is found, shrunk and repeated.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/check_tap.h"
#include "tests/cli_fixture.h"

#include <stdio.h>

/* Runs the program `variant` of two threads under `memory`; returns the
 * status.  `awaits`: what is to become of loops that wait; NULL: not said. */
static int run_program(const char *variant, const char *memory,
                       const char *awaits)
{
    FILE *file = fopen("awaits.yaml", "w");
    ck_assert_ptr_nonnull(file);
    (void)fprintf(file,
                  "scenario: 1\nname: awaits\nsystem:\n  kind: threads\n"
                  "  algorithm: PLUGIN\n"
                  "  variant: %s\n  threads: 1\n  params: { inside: 2 }\n"
                  "  memory: %s\nworkload: { ops_per_thread: 1 }\n"
                  "schedule: { strategy: exhaustive%s%s }\n"
                  "run: { seeds: 1..1 }\n",
                  variant, memory, awaits == NULL ? "" : ", awaits: ",
                  awaits == NULL ? "" : awaits);
    ck_assert_int_eq(fclose(file), 0);
    return shell("sed -i \"s|PLUGIN|${F%%/faultline}/tests/plugins/"
                 "executions.so|\" awaits.yaml && \"$F\" run awaits.yaml");
}

START_TEST(the_verdict_names_the_reduction)
{
    static const char *const memories[] = {"sc", "tso", "c11"};
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(run_program("tickets", memories[i], "cut"), 0);
        expect_text("out.txt",
                    "in all 2 executions of this program up to the stated "
                    "bounds, with awaits cut (4 explored, 2 of them blocked)");
        ck_assert_int_eq(run_program("tickets", memories[i], "keep"), 0);
        ck_assert_ptr_null(strstr(content("out.txt"), "awaits cut"));
    }
}
END_TEST

/* Under c11 there would be no end of graphs: so they are cut unasked.  Not if
 * the program has no such loop. */
START_TEST(a_search_over_graphs_cuts_unasked)
{
    ck_assert_int_eq(run_program("tickets", "sc", NULL), 0);
    ck_assert_ptr_null(strstr(content("out.txt"), "awaits cut"));
    ck_assert_int_eq(run_program("tickets", "c11", NULL), 0);
    expect_text("out.txt", "in all 2 executions of this program up to the "
                           "stated bounds, with awaits cut");
    expect_text("out.txt", "2 of them blocked)");
    ck_assert_int_eq(run_program("queue_pairs", "c11", NULL), 0);
    ck_assert_ptr_null(strstr(content("out.txt"), "awaits cut"));
}
END_TEST

START_TEST(whoever_waits_for_ever_is_found_and_repeated)
{
    static const char *const awaits[] = {"keep", "cut", "cut", NULL};
    static const char *const memories[] = {"sc", "sc", "c11", "c11"};
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(run_program("flag_forgotten", memories[i], awaits[i]),
                         1);
        expect_text("out.txt", "T2 spins on cells[0]");
        ck_assert_int_eq(shell("\"$F\" replay out/awaits/*/"
                               "trace.json"),
                         1);
        expect_text("out.txt", "T2 spins on cells[0]");
        ck_assert_int_eq(shell("rm -r out"), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("awaits");
    TCase *tcase = make_case(suite, "awaits");
    tcase_add_test(tcase, the_verdict_names_the_reduction);
    tcase_add_test(tcase, a_search_over_graphs_cuts_unasked);
    tcase_add_test(tcase, whoever_waits_for_ever_is_found_and_repeated);
    return check_tap_run(suite);
}
