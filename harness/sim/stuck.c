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

static void describe_wait(struct line *line, const struct fiber *f)
{
    const char *and = line->used == 0 ? "" : "; ";
    if (f->state == FIBER_SPINNING) {
        append(line, "%sT%u spins on %u location%s that nobody will change",
               and, f->id, f->reads_count, f->reads_count == 1 ? "" : "s");
    } else if (f->wait_owner < NO_FIBER) {
        append(line, "%sT%u waits for a %s held by T%u", and, f->id,
               f->wait_what, f->wait_owner);
    } else {
        append(line, "%sT%u waits for a %s", and, f->id, f->wait_what);
    }
}

/* Follows owners from `f`; true if that leads in a circle, which is then the
 * only thing worth telling. */
static bool describe_cycle(const struct world *w, const struct fiber *f,
                           struct line *line)
{
    uint64_t seen = 0;
    uint32_t at = f->id;
    while (at < NO_FIBER && (seen >> at & 1) == 0 &&
           w->fibers[at].state == FIBER_WAITING) {
        seen |= (uint64_t)1 << at;
        at = w->fibers[at].wait_owner;
    }
    if (at >= NO_FIBER || w->fibers[at].state != FIBER_WAITING) {
        return false;
    }
    uint32_t first = at;
    do {
        describe_wait(line, &w->fibers[at]);
        at = w->fibers[at].wait_owner;
    } while (at != first);
    return true;
}

static void describe_waits(const struct world *w, struct line *line)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        if (f->state == FIBER_WAITING && describe_cycle(w, f, line)) {
            return;
        }
    }
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        if (f->state == FIBER_WAITING || f->state == FIBER_SPINNING) {
            describe_wait(line, f);
        }
    }
}

/* The first fiber that a fault took away for good. */
static uint32_t first_frozen(const struct world *w)
{
    return w->frozen == 0 ? NO_FIBER : (uint32_t)__builtin_ctzll(w->frozen);
}

void fate_stuck(struct world *w)
{
    if (w->recover_within != FOREVER && w->last_crash != FOREVER &&
        w->in_flight > 0) {
        world_fail(w, RUN_NOT_RECOVERED,
                   "operations wait for ever for what the crashed one held");
        return;
    }
    uint32_t frozen = first_frozen(w);
    bool network = w->net != NULL;
    bool promised = w->scenario->check.progress >= PROGRESS_LOCK_FREE;
    if ((frozen != NO_FIBER || network) && !promised) {
        w->ended = true; /* blocked by a fault, as it may be: operations stay
                          * open and the history is judged */
        w->end = RUN_FINISHED;
        return;
    }
    struct line line = {.used = 0};
    describe_waits(w, &line);
    uint64_t all = w->spinning;
    bool spins = all != 0;
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        spins = spins && w->fibers[i].state != FIBER_WAITING;
    }
    enum run_end end = frozen != NO_FIBER || network ? RUN_BLOCKED
                       : spins                       ? RUN_LIVELOCK
                                                     : RUN_DEADLOCK;
    if (frozen != NO_FIBER) {
        world_fail(w, end, "T%u was taken away by a fault; %s", frozen,
                   line.text);
    } else {
        world_fail(w, end, "%s", line.text);
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
