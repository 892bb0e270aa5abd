/*
 * Freeing after a grace period of Userspace RCU, by whoever has taken out.
 *
 * The library's call_rcu() leaves it to a thread that never ends.  Here each
 * client keeps what it owes, and pays it when it is no reader any more: it
 * waits for a grace period, in which each reader that might still see what was
 * taken out ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ALGORITHMS_LIBRARIES_RCU_H
#define ALGORITHMS_LIBRARIES_RCU_H

#include "algorithms/libraries/urcu.h"
#include <urcu/pointer.h>
#undef _LGPL_SOURCE /* as calls: the library is compiled by itself */
#include <urcu/urcu-mb.h>
#define _LGPL_SOURCE // NOLINT

/* What a client calls after a grace period. */
static _Thread_local struct rcu_head *owed;

/* Calls `function` for `head` when the client that runs here pays.  Allowed in
 * a reader, as call_rcu() is. */
static inline void rcu_after(struct rcu_head *head,
                             void (*function)(struct rcu_head *head))
{
    head->func = function;
    head->next.next = (struct cds_wfcq_node *)owed;
    owed = head;
}

/* Waits for `periods` grace periods if anything is owed, and calls.  In no
 * reader. */
static inline void rcu_pay(uint32_t periods)
{
    for (uint32_t i = 0; i < periods && owed != NULL; i++) {
        urcu_mb_synchronize_rcu();
    }
    while (owed != NULL) {
        struct rcu_head *head = owed;
        owed = (struct rcu_head *)head->next.next;
        head->func(head);
    }
}

#endif
