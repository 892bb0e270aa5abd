/*
 * The rules of a scenario in a run: triggers, targets, limits.
 *
 * A rule says when and on whom; its fault says what; the world acts.  At the
 * start of a run each rule is armed: whether it is active (swarm), whom it is
 * about, at which step, call or hit it is due.  The world then asks only where
 * a rule may be due: at a thread's alarm step, at a moment of virtual time, at
 * a site of a kind that some active rule watches.
 *
 * In a replay nothing is drawn: the occurrences of the trace are due where
 * they were (thread, operation, step in the operation; or moment).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_RULES_H
#define HX_RULES_H

#include "harness/fault.h"
#include "harness/trace.h"

struct rules;

/* What the rules must know of the world that they act in. */
struct rules_setting {
    const struct scenario *scenario;
    uint32_t threads;         /* threads, processes, or all nodes */
    uint32_t replicas;        /* FL_NETWORK: nodes 0 .. replicas-1 */
    const char *const *names; /* of the threads or nodes: "T0", "replica1" */
};

/*
 * Makes the rules of `setting->scenario`.  Unknown kinds, targets that match
 * nothing, and faults that cannot act yet were reported by rules_resolve().
 * Ends the program if there is no memory.
 */
struct rules *rules_new(const struct rules_setting *setting);
void rules_free(struct rules *rules);

/* Reports what is wrong with the rules of a scenario for an algorithm: unknown
 * kinds, targets, named points and locks.  Returns the number of errors. */
uint32_t rules_resolve(const struct scenario *scenario,
                       const struct fl_algorithm *algorithm, FILE *errors);

/* Whether the occurrences of a trace are looked for under another schedule than
 * that they were recorded under (agenda.h); in all runs from now on. */
void rules_be_lenient(struct rules *rules, bool lenient);

/* Arms all rules for a run that draws from `choice`; or, if `trace` is not
 * NULL, its occurrences and nothing else. */
void rules_begin(struct rules *rules, struct choice *choice,
                 const struct trace *trace, uint64_t index);

/* Bits 1 << SITE_...: kinds that the world must ask about at all. */
uint32_t rules_sites(const struct rules *rules);

/* The next own step of `thread` (counted as site.thread_step) at which a rule
 * is due, or UINT64_MAX; one that is over means the next one.  Asked again
 * after every rules_ask() for it and after rules_held(). */
uint64_t rules_alarm(const struct rules *rules, uint32_t thread);

/* The next moment of virtual time at which a rule is due, or UINT64_MAX; one
 * that is over means at once. */
uint64_t rules_moment(const struct rules *rules);

/*
 * Is a fault due at `site`?  True: `*action` says what happens, and the world
 * acts; ask again, with the same site, until false.  Other sites may be asked
 * about meanwhile: who rests here lets others run.
 */
bool rules_ask(struct rules *rules, struct site *site, struct action *action);

/* `thread` took (`now` true) or gave up the lock called `name`, at its own
 * step `thread_step`. */
void rules_held(struct rules *rules, uint32_t thread, const char *name,
                bool now, uint64_t thread_step);

/* `thread` has performed an operation; returns how many all have.  Ask about
 * the moment after it: SITE_TIME with this count. */
uint64_t rules_performed(struct rules *rules, uint32_t thread);

/* Which visit of its thread to its point in this operation that is, from 1. */
uint32_t rules_visit(struct rules *rules, const struct site *site);

/* `thread` was crashed, or is back. */
void rules_down(struct rules *rules, uint32_t thread, bool down);

/* The occurrences of this run so far, for its trace: borrowed. */
const struct occurrence *rules_occurrences(const struct rules *rules,
                                           uint32_t *count);

/* How often rule `rule` acted in all runs, and in how many it was active. */
uint64_t rules_fired(const struct rules *rules, uint32_t rule);
uint64_t rules_active(const struct rules *rules, uint32_t rule);

#endif
