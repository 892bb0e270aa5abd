/*
 * Recovery: watching that a lock is taken again after a crash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/recovery.h"

#include "harness/sim/fate.h"

#include <assert.h>

void recovery_cut(struct world *w, struct fiber *f)
{
    assert(f->client != UINT32_MAX);
    struct fl_history *h = w->history;
    if (f->ticket == FL_OPEN) {
        return;
    }
    h->now = w->now;
    fl_history_event(h, FL_EVENT_CRASH, h->operations[f->ticket].client);
    f->ticket = FL_OPEN;
    assert(w->in_flight > 0);
    w->in_flight--;
}

void recovery_all(struct world *w)
{
    bool any = false;
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        if (f->client == UINT32_MAX || f->state == FIBER_UNUSED ||
            f->state == FIBER_DONE) {
            continue;
        }
        if (f->state != FIBER_CRASHED) {
            return;
        }
        any = true;
    }
    struct fl_history *h = w->history;
    if (any && h->events_count < h->events_max) {
        h->now = w->now;
        fl_history_event(h, FL_EVENT_CRASH_ALL, 0);
    }
}

void recovery_called(struct world *w)
{
    w->in_flight++;
    if (w->wanted_since == FOREVER) {
        w->wanted_since = w->now;
    }
}

void recovery_returned(struct world *w)
{
    assert(w->in_flight > 0);
    w->in_flight--;
    recovery_watch(w);
    if (w->in_flight == 0 && w->last_hold != FOREVER &&
        w->last_hold >= w->wanted_since) {
        w->wanted_since = FOREVER;
    }
}

void recovery_held(struct world *w)
{
    w->last_hold = w->now;
    w->wanted_since = w->now;
}

void recovery_watch(struct world *w)
{
    if (w->recover_within == FOREVER || w->last_crash == FOREVER ||
        w->wanted_since == FOREVER || w->ended) {
        return;
    }
    uint64_t since =
        w->wanted_since > w->last_crash ? w->wanted_since : w->last_crash;
    if (w->now - since <= w->recover_within || w->clients_left == 0) {
        return;
    }
    world_fail(w, RUN_NOT_RECOVERED,
               "%llu ms after the crash operations still want the lock, and "
               "nobody got it",
               (unsigned long long)((w->now - since) / 1000000));
}
