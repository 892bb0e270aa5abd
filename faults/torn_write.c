/*
 * Torn write: only some sectors of a write to a disk reach it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

const struct fault fault_torn_write = {
    .name = "torn_write",
    .about = "a write to a disk reaches it in part",
    .parameters = "p",
    .sites = 1u << SITE_TIME,
    .targets = 1u << TARGET_THREADS | 1u << TARGET_PROCESSES |
               1u << TARGET_NODES | 1u << TARGET_RANKS | 1u << TARGET_HOSTS,
    .later = "there is no simulated disk yet; a restart's `disk: { torn_write: "
             "... }` tears stable storage",
};
