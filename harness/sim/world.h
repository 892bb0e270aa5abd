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

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rules;
struct heap;
struct sync;
struct net;
struct memory;
struct strategy;

enum {
    FIBERS_MAX = 64,   /* an enabled set is one word */
    READS_MAX = 16,    /* reads remembered to notice spinning */
    SPIN_ROUNDS = 64,  /* wakes of all spinners before it is a livelock */
    NO_FIBER = 64,
};

/* No deadline; for ever. */
#define FOREVER UINT64_MAX

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
};

struct fiber {
    uint32_t id;
    uint32_t process; /* plug-in copy and crash group; node id in a network */
    uint32_t client;  /* whose operations it performs, or UINT32_MAX */
    enum fiber_state state;
    void *context; /* fcontext_t, used up by each jump */
    char *stack;   /* lowest usable byte */
    size_t stack_size;
    void *tls;     /* its thread-local block */
    int errno_value;
    void (*entry)(void *argument); /* what it runs */
    void *argument;

    /* waiting */
    const void *wait_object;
    const char *wait_what; /* "mutex", "semaphore", "join", "message" */
    uint32_t wait_owner;   /* fiber that could end the wait, or NO_FIBER */
    uint64_t deadline;     /* virtual ns, or FOREVER */
    bool woken;            /* by world_wake(), not by the deadline */
    uint64_t rest_until_step; /* FIBER_RESTING, in steps; or */
    uint64_t yield_mask;   /* fibers that must step before it may again */

    /* counting */
    uint64_t steps;     /* own points in the run */
    uint64_t alarm;     /* at this own step the rules want to be asked */
    uint32_t operation; /* own operation number, from 0 */
    uint32_t ticket;    /* history index of the operation, FL_OPEN between */
    uint64_t operation_start; /* own step at which the operation began */

    struct seen_read reads[READS_MAX];
    uint32_t reads_count;
    uint32_t spin_rounds;
    uint64_t retval; /* pthread_exit */
    bool detached;
    uint64_t held[8]; /* own step at which named lock i was taken, plus 1 */
};

struct world {
    /* hot */
    struct fiber *current; /* NULL outside any fiber */
    uint64_t step;         /* points of the run so far */
    uint64_t until;        /* step at which the slow path is due */
    bool recording;        /* keep a log */
    bool plain_points;     /* plain accesses are points */
    uint64_t spinning;     /* bits: fibers in FIBER_SPINNING */

    struct fiber fibers[FIBERS_MAX];
    uint32_t fibers_count;
    uint64_t enabled; /* bits: fibers in FIBER_READY */
    uint64_t now;     /* virtual ns */

    struct choice choice;
    struct heap *heap;
    struct sync *sync;
    struct net *net;
    struct rules *rules;
    struct plugin *plugin;
    struct run_log *log;
    uint32_t execution; /* number of the run: stamps that save clearing */
    uint64_t digest;    /* rolling */

    /* the end of the run */
    enum run_end end;
    char detail[200];
    uint32_t failed; /* fiber, or UINT32_MAX */
    sigjmp_buf escape; /* to the run loop, from a signal */
    void *main_context;
};

/* The world that hooks act on; set by run.c, NULL in no run. */
extern struct world *world;

/*
 * Before a visible operation of the current fiber on `address` (NULL if none)
 * by the code that returns to `pc`.  May switch; does not return if a fault
 * crashes the fiber or the run ends.
 */
void world_point(struct world *w, enum fl_step_kind kind, const void *address,
                 uintptr_t pc);

/* The current fiber was just seen to read `value` from `address`: spinning is
 * noticed here.  May park the fiber until somebody stores there. */
void world_saw(struct world *w, const void *address, uint64_t value,
               uintptr_t pc);

/* The current fiber has had an effect others can see at `address` (NULL:
 * somewhere): it does not spin, and fibers that wait for this location go on. */
void world_effect(struct world *w, const void *address);

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

/* Mixes `value` into the digest of the run. */
static inline void world_digest(struct world *w, uint64_t value)
{
    w->digest = (w->digest ^ value) * 0x9e3779b97f4a7c15u;
    w->digest ^= w->digest >> 29;
}

#endif
