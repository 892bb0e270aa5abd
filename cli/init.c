/*
 * faultline init: a folder to begin with, whose code has a planted mistake.
 *
 * The templates are texts in cli/templates/, which the Makefile puts into the
 * program line by line, so that an installed one needs no files:
 *
 *     *** queue            a template, or a part that several include
 *     === queue.c          a file, and then its lines
 *     === include make     the rest is that of another part
 *
 * Nothing is written if any of the files exists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/code.h"
#include "cli/command.h"
#include "cli/embedded.h"
#include "cli/options.h"
#include "harness/scenario.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART    "*** "
#define FILE_OF "=== "
#define INCLUDE "=== include "
#define NAME    "@NAME@"

static const char *const names[] = {"queue", "stack", "map", "lock",
                                    "cpp",   "cmake", NULL};

static const struct usage usage = {
    .command = "init",
    .arguments = "[DIRECTORY]",
    .about = "Writes a small project to begin with: code, its test, a "
             "scenario, a build, a\nfile for CI, and a README.md.  The code "
             "has a planted mistake: it fails at\nfirst, and README.md says "
             "which line to put right.  Files that exist are never\nwritten "
             "over.",
    .examples = "  faultline init --template queue my-queue\n"
                "  cd my-queue && make\n",
};

/* A walk over the lines of a template, those of its parts included. */
struct walk {
    const char *name;      /* of the template */
    const char *directory; /* to which it goes */
    uint32_t at;           /* next line */
};

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* The first line of the part `name`.  All that are asked for are there. */
static uint32_t find_part(const char *name)
{
    uint32_t at = 0;
    while (embedded_templates[at] != NULL &&
           !(begins(embedded_templates[at], PART) &&
             strcmp(embedded_templates[at] + strlen(PART), name) == 0)) {
        at++;
    }
    assert(embedded_templates[at] != NULL);
    return at + 1;
}

/* The next line, or NULL at the end of the template. */
static const char *next_line(struct walk *walk)
{
    const char *line = embedded_templates[walk->at];
    if (line != NULL && begins(line, INCLUDE)) {
        walk->at = find_part(line + strlen(INCLUDE));
        line = embedded_templates[walk->at];
    }
    if (line == NULL || begins(line, PART)) {
        return NULL;
    }
    walk->at++;
    return line;
}

static struct walk start_walk(const char *name, const char *directory)
{
    return (struct walk){
        .name = name, .directory = directory, .at = find_part(name)};
}

/* Where a file of the template goes; false if the path is too long. */
static bool make_path(const struct walk *walk, const char *line,
                      char path[PATH_MAX])
{
    int size = snprintf(path, PATH_MAX, "%s/%s", walk->directory,
                        line + strlen(FILE_OF));
    return size > 0 && size < PATH_MAX;
}

/* Makes the folders that lead to `path`. */
static bool make_folders(const char *path)
{
    char folder[PATH_MAX];
    assert(strlen(path) < sizeof(folder));
    for (const char *c = path; *c != '\0'; c++) {
        if (*c != '/' || c == path) {
            continue;
        }
        size_t size = (size_t)(c - path);
        memcpy(folder, path, size);
        folder[size] = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
            return false;
        }
    }
    return true;
}

static enum code complain(const char *path)
{
    (void)fprintf(stderr, "faultline init: cannot write %s: %s\n", path,
                  strerror(errno));
    return CODE_IO;
}

/* Whether none of the files is there. */
static enum code look(const char *name, const char *directory)
{
    struct walk walk = start_walk(name, directory);
    char path[PATH_MAX];
    const char *line = NULL;
    while ((line = next_line(&walk)) != NULL) {
        struct stat status;
        if (!begins(line, FILE_OF)) {
            continue;
        }
        if (!make_path(&walk, line, path)) {
            errno = ENAMETOOLONG;
            return complain(directory);
        }
        if (lstat(path, &status) == 0) {
            (void)fprintf(stderr,
                          "faultline init: %s exists; nothing was written\n"
                          "try: faultline init --template %s my-%s\n",
                          path, name, name);
            return CODE_IO;
        }
    }
    return CODE_PASS;
}

/* Opens a file that was not there a moment ago. */
static FILE *open_file(const char *path)
{
    if (!make_folders(path)) {
        return NULL;
    }
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return file < 0 ? NULL : fdopen(file, "w");
}

/* Writes a line with the template's name in it. */
static void put_line(FILE *out, const char *line, const char *name)
{
    const char *hole = NULL;
    while ((hole = strstr(line, NAME)) != NULL) {
        (void)fwrite(line, 1, (size_t)(hole - line), out);
        (void)fputs(name, out);
        line = hole + strlen(NAME);
    }
    (void)fprintf(out, "%s\n", line);
}

/* Closes a file; false: not all of it was written.  NULL is allowed. */
static bool close_file(FILE *file)
{
    bool failed = file != NULL && ferror(file) != 0;
    return (file == NULL || fclose(file) == 0) && !failed;
}

static enum code write_all(const char *name, const char *directory)
{
    struct walk walk = start_walk(name, directory);
    char path[PATH_MAX] = "";
    FILE *out = NULL;
    const char *line = NULL;
    while ((line = next_line(&walk)) != NULL) {
        if (!begins(line, FILE_OF)) {
            assert(out != NULL); /* a template begins with a file */
            put_line(out, line, name);
            continue;
        }
        if (!close_file(out)) {
            return complain(path);
        }
        bool fits = make_path(&walk, line, path);
        assert(fits); /* look() has seen it */
        out = open_file(path);
        if (out == NULL) {
            return complain(path);
        }
        printf("  %s\n", path);
    }
    return close_file(out) ? CODE_PASS : complain(path);
}

/* The template called so, or NULL. */
static const char *find_template(const char *name)
{
    for (uint32_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0) {
            return names[i];
        }
    }
    return NULL;
}

static enum code init(const char *wanted, const struct arguments *arguments)
{
    if (wanted == NULL) {
        return options_complain(
            "init", "say --template: queue, stack, map, lock, cpp or cmake");
    }
    const char *name = find_template(wanted);
    if (name == NULL) {
        const char *near = scenario_nearest(wanted, names);
        return options_complain(
            "init",
            "there is no template '%s'%s%s; there are queue, stack, map, "
            "lock, cpp and cmake",
            wanted, near == NULL ? "" : ", did you mean ",
            near == NULL ? "" : near);
    }
    if (arguments->count > 1) {
        return options_complain("init", "one directory at a time");
    }
    const char *directory = arguments->count == 1 ? arguments->word[0] : ".";
    enum code code = look(name, directory);
    if (code == CODE_PASS) {
        code = write_all(name, directory);
    }
    if (code == CODE_PASS) {
        printf("next: cd %s, and read README.md\n", directory);
    }
    return code;
}

static int init_main(int count, const char **words)
{
    char *template = NULL;
    const struct poptOption table[] = {
        {"template", 't', POPT_ARG_STRING, &template, 0,
         "queue, stack, map, lock, cpp or cmake", "NAME"},
        POPT_TABLEEND,
    };
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    if (state == OPTIONS_READ) {
        code = init(template, &arguments);
    }
    options_release(&arguments);
    return (int)code;
}

const struct command command_init = {
    .name = "init",
    .about = "begin with a small project that fails: --template queue",
    .main = init_main,
};
