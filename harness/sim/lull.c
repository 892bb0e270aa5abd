/*
 * Lulls: states noted, compared, and judged.
 *
 * States are noted only in windows, ever farther apart, so that a long run
 * without operations, as of a program with a main(), is not slowed down for
 * nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/lull.h"

#include "harness/need.h"
#include "harness/plugin.h"
#include "harness/rules.h"
#include "harness/sim/fate.h"
#include "harness/sim/fiber.h"
#include "harness/sim/lockstep.h"
#include "harness/sim/memory.h"
#include "harness/sim/spin.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WINDOW = 1024,      /* states in one window: a longer period is not seen */
    LOOKS = 4 * WINDOW, /* in one window, where it had to begin anew */
    POLLED = 16,        /* looks that count for one after which it has to, as
                         * it took longer */
    APART = 4, /* the next window begins when the lull is so much longer */
};

struct note {
    uint64_t state;
    uint64_t views;    /* memory_views() */
    uint64_t weakened; /* w->weakened */
    uint64_t enabled;
    uint64_t arrived; /* bits: fibers that made a step since the note before */
    bool acted;       /* and it was not one of a loop that only reads */
};

struct lull {
    uint64_t patience;
    uint64_t from;   /* step at which the last operation was completed */
    uint64_t polled; /* w->polled when the window began */
    uint32_t looks;  /* in this window */
    uint32_t count;
    struct note notes[WINDOW];
    uint64_t states; /* that were looked at, in all runs */
    bool in_step;    /* some run was, so far */
    struct lockstep lockstep;
    uint64_t given;                        /* to the operation that is due */
    struct probe_frame frames[FIBERS_MAX]; /* at the last point of each */
};

struct lull *lull_new(void)
{
    return need(calloc(1, sizeof(struct lull)), "the states of a run");
}

void lull_free(struct lull *lull)
{
    free(lull);
}

/* Whether a livelock is asked for, and could be told from a slow run. */
static bool is_judged(const struct world *w)
{
    return w->net == NULL && w->finish_by == FOREVER &&
           w->recover_within == FOREVER &&
           w->scenario->check.progress != PROGRESS_NONE;
}

/* No state is noted. */
static void start_over(struct lull *l)
{
    if (l->count > 0) {
        lockstep_begin(&l->lockstep);
    }
    l->count = 0;
}

void lull_begin(struct world *w, uint64_t patience)
{
    assert(patience > 0);
    struct lull *l = w->lull;
    w->polled = 0;
    w->flushed = 0;
    w->weakened = 0;
    l->looks = 0;
    l->given = 0;
    l->patience = patience;
    l->from = 0;
    l->count = 0;
    lockstep_begin(&l->lockstep);
    w->lull_due = is_judged(w) ? patience : UINT64_MAX;
}

void lull_over(struct world *w)
{
    struct lull *l = w->lull;
    if (l != NULL) {
        l->from = w->step;
        l->looks = 0;
        start_over(l);
        uint64_t due =
            w->lull_due == UINT64_MAX ? UINT64_MAX : w->step + l->patience;
        if (due < w->lull_due) {
            world_due_next(w); /* it was worked out for a later one */
        }
        w->lull_due = due;
    }
}

/* Whether time, or a fault still at work, will change something. */
static bool is_timed(const struct world *w)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        bool rests = f->state == FIBER_RESTING &&
                     (f->rest_until_step != UINT64_MAX ||
                      (f->paused_until != FOREVER && f->paused_until != 0));
        bool waits = (f->state == FIBER_WAITING || f->state == FIBER_RESTING) &&
                     f->deadline != FOREVER;
        if (rests || waits || w->restart_at[i] != FOREVER) {
            return true;
        }
    }
    return w->heal_at != FOREVER;
}

/* A piece of the schedule, from a note to the newest one. */
struct piece {
    uint64_t arrived; /* fibers that made a step in it */
    uint64_t enabled; /* fibers that could */
    uint32_t steps;   /* 0: there is none */
};

/* Fibers that only seem to spin, and could run if they were let. */
static uint64_t guessed_spinners(const struct world *w)
{
    uint64_t guessed = 0;
    for (uint64_t left = w->spinning; left != 0; left &= left - 1) {
        uint32_t id = (uint32_t)__builtin_ctzll(left);
        guessed |= w->fibers[id].proven ? 0 : fiber_bit(id);
    }
    return guessed;
}

/* Whether all is at `b` as it was at `a`, so that what was done in between can
 * be done again.  Stale reads in between, and stores that did not become the
 * newest, can if everybody had seen all there was. */
static bool is_back(const struct note *a, const struct note *b)
{
    bool newest = a->weakened == b->weakened;
    bool seen = a->views == b->views && a->views != 0;
    return a->state == b->state && (newest || seen);
}

/* The shortest piece that leads back to the state in which it began, and is one
 * of a fair schedule: nobody who could run was left out.  Who only reads spins,
 * which spin.c may prove, and then says what is read: it has time to. */
static struct piece find_piece(const struct world *w)
{
    const struct lull *l = w->lull;
    assert(l->count > 0);
    const struct note *last = &l->notes[l->count - 1];
    struct piece piece = {.enabled = last->enabled | guessed_spinners(w)};
    bool acted = w->step - l->from >= LULL_STEPS;
    for (uint32_t i = l->count - 1; i-- > 0;) {
        piece.arrived |= l->notes[i + 1].arrived;
        acted |= l->notes[i + 1].acted;
        piece.enabled |= l->notes[i].enabled;
        piece.steps++;
        if (acted && is_back(&l->notes[i], last) &&
            (piece.enabled & ~piece.arrived) == 0) {
            return piece;
        }
    }
    return (struct piece){.steps = 0};
}

/* "T0 and T2" */
static void name_fibers(uint64_t set, char *text, size_t max)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint64_t left = set; left != 0 && used + 16 < max; left &= left - 1) {
        const char *gap = left == set                ? ""
                          : (left & (left - 1)) == 0 ? " and "
                                                     : ", ";
        used += (size_t)snprintf(text + used, max - used, "%sT%d", gap,
                                 __builtin_ctzll(left));
    }
    assert(used < max);
}

/* Those of `set` that are threads of the program. */
static uint64_t real_fibers(const struct world *w, uint64_t set)
{
    for (uint64_t left = set; left != 0; left &= left - 1) {
        uint32_t id = (uint32_t)__builtin_ctzll(left);
        set &= w->fibers[id].pseudo ? ~fiber_bit(id) : UINT64_MAX;
    }
    return set;
}

/* Whether nobody is to be accused of a piece in which locks are tried and let
 * go in step.  A search goes on with what it has taken for granted, and so do
 * its traces. */
static bool is_in_step(const struct world *w, const struct piece *piece)
{
    const struct lull *l = w->lull;
    return !w->scenario->check.progress_set && !w->by_operations &&
           w->frozen == 0 && piece->steps < l->count &&
           lockstep_is(&l->lockstep, l->count - 1 - piece->steps,
                       real_fibers(w, piece->arrived));
}

/* The state has come back. */
static void judge(struct world *w, const struct piece *piece)
{
    uint64_t arrived = real_fibers(w, piece->arrived);
    bool alone = (arrived & (arrived - 1)) == 0;
    if (w->scenario->check.progress == PROGRESS_OBSTRUCTION_FREE && !alone) {
        return; /* in company they may hinder each other */
    }
    if (fate_excuses(w)) {
        w->ended = true; /* as where they wait: see fate_stuck() */
        w->end = RUN_FINISHED;
        fiber_leave(w, NULL);
    }
    char names[80];
    char blamed[48] = "";
    name_fibers(arrived, names, sizeof(names));
    if (is_in_step(w, piece)) {
        w->lull->in_step = true;
        world_fail(w, RUN_CUT,
                   "%s try locks and let go in step, for ever: all is as it "
                   "was after %" PRIu32 " steps",
                   names, piece->steps);
        return;
    }
    if (w->frozen != 0) {
        (void)snprintf(blamed, sizeof(blamed),
                       "T%d was taken away by a fault; ",
                       __builtin_ctzll(w->frozen));
    }
    world_fail(w, w->frozen != 0 ? RUN_BLOCKED : RUN_LIVELOCK,
               "%s%s step%s for ever: no operation was completed, and after "
               "%" PRIu32 " steps everything is as it was",
               blamed, names, alone ? "s" : "", piece->steps);
}

void lull_give(struct world *w, uint64_t given)
{
    if (w->lull != NULL) {
        w->lull->given = given;
    }
}

void lull_refused(struct world *w, const void *lock)
{
    struct lull *l = w->lull;
    if (l != NULL && l->count > 0 && lock != NULL) {
        lockstep_refused(&l->lockstep, lock, w->current->id, l->count);
    }
}

void lull_let_go(struct world *w, const void *lock)
{
    struct lull *l = w->lull;
    if (l != NULL && l->count > 0) {
        lockstep_let_go(&l->lockstep, lock, l->count);
    }
}

uint64_t lull_states(const struct world *w)
{
    return w->lull == NULL ? 0 : w->lull->states;
}

bool lull_in_step(const struct world *w)
{
    return w->lull != NULL && w->lull->in_step;
}

/* Where the current fiber is, and what the operation that it comes to was
 * given: in registers that no call keeps, or on a stack that is ours. */
static struct probe_frame take_frame(const struct world *w, struct lull *l)
{
    struct probe_frame frame = probe_frame(w);
    frame.registers = (frame.registers ^ l->given * 0x9e3779b97f4a7c15u) | 1;
    l->given = 0;
    return frame;
}

void lull_watch(struct world *w)
{
    struct lull *l = w->lull;
    if (l == NULL) {
        w->lull_due = UINT64_MAX;
        return;
    }
    assert(w->current != NULL && w->step >= w->lull_due);
    if (l->count == WINDOW || l->looks >= LOOKS) {
        l->given = 0;
        start_over(l);
        l->looks = 0;
        w->lull_due = l->from + (w->step - l->from) * APART;
        return;
    }
    l->looks++;
    if (is_timed(w)) { /* before the state is looked at, which takes longer */
        l->given = 0;
        start_over(l);
        w->flushed = 0;
        return;
    }
    if (l->count == 0 || w->polled != l->polled) {
        l->looks += w->polled != l->polled ? POLLED : 0;
        memset(l->frames, 0, sizeof(l->frames));
        l->polled = w->polled;
        start_over(l);
    }
    l->frames[w->current->id] = take_frame(w, l);
    uint64_t state = probe_all(w, l->frames);
    l->states++;
    uint64_t arrived = w->flushed | fiber_bit(w->current->id);
    w->flushed = 0;
    if (state == 0) {
        start_over(l);
        return;
    }
    l->notes[l->count++] = (struct note){.state = state,
                                         .views = memory_views(w),
                                         .weakened = w->weakened,
                                         .enabled = w->enabled,
                                         .arrived = arrived,
                                         .acted = w->current->reads_count == 0};
    struct piece piece = find_piece(w);
    if (piece.steps > 0) {
        judge(w, &piece);
    }
}

const char *lull_describe(const struct world *w, char *text, size_t max)
{
    uint64_t from = w->lull == NULL ? w->step : w->lull->from;
    text[0] = '\0';
    if (w->step - from >= LULL_STEPS && w->step - from > w->step / 2) {
        (void)snprintf(text, max,
                       "; in the last %" PRIu64 " of them no operation was "
                       "completed: slow, or a livelock that is not proved",
                       w->step - from);
    }
    return text;
}
