/*
 * Triggers: when a rule is due.
 *
 * Each alternative of a rule (`when`, an entry of `any_of`, `every`, or
 * nothing at all) is one trigger.  It is armed at the start of a run, which
 * draws the steps, calls, hits and moments it waits for; after that it is a
 * few comparisons at a site.
 *
 *     kind      waits for                       asked at
 *     start     the run                         SITE_START
 *     moment    time, every (time), after_ops   SITE_TIME
 *     step      step, holding, every (steps)    SITE_STEP, at the alarm
 *     site      point, event, call, or each     SITE_POINT, SITE_ALLOC, ...
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TRIGGER_H
#define HX_TRIGGER_H

#include "harness/fault.h"

enum trigger_kind {
    TRIGGER_IMPOSSIBLE, /* the fault has no site that could serve it */
    TRIGGER_START,
    TRIGGER_MOMENT,
    TRIGGER_WINDOW, /* opens at a moment; messages sent then are its sites */
    TRIGGER_STEP,
    TRIGGER_SITE,
};

struct trigger {
    const struct rule *rule;
    const struct when *when; /* NULL: there is none */
    enum trigger_kind kind;
    uint32_t rule_index;
    uint32_t sites; /* bits 1 << SITE_...: where it can be due */
    uint32_t threads;
    bool whoever;    /* `any` is whoever comes, not one drawn before */
    bool each;       /* no trigger but `p`, of every step */
    bool takes_down; /* the fault's targets count on the budget */
    bool shapes;     /* the fault cuts links, and chooses sides itself */

    /* of a run */
    bool live;
    uint64_t victims; /* those whose sites count */
    uint64_t moment;  /* the next one, UINT64_MAX if none */
    uint64_t window_end;
    uint64_t from_step; /* what was drawn, 0 where nothing is asked */
    uint64_t from_time;
    uint64_t from_ops;
    uint64_t call;
    uint64_t hit;
    uint64_t served; /* those that have had their one site */
    uint64_t *due;   /* of each thread: own step, UINT64_MAX if none; owned */
    uint64_t *held;  /* of each: own step at which it took the lock, plus 1 */
};

/* What a trigger is armed with. */
struct arming {
    struct choice *choice;
    uint64_t index;      /* of the run in its campaign */
    uint64_t candidates; /* of the rule's target */
};

/* How `fault` can be triggered by `when` (NULL: nothing) of `rule`. */
enum trigger_kind trigger_kind_of(const struct fault *fault,
                                  const struct rule *rule,
                                  const struct when *when);

/* Whether it waits for what anybody does, so that its targets are drawn when
 * that happens. */
static inline bool trigger_is_event(const struct trigger *t)
{
    return t->when != NULL && t->when->event.count > 0;
}

/* Draws `q` from STREAM_FAULTS: 0 if it is absent or below 0. */
uint64_t trigger_draw(const struct quantity *q, struct choice *choice);

/* When the thread that is at own step `step` is due for the first time, or
 * again: of triggers that come again. */
uint64_t trigger_next_step(const struct trigger *t, struct choice *choice,
                           uint64_t step);

/* Makes one for `threads` threads or nodes; all are borrowed.  Ends the
 * program if there is no memory. */
void trigger_init(struct trigger *t, const struct fault *fault,
                  const struct rule *rule, const struct when *when,
                  uint32_t threads);
void trigger_release(struct trigger *t);

/* Arms it for a run. */
void trigger_arm(struct trigger *t, const struct arming *arming);

/* Is it due at `site`, after `performed` operations?  If so, it moves on to
 * the next time it is, if there is one. */
bool trigger_due(struct trigger *t, struct choice *choice,
                 const struct site *site, uint64_t performed);

/* `thread` took or gave up the lock called `name` at its own step. */
void trigger_held(struct trigger *t, struct choice *choice, uint32_t thread,
                  uint64_t thread_step, const char *name);
void trigger_unheld(struct trigger *t, uint32_t thread, const char *name);

/* `thread` was crashed, or is back: it holds nothing. */
void trigger_down(struct trigger *t, uint32_t thread);

/* Clients have performed `performed` operations in all. */
void trigger_performed(struct trigger *t, uint64_t performed);

#endif
