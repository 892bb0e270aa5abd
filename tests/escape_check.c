/*
 * Code that misbehaves beyond its own objects: each is a verdict or an error
 * that says what it did, and none takes the program down with it.
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

/* What a thread of the program does in its function `act`, and what the report
 * must say of it; each with a trace that repeats it. */
static const struct {
    const char *code;
    const char *said;
} acts[] = {
    {"fork();", "fork() is not part of the simulated world"},
    {"execl(\"/bin/true\", \"true\", (char *)0);", "execl() is not part"},
    {"char c; (void)!read(0, &c, 1);", "read() is not part"},
    {"(void)!open(\"/etc/passwd\", 0);", "open() is not part"},
    {"(void)fopen(\"/etc/passwd\", \"r\");", "fopen() is not part"},
    {"signal(2, SIG_IGN);", "signal() is not part"},
    {"pause_at(0);", "is exhausted"},
    {"exit(3);", "exit(3) was called"},
    {"_exit(4);", "exit(4) was called"},
    {"abort();", "abort() was called"},
    {"*nowhere = 1;", "a null pointer was followed"},
    {"at = malloc(8); for (long i = 0; i < 1L << 40; i += 64) { at[-i] = 1; }",
     "program crashed"},
    {"pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER; pthread_mutex_lock(&m); "
     "pthread_mutex_lock(&m);",
     "deadlock"},
    {"syscall(63);", "ystem call 63 is not part"},
};

static void put_act(const char *code)
{
    char text[2000];
    (void)snprintf(text, sizeof(text),
                   "#include <pthread.h>\n"
                   "#include <fcntl.h>\n"
                   "#include <signal.h>\n"
                   "#include <stdio.h>\n"
                   "#include <stdlib.h>\n"
                   "#include <unistd.h>\n"
                   "int *volatile nowhere;\n"
                   "char *volatile at;\n"
                   "int pause_at(volatile int n);\n"
                   "int pause_at(volatile int n)\n"
                   "{\n"
                   "    volatile char room[900];\n"
                   "    room[n %% 900] = 1;\n"
                   "    return pause_at(n + 1) + room[3];\n"
                   "}\n"
                   "static void *act(void *x)\n"
                   "{\n"
                   "    %s\n"
                   "    return x;\n"
                   "}\n"
                   "int main(void)\n"
                   "{\n"
                   "    pthread_t t;\n"
                   "    pthread_create(&t, 0, act, 0);\n"
                   "    pthread_join(t, 0);\n"
                   "    return 0;\n"
                   "}\n",
                   code);
    put("act.c", text);
}

START_TEST(what_it_did_is_said)
{
    put_act(acts[_i].code);
    expect_code(1, "$F run --program act.c -n 50");
    expect_text("out.txt", acts[_i].said);
    expect_text("out.txt", "schedule 1/50");
    expect_code(1, "$F replay out/*/*/trace.json --times 3");
}
END_TEST

START_TEST(a_loop_without_a_point_is_told)
{
    put_act("for (;;) { __asm__ volatile(\"\" ::: \"memory\"); }");
    expect_code(2, "$F run --program act.c -n 2 -j 1");
    expect_text("out.txt", "inconclusive");
}
END_TEST

/* What constructors do, and what is said. */
static const struct {
    const char *code;
    const char *said;
} firsts[] = {
    {"*nowhere = 1;", "its constructors crash: SIGSEGV"},
    {"abort();", "its constructors crash: SIGABRT"},
    {"exit(0);", "calls exit()"},
};

START_TEST(a_constructor_that_fails_is_told)
{
    char text[600];
    (void)snprintf(text, sizeof(text),
                   "#include <stdlib.h>\n"
                   "int *volatile nowhere;\n"
                   "__attribute__((constructor)) void first(void);\n"
                   "void first(void) { %s }\n"
                   "int main(void) { return 0; }\n",
                   firsts[_i].code);
    put("first.c", text);
    expect_code(65, "$F run --program first.c");
    expect_text("err.txt", firsts[_i].said);
}
END_TEST

START_TEST(the_run_after_a_bad_one_is_as_ever)
{
    put_act("if (rand() % 7 == 0) { *nowhere = 1; }");
    expect_code(1, "$F run --program act.c -n 200 --keep-going");
    expect_text("out.txt", "program crashed");
    expect_text("out.txt", "200 schedules");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("escape");
    TCase *tcase = tcase_create("acts");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_loop_test(tcase, what_it_did_is_said, 0,
                        sizeof(acts) / sizeof(acts[0]));
    tcase_add_test(tcase, a_loop_without_a_point_is_told);
    tcase_add_loop_test(tcase, a_constructor_that_fails_is_told, 0,
                        sizeof(firsts) / sizeof(firsts[0]));
    tcase_add_test(tcase, the_run_after_a_bad_one_is_as_ever);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
