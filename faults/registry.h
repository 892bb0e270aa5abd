/*
 * The faults by name, for their own files and the list in registry.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_FAULTS_REGISTRY_H
#define HX_FAULTS_REGISTRY_H

#include "harness/fault.h"

/* Each is what its file's opening comment says. */
extern const struct fault fault_alloc_fail;
extern const struct fault fault_bit_rot;
extern const struct fault fault_cas_spurious_fail;
extern const struct fault fault_clock_jump;
extern const struct fault fault_clog;
extern const struct fault fault_crash;
extern const struct fault fault_delay;
extern const struct fault fault_duplicate;
extern const struct fault fault_eager_reuse;
extern const struct fault fault_enospc;
extern const struct fault fault_kill;
extern const struct fault fault_latency;
extern const struct fault fault_loss;
extern const struct fault fault_message_loss;
extern const struct fault fault_partition;
extern const struct fault fault_pause;
extern const struct fault fault_reorder;
extern const struct fault fault_restart;
extern const struct fault fault_reuse;
extern const struct fault fault_slow;
extern const struct fault fault_torn_write;

/* What becomes of stable storage in a crash, as the rule's `disk` says: `p` is
 * that one of the unsynced writes is torn. */
static inline void fault_lose(const struct fault_context *context,
                              struct action *action)
{
    const struct rule *rule = context->rule;
    action->lose_unsynced =
        rule->disk_lose_unsynced || rule->disk_torn_bytes > 0;
    if (rule->disk_torn_bytes > 0 &&
        choice_chance(context->choice, STREAM_FAULTS, rule->disk_ppm)) {
        action->torn_bytes = rule->disk_torn_bytes;
    }
}

#endif
