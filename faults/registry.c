/*
 * The faults, in the order in which they are listed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <stddef.h>

const struct fault *const faults[] = {
    /* threads, processes, nodes */
    &fault_delay,
    &fault_crash,
    &fault_restart,
    &fault_kill,
    &fault_pause,
    &fault_clock_jump,
    /* memory */
    &fault_cas_spurious_fail,
    &fault_alloc_fail,
    &fault_reuse,
    &fault_eager_reuse,
    /* the network */
    &fault_latency,
    &fault_loss,
    &fault_message_loss,
    &fault_duplicate,
    &fault_reorder,
    &fault_partition,
    &fault_clog,
    /* known, and not yet able to act */
    &fault_slow,
    &fault_torn_write,
    &fault_bit_rot,
    &fault_enospc,
    NULL,
};
