/*
 * Recording in the real world: what clients on threads of their own called,
 * and when.
 *
 * Each client writes to memory of its own, two moments an operation, and waits
 * for nobody.  When all have ended, fl_recorder_finish() merges what they wrote
 * into one history.  Clocks of two processors differ by a little; every
 * interval is made longer by half of that at both ends, so that the history
 * never says "before" where it is not certain:
 *
 *     written     |call ------ return|
 *     in the history  |e/2| call ------ return |e/2|
 *
 * Where two operations of one client then overlap, the later has a client of
 * its own.  A model that asks who calls (a lock's owner) cannot have that, and
 * is always recorded with FL_CLOCK_COUNTER, whose order is exact.
 *
 *     struct fl_recorder *r = fl_recorder_new(fl_model_find("queue"), 2, NULL);
 *     struct fl_recording *c = fl_recorder_client(r, 0);     // on its thread:
 *     fl_record_next(c, FL_QUEUE_ENQUEUE, FL_NONE, 7, 0);
 *     my_enqueue(q, 7);
 *     fl_record_return(c, FL_NONE);
 *
 * fl_record_next() takes one reading of the clock an operation and is the form
 * to begin with; fl_record_call() takes two, for a client that does other work
 * in between, and costs almost twice as much (clock.h says what for).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_RECORDER_H
#define FL_RECORDER_H

#include "checker/check.h"
#include "checker/clock.h"
#include "checker/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One operation, as its client wrote it. */
struct fl_recorded {
    uint64_t call; /* readings of the clock */
    uint64_t ret;  /* UINT64_MAX while it has not returned */
    fl_value key;
    fl_value args[FL_ARGS_MAX];
    fl_value result;
    uint32_t fn;
};

struct fl_recording_page;

/* What one client writes to.  Its fields are for the functions below. */
struct fl_recording {
    struct fl_recorded *at;  /* the next place */
    struct fl_recorded *end; /* of this page */
    uint64_t last;           /* the last reading */
    enum fl_clock_kind kind;
    uint64_t *counter;               /* that all share */
    struct fl_recording_page *pages; /* the newest first */
    uint32_t operations;             /* in a page */
    bool lost;                       /* memory ended: nothing more is kept */
} __attribute__((aligned(128)));

/* How to record; NULL or all zero: the best clock, pages of 4096. */
struct fl_recording_options {
    enum fl_clock_kind clock;
    uint32_t operations; /* that a client writes before it needs more memory,
                          * for which it then stops a moment */
};

struct fl_recorder;

/*
 * Makes a recorder for `clients` clients of an object of `model` (borrowed),
 * and measures its clock (see clock.h).  All memory of the first pages is
 * touched here.  NULL when memory ends.  Ended by fl_recorder_free().
 */
struct fl_recorder *fl_recorder_new(const struct fl_model *model,
                                    uint32_t clients,
                                    const struct fl_recording_options *options);

/* Ends a recorder.  NULL is allowed.  Histories it made live on. */
void fl_recorder_free(struct fl_recorder *recorder);

/* What client `client` (from 0) writes to; the recorder's.  One thread at a
 * time may use it. */
struct fl_recording *fl_recorder_client(struct fl_recorder *recorder,
                                        uint32_t client);

/* The clock in use and its error. */
const struct fl_clock *fl_recorder_clock(const struct fl_recorder *recorder);

/*
 * When no client records any more: the history, settled, which the caller
 * owns.  What has not returned is open.  Measures the clock once more and takes
 * the greater error.  FL_NO_MEMORY: memory ended, here or while recording.
 * FL_BAD_INPUT: there are more than 2^30 operations.  What was recorded stays.
 */
enum fl_status fl_recorder_finish(struct fl_recorder *recorder,
                                  struct fl_history **out);

/* More room for `c`, behind what is full.  Not for callers. */
bool fl_recording_turn(struct fl_recording *c);

/* --- on the client's thread, around each operation ------------------------ */

/* An operation begins; `moment` is a reading before it.  Its arguments are set
 * next.  Not for callers. */
static inline struct fl_recorded *fl_record_begin(struct fl_recording *c,
                                                  uint64_t moment, uint32_t fn,
                                                  fl_value key)
{
    struct fl_recorded *op = c->at;
    op->call = moment;
    op->ret = UINT64_MAX;
    op->key = key;
    op->fn = fn;
    return op;
}

/* Whether there is room for one more.  Not for callers. */
static inline bool fl_record_fits(struct fl_recording *c)
{
    return __builtin_expect(c->at != c->end, 1) || fl_recording_turn(c);
}

/* The client is about to call operation type `fn` on object `key` (FL_NONE:
 * there is only one) with these arguments (0 where it has none). */
static inline void fl_record_call(struct fl_recording *c, uint32_t fn,
                                  fl_value key, fl_value first, fl_value second)
{
    if (!fl_record_fits(c)) {
        return;
    }
    /* The counter orders everything: sequentially consistent. */
    uint64_t now = c->kind == FL_CLOCK_COUNTER
                       ? __atomic_fetch_add(c->counter, 1, __ATOMIC_SEQ_CST)
                       : fl_clock_read(c->kind);
    struct fl_recorded *op = fl_record_begin(c, now, fn, key);
    op->args[0] = first;
    op->args[1] = second;
    if (c->kind != FL_CLOCK_COUNTER) {
        fl_clock_wait(c->kind); /* last: the processor writes meanwhile */
    }
}

/*
 * The same for a client that calls again at once: the call's moment is that of
 * its last return, which saves a reading of the clock.  Time between the two
 * is counted as part of the operation, so the history says less if there is
 * much of it, but nothing that is wrong.
 */
static inline void fl_record_next(struct fl_recording *c, uint32_t fn,
                                  fl_value key, fl_value first, fl_value second)
{
    if (c->last == 0 || c->kind == FL_CLOCK_COUNTER) {
        fl_record_call(c, fn, key, first, second);
    } else if (fl_record_fits(c)) {
        struct fl_recorded *op = fl_record_begin(c, c->last, fn, key);
        op->args[0] = first;
        op->args[1] = second;
    }
}

/* The operation has returned at this reading.  Not for callers. */
static inline void fl_record_end(struct fl_recording *c, uint64_t moment,
                                 fl_value result)
{
    if (__builtin_expect(c->lost, 0)) {
        return;
    }
    struct fl_recorded *op = c->at;
    op->result = result;
    op->ret = moment;
    c->last = moment;
    c->at = op + 1;
}

/* What fl_record_call() announced has returned `result`.  Waits until the
 * client's stores can be seen by all. */
static inline void fl_record_return(struct fl_recording *c, fl_value result)
{
    uint64_t now;
    if (c->kind == FL_CLOCK_COUNTER) {
        now = __atomic_fetch_add(c->counter, 1, __ATOMIC_SEQ_CST);
    } else {
        fl_clock_drain();
        now = fl_clock_after(c->kind);
    }
    fl_record_end(c, now, result);
}

/*
 * The same where the last store that matters to others is known to be seen by
 * all: on x86-64, where it was a locked instruction (a compare-and-swap, an
 * exchange, a sequentially consistent store) or one came after it.  Saves the
 * wait.
 */
static inline void fl_record_return_seen(struct fl_recording *c,
                                         fl_value result)
{
#if defined(__x86_64__)
    if (c->kind != FL_CLOCK_COUNTER) {
        fl_record_end(c, fl_clock_after(c->kind), result);
        return;
    }
#endif
    fl_record_return(c, result);
}

/* The operation did not take effect for certain: as if it had never been
 * called. */
static inline void fl_record_cancel(struct fl_recording *c)
{
    if (!c->lost) {
        c->at->ret = 0;
    }
}

/* The client does not know what came of it, and goes on: it may have taken
 * effect at any time since, or will, or never. */
static inline void fl_record_give_up(struct fl_recording *c)
{
    if (!c->lost) {
        c->at++;
    }
}

#ifdef __cplusplus
}
#endif

#endif
