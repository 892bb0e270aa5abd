/*
 * The state of the search that dpor.c describes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCHEDULE_DPOR_H
#define HX_SCHEDULE_DPOR_H

#include "harness/sim/schedule/dpor_events.h"
#include "harness/sim/schedule/dpor_tree.h"
#include "harness/sim/schedule/seen.h"
#include "harness/sim/schedule/strategy.h"

#include <assert.h>

enum {
    DPOR_NOBODY = DPOR_THREADS,
    DPOR_DECISIONS = 4 * DPOR_DEPTH, /* kept of one run */
};

/* The state before event number i. */
struct node {
    uint64_t enabled;
    uint64_t runnable; /* of them, what would not only wait */
    uint64_t gone;     /* of them, what the event here has stopped, */
    uint64_t held;     /* and what has to wait for a twin */
    uint64_t asleep;   /* whatever begins with them was explored elsewhere, */
    uint64_t done;     /* or below this node */
    uint32_t first;    /* wake-up tree: what to try after the thread chosen */
    uint32_t below;  /* ... and what to begin with behind the thread chosen, */
    uint32_t wanted; /* if it decides so */
    bool guided;     /* `below` and `wanted` count */
    bool planned;    /* the thread chosen was to be followed by more */
    bool loose;      /* it was planned to do more than it may come to, and */
    bool handed;     /* what it can go in front of is planned behind it */
    struct footprint chosen; /* of the thread chosen, in all its variants */
    uint32_t sleeping[DPOR_THREADS]; /* footprints of `asleep` and `done`, */
};                                   /* in dpor.sleepers */

/* A decision below `below` in event `event` (NO_EVENT: before the first). */
struct decided {
    uint32_t event;
    uint8_t below;
    uint8_t value;
};

struct dpor {
    bool started;
    uint32_t search;       /* another one begins anew */
    const uint64_t *twins; /* of each thread, those below that are alike; or
                            * NULL: none are */
    bool weak;             /* the memory model decides what is read */
    bool ordered;   /* no two events are independent: the program uses the
                     * clock or chance, or faults act */
    bool moments;   /* ... only events that use them are in an order with all */
    bool timed;     /* the program used them in this run */
    bool placed;    /* stores come in the order of their execution, and loads
                     * say which they read */
    bool buffers;   /* stores wait in buffers, which are threads of their own */
    bool lost;      /* this run does not follow what was planned */
    bool redundant; /* nothing new can come of this run */
    bool halted;    /* ... for all that could go on waits for a twin */
    bool cut;       /* some run was lost: not exhaustive */
    struct event *events;
    struct node *nodes;
    uint32_t count;              /* events and nodes known, */
    uint32_t valid;              /* of them the same in the run to come, */
    uint32_t depth;              /* and made so far in this run */
    uint32_t last[DPOR_THREADS]; /* event of each thread, or NO_EVENT */
    uint64_t enabled;            /* at the last question, */
    uint64_t runnable;           /* and of them what would not only wait */
    struct operation pending[DPOR_THREADS];
    const struct footprint *done;
    struct decided *decided;
    uint32_t decided_count;
    uint32_t decided_next;
    struct branches branches;
    struct branches sleepers; /* a pool of footprints */
    struct wakeup wakeup;
    struct seen graphs;
    struct search_tally tally;
};

static inline uint64_t dpor_bit(uint32_t thread)
{
    assert(thread < DPOR_THREADS);
    return (uint64_t)1 << thread;
}

/* A node that no run has come to before: a thread for it, or DPOR_NOBODY if all
 * that can come was explored. */
uint32_t dpor_open(struct dpor *d, const struct moment *moment);

/* The next planned thread of node `n` that can run, or DPOR_NOBODY. */
uint32_t dpor_next_planned(struct dpor *d, struct node *n);

/* The thread chosen at node `n` has had its turn. */
void dpor_put_to_sleep(struct dpor *d, struct node *n, uint32_t thread);

/* Nothing is left to do at node `n`. */
void dpor_close(struct dpor *d, struct node *n);

/* The thread chosen at the node of event `i` has done what it does: plans that
 * were kept apart from it because it was taken to do more are plans behind it.
 */
void dpor_hand_down(struct dpor *d, uint32_t i);

/* Who runs of `of`, if it does not matter. */
uint32_t dpor_plainest(const struct moment *moment, uint64_t of);

/* Store buffers (dpor_buffers.c).  dpor_behind(): sets the event that `e` must
 * come behind for the sake of its thread's buffer, and counts its stores.
 * dpor_own_store(): the number of the store of its own thread, now in memory,
 * that event `i` has read; 0: none.  dpor_begun(): how many events each thread
 * has had, now; dpor_begun_before(): and before event `k` of the run. */
void dpor_behind(const struct dpor *d, struct event *e);
uint16_t dpor_own_store(const struct dpor *d, uint32_t i);
void dpor_begun(const struct dpor *d, uint16_t begun[DPOR_THREADS]);
void dpor_begun_before(const struct dpor *d, uint32_t k,
                       uint16_t begun[DPOR_THREADS]);

/*
 * Threads that are alike (dpor_twins.c).  dpor_held(): those of `threads` that
 * must not go on before a twin has.  dpor_stand_beside(): sets whom `e` comes
 * behind; dpor_beside(): the next event of those, or NO_EVENT, and takes its
 * thread out of *beside.  dpor_compare(): event `i` is over; sets which twins
 * are still the same.
 */
uint64_t dpor_held(const struct dpor *d, uint64_t threads);
void dpor_stand_beside(const struct dpor *d, struct event *e);
uint32_t dpor_beside(const struct dpor *d, const struct event *e,
                     uint64_t *beside);
void dpor_compare(struct dpor *d, uint32_t i);

/* Every reversible race of the run that has ended puts what reverses it into
 * the wake-up tree of the node where it has to begin. */
void dpor_reverse_races(struct dpor *d);

/* Makes *e the next event of `thread`, behind `count` events: its number, what
 * it is about to do, and what made it possible. */
void dpor_event(const struct dpor *d, struct event *e, uint32_t thread,
                uint32_t count);

/* Makes room for a run, all of it empty; and frees it. */
void dpor_make_room(struct dpor *d);
void dpor_release(struct dpor *d);

/* The next event of the run is one of `thread`. */
void dpor_start(struct dpor *d, uint32_t thread);

/* The event that was started last is over: what it did (d->done) is known, and
 * so are its choices and its clock. */
void dpor_finish(struct dpor *d, uint64_t enabled);

/* Sets the clock of `e`, which comes behind `count` events. */
void dpor_order(const struct dpor *d, struct event *e, uint32_t count);

/* A hash of the graph of the run: which write each read read, and which write
 * each write came behind. */
uint64_t dpor_graph(const struct dpor *d);

#endif
