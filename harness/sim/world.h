/*
 * The simulated world: fibers, one running at a time, and who runs next.
 *
 * All threads of the program under test are fibers of one OS thread.  Every
 * visible operation calls world_point() *before* it acts: there the scheduler
 * may go on with another fiber, and a fault may act.  Whatever has to wait
 * calls world_wait(), and whatever lets others go on calls world_wake().
 *
 *          client fiber                 world
 *     atomic_load(&x)
 *       world_point(...)  ── due? ──>  ask rules, ask strategy
 *                         <── go on ──  (or jump to another fiber)
 *       v = x; note it
 *
 * Code outside any fiber (constructors, create(), settle()) acts directly: a
 * point does nothing, and a wait that could not be satisfied is an error.
 *
 * The current world is the one mutable global of the harness: the compiler's
 * hooks have no argument to carry it in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_WORLD_H
#define HX_SIM_WORLD_H

#include "harness/choice.h"
#include "harness/log.h"
#include "harness/run.h"
#include "harness/sim/operation.h"
#include "harness/sim/rounds.h"

#include <assert.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rules;
struct heap;
struct sync;
struct net;
struct memory;
struct weak;
struct stacks;
struct strategy;
struct awaits;
struct reach;
struct lull;
struct twins;

enum {
    FIBERS_MAX = 64,  /* an enabled set is one word */
    READS_MAX = 16,   /* reads remembered to notice spinning */
    SPIN_ROUNDS = 64, /* of a spinner that might not be one, before time passes
                       * or a fault is taken to block it */
    PATIENCE_NOT_DRAWN = 255,
    NO_FIBER = 64,
};

/* No deadline; for ever. */
#define FOREVER UINT64_MAX

/* The bit of fiber `id` in a set of fibers. */
static inline uint64_t fiber_bit(uint32_t id)
{
    assert(id < FIBERS_MAX);
    return (uint64_t)1 << id;
}

/* The sooner of two moments, or of two steps. */
static inline uint64_t moment_sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* All bits if `yes`, which is 0 or 1: for choices without a branch. */
static inline uint64_t world_mask(uint64_t yes)
{
    return (uint64_t)0 - yes;
}

enum fiber_state {
    FIBER_UNUSED,
    FIBER_READY,
    FIBER_WAITING,  /* for an object, a deadline, or both */
    FIBER_SPINNING, /* for a store to a location it reads */
    FIBER_RESTING,  /* delayed or paused by a fault */
    FIBER_DONE,
    FIBER_CRASHED,
};

/* A read since the fiber's last effect: for noticing that it spins. */
struct seen_read {
    uintptr_t pc;
    const void *address;
    uint64_t value;
    uint32_t size; /* bytes; 0: not of memory, but of a lock's state */
};

struct fiber {
    uint32_t id;
    uint32_t process; /* plug-in copy and crash group; node id in a network */
    uint32_t process_target; /* what faults call it: thread, process, node */
    uint32_t client;         /* whose operations it performs, or UINT32_MAX */
    enum fiber_state state;
    void *context; /* fcontext_t, used up by each jump */
    char *stack;   /* lowest usable byte */
    size_t stack_size;
    void *tls; /* its thread-local block */
    int errno_value;
    void (*entry)(void *argument); /* what it runs */
    void *argument;

    /* waiting */
    const void *wait_object;
    const char *wait_what;    /* "mutex", "semaphore", "join", "message" */
    uint32_t wait_owner;      /* fiber that could end the wait, or NO_FIBER */
    uint64_t deadline;        /* virtual ns, or FOREVER */
    bool waits_on_wall;       /* ... which it read off its wall clock */
    bool woken;               /* by world_wake(), not by the deadline */
    uint64_t rest_until_step; /* FIBER_RESTING or _SPINNING, in steps; or */
    uint64_t paused_until;    /* when its wait ends, it rests until then */
    uint64_t yield_mask;      /* fibers that must step before it may again */
    const void *then_locks; /* the mutex that it takes when its wait is over */

    /* counting */
    uint64_t steps;      /* own points before it was resumed last */
    uint64_t resumed;    /* w->step at that moment */
    uint64_t alarm;      /* at this own step the rules want to be asked */
    uint64_t weak_swaps; /* weak CASes that would have succeeded, if watched */
    uint32_t operation;  /* own operation number, from 0 */
    uint32_t ticket;     /* history index of the operation, FL_OPEN between */
    uint64_t operation_start; /* own step at which the operation began */
    uint64_t place_start;     /* own step from which its faults are numbered */
    uint64_t operation_time;  /* virtual ns at which it was called */
    uint32_t fault;        /* index in the log of the fault that it rests for */
    uint32_t overtaken;    /* operations of others while its own one waited, */
    uint64_t overtaken_at; /* and own step at which that was counted last */
    uint64_t alone_from;   /* own step since which all others are gone, if */
    bool alone;            /* they are */

    uint64_t seen;  /* seen_bit() of all in `reads`, and perhaps others */
    uint64_t probe; /* hash of its state behind the last round it had, or 0 */
    uint64_t proof; /* own step before a round; then as of spin_doubts() */
    /* these start anew with each effect, in as few stores as can be */
    uint16_t spin_rounds; /* that it was given when nobody else could run */
    uint8_t reads_count;
    uint8_t repeats;   /* reads of what it had seen, before it is parked */
    bool polls;        /* has looked at the clock, or drawn a number */
    bool proven;       /* its state came back: it spins, and will for ever */
    bool probing;      /* in a round that it was given */
    uint8_t last_read; /* index in `reads` of the last one */
    uint16_t round;    /* bits: reads made again since one was new */
    bool cut;          /* its loop was cut (await.h): it does not go on */
    uint8_t reads_all; /* of a loop over plain memory: rounds.h; else 0 */
    uint64_t retval;   /* pthread_exit */
    bool detached;
    bool pseudo;    /* a store buffer: no thread of the program's */
    uint32_t holds; /* named locks it holds (fl_hold) */

    /* Last, as it needs no clearing: reads_count says what of it holds. */
    struct seen_read reads[READS_MAX];
};

/* Virtual ns of a point: loops of them and timed waits are of one world. */
#define POINT_NS 100

struct world {
    /* hot */
    struct fiber *current; /* NULL outside any fiber */
    uint64_t step;         /* points of the run so far */
    uint64_t until;        /* step at which the slow path is due */
    uint64_t quick;  /* the same of atomic accesses; 0: something always asks */
    uint64_t others; /* ... for all but the strategy; 0: not known */
    bool calm;       /* only the strategy decides: world_settle_down() */
    bool plain_quick;  /* ... and plain accesses concern the heap alone */
    uint64_t now;      /* virtual ns */
    uint64_t point_ns; /* POINT_NS; 0 in a network */
    uint64_t spinning; /* bits: fibers in FIBER_SPINNING */
    _Alignas(16) uint64_t sink[2]; /* for accesses that do not write: turn.h */
    uint8_t patience; /* repeated reads before a fiber is parked, in this run */
    const struct memory *memory;       /* NULL: sequential consistency */
    struct weak *weak;                 /* its room; kept from run to run */
    uint8_t orders_kept, orders_least; /* bits of orders: order_taken() */
    bool recording;                    /* keep a log */
    bool plain_points;                 /* plain accesses are points */
    bool silent_stores; /* some code under test stores without a hook */
    bool by_operations; /* a search, to which equivalent runs are the same */
    bool searches, lets_go; /* a search; and who runs has yielded in it */
    bool attends;           /* the strategy looks at what each is about to do */
    struct footprint *footprint; /* of what runs; NULL: no search asks */
    bool touches_plain;          /* plain accesses are part of it, too */
    struct reach *reach;         /* NULL: nobody looks at accesses (reach.h) */
    struct awaits *awaits;       /* NULL: loops that wait are not cut */
    struct awaits *awaits_room;  /* kept from run to run */
    struct rounds rounds;        /* of loops over plain memory */

    /* fibers */
    uint64_t enabled;  /* bits: fibers in FIBER_READY */
    uint64_t yielding; /* bits: enabled fibers that let others go first */
    uint64_t frozen;   /* bits: crashed or paused for ever by a fault */
    uint32_t fibers_count;
    struct twins *twins;    /* threads that are alike, or NULL */
    uint32_t clients_left;  /* client fibers that can still perform */
    uint64_t next_deadline; /* least of all waits and rests; a lower bound */
    uint64_t next_rest;     /* least step at which a rest ends */
    uint64_t restart_at[FIBERS_MAX]; /* when a crashed process is back */
    struct fiber fibers[FIBERS_MAX];
    struct operation pending[FIBERS_MAX]; /* each is before it, if attended */

    /* deciding */
    struct choice choice;
    const struct strategy *strategy;
    void *strategy_state;
    uint64_t *walk;        /* of a random walk, in a calm run: strategy.h */
    struct offer offer;    /* of the access that runs */
    struct footprint done; /* what `footprint` points to, if to anything */
    uint64_t due;          /* step at which the strategy wants to be asked */
    const struct trace *replay; /* switches to follow, or NULL */
    uint32_t replay_next;
    uint32_t digests_seen; /* compared with the trace so far */
    bool tolerant;         /* an impossible switch becomes the plainest one */
    struct trace *trace;   /* switches and digests to keep, or NULL */
    uint64_t switches;
    uint64_t preemptions;
    uint64_t steps_max;
    uint64_t steps_bound;    /* own steps of an operation; 0: not asked */
    uint64_t steps_most;     /* that one took */
    uint32_t overtaken_most; /* how often one was overtaken */
    struct lull *lull;       /* what lull.h keeps; NULL: nobody looks */
    uint64_t lull_due;       /* step at which it wants to look */
    uint64_t polled;   /* step of the last clock or random number taken in */
    uint64_t flushed;  /* bits: store buffers that let one out since then */
    uint64_t probed;   /* steps of rounds that were given to who spins */
    uint64_t weakened; /* loads of stale stores, and stores before newer ones */
    uint64_t time_max;
    uint64_t heal_at; /* liveness: from then on no fault acts */
    uint64_t heal_started;
    uint64_t finish_by; /* ... and by then every client must have finished */
    uint32_t sites;     /* kinds that the rules watch: rules_sites() */

    /* rooms */
    const struct scenario *scenario;
    struct heap *heap;
    struct sync *sync;
    struct net *net;
    struct rules *rules;
    struct plugin *plugin;
    struct stacks *stacks;
    struct run_log *log;
    struct runner *runner;
    struct fl_history *history;
    uint32_t execution;      /* number of the run: stamps that save clearing */
    uint64_t digest;         /* rolling */
    uint8_t fill;            /* of fresh stacks; 0 in an ordinary run */
    uint64_t recover_within; /* lock_recovers, in ns; FOREVER: not asked */
    uint64_t wanted_since;   /* an operation is in flight, no lock was taken */
    uint64_t last_crash;     /* moment of it, or FOREVER */
    uint64_t last_hold;      /* a named lock was taken, or FOREVER */
    uint32_t in_flight;      /* operations of clients that are not crashed */
    int64_t retired; /* blocks retired and not yet freed, and the most */
    int64_t retired_max;

    /* the end of the run */
    enum run_end end;
    bool ended;
    bool running; /* code under test may be running */
    char detail[200];
    uint32_t failed;   /* fiber, or UINT32_MAX */
    sigjmp_buf escape; /* to the run loop, from a signal */
    void *main_context;
};

/*
 * What this run asks at each access is known: called when all of a run is
 * set up, before its first fiber.  A run in which nothing is recorded or
 * followed, no fault can act, no bound is watched, and no search asks what
 * pieces did is *calm*: its points and, without a memory model, its accesses
 * take short ways, which do the same as the long ones.
 */
void world_settle_down(struct world *w);

/* The world that hooks act on; set by run.c, NULL in no run. */
extern struct world *world;

/* Something is due at the current point: strategy, rules, deadlines, limits. */
void world_point_due(struct world *w);

/* The same in a calm run when it is the strategy alone, and nobody yields. */
void world_turn(struct world *w);

/* Whether it is, at this step and moment of such a run.  In a network points
 * take no time, and no step is worked out at which a deadline has come. */
static inline bool world_is_turn(const struct world *w, uint64_t step,
                                 uint64_t now)
{
    return step == w->due && step < w->others && now < w->next_deadline &&
           w->yielding == 0;
}

/* Leaves the current fiber, which cannot go on, for whoever can; returns when
 * it is its turn again. */
void world_reschedule(struct world *w);

/* The same for a fiber that never comes back. */
void world_leave(struct world *w) __attribute__((noreturn));

/* One point more of the current fiber.  True: something is due before it. */
static inline bool world_step(struct world *w)
{
    assert(w->current != NULL);
    w->now += w->point_ns;
    return __builtin_expect(++w->step >= w->until, 0);
}

/* The same if nothing is due, nor will anybody ask about the access that
 * follows; else it is for world_step(). */
static inline bool world_steps_quickly(struct world *w)
{
    if (__builtin_expect(w->step + 1 >= w->quick, 0)) {
        return false;
    }
    w->step++;
    w->now += w->point_ns;
    return true;
}

/* Something is due before an operation of which only its kind and `address`
 * matter. */
void world_due(struct world *w, enum fl_step_kind kind, const void *address);

/*
 * Before the visible operation `next` of the current fiber.  May switch; does
 * not return if a fault crashes the fiber or the run ends.
 */
static inline void world_point_of(struct world *w, struct operation next)
{
    if (w->current != NULL && world_step(w)) {
        w->pending[w->current->id] = next;
        world_point_due(w);
    }
}

/* The same for one of which only its kind and `address` (NULL: none) matter. */
static inline void world_point(struct world *w, enum fl_step_kind kind,
                               const void *address)
{
    if (w->current != NULL && world_step(w)) {
        world_due(w, kind, address);
    }
}

void await_effect(struct world *w); /* of the current fiber: await.h */

/* The running piece reads or changes `size` bytes (0: the object) at
 * `address`: kept for searches.  world_effect() says it of one byte; atomic
 * accesses are known from their operation. */
static inline void world_touch(struct world *w, const void *address,
                               uint32_t size, bool writes)
{
    if (w->footprint != NULL && w->current != NULL) {
        footprint_add(w->footprint, address, size, writes);
    }
    if (writes && w->awaits != NULL && w->current != NULL) {
        await_effect(w);
    }
}

/* The current fiber has taken in something that is another one each time: the
 * clock, a random number, a fault.  A loop over that may end by itself. */
static inline void world_polls(struct world *w)
{
    if (w->current != NULL) {
        w->done.timed = true;
        w->polled = w->step;
        w->current->polls = true;
    }
}

/* The current fiber lets others go first (sched_yield, a failed try). */
void world_yield(struct world *w);

/*
 * The current fiber waits until world_wake() for `object` or the virtual time
 * `deadline` (FOREVER: none).  `what` names the wait for deadlock reports, and
 * `owner` is the fiber that could end it (NO_FIBER: not known).  Returns true
 * if woken, false if the deadline passed.  `object` may be NULL for a sleep.
 */
bool world_wait(struct world *w, const void *object, const char *what,
                uint32_t owner, uint64_t deadline);

/* Lets one fiber that waits for `object` go on: which one is a choice.
 * Returns its id, or NO_FIBER if none waits. */
uint32_t world_wake_one(struct world *w, const void *object);

/* Lets all of them go on. */
void world_wake_all(struct world *w, const void *object);

/*
 * Starts a fiber of `process` that calls entry(argument); it is ready at once.
 * Returns its id, or NO_FIBER if there are too many.
 */
uint32_t world_spawn(struct world *w, uint32_t process,
                     void (*entry)(void *argument), void *argument);

/* The current fiber has run to its end: who goes on, NULL for nobody. */
struct fiber *world_over(struct world *w);

/* Ends the current fiber in order.  Does not return. */
void world_exit(struct world *w) __attribute__((noreturn));

/*
 * The run ends here with `end`; `format` is its one-line detail.  From a fiber
 * it does not return; outside one it only notes the end.
 */
void world_fail(struct world *w, enum run_end end, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Keeps the stack of the caller in the log under `title` (recording only). */
void world_keep_stack(struct world *w, const char *title);

/* Appends a step to the log and returns it, or NULL when not recording or the
 * log is full; thread, operation, time and point are filled in. */
struct log_step *world_log(struct world *w, enum fl_step_kind kind,
                           uintptr_t pc);

/* Asks the rules whether a fault acts at a site of the current fiber, and lets
 * it act: crash, delay and pause do not come back or come back later.  True:
 * the operation at the site must fail (ACT_FAIL).  `count` and `size` as in
 * struct site. */
bool world_site(struct world *w, uint32_t site_kind, uint64_t count,
                size_t size);

/* The crashed process `process` (or node, or thread) is back: gets fresh
 * globals, a new identity and a fiber that goes on with its operations.
 * Defined in run.c, which knows what a client does. */
void world_restart(struct world *w, uint32_t process);

/* What run.c knows of names: notes that a named point was reached and returns
 * how often in this run; the index of a lock in the descriptor's list (32: not
 * in it); whether `mutual_exclusion` was asked for it; and a new most of
 * retired blocks. */
uint32_t run_point_reached(struct world *w, const char *name);
uint32_t run_lock_index(struct world *w, const char *name);
bool run_lock_exclusive(struct world *w, const char *name);
void run_retired(struct world *w);

/* Own points of the current fiber in this run. */
uint64_t world_own_step(const struct world *w);

/* Runs fibers until the run ends; called on the main stack. */
void world_run(struct world *w);

/* The client that ran on the current fiber has no more to do.  The run ends
 * with the last one. */
void world_client_done(struct world *w);

/* Whether a search tries every value of a decision, instead of drawing it. */
bool world_searches(const struct world *w);

/*
 * A decision of `stream` below `below` (1 to 64; 1 is none): by the search if
 * there is one, else uniform; a replay gives back what was decided then.
 */
uint32_t world_choose(struct world *w, enum stream stream, uint32_t below);

/* The same for one that is not uniform: `drawn`, unless a search or a replay
 * knows better. */
uint32_t world_settle(struct world *w, enum stream stream, uint32_t below,
                      uint32_t drawn);

/* Something is due at the next point: it finds out what. */
static inline void world_due_next(struct world *w)
{
    w->until = w->step;
    w->quick = 0;
    w->others = 0;
}

/* The strategy is asked again at the next point: the enabled set changed. */
static inline void world_reconsider(struct world *w)
{
    w->due = w->step;
    world_due_next(w);
}

/* The alarm of the current fiber changed: the next point looks at it. */
static inline void world_reconsider_alarm(struct world *w)
{
    world_due_next(w);
}

/* Mixes `value` into the digest of the run. */
static inline void world_digest(struct world *w, uint64_t value)
{
    w->digest = (w->digest ^ value) * 0x9e3779b97f4a7c15u;
    w->digest ^= w->digest >> 29;
}

#endif
