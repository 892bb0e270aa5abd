/*
 * A model: the sequential specification of an object.
 *
 * A model is a state machine over flat bytes.  The state holds no pointers
 * and no padding that is not zero, so copying is memcpy, equality is memcmp,
 * and hashing reads the bytes.  `step` applies one operation in place and
 * returns what a correct object would have answered; whether the client saw
 * the same answer is the checker's business.  So open operations need no
 * special case, and a model doubles as an oracle for sequential tests.
 *
 * An object whose answer is not a function of its state says `allows` too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_MODEL_H
#define FL_MODEL_H

#include "checker/history.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A step's answer where the operation is not possible at all (releasing a free
 * lock).  No client ever saw it, so it refuses open operations, too.  The state
 * is then unchanged. */
#define FL_REFUSED (INT64_MIN + 1)

/* How a value is printed and compared. */
enum fl_kind {
    FL_KIND_VOID,   /* there is none: an argument list's end, "ok" */
    FL_KIND_INT,    /* a number, or FL_NONE ("empty", null in files) */
    FL_KIND_BOOL,   /* 0 or 1 */
    FL_KIND_STRING, /* an index into the history's strings */
    FL_KIND_BITS,   /* a set of small numbers, bit i for number i */
};

/* One kind of operation of a model. */
struct fl_operation_type {
    const char *name;
    enum fl_kind args[FL_ARGS_MAX];
    enum fl_kind result;
    bool pure; /* never changes the state, whatever it answers */
};

/* What a model needs to know of a history to size and start its state. */
struct fl_space {
    const struct fl_history *history; /* borrowed */
    fl_value initial;                 /* of a register; FL_NONE otherwise */
    uint32_t capacity;                /* of a bounded object; 0 = unbounded */
    uint32_t relax;             /* so many values may be next; 0 and 1: one */
    uint32_t adds;              /* operations that may make the state grow */
    struct fl_strings *strings; /* may be 0 */
    uint32_t keys;     /* objects; above 1 use the fl_state_ functions */
    size_t object_max; /* bytes of one object's state, if there are more */
};

/* The values of an object that one operation is about. */
struct fl_values {
    bool gives;  /* puts `given` into the object, if it takes effect */
    bool takes;  /* saw `taken` there, or (open) compares with it */
    bool misses; /* its result says that something was not so: a failed
                     * compare-and-set, "full" */
    fl_value given;
    fl_value taken;
};

struct fl_model {
    const char *name;
    const char *about; /* one line */
    const struct fl_operation_type *types;
    uint32_t types_count;

    /* The most bytes that a state reachable in `space` may have.  Asked online
     * of one operation at a time, it bounds by how much that one makes any
     * state larger: sums over operations are right, a maximum is not. */
    size_t (*state_max)(const struct fl_space *space);

    /* Writes the initial state; returns its size in bytes. */
    size_t (*start)(const struct fl_space *space, void *state);

    /*
     * Applies `op` to `state` in place, updates `*size`, and returns the
     * answer.  `op->result` is not read.  The state is aligned for any type.
     */
    fl_value (*step)(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op);

    /*
     * Optional, for an answer that is not a function of the state: applies
     * `op` to `state` as `step` does if it may answer op->result, and says
     * whether it may.  NULL: it may iff step() answers op->result.
     */
    bool (*allows)(const struct fl_space *space, void *state, size_t *size,
                   const struct fl_operation *op);

    /*
     * Optional, both or none, for an operation that may leave one of several
     * states ("take any").  `ways`: in how many ways `op` can go in `state`
     * (0: it is refused); one that returned must answer op->result, an open one
     * may answer anything.  `go`: applies one of them, and returns its answer.
     * An operation that is inert has one way.  With them `allows` is not used.
     */
    uint32_t (*ways)(const struct fl_space *space, const void *state,
                     size_t size, const struct fl_operation *op);
    fl_value (*go)(const struct fl_space *space, void *state, size_t *size,
                   const struct fl_operation *op, uint32_t way);

    /* Writes the state for a person ("[1 2 3]") into `text`, cut at `max`
     * bytes, and returns `text`. */
    const char *(*describe)(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max);

    /* Each key is an object of its own; the history may be split by key. */
    bool keyed;

    /* The operation touches the element args[0] only, so that the history may
     * be split by it (a set). */
    bool by_element;

    /*
     * The operations that must be dropped together from a failing history so
     * that a violation of the rest is one of the whole: writes the operations
     * (flags, h->count of them) that belong to the unit of operation `i`.
     * NULL: a pure operation is a unit, any other may not be dropped.
     */
    void (*unit)(const struct fl_history *h, uint32_t i, bool *drop);

    /* Optional: whether the returned operation `op`, having answered
     * op->result, cannot have changed the state ("empty", "false").  NULL:
     * only operations of a pure type. */
    bool (*inert)(const struct fl_operation *op);

    /* Optional: what `op` gives to and takes from the object.  A model that
     * says so promises that an operation can take a value only while it is
     * there, and that an operation whose value nobody takes or compares with
     * can be left out if nothing misses.  See promote.h. */
    void (*values)(const struct fl_operation *op, struct fl_values *values);

    /*
     * Optional, both or none; they cut off branches early.  `lacks`: the
     * returned operation `goal` is not accepted in `state`, and will not be
     * until some operation is taken that helps.  `helps`: whether `op` may be
     * such a one.  Exact: a goal without a helper is a dead end.
     */
    bool (*lacks)(const struct fl_space *space, const void *state, size_t size,
                  const struct fl_operation *goal);
    bool (*helps)(const struct fl_space *space, const struct fl_operation *op,
                  const struct fl_operation *goal);

    bool by_client;   /* the answer depends on who calls */
    const char *none; /* the word for FL_NONE ("unset"); NULL: "empty" */

    /* Optional: the model of the same operations in which a removal may be out
     * of order by fl_options.relax (itself, if this is that one). */
    const struct fl_model *relaxed;

    /* Optional, for a state that is a row of fl_value: whether `op` takes the
     * first one off, or finds none, and neither changes nor asks about those
     * behind it.  Who holds a long row may then move its beginning instead of
     * its bytes. */
    bool (*takes_first)(const struct fl_operation *op);
};

/* All models, in the order in which they are listed; ends with NULL. */
extern const struct fl_model *const fl_models[];

/* The model called `name` (or by one of its other names), or NULL. */
const struct fl_model *fl_model_find(const char *name);

/* The index of the operation type called `name`, or -1. */
int fl_model_fn(const struct fl_model *model, const char *name);

/* Fills `space` from `h`: what state_max, start and step need.  The capacity is
 * unbounded; options say otherwise. */
void fl_space_init(struct fl_space *space, const struct fl_history *h);

/* Takes what the options say of the object. */
void fl_space_limit(struct fl_space *space, uint32_t capacity, uint32_t relax);

/*
 * What the model's own functions do, for a history of one object; and for one
 * of several objects (space->keys) that is not split, the same on the product
 * of their states.  Buffers have fl_state_max() bytes, aligned for any type.
 */
size_t fl_state_max(const struct fl_space *space);
size_t fl_state_start(const struct fl_space *space, void *state);
fl_value fl_state_step(const struct fl_space *space, void *state, size_t *size,
                       const struct fl_operation *op);
const char *fl_state_describe(const struct fl_space *space, const void *state,
                              size_t size, char *text, size_t max);

/*
 * Applies `op` as fl_state_step() does and says whether the model accepts it:
 * it may answer op->result, or it is open and may answer anything.
 */
bool fl_state_accepts(const struct fl_space *space, void *state, size_t *size,
                      const struct fl_operation *op);

/*
 * In how many ways `op` may be tried in `state`: 1 unless the model says
 * otherwise, and even 1 may be refused.  fl_state_go() applies way `way` and
 * says whether the model accepts it; way 0 is fl_state_accepts().
 */
uint32_t fl_state_ways(const struct fl_space *space, const void *state,
                       size_t size, const struct fl_operation *op);
bool fl_state_go(const struct fl_space *space, void *state, size_t *size,
                 const struct fl_operation *op, uint32_t way);

/* The model's `lacks` and `helps`, which it must have, for one object or, on
 * the product, for the object of the goal: no other can help. */
bool fl_state_lacks(const struct fl_space *space, const void *state,
                    size_t size, const struct fl_operation *goal);
bool fl_state_helps(const struct fl_space *space, const struct fl_operation *op,
                    const struct fl_operation *goal);

/* Whether `op` is known never to have changed the state: its type is pure, or
 * its result says so.  `model` is that of its history. */
bool fl_operation_inert(const struct fl_model *model,
                        const struct fl_operation *op);

/* Writes "pop()" or "push(3)" into `text`, cut at `max` bytes; returns it. */
const char *fl_describe_call(const struct fl_history *h,
                             const struct fl_operation *op, char *text,
                             size_t max);

/* Writes a key ("x", 3, or nothing for FL_NONE) likewise. */
const char *fl_describe_key(const struct fl_history *h, fl_value key,
                            char *text, size_t max);

/* Writes a result of type `fn` ("3", "empty", "true", "ok") likewise. */
const char *fl_describe_result(const struct fl_history *h, uint32_t fn,
                               fl_value result, char *text, size_t max);

#ifdef __cplusplus
}
#endif

#endif
