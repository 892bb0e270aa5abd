/*
 * What clients were told of an operation that was cut off.
 *
 * The history orders such an event among calls and returns; of a recorded run
 * its step is the last that the client made there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/told.h"

#include "checker/draw/scene.h"

#include <assert.h>

uint32_t fl_told_of(const struct fl_record *record, uint32_t e)
{
    const struct fl_history *h = record->history;
    assert(e < h->events_count);
    const struct fl_event *event = &h->events[e];
    uint32_t found = FL_OPEN;
    if (event->kind != FL_EVENT_RESOLVE) {
        return FL_OPEN;
    }
    for (uint32_t i = fl_scene_setup(record); i < h->count; i++) {
        if (h->operations[i].client == event->client &&
            h->operations[i].call < event->at) {
            found = i;
        }
    }
    return found;
}

uint32_t fl_told_last(const struct fl_record *record, uint32_t operation)
{
    const struct fl_history *h = record->history;
    uint32_t found = FL_OPEN;
    assert(operation < h->count);
    const struct fl_operation *op = &h->operations[operation];
    for (uint32_t e = 0; e < h->events_count; e++) {
        const struct fl_event *event = &h->events[e];
        bool may = event->client == op->client && event->at > op->call;
        found = may && fl_told_of(record, e) == operation ? e : found;
    }
    return found;
}

/* Narrows the steps [*from, *until) between which `stamp`, whose step is
 * `step`, leaves a moment at `at`. */
static void narrow(uint32_t stamp, uint32_t step, uint32_t at, uint32_t *from,
                   uint32_t *until)
{
    if (stamp == FL_OPEN || step == FL_NO_STEP) {
        return;
    }
    if (stamp < at && step > *from) {
        *from = step;
    } else if (stamp > at && step < *until) {
        *until = step;
    }
}

uint64_t fl_told_at(const struct fl_record *record, uint32_t e)
{
    const struct fl_history *h = record->history;
    const struct fl_event *event = &h->events[e];
    if (record->steps_count == 0 || record->call_steps == NULL ||
        record->return_steps == NULL) {
        return 2 * (uint64_t)event->at;
    }
    uint32_t from = 0;
    uint32_t until = record->steps_count;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        narrow(op->call, record->call_steps[i], event->at, &from, &until);
        narrow(op->ret, record->return_steps[i], event->at, &from, &until);
    }
    uint32_t last = from;
    for (uint32_t s = from; s < until; s++) {
        const struct fl_step *step = &record->steps[s];
        bool asks = step->thread == event->client && step->operation == FL_OPEN;
        last = asks ? s : last;
    }
    return 2 * (uint64_t)last + 1;
}

void fl_told_describe(const struct fl_record *record,
                      const struct fl_operation *op,
                      const struct fl_event *event, struct fl_phrase *phrase)
{
    char part[FL_TEXT_MAX];
    fl_phrase_add(phrase, "told: ");
    switch (event->resolved) {
    case FL_RESOLVED_UNKNOWN:
        fl_phrase_add(phrase, "unknown");
        break;
    case FL_RESOLVED_NOT_DONE:
        fl_phrase_add(phrase, "not done");
        break;
    case FL_RESOLVED_DONE:
        fl_phrase_add(phrase,
                      fl_describe_result(record->history, op->fn, event->result,
                                         part, sizeof(part)));
        break;
    }
}
