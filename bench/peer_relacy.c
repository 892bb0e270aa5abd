/*
 * Benchmarks beside Relacy: executions a second of processor time of the same
 * queue, a sample of each right after the other.
 *
 * Processor time, since the two programs may not be disturbed alike.  Relacy's
 * program is built by `make bench`, of peer_relacy.cpp, and lies beside ours;
 * without it the rows are left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench.h"
#include "harness/child.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PATH_SIZE = 600,
};

/* About half a second. */
#define ITERATIONS "300000"

static bool find_peer(char path[PATH_SIZE])
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_SIZE - 40);
    assert(size < PATH_SIZE);
    if (size <= 0) {
        return false;
    }
    path[size] = '\0';
    char *slash = strrchr(path, '/');
    assert(slash != NULL);
    (void)snprintf(slash, 40, "/peer_relacy");
    return access(path, X_OK) == 0;
}

bool bench_peer_relacy_is_there(void)
{
    char path[PATH_SIZE];
    return find_peer(path);
}

bool bench_peer_relacy(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    char path[PATH_SIZE];
    char said[PATH_SIZE];
    (void)snprintf(said, sizeof(said), "%s/relacy", bench->directory);
    int output = open(said, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (output < 0) {
        return false;
    }
    char text[64] = "";
    bool taken = find_peer(path) &&
                 child_spawn((const char *const[]){path, ITERATIONS, NULL},
                             output) == 0 &&
                 pread(output, text, sizeof(text) - 1, 0) > 0;
    (void)close(output);
    *value = strtod(text, NULL);
    return taken && *value > 0;
}

static bool compare(const struct bench *bench, const char *lines, double *value)
{
    double ours = 0;
    double theirs = 0;
    if (!bench_explore_processor(lines, &ours) ||
        !bench_peer_relacy(bench, &theirs)) {
        return false;
    }
    *value = ours / theirs;
    return true;
}

bool bench_peer_relacy_times(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return compare(bench, "", value);
}

bool bench_peer_relacy_c11(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return compare(bench, "  memory: c11\n", value);
}
