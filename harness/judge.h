/*
 * Judging: what a finished run is worth.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_JUDGE_H
#define HX_JUDGE_H

#include "harness/runner.h"

/* The object at quiescence: its own invariants, leaks, destroy().  May run
 * code under test. */
void judge_object(struct runner *r);

/* The history: by the cache, or by the checker. */
void judge_history(struct runner *r);

/* A number that failures of the same sort share, before shrinking: how the run
 * ended, and on which type of operation. */
uint64_t judge_bucket(const struct runner *r);

/* Puts the decisions that `choice` kept into `trace`, sorted. */
void judge_keep_decisions(struct trace *trace, const struct choice *choice);

#endif
