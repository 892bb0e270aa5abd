/*
 * What is simulated behaves as the standards say: programs in tests/programs/,
 * in C and C++, under many schedules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

static const char *const programs[] = {
    "pthreads.c",     "c11_threads.c", "memory.c",    "process.c",
    "constructors.c", "machine.c",     "calendar.c",  "kept.c",
    "ends.c",         "leaving.c",     "standard.cpp"};

START_TEST(its_assertions_hold)
{
    char line[300];
    if (strstr(programs[_i], ".cpp") != NULL && shell("command -v g++") != 0) {
        printf("# SKIP %s: g++ is not installed\n", programs[_i]);
        return;
    }
    (void)snprintf(line, sizeof(line),
                   "$F run --program $R/tests/programs/%s -n 500",
                   programs[_i]);
    expect_code(0, line);
    expect_text("out.txt", "not violated in 500 schedules");
    (void)snprintf(line, sizeof(line),
                   "$F run --program $R/tests/programs/%s -n 100 --memory c11",
                   programs[_i]);
    expect_code(0, line);
}
END_TEST

/* They are not passed over: the same programs with one assertion turned. */
START_TEST(a_wrong_assertion_fails)
{
    expect_code(0, "cp $R/tests/programs/*.c .; "
                   "sed -i 's/leaders == 1/leaders == 2/' pthreads.c; "
                   "sed -i 's/result == 42/result == 43/' c11_threads.c; "
                   "sed -i 's/\"te\"/\"to\"/' memory.c; "
                   "sed -i 's/mine == 5 && made/mine == 6 \\&\\& made/' "
                   "process.c; "
                   "sed -i 's/times == 1/times == 2/' constructors.c; "
                   "sed -i 's/text.5000. == 0/text[5000] == 1/' machine.c; "
                   "sed -i 's/grain.tv_nsec == 1/grain.tv_nsec == 2/' "
                   "calendar.c; "
                   "sed -i 's/assert(words.5. == word/assert(words[4] == word/'"
                   " kept.c; "
                   "sed -i 's/before == 4/before == 3/' ends.c; "
                   "sed -i 's/rounds == 5/rounds == 4/' leaving.c");
    for (int i = 0; i < 10; i++) {
        char line[200];
        (void)snprintf(line, sizeof(line),
                       "$F run --program %s -n 50 --no-shrink", programs[i]);
        expect_code(1, line);
        expect_text("out.txt", "assertion failed");
    }
}
END_TEST

/* What is drawn comes from the seed, whatever the number of workers. */
START_TEST(drawn_numbers_come_from_the_seed)
{
    expect_code(0, "printf '%s\\n' '#include <stdlib.h>' '#include <assert.h>' "
                   "'int main(void) { assert(rand() % 50 != 1); }' >r.c");
    for (int seed = 1; seed <= 3; seed++) {
        char line[300];
        (void)snprintf(line, sizeof(line),
                       "for jobs in 1 2 2; do $F run --program r.c --seed %d "
                       "-j $jobs --no-shrink | grep -o 'schedule [0-9]*/'; "
                       "done | sort -u | wc -l",
                       seed);
        expect_code(0, line);
        ck_assert_str_eq(content("out.txt"), "1\n");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("simulated");
    TCase *tcase = make_case(suite, "programs");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, its_assertions_hold, 0,
                        sizeof(programs) / sizeof(programs[0]));
    tcase_add_test(tcase, a_wrong_assertion_fails);
    tcase_add_test(tcase, drawn_numbers_come_from_the_seed);
    return check_tap_run(suite);
}
