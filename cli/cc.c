/*
 * faultline cc, faultline c++: a compiler that instruments.
 *
 * A build is told to use it in place of the compiler; what it makes is what
 * the build makes, with these differences:
 *
 *     -c, -S       with the flags of the simulated world, after all others
 *     -shared      linked with libfaultline-sim.a: a plug-in; sources among
 *                  the words are compiled first, since a sanitizer's flag
 *                  brings its library
 *     programs     linked as they are, with a small library that does natively
 *                  what instrumented objects call; so are shared objects that
 *                  turn out to have neither object nor algorithm, since
 *                  programs of the build use them
 *     all else     handed on
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cc.h"

#include "cli/code.h"
#include "cli/command.h"
#include "harness/child.h"
#include "harness/image.h"
#include "harness/toolchain.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MORE_WORDS = 2 * WORDS_OF_TOOLCHAIN + 16,
    NOT_FOUND = 127,
};

/* A command under construction; room is made for all at the start. */
struct line {
    const char **word; /* NULL-ended */
    uint32_t count;
};

/* One call of the wrapper. */
struct call {
    const char *compiler;
    const char *const *words; /* of the user */
    uint32_t count;
    struct line line;
    bool clang;
    bool cxx;
    char library[PATH_MAX];
    char headers[PATH_MAX];     /* "-I..." */
    char folder[PATH_MAX - 64]; /* of temporary objects; "" if there is none */
    char (*objects)[PATH_MAX];
    uint32_t objects_count;
};

static void add(struct line *line, const char *word)
{
    assert(word != NULL);
    line->word[line->count++] = word;
    line->word[line->count] = NULL;
}

static void add_list(struct line *line, const char *const *list)
{
    for (uint32_t i = 0; list[i] != NULL; i++) {
        add(line, list[i]);
    }
}

/* The program becomes the compiler. */
static int become(const struct line *line)
{
    union {
        const char **given;
        char *const *wanted;
    } cast = {.given = line->word};
    (void)execvp(line->word[0], cast.wanted);
    (void)fprintf(stderr, "faultline: cannot run %s: %s\n", line->word[0],
                  strerror(errno));
    return NOT_FOUND;
}

static void begin(struct call *call)
{
    call->line.count = 0;
    add(&call->line, call->compiler);
}

static bool find_library(struct call *call, const char *name)
{
    if (toolchain_file(name, call->library, sizeof(call->library))) {
        return true;
    }
    (void)fprintf(stderr,
                  "faultline: %s is not beside this program or in ../lib\n"
                  "  build it: `make`\n",
                  name);
    return false;
}

static void add_flags(struct call *call)
{
    add_list(&call->line, toolchain_compile(call->clang));
    if (toolchain_headers(call->headers, sizeof(call->headers))) {
        add(&call->line, call->headers);
    }
}

static int compile(struct call *call)
{
    begin(call);
    for (uint32_t i = 0; i < call->count; i++) {
        if (!cc_is_dropped(call->words[i])) {
            add(&call->line, call->words[i]);
        }
    }
    add_flags(call);
    return become(&call->line);
}

/* A source of a link goes into a temporary object, by all words that are not
 * inputs or about the output. */
static int compile_one(struct call *call, uint32_t source)
{
    char *object = call->objects[call->objects_count];
    (void)snprintf(object, PATH_MAX, "%s/%u.o", call->folder,
                   call->objects_count);
    begin(call);
    for (uint32_t i = 0; i < call->count; i++) {
        const char *word = call->words[i];
        bool pair = cc_takes_next(word) && i + 1 < call->count;
        bool wanted = word[0] == '-' && !cc_is_dropped(word) &&
                      strcmp(word, "-o") != 0 && strcmp(word, "-shared") != 0 &&
                      strncmp(word, "-Wl,", 4) != 0 &&
                      strncmp(word, "-l", 2) != 0;
        if (wanted) {
            add(&call->line, word);
        }
        if (wanted && pair) {
            add(&call->line, call->words[i + 1]);
        }
        i += pair ? 1 : 0;
    }
    add_flags(call);
    add(&call->line, "-c");
    add(&call->line, "-o");
    add(&call->line, object);
    add(&call->line, call->words[source]);
    call->objects_count++;
    return child_call(call->line.word, STDOUT_FILENO, STDERR_FILENO);
}

/* Sources are compiled, all else stays in its place. */
static int prepare(struct call *call, struct line *link)
{
    for (uint32_t i = 0; i < call->count; i++) {
        const char *word = call->words[i];
        if (cc_takes_next(word) && i + 1 < call->count) {
            add(link, word);
            add(link, call->words[++i]);
        } else if (cc_is_source(word)) {
            int status = compile_one(call, i);
            if (status != 0) {
                return status;
            }
            add(link, call->objects[call->objects_count - 1]);
        } else if (!cc_is_dropped(word)) {
            add(link, word);
        }
    }
    return 0;
}

static bool make_folder(struct call *call)
{
    const char *parent = getenv("TMPDIR");
    parent = parent == NULL || parent[0] == '\0' ? "/tmp" : parent;
    (void)snprintf(call->folder, sizeof(call->folder), "%s/faultline-cc-XXXXXX",
                   parent);
    if (mkdtemp(call->folder) != NULL) {
        return true;
    }
    (void)fprintf(stderr, "faultline: no folder below %s: %s\n", parent,
                  strerror(errno));
    call->folder[0] = '\0';
    return false;
}

/* What the command makes. */
static const char *find_output(const struct call *call)
{
    const char *output = "a.out";
    for (uint32_t i = 0; i < call->count; i++) {
        const char *word = call->words[i];
        if (strncmp(word, "-o", 2) != 0) {
            continue;
        }
        output = word[2] != '\0'       ? word + 2
                 : i + 1 < call->count ? call->words[i + 1]
                                       : output;
    }
    return output;
}

/* Whether `path` has something to run. */
static bool is_plugin(const char *path)
{
    struct image image;
    if (!image_open(&image, path, stderr)) {
        return true; /* and what it is was said */
    }
    bool plugin = image_is_plugin(&image);
    image_close(&image);
    return plugin;
}

static int link_plugin(struct call *call, struct line *link)
{
    add_list(link, toolchain_link());
    add(link, "-Wl,-z,undefs"); /* hooks are found when it is loaded */
    add(link, call->library);
    if (call->cxx) {
        add_list(link, toolchain_link_cxx());
        add(link, call->library);
        add(link, "-Wl,--end-group");
    }
    return child_call(link->word, STDOUT_FILENO, STDERR_FILENO);
}

/* Links `words`, the compiler first: for the simulated world, and again for
 * the native one if it has nothing to run there. */
static int link_either(struct call *call, struct line *link)
{
    uint32_t words = link->count;
    int status = link_plugin(call, link);
    if (status != 0 || is_plugin(find_output(call))) {
        return status;
    }
    if (!find_library(call, "libfaultline-native.a")) {
        return CODE_INTERNAL;
    }
    link->count = words;
    add(link, call->library);
    add(link, "-Wl,--exclude-libs,libfaultline-native.a");
    return child_call(link->word, STDOUT_FILENO, STDERR_FILENO);
}

static int link_shared(struct call *call)
{
    struct line link = {
        .word = calloc(call->count + MORE_WORDS, sizeof(*link.word))};
    call->objects = calloc(call->count + 1, sizeof(*call->objects));
    int status = CODE_INTERNAL;
    if (link.word == NULL || call->objects == NULL) {
        perror("faultline");
    } else if (find_library(call, "libfaultline-sim.a") && make_folder(call)) {
        add(&link, call->compiler);
        status = prepare(call, &link);
        status = status == 0 ? link_either(call, &link) : status;
    }
    for (uint32_t i = 0; i < call->objects_count; i++) {
        (void)unlink(call->objects[i]);
    }
    if (call->folder[0] != '\0') {
        (void)rmdir(call->folder);
    }
    free(call->objects);
    free(link.word);
    return status;
}

static int link_executable(struct call *call)
{
    if (!find_library(call, "libfaultline-native.a")) {
        return CODE_INTERNAL;
    }
    begin(call);
    add_list(&call->line, call->words);
    add(&call->line, "-Wl,--allow-shlib-undefined");
    /* The library must not be taken for a source after a "-x c". */
    add(&call->line, "-x");
    add(&call->line, "none");
    add(&call->line, call->library);
    return become(&call->line);
}

static int act(struct call *call)
{
    switch (cc_mode_of(call->words)) {
    case CC_PASS:
        begin(call);
        add_list(&call->line, call->words);
        return become(&call->line);
    case CC_COMPILE:
        return compile(call);
    case CC_SHARED:
        return link_shared(call);
    case CC_EXECUTABLE:
        return link_executable(call);
    }
    return CODE_INTERNAL;
}

/* The compiler: the environment's, or the first at hand. */
static const char *choose(const char *variable, const char *const *known)
{
    const char *given = getenv(variable);
    if (given != NULL && given[0] != '\0') {
        return given;
    }
    for (uint32_t i = 0; known[i] != NULL; i++) {
        if (toolchain_has(known[i])) {
            return known[i];
        }
    }
    return known[0];
}

static int cc_run(const char *compiler, bool cxx, int count, const char **words)
{
    assert(count >= 1 && words != NULL);
    struct call *call = calloc(1, sizeof(*call));
    if (call != NULL) {
        call->compiler = compiler;
        call->cxx = cxx;
        call->words = words + 1;
        call->count = (uint32_t)count - 1;
        call->clang = toolchain_is_clang(compiler);
        call->line.word =
            calloc(call->count + MORE_WORDS, sizeof(*call->line.word));
    }
    if (call == NULL || call->line.word == NULL) {
        perror("faultline");
        free(call);
        return CODE_INTERNAL;
    }
    int status = act(call);
    free(call->line.word);
    free(call);
    return status;
}

static int cc_main(int count, const char **words)
{
    static const char *const known[] = {"gcc", "clang", "cc", NULL};
    return cc_run(choose("FAULTLINE_CC", known), false, count, words);
}

static int cxx_main(int count, const char **words)
{
    static const char *const known[] = {"g++", "clang++", "c++", NULL};
    return cc_run(choose("FAULTLINE_CXX", known), true, count, words);
}

const struct command command_cc = {
    .name = "cc",
    .about = "compile C for the simulated world: CC='faultline cc' make",
    .main = cc_main,
};

const struct command command_cxx = {
    .name = "c++",
    .about = "the same for C++",
    .main = cxx_main,
};
