/*
 * Bit rot: what a disk gives back is not what it was given.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

const struct fault fault_bit_rot = {
    .name = "bit_rot",
    .about = "a read from a disk returns changed bytes",
    .parameters = "p, op",
    .sites = 1u << SITE_TIME,
    .targets = 1u << TARGET_THREADS | 1u << TARGET_PROCESSES |
               1u << TARGET_NODES | 1u << TARGET_RANKS | 1u << TARGET_HOSTS,
    .later = "there is no simulated disk yet",
};
