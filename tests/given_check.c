/*
 * What a program is given when it begins, and what it asks for when it ends:
 * variables of its environment, handlers of exit().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

/* A file `name` with this text, in the working directory. */
static void put(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* main() returns what the last character of LEVEL is, 0 if there is none. */
static const char level[] =
    "#include <stdlib.h>\n"
    "#include <string.h>\n"
    "int main(void)\n"
    "{\n"
    "    const char *text = getenv(\"LEVEL\");\n"
    "    if (getenv(\"HOME\") != NULL) { return 90; }\n"
    "    size_t size = text == NULL ? 0 : strlen(text);\n"
    "    return size == 0 ? 0 : text[size - 1] - '0';\n"
    "}\n";

START_TEST(variables_are_those_of_the_scenario)
{
    put("level.c", level);
    expect_code(0, "LEVEL=5 HOME=/ $F run --program level.c -n 5");
    expect_code(0, "LEVEL=5 $F run --program level.c -n 5 --env LEVEL=");
    expect_code(1, "LEVEL=5 $F run --program level.c -n 5 --env LEVEL=a=7");
    expect_text("out.txt", "main() returned 7");
    expect_code(1, "LEVEL=6 $F replay out/*/*/trace.json --times 3");
    expect_text("out.txt", "identical 3 of 3");
    expect_code(1, "printf '%s\\n' 'scenario: 1' 'name: level' "
                   "'system: { kind: threads, program: level.c, "
                   "environment: [OTHER=1, LEVEL=4] }' "
                   "'run: { seeds: 1..9 }' >level.yaml; "
                   "$F run level.yaml -j 2");
    expect_text("out.txt", "main() returned 4");
}
END_TEST

START_TEST(a_variable_that_is_none_is_told)
{
    put("level.c", level);
    expect_code(65, "$F run --program level.c --env LEVEL");
    expect_text("err.txt", "'LEVEL' is no variable of an environment; write "
                           "NAME=VALUE");
    expect_code(65, "$F run --program level.c --env =3");
    expect_text("err.txt", "'=3' is no variable");
    expect_code(65, "$F run --program level.c --env A=1 --env A=2");
    expect_text("err.txt", "'A' has a value already");
}
END_TEST

START_TEST(main_and_constructors_are_given_them)
{
    put("third.c", "#include <assert.h>\n"
                   "#include <string.h>\n"
                   "int main(int count, char **words, char **variables)\n"
                   "{\n"
                   "    assert(count == 1 && words[1] == NULL);\n"
                   "    assert(strcmp(variables[0], \"A=1\") == 0);\n"
                   "    variables[0][2]++;\n"
                   "    assert(variables[1] == NULL);\n"
                   "}\n");
    expect_code(0, "$F run --program third.c --env A=1 -n 20");
    expect_code(1, "$F run --program third.c --env A=2 -n 20 --no-shrink");
    put("early.c", "#include <assert.h>\n"
                   "#include <stdlib.h>\n"
                   "static int size;\n"
                   "__attribute__((constructor)) static void begin(void)\n"
                   "{\n"
                   "    const char *text = getenv(\"SIZE\");\n"
                   "    size = text == NULL ? -1 : atoi(text);\n"
                   "}\n"
                   "int main(void) { assert(size == 12); }\n");
    expect_code(0, "SIZE=3 $F run --program early.c --env SIZE=12 -n 20");
    expect_code(1, "SIZE=12 $F run --program early.c -n 20 --no-shrink");
}
END_TEST

/* setenv() while another thread looks, and strtok() by two: races, as with
 * libc. */
START_TEST(what_threads_share_there_is_seen_to_race)
{
    put("race.c", "#include <pthread.h>\n"
                  "#include <stdlib.h>\n"
                  "#include <string.h>\n"
                  "#include <time.h>\n"
                  "static void *act(void *x)\n"
                  "{\n"
                  "    char text[] = \"a b\";\n"
                  "    time_t now = 0;\n"
                  "    (void)text, (void)now, (void)(ACT);\n"
                  "    return x;\n"
                  "}\n"
                  "int main(void)\n"
                  "{\n"
                  "    pthread_t t;\n"
                  "    pthread_create(&t, 0, act, 0);\n"
                  "    act(0);\n"
                  "    pthread_join(t, 0);\n"
                  "}\n");
    static const char *const acts[] = {"setenv(\"A\", \"b\", 1)",
                                       "strtok(text, \" \")", "localtime(&now)",
                                       "ctime(&now)"};
    char line[200];
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        (void)snprintf(line, sizeof(line),
                       "$F run --program race.c --races report --no-shrink "
                       "-n 50 --define 'ACT=%s'",
                       acts[i]);
        expect_code(1, line);
        expect_text("out.txt", "data race");
    }
    expect_code(0, "$F run --program race.c --races report -n 50 "
                   "--define 'ACT=getenv(\"A\")'");
}
END_TEST

/* A handler that fails is a verdict, wherever the program ends. */
static const struct {
    const char *end;
    int code;
    const char *said;
} ends[] = {
    {"return 0;", 1, "assertion failed: fine"},
    {"exit(0);", 1, "assertion failed: fine"},
    {"pthread_exit(0);", 1, "assertion failed: fine"},
    {"_exit(0);", 0, "not violated"},
    {"_Exit(0);", 0, "not violated"},
    {"quick_exit(0);", 0, "not violated"},
    {"at_quick_exit(check); quick_exit(0);", 1, "assertion failed: fine"},
    {"fine = 1; exit(3);", 1, "exit(3) was called"},
    {"fine = 1; return 3;", 1, "main() returned 3"},
    {"fine = 1; exit(0);", 0, "not violated"},
    {"fine = 1; pthread_exit(0);", 0, "not violated"},
};

START_TEST(a_handler_that_fails_is_a_verdict)
{
    char text[600];
    (void)snprintf(text, sizeof(text),
                   "#include <assert.h>\n"
                   "#include <pthread.h>\n"
                   "#include <stdlib.h>\n"
                   "#include <unistd.h>\n"
                   "static int fine;\n"
                   "static void check(void) { assert(fine); }\n"
                   "int main(void)\n"
                   "{\n"
                   "    atexit(check);\n"
                   "    %s\n"
                   "}\n",
                   ends[_i].end);
    put("end.c", text);
    expect_code(ends[_i].code, "$F run --program end.c -n 20 --no-shrink");
    expect_text("out.txt", ends[_i].said);
}
END_TEST

/* What is refused says what to do instead. */
START_TEST(advice_is_given)
{
    put("advice.c", "#include <unistd.h>\n"
                    "int main(void) { return fork(); }\n");
    expect_code(1, "$F run --program advice.c -n 5 --no-shrink");
    expect_text("out.txt", "make threads");
    put("advice.c", "#include <stdio.h>\n"
                    "#include <sys/socket.h>\n"
                    "int main(void)\n"
                    "{\n"
                    "    int n = 0;\n"
                    "    return socket(1, 1, 1) + scanf(\"%d\", &n);\n"
                    "}\n");
    expect_code(65, "$F run --program advice.c");
    expect_text("err.txt", "  socket(): pass messages through a queue");
    expect_text("err.txt", "give main() what it would read, by --argument");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("given");
    TCase *tcase = make_case(suite, "programs");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, variables_are_those_of_the_scenario);
    tcase_add_test(tcase, a_variable_that_is_none_is_told);
    tcase_add_test(tcase, main_and_constructors_are_given_them);
    tcase_add_test(tcase, what_threads_share_there_is_seen_to_race);
    tcase_add_loop_test(tcase, a_handler_that_fails_is_a_verdict, 0,
                        sizeof(ends) / sizeof(ends[0]));
    tcase_add_test(tcase, advice_is_given);
    return check_tap_run(suite);
}
