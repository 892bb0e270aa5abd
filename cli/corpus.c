/*
 * The corpus.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/corpus.h"
#include "cli/retrace.h"
#include "harness/need.h"
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

/* Notes what became of one trace; `retrace` may be without a scenario. */
static void note(struct corpus *corpus, const char *path,
                 const struct retrace *retrace, enum known_state state,
                 const char *detail)
{
    assert(path != NULL && detail != NULL);
    assert(corpus->known_count <= corpus->known_max);
    if (corpus->known_count == corpus->known_max) {
        corpus->known_max = corpus->known_max == 0 ? 16 : corpus->known_max * 2;
        corpus->known = need(
            realloc(corpus->known, corpus->known_max * sizeof(*corpus->known)),
            "the corpus");
    }
    const struct trace *trace = retrace->trace;
    const struct scenario *scenario = retrace->scenario;
    bool ended = trace != NULL && trace->verdict != NULL;
    corpus->known[corpus->known_count++] = (struct summary_known){
        .path = need(strdup(path), "the corpus"),
        .scenario = scenario == NULL
                        ? NULL
                        : need(strdup(scenario->name), "the corpus"),
        .kind = ended ? need(strdup(trace->verdict), "the corpus") : NULL,
        .detail = need(strdup(detail), "the corpus"),
        .state = state,
        .expected = state == KNOWN_FAILING && scenario != NULL &&
                    scenario->expect == EXPECT_VIOLATION,
    };
}

/* A borrowed text that is ours after all. */
static void free_text(const char *text)
{
    union {
        const char *given;
        char *owned;
    } cast = {.given = text};
    free(cast.owned);
}

void corpus_release(struct corpus *corpus)
{
    assert(corpus != NULL);
    for (uint32_t i = 0; i < corpus->known_count; i++) {
        free_text(corpus->known[i].path);
        free_text(corpus->known[i].scenario);
        free_text(corpus->known[i].kind);
        free_text(corpus->known[i].detail);
    }
    free(corpus->known);
    *corpus = (struct corpus){0};
}

/* What a trace whose run ended so is: its result alone may be another one, in
 * a run that is step for step the same. */
static enum known_state judge_end(const struct retrace *retrace,
                                  const struct retrace_end *end)
{
    assert(!end->died && end->made > 0);
    bool loose = end->end == RUN_DIVERGED && end->loose_alike;
    enum run_end last = loose ? end->loose : end->end;
    if (retrace_is_same(retrace, last)) {
        return KNOWN_FAILING;
    }
    return run_end_verdict(last) == FL_PASS ? KNOWN_FIXED : KNOWN_STALE;
}

static void judge_trace(const struct retrace *retrace, const char *path,
                        const struct retrace_end *end, FILE *out,
                        struct corpus *corpus)
{
    assert(path != NULL && corpus != NULL);
    const char *said =
        end->detail[0] == '\0' ? run_end_name(end->end) : end->detail;
    enum known_state state = judge_end(retrace, end);
    note(corpus, path, retrace, state, state == KNOWN_FIXED ? "" : said);
    bool expected = retrace->scenario->expect == EXPECT_VIOLATION;
    switch (state) {
    case KNOWN_FAILING:
        corpus->failing++;
        corpus->expected += expected;
        say(out, expected ? "pass" : "FAIL", path, said);
        break;
    case KNOWN_FIXED:
        corpus->fixed++;
        say(out, "fixed", path, "it passes now");
        break;
    case KNOWN_STALE:
        corpus->stale++;
        say(out == NULL ? stderr : out, "stale", path, said);
        break;
    }
}

static void run_trace(const char *path, const char *only, FILE *out,
                      struct corpus *corpus)
{
    struct retrace retrace;
    enum code code = retrace_open(&retrace, "run", path);
    if (code != CODE_PASS) {
        if (code != CODE_SKIPPED) {
            corpus->stale++;
            note(corpus, path, &retrace, KNOWN_STALE,
                 "it cannot be run any more");
        }
        say(out == NULL ? stderr : out, code == CODE_SKIPPED ? "skip" : "stale",
            path, "it cannot be run any more");
    } else if (only == NULL || fnmatch(only, retrace.scenario->name, 0) == 0) {
        struct retrace_end end =
            retrace_repeat(&retrace, 1, wall_ms() + RUN_MS);
        if (end.died) {
            corpus->stale++;
            note(corpus, path, &retrace, KNOWN_STALE,
                 "its run did not come to an end");
            say(out == NULL ? stderr : out, "stale", path,
                "its run did not come to an end");
        } else {
            judge_trace(&retrace, path, &end, out, corpus);
        }
    }
    retrace_close(&retrace);
}

enum code corpus_run(const char *directory, const char *only, bool fail_fast,
                     FILE *out, struct corpus *corpus)
{
    assert(directory != NULL && corpus != NULL);
    char pattern[STORE_PATH_MAX];
    glob_t found = {0};
    *corpus = (struct corpus){0};
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
        run_trace(found.gl_pathv[i], only, out, corpus);
        if (fail_fast && corpus->failing > corpus->expected) {
            break;
        }
    }
    globfree(&found);
    uint32_t all = corpus->failing + corpus->fixed + corpus->stale;
    if (out != NULL && all > 0) {
        (void)fprintf(
            out, "corpus: %u trace%s, %u failing, %u fixed, %u stale\n\n", all,
            all == 1 ? "" : "s", corpus->failing, corpus->fixed, corpus->stale);
    }
    return corpus->failing > corpus->expected ? CODE_VIOLATION : CODE_PASS;
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
