/*
 * Slow: one of them runs, but at a fraction of its speed.
 *
 * The simulated world counts points, not cycles, so a factor has nothing to
 * act on yet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

const struct fault fault_slow = {
    .name = "slow",
    .about = "a thread or node runs slower by a factor",
    .parameters = "factor, for, p",
    .sites = 1u << SITE_TIME,
    .targets = 1u << TARGET_THREADS | 1u << TARGET_PROCESSES |
               1u << TARGET_NODES | 1u << TARGET_RANKS | 1u << TARGET_HOSTS,
    .later =
        "the simulated world has no speed of a thread; use `delay` or `pause` "
        "with `every`",
};
