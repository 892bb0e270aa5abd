/*
 * What clients were told, when they came back, of the operation that a crash
 * had cut off: its answer stands in the history as an event.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_DRAW_TOLD_H
#define FL_DRAW_TOLD_H

#include "checker/phrase.h"
#include "checker/record.h"

/* The operation that event `e` of the history tells of; FL_OPEN: the event is
 * another one, or its operation one of the set-up. */
uint32_t fl_told_of(const struct fl_record *record, uint32_t e);

/* The last event that tells of `operation`; FL_OPEN: there is none. */
uint32_t fl_told_last(const struct fl_record *record, uint32_t operation);

/* When, doubled: on the clock of the steps if the record has them, else on that
 * of the history. */
uint64_t fl_told_at(const struct fl_record *record, uint32_t e);

/* "told: 7", "told: not done", "told: unknown". */
void fl_told_describe(const struct fl_record *record,
                      const struct fl_operation *op,
                      const struct fl_event *event, struct fl_phrase *phrase);

#endif
