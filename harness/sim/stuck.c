/*
 * The end of a run that cannot go on, and why.
 *
 * Nobody is enabled and no moment will change that.  If a fault took somebody
 * away for good, the survivors are blocked, which is a violation only where
 * the scenario promises progress in spite of it.  Otherwise it is a deadlock
 * (somebody waits for an object) or a livelock (all spin).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/fate.h"

#include "harness/sim/journal.h"
#include "harness/sim/spin.h"
#include "harness/sim/sync.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct line {
    char text[180];
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void
append(struct line *line, const char *format, ...)
{
    if (line->used + 1 >= sizeof(line->text)) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line->text + line->used, sizeof(line->text) - line->used,
                      format, arguments);
    va_end(arguments);
    assert(n >= 0);
    line->used += (size_t)n;
    if (line->used >= sizeof(line->text)) {
        line->used = sizeof(line->text) - 1;
    }
}

/* Who could end the wait of `f`; a lock may have changed hands meanwhile. */
static uint32_t owner_of(const struct world *w, const struct fiber *f)
{
    if (f->wait_owner >= NO_FIBER || f->wait_object == NULL) {
        return f->wait_owner;
    }
    uint32_t holder = sync_holder(w->sync, f->wait_object);
    return holder < NO_FIBER ? holder : f->wait_owner;
}

static void describe_wait(const struct world *w, const struct fiber *f,
                          struct line *line)
{
    const char *and = line->used == 0 ? "" : "; ";
    uint32_t owner = owner_of(w, f);
    if (f->state == FIBER_SPINNING) {
        append(line, "%sT%u spins on %u location%s that nobody will change",
               and, f->id, (unsigned)f->reads_count,
               f->reads_count == 1 ? "" : "s");
    } else if (owner < NO_FIBER) {
        append(line, "%sT%u waits for a %s held by T%u", and, f->id,
               f->wait_what, owner);
    } else {
        append(line, "%sT%u waits for a %s", and, f->id, f->wait_what);
    }
}

/* Follows owners from `f`.  If that leads in a circle, returns one who is in
 * it; otherwise NO_FIBER. */
static uint32_t follow_owners(const struct world *w, const struct fiber *f)
{
    uint64_t seen = 0;
    uint32_t at = f->id;
    while (at < NO_FIBER && (seen >> at & 1) == 0 &&
           w->fibers[at].state == FIBER_WAITING) {
        seen |= (uint64_t)1 << at;
        at = owner_of(w, &w->fibers[at]);
    }
    bool circle = at < NO_FIBER && w->fibers[at].state == FIBER_WAITING;
    return circle ? at : NO_FIBER;
}

/* One who waits for himself in the end; or NO_FIBER.  Nobody in a circle can
 * go on, whatever else happened. */
static uint32_t find_circle(const struct world *w)
{
    uint32_t found = NO_FIBER;
    for (uint32_t i = 0; i < w->fibers_count && found == NO_FIBER; i++) {
        if (w->fibers[i].state == FIBER_WAITING) {
            found = follow_owners(w, &w->fibers[i]);
        }
    }
    return found;
}

static void fail_in_circle(struct world *w, uint32_t first)
{
    assert(first < NO_FIBER);
    struct line line = {.used = 0};
    uint32_t at = first;
    do {
        describe_wait(w, &w->fibers[at], &line);
        at = owner_of(w, &w->fibers[at]);
    } while (at != first);
    world_fail(w, RUN_DEADLOCK, "%s", line.text);
}

static void describe_waits(const struct world *w, struct line *line)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        if (f->state == FIBER_WAITING || f->state == FIBER_SPINNING) {
            describe_wait(w, f, line);
        }
    }
}

/* The first fiber that a fault took away for good. */
static uint32_t first_frozen(const struct world *w)
{
    return w->frozen == 0 ? NO_FIBER : (uint32_t)__builtin_ctzll(w->frozen);
}

/* A lock had to be taken again after a crash, or all clients had to finish. */
static bool is_promise_broken(struct world *w)
{
    if (w->recover_within != FOREVER && w->last_crash != FOREVER &&
        w->in_flight > 0) {
        world_fail(w, RUN_NOT_RECOVERED,
                   "operations wait for ever for what the crashed one held");
        return true;
    }
    if (w->finish_by != FOREVER && w->clients_left > 0) {
        world_fail(w, RUN_NOT_RECOVERED,
                   "faults ended, and %u client%s will wait for ever",
                   w->clients_left, w->clients_left == 1 ? "" : "s");
        return true;
    }
    return false;
}

bool fate_excuses(const struct world *w)
{
    bool fault = w->frozen != 0 || w->net != NULL;
    bool recovers = w->recover_within != FOREVER && w->last_crash != FOREVER;
    return fault && !recovers && w->finish_by == FOREVER &&
           w->scenario->check.progress < PROGRESS_LOCK_FREE;
}

/* How a run is called whose fibers all wait or spin. */
static enum run_end end_of(const struct world *w)
{
    if (w->frozen != 0 || w->net != NULL) {
        return RUN_BLOCKED;
    }
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        if (w->fibers[i].state == FIBER_WAITING) {
            return RUN_DEADLOCK;
        }
    }
    return w->spinning != 0 ? RUN_LIVELOCK : RUN_DEADLOCK;
}

/* Locks may have changed hands since their waiters began to wait. */
static void note_owners(struct world *w)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        journal_wait_owner(w, i, owner_of(w, &w->fibers[i]));
    }
}

/* Whether anybody is there who waits for something that he will not get; those
 * whom a fault took away do not count. */
static bool somebody_waits(const struct world *w)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        bool waits = f->state == FIBER_WAITING || f->state == FIBER_SPINNING;
        if (waits && f->paused_until != FOREVER) {
            return true;
        }
    }
    return false;
}

void fate_stuck(struct world *w)
{
    w->done.stuck = true;
    note_owners(w);
    uint32_t circle = find_circle(w);
    if (circle != NO_FIBER) {
        fail_in_circle(w, circle);
        return;
    }
    bool promised = w->finish_by != FOREVER || w->recover_within != FOREVER;
    if (fate_excuses(w) || (!promised && !somebody_waits(w))) {
        w->ended = true; /* blocked by a fault, as it may be: operations stay
                          * open and the history is judged */
        w->end = RUN_FINISHED;
        return;
    }
    assert(!spin_is_guess(w)); /* nobody is accused of what was not proved */
    if (is_promise_broken(w)) {
        return;
    }
    struct line line = {.used = 0};
    describe_waits(w, &line);
    uint32_t frozen = first_frozen(w);
    if (frozen != NO_FIBER) {
        world_fail(w, end_of(w), "T%u was taken away by a fault; %s", frozen,
                   line.text);
    } else {
        world_fail(w, end_of(w), "%s", line.text);
    }
}

void fate_out_of_time(struct world *w)
{
    if (w->finish_by != FOREVER && w->now >= w->finish_by) {
        world_fail(
            w, RUN_NOT_RECOVERED,
            "faults ended, a majority was up, and %u clients had not "
            "finished %llu ms later",
            w->clients_left,
            (unsigned long long)((w->finish_by - w->heal_started) / 1000000));
        return;
    }
    w->ended = true; /* clients are cut off; their operations stay open */
    w->end = RUN_FINISHED;
}
