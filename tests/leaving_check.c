/*
 * Threads that end from within: what runs on their way out, and what searches
 * find of the moment at which they are cancelled.
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

/* Cancelling comes before the semaphore is taken, or after; an order of the
 * loads and stores of `x` is one execution. */
static const char taken[] =
    "#include <assert.h>\n"
    "#include <pthread.h>\n"
    "#include <semaphore.h>\n"
    "#include <stdatomic.h>\n"
    "static sem_t s;\n"
    "static atomic_int x;\n"
    "static void *act(void *a) { x = 1; sem_wait(&s); x = 2; return a; }\n"
    "int main(void)\n"
    "{\n"
    "    pthread_t t;\n"
    "    void *r;\n"
    "    sem_init(&s, 0, 1);\n"
    "    pthread_create(&t, 0, act, 0);\n"
    "    int seen = x;\n"
    "    pthread_cancel(t);\n"
    "    pthread_join(t, &r);\n"
    "    int gone = r == PTHREAD_CANCELED;\n"
    "    assert(gone ? x == 1 : x == 2);\n"
    "    assert(!(WRONG) && seen >= 0);\n"
    "}\n";

/* At a condition: the mutex is held by whoever is cancelled there. */
static const char signalled[] =
    "#include <assert.h>\n"
    "#include <pthread.h>\n"
    "static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;\n"
    "static pthread_cond_t c = PTHREAD_COND_INITIALIZER;\n"
    "static int ready, inside, ended;\n"
    "static void give(void *a) { assert(!inside++); inside--; (void)a;\n"
    "    pthread_mutex_unlock(&m); }\n"
    "static void *act(void *a)\n"
    "{\n"
    "    pthread_mutex_lock(&m);\n"
    "    pthread_cleanup_push(give, 0);\n"
    "    while (!ready) { pthread_cond_wait(&c, &m); }\n"
    "    ended = 1;\n"
    "    pthread_cleanup_pop(1);\n"
    "    return a;\n"
    "}\n"
    "static void *set(void *a)\n"
    "{\n"
    "    pthread_mutex_lock(&m);\n"
    "    assert(!inside++);\n"
    "    ready = 1;\n"
    "    pthread_cond_signal(&c);\n"
    "    inside--;\n"
    "    pthread_mutex_unlock(&m);\n"
    "    return a;\n"
    "}\n"
    "int main(void)\n"
    "{\n"
    "    pthread_t t, u;\n"
    "    void *r;\n"
    "    pthread_create(&t, 0, act, 0);\n"
    "    pthread_create(&u, 0, set, 0);\n"
    "    pthread_cancel(t);\n"
    "    pthread_join(t, &r);\n"
    "    pthread_join(u, 0);\n"
    "    int gone = r == PTHREAD_CANCELED;\n"
    "    assert(gone || ended);\n"
    "    assert(!(WRONG));\n"
    "}\n";

static const struct {
    const char *text;
    const char *wrong;
    const char *said; /* NULL: nothing fails */
} searches[] = {
    {taken, "0", NULL},
    {taken, "gone", "assertion failed"},
    {taken, "gone && seen == 1", "assertion failed"},
    {taken, "gone && seen == 2", NULL},
    {taken, "!gone", "assertion failed"},
    {signalled, "0", NULL},
    {signalled, "gone", "assertion failed"},
    {signalled, "!gone", "assertion failed"},
    {signalled, "gone && ended", NULL},
};

START_TEST(searches_know_when_a_thread_is_cancelled)
{
    char line[300];
    put("search.c", searches[_i].text);
    static const char *const models[] = {"sc", "c11"};
    for (size_t m = 0; m < 2; m++) {
        (void)snprintf(line, sizeof(line),
                       "$F run --program search.c --strategy exhaustive "
                       "--memory %s --no-shrink --define 'WRONG=%s'",
                       models[m], searches[_i].wrong);
        bool fails = searches[_i].said != NULL;
        expect_code(fails ? 1 : 0, line);
        expect_text("out.txt", fails ? searches[_i].said : "in all 5 exec");
    }
    if (searches[_i].said != NULL) {
        expect_code(1, "$F replay out/*/*/trace.json --times 20");
        expect_text("out.txt", "identical 20 of 20");
    }
}
END_TEST

/* C, with exceptions and without: the same handlers in the same order. */
START_TEST(handlers_run_however_they_are_compiled)
{
    put("order.c",
        "#include <assert.h>\n"
        "#include <pthread.h>\n"
        "static int order[4], count;\n"
        "static void note(void *n) { order[count++] = (int)(long)n; }\n"
        "static void end(int *n) { note((void *)(long)*n); }\n"
        "static void *act(void *x)\n"
        "{\n"
        "    __attribute__((cleanup(end))) int own = 3;\n"
        "    pthread_cleanup_push(note, (void *)2);\n"
        "    pthread_cleanup_push(note, (void *)1);\n"
        "    if (x == 0) { pthread_exit((void *)7); }\n"
        "    pthread_cleanup_pop(0);\n"
        "    pthread_cleanup_pop(0);\n"
        "    return x;\n"
        "}\n"
        "int main(void)\n"
        "{\n"
        "    pthread_t t;\n"
        "    void *r;\n"
        "    pthread_create(&t, 0, act, 0);\n"
        "    pthread_join(t, &r);\n"
        "    assert(r == (void *)7 && order[0] == 1 && order[1] == 2);\n"
        "    assert(count == COUNT && (count == 2 || order[2] == 3));\n"
        "}\n");
    expect_code(0, "$F run --program order.c -n 20 --define COUNT=2");
    expect_code(0, "$F run --program order.c -n 20 --define COUNT=3 "
                   "--cflag -fexceptions");
}
END_TEST

/* Of a program in which nothing else asks for a lock: libgcc does. */
START_TEST(a_small_program_of_cxx_runs)
{
    if (shell("command -v g++") != 0) {
        printf("# SKIP a small program of C++: g++ is not installed\n");
        return;
    }
    put("small.cpp", "#include <pthread.h>\n"
                     "static void note(void *n) { ++*(int *)n; }\n"
                     "int main()\n"
                     "{\n"
                     "    int n = 0;\n"
                     "    pthread_cleanup_push(note, &n);\n"
                     "    pthread_testcancel();\n"
                     "    pthread_cleanup_pop(1);\n"
                     "    return n - 1;\n"
                     "}\n");
    expect_code(0, "$F run --program small.cpp -n 5");
}
END_TEST

/* Destructors of C++ run as well, and may not stop the thread. */
START_TEST(frames_of_cxx_are_unwound)
{
    if (shell("command -v g++") != 0) {
        printf("# SKIP frames of C++: g++ is not installed\n");
        return;
    }
    put("frames.cpp",
        "#include <cassert>\n"
        "#include <pthread.h>\n"
        "#include <semaphore.h>\n"
        "static sem_t empty;\n"
        "static int order[4], count;\n"
        "struct mark { int n; ~mark() { order[count++] = n; } };\n"
        "static void note(void *n) { order[count++] = (int)(long)n; }\n"
        "static void *act(void *x)\n"
        "{\n"
        "    mark outer{3};\n"
        "    pthread_cleanup_push(note, (void *)2);\n"
        "    try { mark inner{1}; sem_wait(&empty); }\n"
        "    catch (...) { AGAIN; }\n"
        "    pthread_cleanup_pop(0);\n"
        "    return x;\n"
        "}\n"
        "int main()\n"
        "{\n"
        "    pthread_t t;\n"
        "    void *r;\n"
        "    sem_init(&empty, 0, 0);\n"
        "    pthread_create(&t, 0, act, 0);\n"
        "    pthread_cancel(t);\n"
        "    pthread_join(t, &r);\n"
        "    assert(r == PTHREAD_CANCELED && count == 3);\n"
        "    assert(order[0] == 1 && order[1] == 2 && order[2] == 3);\n"
        "}\n");
    expect_code(0, "$F run --program frames.cpp -n 50 --define AGAIN=throw");
    expect_code(1, "$F run --program frames.cpp -n 50 --define AGAIN= "
                   "--no-shrink");
    expect_text("out.txt", "abort() was called");
}
END_TEST

static const struct {
    const char *code;
    const char *said;
} wrongs[] = {
    {"pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, 0);",
     "pthread_setcanceltype() is not part"},
    {"pthread_join(t, 0); pthread_cancel(t);",
     "T0 cancels a thread that was joined before"},
    {"pthread_cancel(99);", "T0 cancels a thread that there is not"},
    {"sem_wait(&s);", "deadlock"}, /* nobody cancels it */
};

START_TEST(what_is_wrong_is_told)
{
    char text[700];
    (void)snprintf(text, sizeof(text),
                   "#include <pthread.h>\n"
                   "#include <semaphore.h>\n"
                   "static sem_t s;\n"
                   "static void *act(void *x) { return x; }\n"
                   "int main(void)\n"
                   "{\n"
                   "    pthread_t t;\n"
                   "    sem_init(&s, 0, 0);\n"
                   "    pthread_create(&t, 0, act, 0);\n"
                   "    pthread_testcancel();\n"
                   "    %s\n"
                   "}\n",
                   wrongs[_i].code);
    put("wrong.c", text);
    expect_code(1, "$F run --program wrong.c -n 20 --no-shrink");
    expect_text("out.txt", wrongs[_i].said);
}
END_TEST

/* More keys than there is room for, one after the other. */
START_TEST(numbers_of_keys_are_given_again)
{
    put("keys.c", "#include <assert.h>\n"
                  "#include <pthread.h>\n"
                  "static void never(void *value) { assert(value == 0); }\n"
                  "int main(void)\n"
                  "{\n"
                  "    pthread_key_t key, kept;\n"
                  "    pthread_key_create(&kept, never);\n"
                  "    for (int i = 0; i < 1000; i++) {\n"
                  "        assert(pthread_key_create(&key, never) == 0);\n"
                  "        assert(pthread_getspecific(key) == 0);\n"
                  "        assert(pthread_setspecific(key, &key) == 0);\n"
                  "        assert(pthread_key_delete(key) == 0);\n"
                  "    }\n"
                  "    pthread_setspecific(kept, &key);\n"
                  "    LEAVE;\n"
                  "}\n");
    expect_code(0, "$F run --program keys.c -n 5 --define LEAVE='return 0'");
    expect_code(1, "$F run --program keys.c -n 5 "
                   "--define 'LEAVE=pthread_exit(0)' --no-shrink");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("leaving");
    TCase *tcase = make_case(suite, "threads");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, searches_know_when_a_thread_is_cancelled, 0,
                        sizeof(searches) / sizeof(searches[0]));
    tcase_add_test(tcase, handlers_run_however_they_are_compiled);
    tcase_add_test(tcase, a_small_program_of_cxx_runs);
    tcase_add_test(tcase, frames_of_cxx_are_unwound);
    tcase_add_loop_test(tcase, what_is_wrong_is_told, 0,
                        sizeof(wrongs) / sizeof(wrongs[0]));
    tcase_add_test(tcase, numbers_of_keys_are_given_again);
    return check_tap_run(suite);
}
