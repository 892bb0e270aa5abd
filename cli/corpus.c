/*
 * The corpus.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/corpus.h"
#include "cli/retrace.h"
#include "harness/wall.h"

#include <assert.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    RUN_MS = 60000 /* for one trace; it took much less when it was recorded */
};

/* Says what became of one trace. */
static void say(FILE *out, const char *what, const char *path,
                const char *detail)
{
    if (out != NULL) {
        (void)fprintf(out, "%-5s %s%s%s\n", what, path,
                      detail[0] == '\0' ? "" : "   ", detail);
    }
}

static void judge_trace(const struct retrace *retrace, const char *path,
                        enum run_end end, const char *detail, FILE *out,
                        struct corpus_counts *counts)
{
    assert(path != NULL && counts != NULL);
    if (retrace_is_same(retrace, end)) {
        bool expected = retrace->scenario->expect == EXPECT_VIOLATION;
        counts->failing++;
        counts->expected += expected;
        say(out, expected ? "pass" : "FAIL", path,
            detail[0] == '\0' ? run_end_name(end) : detail);
    } else if (run_end_verdict(end) == FL_PASS) {
        counts->fixed++;
        say(out, "fixed", path, "it passes now");
    } else {
        counts->stale++;
        say(out == NULL ? stderr : out, "stale", path,
            detail[0] == '\0' ? run_end_name(end) : detail);
    }
}

static void run_trace(const char *path, const char *only, FILE *out,
                      struct corpus_counts *counts)
{
    struct retrace retrace;
    enum code code = retrace_open(&retrace, "run", path);
    if (code != CODE_PASS) {
        counts->stale += code != CODE_SKIPPED;
        say(out == NULL ? stderr : out, code == CODE_SKIPPED ? "skip" : "stale",
            path, "it cannot be run any more");
    } else if (only == NULL || fnmatch(only, retrace.scenario->name, 0) == 0) {
        struct retrace_end end =
            retrace_repeat(&retrace, 1, wall_ms() + RUN_MS);
        if (end.died) {
            counts->stale++;
            say(out == NULL ? stderr : out, "stale", path,
                "its run did not come to an end");
        } else {
            judge_trace(&retrace, path, end.end, end.detail, out, counts);
        }
    }
    retrace_close(&retrace);
}

enum code corpus_run(const char *directory, const char *only, bool fail_fast,
                     FILE *out, struct corpus_counts *counts)
{
    assert(directory != NULL && counts != NULL);
    char pattern[STORE_PATH_MAX];
    glob_t found = {0};
    *counts = (struct corpus_counts){0};
    int size =
        snprintf(pattern, sizeof(pattern), "%s/*/*.trace.json", directory);
    if (size >= (int)sizeof(pattern)) {
        (void)fprintf(stderr, "faultline run: --corpus: too long a path\n");
        return CODE_IO;
    }
    int status = glob(pattern, 0, NULL, &found);
    if (status != 0 && status != GLOB_NOMATCH) {
        (void)fprintf(stderr, "faultline run: cannot read %s\n", directory);
        return CODE_IO;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        run_trace(found.gl_pathv[i], only, out, counts);
        if (fail_fast && counts->failing > counts->expected) {
            break;
        }
    }
    globfree(&found);
    uint32_t all = counts->failing + counts->fixed + counts->stale;
    if (out != NULL && all > 0) {
        (void)fprintf(
            out, "corpus: %u trace%s, %u failing, %u fixed, %u stale\n\n", all,
            all == 1 ? "" : "s", counts->failing, counts->fixed, counts->stale);
    }
    return counts->failing > counts->expected ? CODE_VIOLATION : CODE_PASS;
}

static enum code complain(const char *path)
{
    (void)fprintf(stderr, "faultline run: cannot write to the corpus: %s: %s\n",
                  path, strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    return CODE_IO;
}

/* Copies the trace of a finding, if the corpus does not have it. */
static enum code add_finding(const char *directory,
                             const struct finding *finding)
{
    char from[STORE_PATH_MAX + 16];
    char scenario[STORE_PATH_MAX];
    char to[STORE_PATH_MAX];
    (void)snprintf(from, sizeof(from), "%s/trace.json", finding->directory);
    (void)snprintf(scenario, sizeof(scenario), "%s", finding->directory);
    /* out/<scenario>/<signature>: the same names here */
    const char *name = basename(dirname(scenario));
    (void)mkdir(directory, 0777);
    int size = snprintf(to, sizeof(to), "%s/%s", directory, name);
    if (size >= (int)sizeof(to) - SIGNATURE_MAX - 16) {
        errno = ENAMETOOLONG;
        return complain(directory);
    }
    if (mkdir(to, 0777) != 0 && errno != EEXIST) {
        return complain(to);
    }
    (void)snprintf(to + size, sizeof(to) - (size_t)size, "/%s.trace.json",
                   finding->signature);
    struct stat there;
    if (stat(to, &there) == 0) {
        return CODE_PASS;
    }
    struct trace *trace = trace_read(from, stderr);
    if (trace == NULL) {
        return CODE_IO; /* said */
    }
    errno = trace_write(trace, to);
    trace_free(trace);
    return errno == 0 ? CODE_PASS : complain(to);
}

enum code corpus_add(const char *directory, const struct result *result)
{
    assert(directory != NULL && result != NULL);
    enum code code = CODE_PASS;
    for (uint32_t i = 0; i < FINDINGS_MAX; i++) {
        const struct finding *finding = &result->findings[i];
        if (finding->signature[0] != '\0' && finding->directory[0] != '\0' &&
            finding->reproduced) {
            code = code_worse(code, add_finding(directory, finding));
        }
    }
    return code;
}
