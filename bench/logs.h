/*
 * Logs: histories of the shapes that other checkers were timed on, made here
 * by running the object.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BENCH_LOGS_H
#define BENCH_LOGS_H

#include "checker/history.h"

/* What is wanted of a log. */
struct log_wish {
    uint32_t clients;
    uint32_t operations;
    uint32_t opens;  /* operations that never return */
    uint32_t values; /* written values; 0: each one once */
    bool bad;        /* one answer is wrong, three quarters through */
    uint64_t seed;
};

/* A key-value log, ten keys: gets, appends, few puts.  Legal unless it is bad.
 * NULL when memory ends; the caller frees it. */
struct fl_history *log_of_kv(const struct log_wish *wish);

/* A log of a register with compare-and-set, as Jepsen records etcd: clients
 * that time out leave an operation open and go on under a new name. */
struct fl_history *log_of_etcd(const struct log_wish *wish);

#endif
