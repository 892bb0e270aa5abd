/*
 * What people read of real runs: the troubles of a plug-in made for them, and
 * flaws of the algorithms, told from the scenario file to the terminal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

/* A run of tests/plugins/trouble.c, and what its report has to say. */
static const struct {
    const char *variant;
    const char *says[4];
} troubles[] = {
    {"deadlock",
     {"T0 waits for T1, and T1 for T0: each holds what another wants.",
      "waits for the mutex locks[1] (trouble.c:",
      "wait for locks[0]   (T0 holds it)", "#0 lock_both  trouble.c:"}},
    {"spin", {"T0 add(1) spins on value = 0 (trouble.c:", "which nobody"}},
    {"segv",
     {"program crashed", "a null pointer was followed", "#0 follow_null"}},
    {"assertion", {"assertion failed: calls < 0", "#0 assert_wrongly"}},
    {"overflow", {"The stack of T0 is exhausted.", "#1 dig  trouble.c:"}},
    {"freed",
     {"use after free", "n1 was freed at step 4 (trouble.c:",
      "use of freed memory in T0", "freed by T0"}},
    {"late",
     {"use after free", "n1 was allocated in the set-up.",
      "n1 was freed when all had ended.", "#0 destroy  trouble.c:"}},
    {"twice", {"double free", "second free in T0", "#0 free_twice"}},
    {"outside", {"right behind its end.", "#0 write_outside"}},
    {"racy",
     {"overwrites the 1 of step 7; value was 0 when read at 3",
      "must return 2"}},
};

/* By one plain strategy: which failure the portfolio meets first is another
 * question. */
START_TEST(a_trouble_is_told)
{
    const char *variant = troubles[_i].variant;
    char line[600];
    int size = snprintf(
        line, sizeof(line),
        "printf 'scenario: 1\\nname: told\\nsystem:\\n  kind: threads\\n"
        "  algorithm: '$(dirname $F)'/tests/plugins/trouble.so\\n"
        "  variant: %s\\n  threads: 4\\nworkload:\\n  ops_per_thread: 3\\n"
        "run:\\n  seeds: 1..200\\n' >told.yaml; "
        "$F run --strategy random --fail-fast --no-svg told.yaml",
        variant);
    ck_assert_int_lt(size, (int)sizeof(line));
    expect_code(1, line);
    for (size_t k = 0; k < 4 && troubles[_i].says[k] != NULL; k++) {
        expect_text("out.txt", troubles[_i].says[k]);
    }
}
END_TEST

/* Scenarios of the repository, told at length although they are expected. */
static const struct {
    const char *scenario;
    const char *says[4];
} flaws[] = {
    {"treiber_stack-aba",
     {"again since", "#0 swap_head  treiber_stack.c:", "#1 pop  treiber_stack",
      "if (swap_head(s, &head, below)) {"}},
    {"two_lock_queue-crash",
     {"enqueue(2) waits for the mutex tail_lock (two_lock_queue.c:",
      ", which T0 holds for ever.", "F1 crash took T0 away after step",
      "wait for tail_lock   (T0 holds it)"}},
    {"ms_queue-no_help",
     {"spins on head, tail, n1.next (ms_queue.c:", " times from 11)",
      "~~~ F1 crash T0 at ms_queue.enq.linked, ms_queue.c:"}},
    {"chain-early_check", {"n2.holders was 0 when read at"}},
    {"abd_register-no_write_back",
     {"send ask to replica1, replica2, replica3"}},
};

START_TEST(a_flaw_is_told)
{
    char line[200];
    (void)snprintf(line, sizeof(line),
                   "$F run --strategy random -v --no-svg $R/scenarios/%s.yaml",
                   flaws[_i].scenario);
    expect_code(0, line);
    for (size_t k = 0; k < 4 && flaws[_i].says[k] != NULL; k++) {
        expect_text("out.txt", flaws[_i].says[k]);
    }
}
END_TEST

START_TEST(an_expected_violation_takes_one_line)
{
    expect_code(0, "$F run --no-svg $R/scenarios/ms_queue-no_tag.yaml >told && "
                   "test -s out/ms_queue-no_tag/*/report.txt");
    expect_text("told", "pass  ms_queue-no_tag");
    expect_code(1, "grep 'HISTORY\\|^FAIL\\|replay' told");
}
END_TEST

START_TEST(an_unexpected_one_is_called_a_failure_once)
{
    expect_code(1, "$F run --no-svg $R/scenarios/treiber-aba.yaml >told");
    expect_text("told", "treiber-aba: 1 distinct failure in ");
    expect_code(0, "test $(grep -c FAIL told) = 1");
}
END_TEST

START_TEST(clients_of_a_file_keep_their_names)
{
    expect_code(
        0, "{ echo '{\"model\":\"counter\",\"initial\":0}'; "
           "for c in 7 9; do "
           "echo '{\"client\":'$c',\"op\":\"add\",\"key\":null,\"args\":[1],"
           "\"result\":0,\"call\":'$((c - 7))',\"return\":'$c'}'; done; "
           "} >h.jsonl");
    expect_code(1, "$F check h.jsonl");
    expect_text("out.txt", "c9 add(1)");
    expect_text("out.txt", "Hint: c7 add(1) and c9 add(1) both found 0");
    expect_code(1, "$F check h.jsonl >told; grep -q 'T[01]\\|replays' told");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tell");
    TCase *tcase = make_case(suite, "tell");
    tcase_add_loop_test(tcase, a_trouble_is_told, 0,
                        (int)(sizeof(troubles) / sizeof(troubles[0])));
    tcase_add_loop_test(tcase, a_flaw_is_told, 0,
                        (int)(sizeof(flaws) / sizeof(flaws[0])));
    tcase_add_test(tcase, an_expected_violation_takes_one_line);
    tcase_add_test(tcase, clients_of_a_file_keep_their_names);
    tcase_add_test(tcase, an_unexpected_one_is_called_a_failure_once);
    return check_tap_run(suite);
}
