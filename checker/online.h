/*
 * Online: a history is judged while it is recorded, and forgotten behind the
 * judgement.
 *
 * Calls and returns are told as they come.  An operation is judged as soon as
 * it is known what became of it and of all that were called before it: so the
 * verdict is late by the longest operation in flight, and no more.  What is
 * kept is what is in flight, and the set of configurations that explain all
 * that has returned; at a quiescent point that is a set of states.  An
 * operation that is cut off (its client is gone) stays open for ever, and each
 * may double the set.
 *
 *     struct fl_online *o = fl_online_new(&(struct fl_online_setup){
 *         .model = fl_model_find("queue"), .initial = FL_NONE});
 *     fl_online_call(o, 0, FL_QUEUE_ENQUEUE, FL_NONE, args);
 *     fl_online_return(o, 0, FL_NONE);
 *     if (fl_online_verdict(o) == FL_VIOLATION) ...
 *
 * Criterion: linearizable.  Keys are objects of their own, each followed apart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_ONLINE_H
#define FL_ONLINE_H

#include "checker/check.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fl_online;

/* What is followed. */
struct fl_online_setup {
    const struct fl_model *model; /* borrowed */
    fl_value initial;             /* or FL_NONE */
    uint32_t capacity;            /* of a bounded object; 0: unbounded */
    uint32_t relax;               /* of fifo_queue_k and stack_k */
    struct fl_strings *strings;   /* borrowed; what texts mean; may be 0 */
    uint32_t configurations_max;  /* at one event of an object; 0: 65536 */
    uint32_t waiting_max; /* operations that wait for one called before them; 0:
                           * 1048576 */
};

/* What is known so far. */
struct fl_online_view {
    enum fl_verdict verdict;     /* FL_PASS: all that was judged is legal.
                              * FL_INCONCLUSIVE: a limit was met */
    enum fl_exhausted exhausted; /* FL_BYTES: configurations_max; FL_NODES:
                                  * waiting_max; or FL_WITHIN */
    struct fl_operation blocked; /* of a violation: the operation at whose
                                  * return no configuration was left */
    uint64_t operations;         /* told, judged */
    uint64_t judged;
    uint64_t configurations; /* made */
    uint64_t steps;          /* of the model */
    uint64_t cuts;           /* quiescent points of an object */
    uint32_t objects;
    uint32_t open;    /* operations that will never return */
    uint32_t waiting; /* operations told and not judged */
    uint64_t bytes;   /* held now */
};

/* Begins with nothing in flight.  NULL: no memory.  The caller owns it and ends
 * it with fl_online_free().  Not for several threads at once. */
struct fl_online *fl_online_new(const struct fl_online_setup *setup);

/* Ends it.  NULL is allowed. */
void fl_online_free(struct fl_online *online);

/*
 * An event, at the next moment: `client` calls operation type `fn`; its
 * operation returns `result`; or is cut off and will never return, after which
 * the client may call again.  `args` has FL_ARGS_MAX values.
 *
 * FL_BAD_INPUT: the client has an operation in flight, or has none.  After a
 * verdict other than pass events are counted and not judged.
 */
enum fl_status fl_online_call(struct fl_online *online, uint32_t client,
                              uint32_t fn, fl_value key, const fl_value *args);
enum fl_status fl_online_return(struct fl_online *online, uint32_t client,
                                fl_value result);
enum fl_status fl_online_cut(struct fl_online *online, uint32_t client);

/*
 * The same for operations whose end is known, as files have them: in the order
 * of their calls, with their own moments.  Not to be mixed with events.
 *
 * FL_BAD_INPUT: it is called before the one before it, or while its client has
 * another in flight.
 */
enum fl_status fl_online_operation(struct fl_online *online,
                                   const struct fl_operation *op);

/* No more comes: what is in flight is open. */
enum fl_status fl_online_finish(struct fl_online *online);

/* The verdict so far; cheap, to be asked after each event. */
enum fl_verdict fl_online_verdict(const struct fl_online *online);

/* What is known; valid until the next event. */
const struct fl_online_view *fl_online_now(struct fl_online *online);

#ifdef __cplusplus
}
#endif

#endif
