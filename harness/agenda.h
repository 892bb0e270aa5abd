/*
 * The agenda of a replay: the faults of a trace, each due where it was.
 *
 * What happened at a step of a thread is due at the same step of the same
 * operation; at a message of a replica, at the message with the same number;
 * at a moment, at that moment or the first one after it.  In a lenient agenda,
 * what happened at a point is due when its thread first comes to that point in
 * the same operation, however many steps that takes: under another schedule it
 * may have waited longer before it.  In an edited trace
 * some of these places never come: then that fault just does not act.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_AGENDA_H
#define HX_AGENDA_H

#include "harness/targets.h"
#include "harness/trace.h"

struct agenda;

/* An empty agenda; `replicas` are nodes whose messages are counted through.
 * Ends the program if there is no memory. */
struct agenda *agenda_new(uint32_t replicas);
void agenda_free(struct agenda *agenda);

/* Takes the occurrences of `trace`, which is borrowed. */
void agenda_begin(struct agenda *agenda, const struct trace *trace,
                  bool lenient);

/* Bits 1 << SITE_...: kinds of sites that it waits for. */
uint32_t agenda_sites(const struct agenda *agenda);

/* Does it wait for a step of `thread`? */
bool agenda_awaits(const struct agenda *agenda, uint32_t thread);

/* The next moment it waits for, or UINT64_MAX. */
uint64_t agenda_moment(const struct agenda *agenda);

/* The occurrence due at `site`, which is then over, or NULL. */
const struct occurrence *agenda_take(struct agenda *agenda,
                                     const struct site *site);

#endif
