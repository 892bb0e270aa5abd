/*
 * The list of measurements.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench.h"

#include <stddef.h>

/* The rows of one model's monitor. */
#define MONITOR(noun)                                                         \
    {"check/monitor/" #noun "/1000000",                                       \
     "s",                                                                     \
     "under 1",                                                               \
     5,                                                                       \
     bench_monitor_##noun,                                                    \
     NULL},                                                                   \
        {"check/monitor/" #noun "/growth",     "exponent",                    \
         "n log n: 1.08; 62 500 to 1 000 000", 3,                             \
         bench_monitor_##noun##_growth,        NULL},                         \
        {"check/monitor/" #noun "/growth-beyond-caches",                      \
         "exponent",                                                          \
         "n log n: 1.07; 500 000 to 4 000 000",                               \
         1,                                                                   \
         bench_monitor_##noun##_beyond,                                       \
         NULL},                                                               \
    {                                                                         \
        "check/monitor/" #noun "/memory", "bytes/operation", "at most 64", 1, \
            bench_monitor_##noun##_bytes, NULL                                \
    }

/* The rows of a program whose executions are known in number: of a search
 * that takes seconds, one for all three. */
#define EXHAUST(noun, name, known, repeats, seconds, rate)          \
    {"exhaust/" name "/c11/executions",                             \
     "executions",                                                  \
     known,                                                         \
     1,                                                             \
     bench_exhaust_##noun,                                          \
     bench_exhaust_is_there},                                       \
        {"exhaust/" name "/c11/all",                                \
         "s",                                                       \
         seconds,                                                   \
         repeats,                                                   \
         bench_exhaust_##noun##_seconds,                            \
         bench_exhaust_is_there},                                   \
    {                                                               \
        "exhaust/" name "/c11/rate", "executions/s", rate, repeats, \
            bench_exhaust_##noun##_rate, bench_exhaust_is_there     \
    }

const struct measurement measurements[] = {
    {"explore/ms_queue/2x2/random/checked", "executions/s", "at least 500 000",
     5, bench_explore_checked, NULL},
    {"explore/ms_queue/2x2/random/unchecked", "executions/s", "", 5,
     bench_explore_unchecked, NULL},
    {"explore/ms_queue/2x2/random/no-heap-no-races", "executions/s",
     "at least 1 200 000", 5, bench_explore_plain, NULL},
    {"explore/ms_queue/2x2/random/heap-and-races", "executions/s",
     "at least 800 000", 5, bench_explore_races, NULL},
    {"explore/ms_queue/2x2/random/c11", "executions/s", "at least 500 000", 5,
     bench_explore_c11, NULL},
    {"explore/ms_queue/2x2/auto/checked", "executions/s", "", 5,
     bench_explore_auto, NULL},
    {"explore/ms_queue/2x2/auto/c11", "executions/s", "", 5,
     bench_explore_auto_c11, NULL},
    {"explore/peer/relacy", "executions/s", "", 5, bench_peer_relacy,
     bench_peer_relacy_is_there},
    {"explore/peer/relacy/checked", "times", "at least 2", 5,
     bench_peer_relacy_times, bench_peer_relacy_is_there},
    {"explore/peer/relacy/c11", "times", "", 5, bench_peer_relacy_c11,
     bench_peer_relacy_is_there},
    {"explore/treiber_stack/2x4/pct/checked", "executions/s", "", 5,
     bench_explore_treiber, NULL},
    {"explore/abd_register/3+2x3/random/checked", "executions/s", "", 5,
     bench_explore_abd, NULL},
    EXHAUST(case1, "case1", "222", 5,
            "recorded: GenMC, Nidhugg 0.06 to 0.09, with a compiler",
            "recorded: GenMC about 6 000"),
    EXHAUST(case2, "case2", "188", 5, "", ""),
    EXHAUST(case6, "case6", "363 454", 1, "recorded: GenMC 59.5",
            "recorded: GenMC about 6 000"),
    EXHAUST(last_zero, "last_zero/10", "3 328", 3, "", ""),
    {"campaign/ms_queue/2x2/workers/2-over-1", "ratio", "at least 1.8", 5,
     bench_workers, NULL},
    {"campaign/ms_queue/2x2/workers/each-of-all", "of one alone",
     "at least 0.9", 5, bench_workers_all, NULL},
    {"worker/ms_queue/2x2/memory", "MB", "under 64", 1, bench_worker_memory,
     NULL},
    {"worker/ms_queue/2x2/growth/1000000-to-10000000", "bytes", "0", 1,
     bench_worker_growth, NULL},
    {"run/treiber-aba/first-failure", "s", "under 0.2", 9, bench_first_failure,
     NULL},
    {"replay/treiber-aba/identical", "of 1000", "1000", 3, bench_replay, NULL},
    {"check/queue/4x250", "operations/s", "", 5, bench_check_queue, NULL},
    {"check/register/8x64", "operations/s", "", 5, bench_check_register, NULL},
    MONITOR(queue),
    MONITOR(stack),
    MONITOR(set),
    MONITOR(priority_queue),
    MONITOR(register),
    {"check/witness/set/1000000", "s", "", 3, bench_witness_set, NULL},
    {"record/one-reading", "ns/operation", "at most 20", 9,
     bench_record_chained, NULL},
    {"record/one-reading-and-stores", "ns/operation", "", 9,
     bench_record_drained, NULL},
    {"record/two-readings", "ns/operation", "", 9, bench_record_apart, NULL},
    {"record/clock-error", "ns", "", 5, bench_record_error, NULL},
    {"check/peer/kv-c50-bad", "times",
     "at least 10; recorded: Porcupine 12 to 56 ms", 5, bench_peer_c50_bad,
     bench_peer_recorded},
    {"check/peer/kv/50x2000", "times",
     "at least 10; recorded: Porcupine 160 to 220 ms", 5, bench_peer_kv50,
     NULL},
    {"check/peer/kv/10x1000", "times",
     "at least 1; recorded: Porcupine 0.4 to 1 ms", 5, bench_peer_kv10, NULL},
    {"check/peer/kv/10x1000/whole", "times",
     "at least 10; recorded: Porcupine 2300 to 3500 ms", 5,
     bench_peer_kv10_whole, NULL},
    {"check/peer/kv/10x1000/whole/bad", "times",
     "at least 10; recorded: Porcupine 2600 ms", 5, bench_peer_kv10_whole_bad,
     NULL},
    {"check/peer/etcd/slowest", "ms",
     "under 1; recorded: Porcupine up to 115 to 216", 5, bench_peer_etcd,
     bench_peer_recorded},
    {"check/etcd-like/19000/25-open", "ms", "under 50", 5, bench_peer_etcd_like,
     NULL},
    {"check/etcd-like/19000/25-open/5-values", "ms", "under 50", 5,
     bench_peer_etcd_repeated, NULL},
    {NULL, NULL, NULL, 0, NULL, NULL},
};
