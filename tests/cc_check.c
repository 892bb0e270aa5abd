/*
 * faultline cc: builds by hand, by Make, CMake and Meson, driven through the
 * wrapper; and the objects that they make.
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

/* A queue that forgets its lock, its object, and a program of the build. */
static void put_queue(void)
{
    put("queue.h", "struct queue;\n"
                   "struct queue *queue_new(void);\n"
                   "void queue_put(struct queue *q, long value);\n"
                   "long queue_take(struct queue *q);\n");
    put("queue.c", "#include \"queue.h\"\n"
                   "#include <pthread.h>\n"
                   "#include <stdlib.h>\n"
                   "struct queue {\n"
                   "    pthread_mutex_t lock;\n"
                   "    int first, count;\n"
                   "    long slots[64];\n"
                   "};\n"
                   "struct queue *queue_new(void)\n"
                   "{\n"
                   "    struct queue *q = calloc(1, sizeof(*q));\n"
                   "    pthread_mutex_init(&q->lock, NULL);\n"
                   "    return q;\n"
                   "}\n"
                   "void queue_put(struct queue *q, long value)\n"
                   "{\n"
                   "    pthread_mutex_lock(&q->lock);\n"
                   "    q->slots[q->count++] = value;\n"
                   "    pthread_mutex_unlock(&q->lock);\n"
                   "}\n"
                   "long queue_take(struct queue *q)\n"
                   "{\n"
                   "    if (q->first == q->count) { return -1; }\n"
                   "    int at = q->first;\n"
                   "    pthread_mutex_lock(&q->lock);\n"
                   "    q->first = at + 1;\n"
                   "    pthread_mutex_unlock(&q->lock);\n"
                   "    return q->slots[at];\n"
                   "}\n");
    put("object.c",
        "#include <faultline/object.h>\n"
        "#include \"queue.h\"\n"
        "static void *make(void) { return queue_new(); }\n"
        "static fl_value put(void *q, const fl_value *a)\n"
        "{\n"
        "    queue_put(q, a[0]);\n"
        "    return FL_NONE;\n"
        "}\n"
        "static fl_value take(void *q, const fl_value *a)\n"
        "{\n"
        "    (void)a;\n"
        "    long value = queue_take(q);\n"
        "    return value < 0 ? FL_NONE : value;\n"
        "}\n"
        "FL_OBJECT = {.name = \"my queue\", .model = \"queue\", .make = make,\n"
        "             .operations = {{\"enqueue\", put}, "
        "{\"dequeue\", take}}};\n");
    put("print.c", "#include \"queue.h\"\n"
                   "#include <stdio.h>\n"
                   "int main(void)\n"
                   "{\n"
                   "    struct queue *q = queue_new();\n"
                   "    queue_put(q, 7);\n"
                   "    printf(\"took %ld\\n\", queue_take(q));\n"
                   "    return 0;\n"
                   "}\n");
}

static void expect_flaw(const char *library)
{
    char line[PATH_MAX];
    (void)snprintf(line, sizeof(line),
                   "$F run --library %s -n 5000 && exit 9; test $? -eq 1",
                   library);
    expect_code(0, line);
    expect_text("out.txt", "my queue, ");
    expect_text("out.txt", "not linearizable");
    expect_text("out.txt", "queue.c:");
    expect_text("out.txt", "object.c:");
}

START_TEST(objects_and_sources_make_a_library)
{
    put_queue();
    expect_code(0, "$F cc -O2 -Wall -Werror -c queue.c -o queue.o && "
                   "$F cc -shared -o both.so queue.o object.c");
    expect_flaw("./both.so");
    expect_code(0, "$F cc -shared -o whole.so queue.c object.c "
                   "-Wl,--no-undefined -D_FORTIFY_SOURCE=2 -flto -O3 "
                   "-fno-plt -fsanitize=address");
    expect_flaw("./whole.so");
    ck_assert_int_eq(shell("ls -d faultline-cc-*"), 2);
}
END_TEST

START_TEST(a_model_and_threads_may_be_said)
{
    put_queue();
    expect_code(0, "$F cc -shared -o q.so queue.c object.c");
    expect_code(1, "$F run --library ./q.so --model fifo_queue --threads 3");
    expect_text("out.txt", "enqueue");
    expect_code(65, "$F run --library ./q.so --model stack");
    expect_text("err.txt", "operation 'enqueue' is none of the model stack");
    expect_text("err.txt", "push");
    expect_code(65, "$F run --library ./q.so --threads none");
    expect_code(65, "$F run --library ./q.so --capacity none");
    expect_code(65, "$F run --library ./nowhere.so");
    expect_text("err.txt", "cannot read './nowhere.so'");
}
END_TEST

START_TEST(a_scenario_names_a_library_beside_it)
{
    put_queue();
    put("q.yaml", "scenario: 1\n"
                  "name: q\n"
                  "system: { kind: threads, library: ./q.so, threads: 2, "
                  "races: explore }\n"
                  "workload: { program: [[enqueue 1], "
                  "[dequeue, dequeue]] }\n");
    expect_code(0, "$F cc -shared -o q.so queue.c object.c && "
                   "mkdir other && mv q.so q.yaml other");
    expect_code(0, "$F run other/q.yaml; test $? -le 1");
    expect_code(65, "sed -i 's/enqueue 1/enqueued 1/' other/q.yaml; "
                    "$F run other/q.yaml");
    expect_text("err.txt", "did you mean 'enqueue'");
    expect_code(65, "sed -i 's/library: .*so,/library: a.so, algorithm: b,/' "
                    "other/q.yaml; $F run other/q.yaml");
    expect_text("err.txt", "both say what runs");
}
END_TEST

START_TEST(questions_and_probes_are_answered)
{
    put_queue();
    expect_code(0, "$F cc --version >a; gcc --version >b; cmp a b");
    expect_code(0, "$F cc -E -P queue.h >a; gcc -E -P queue.h >b; cmp a b");
    expect_code(0, "$F cc -MM queue.c >a; gcc -MM queue.c >b; cmp a b");
    expect_code(0, "echo 'int main(void) { return 0; }' | "
                   "$F cc -x c - -o probe && ./probe");
    expect_code(0, "$F cc -c queue.c && $F cc -c print.c && "
                   "$F cc -o print print.o queue.o -pthread && ./print");
    expect_text("out.txt", "took 7");
    expect_code(0, "$F cc -o direct print.c queue.c && ./direct");
    expect_text("out.txt", "took 7");
    expect_code(1, "echo 'int main(void) { return x; }' >bad.c; "
                   "$F cc -c bad.c");
    expect_text("err.txt", "bad.c:1:");
    expect_code(1, "$F cc -shared -o bad.so bad.c");
    ck_assert_int_ne(shell("test -e bad.so"), 0);
    expect_code(127, "FAULTLINE_CC=no-such-compiler $F cc -c queue.c");
}
END_TEST

START_TEST(the_names_of_one_word_do_the_same)
{
    put_queue();
    expect_code(0, "\"$(dirname $F)/faultline-cc\" -shared -o q.so queue.c "
                   "object.c && nm -D q.so | grep -q fl_sim_table");
    expect_code(0, "echo 'int f() { return 1; }' >f.cpp && "
                   "\"$(dirname $F)/faultline-c++\" -c f.cpp");
}
END_TEST

START_TEST(atomics_work_natively)
{
    put("atomics.c",
        "#include <assert.h>\n"
        "#include <stdatomic.h>\n"
        "struct pair { _Atomic char a; _Atomic short b; _Atomic int c;\n"
        "              _Atomic long d; };\n"
        "static struct pair p;\n"
        "static __int128 wide;\n"
        "int atomics(void);\n"
        "int atomics(void)\n"
        "{\n"
        "    long seen = 3;\n"
        "    p.a++; p.b += 2; p.c |= 4; atomic_store(&p.d, 3);\n"
        "    assert(atomic_compare_exchange_strong(&p.d, &seen, 9));\n"
        "    assert(!atomic_compare_exchange_strong(&p.d, &seen, 1));\n"
        "    assert(seen == 9 && atomic_exchange(&p.c, 1) == 4);\n"
        "    assert(atomic_fetch_sub(&p.b, 1) == 2 && p.a == 1);\n"
        "    __int128 at = 0;\n"
        "    assert(__atomic_compare_exchange_n(&wide, &at,\n"
        "           (__int128)5 << 64, 0, 5, 5));\n"
        "    assert(__atomic_load_n(&wide, 5) >> 64 == 5);\n"
        "    atomic_thread_fence(memory_order_seq_cst);\n"
        "    return 0;\n"
        "}\n");
    put("main.c", "int atomics(void);\nint main(void) { return atomics(); }\n");
    expect_code(0, "$F cc -c atomics.c -o a.o && $F cc -c main.c -o m.o && "
                   "$F cc -o run a.o m.o && ./run");
    if (shell("clang --version") == 0) {
        expect_code(0, "export FAULTLINE_CC=clang; $F cc -c atomics.c -o a.o "
                       "&& $F cc -o run a.o main.c && ./run");
    }
}
END_TEST

/* A build has libraries that are no plug-ins, and programs that use them; what
 * an object has in such a library is not in the simulated world. */
START_TEST(other_libraries_of_the_build_work_natively)
{
    put_queue();
    expect_code(0, "$F cc -O2 -fPIC -c queue.c -o queue.o && "
                   "$F cc -shared -Wl,--no-undefined -o libq.so queue.o && "
                   "$F cc print.c -o print -L. -lq -Wl,-rpath,. && ./print");
    expect_text("out.txt", "took 7");
    expect_code(0, "$F cc -shared -o mine.so object.c -L. -lq -Wl,-rpath,.");
    expect_code(65, "$F run --library ./mine.so");
    expect_text("err.txt", "queue_put()");
    expect_text("err.txt", ", which is not defined in it");
    expect_text("err.txt", "compile and link its source, too");
    expect_code(0, "ar rcs libq.a queue.o && "
                   "$F cc -shared -o mine.so object.c libq.a");
    expect_flaw("./mine.so");
}
END_TEST

START_TEST(make_builds_through_the_wrapper)
{
    put_queue();
    put("Makefile", "all: print queue.so\n"
                    "CFLAGS = -O2 -g -fPIC\n"
                    "print: print.o queue.o\n"
                    "\t$(CC) $(LDFLAGS) -o $@ $^\n"
                    "queue.so: queue.o object.o\n"
                    "\t$(CC) -shared -o $@ $^\n");
    expect_code(0, "unset MAKEFLAGS MAKELEVEL; make CC=\"$F cc\" && ./print");
    expect_flaw("./queue.so");
}
END_TEST

START_TEST(cmake_builds_through_the_wrapper)
{
    put_queue();
    put("CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.13)\n"
        "project(queue C)\n"
        "find_package(Threads REQUIRED)\n"
        "add_library(queue STATIC queue.c)\n"
        "set_target_properties(queue PROPERTIES "
        "POSITION_INDEPENDENT_CODE ON)\n"
        "add_library(tested MODULE object.c)\n"
        "target_link_libraries(tested queue Threads::Threads)\n"
        "add_executable(print print.c)\n"
        "target_link_libraries(print queue Threads::Threads)\n");
    expect_code(0, "CC=\"$F cc\" cmake -S . -B made -DCMAKE_BUILD_TYPE=Release "
                   "&& cmake --build made && made/print");
    expect_text("out.txt", "took 7");
    expect_flaw("made/libtested.so");
    expect_code(0, "rm -rf made; cmake -S . -B made "
                   "-DCMAKE_C_COMPILER=\"$(dirname $F)/faultline-cc\" "
                   "&& cmake --build made");
    expect_flaw("made/libtested.so");
}
END_TEST

START_TEST(meson_builds_through_the_wrapper)
{
    put_queue();
    put("meson.build", "project('queue', 'c')\n"
                       "threads = dependency('threads')\n"
                       "queue = static_library('queue', 'queue.c', pic: true)\n"
                       "shared_module('tested', 'object.c', link_with: queue,\n"
                       "              dependencies: threads)\n"
                       "executable('print', 'print.c', link_with: queue,\n"
                       "           dependencies: threads)\n");
    expect_code(0, "CC=\"$F cc\" meson setup made && meson compile -C made && "
                   "made/print");
    expect_text("out.txt", "took 7");
    expect_flaw("made/libtested.so");
}
END_TEST

/* The files of the first page, compiled and run as it says. */
START_TEST(twelve_lines_fail_within_two_seconds)
{
    expect_code(0, "awk '/^```c$/ { getline; name = $2; next }\n"
                   "/^```$/ { name = \"\" }\n"
                   "name ~ /^ring/ { print >name }' $R/README.md");
    ck_assert_int_eq(shell("test $(wc -l <ring_test.c) -le 12"), 0);
    expect_code(1, "$F cc -shared -o ring.so ring.c ring_test.c && "
                   "timeout 2 $F run --library ./ring.so");
    expect_text("out.txt", "FAIL  ring   not linearizable");
    expect_text("out.txt", "ring.c:");
}
END_TEST

/* Adds the case if `tool` is there, else says that it is skipped. */
static void add_build(TCase *tcase, const char *tool, const TTest *test)
{
    char line[100];
    (void)snprintf(line, sizeof(line), "command -v %s >/dev/null", tool);
    if (system(line) == 0) {
        tcase_add_test(tcase, test);
    } else {
        printf("# SKIP builds by %s: it is not installed\n", tool);
    }
}

int main(void)
{
    Suite *suite = suite_create("cc");
    TCase *tcase = tcase_create("wrapper");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_test(tcase, objects_and_sources_make_a_library);
    tcase_add_test(tcase, a_model_and_threads_may_be_said);
    tcase_add_test(tcase, a_scenario_names_a_library_beside_it);
    tcase_add_test(tcase, questions_and_probes_are_answered);
    tcase_add_test(tcase, the_names_of_one_word_do_the_same);
    tcase_add_test(tcase, other_libraries_of_the_build_work_natively);
    tcase_add_test(tcase, atomics_work_natively);
    tcase_add_test(tcase, twelve_lines_fail_within_two_seconds);
    add_build(tcase, "make", make_builds_through_the_wrapper);
    add_build(tcase, "cmake", cmake_builds_through_the_wrapper);
    add_build(tcase, "meson", meson_builds_through_the_wrapper);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
