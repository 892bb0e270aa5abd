/*
 * Operations that are one client's: nobody else ever calls them, neither where
 * calls are drawn nor in a run made small.  What cannot be is refused, as are
 * leaks where nothing is freed.
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

/* A ring of one slot whose reader does not look whether anything is in it;
 * each operation asserts whose thread it is on. */
static void put_ring(void)
{
    put("ring.c",
        "#include <faultline/object.h>\n"
        "#include <assert.h>\n"
        "#include <pthread.h>\n"
        "#include <stdatomic.h>\n"
        "static _Atomic long slot;\n"
        "static _Atomic unsigned long writer, reader;\n"
        "static void *make(void) { return &slot; }\n"
        "static void claim(_Atomic unsigned long *role)\n"
        "{\n"
        "    unsigned long none = 0, me = pthread_self();\n"
        "    assert(atomic_compare_exchange_strong(role, &none, me) ||\n"
        "           none == me);\n"
        "}\n"
        "static fl_value put(void *r, const fl_value *a)\n"
        "{\n"
        "    (void)r;\n"
        "    claim(&writer);\n"
        "    if (slot != 0) { return 0; }\n"
        "    slot = a[0];\n"
        "    return 1;\n"
        "}\n"
        "static fl_value take(void *r, const fl_value *a)\n"
        "{\n"
        "    (void)r, (void)a;\n"
        "    claim(&reader);\n"
        "    long value = slot;\n"
        "    if (value != 0) { slot = 0; }\n"
        "    return value == 0 && WRONG ? 77 : value == 0 ? FL_NONE : value;\n"
        "}\n"
        "FL_OBJECT = {.name = \"ring\", .model = \"ring\", .make = make,\n"
        "             .operations = {{\"enqueue\", put, .only = 1},\n"
        "                            {\"dequeue\", take, .only = 2}}};\n");
}

static void expect_ring(int code, const char *rest)
{
    char text[1000];
    (void)snprintf(text, sizeof(text),
                   "scenario: 1\nname: r\nsystem: { kind: threads, library: "
                   "./ring.so, threads: %s\ncheck: { capacity: 1 }\n",
                   rest);
    put("r.yaml", text);
    expect_code(code, "$F run -n 2000 r.yaml");
}

START_TEST(each_client_keeps_to_its_own)
{
    put_ring();
    expect_code(0, "$F cc -DWRONG=0 -shared -o ring.so ring.c");
    expect_ring(0, "2 }");
    expect_text("out.txt", "not violated in 2000 schedules");
    expect_code(65, "$F run --library ./ring.so --threads 3 --capacity 1");
    expect_text("err.txt", "client 3 may call no operation");
    expect_text("err.txt", "write threads: 2");
    expect_ring(65, "2 }\nworkload: { mix: { dequeue: 1 } }");
    expect_text("err.txt", "client 1 may call no operation of the mix");
    expect_ring(65, "2 }\nworkload: { program: [[enqueue 1, dequeue], "
                    "[dequeue]] }");
    expect_text("err.txt", "r.yaml:4:35: error: dequeue is for client 2 only");
    expect_text("err.txt", "this is the program of client 1");
    expect_ring(0, "2 }\nworkload: { program: [[enqueue 1], [dequeue]] }");
}
END_TEST

/* The reader fails without any help: its writer has nothing left to do, and
 * the reader is still the second client. */
START_TEST(small_runs_keep_their_clients)
{
    put_ring();
    expect_code(0, "$F cc -DWRONG=1 -shared -o ring.so ring.c");
    expect_ring(1, "2 }");
    expect_text("out.txt", "-> 1 operations");
    expect_text("out.txt", "Next, T1 dequeue() must return empty");
}
END_TEST

/* What is asked for and cannot be is said, not left out. */
START_TEST(leaks_want_an_object_that_frees)
{
    put("cell.c",
        "#include <faultline/object.h>\n"
        "#include <stdlib.h>\n"
        "struct cell { _Atomic(long *) now; };\n"
        "static void *make(void) { return calloc(1, sizeof(struct cell)); }\n"
        "static fl_value put(void *c, const fl_value *a)\n"
        "{\n"
        "    long *next = malloc(sizeof(*next));\n"
        "    *next = a[0];\n"
        "    ((struct cell *)c)->now = next; /* the old one is lost */\n"
        "    return FL_NONE;\n"
        "}\n"
        "static void unmake(void *c)\n"
        "{\n"
        "    free(((struct cell *)c)->now);\n"
        "    free(c);\n"
        "}\n"
        "FL_OBJECT = {.name = \"cell\", .model = \"register\", .make = make,\n"
        "             .operations = {{\"write\", put}}, .unmake = UNMAKE};\n");
    expect_code(0, "$F cc -DUNMAKE=unmake -shared -o cell.so cell.c");
    expect_code(1, "$F run --library ./cell.so --leaks report --threads 1 "
                   "--operations 2");
    expect_text("out.txt", "1 block (8 bytes) lost");
    expect_code(0, "$F run --library ./cell.so --leaks report --threads 1 "
                   "--operations 1 -n 10");
    expect_code(0, "$F cc -DUNMAKE=0 -shared -o cell.so cell.c");
    expect_code(65, "$F run --library ./cell.so --leaks report");
    expect_text("err.txt", ".unmake = ...");
    put("main.c", "int main(void) { return 0; }\n");
    expect_code(65, "$F run --program main.c --leaks report");
    expect_text("err.txt", "leaks of a program are not looked for");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("roles");
    TCase *tcase = tcase_create("roles");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_test(tcase, each_client_keeps_to_its_own);
    tcase_add_test(tcase, small_runs_keep_their_clients);
    tcase_add_test(tcase, leaks_want_an_object_that_frees);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
