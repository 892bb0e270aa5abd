/*
 * The list of measurements.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench.h"

#include <stddef.h>

const struct measurement measurements[] = {
    {"explore/ms_queue/2x2/random/checked", "executions/s", "at least 500 000",
     5, bench_explore_checked},
    {"explore/ms_queue/2x2/random/unchecked", "executions/s", "", 5,
     bench_explore_unchecked},
    {"explore/treiber_stack/2x4/pct/checked", "executions/s", "", 5,
     bench_explore_treiber},
    {"explore/abd_register/3+2x3/random/checked", "executions/s", "", 5,
     bench_explore_abd},
    {"campaign/ms_queue/2x2/workers/2-over-1", "ratio", "at least 1.8", 5,
     bench_workers},
    {"run/treiber-aba/first-failure", "s", "under 0.2", 9, bench_first_failure},
    {"replay/treiber-aba/identical", "of 1000", "1000", 3, bench_replay},
    {"check/queue/4x250", "operations/s", "", 5, bench_check_queue},
    {"check/register/8x64", "operations/s", "", 5, bench_check_register},
    {"check/monitor/queue/1000000", "s", "under 1", 5, bench_monitor_queue},
    {"check/monitor/queue/100000", "s", "", 5, bench_monitor_queue_tenth},
    {"check/monitor/stack/1000000", "s", "under 1", 5, bench_monitor_stack},
    {"check/monitor/set/1000000", "s", "under 1", 5, bench_monitor_set},
    {"check/monitor/priority_queue/1000000", "s", "under 1", 5,
     bench_monitor_priority_queue},
    {"check/monitor/register/1000000", "s", "under 1", 5,
     bench_monitor_register},
    {"record/one-reading", "ns/operation", "at most 20", 9,
     bench_record_chained},
    {"record/one-reading-and-stores", "ns/operation", "", 9,
     bench_record_drained},
    {"record/two-readings", "ns/operation", "", 9, bench_record_apart},
    {"record/clock-error", "ns", "", 5, bench_record_error},
    {NULL, NULL, NULL, 0, NULL},
};
