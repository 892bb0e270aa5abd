/*
 * The failure record: one run as a person will look at it.
 *
 * The record is the single source of every view: the terminal report and the
 * five drawings.  It holds the minimised history with its explanation, the
 * steps of the run, the faults that acted, and the messages.  A history that
 * was read from a file has no steps, faults or messages; the views that need
 * them say so.
 *
 * Everything is plain data; all texts are borrowed from whoever fills the
 * record and must outlive it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_RECORD_H
#define FL_RECORD_H

#include "checker/explain.h"
#include "checker/model.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FL_NO_STEP UINT32_MAX

enum fl_step_kind {
    FL_STEP_CALL,   /* an operation is called: "pop() {" */
    FL_STEP_RETURN, /* and returns: "} = 2" */
    FL_STEP_LOAD,
    FL_STEP_STORE,
    FL_STEP_UPDATE, /* a read-modify-write, or a CAS that succeeded */
    FL_STEP_REFUSE, /* a CAS that failed */
    FL_STEP_FENCE,
    FL_STEP_ALLOC,
    FL_STEP_FREE,
    FL_STEP_SYNC,  /* a lock, a semaphore, a condition */
    FL_STEP_POINT, /* a named point */
    FL_STEP_SEND,
    FL_STEP_RECEIVE,
    FL_STEP_TIME,  /* sleep, yield, time passes */
    FL_STEP_CRASH, /* the program itself failed here */
};

/* One step of the run.  Numbers count from 1, calls and returns included. */
struct fl_step {
    enum fl_step_kind kind;
    uint32_t thread;
    uint32_t operation; /* index in the history, or FL_OPEN */
    const char *text;   /* "CAS head n1->n2 ok" */
    const char *file;   /* base name, or NULL if not known */
    const char *path;   /* full path, for links and excerpts; may be NULL */
    uint32_t line;      /* 0 if not known */
    uint32_t column;    /* in that line, what the step is about; from 1, 0 if
                         * not known */
    const char *inner_file; /* where in a small function that this line calls */
    uint32_t inner_line;    /* it was done; NULL and 0: in the line itself */
    const char *note;   /* "freed at 6", "<== head holds freed n2"; or NULL */
    const char *memory; /* the shared state after it, if it changed; or NULL */
    uint32_t cause;     /* an earlier step that explains it, or FL_NO_STEP */
    const char *cause_text; /* "expected n1 read at 2, still n1 at 17: ABA" */
    bool decisive;          /* the step that did it */
    uint64_t time;          /* virtual, in nanoseconds */
};

/* One fault that acted. */
struct fl_record_fault {
    const char *label;  /* "F1" */
    const char *kind;   /* "delay", "crash", "partition" */
    const char *text;   /* "held before CAS at treiber.c:37" */
    uint32_t thread;    /* or node; FL_OPEN if it has none */
    uint32_t before;    /* acted before this step (index in steps) */
    uint32_t until;     /* first step after it ended, or FL_NO_STEP */
    uint64_t from_time; /* virtual */
    uint64_t to_time;   /* virtual; UINT64_MAX = for ever */
    uint64_t nodes;     /* a partition: bit i = node i is on the first side */
};

enum fl_message_fate {
    FL_DELIVERED,
    FL_LOST,      /* dropped by a fault */
    FL_LATE,      /* delivered, delayed by a fault */
    FL_DUPLICATE, /* a second delivery */
    FL_IN_FLIGHT, /* never arrived before the end */
};

struct fl_record_message {
    uint32_t from; /* thread numbers, see fl_record.threads */
    uint32_t to;
    uint64_t sent; /* virtual times */
    uint64_t arrived;
    enum fl_message_fate fate;
    const char *text;  /* what it carries, short; or NULL */
    const char *fault; /* "F1 +40 ms", "F2"; or NULL */
    bool decisive;
    bool idle; /* no answer of any operation depended on it, and no fault
                * touched it: the first to be left out */
};

/* A lane: a thread, a process or a node. */
struct fl_lane {
    const char *name; /* "T0", "R1", "s1" */
    const char *role; /* "writer", "replica", "delayed", "crashed"; or "" */
    bool client;      /* calls operations */
};

/* The value a node held from a virtual time on ("v=1"). */
struct fl_record_value {
    uint32_t thread;
    uint64_t time;
    const char *text;
    bool stale; /* a value that a newer one should have replaced */
};

/* A frame of a stack. */
struct fl_frame {
    const char *function;
    const char *file;
    uint32_t line;
};

/* One of the two stacks of a memory error: where it happened, where the block
 * was freed, where it was allocated. */
struct fl_record_stack {
    const char *title; /* "use of freed memory in T1", "freed by T0" */
    const struct fl_frame *frames;
    uint32_t frames_count;
};

/* How much shrinking removed.  All zero: nothing was shrunk. */
/* What shrinking tried to do without: candidates, each replayed or explored. */
struct fl_record_tried {
    uint32_t threads;     /* all operations of one */
    uint32_t operations;  /* one or some of a thread */
    uint32_t faults;      /* one or all */
    uint32_t preemptions; /* one or some switches of thread */
    uint32_t stale;       /* all reads of older stores */
    uint32_t decisions;   /* one or some: messages, stores read, waiters */
    uint32_t schedules;   /* at most, of a candidate that was explored */
    uint64_t enumerated;  /* schedules, by their number of preemptions */
};

struct fl_record_shrink {
    uint32_t operations_before;
    uint32_t operations_after;
    uint32_t faults_before;
    uint32_t faults_after;
    uint32_t preemptions_before;
    uint32_t preemptions_after;
    uint32_t stale_before; /* reads of another store than the newest */
    uint32_t stale_after;
    uint64_t replays;
    uint32_t milliseconds;
    bool complete;                /* one-minimal; false: the budget ran out */
    bool fewest_proved;           /* no schedule with fewer preemptions fails */
    struct fl_record_tried tried; /* all 0: not known */
};

struct fl_record {
    const char *scenario;
    const char *verdict;   /* "not linearizable", "use after free", ... */
    bool open;             /* it is no verdict: nothing is said to be wrong */
    const char *subject;   /* "treiber_stack, variant aba"; or NULL */
    const char *seed;      /* "0x5eed1a", or NULL */
    uint64_t schedule;     /* which of the campaign, from 1; 0 = not known */
    uint64_t schedules;    /* of so many planned; 0 = not known */
    const char *strategy;  /* that made the schedule: "pct"; or NULL */
    uint32_t milliseconds; /* until it was found */
    const char *signature;

    struct fl_record_shrink shrink;
    const char *nearest; /* the nearest passing run: "passing run differs first
                          * at step 17: T1 goes on there instead of T0"; or
                          * NULL */

    const struct fl_history *history;         /* minimised */
    const struct fl_explanation *explanation; /* NULL: not a history's fault */
    const char *const *reason; /* the verdict in sentences, if not explained */
    uint32_t reason_count;

    const struct fl_lane *lanes; /* clients first, in the order of their ids */
    uint32_t lanes_count;
    const char *setup; /* "push(3) push(2) push(1)", done before; or NULL */
    const char *memory_title; /* "shared state: head" */

    const struct fl_step *steps;
    uint32_t steps_count;
    /* For each operation of the history, the steps of its call and return
     * (indices into steps, FL_NO_STEP if none).  NULL when there are no
     * steps. */
    const uint32_t *call_steps;
    const uint32_t *return_steps;

    const struct fl_record_fault *faults;
    uint32_t faults_count;
    const struct fl_record_message *messages;
    uint32_t messages_count;
    const struct fl_record_value *values;
    uint32_t values_count;
    const struct fl_record_stack *stacks;
    uint32_t stacks_count;

    const char
        *directory; /* where the run's files lie: "out/x/5f3a"; or NULL */
};

/* A drawing of a record: writes DOT for plain `dot -Tsvg` to `out`. */
struct fl_view {
    const char *name;  /* "timeline" */
    const char *about; /* one line */
    /* Why `record` cannot be drawn this way, or NULL if it can. */
    const char *(*lacks)(const struct fl_record *record);
    void (*draw)(const struct fl_record *record, FILE *out);
};

/* timeline, order, proof, steps, network; ends with NULL. */
extern const struct fl_view *const fl_views[];

/* The view called `name`, or NULL. */
const struct fl_view *fl_view_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif
