/*
 * An object as its own specification: what it answers when nobody else uses
 * it.
 *
 * No model has to be written: the operations of a history are performed one
 * after the other, alone, on a fresh object, and what it answers then is what
 * it should have answered among others.  An error that it also makes alone is
 * not seen.
 *
 * The object is anything that can perform a sequence of calls from the start:
 * an algorithm in the simulated world, a library, a program.  It need not be
 * copied nor looked into, and so its state is the sequence itself:
 *
 *     (fresh) --enqueue 1--> #1 --enqueue 2--> #2 --dequeue = 1--> #3
 *         \---enqueue 2--> #4 --enqueue 1--> #5
 *
 * Sequences stand in a tree; a state is the number of its node.  #2 and #5 are
 * not taken for the same, however alike they are: that nobody could tell them
 * apart is not known.  So a search remembers less than with a model, and a
 * history should be short: of a dozen operations, or of few clients.  An
 * object whose inside can be told (`digest`) makes its states few.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_ITSELF_H
#define FL_ITSELF_H

#include "checker/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One call of a sequence. */
struct fl_itself_call {
    uint32_t client;
    uint32_t fn;
    fl_value key;
    fl_value args[FL_ARGS_MAX];
};

/* How a sequence ended. */
enum fl_itself_end {
    FL_ITSELF_ANSWERED, /* all calls returned */
    FL_ITSELF_WAITS, /* the last one waits for ever: it is not possible now */
    FL_ITSELF_BROKE, /* it failed, which no object should, alone */
};

/* An object that can be used alone. */
struct fl_itself_object {
    void *context; /* borrowed; the first argument of the functions */

    /*
     * Performs `count` (at least 1) calls one after the other on a fresh
     * object, and stores what the last one answered.  All but the last have
     * been performed before and returned.  Must be a function of the calls.
     */
    enum fl_itself_end (*perform)(void *context,
                                  const struct fl_itself_call *calls,
                                  uint32_t count, fl_value *answer);

    /*
     * Optional: bytes that determine everything the object will answer from
     * now on, after the sequence performed last; `*size` is 0 if it cannot be
     * told.  Two sequences with equal bytes are one state.
     */
    const void *(*digest)(void *context, size_t *size);
};

struct fl_itself;

/*
 * Makes the model of `object`, whose members are copied.  The operations are
 * those of `types` (borrowed; a model's own will do), of which none is taken to
 * be pure.  NULL when memory ends.  Ended by fl_itself_free().
 */
struct fl_itself *fl_itself_new(const char *name,
                                const struct fl_operation_type *types,
                                uint32_t types_count,
                                const struct fl_itself_object *object);

/* Ends it; histories of its model may be freed later, but not read.  NULL is
 * allowed. */
void fl_itself_free(struct fl_itself *itself);

/* The model, to be given to a history.  Each key is an object of its own, as
 * for any model. */
const struct fl_model *fl_itself_model(const struct fl_itself *itself);

/* Between two decisions: forgets what was learnt, if that is much.  States of
 * before are then no longer valid. */
void fl_itself_trim(struct fl_itself *itself);

/* Whether some sequence broke the object, or memory ended: a violation is then
 * not the fault of other clients, or none at all.  Describes the first in
 * `text`, cut at `max` bytes. */
bool fl_itself_broke(const struct fl_itself *itself, char *text, size_t max);

/* How many sequences were performed so far. */
uint64_t fl_itself_performed(const struct fl_itself *itself);

#ifdef __cplusplus
}
#endif

#endif
