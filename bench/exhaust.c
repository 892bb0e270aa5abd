/*
 * Benchmarks of searching exhaustively: programs whose executions another tool
 * has counted, until there is none left.
 *
 * The programs are those of tests/plugins/executions.c, which `make bench`
 * builds beside ours; without it the rows are left out.  A search that takes
 * seconds is told in three rows: whichever is asked first makes it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench.h"
#include "harness/run.h"
#include "harness/wall.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PATH_SIZE = 600,
    TEXT_SIZE = PATH_SIZE + 300,
};

static const char plugin[] = "/tests/plugins/executions.so";

enum program {
    CASE1,
    CASE2,
    CASE6,
    LAST_ZERO,
};

static const struct {
    const char *variant;
    uint32_t threads;
} programs[BENCH_PROGRAMS] = {
    [CASE1] = {"queue_pairs", 2},
    [CASE2] = {"queue_singles", 3},
    [CASE6] = {"queue_released", 2},
    [LAST_ZERO] = {"last_zero", 11},
};

static bool find_plugin(char path[PATH_SIZE])
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_SIZE - sizeof(plugin));
    if (size <= 0) {
        return false;
    }
    path[size] = '\0';
    char *slash = strrchr(path, '/');
    assert(slash != NULL);
    memcpy(slash, plugin, sizeof(plugin));
    return access(path, R_OK) == 0;
}

bool bench_exhaust_is_there(void)
{
    char path[PATH_SIZE];
    return find_plugin(path);
}

/* All executions.  False: one failed, came twice, or was left out. */
static bool exhaust(struct runner *runner, struct bench_search *search)
{
    struct run_outcome o = {.last = false};
    uint64_t runs = 0;
    uint64_t started = wall_ns();
    while (!o.last) {
        struct run_request request = {.strategy = "dpor",
                                      .exhaustive_next = runs > 0};
        runner_run(runner, &request, &o);
        if (o.end != RUN_FINISHED) {
            return false;
        }
        runs++;
    }
    *search = (struct bench_search){
        .executions = (double)o.tally.executions,
        .seconds = (double)(wall_ns() - started) / 1e9,
        .has_seconds = true,
        .has_rate = true,
    };
    return o.exhausted && o.tally.executions == runs &&
           o.tally.distinct == runs && o.tally.redundant == 0;
}

static bool search(const struct bench *bench, enum program program)
{
    char path[PATH_SIZE];
    char text[TEXT_SIZE];
    if (!find_plugin(path)) {
        return false;
    }
    int size =
        snprintf(text, sizeof(text),
                 "scenario: 1\nname: bench-exhaust\nsystem:\n  kind: threads\n"
                 "  algorithm: %s\n  threads: 1\n  params: { inside: %u }\n"
                 "  memory: c11\nworkload: { ops_per_thread: 1 }\n",
                 path, programs[program].threads);
    assert(size > 0 && size < TEXT_SIZE);
    struct scenario *scenario =
        scenario_parse("<bench>", text, (size_t)size, stderr);
    struct runner *runner =
        scenario == NULL
            ? NULL
            : runner_new(scenario, programs[program].variant, stderr);
    bool taken = runner != NULL && exhaust(runner, &bench->searches[program]);
    runner_free(runner);
    scenario_free(scenario);
    return taken;
}

static bool count(const struct bench *bench, enum program program,
                  double *value)
{
    assert(bench != NULL && value != NULL);
    bool taken = search(bench, program);
    *value = bench->searches[program].executions;
    return taken;
}

static bool take_seconds(const struct bench *bench, enum program program,
                         double *value)
{
    assert(bench != NULL && value != NULL);
    struct bench_search *s = &bench->searches[program];
    bool taken = s->has_seconds || search(bench, program);
    s->has_seconds = false;
    *value = s->seconds;
    return taken;
}

static bool take_rate(const struct bench *bench, enum program program,
                      double *value)
{
    assert(bench != NULL && value != NULL);
    struct bench_search *s = &bench->searches[program];
    bool taken = s->has_rate || search(bench, program);
    s->has_rate = false;
    *value = s->executions / s->seconds;
    return taken;
}

#define SAMPLES(noun, program)                                                 \
    bool bench_exhaust_##noun(const struct bench *bench, double *value)        \
    {                                                                          \
        return count(bench, program, value);                                   \
    }                                                                          \
    bool bench_exhaust_##noun##_seconds(const struct bench *bench,             \
                                        double *value)                         \
    {                                                                          \
        return take_seconds(bench, program, value);                            \
    }                                                                          \
    bool bench_exhaust_##noun##_rate(const struct bench *bench, double *value) \
    {                                                                          \
        return take_rate(bench, program, value);                               \
    }

SAMPLES(case1, CASE1)
SAMPLES(case2, CASE2)
SAMPLES(case6, CASE6)
SAMPLES(last_zero, LAST_ZERO)
