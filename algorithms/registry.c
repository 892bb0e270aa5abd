/*
 * The menu of algorithms, on one screen.
 *
 * A list and not a search of the disk: the order is the reader's, from the
 * objects everybody knows to the systems that one must explain.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "algorithms/registry.h"

#include <stddef.h>

const char *const algorithm_names[] = {
    "treiber_stack",      "ms_queue",       "ms_queue_hp",
    "ms_queue_ebr",       "two_lock_queue", "spin_lock",
    "ticket_lock",        "mpsc_ring",      "chain",
    "fetch_counter",      "dekker_lock",    "shm_region",
    "detectable_counter", "abd_register",   "ck_ring",
    "ck_stack",           "ck_fifo",        "ck_set",
    "urcu_queue",         "urcu_lfqueue",   "urcu_stack",
    "urcu_wfstack",       "urcu_table",     NULL,
};
