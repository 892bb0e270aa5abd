/*
 * Gathering result directories.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/gather.h"

#include <assert.h>
#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum code complain(FILE *errors, const char *what, const char *path)
{
    (void)fprintf(errors, "faultline merge: %s %s: %s\n", what, path,
                  strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    return CODE_IO;
}

/* Copies a file; false leaves errno. */
static bool copy_file(const char *from, const char *to)
{
    char bytes[1 << 14];
    FILE *in = fopen(from, "rb");
    if (in == NULL) {
        return false;
    }
    FILE *out = fopen(to, "wbx");
    if (out == NULL) {
        (void)fclose(in);
        return false;
    }
    size_t size = 0;
    bool good = true;
    while (good && (size = fread(bytes, 1, sizeof(bytes), in)) > 0) {
        good = fwrite(bytes, 1, size, out) == size;
    }
    good = good && ferror(in) == 0;
    (void)fclose(in);
    return fclose(out) == 0 && good;
}

/* Copies the files of one failure under another name, and renames the whole:
 * a failure's directory is there whole or not at all. */
static bool copy_failure(const char *from, const char *to)
{
    char making[STORE_PATH_MAX];
    char pattern[STORE_PATH_MAX];
    glob_t files = {0};
    int size = snprintf(making, sizeof(making), "%s.making", to);
    if (size >= (int)sizeof(making) - NAME_MAX - 1 ||
        snprintf(pattern, sizeof(pattern), "%s/*", from) >=
            (int)sizeof(pattern)) {
        errno = ENAMETOOLONG;
        return false;
    }
    bool good = mkdir(making, 0777) == 0;
    if (good && glob(pattern, 0, NULL, &files) == 0) {
        for (size_t i = 0; good && i < files.gl_pathc; i++) {
            char path[STORE_PATH_MAX];
            const char *slash = strrchr(files.gl_pathv[i], '/');
            assert(slash != NULL);
            (void)snprintf(path, sizeof(path), "%s%s", making, slash);
            good = copy_file(files.gl_pathv[i], path);
        }
    }
    globfree(&files);
    good = good && rename(making, to) == 0;
    if (!good) {
        int error = errno;
        store_remove(making);
        errno = error;
    }
    return good;
}

/* One directory <from>/<scenario>/<signature>. */
static enum code take_failure(const char *out, const char *path, FILE *errors)
{
    char parts[STORE_PATH_MAX];
    char to[STORE_PATH_MAX];
    struct stat there;
    (void)snprintf(parts, sizeof(parts), "%s", path);
    const char *signature = strrchr(path, '/');
    assert(signature != NULL);
    const char *scenario = basename(dirname(parts));
    int size = snprintf(to, sizeof(to), "%s/%s", out, scenario);
    if (size + (int)strlen(signature) >= (int)sizeof(to)) {
        errno = ENAMETOOLONG;
        return complain(errors, "cannot copy", path);
    }
    if (mkdir(to, 0777) != 0 && errno != EEXIST) {
        return complain(errors, "cannot make", to);
    }
    (void)snprintf(to + size, sizeof(to) - (size_t)size, "%s", signature);
    if (stat(to, &there) == 0) {
        return CODE_PASS;
    }
    return copy_failure(path, to) ? CODE_PASS
                                  : complain(errors, "cannot copy to", to);
}

static enum code take_failures(const char *out, const char *from, FILE *errors)
{
    char pattern[STORE_PATH_MAX];
    glob_t found = {0};
    enum code code = CODE_PASS;
    (void)snprintf(pattern, sizeof(pattern), "%s/*/*/*trace.json", from);
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            code = code_worse(
                code, take_failure(out, dirname(found.gl_pathv[i]), errors));
        }
    }
    globfree(&found);
    return code;
}

/* Copies the trace of a peak beside those of other shards: by the key of its
 * campaign, since each has one of that name. */
static enum code take_peak(const char *out, const struct results_peak *peak,
                           char to[STORE_PATH_MAX], FILE *errors)
{
    const char *slash = strrchr(peak->trace, '/');
    assert(slash != NULL);
    const char *own = strstr(slash, "most-");
    int size = snprintf(to, STORE_PATH_MAX, "%s/%s", out, peak->name);
    if (own == NULL || size < 0 ||
        (size_t)size + strlen(own) + sizeof(peak->key) + 2 > STORE_PATH_MAX) {
        errno = ENAMETOOLONG;
        return complain(errors, "cannot copy", peak->trace);
    }
    if (mkdir(to, 0777) != 0 && errno != EEXIST) {
        return complain(errors, "cannot make", to);
    }
    (void)snprintf(to + size, STORE_PATH_MAX - (size_t)size, "/%s-%s",
                   peak->key, own);
    (void)unlink(to); /* of an earlier merge, perhaps */
    return copy_file(peak->trace, to) ? CODE_PASS
                                      : complain(errors, "cannot copy to", to);
}

static enum code take_peaks(struct results *results, const char *out,
                            const char *from, FILE *errors)
{
    struct results_peak peak = {0};
    enum code code = CODE_PASS;
    while (results_next_peak(results, from, &peak)) {
        char to[STORE_PATH_MAX];
        bool there = access(peak.trace, R_OK) == 0;
        enum code one = there ? take_peak(out, &peak, to, errors) : CODE_PASS;
        results_move_peak(results, &peak,
                          there && one == CODE_PASS ? to : NULL);
        code = code_worse(code, one);
    }
    return code;
}

enum code gather(struct results *results, const char *out, const char *from,
                 FILE *errors)
{
    assert(results != NULL && out != NULL && from != NULL);
    char path[STORE_PATH_MAX];
    char one[PATH_MAX];
    char other[PATH_MAX];
    if (realpath(out, one) != NULL && realpath(from, other) != NULL &&
        strcmp(one, other) == 0) {
        return CODE_PASS; /* it is there */
    }
    int size = snprintf(path, sizeof(path), "%s/%s", from, results_file);
    if (size >= (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return complain(errors, "cannot read", from);
    }
    if (access(path, R_OK) != 0) {
        (void)complain(errors, "cannot read", path);
        (void)fputs("say directories that `faultline run --out` wrote\n",
                    errors);
        return CODE_INPUT;
    }
    struct results_places places = {.from = from, .out = out};
    if (!results_add(results, path, &places, errors)) {
        return CODE_INPUT;
    }
    return code_worse(take_failures(out, from, errors),
                      take_peaks(results, out, from, errors));
}
