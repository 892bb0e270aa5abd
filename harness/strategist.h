/*
 * The strategist: whose turn it is to schedule a run, and what it is told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_STRATEGIST_H
#define HX_STRATEGIST_H

#include "harness/runner.h"

/* Which strategy makes the run r->request: sets r->strategy, and r->turn, which
 * of that strategy's runs it is. */
void strategist_pick(struct runner *r);

/* Why r->strategy does not cut runs at states that were met before. */
enum unpruned strategist_unpruned(const struct runner *r);

/* What `strategy` keeps between its runs in `r`; borrowed.  It must be one of
 * strategies[], or the survey. */
void *strategist_state(struct runner *r, const struct strategy *strategy);

/* Whether loops that wait may be cut: not if how long somebody waits is what is
 * asked. */
bool strategist_may_cut(const struct scenario *s);

/* Tells r->strategy what is known before the run (threads, lengths, bounds,
 * memory), and lets it draw; loops that wait are cut if it wishes. */
void strategist_begin(struct runner *r);

#endif
