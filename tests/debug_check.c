/*
 * A recorded run looked at step by step, printed and under gdb.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

static void find_failure(void)
{
    expect_code(1, "$F run -q --no-svg $R/scenarios/treiber-aba.yaml && "
                   "exit 9; test $? -eq 1 && cp out/*/*/trace.json t.json && "
                   "exit 1");
}

START_TEST(a_run_up_to_a_step)
{
    find_failure();
    expect_code(1, "$F replay t.json --to 12");
    expect_text("out.txt", "at step 12 of 25");
    expect_text("out.txt", "    12  treiber_stack.c:");
    ck_assert_ptr_null(strstr(content("out.txt"), "\n    13  "));
    expect_text("out.txt", "T0    next: 19");
    expect_text("out.txt", "T1    next: 13");
    expect_code(1, "$F replay t.json --to 0");
    expect_text("out.txt", "at step 25 of 25");
    expect_text("out.txt", "takes no further step");
    expect_code(1, "$F replay t.json --to 26");
    expect_text("out.txt", "the run has no step 26");
    expect_code(64, "$F replay t.json --to twelve");
    expect_text("err.txt", "number of a step");
}
END_TEST

START_TEST(gdb_stops_at_a_step)
{
    find_failure();
    expect_code(0, "printf 'faultline thread T0\\nfaultline thread T9\\n"
                   "continue\\n' | timeout 60 $F replay t.json --to 12 --gdb");
    expect_text("out.txt", "Breakpoint 1, debugger_stop");
    expect_text("out.txt", "* T1  runs");
    expect_text("out.txt", "  T0  ready");
    expect_text("out.txt", "pop (");           /* of T0, and */
    expect_text("out.txt", "treiber_stack.c"); /* where */
    expect_text("out.txt", "exited with code 01");
    expect_text("err.txt", "there is no T9");
}
END_TEST

START_TEST(without_gdb_there_is_a_hint)
{
    find_failure();
    expect_code(74, "PATH=/nonexistent $F replay t.json --gdb");
    expect_text("err.txt", "apt install gdb");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("debug");
    TCase *debug = make_case(suite, "debug");
    tcase_add_test(debug, a_run_up_to_a_step);
    tcase_add_test(debug, without_gdb_there_is_a_hint);
    int status = system("gdb -nx -batch -ex 'python print(1)' -ex run "
                        "--args true 2>/dev/null | grep -q 'exited normally'");
    if (status == 0) {
        tcase_add_test(debug, gdb_stops_at_a_step);
    } else {
        printf("# SKIP gdb stops at a step: no gdb with Python that may run a "
               "program\n");
    }
    return check_tap_run(suite);
}
