/*
 * No space: a write fails because the disk is full.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

const struct fault fault_enospc = {
    .name = "enospc",
    .about = "a write to a disk fails: no space",
    .parameters = "p",
    .sites = 1u << SITE_TIME,
    .targets = 1u << TARGET_THREADS | 1u << TARGET_PROCESSES |
               1u << TARGET_NODES | 1u << TARGET_RANKS | 1u << TARGET_HOSTS,
    .later = "there is no simulated disk yet",
};
