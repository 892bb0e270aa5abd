/*
 * Runs of tests/plugins/lulls.c: how each of them ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_LULL_FIXTURE_H
#define TESTS_LULL_FIXTURE_H

#include "harness/run.h"
#include "tests/check_tap.h"

#include <string.h>

enum {
    TEXT = 2000
};

/* A scenario of the plug-in `file` below the build directory. */
static struct scenario *make(const char *file, const char *rest)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[TEXT];
    int size = snprintf(text, sizeof(text),
                        "scenario: 1\nname: lull\nsystem:\n  kind: threads\n"
                        "  algorithm: %s/%s.so\n  threads: 2\n%s",
                        build == NULL ? "build" : build, file, rest);
    ck_assert_int_lt(size, TEXT);
    struct scenario *s =
        scenario_parse("lull.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    return s;
}

/* All of RUNS runs must end as `end`. */
static inline void all_end(const char *file, const char *variant,
                           const char *strategy, const char *rest,
                           enum run_end end)
{
    struct scenario *s = make(file, rest);
    struct runner *r = runner_new(s, variant, stderr);
    ck_assert_ptr_nonnull(r);
    for (uint64_t i = 0; i < RUNS; i++) {
        struct run_outcome o;
        struct run_request request = {
            .seed = 7, .index = i, .strategy = strategy};
        runner_run(r, &request, &o);
        ck_assert_msg(o.end == end, "%s, %s, run %lu: %s, %s", variant,
                      strategy == NULL ? "auto" : strategy, (unsigned long)i,
                      run_end_name(o.end), o.detail);
    }
    runner_free(r);
    scenario_free(s);
}

/* All of them must come to their end; and again from the trace of each, where
 * states are noted from the first step on, as when that of a livelock is
 * edited. */
static inline void edited_end(const char *variant, const char *strategy,
                              const char *rest)
{
    struct scenario *s = make("tests/plugins/lulls", rest);
    struct runner *r = runner_new(s, variant, stderr);
    ck_assert_ptr_nonnull(r);
    for (uint64_t i = 0; i < RUNS; i++) {
        struct run_outcome o;
        struct run_request request = {
            .mode = RUN_RECORD, .seed = 7, .index = i, .strategy = strategy};
        runner_run(r, &request, &o);
        ck_assert_int_eq(o.end, RUN_FINISHED);
        struct trace *trace = runner_trace(r);
        struct run_request again = {
            .mode = RUN_TOLERANT, .trace = trace, .patience = 1};
        runner_run(r, &again, &o);
        ck_assert_msg(o.end == RUN_FINISHED, "%s, run %lu: %s, %s", variant,
                      (unsigned long)i, run_end_name(o.end), o.detail);
        trace_free(trace);
    }
    runner_free(r);
    scenario_free(s);
}

#endif
