/*
 * Benchmarks beside another checker: how many times as fast a history is
 * decided as the least time recorded for Porcupine, on two-core machines of
 * this kind, on the log of that shape.
 *
 * The time is that of one fl_check(), as `check --format jsonl` prints it: the
 * least of those in a sample, beside the least that was recorded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench.h"
#include "bench/logs.h"
#include "checker/check.h"
#include "checker/format/jsonl.h"
#include "harness/wall.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SAMPLE_NS = 50000000, /* of repeated decisions */
    PATH_SIZE = 600
};

/* A history that is decided, and what is known of it. */
struct run {
    struct fl_history *h; /* owned; NULL: it could not be made */
    struct fl_options options;
    enum fl_verdict expected;
    double recorded_ms; /* 0: none */
};

/* Decides it again and again: milliseconds, or, if a time was recorded, how
 * many times as fast. */
static bool decide(const struct run *run, double *value)
{
    bool right = run->h != NULL;
    uint64_t least = UINT64_MAX;
    uint64_t ended = wall_ns();
    uint64_t until = ended + SAMPLE_NS;
    while (right && ended < until) {
        struct fl_result *result = NULL;
        uint64_t started = wall_ns();
        right = fl_check(run->h, &run->options, &result) == FL_OK &&
                result->verdict == run->expected;
        ended = wall_ns();
        least = ended - started < least ? ended - started : least;
        fl_result_free(result);
    }
    double ms = (double)least / 1e6;
    *value = run->recorded_ms > 0 ? run->recorded_ms / ms : ms;
    fl_history_free(run->h);
    return right;
}

/* The recorded logs, beside the repository. */
static bool find_log(const char *name, char path[PATH_SIZE])
{
    const char *shared = getenv("FAULTLINE_SHARED"); // NOLINT
    (void)snprintf(path, PATH_SIZE, "%s/data/histories/%s",
                   shared == NULL ? "../shared" : shared, name);
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        (void)fclose(file);
    }
    return file != NULL;
}

static struct fl_history *read_log(const char *name)
{
    char path[PATH_SIZE];
    FILE *file = find_log(name, path) ? fopen(path, "r") : NULL;
    struct fl_jsonl *reader = file == NULL ? NULL : fl_jsonl_open(file);
    struct fl_history *h = NULL;
    struct fl_error error;
    if (reader != NULL && fl_jsonl_next(reader, &h, NULL, &error) != FL_OK) {
        h = NULL;
    }
    fl_jsonl_close(reader);
    if (file != NULL) {
        (void)fclose(file);
    }
    return h;
}

bool bench_peer_recorded(void)
{
    char path[PATH_SIZE];
    return find_log("porcupine-kv-c50-bad.jsonl", path);
}

bool bench_peer_c50_bad(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    struct run run = {.h = read_log("porcupine-kv-c50-bad.jsonl"),
                      .expected = FL_VIOLATION,
                      .recorded_ms = 12};
    return decide(&run, value);
}

bool bench_peer_etcd(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    double slowest = 0;
    for (uint32_t k = 1; k <= 102; k++) {
        char name[64];
        char path[PATH_SIZE];
        (void)snprintf(name, sizeof(name), "porcupine-etcd-%03u.jsonl", k);
        if (!find_log(name, path)) {
            continue;
        }
        struct fl_history *h = read_log(name);
        struct fl_result *result = NULL;
        uint64_t started = wall_ns();
        if (h == NULL || fl_check(h, NULL, &result) != FL_OK) {
            return false;
        }
        double ms = (double)(wall_ns() - started) / 1e6;
        slowest = ms > slowest ? ms : slowest;
        fl_result_free(result);
        fl_history_free(h);
    }
    *value = slowest;
    return slowest > 0;
}

/* A key-value log made here. */
static bool decide_kv(const struct log_wish *wish, bool whole, double recorded,
                      double *value)
{
    struct run run = {.h = log_of_kv(wish),
                      .options = {.whole = whole},
                      .expected = wish->bad ? FL_VIOLATION : FL_PASS,
                      .recorded_ms = recorded};
    return decide(&run, value);
}

bool bench_peer_kv10(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    struct log_wish wish = {.clients = 10, .operations = 1000, .seed = 1};
    return decide_kv(&wish, false, 0.4, value);
}

bool bench_peer_kv50(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    struct log_wish wish = {.clients = 50, .operations = 2000, .seed = 1};
    return decide_kv(&wish, false, 160, value);
}

bool bench_peer_kv10_whole(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    struct log_wish wish = {.clients = 10, .operations = 1000, .seed = 1};
    return decide_kv(&wish, true, 2300, value);
}

bool bench_peer_kv10_whole_bad(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    struct log_wish wish = {
        .clients = 10, .operations = 1000, .bad = true, .seed = 1};
    return decide_kv(&wish, true, 2600, value);
}

static bool decide_etcd(uint32_t values, double *value)
{
    struct log_wish wish = {.clients = 5,
                            .operations = 19000,
                            .opens = 25,
                            .values = values,
                            .seed = 3};
    struct run run = {.h = log_of_etcd(&wish),
                      .options = {.decider = FL_DECIDER_SEARCH},
                      .expected = FL_PASS};
    return decide(&run, value);
}

bool bench_peer_etcd_like(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return decide_etcd(0, value);
}

bool bench_peer_etcd_repeated(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return decide_etcd(5, value);
}
