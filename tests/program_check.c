/*
 * Programs with a main(), run as they are by the command line.
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

static const char counter[] =
    "#include <assert.h>\n"
    "#include <pthread.h>\n"
    "#include <stdatomic.h>\n"
    "#include \"start.h\"\n"
    "static atomic_int count = START;\n"
    "static void *add(void *x)\n"
    "{\n"
    "    atomic_store(&count, atomic_load(&count) + 1);\n"
    "    return x;\n"
    "}\n"
    "int main(int argc, char **argv)\n"
    "{\n"
    "    pthread_t t;\n"
    "    pthread_create(&t, 0, add, 0);\n"
    "    add(0);\n"
    "    pthread_join(t, 0);\n"
    "    if (argc > 1) { return argv[1][0] - '0'; }\n"
    "    assert(count == START + 2);\n"
    "}\n";

static void put_counter(void)
{
    put("counter.c", counter);
    put("start.h", "#ifndef START\n#define START 0\n#endif\n");
}

START_TEST(an_assertion_that_fails_is_told_and_kept)
{
    put_counter();
    expect_code(1, "$F run --program counter.c --define START=5");
    expect_text("out.txt", "FAIL  counter-START-5   assertion failed");
    expect_text("out.txt", "counter.c, START=5");
    expect_text("out.txt", "counter.c:18: assertion failed: count == START");
    expect_text("out.txt", "faultline replay out/counter-START-5/");
    expect_code(1, "$F replay out/*/*/trace.json --times 100");
    expect_text("out.txt", "identical 100 of 100   assertion failed");
    ck_assert_str_eq(content("err.txt"), "");
    ck_assert_int_eq(shell("ls -d faultline-* 2>/dev/null"), 2);
}
END_TEST

START_TEST(a_program_that_changed_is_named)
{
    put_counter();
    expect_code(1, "$F run -q --program counter.c");
    expect_code(0, "echo '/* other */' >>start.h");
    expect_code(1, "$F replay out/*/*/trace.json");
    expect_text("err.txt", "stale: counter.c is not what it was");
    expect_code(3, "sed -i 's/count, atomic_load(&count) + 1/count, 2/;"
                   "s/= START;/= 0;/' counter.c\n"
                   "$F replay out/*/*/trace.json");
    expect_text("err.txt", "stale: counter.c is not what it was");
    expect_code(65, "rm counter.c; $F replay out/*/*/trace.json");
    expect_text("err.txt", "cannot read 'counter.c'");
}
END_TEST

START_TEST(what_main_returns_is_a_verdict)
{
    put_counter();
    expect_code(0, "$F run --program counter.c --argument 0 -n 100");
    expect_code(1, "$F run --program counter.c --argument 3 -n 100");
    expect_text("out.txt", "main() returned 3");
}
END_TEST

/* Virtual time ends before main() does: that is no pass. */
START_TEST(a_program_cut_off_is_not_passed)
{
    put("sleeps.c", "#include <assert.h>\n"
                    "#include <unistd.h>\n"
                    "int main(void) { sleep(SECONDS); assert(0); }\n");
    expect_code(1, "$F run --program sleeps.c -D SECONDS=50 -n 10");
    expect_code(2, "$F run --program sleeps.c -D SECONDS=3600 -n 10");
    expect_text("out.txt", "inconclusive");
}
END_TEST

START_TEST(exit_ends_a_program_in_order)
{
    put("exits.c", "#include <stdlib.h>\n"
                   "int main(int n, char **v)\n"
                   "{\n"
                   "    (void)v;\n"
                   "    exit(n - 1);\n"
                   "}\n");
    expect_code(0, "$F run --program exits.c -n 10");
    expect_code(1, "$F run --program exits.c -n 10 --argument x");
    expect_text("out.txt", "exit(1) was called");
}
END_TEST

START_TEST(the_first_thread_may_leave_before_the_others)
{
    put("leaves.c", "#include <assert.h>\n"
                    "#include <pthread.h>\n"
                    "#include <stdatomic.h>\n"
                    "static atomic_int done;\n"
                    "static void *last(void *x)\n"
                    "{\n"
                    "    int n = atomic_load(&done);\n"
                    "    assert(n == WANTED);\n"
                    "    return x;\n"
                    "}\n"
                    "int main(void)\n"
                    "{\n"
                    "    pthread_t t;\n"
                    "    pthread_create(&t, 0, last, 0);\n"
                    "    atomic_store(&done, 1);\n"
                    "    pthread_exit(0);\n"
                    "}\n");
    expect_code(1, "$F run --program leaves.c -D WANTED=0");
    expect_text("out.txt", "assertion failed: n == WANTED");
    expect_code(1, "$F run --program leaves.c -D WANTED=1");
    expect_text("out.txt", "assertion failed: n == WANTED");
}
END_TEST

START_TEST(several_files_and_objects_make_a_program)
{
    put_counter();
    put("other.c", "extern int unused;\nint unused = 1;\n");
    expect_code(
        1, "sed -i 's/int main(/int real_main(/; s/+ 2);/+ 2); return 0;/' "
           "counter.c\n"
           "cp counter.c 'first part.c'\n"
           "echo 'int real_main(int, char **);"
           " int main(int n, char **v) { return real_main(n, v); }'"
           " >main.c\n"
           "$F run --program 'first part.c' --program main.c "
           "--program other.c");
    expect_text("out.txt", "assertion failed");
    expect_code(65, "gcc -c other.c && $F run --program main.c "
                    "--program other.o");
    expect_text("err.txt", "'other.o' was not instrumented");
    expect_code(1, "gcc -fPIC -fsanitize=thread -c counter.c && "
                   "$F run --program main.c --program counter.o");
}
END_TEST

START_TEST(globals_are_as_at_the_start_in_each_run)
{
    put("globals.c", "#include <assert.h>\n"
                     "static int runs = 41;\n"
                     "static _Thread_local int mine = 7;\n"
                     "__attribute__((constructor)) static void first(void)\n"
                     "{\n"
                     "    runs++;\n"
                     "}\n"
                     "int main(void)\n"
                     "{\n"
                     "    assert(runs++ == 42);\n"
                     "    assert(mine++ == 7);\n"
                     "}\n");
    expect_code(0, "$F run --program globals.c -n 100");
}
END_TEST

/* One thread stores so often in so many places; another looks. */
static const char stores[] =
    "#include <pthread.h>\n"
    "#include <stdatomic.h>\n"
    "static atomic_int a[PLACES];\n"
    "static void *write_all(void *x)\n"
    "{\n"
    "    for (int i = 0; i < TIMES; i++) {\n"
    "        atomic_store_explicit(&a[i % PLACES], i, memory_order_relaxed);\n"
    "    }\n"
    "    return x;\n"
    "}\n"
    "int main(void)\n"
    "{\n"
    "    pthread_t t;\n"
    "    pthread_create(&t, 0, write_all, 0);\n"
    "    (void)atomic_load_explicit(&a[0], memory_order_relaxed);\n"
    "    pthread_join(t, 0);\n"
    "}\n";

START_TEST(what_a_memory_model_leaves_out_is_told)
{
    put("stores.c", stores);
    expect_code(0, "$F run -n 50 --memory c11 --program stores.c"
                   " --define PLACES=1 --define TIMES=15");
    ck_assert_int_ne(shell("grep warning out.txt"), 0);
    expect_code(0, "$F run -n 50 --memory c11 --program stores.c"
                   " --define PLACES=1 --define TIMES=20");
    expect_text("out.txt", "warning: some loads could not read all the stores");
    expect_code(0, "$F run -n 50 --memory tso --program stores.c"
                   " --define PLACES=1 --define TIMES=20");
    ck_assert_int_ne(shell("grep warning out.txt"), 0);
    expect_code(0, "$F run -n 50 --memory c11 --program stores.c"
                   " --define PLACES=600 --define TIMES=600");
    expect_text("out.txt", "warning: some loads could read nothing but the");
}
END_TEST

START_TEST(bad_programs_are_refused)
{
    expect_code(65, "echo 'int main(void) { return 0 }' >a.c; "
                    "$F run --program a.c");
    expect_text("err.txt", "a.c:1:");
    expect_text("err.txt", "'a.c' does not compile");
    expect_code(65, "echo 'int other(void) { return 0; }' >a.c; "
                    "$F run --program a.c");
    expect_text("err.txt", "a.c: error: has no main()");
    expect_code(65, "echo 'int gone(void); int main(void) { return gone(); }' "
                    ">a.c; $F run --program a.c");
    expect_text("err.txt", "a.c: error: calls gone()");
    expect_code(65, "$F run --program nowhere.c");
    expect_text("err.txt", "cannot read 'nowhere.c'");
    expect_code(65, "$F run --program a.c --compiler no-such-cc");
    expect_text("err.txt", "there is no compiler 'no-such-cc'");
    expect_code(64, "$F run --program a.c b.yaml");
}
END_TEST

/* Nobody has to know that its accesses are plain. */
START_TEST(a_lost_update_of_a_plain_variable_is_found)
{
    put("plain.c", "#include <assert.h>\n"
                   "#include <pthread.h>\n"
                   "static int count;\n"
                   "static void *add(void *x) { count++; return x; }\n"
                   "int main(void)\n"
                   "{\n"
                   "    pthread_t t;\n"
                   "    pthread_create(&t, 0, add, 0);\n"
                   "    add(0);\n"
                   "    pthread_join(t, 0);\n"
                   "    assert(count == 2);\n"
                   "}\n");
    put("plain.yaml", "scenario: 1\nname: plain\n"
                      "system: { kind: threads, program: plain.c }\n"
                      "run: { seeds: 1..1000 }\n");
    expect_code(1, "$F run --program plain.c");
    expect_text("out.txt", "data race");
    expect_text("out.txt", "of count at plain.c:4 is not ordered after");
    expect_code(1, "$F run --program plain.c --strategy exhaustive");
    expect_text("out.txt", "data race");
    expect_code(1, "$F run plain.yaml");
    expect_text("out.txt", "data race");
    expect_code(1, "$F run --program plain.c --races explore");
    expect_text("out.txt", "plain.c:11: assertion failed: count == 2");
    expect_code(1, "$F run --program plain.c --memory c11");
    expect_text("out.txt", "data race");
    expect_code(0, "$F run --program plain.c --races off");
}
END_TEST

/* What README.md of the data says of each case under sc. */
START_TEST(the_known_programs_do_as_is_known)
{
    char path[PATH_MAX];
    if (!check_tap_shared(path, sizeof(path), "data/programs/cases.c")) {
        return; /* said in main() */
    }
    char line[PATH_MAX + 100];
    for (int number = 1; number <= 6; number++) {
        bool wrong = number == 3;
        if (number == 4) {
            continue; /* a race of plain data: not a matter of schedules */
        }
        (void)snprintf(line, sizeof(line),
                       "$F run --program %s -D CASE=%d -n 3000", path, number);
        expect_code(wrong ? 1 : 0, line);
        if (wrong) {
            expect_text("out.txt", "assertion failed: n != held[0]");
            expect_code(1, "$F replay out/*/*/trace.json --times 100");
            expect_text("out.txt", "identical 100 of 100");
        }
    }
}
END_TEST

/* All executions: as many as two other checkers count. */
START_TEST(all_executions_are_counted)
{
    static const struct {
        int number;
        const char *memory;
        const char *count;
    } counts[] = {
        {1, "sc", "in all 222 executions of this program"},
        {1, "c11", "in all 222 executions of this program"},
        {2, "sc", "in all 188 executions of this program"},
        {2, "c11", "in all 188 executions of this program"},
    };
    char path[PATH_MAX];
    char line[PATH_MAX + 100];
    ck_assert(check_tap_shared(path, sizeof(path), "data/programs/cases.c"));
    (void)snprintf(line, sizeof(line),
                   "$F run --program %s -D CASE=%d --strategy exhaustive "
                   "--memory %s",
                   path, counts[_i].number, counts[_i].memory);
    expect_code(0, line);
    expect_text("out.txt", counts[_i].count);
}
END_TEST

/* Mistakes, under the model that allows what they lead to, and under the one
 * that does not; by samples and by exhaustion. */
START_TEST(planted_mistakes_are_found)
{
    static const struct {
        const char *define;
        const char *memory;
        const char *said; /* NULL: nothing is wrong */
    } cases[] = {
        {"-D CASE=3", "sc", "assertion failed"},
        {"-D CASE=3", "c11", "assertion failed"},
        {"-D CASE=4", "c11", "data race"},
        {"-D CASE=4", "sc", NULL},
        {"-D CASE=4", "sc --races report", "data race"},
        {"-D CASE=1 -D MSQ_BUG=1", "c11", "data race"},
        {"-D CASE=2 -D MSQ_BUG=1", "c11", "data race"},
        {"-D CASE=1 -D MSQ_BUG=1", "sc", NULL},
        {"-D CASE=1 -D MSQ_BUG=1", "sc --races report", "data race"},
        {"-D CASE=1 -D MSQ_BUG=2", "c11", "assertion failed"},
        {"-D CASE=2 -D MSQ_BUG=2", "c11", "assertion failed"},
        {"-D CASE=2 -D MSQ_BUG=2", "sc", NULL},
    };
    char path[PATH_MAX];
    char line[PATH_MAX + 200];
    ck_assert(check_tap_shared(path, sizeof(path), "data/programs/cases.c"));
    for (int way = 0; way < 2; way++) {
        (void)snprintf(line, sizeof(line),
                       "$F run --program %s %s --memory %s%s", path,
                       cases[_i].define, cases[_i].memory,
                       way == 0 ? "" : " --strategy exhaustive");
        expect_code(cases[_i].said == NULL ? 0 : 1, line);
        if (cases[_i].said != NULL) {
            expect_text("out.txt", cases[_i].said);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("program");
    TCase *tcase = tcase_create("programs");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_test(tcase, an_assertion_that_fails_is_told_and_kept);
    tcase_add_test(tcase, a_program_that_changed_is_named);
    tcase_add_test(tcase, what_main_returns_is_a_verdict);
    tcase_add_test(tcase, exit_ends_a_program_in_order);
    tcase_add_test(tcase, a_program_cut_off_is_not_passed);
    tcase_add_test(tcase, the_first_thread_may_leave_before_the_others);
    tcase_add_test(tcase, several_files_and_objects_make_a_program);
    tcase_add_test(tcase, globals_are_as_at_the_start_in_each_run);
    tcase_add_test(tcase, what_a_memory_model_leaves_out_is_told);
    tcase_add_test(tcase, bad_programs_are_refused);
    tcase_add_test(tcase, a_lost_update_of_a_plain_variable_is_found);
    char path[PATH_MAX];
    if (check_tap_shared(path, sizeof(path), "data/programs/cases.c")) {
        tcase_add_test(tcase, the_known_programs_do_as_is_known);
        tcase_add_loop_test(tcase, all_executions_are_counted, 0, 4);
        tcase_add_loop_test(tcase, planted_mistakes_are_found, 0, 12);
    } else {
        printf("# SKIP the known programs: no data/programs/cases.c\n");
    }
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
