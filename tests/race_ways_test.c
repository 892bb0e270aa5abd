/*
 * The short ways of judging accesses against the long ones.
 *
 * A run that explores takes the short ways: few threads in lanes, atomic
 * locations in spots (harness/sim/memory/swift.c).  The same run recorded keeps
 * the stack of each access, and takes the long ones: epochs in cells, histories
 * and messages.  Drawn programs with accesses of every kind must end alike in
 * both, in the same words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/tap.h"

#include "harness/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUNS = 12, /* of a program */
    DETAIL_MAX = 256,
};

/* What two runs have to have in common. */
struct told {
    enum run_end end;
    uint32_t thread;
    uint64_t steps;
    uint64_t switches;
    char detail[DETAIL_MAX];
};

struct tally {
    uint64_t races;
    uint64_t finished;
    uint64_t others;
};

static struct scenario *scenario_of(uint64_t program, uint32_t clients,
                                    uint32_t extra, const char *settings)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[800];
    int size = snprintf(text, sizeof(text),
                        "scenario: 1\nname: racers\nsystem:\n  kind: threads\n"
                        "  algorithm: %s/tests/plugins/racers.so\n"
                        "  threads: %u\n"
                        "  params: { program: %" PRIu64 ", extra: %u }\n  %s\n"
                        "workload: { ops_per_thread: 2 }\n"
                        "schedule: { strategy: random }\n",
                        build == NULL ? "build" : build, clients, program,
                        extra, settings);
    return scenario_parse("racers.yaml", text, (size_t)size, stderr);
}

static struct runner *open_runner(const struct scenario *scenario)
{
    struct runner *runner =
        scenario == NULL ? NULL : runner_new(scenario, NULL, stderr);
    if (runner == NULL) {
        abort();
    }
    runner_set_unchecked(runner, true);
    return runner;
}

static struct told run(struct runner *runner, enum run_mode mode,
                       uint64_t index)
{
    struct run_outcome o;
    struct run_request request = {.mode = mode, .seed = 11, .index = index};
    runner_run(runner, &request, &o);
    struct told told = {.end = o.end,
                        .thread = o.thread,
                        .steps = o.steps,
                        .switches = o.switches};
    (void)snprintf(told.detail, sizeof(told.detail), "%s", o.detail);
    return told;
}

static bool is_same(const struct told *a, const struct told *b)
{
    return a->end == b->end && a->thread == b->thread && a->steps == b->steps &&
           a->switches == b->switches && strcmp(a->detail, b->detail) == 0;
}

static void note_end(struct tally *tally, const struct told *told)
{
    tally->races += told->end == RUN_RACE ? 1 : 0;
    tally->finished += told->end == RUN_FINISHED ? 1 : 0;
    tally->others += told->end != RUN_RACE && told->end != RUN_FINISHED ? 1 : 0;
}

/* Runs of one program, each in both ways; `afresh`: a world of its own for
 * each, so that each turns from few threads to many. */
static void compare(const struct scenario *scenario, uint64_t program,
                    bool afresh, struct tally *tally)
{
    struct runner *explorer = open_runner(scenario);
    struct runner *recorder = open_runner(scenario);
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct told quick = run(explorer, RUN_EXPLORE, i);
        struct told slow = run(recorder, RUN_RECORD, i);
        note_end(tally, &slow);
        if (!is_same(&quick, &slow)) {
            printf("# program %" PRIu64 ", run %" PRIu64 ": %s at %" PRIu64
                   " (%s), recorded %s at %" PRIu64 " (%s)\n",
                   program, i, run_end_name(quick.end), quick.steps,
                   quick.detail, run_end_name(slow.end), slow.steps,
                   slow.detail);
            CU_FAIL("the same run ended in another way");
        }
        if (afresh) {
            runner_free(explorer);
            explorer = open_runner(scenario);
        }
    }
    runner_free(explorer);
    runner_free(recorder);
}

static void compare_all(const char *settings, uint32_t extra, uint64_t programs)
{
    struct tally tally = {0};
    for (uint64_t program = 1; program <= programs; program++) {
        uint32_t clients = 2 + (uint32_t)(program % 3);
        struct scenario *scenario =
            scenario_of(program, clients, extra, settings);
        compare(scenario, program, extra > 0, &tally);
        scenario_free(scenario);
    }
    uint64_t all = programs * RUNS;
    CU_ASSERT(tally.races > all / 20);
    CU_ASSERT(tally.finished > all / 20);
    if (tally.races <= all / 20 || tally.finished <= all / 20 ||
        getenv("RACE_WAYS_TELL") != NULL) {
        printf("# %s: %" PRIu64 " races, %" PRIu64 " finished, %" PRIu64
               " other ends\n",
               settings, tally.races, tally.finished, tally.others);
    }
}

static void sequential_consistency(void)
{
    compare_all("races: report", 0, 150);
}

static void heap_unwatched(void)
{
    compare_all("races: report\n  heap: fast", 0, 40);
}

static void freed_memory_that_is_read(void)
{
    compare_all("races: report\n  freed_reads: allow", 0, 40);
}

static void release_sequences_of_c20(void)
{
    compare_all("races: report\n  release_sequence: c20", 0, 60);
}

static void threads_that_become_many(void)
{
    compare_all("races: report", 4, 30);
}

static void c11(void)
{
    compare_all("memory: c11", 0, 100);
}

static void c11_with_many(void)
{
    compare_all("memory: c11", 4, 20);
}

static void store_buffers(void)
{
    compare_all("memory: tso", 0, 60);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"sequential consistency", sequential_consistency},
        {"a heap that nobody watches", heap_unwatched},
        {"freed memory that is read", freed_memory_that_is_read},
        {"release sequences of C++20", release_sequences_of_c20},
        {"threads that become many", threads_that_become_many},
        {"c11", c11},
        {"c11 with many threads", c11_with_many},
        {"store buffers", store_buffers},
        {NULL, NULL},
    };
    return tap_run("race_ways", cases);
}
