/*
 * Where the simulated world ends: what a machine would have had room for is no
 * violation, and what is refused is named with its place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

/* p.c: these functions and a main() that does this. */
static void put(const char *functions, const char *does)
{
    FILE *file = fopen("p.c", "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file,
            "#include <assert.h>\n#include <pthread.h>\n#include <stdio.h>\n"
            "#include <stdlib.h>\n#include <string.h>\n%s\n"
            "int main(void)\n{\n    pthread_t t[100];\n    (void)t;\n"
            "    %s\n    return 0;\n}\n",
            functions, does);
    ck_assert_int_eq(fclose(file), 0);
}

#define NOTHING "static void *nothing(void *x) { return x; }"

START_TEST(more_threads_than_there_is_room_for_are_no_violation)
{
    put(NOTHING, "for (int i = 0; i < 100; i++) { "
                 "assert(pthread_create(&t[i], 0, nothing, 0) == 0); }");
    expect_code(2, "$F run --program p.c -n 20");
    expect_text("out.txt", "more than is simulated: T0 makes a thread, and 64");
    expect_code(2, "$F replay out/p/found-1/original.trace.json");
    expect_text("out.txt", "open  p   more than is simulated");
    expect_text("out.txt", "replay out/p/found-1/original.trace.json");
    put(NOTHING, "for (int i = 0; i < 60; i++) { "
                 "assert(pthread_create(&t[i], 0, nothing, 0) == 0); }");
    expect_code(0, "$F run --program p.c -n 20");
}
END_TEST

START_TEST(more_memory_than_there_is_room_for_is_no_violation)
{
    put("", "for (int i = 0; i < 3; i++) { assert(malloc(30000000) != 0); }");
    expect_code(2, "$F run --program p.c -n 20");
    expect_text("out.txt", "30000000 bytes are allocated, and the 64 MiB");
    put("", "volatile size_t huge = (size_t)1 << 50; "
            "assert(malloc(huge) == 0);");
    expect_code(0, "$F run --program p.c -n 20");
}
END_TEST

/* A frame that reaches over the guard, and over the next stack as well, meets
 * the guard all the same. */
START_TEST(large_frames_touch_no_other_stack)
{
    put("static int deep(void)\n{\n    volatile char room[150000];\n"
        "    room[0] = 1;\n    return room[0];\n}\n"
        "static void *dig(void *x) { return deep() == 1 ? x : 0; }",
        "for (int i = 0; i < 6; i++) { pthread_create(&t[i], 0, dig, 0); } "
        "for (int i = 0; i < 6; i++) { pthread_join(t[i], 0); }");
    expect_code(1, "$F run --program p.c -n 20 --no-shrink");
    expect_text("out.txt", "is exhausted");
    expect_text("out.txt", "give it more: `system: { stack: 1MiB }`");
    expect_code(0, "$F run --program p.c -n 20 --stack 256KiB");
    expect_code(65, "$F run --program p.c -n 20 --stack little");
}
END_TEST

/* Who waits before its first step is told, and for whom. */
START_TEST(who_waits_for_an_end_is_told)
{
    put("static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;\n"
        "static void *lock(void *x)\n{\n    pthread_mutex_lock(&m);\n"
        "    pthread_mutex_unlock(&m);\n    return x;\n}",
        "pthread_mutex_lock(&m); pthread_create(&t[0], 0, lock, 0); "
        "pthread_join(t[0], 0); pthread_mutex_unlock(&m);");
    expect_code(1, "$F run --program p.c -n 20");
    expect_text("out.txt", "T0 waits for T1, and T1 for T0");
    expect_text("out.txt", "T0 main() waits for T1 to end (p.c:17).");
    expect_text("out.txt", "T1 waits for the mutex m (p.c:9), which T0 holds.");
}
END_TEST

START_TEST(what_is_refused_has_a_place_and_no_other)
{
    put("", "FILE *f = fopen(\"x\", \"r\"); return f == 0;");
    expect_code(1, "$F run --program p.c -n 20");
    expect_text("out.txt", "fopen() is not part of the simulated world");
    expect_text("out.txt", "#0 main  p.c:11");
    ck_assert_ptr_null(strstr(content("out.txt"), "main.c"));
    put("int nowhere(void);", "return nowhere() + (tmpfile() != 0);");
    expect_code(65, "$F run --program p.c -n 20");
    expect_text("err.txt", "calls nowhere(), which is not defined in it");
    expect_text("err.txt", "calls tmpfile(), which is not part of the");
}
END_TEST

/* A flag that is no atomic: a loop that waits for it has a point where its
 * accesses are points. */
START_TEST(plain_accesses_may_be_points)
{
    put("static volatile int flag;\n"
        "static void *set(void *x) { flag = 1; return x; }",
        "pthread_create(&t[0], 0, set, 0); while (flag == 0) {} "
        "pthread_join(t[0], 0);");
    expect_code(0, "$F run --program p.c -n 200 --races explore");
    put("static int number;\n"
        "static void *add(void *x) { number++; return x; }",
        "pthread_create(&t[0], 0, add, 0); add(0); pthread_join(t[0], 0); "
        "assert(number == 2);");
    expect_code(0, "$F run --program p.c -n 50 --races off");
    expect_code(1, "$F run --program p.c -n 50 --races explore");
    expect_text("out.txt", "assertion failed: number == 2");
    expect_code(1, "$F replay out/*/*/trace.json");
    expect_code(1, "$F run --program p.c -n 50 --races report");
    expect_text("out.txt", "data race");
    expect_code(65, "$F run --program p.c -n 50 --races some");
}
END_TEST

/* Two that try, let go and try again, in step: a livelock only for who names a
 * property. */
START_TEST(progress_may_not_be_asked_for)
{
    put("static pthread_mutex_t m[2] = {PTHREAD_MUTEX_INITIALIZER, "
        "PTHREAD_MUTEX_INITIALIZER};\n"
        "static void both(int first)\n{\n    for (;;) {\n"
        "        pthread_mutex_lock(&m[first]);\n"
        "        if (pthread_mutex_trylock(&m[1 - first]) == 0) { break; }\n"
        "        pthread_mutex_unlock(&m[first]);\n    }\n"
        "    pthread_mutex_unlock(&m[0]);\n"
        "    pthread_mutex_unlock(&m[1]);\n}\n"
        "static void *other(void *x) { both(1); return x; }",
        "pthread_create(&t[0], 0, other, 0); both(0); pthread_join(t[0], 0);");
    expect_code(0, "$F run --program p.c");
    expect_text("out.txt", "in step, for ever");
    expect_code(1, "$F run --program p.c --progress deadlock_free");
    expect_text("out.txt", "livelock");
    expect_code(0, "$F run --program p.c --progress none -n 500");
    expect_code(65, "$F run --program p.c --progress some");
}
END_TEST

/* Where a race is a verdict, it is one of an object, too. */
START_TEST(races_of_an_object_are_told)
{
    FILE *file = fopen("o.c", "w");
    ck_assert_ptr_nonnull(file);
    fputs("#include <faultline/object.h>\n"
          "static fl_value number = FL_NONE;\n"
          "static void *make(void) { return &number; }\n"
          "static fl_value get(void *o, const fl_value *a)\n"
          "{ return (void)a, *(fl_value *)o; }\n"
          "static fl_value set(void *o, const fl_value *a)\n"
          "{ *(fl_value *)o = a[0]; return FL_NONE; }\n"
          "FL_OBJECT = {.name = \"box\", .model = \"register\",\n"
          ".make = make, .operations = {{\"read\", get}, "
          "{\"write\", set}}};\n",
          file);
    ck_assert_int_eq(fclose(file), 0);
    expect_code(0, "$F cc -shared -o o.so o.c");
    expect_code(0, "$F run --library ./o.so -n 200");
    expect_code(1, "$F run --library ./o.so -n 200 --memory c11");
    expect_text("out.txt", "data race");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("limits");
    TCase *tcase = tcase_create("programs");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_test(tcase, more_threads_than_there_is_room_for_are_no_violation);
    tcase_add_test(tcase, more_memory_than_there_is_room_for_is_no_violation);
    tcase_add_test(tcase, large_frames_touch_no_other_stack);
    tcase_add_test(tcase, who_waits_for_an_end_is_told);
    tcase_add_test(tcase, what_is_refused_has_a_place_and_no_other);
    tcase_add_test(tcase, plain_accesses_may_be_points);
    tcase_add_test(tcase, progress_may_not_be_asked_for);
    tcase_add_test(tcase, races_of_an_object_are_told);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
