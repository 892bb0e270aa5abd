/*
 * Benchmarks of exploring: one worker, in this process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench.h"
#include "harness/campaign.h"
#include "harness/child.h"
#include "harness/wall.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    SAMPLE_MS = 700,  /* of one sample */
    LOOK_EVERY = 256, /* runs between two looks at the clock */
    WORKERS_RUNS = 400000,
    EARLY_RUNS = 1000000,
    LONG_RUNS = 10000000,
    LINES_MAX = 32, /* bytes of further lines */
};

/* The queue of Michael and Scott; %s: further lines of `system`, and the
 * strategy. */
#define MS_QUEUE                   \
    "scenario: 1\n"                \
    "name: bench-ms_queue\n"       \
    "system:\n"                    \
    "  kind: threads\n"            \
    "  algorithm: ms_queue\n"      \
    "  threads: 2\n"               \
    "%s"                           \
    "workload:\n"                  \
    "  ops_per_thread: 2\n"        \
    "  values: unique\n"           \
    "schedule: { strategy: %s }\n" \
    "check:\n"                     \
    "  model: fifo_queue\n"        \
    "  criterion: linearizable\n"  \
    "run: { seeds: 1..1000000 }\n"

static const char treiber[] = "scenario: 1\n"
                              "name: bench-treiber_stack\n"
                              "system:\n"
                              "  kind: threads\n"
                              "  algorithm: treiber_stack\n"
                              "  threads: 2\n"
                              "workload:\n"
                              "  ops_per_thread: 4\n"
                              "schedule: { strategy: pct, depth: 3 }\n"
                              "check:\n"
                              "  model: stack\n"
                              "  criterion: linearizable\n"
                              "run: { seeds: 1..1000000 }\n";

static const char abd[] =
    "scenario: 1\n"
    "name: bench-abd_register\n"
    "system:\n"
    "  kind: network\n"
    "  algorithm: abd_register\n"
    "  nodes: { replica: 3, client: 2 }\n"
    "workload:\n"
    "  clients: { ops: 3 }\n"
    "network:\n"
    "  default: { latency: { dist: uniform, min: 1ms, max: 9ms } }\n"
    "check:\n"
    "  model: register\n"
    "  criterion: linearizable\n"
    "run: { seeds: 1..1000000, sim_time: 60s }\n";

/* A scenario in memory and its runner. */
struct rig {
    struct scenario *scenario;
    struct runner *runner;
};

/* Room for it. */
struct queue_text {
    char text[sizeof(MS_QUEUE) + LINES_MAX];
};

static struct queue_text queue_of(const char *lines, const char *strategy)
{
    struct queue_text queue;
    int size =
        snprintf(queue.text, sizeof(queue.text), MS_QUEUE, lines, strategy);
    assert(size > 0 && (size_t)size < sizeof(queue.text));
    (void)size;
    return queue;
}

static bool open_rig(struct rig *rig, const char *text)
{
    *rig = (struct rig){0};
    rig->scenario = scenario_parse("<bench>", text, strlen(text), stderr);
    if (rig->scenario == NULL) {
        return false;
    }
    rig->runner = runner_new(rig->scenario, NULL, stderr);
    return rig->runner != NULL;
}

static void close_rig(struct rig *rig)
{
    runner_free(rig->runner);
    scenario_free(rig->scenario);
}

static uint64_t processor_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Runs for a while, as now() has it; executions a second, or a failure if one
 * is met. */
static bool explore(struct runner *runner, uint64_t (*now)(void), double *value)
{
    struct run_request request = {.mode = RUN_EXPLORE, .seed = 0x5eed1a};
    struct run_outcome outcome;
    uint64_t started = now();
    uint64_t ended = started;
    while (ended - started < SAMPLE_MS * (uint64_t)1000000) {
        for (uint32_t i = 0; i < LOOK_EVERY; i++) {
            request.index++;
            runner_run(runner, &request, &outcome);
            if (outcome.verdict == FL_VIOLATION) {
                return false;
            }
        }
        ended = now();
    }
    *value = (double)request.index * 1e9 / (double)(ended - started);
    return true;
}

static bool explore_text(const char *text, bool unchecked, double *value)
{
    struct rig rig;
    bool taken = open_rig(&rig, text);
    if (taken) {
        runner_set_unchecked(rig.runner, unchecked);
        taken = explore(rig.runner, wall_ns, value);
    }
    close_rig(&rig);
    return taken;
}

/* The queue with these lines in its `system`. */
static bool explore_queue(const char *lines, bool unchecked, double *value)
{
    struct queue_text queue = queue_of(lines, "random");
    return explore_text(queue.text, unchecked, value);
}

bool bench_explore_processor(const char *lines, double *value)
{
    assert(lines != NULL && value != NULL);
    struct rig rig;
    struct queue_text queue = queue_of(lines, "random");
    bool taken =
        open_rig(&rig, queue.text) && explore(rig.runner, processor_ns, value);
    close_rig(&rig);
    return taken;
}

bool bench_explore_checked(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return explore_queue("", false, value);
}

bool bench_explore_unchecked(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return explore_queue("", true, value);
}

bool bench_explore_plain(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return explore_queue("  heap: fast\n", false, value);
}

bool bench_explore_races(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return explore_queue("  races: report\n", false, value);
}

bool bench_explore_c11(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return explore_queue("  memory: c11\n", false, value);
}

bool bench_explore_auto(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return explore_text(queue_of("", "auto").text, false, value);
}

bool bench_explore_auto_c11(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return explore_text(queue_of("  memory: c11\n", "auto").text, false, value);
}

bool bench_explore_treiber(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return explore_text(treiber, false, value);
}

bool bench_explore_abd(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return explore_text(abd, false, value);
}

/* Runs a second of a campaign with `jobs` workers. */
static double campaign_rate(const struct rig *rig, uint32_t jobs)
{
    struct campaign_request request = {
        .scenario = rig->scenario,
        .runner = rig->runner,
        .seed = 0x5eed1a,
        .first = 1,
        .last = WORKERS_RUNS,
        .deadline = WALL_NEVER,
        .jobs = jobs,
        .stop_after = 1,
    };
    struct campaign_outcome outcome;
    uint64_t started = wall_ns();
    campaign_run(&request, &outcome);
    uint64_t took = wall_ns() - started;
    return (double)outcome.runs * 1e9 / (double)took;
}

/* How many times as fast `jobs` workers are as one. */
static bool compare_workers(uint32_t jobs, double *value)
{
    struct rig rig;
    struct queue_text queue = queue_of("", "random");
    bool taken = open_rig(&rig, queue.text);
    if (taken) {
        double one = campaign_rate(&rig, 1);
        double all = campaign_rate(&rig, jobs);
        *value = all / one;
    }
    close_rig(&rig);
    return taken;
}

bool bench_workers(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return compare_workers(2, value);
}

bool bench_workers_all(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t jobs = processors < 1                      ? 1
                    : processors < CAMPAIGN_WORKERS_MAX ? (uint32_t)processors
                                                        : CAMPAIGN_WORKERS_MAX;
    bool taken = compare_workers(jobs, value);
    *value /= jobs;
    return taken;
}

/* Bytes that this process has now of what the kernel calls `kind`; 0: not
 * known.  The sums of smaps are exact, the counters of statm are kept a
 * processor and late. */
static double held_bytes(const char *kind)
{
    char line[128];
    double bytes = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    if (file == NULL) {
        return 0;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, kind, strlen(kind)) == 0) {
            bytes = (double)strtoul(line + strlen(kind), NULL, 10) * 1024;
        }
    }
    (void)fclose(file);
    return bytes;
}

/* Memory of its own, which it wrote to, after so many executions and after
 * all; and all that is resident, code too. */
struct memory {
    double early;
    double late;
    double resident;
};

static int run_long(void *argument)
{
    struct memory *memory = argument;
    struct rig rig;
    struct queue_text queue = queue_of("", "random");
    if (!open_rig(&rig, queue.text)) {
        return 1;
    }
    for (uint64_t i = 1; i <= LONG_RUNS; i++) {
        struct run_request request = {.seed = 0x5eed1a, .index = i};
        struct run_outcome outcome;
        runner_run(rig.runner, &request, &outcome);
        if (i == EARLY_RUNS) {
            memory->early = held_bytes("Anonymous:");
        }
    }
    memory->late = held_bytes("Anonymous:");
    memory->resident = held_bytes("Rss:");
    close_rig(&rig);
    return 0;
}

/* In a process of its own, as a worker is. */
static bool measure_memory(struct memory *memory)
{
    struct memory *shared = child_share(sizeof(*shared));
    struct child_end end = child_run(run_long, shared, WALL_NEVER, NULL);
    *memory = *shared;
    child_unshare(shared, sizeof(*shared));
    return end.exited && end.code == 0 && memory->early > 0;
}

bool bench_worker_memory(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    struct memory memory;
    bool taken = measure_memory(&memory);
    *value = memory.resident / (1024 * 1024);
    return taken;
}

bool bench_worker_growth(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    struct memory memory;
    bool taken = measure_memory(&memory);
    *value = memory.late - memory.early;
    return taken;
}
