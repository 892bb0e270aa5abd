/*
 * faultline init: each template fails at first, within two seconds, in the way
 * that its README tells; and passes once the line is put right that it names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

/* Where the line is, which verdict it brings, and how the folder is built. */
static const struct {
    const char *name;
    const char *file;
    const char *said;
    const char *tool; /* without which the template is of no use */
    const char *build;
} templates[] = {
    {"queue", "queue.c", "FAIL  queue   data race", "make",
     "make build/queue.so"},
    {"stack", "stack.c", "FAIL  stack   use after free", "make",
     "make build/stack.so"},
    {"map", "map.c", "FAIL  map   not linearizable", "make",
     "make build/map.so"},
    {"lock", "lock.c", "FAIL  lock   livelock", "make", "make build/lock.so"},
    {"cpp", "channel.hpp", "FAIL  channel   assertion failed", "g++", "true"},
    {"cmake", "account.c", "FAIL  account   not linearizable", "cmake",
     "cmake -B build && cmake --build build"},
};

/* Puts the line of the README's block of C below the comment, as it says. */
static const char put_right[] =
    "awk '"
    "FNR == NR { if ($0 == \"```\") { on = 0 } if (on) { line = $0; lines++ }\n"
    "            if ($0 == \"```c\") { on = 1 } next }\n"
    "below { if ($0 == line) { exit 1 } print line; below = 0; next }\n"
    "/planted mistake/ { below = 1; found++ }\n"
    "{ print }\n"
    "END { if (found != 1 || lines != 1) { exit 1 } }' README.md ";

static bool there_is(const char *tool)
{
    return shell("command -v %s", tool) == 0;
}

START_TEST(a_template_fails_and_then_passes)
{
    char line[1000];
    if (!there_is(templates[_i].tool)) {
        printf("# SKIP template %s: no %s\n", templates[_i].name,
               templates[_i].tool);
        return;
    }
    (void)snprintf(line, sizeof(line), "$F init --template %s 'my %s'",
                   templates[_i].name, templates[_i].name);
    expect_code(0, line);
    expect_text("out.txt", "README.md");
    (void)snprintf(line, sizeof(line), "mv 'my %s' project",
                   templates[_i].name);
    expect_code(0, line);
    ck_assert_int_eq(setenv("BUILD_IT", templates[_i].build, 1), 0);
    ck_assert_int_eq(setenv("FLAWED", templates[_i].file, 1), 0);
    ck_assert_int_eq(setenv("RIGHT", put_right, 1), 0);
    const char *go = "unset MAKEFLAGS MAKELEVEL; PATH=$(dirname $F):$PATH; "
                     "cd project; eval \"$BUILD_IT\" >&2 && ";
    (void)snprintf(line, sizeof(line), "%s timeout 2 faultline run scenarios",
                   go);
    expect_code(1, line);
    expect_text("out.txt", templates[_i].said);
    expect_text("out.txt", templates[_i].file);
    (void)snprintf(line, sizeof(line),
                   "cd project; eval \"$RIGHT $FLAWED\" >new && "
                   "mv new $FLAWED");
    expect_code(0, line);
    (void)snprintf(line, sizeof(line), "%s faultline run scenarios", go);
    expect_code(0, line);
    expect_text("out.txt", "not violated in");
}
END_TEST

/* As its README says, by `make` alone. */
START_TEST(make_is_all_that_it_takes)
{
    expect_code(0, "$F init -t stack");
    expect_text("out.txt", "next: cd ., and read README.md");
    expect_code(2, "unset MAKEFLAGS MAKELEVEL; PATH=$(dirname $F):$PATH; make");
    expect_text("out.txt", "use after free");
    expect_text("out.txt", "stack.c:");
}
END_TEST

START_TEST(ctest_tells_of_the_failure)
{
    if (!there_is("cmake")) {
        printf("# SKIP the template cmake under ctest: no cmake\n");
        return;
    }
    expect_code(0, "$F init -t cmake project");
    expect_code(8, "unset MAKEFLAGS MAKELEVEL; PATH=$(dirname $F):$PATH; "
                   "cd project && cmake -B build && cmake --build build && "
                   "ctest --test-dir build --output-on-failure");
    expect_text("out.txt", "FAIL  account   not linearizable");
}
END_TEST

START_TEST(nothing_is_written_over)
{
    expect_code(0, "mkdir p && echo mine >p/README.md");
    expect_code(74, "$F init --template map p");
    expect_text("err.txt", "p/README.md exists; nothing was written");
    expect_code(0, "test \"$(cat p/README.md)\" = mine; ls -A p");
    ck_assert_str_eq(content("out.txt"), "README.md\n");
    expect_code(74, "rm p/README.md; ln -s nowhere p/map.c; "
                    "$F init --template map p");
    expect_text("err.txt", "p/map.c exists");
    expect_code(74, "echo file >q; $F init --template map q");
    expect_text("err.txt", "cannot write q/map.h: ");
    expect_code(74, "$F init --template map q/deeper");
}
END_TEST

START_TEST(what_was_meant_is_asked)
{
    expect_code(64, "$F init");
    expect_text("err.txt", "say --template: queue, stack");
    expect_code(64, "$F init --template quue p");
    expect_text("err.txt", "did you mean queue");
    expect_code(64, "$F init --template ci p");
    expect_text("err.txt", "there is no template 'ci'");
    expect_code(64, "$F init --template queue p q");
    expect_code(0, "$F init --help");
    expect_text("out.txt", "--template");
    ck_assert_int_ne(shell("ls -d p q"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("init");
    TCase *tcase = make_case(suite, "templates");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, a_template_fails_and_then_passes, 0,
                        sizeof(templates) / sizeof(templates[0]));
    tcase_add_test(tcase, make_is_all_that_it_takes);
    tcase_add_test(tcase, ctest_tells_of_the_failure);
    tcase_add_test(tcase, nothing_is_written_over);
    tcase_add_test(tcase, what_was_meant_is_asked);
    return check_tap_run(suite);
}
