/*
 * Edits of a trace: what a shrinking step takes away or renames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SHRINK_EDIT_H
#define HX_SHRINK_EDIT_H

#include "checker/model.h"
#include "harness/trace.h"

/* Operations of all clients. */
uint32_t edit_operations(const struct workload *workload);

/* Removes calls from..to-1 of `client`.  Faults that struck in one of them go,
 * too; those behind move up.  `shift` is the thread number of client 0. */
void edit_drop_calls(struct trace *trace, uint32_t client, uint32_t from,
                     uint32_t to, uint32_t shift);

/* Removes occurrences, switches or decisions from..to-1. */
void edit_drop_occurrences(struct trace *trace, uint32_t from, uint32_t to);
void edit_drop_switches(struct trace *trace, uint32_t from, uint32_t to);
void edit_drop_decisions(struct trace *trace, uint32_t from, uint32_t to);

/* Steps from the switch before `which`, or the first step, to it; and lets it,
 * and all behind it, come `steps` sooner, which must be fewer. */
uint64_t edit_piece(const struct trace *trace, uint32_t which);
void edit_hasten(struct trace *trace, uint32_t which, uint64_t steps);

/* Decisions for another store than the newest; and a trace without them. */
uint32_t edit_stale(const struct trace *trace);
void edit_drop_stale(struct trace *trace);

/* Lets clients exchange their numbers, in workload, switches and faults. */
void edit_swap_clients(struct trace *trace, uint32_t a, uint32_t b,
                       uint32_t shift);

/* Renames the values that calls carry to 1, 2, 3, ... (behind those that the
 * set-up of `scenario` uses) by first use.  False: they are so already. */
bool edit_rename_values(struct trace *trace, const struct scenario *scenario,
                        const struct fl_model *model);

/* Removes all waiting between operations.  False: there is none. */
bool edit_drop_thinking(struct trace *trace);

#endif
