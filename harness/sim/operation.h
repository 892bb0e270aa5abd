/*
 * What a stopped thread is about to do, and what a running one has done.
 *
 * Strategies that look at operations (POS, SURW, DPOR) say `attentive`; for
 * them alone the world keeps a `struct operation` of every thread at each
 * point, and for those that search a `struct footprint` of what ran between
 * two questions.
 *
 * Locations are addresses.  They may be compared with one another (same,
 * overlapping) and numbered by first use, but no decision may depend on their
 * order or their bits: plug-ins lie elsewhere in every process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_OPERATION_H
#define HX_SIM_OPERATION_H

#include "checker/record.h"
#include "harness/tally.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    TOUCHES_MAX = 14, /* of one footprint; more: it touches everything */
};

/* What must be so before an operation can succeed at all. */
enum awaited {
    AWAITS_NOTHING,
    AWAITS_LOCK,   /* its location is held by nobody else */
    AWAITS_THREAD, /* the thread whose end it joins is over */
};

/* What is done to an object whose state decides what comes of it (moves.h). */
enum move {
    MOVE_NONE,
    MOVE_LOCK, /* of a mutex or spin lock */
    MOVE_TRY_LOCK,
    MOVE_UNLOCK,
    MOVE_WAIT, /* of a semaphore */
    MOVE_TRY_WAIT,
    MOVE_POST,
    MOVE_VALUE,
    MOVE_READ, /* of a rwlock */
    MOVE_TRY_READ,
    MOVE_WRITE,
    MOVE_TRY_WRITE,
    MOVE_LEAVE,
    MOVE_SLEEP, /* at a condition, giving up its mutex */
    MOVE_SIGNAL,
    MOVE_BROADCAST,
    MOVE_ENTER,  /* of a once control: whoever is first acts, */
    MOVE_DONE,   /* and is through, */
    MOVE_UNDO,   /* or came to nothing */
    MOVE_ARRIVE, /* at a barrier */
};

/* The next operation of a thread. */
struct operation {
    enum fl_step_kind kind; /* LOAD, STORE, UPDATE, FENCE, SYNC, ALLOC, FREE,
                             * CALL, POINT, TIME, SEND, RECEIVE */
    bool starts;    /* a fresh thread: nothing but its own code up to its first
                    * point; the kind says nothing */
    bool resumes;   /* it waited or span, and goes on; the kind is what it
                    * waited in */
    bool compares;  /* an UPDATE that may find that it must not write */
    bool plain;     /* a plain access, or a volatile one */
    uint8_t order;  /* enum order of memory.h, for LOAD to FENCE */
    uint8_t awaits; /* enum awaited */
    uint8_t move;   /* enum move, of the object at its location */
    uint8_t thread; /* AWAITS_THREAD: which; `flushes`: whose buffer */

    /* Store buffers (memory/buffers.c), for attentive strategies. */
    bool buffered;   /* a store that goes into its thread's buffer */
    bool drains;     /* it comes when that buffer is empty, and not before */
    bool flushes;    /* the oldest store of a buffer goes to memory */
    uint8_t flusher; /* the thread that empties its thread's buffer; 0: none */

    uint32_t size;        /* bytes at location; 0: an object as a whole */
    const void *location; /* NULL: none */
    uintptr_t pc;         /* code that does it, of atomic accesses; else 0.  As
                   * with locations: numbered, never taken by its bits */
};

/* A piece of memory, or an object, that was read or changed. */
struct touch {
    uintptr_t at;
    uint32_t size; /* at least 1 */
    bool writes;
    uint8_t flusher; /* a write: the store buffer that it came out of; */
    uint16_t entry;  /* a read: it found store number `entry`, from 1, of its
                      * own thread's buffer, which `flusher` empties */
};

/* What a thread did from one question to the next. */
struct footprint {
    uint32_t count;
    uint32_t number; /* of the piece in its run, from 1: names its stores */
    uint32_t source; /* weak models: the piece whose store it read; 0: none, or
                      * one made before any */
    bool sourced;    /* ... and that is known */
    uint16_t forwarded; /* the number of the store in its own buffer that the
                         * load found there; 0: none */
    bool everything;    /* more than can be said here: depends on all */
    bool reuses;        /* where it allocates, others' releases may tell */
    bool timed;         /* it looked at the clock, waited for it, or drew */
    bool called;        /* an operation of the history was called */
    bool returned;      /* one returned: it precedes what is called later */
    bool blocked;       /* the run ends, for a loop that waits was cut; */
    bool failed;        /* for it fails, and some threads may not be through */
    bool stuck;         /* ... but none that could go on */
    bool held;          /* the mutex `lock` is, when the piece is over, */
    uint8_t holder;     /* by this thread */
    uintptr_t lock;     /* the last that it used; 0: none */
    struct touch touches[TOUCHES_MAX]; /* in order */
};

enum {
    OFFERED_MAX = 16,   /* stores of one location: HISTORY_MAX of model.h */
    OFFER_FAILS = 0x80, /* in a choice: it fails although the values match */
    FENCES_MAX = 8,     /* of one piece that are no points */
};

/* A move, and the state of its object before and after. */
struct moved {
    uint8_t move; /* enum move; MOVE_NONE: there was none */
    const void *object;
    uint64_t before;
    uint64_t after;
};

/* What the memory model says of an atomic access, for a search over execution
 * graphs.  Stores are told by the pieces that made them, 0 for the value that
 * there was at first; the newest first. */
struct offer {
    bool wanted; /* somebody looks at it, */
    bool cuts;   /* ... and wants loops that wait to be cut in this run */
    bool loops;  /* some thread came round such a loop */
    bool made;   /* by an access of this piece */
    struct ungraphed_cause strays; /* what happened in this run is no matter of
                                    * its graph alone, for this */
    struct ungraphed_cause used;   /* the object that this piece used last */
    bool writes;
    bool compares;
    bool idles;      /* ... and may fail although the values match */
    uint8_t apply;   /* enum update, if it updates without comparing */
    uint8_t order;   /* enum order; of a compare-and-swap, if it swaps, */
    uint8_t failure; /* and if not */
    uint8_t count;   /* stores there were */
    uint8_t choices; /* to choose from: store number choice[i] */
    uint8_t choice[2 * OFFERED_MAX];
    struct moved moved;
    struct moved gave; /* the mutex of who goes to sleep */
    uint8_t fences; /* weaker than seq_cst, behind what the piece began with */
    uint8_t fence[FENCES_MAX]; /* enum order */
    uint32_t piece[OFFERED_MAX];
    uint64_t expected[2];
    uint64_t operand[2];
    uint64_t stored[2];
    uint64_t initial[2]; /* what piece 0 stored */
};

/* `why`, at `pc`, a graph does not say all of this run.  The first counts. */
static inline void offer_stray(struct offer *o, enum ungraphed why,
                               uintptr_t pc)
{
    if (o->strays.why == UNGRAPHED_NOT) {
        o->strays = (struct ungraphed_cause){.why = why, .pc = pc};
    }
}

static inline void footprint_clear(struct footprint *f)
{
    f->count = 0;
    f->source = 0;
    f->sourced = false;
    f->forwarded = 0;
    f->everything = false;
    f->reuses = false;
    f->timed = false;
    f->called = false;
    f->returned = false;
    f->blocked = false;
    f->failed = false;
    f->stuck = false;
    f->lock = 0;
}

static inline void footprint_put(struct footprint *f, const struct touch *touch)
{
    assert(f->count <= TOUCHES_MAX);
    if (f->count == TOUCHES_MAX) {
        f->everything = true;
        return;
    }
    f->touches[f->count++] = *touch;
}

static inline void footprint_add(struct footprint *f, const void *at,
                                 uint32_t size, bool writes)
{
    footprint_put(f, &(struct touch){.at = (uintptr_t)at,
                                     .size = size == 0 ? 1 : size,
                                     .writes = writes});
}

#endif
