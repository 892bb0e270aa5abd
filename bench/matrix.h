/*
 * The matrix: how long each strategy takes to each flaw.
 *
 * A cell is the median, over base seeds, of the executions until the first
 * failure, made one after the other in one process.  Executions are counted
 * rather than timed, since they are the same on every machine; the time is
 * printed beside them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BENCH_MATRIX_H
#define BENCH_MATRIX_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What to measure. */
struct matrix_request {
    char *const *paths; /* scenarios; those that expect no violation are left
                         * out */
    uint32_t count;
    const char *only; /* a pattern for their names; NULL: all */
    uint64_t cap;     /* executions of a seed, at most */
    FILE *table;      /* the same as Markdown; NULL: nowhere */
};

/* Measures, and prints each row as it is done.  False: nothing was measured,
 * or a scenario could not be read. */
bool matrix_measure(const struct matrix_request *request);

#endif
