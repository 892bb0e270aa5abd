/*
 * Hostile plug-ins, one for each way to misbehave: in a campaign of many runs
 * in which one run in a while does it, with another scenario behind it in the
 * same command.  Each is a verdict with a trace, or an error that names the
 * run, and everything else goes on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

enum {
    RUNS = 300
};

/* A file `name` with this text, in the working directory. */
static void put(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* What a run in a while does; in all of them the same ones. */
#if defined(__x86_64__)
#define RAW(number, argument)                               \
    "long r = " #number "; __asm__ volatile(\"syscall\" : " \
    "\"+a\"(r) : \"D\"(" #argument "L) : \"rcx\", \"r11\", \"memory\");"
#define PAUSE       RAW(34, 0)
#define LEAVE(code) RAW(231, code)
#define FORK        RAW(57, 0)
#define BREAK       RAW(12, 0)
/* A futex that nobody wakes. */
#define FUTEX                                                                \
    "register long ever __asm__(\"r10\") = 0; __asm__ volatile(\"syscall\" " \
    ":: \"a\"(202L), \"D\"(&flag), \"S\"(0L), \"d\"(0L), \"r\"(ever) : "     \
    "\"rcx\", \"r11\", \"memory\");"
/* msync() of a page, and mmap() of it. */
#define PAGE "\"D\"(0x510000000000L), \"S\"(65536L), "
#define IF_PAGE                                                     \
    "long r = 26; __asm__ volatile(\"syscall\" : \"+a\"(r) : " PAGE \
    "\"d\"(1L) : \"rcx\", \"r11\", \"memory\"); if (r == 0) "
#define LEAVE_PAGE                                              \
    "register long how __asm__(\"r10\") = 0x32; "               \
    "register long file __asm__(\"r8\") = -1; "                 \
    "register long at __asm__(\"r9\") = 0; r = 9; "             \
    "__asm__ volatile(\"syscall\" : \"+a\"(r) : " PAGE          \
    "\"d\"(3L), \"r\"(how), \"r\"(file), \"r\"(at) : \"rcx\", " \
    "\"r11\", \"memory\");"
#elif defined(__aarch64__)
#define SIX(n, a, b, c, d, e, f)                                       \
    "{ register long x8 __asm__(\"x8\") = " #n "; "                    \
    "register long x0 __asm__(\"x0\") = " #a "; "                      \
    "register long x1 __asm__(\"x1\") = " #b "; "                      \
    "register long x2 __asm__(\"x2\") = " #c "; "                      \
    "register long x3 __asm__(\"x3\") = " #d "; "                      \
    "register long x4 __asm__(\"x4\") = " #e "; "                      \
    "register long x5 __asm__(\"x5\") = " #f "; "                      \
    "__asm__ volatile(\"svc 0\" : \"+r\"(x0) : \"r\"(x8), \"r\"(x1), " \
    "\"r\"(x2), \"r\"(x3), \"r\"(x4), \"r\"(x5) : \"memory\"); r = x0; }"
#define RAW(number, argument) "long r; " SIX(number, argument, 0, 0, 0, 0, 0)
#define PAUSE                 RAW(73, 0) /* ppoll() */
#define LEAVE(code)           RAW(94, code)
#define FORK                  RAW(220, 17) /* clone(SIGCHLD) */
#define BREAK                 RAW(214, 0)
#define FUTEX                 "long r; " SIX(98, (long)&flag, 0, 0, 0, 0, 0)
#define IF_PAGE \
    "long r; " SIX(227, 0x510000000000L, 65536, 1, 0, 0, 0) "if (r == 0) "
#define LEAVE_PAGE SIX(222, 0x510000000000L, 65536, 3, 0x32, -1, 0)
#else
#error "how is the system called here?"
#endif

#define EMPTY "__asm__ volatile(\"\" ::: \"memory\");"

/* In the run that does the damage, or in a later one; whose it was is said only
 * if it comes again, and in memory that moved it may not. */
#define DIES_SOMEWHERE "a worker died in run "
#define NOT_AGAIN      "which does not come again"

static const struct hostile {
    const char *does;
    int code;              /* of the command */
    const char *said;      /* in its output */
    bool found;            /* as a violation; else its first run is named */
    const char *said_then; /* by the trace that is left, or NULL: none */
} hostiles[] = {
    {"dig(1);", 1, "stack overflow", true, "stack overflow"},
    {"exit(3);", 1, "exit(3) was called", true, "exit(3)"},
    {"fork();", 1, "fork() is not part of the simulated world", true, "fork()"},
    {"*(volatile int *)8 = 1;", 1, "a null pointer was followed", true,
     "null pointer"},
    {"for (;;) { " EMPTY " }", 2, "has no verdict: loop without a point", false,
     "open  bad   loop without a point"},
    {"for (;;) { atomic_store(&flag, 1); atomic_store(&flag, 0); }", 1,
     "livelock", true, "livelock"},
    {"while (atomic_load(&flag) == 0) { }", 1, "livelock", true, "livelock"},
    /* pause(), a futex that nobody wakes, and going away for good */
    {PAUSE, 2, "blocked outside the simulated world", false,
     "blocks in a call that is not simulated"},
    {FUTEX, 2, "blocked outside the simulated world", false,
     "blocks in a call that is not simulated"},
    {LEAVE(5), 70, "(exit code 5); repeat it with", false, NULL},
    {FORK, 70, "left a second process", false, NULL},
    /* leaves a page behind, and who finds it exits */
    {IF_PAGE "{ " LEAVE(6) " } " LEAVE_PAGE, 70, "had done to our memory",
     false, NULL},
#if !defined(__SANITIZE_ADDRESS__)
    /* the heap of the harness itself, which a sanitizer has elsewhere */
    {BREAK "for (volatile char *p = (char *)r - 400000; p < (char *)r; "
           "p += 64) { *p = (char)(*p + 1); }",
     70, DIES_SOMEWHERE, false, NULL},
#endif
};

enum {
    HOSTILES = sizeof(hostiles) / sizeof(hostiles[0])
};

static const char good[] =
    "scenario: 1\nname: good\n"
    "system: { kind: threads, algorithm: treiber_stack, threads: 2 }\n"
    "run: { seeds: 1..300 }\n";

/* A plug-in and its scenario: bad.so, bad.yaml. */
static void build_bad(const char *does)
{
    char text[2000];
    int size = snprintf(
        text, sizeof(text),
        "#include <faultline/object.h>\n"
        "#include <stdatomic.h>\n#include <stdlib.h>\n#include <unistd.h>\n"
        "static atomic_long n;\n"
        "atomic_int flag;\n"
        "int dig(volatile int n);\n"
        "int dig(volatile int n)\n{\n"
        "    volatile char room[900];\n"
        "    room[n %% 900] = 1;\n"
        "    return dig(n + 1) + room[1];\n}\n"
        "static void *make(void) { static int any; return &any; }\n"
        "static fl_value add(void *self, const fl_value *a)\n{\n"
        "    (void)self;\n"
        "    if (rand() %% 50 == 3) { %s }\n"
        "    return atomic_fetch_add(&n, a[0]);\n}\n"
        "FL_OBJECT = {.name = \"bad\", .model = \"counter\", .make = make,\n"
        "             .operations = {{\"add\", add}}};\n",
        does);
    ck_assert_int_lt(size, (int)sizeof(text));
    put("bad.c", text);
    put("good.yaml", good);
    put("bad.yaml", "scenario: 1\nname: bad\n"
                    "system: { kind: threads, algorithm: ./bad.so, threads: 2 "
                    "}\nworkload: { ops_per_thread: 2 }\n"
                    "run: { seeds: 1..300 }\n");
    expect_code(0, "$F cc -shared -o bad.so bad.c");
}

/* The first run that does it: what the program draws does not depend on what
 * it does then. */
static unsigned first_culprit(void)
{
    build_bad("abort();");
    expect_code(1, "$F run --no-svg --no-shrink --format jsonl bad.yaml");
    const char *at = strstr(content("out.txt"), "\"schedule\":");
    ck_assert_ptr_nonnull(at);
    unsigned schedule = (unsigned)strtoul(at + 11, NULL, 10);
    ck_assert_uint_gt(schedule, 1);
    ck_assert_uint_lt(schedule, RUNS);
    expect_code(0, "rm -rf out");
    return schedule;
}

/* Several runs do the damage, and not each of them is deadly: the one that is
 * named does it. */
static void expect_damager(unsigned named, unsigned first)
{
    ck_assert_uint_ge(named, first);
    build_bad("abort();");
    ck_assert_int_eq(shell("$F run --no-svg --first %u -n 1 bad.yaml", named),
                     1);
}

START_TEST(it_is_told_and_all_else_goes_on)
{
    const struct hostile *h = &hostiles[_i];
    unsigned culprit = first_culprit();
    build_bad(h->does);
    int code = shell("$F run --no-svg --no-shrink bad.yaml good.yaml");
    ck_assert_msg(code == h->code, "exit %d: %s", code, content("out.txt"));
    expect_text("out.txt", h->said);
    expect_text("out.txt", "not violated in 300 schedules");
    char named[60];
    (void)snprintf(named, sizeof(named), h->found ? "schedule %u/" : "run %u ",
                   culprit);
    const char *damager = strstr(content("out.txt"), "of what run ");
    if (damager == NULL && strcmp(h->said, DIES_SOMEWHERE) == 0) {
        damager = strstr(content("out.txt"), "died in run ");
    }
    if (damager != NULL) {
        unsigned run = (unsigned)strtoul(damager + 12, NULL, 10);
        bool accused = strstr(content("out.txt"), NOT_AGAIN) == NULL;
        ck_assert_uint_ge(run, culprit);
        if (accused) {
            expect_damager(run, culprit);
        }
    } else {
        expect_text("out.txt", named);
    }
    if (h->said_then != NULL) {
        code = shell("$F replay $(ls out/bad/*/trace.json 2>/dev/null || "
                     "ls out/bad/*/original.trace.json)");
        ck_assert_int_eq(code, h->code);
        expect_text("out.txt", h->said_then);
    }
}
END_TEST

/* Those that leave no trace name the run, which can be made alone; with what
 * it does to others, if it is only a later one that dies. */
START_TEST(a_run_that_kills_its_worker_can_be_made_alone)
{
    unsigned culprit = first_culprit();
    build_bad(LEAVE(5));
    ck_assert_int_eq(shell("$F run --first %u -n 1 bad.yaml", culprit), 70);
    expect_text("out.txt", "(exit code 5)");
    ck_assert_int_eq(shell("$F run --first %u -n 1 bad.yaml", culprit - 1), 0);
}
END_TEST

/* One that does not even load, beside one that does. */
static const struct {
    const char *made; /* a line of shell that makes bad.so */
    const char *said;
} unloaded[] = {
    {"rm -f bad.so", "bad.so"},
    {"echo nonsense >bad.so", "bad.so"},
    {"cc -shared -fPIC -I$R/include -o bad.so bad.c", "not instrumented"},
    {"printf 'int *volatile p;"
     "__attribute__((constructor)) static void f(void) { *p = 1; }' >f.c; "
     "$F cc -shared -o bad.so bad.c f.c",
     "its constructors crash: SIGSEGV"},
    {"printf '#include <unistd.h>\\n"
     "__attribute__((constructor)) static void f(void) { fork(); }' >f.c; "
     "$F cc -shared -o bad.so bad.c f.c",
     "calls fork"},
};

START_TEST(what_does_not_load_is_an_error_of_its_own)
{
    build_bad("abort();");
    ck_assert_int_eq(shell("%s", unloaded[_i].made), 0);
    expect_code(65, "$F run --no-svg bad.yaml good.yaml");
    expect_text("err.txt", unloaded[_i].said);
    expect_text("out.txt", "not violated in 300 schedules");
}
END_TEST

START_TEST(what_is_thrown_and_not_caught_is_a_verdict)
{
    if (system("command -v g++ >/dev/null") != 0) {
        return;
    }
    put("good.yaml", good);
    put("bad.yaml", "scenario: 1\nname: bad\n"
                    "system: { kind: threads, algorithm: ./bad.so, threads: 2 "
                    "}\nrun: { seeds: 1..300 }\n");
    put("bad.cpp",
        "#include <atomic>\n#include <cstdlib>\n#include <stdexcept>\n"
        "#include <faultline/object.h>\n"
        "static std::atomic<long> n;\n"
        "static void *make() { return &n; }\n"
        "static fl_value add(void *, const fl_value *a)\n{\n"
        "    if (rand() % 50 == 7) { throw std::runtime_error(\"no\"); }\n"
        "    return n.fetch_add(a[0]);\n}\n"
        "FL_OBJECT = {\"bad\", \"counter\", make, {{\"add\", add}}};\n");
    expect_code(0, "$F c++ -std=c++17 -shared -o bad.so bad.cpp");
    expect_code(1, "$F run --no-svg --no-shrink bad.yaml good.yaml");
    expect_text("out.txt", "abort() was called");
    expect_text("out.txt", "not violated in 300 schedules");
    expect_code(1, "$F replay --times 2 out/bad/*/trace.json");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hostile");
    TCase *tcase = make_case(suite, "hostile");
    tcase_set_timeout(tcase, 200);
    tcase_add_loop_test(tcase, it_is_told_and_all_else_goes_on, 0, HOSTILES);
    tcase_add_test(tcase, a_run_that_kills_its_worker_can_be_made_alone);
    tcase_add_loop_test(tcase, what_does_not_load_is_an_error_of_its_own, 0,
                        sizeof(unloaded) / sizeof(unloaded[0]));
    tcase_add_test(tcase, what_is_thrown_and_not_caught_is_a_verdict);
    return check_tap_run(suite);
}
