/*
 * Compiling and linking a program under test.
 *
 * All happens in a folder of its own below TMPDIR, which is removed before
 * this returns: the plug-in is kept in a file of memory, which the workers of
 * a campaign inherit.
 *
 *     test.c --CC -MMD--> 0.o, 0.d      own.o ----.
 *                          |                      v
 *            libfaultline-sim.a  --CC -shared--> program.so --> memory
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/build.h"

#include "harness/build_words.h"
#include "harness/child.h"
#include "harness/toolchain.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

/* A build under way. */
struct build {
    const struct scenario *scenario;
    const struct source_section *source;
    FILE *errors;
    const char *compiler; /* of C */
    const char *linker;   /* the driver that links; that of C++ if any is */
    bool clang;
    char folder[PATH_MAX - 64];
    char sim[PATH_MAX]; /* libfaultline-sim.a */
    char sources[NAMES_MAX][PATH_MAX];
    char objects[NAMES_MAX][PATH_MAX];
    XXH64_state_t *hash;
};

bool build_find(const struct scenario *scenario, const char *name, char *path,
                size_t max)
{
    assert(scenario != NULL && name != NULL);
    int size = snprintf(path, max, "%s", name);
    if (size > 0 && (size_t)size < max && access(path, R_OK) == 0) {
        return true;
    }
    const char *slash =
        scenario->path == NULL ? NULL : strrchr(scenario->path, '/');
    if (name[0] == '/' || slash == NULL) {
        return false;
    }
    char beside[PATH_MAX];
    size = snprintf(beside, sizeof(beside), "%.*s/%s",
                    (int)(slash - scenario->path), scenario->path, name);
    if (size <= 0 || (size_t)size >= sizeof(beside) || (size_t)size >= max ||
        access(beside, R_OK) != 0) {
        return false;
    }
    memcpy(path, beside, (size_t)size + 1);
    return true;
}

static bool ends_in(const char *name, const char *const *ends)
{
    const char *dot = strrchr(name, '.');
    for (uint32_t i = 0; dot != NULL && ends[i] != NULL; i++) {
        if (strcmp(dot, ends[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_object(const char *name)
{
    static const char *const ends[] = {".o", ".a", NULL};
    return ends_in(name, ends);
}

static bool is_cxx(const char *name)
{
    static const char *const ends[] = {".cc", ".cpp", ".cxx", ".C", NULL};
    return ends_in(name, ends);
}

/* A file goes into the hash: its bytes, and where one ends. */
static void hash_file(struct build *b, const char *path)
{
    FILE *file = fopen(path, "r");
    char part[4096];
    uint64_t size = 0;
    while (file != NULL) {
        size_t got = fread(part, 1, sizeof(part), file);
        if (got == 0) {
            break;
        }
        XXH64_update(b->hash, part, got);
        size += got;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    XXH64_update(b->hash, &size, sizeof(size));
}

/* The files that a rule of make names behind its colon go into the hash. */
static void hash_rule(struct build *b, const char *path)
{
    FILE *file = fopen(path, "r");
    char word[PATH_MAX];
    while (file != NULL && words_next(file, word, sizeof(word))) {
        size_t size = strlen(word);
        if (word[size - 1] != ':') {
            hash_file(b, word);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static void hash_names(struct build *b, const struct names *names)
{
    assert(names->count <= NAMES_MAX);
    for (uint32_t i = 0; i < names->count; i++) {
        XXH64_update(b->hash, names->name[i], strlen(names->name[i]) + 1);
    }
    XXH64_update(b->hash, "", 1);
}

/* Runs a command; what it writes goes to b->errors. */
static bool run(const struct build *b, const struct words *words)
{
    assert(words->count > 0 && words->count < WORDS_MAX);
    int file = memfd_create("faultline-compiler", MFD_CLOEXEC);
    int code = child_call(words->word, -1, file);
    char part[4096];
    off_t at = 0;
    for (ssize_t got; (got = pread(file, part, sizeof(part), at)) > 0;) {
        (void)fwrite(part, 1, (size_t)got, b->errors);
        at += got;
    }
    if (file >= 0) {
        close(file);
    }
    return code == 0;
}

/* The compiler of the scenario, of CC, or the first at hand. */
static bool choose_compiler(struct build *b)
{
    static const char *const known[] = {"gcc", "clang", "cc", NULL};
    const char *given = b->source->compiler;
    const struct place place = b->source->files.place[0];
    if (given != NULL && !toolchain_has(given)) {
        scenario_complain(b->scenario, place, b->errors,
                          "there is no compiler '%s' in PATH", given);
        return false;
    }
    b->compiler = given;
    for (uint32_t i = 0; b->compiler == NULL && known[i] != NULL; i++) {
        b->compiler = toolchain_has(known[i]) ? known[i] : NULL;
    }
    if (b->compiler == NULL) {
        scenario_complain(b->scenario, place, b->errors,
                          "there is no compiler in PATH; install gcc or "
                          "clang, or name one with --compiler");
        return false;
    }
    b->clang = toolchain_is_clang(b->compiler);
    b->linker = b->compiler;
    return true;
}

static bool find_sources(struct build *b)
{
    const struct names *files = &b->source->files;
    for (uint32_t i = 0; i < files->count; i++) {
        if (!build_find(b->scenario, files->name[i], b->sources[i],
                        sizeof(b->sources[i]))) {
            scenario_complain(b->scenario, files->place[i], b->errors,
                              "cannot read '%s': %s; it is looked for in the "
                              "working directory, then beside the scenario",
                              files->name[i], strerror(errno));
            return false;
        }
        if (is_cxx(files->name[i])) {
            b->linker = b->clang ? "clang++" : "g++";
        }
        if (is_object(files->name[i]) &&
            !toolchain_instrumented(b->sources[i])) {
            scenario_complain(b->scenario, files->place[i], b->errors,
                              "'%s' was not instrumented: compile it by "
                              "`faultline cc -c`, or with the flags of "
                              "`pkg-config --cflags faultline-sim`",
                              files->name[i]);
            return false;
        }
    }
    return true;
}

static bool compile(struct build *b, uint32_t i)
{
    const struct names *files = &b->source->files;
    const struct source_section *s = b->source;
    if (is_object(files->name[i])) {
        memcpy(b->objects[i], b->sources[i], sizeof(b->objects[i]));
        hash_file(b, b->sources[i]);
        return true;
    }
    bool cxx = is_cxx(files->name[i]);
    struct words words = {.count = 0};
    words_add(&words, cxx ? b->linker : b->compiler);
    words_add_list(&words, toolchain_compile(b->clang));
    words_add_names(&words, &s->flags);
    words_add_pairs(&words, "-D", &s->defines);
    words_add_pairs(&words, "-I", &s->folders);
    char rule[PATH_MAX];
    (void)snprintf(rule, sizeof(rule), "%s/%u.d", b->folder, i);
    (void)snprintf(b->objects[i], sizeof(b->objects[i]), "%s/%u.o", b->folder,
                   i);
    const char *const rest[] = {"-MMD", "-MF",         rule, "-c",
                                "-o",   b->objects[i], NULL};
    words_add_list(&words, rest);
    words_add(&words, b->sources[i]);
    if (words.full || !run(b, &words)) {
        scenario_complain(b->scenario, files->place[i], b->errors,
                          "'%s' does not compile", files->name[i]);
        return false;
    }
    hash_rule(b, rule);
    return true;
}

static bool link_all(struct build *b, const char *to)
{
    struct words words = {.count = 0};
    words_add(&words, b->linker);
    words_add(&words, "-shared");
    words_add(&words, "-o");
    words_add(&words, to);
    for (uint32_t i = 0; i < b->source->files.count; i++) {
        words_add(&words, b->objects[i]);
    }
    words_add_list(&words, toolchain_link());
    words_add(&words, "-Wl,-u,fl_algorithm"); /* takes shim/main.c */
    if (b->scenario->system.environment.count > 0) {
        words_add(&words, "-Wl,-u,getenv"); /* main() may be given it */
    }
    words_add(&words, b->sim);
    if (b->linker != b->compiler) {
        words_add_list(&words, toolchain_link_cxx());
        words_add(&words, b->sim);
        words_add(&words, "-Wl,--end-group");
    }
    if (words.full || !run(b, &words)) {
        scenario_complain(b->scenario, b->source->files.place[0], b->errors,
                          "the program does not link");
        return false;
    }
    return true;
}

/* The plug-in at `path` into a file of memory. */
static bool keep(struct built *built, const char *path)
{
    FILE *file = fopen(path, "r");
    built->file = memfd_create("faultline-program", 0);
    char part[65536];
    bool good = file != NULL && built->file >= 0;
    while (good) {
        size_t got = fread(part, 1, sizeof(part), file);
        if (got == 0) {
            good = ferror(file) == 0;
            break;
        }
        good = write(built->file, part, got) == (ssize_t)got;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    (void)snprintf(built->path, sizeof(built->path), "/proc/self/fd/%d",
                   built->file);
    return good;
}

static void remove_files(const struct build *b)
{
    char path[PATH_MAX];
    for (uint32_t i = 0; i < b->source->files.count; i++) {
        (void)snprintf(path, sizeof(path), "%s/%u.o", b->folder, i);
        (void)unlink(path);
        (void)snprintf(path, sizeof(path), "%s/%u.d", b->folder, i);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof(path), "%s/program.so", b->folder);
    (void)unlink(path);
    (void)rmdir(b->folder);
}

static bool build_in(struct build *b, struct built *built)
{
    const struct source_section *s = b->source;
    hash_names(b, &s->defines);
    hash_names(b, &s->flags);
    hash_names(b, &s->arguments);
    for (uint32_t i = 0; i < s->files.count; i++) {
        if (!compile(b, i)) {
            return false;
        }
    }
    char path[PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s/program.so", b->folder);
    if (!link_all(b, path)) {
        return false;
    }
    if (!keep(built, path)) {
        scenario_complain(b->scenario, s->files.place[0], b->errors,
                          "the program cannot be kept: %s", strerror(errno));
        return false;
    }
    built->subject = XXH64_digest(b->hash);
    return true;
}

static bool make_folder(struct build *b)
{
    const char *parent = getenv("TMPDIR");
    parent = parent == NULL || parent[0] == '\0' ? "/tmp" : parent;
    (void)snprintf(b->folder, sizeof(b->folder), "%s/faultline-XXXXXX", parent);
    if (mkdtemp(b->folder) == NULL) {
        scenario_complain(b->scenario, b->source->files.place[0], b->errors,
                          "no folder to compile in, below %s: %s", parent,
                          strerror(errno));
        return false;
    }
    return true;
}

bool build_program(const struct scenario *scenario, struct built *built,
                   FILE *errors)
{
    *built = (struct built){.file = -1};
    struct build *b = calloc(1, sizeof(*b));
    XXH64_state_t *hash = XXH64_createState();
    bool good = b != NULL && hash != NULL;
    if (good) {
        b->scenario = scenario;
        b->source = &scenario->system.source;
        b->errors = errors;
        b->hash = hash;
        XXH64_reset(hash, 0);
        good = toolchain_file("libfaultline-sim.a", b->sim, sizeof(b->sim));
        if (!good) {
            fprintf(errors,
                    "faultline: libfaultline-sim.a is not beside this program "
                    "or in ../lib\n  build it: `make`\n");
        }
        good = good && choose_compiler(b) && find_sources(b) && make_folder(b);
        if (good) {
            good = build_in(b, built);
            remove_files(b);
        }
    }
    if (!good) {
        build_close(built);
    }
    XXH64_freeState(hash);
    free(b);
    return good;
}

void build_close(struct built *built)
{
    if (built->file >= 0) {
        close(built->file);
    }
    built->file = -1;
}
