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
    {"signal(2, by_signal);", "signal() is not part"},
    {"struct sigaction a = {.sa_handler = by_signal};"
     " sigaction(SIGTERM, &a, 0);",
     "sigaction() is not part"},
    {"raise(SIGTERM);", "no signal comes, unless to be ignored"},
    {"raise(SIGABRT);", "abort() was called"},
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
                   "#include <assert.h>\n"
                   "#include <string.h>\n"
                   "#include <sys/time.h>\n"
                   "#include <time.h>\n"
                   "#include <unistd.h>\n"
                   "int by_value(const void *a, const void *b);\n"
                   "int by_value(const void *a, const void *b)\n"
                   "{\n"
                   "    return (int)(*(const long *)a - *(const long *)b);\n"
                   "}\n"
                   "void by_signal(int number);\n"
                   "void by_signal(int number) { (void)number; }\n"
                   "void *self(void *x);\n"
                   "void *self(void *x) { return x; }\n"
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

/* Calls that write to memory behind the hooks' back, or into it: none is taken
 * for memory that nobody wrote. */
static const char *const writers[] = {
    "char *p = malloc(32); snprintf(p, 32, \"%d:%s\", 5, \"abc\");"
    " assert(*(long *)p != 0 && strcmp(p, \"5:abc\") == 0);",
    "int *n = malloc(8); assert(sscanf(\"3 4\", \"%d %d\", n, n + 1) == 2);"
    " assert(*(long *)n == (4L << 32) + 3);",
    "long *n = malloc(16); n[0] = 2; n[1] = 1;"
    " qsort(n, 2, 8, by_value); assert(n[0] == 1 && n[1] == 2);",
    "char **e = malloc(8); assert(strtol(\"12x\", e, 10) == 12 && **e == 'x');",
    "char **e = malloc(8); assert(strtod(\"1.5x\", e) == 1.5 && **e == 'x');",
    "char **r = malloc(8); char t[] = \"a b\"; strtok_r(t, \" \", r);"
    " assert(*r == t + 2);",
    "char *p = malloc(32); memset(p, 1, 8); memcpy(p + 8, p, 8);"
    " memmove(p + 16, p, 8); mempcpy(p + 24, p, 8);"
    " for (int i = 0; i < 4; i++) { assert(((long *)p)[i] == *(long *)p); }",
    "char *p = malloc(16); strcpy(p, \"ab\"); strcat(p, \"cdefg\");"
    " strncpy(p + 8, p, 8); assert(((long *)p)[0] == ((long *)p)[1]);",
    "char **p = malloc(8); assert(asprintf(p, \"%d\", 7) == 1);"
    " assert(**p == '7'); free(*p);",
    "void **p = malloc(8); assert(posix_memalign(p, 64, 64) == 0);"
    " assert((long)*p % 64 == 0); free(*p);",
    "pthread_t *p = malloc(8); void **r = malloc(8);"
    " assert(pthread_create(p, 0, self, p) == 0);"
    " assert(pthread_join(*p, r) == 0 && *r == p);",
    "time_t *p = malloc(8); assert(time(p) == *p);",
    "struct timeval *p = malloc(16); gettimeofday(p, 0);"
    " assert(p->tv_sec >= 0 && p->tv_usec >= 0);",
    "struct tm *p = malloc(sizeof(*p)); time_t n = 0; gmtime_r(&n, p);"
    " assert(p->tm_year == 70 && p->tm_zone != 0);",
    "pthread_attr_t a; size_t *p = malloc(8); pthread_attr_init(&a);"
    " pthread_attr_getstacksize(&a, p); assert(*p > 0);",
    "printf(\"%d\", 1); fprintf(stderr, \"x\"); puts(\"y\"); putchar(65);"
    " fputs(\"a\", stdout); fwrite(\"b\", 1, 1, stdout); fflush(stdout);",
};

START_TEST(what_is_written_is_known)
{
    put_act(writers[_i]);
    expect_code(0, "$F run --program act.c -n 20");
}
END_TEST

/* The same calls, too far or too late; and memory that nobody wrote. */
static const struct {
    const char *code;
    const char *said;
} wrongs[] = {
    {"char *p = malloc(4); snprintf(p, 32, \"%s\", \"much too long\");",
     "writes 14 bytes of n1 (4 bytes)"},
    {"char *p = malloc(4); sprintf(p, \"%d\", 12345);",
     "writes 6 bytes of n1 (4 bytes)"},
    {"char *p = malloc(8); free(p); snprintf(p, 8, \"x\");", "use after free"},
    {"char *p = malloc(4); memcpy(p, \"much too long\", 13);", "out of bounds"},
    {"char *p = malloc(4); strcpy(p, \"much too long\");", "out of bounds"},
    {"long *p = malloc(8); assert(*p != 77);", "uninitialised read"},
    {"char **p = malloc(16); assert(strtol(\"12x\", p, 10) == 12);"
     " assert(p[1] != 0);",
     "reads 8 bytes at offset 8 of n1 (16 bytes)"},
};

START_TEST(what_is_wrong_is_told)
{
    put_act(wrongs[_i].code);
    expect_code(1, "$F run --program act.c -n 20");
    expect_text("out.txt", wrongs[_i].said);
}
END_TEST

/* Nobody answers these: they are named when the program is loaded, and nothing
 * runs. */
static const char *const strangers[] = {
    "(void)getline(0, 0, 0)",
    "(void)mkstemp(at)",
    "(void)tmpfile()",
    "pause()",
};

START_TEST(calls_that_are_not_known_are_named)
{
    char said[100];
    put_act(strangers[_i]);
    expect_code(0, "sed -i 's/    return x/; return x/' act.c");
    expect_code(65, "$F run --program act.c");
    const char *name = strangers[_i] + (strangers[_i][0] == '(' ? 6 : 0);
    (void)snprintf(said, sizeof(said), "calls %.*s(), which is not part",
                   (int)strcspn(name, "("), name);
    expect_text("err.txt", said);
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
    {"for (;;) { __asm__ volatile(\"\" ::: \"memory\"); }",
     "its constructors do not end within 10 s"},
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
    tcase_add_loop_test(tcase, what_is_written_is_known, 0,
                        sizeof(writers) / sizeof(writers[0]));
    tcase_add_loop_test(tcase, what_is_wrong_is_told, 0,
                        sizeof(wrongs) / sizeof(wrongs[0]));
    tcase_add_loop_test(tcase, calls_that_are_not_known_are_named, 0,
                        sizeof(strangers) / sizeof(strangers[0]));
    tcase_add_test(tcase, a_loop_without_a_point_is_told);
    tcase_add_loop_test(tcase, a_constructor_that_fails_is_told, 0,
                        sizeof(firsts) / sizeof(firsts[0]));
    tcase_add_test(tcase, the_run_after_a_bad_one_is_as_ever);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
