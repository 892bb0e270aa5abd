/*
 * Benchmarks: what each measures, as one sample a call.
 *
 * A sample takes about a second or less; the command repeats it and prints the
 * median and the spread.  Every number is measured in the run that prints it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Programs whose executions are known in number (exhaust.c). */
enum {
    BENCH_PROGRAMS = 4,
};

/* One search through all executions of a program; each number of it is told
 * once. */
struct bench_search {
    double executions;
    double seconds;
    bool has_seconds;
    bool has_rate;
};

/* What samples need. */
struct bench {
    struct bench_search *searches; /* the last of each of BENCH_PROGRAMS */
    const char *program;           /* path of the running program */
    const char *directory;         /* a temporary one, to work in */
    const char *scenario;          /* text of the treiber-aba scenario */
};

/* One number that is measured. */
struct measurement {
    const char *name; /* "explore/ms_queue/2x2/random/checked" */
    const char *unit; /* "executions/s" */
    const char *goal; /* "at least 500 000"; "" where there is none */
    uint32_t repeats;
    /* One sample; false: it could not be taken. */
    bool (*sample)(const struct bench *bench, double *value);
    /* Whether there is what it measures; NULL: always.  Else it is left out. */
    bool (*exists)(void);
};

/* All measurements, in order; ends with a NULL name. */
extern const struct measurement measurements[];

/* Executions a second of the Michael-Scott queue, two threads with two
 * operations each, random walk, one core: judged, and not judged. */
bool bench_explore_checked(const struct bench *bench, double *value);
bool bench_explore_unchecked(const struct bench *bench, double *value);

/* The same, judged: neither heap nor races checked; both; all of c11. */
bool bench_explore_plain(const struct bench *bench, double *value);
bool bench_explore_races(const struct bench *bench, double *value);
bool bench_explore_c11(const struct bench *bench, double *value);

/* The same by the strategy that is used unless another is named: checked, and
 * under c11. */
bool bench_explore_auto(const struct bench *bench, double *value);
bool bench_explore_auto_c11(const struct bench *bench, double *value);

/* Executions of it a second of processor time, judged, with further `lines` in
 * the scenario's `system`: for measuring beside another program. */
bool bench_explore_processor(const char *lines, double *value);

/* A search through every execution of a program with a known count, under c11:
 * how many there were, seconds until there was none left, executions a second.
 * It fails if some execution came twice, or the search was not exhaustive. */
#define BENCH_EXHAUST(noun)                                              \
    bool bench_exhaust_##noun(const struct bench *bench, double *value); \
    bool bench_exhaust_##noun##_seconds(const struct bench *bench,       \
                                        double *value);                  \
    bool bench_exhaust_##noun##_rate(const struct bench *bench, double *value)

BENCH_EXHAUST(case1);
BENCH_EXHAUST(case2);
BENCH_EXHAUST(case6);
BENCH_EXHAUST(last_zero);
bool bench_exhaust_is_there(void);

/* Beside Relacy's random scheduler on the same queue (peer_relacy.cpp), in
 * processor time: its rate, and how many times as fast we are, by default and
 * under C11's memory.  Relacy models that memory and looks for races all the
 * time; it keeps no history and has no checker. */
bool bench_peer_relacy_is_there(void);
bool bench_peer_relacy(const struct bench *bench, double *value);
bool bench_peer_relacy_times(const struct bench *bench, double *value);
bool bench_peer_relacy_c11(const struct bench *bench, double *value);

/* The same for other systems: Treiber's stack under PCT, ABD on a network. */
bool bench_explore_treiber(const struct bench *bench, double *value);
bool bench_explore_abd(const struct bench *bench, double *value);

/* How many times as fast two workers are as one; and what one of as many
 * workers as there are processors does, as a share of what one alone does. */
bool bench_workers(const struct bench *bench, double *value);
bool bench_workers_all(const struct bench *bench, double *value);

/* A worker's memory after ten million executions, in megabytes; and by how many
 * bytes it has grown since the first million. */
bool bench_worker_memory(const struct bench *bench, double *value);
bool bench_worker_growth(const struct bench *bench, double *value);

/* Seconds from typing the command to its end: a failure found, shrunk, told,
 * drawn and stored. */
bool bench_first_failure(const struct bench *bench, double *value);

/* Replays of one trace, of 1000, with identical events. */
bool bench_replay(const struct bench *bench, double *value);

/* Operations a second that the checker decides: a queue history that passes,
 * and a register history by its memo. */
bool bench_check_queue(const struct bench *bench, double *value);
bool bench_check_register(const struct bench *bench, double *value);

/* Of legal histories of 8 clients with distinct values: seconds of the
 * processor in which a monitor decides a million operations; how that grows
 * with their number, as an exponent, from histories that fit into a cache to
 * some that do not, and among those that do not; bytes held for each. */
#define BENCH_SAMPLE(name) bool name(const struct bench *bench, double *value)
#define BENCH_MONITOR(noun)                      \
    BENCH_SAMPLE(bench_monitor_##noun);          \
    BENCH_SAMPLE(bench_monitor_##noun##_growth); \
    BENCH_SAMPLE(bench_monitor_##noun##_beyond); \
    BENCH_SAMPLE(bench_monitor_##noun##_bytes)

BENCH_MONITOR(queue);
BENCH_MONITOR(stack);
BENCH_MONITOR(set);
BENCH_MONITOR(priority_queue);
BENCH_MONITOR(register);

/* Seconds to test the witness of a set's million operations. */
bool bench_witness_set(const struct bench *bench, double *value);

/* Nanoseconds that recording adds to an operation of the real world: one
 * reading of the clock an operation, the same and a wait for its stores, two
 * readings; and how far clocks of two processors may be apart. */
bool bench_record_chained(const struct bench *bench, double *value);
bool bench_record_drained(const struct bench *bench, double *value);
bool bench_record_apart(const struct bench *bench, double *value);
bool bench_record_error(const struct bench *bench, double *value);

/* How many times as fast as Porcupine's recorded least: its bad log of 50
 * clients, if it is there, and logs made in the shapes of its others; "whole"
 * is not split by key. */
bool bench_peer_recorded(void);
bool bench_peer_c50_bad(const struct bench *bench, double *value);
bool bench_peer_kv10(const struct bench *bench, double *value);
bool bench_peer_kv50(const struct bench *bench, double *value);
bool bench_peer_kv10_whole(const struct bench *bench, double *value);
bool bench_peer_kv10_whole_bad(const struct bench *bench, double *value);

/* Milliseconds: the slowest of its etcd logs that are there, decided once; and
 * a log of 19 000 operations, 25 of them open, whose values are distinct, or
 * of five values, by the search alone. */
bool bench_peer_etcd(const struct bench *bench, double *value);
bool bench_peer_etcd_like(const struct bench *bench, double *value);
bool bench_peer_etcd_repeated(const struct bench *bench, double *value);

/*
 * The matrix: how long each strategy takes to each flaw.  A cell is the median,
 * over base seeds, of the executions until the first failure, made one after
 * the other in one process.  Executions are counted rather than timed, since
 * they are the same on every machine.
 */

/* What to measure in it. */
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
