/*
 * A history: what the clients saw, in the order in which they saw it.
 *
 * A history is a list of operations.  Each has a moment when it was called
 * and, unless its client was cut off first, a moment when it returned.
 * Moments are ranks in one total order of events; they are not times.  `a`
 * precedes `b` if a.ret < b.call; two operations overlap if neither precedes
 * the other.
 *
 *     client 0:   |call 0 ----------- ret 3|
 *     client 1:         |call 1 - ret 2|        |call 4 ---   (open)
 *
 * Nothing here knows how the history came about.  It may have been recorded
 * by the harness, read from a file, or typed into a test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_HISTORY_H
#define FL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fl_model;
struct fl_strings;

/* An argument, a result, a key.  What it means, a model says (enum fl_kind). */
typedef int64_t fl_value;

/* No value: an empty queue's answer, an unset register, "no key". */
#define FL_NONE INT64_MIN

/* Keys that are texts: this plus their number in the history's strings.  Keys
 * that are numbers lie below. */
#define FL_TEXT_KEYS (INT64_C(1) << 62)

/* The return moment of an operation that never returned. */
#define FL_OPEN UINT32_MAX

enum {
    FL_ARGS_MAX = 2 /* arguments of one operation */
};

/* One operation as its client saw it. */
struct fl_operation {
    uint32_t client;
    uint32_t fn;   /* which of its model's operation types */
    uint32_t call; /* moment of the call */
    uint32_t ret;  /* moment of the return, or FL_OPEN */
    fl_value key;  /* the object, FL_NONE where there is only one */
    fl_value args[FL_ARGS_MAX];
    fl_value result; /* unknown and FL_NONE while open */
    uint32_t line;   /* in the file it was read from, or 0 */
};

enum fl_event_kind {
    FL_EVENT_CRASH,     /* one client died; its open operation was cut off */
    FL_EVENT_CRASH_ALL, /* all died at once: an era ends */
    FL_EVENT_RECOVER,   /* a client is back, under its old number */
    FL_EVENT_RESOLVE,   /* a client learnt what became of its last operation */
    FL_EVENT_SYNC,      /* all that had returned is safe from a crash now */
};

/* What a client was told of its last operation. */
enum fl_resolved {
    FL_RESOLVED_UNKNOWN, /* nobody could say */
    FL_RESOLVED_NOT_DONE,
    FL_RESOLVED_DONE,
};

/* Something that befell a client, at a moment of its own. */
struct fl_event {
    enum fl_event_kind kind;
    uint32_t client; /* 0 for FL_EVENT_CRASH_ALL and FL_EVENT_SYNC */
    uint32_t at;
    enum fl_resolved resolved; /* of FL_EVENT_RESOLVE */
    fl_value result;           /* likewise, if it was done */
};

/*
 * A history.  Its fields may be read; they change through the functions below.
 *
 * Operations stand in call order.  All stamps (calls, returns, events) are
 * distinct and below `stamps`.
 */
struct fl_history {
    const struct fl_model *model; /* borrowed */
    struct fl_operation *operations;
    uint32_t count;
    uint32_t max;
    struct fl_event *events;
    uint32_t events_count;
    uint32_t events_max;
    uint32_t stamps;            /* the next moment */
    fl_value initial;           /* the model's initial value, or FL_NONE */
    struct fl_strings *strings; /* what FL_KIND_STRING values mean; may be 0 */
    uint64_t unit_ns; /* what a stamp is worth before fl_history_settle(), in
                       * nanoseconds; 0: stamps are no times */
    uint64_t *times;  /* of each stamp, in nanoseconds; NULL: not known.  Filled
                       * by fl_history_settle() if unit_ns is set, or while
                       * recording by a clock; owned. */
    bool clocked;     /* fl_history_clock(): ... */
    uint64_t now;     /* ... what the next moment's time is */
};

/*
 * Makes an empty history of `model` with room for `operations_max` operations
 * and `events_max` events.
 *
 * All memory is taken here; recording never allocates.  Returns NULL when
 * there is none.  The caller owns the result and ends it with
 * fl_history_free(); the model is borrowed and must live as long.
 */
struct fl_history *fl_history_new(const struct fl_model *model,
                                  uint32_t operations_max, uint32_t events_max);

/* Ends `h`.  NULL is allowed. */
void fl_history_free(struct fl_history *h);

/* Makes room for at least so many operations and events, for those who do not
 * know their number beforehand.  False when memory ends. */
bool fl_history_grow(struct fl_history *h, uint32_t operations_max,
                     uint32_t events_max);

/* Keeps the time of each moment that is recorded from now on: whoever records
 * sets h->now before.  The history must be empty, and does not grow.  False
 * when memory ends. */
bool fl_history_clock(struct fl_history *h);

/* Forgets all operations and events; keeps the memory. */
void fl_history_clear(struct fl_history *h);

/*
 * Returns a copy of `h` with the operations whose `keep` entry is true (NULL:
 * all of them) and all events.  Stamps are kept.  NULL when memory ends.
 */
struct fl_history *fl_history_copy(const struct fl_history *h,
                                   const bool *keep);

/*
 * Records that `client` called operation type `fn`, at the next moment.
 *
 * `args` has FL_ARGS_MAX values.  Returns the operation's index, its ticket
 * for fl_history_return().  The client must have no open operation, and the
 * history must not be full.
 */
uint32_t fl_history_call(struct fl_history *h, uint32_t client, uint32_t fn,
                         fl_value key, const fl_value *args);

/* Records that the call with this ticket returned `result`, at the next
 * moment. */
void fl_history_return(struct fl_history *h, uint32_t ticket, fl_value result);

/* Records an event of `client` at the next moment.  There must be room. */
void fl_history_event(struct fl_history *h, enum fl_event_kind kind,
                      uint32_t client);

/*
 * Brings a history filled by hand into form: operations by call, stamps
 * renumbered 0, 1, 2, ...  Equal stamps mean concurrent, so calls come before
 * events and events before returns.  Returns false if an operation returns
 * before its call, a client's operations overlap, or one outlived a crash (or
 * memory ends).
 */
bool fl_history_settle(struct fl_history *h);

/*
 * The index of an operation whose client had another one in flight when it
 * was called, or FL_OPEN if there is none.  An open operation lasts until its
 * client crashes.  Calls and returns must be right in themselves.
 */
uint32_t fl_history_overlap(const struct fl_history *h);

/*
 * The index of an operation that returned although its client, or everybody,
 * had crashed while it was in flight; FL_OPEN if there is none, h->count if
 * memory ends.  No criterion says what to make of one: a crash cuts off what is
 * in flight.  Operations and events must stand in order.
 */
uint32_t fl_history_outlived(const struct fl_history *h);

/* The moment at which the open operation `i` was cut off by a crash of its
 * client, or FL_OPEN if none was. */
uint32_t fl_history_cut(const struct fl_history *h, uint32_t i);

#ifdef __cplusplus
}
#endif

#endif
