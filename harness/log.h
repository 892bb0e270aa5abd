/*
 * The log: every step of one recorded run.
 *
 * Only filled when a run is recorded or replayed.  Program counters are kept
 * as they are and turned into files and lines later (symbols.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_LOG_H
#define HX_LOG_H

#include "checker/record.h"

#include <stdint.h>

enum {
    STACK_MAX = 16,  /* frames kept of a stack */
    CALLERS_MAX = 7, /* frames kept behind the pc of a step */
    WAITS_MAX = 64,  /* fibers */
    SPUN_MAX = 4     /* locations kept of a loop that spins */
};

/* One step, as the world saw it. */
struct log_step {
    enum fl_step_kind kind;
    uint32_t thread;
    uint32_t operation;             /* index in the history, or FL_OPEN */
    uintptr_t pc;                   /* return address of the hook, or 0 */
    uintptr_t callers[CALLERS_MAX]; /* behind it, up to the harness */
    uint32_t callers_count;
    uintptr_t address; /* of the access, the block, the lock */
    uint32_t size;     /* of the access or block */
    uint64_t before;   /* value before */
    uint64_t after;    /* value after; of a load, the value read */
    uint64_t expected; /* CAS */
    uint64_t time;     /* virtual, ns */
    uint64_t point;    /* the scheduler's step number */
    uint32_t source;   /* index of the step that stored what this one read, if
                        * the memory model knows; else FL_NO_STEP */
    uint32_t stale;    /* of a load: newer stores that there were */
    uint32_t order;    /* enum order of memory.h, of an access */
    uint64_t newest;   /* of a stale load: what the newest store left */
    const char *name;  /* of a point, a lock function ("mutex_lock"), ...;
                         * static or owned by the log */
    bool racing;       /* a plain access, not an atomic one */
};

/* A fault that acted: before the step with this index. */
struct log_fault {
    uint32_t step;
    uint32_t until; /* index of the first step after it ended */
    uint32_t rule;
    uint32_t thread; /* or node, or FL_OPEN */
    const char *kind;
    uint32_t act; /* enum act */
    uint64_t amount;
    bool in_steps;
    uint64_t from_time;
    uint64_t to_time;
    uint64_t nodes;
};

/* A message of the simulated network. */
struct log_message {
    uint32_t from;
    uint32_t to;
    uint64_t sent;
    uint64_t arrived; /* UINT64_MAX: never */
    uint32_t fate;    /* enum fl_message_fate */
    uint32_t fault;   /* index into faults, or UINT32_MAX */
    uint64_t extra;   /* ns that the fault added */
    char text[40];
};

/* fl_show(): a node's value from a moment on. */
struct log_value {
    uint32_t thread;
    uint64_t time;
    char text[40];
};

/* A block of the simulated heap, in order of allocation: n1, n2, ... */
struct log_block {
    uintptr_t address;
    uint32_t size;
    uint32_t allocated; /* step index, FL_NO_STEP for set-up */
    uint32_t freed;     /* step index, FL_NO_STEP if never */
    bool setup;         /* made before the clients started */
};

/* One stack of a memory error or crash. */
struct log_stack {
    char title[80];
    uint32_t count;
    uintptr_t pc[STACK_MAX];
};

/* Two accesses that are not ordered; the later one is the step that fails. */
struct log_race {
    bool set;
    uint32_t thread;
    uint32_t other;
    uint32_t other_step; /* steps logged before the earlier one */
    uintptr_t other_pc;
    uintptr_t other_address;
    const char *word; /* "read", "atomic write", "free": static */
    const char *other_word;
};

/* What a fiber waits for, or spins on. */
struct log_wait {
    bool open;        /* it still does */
    bool spins;       /* on locations, instead of waiting for an object */
    const char *what; /* "mutex", "semaphore": static */
    uintptr_t object; /* 0: none that has an address */
    uint32_t owner;   /* fiber that could end it, or WAITS_MAX and more */
    uintptr_t spun[SPUN_MAX];
    uint64_t found[SPUN_MAX]; /* the values that it finds there */
    uint32_t spun_count;
    struct log_stack stack; /* where; of a loop, where it read last */
};

struct run_log {
    struct log_step *steps;
    uint32_t steps_count;
    uint32_t steps_max;
    uint32_t stop_at; /* a debugger wants to stop when this many are kept; 0:
                       * never */
    bool truncated;   /* more steps than the log keeps */
    struct log_fault *faults;
    uint32_t faults_count;
    uint32_t faults_max;
    struct log_message *messages;
    uint32_t messages_count;
    uint32_t messages_max;
    struct log_value *values;
    uint32_t values_count;
    uint32_t values_max;
    struct log_block *blocks;
    uint32_t blocks_count;
    uint32_t blocks_max;
    bool has_waits;                   /* since it was cleared */
    struct log_wait waits[WAITS_MAX]; /* by fiber */
    struct log_race race;
    struct log_stack stacks[3];
    uint32_t stacks_count;
    uint32_t setup_operations; /* of the history: made before the clients
                                * started, by a client of their own */
    uintptr_t root;            /* the object that create() returned */
    uint32_t lanes;            /* threads or nodes that took part */
    uint32_t replicas;  /* FL_NETWORK: lanes that are replicas, ids 0.. */
    uint32_t crashed;   /* bits: lanes that a fault crashed */
    uint32_t fail_step; /* the step at which the run failed, FL_NO_STEP */
};

#endif
