/*
 * The journal: what a recorded run keeps for its trace and its log.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_JOURNAL_H
#define HX_SIM_JOURNAL_H

#include "harness/sim/world.h"

struct action;
struct site;

enum {
    LOG_STEPS_MAX = 1 << 18, /* steps that a log keeps */
};

/* Makes an empty log; ends the program if there is no memory. */
struct run_log *journal_new(void);
void journal_free(struct run_log *log);
void journal_clear(struct run_log *log);

/* A switch to `thread` at `moment` (decide.h), for the trace. */
void journal_switch(struct world *w, uint64_t moment, uint32_t thread);

/* Every 64 steps: the rolling digest goes into the trace, or
 * is compared with that of the trace that is replayed (RUN_DIVERGED). */
void journal_digest(struct world *w);

/* The same when the run has ended: it must have ended like its trace. */
void journal_finish(struct world *w);

/* A fault acts at the current step; returns its index in the log. */
uint32_t journal_fault(struct world *w, const struct action *action,
                       const struct site *site);

/* Fault number `fault` has ended. */
void journal_fault_over(struct world *w, uint32_t fault);

/* Keeps the return addresses of the current stack from `pc` on, up to `max`;
 * their number, 0 if `pc` is not among them. */
uint32_t journal_stack(uintptr_t pc, uintptr_t *kept, uint32_t max);

/* The current fiber begins to wait, or to spin; and goes on.  Nothing unless
 * recording. */
void journal_wait(struct world *w);
void journal_wait_over(struct world *w, const struct fiber *f);

/* `owner` could end the wait of `fiber` now: another than at its beginning. */
void journal_wait_owner(struct world *w, uint32_t fiber, uint32_t owner);

/* Messages and values of nodes, for the network's log.  NULL: not recording. */
struct log_message *journal_message(struct world *w);
struct log_value *journal_value(struct world *w);
struct log_block *journal_block(struct world *w);

#endif
