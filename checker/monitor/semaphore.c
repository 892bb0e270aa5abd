/*
 * The semaphore that has no upper bound, or never comes near it, where no try
 * failed and nobody looked at the number.
 *
 * A release only helps, so each takes effect at its call, open ones too; an
 * acquisition only takes, so each takes effect at its return.  A history passes
 * iff no acquisition then lacks a permit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/monitor.h"

#include "checker/operations.h"

#include <assert.h>
#include <inttypes.h>

static bool is_mine(const struct fl_monitor *m, fl_value permits)
{
    uint32_t releases = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        bool is_returned = op->ret != FL_OPEN;
        bool is_failed = op->fn == FL_SEMAPHORE_TRY && op->result == 0;
        if (is_returned && (is_failed || op->fn == FL_SEMAPHORE_VALUE)) {
            return false;
        }
        releases += op->fn == FL_SEMAPHORE_RELEASE;
    }
    return permits >= 0 && permits <= INT32_MAX &&
           (m->capacity == 0 ||
            permits + (fl_value)releases <= (fl_value)m->capacity);
}

static fl_value count_permits(const struct fl_monitor *m)
{
    if (m->h->initial != FL_NONE) {
        return m->h->initial;
    }
    return m->capacity > 0 ? (fl_value)m->capacity : 1;
}

/* Operation `i` found no permit; the last acquisition before it got one. */
static enum fl_answer blame(struct fl_monitor *m, uint32_t i, uint32_t taken,
                            uint32_t released)
{
    fl_monitor_names(m, i);
    if (m->places_count > 0) {
        fl_monitor_names(m, m->places[m->places_count - 1].op);
    }
    return fl_monitor_violates(m,
                               "%" PRIu32 " acquisitions returned when only "
                               "%" PRIu32 " permits can have been there",
                               taken + 1, released);
}

enum fl_answer fl_monitor_semaphore(struct fl_monitor *m)
{
    fl_value permits = count_permits(m);
    if (!is_mine(m, permits)) {
        return FL_ANSWER_NOT_MINE;
    }
    uint32_t *who = fl_monitor_room(m, m->end + 2ul, sizeof(*who));
    if (who == NULL || !fl_monitor_begin(m)) {
        return FL_ANSWER_NO_MEMORY;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        bool releases = fl_monitor_op(m, i)->fn == FL_SEMAPHORE_RELEASE;
        who[releases ? m->spans[i].call : m->spans[i].ret] = i + 1;
    }
    uint32_t taken = 0;
    uint32_t there = (uint32_t)permits;
    for (uint32_t stamp = 0; stamp < m->end; stamp++) {
        if (who[stamp] == 0) {
            continue;
        }
        uint32_t i = who[stamp] - 1;
        if (fl_monitor_op(m, i)->fn == FL_SEMAPHORE_RELEASE) {
            fl_monitor_place(m, i, stamp);
            there++;
            continue;
        }
        if (taken == there) {
            return blame(m, i, taken, there);
        }
        assert(stamp > 0);
        fl_monitor_place(m, i, stamp - 1);
        taken++;
    }
    return FL_ANSWER_PASS;
}
