/*
 * The command line in a directory of its own: each case runs the program
 * through a shell; its output is in the files `out.txt` and `err.txt` there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_CLI_FIXTURE_H
#define TESTS_CLI_FIXTURE_H

#include "tests/check_tap.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TEXT_MAX = 1 << 16,
    COMMAND_MAX = 8192,
};

static inline const char *build(void)
{
    const char *build = getenv("FAULTLINE_BUILD");
    return build != NULL && build[0] != '\0' ? build : "build";
}

/* Goes to a fresh directory, with the program as $F and the repository as
 * $R. */
static inline void enter(void)
{
    char root[PATH_MAX];
    char program[PATH_MAX + 300];
    ck_assert_ptr_nonnull(getcwd(root, sizeof(root)));
    snprintf(program, sizeof(program), "%s%s%s/faultline",
             build()[0] == '/' ? "" : root, build()[0] == '/' ? "" : "/",
             build());
    ck_assert_msg(access(program, X_OK) == 0, "there is no %s", program);
    ck_assert_int_eq(setenv("F", program, 1), 0);
    ck_assert_int_eq(setenv("R", root, 1), 0);
    ck_assert_int_eq(unsetenv("FAULTLINE_SEED"), 0);
    char *directory = strdup("/tmp/faultline-cli-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    ck_assert_int_eq(setenv("TMPDIR", directory, 1), 0);
    free(directory);
}

static inline void leave(void)
{
    char directory[PATH_MAX];
    ck_assert_ptr_nonnull(getcwd(directory, sizeof(directory)));
    ck_assert_int_eq(strncmp(directory, "/tmp/faultline-cli-", 19), 0);
    ck_assert_int_eq(chdir("/"), 0);
    char command[PATH_MAX + 20];
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    ck_assert_int_eq(system(command), 0);
}

/* Runs a line of shell; returns its exit code. */
static inline int shell(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static inline int shell(const char *format, ...)
{
    char line[COMMAND_MAX];
    char command[COMMAND_MAX + 64];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof(line), format, list);
    va_end(list);
    snprintf(command, sizeof(command), "{ %s\n} >out.txt 2>err.txt", line);
    int status = system(command);
    ck_assert_msg(WIFEXITED(status), "'%s' was killed", line);
    return WEXITSTATUS(status);
}

/* What a file holds; NULL if it is not there. */
static inline const char *content(const char *path)
{
    static char text[TEXT_MAX];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return NULL;
    }
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    text[size] = '\0';
    (void)fclose(file);
    return text;
}

static inline void expect_text(const char *path, const char *text)
{
    const char *found = content(path);
    ck_assert_msg(found != NULL && strstr(found, text) != NULL,
                  "'%s' is not in %s: %s", text, path,
                  found == NULL ? "(missing)" : found);
}

static inline void expect_code(int expected, const char *line)
{
    int code = shell("%s", line);
    const char *errors = content("err.txt");
    ck_assert_msg(code == expected, "%s: exit %d instead of %d: %s", line, code,
                  expected, errors == NULL ? "" : errors);
}

/* A group of cases that each have such a directory. */
static inline TCase *make_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    return tcase;
}

#endif
