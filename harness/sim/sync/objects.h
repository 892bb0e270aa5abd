/*
 * Objects: what the world knows of a lock, a condition, a semaphore.
 *
 * The state that changes lives in a side table by address; entries carry the
 * number of the execution, so that a new run starts with none.  The object's
 * own bytes keep what its initialiser said, and in their first word a mark:
 *
 *     0          as a static initialiser leaves it: adopt it at first use
 *     MARK       known; the entry in the table is about it
 *     GONE       destroyed
 *     otherwise  never initialised, or overwritten
 *
 * So whatever puts the bytes back to their beginning (globals restored for a
 * restarted process, memory reused for a new object) makes a new object.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_SYNC_OBJECTS_H
#define HX_SIM_SYNC_OBJECTS_H

#include "harness/sim/sync.h"
#include "harness/sim/table.h"
#include "harness/sim/world.h"

#include <limits.h>

enum {
    OUTSIDE = NO_FIBER + 1, /* owner: code outside any fiber */
    OWNERS = NO_FIBER + 2,
    SLOTS = 8192,
    OBJECTS_MAX = SLOTS * 3 / 4,
    KEYS_MAX = 128,          /* as POSIX guarantees */
    SEMAPHORE_MAX = INT_MAX, /* as on Linux */
};

enum object_kind {
    OBJECT_MUTEX = 1,
    OBJECT_SPIN,
    OBJECT_RWLOCK,
    OBJECT_COND,
    OBJECT_BARRIER,
    OBJECT_SEMAPHORE,
    OBJECT_ONCE,
};

enum mutex_type {
    MUTEX_NORMAL,
    MUTEX_RECURSIVE,
    MUTEX_CHECKED, /* answers EDEADLK and EPERM */
};

/* What the `round` of a once control says. */
enum once_state {
    ONCE_FRESH,
    ONCE_RUNS,
    ONCE_DONE,
};

enum {
    ONCE_BY_LIBC = 2, /* glibc's mark of one that was done when the code was
                       * loaded, before there was a world */
};

/* Of a robust mutex. */
enum mutex_health {
    MUTEX_WELL,
    MUTEX_OWNER_DIED, /* and nobody has said that all is consistent again */
    MUTEX_LOST,       /* not recoverable */
};

struct object {
    uintptr_t address;
    uint32_t execution; /* an entry of another one is free */
    uint32_t serial;    /* number of the incarnation at this address */
    enum object_kind kind;
    uint32_t owner;  /* fiber, OUTSIDE, or NO_FIBER */
    uint32_t count;  /* depth of a recursive lock, value of a semaphore, who
                      * has arrived at a barrier, readers of a rwlock */
    uint32_t needed; /* barrier: how many must arrive */
    uint32_t round;  /* barrier: how often they have; once: done */
    enum mutex_type type;
    bool robust;
    bool writers_first; /* rwlock: readers wait behind waiting writers */
    enum mutex_health health;
    const void *partner;   /* condition: the mutex of those who wait */
    clockid_t clock;       /* condition: of its time limits */
    uint64_t sleepers;     /* condition, barrier: fibers that wait there */
    uint8_t reads[OWNERS]; /* rwlock: read locks by owner */
};

/* A thread that the program made. */
struct thread_entry {
    struct sim_start start;
    void *result;
    uint32_t execution;
    bool joined;
    bool detached;
};

/* What a thread was told to be. */
struct traits {
    uint32_t execution; /* of what follows; otherwise as at the start */
    char name[16];      /* as Linux has it */
    uint64_t blocked;   /* signals, by number less one */
};

/* Whether a thread is to end, as another one wishes. */
struct cancel {
    uint32_t execution; /* of what follows; otherwise as at the start */
    bool wished;
    bool disabled; /* by the thread itself */
    bool leaves;   /* it ends already */
    bool waits;    /* in a function that may be cancelled */
};

struct key {
    void (*destroy)(void *value);
    uint32_t execution; /* in which it was created */
    bool deleted;
};

/* The identity of a simulated process. */
struct identity {
    uint32_t execution; /* of what follows; otherwise as at the start */
    pid_t pid;
    bool dead;
    bool pid_reused;    /* by whoever comes back */
    int64_t clock_jump; /* ns that its clock on the wall is off */
};

struct sync {
    uint32_t execution;
    uint32_t serial;
    uint32_t used_count;
    uint16_t used[OBJECTS_MAX]; /* slots in order of first use */
    struct object slots[SLOTS];

    struct thread_entry threads[FIBERS_MAX];
    struct traits traits[FIBERS_MAX];
    struct cancel cancels[FIBERS_MAX];
    uint32_t cancelling; /* execution in which any of them was changed */
    uint32_t keys_count;
    struct key keys[KEYS_MAX];
    uint32_t values_execution[OWNERS]; /* of a row of values */
    void *values[OWNERS][KEYS_MAX];

    uint32_t tls_execution[FIBERS_MAX]; /* in which its block was filled */

    uint32_t outside; /* process for which code outside any fiber acts */
    pid_t next_pid;   /* of a process that comes back */
    struct identity processes[FIBERS_MAX];
};

/* Who runs: a fiber's id, or OUTSIDE. */
uint32_t sync_self(const struct world *w);

/*
 * The object of `kind` at `address`, which is adopted if this is its first
 * use.  Fails the run if it was never initialised, is of another kind, was
 * destroyed or lies in freed memory; outside a fiber it then returns NULL.
 */
struct object *object_at(struct world *w, void *address, enum object_kind kind,
                         uintptr_t pc);

/* Makes a new object at `address`, whose initialiser has just been called and
 * covers `size` bytes.  Fails the run if another is in use there. */
struct object *object_new(struct world *w, void *address, size_t size,
                          enum object_kind kind, uintptr_t pc);

/* Ends the object.  Fails the run if it is held or waited for. */
int object_destroy(struct world *w, void *address, enum object_kind kind,
                   uintptr_t pc);

/* What moves.h says of an object's state. */
uint64_t object_state(const struct object *o);

/* The object of `kind` at `address`, if there is one. */
const struct object *object_known(const struct sync *sync, const void *address,
                                  enum object_kind kind);

/* Before a move on `object` (moves.h): a point that says so. */
static inline void object_point(struct world *w, enum move move,
                                const void *object)
{
    world_point_of(w, (struct operation){.kind = FL_STEP_SYNC,
                                         .move = (uint8_t)move,
                                         .location = object});
}

/* If `o` is a mutex, spin lock or once control: notes by whom it is held now,
 * for a search by orders. */
void object_held(struct world *w, const struct object *o);

/* The current fiber has done `move` to `o`, whose state was `before`: for a
 * search over execution graphs. */
void object_tell(struct world *w, const struct object *o, enum move move,
                 uint64_t before);

/* When its next wait is over, the caller takes `m`, a mutex or spin lock (NULL:
 * none). */
void object_will_lock(struct world *w, const struct object *m);

/*
 * The caller waits for `address`, which `owner` (or NO_FIBER) holds, until it
 * is woken (true) or `deadline` passes (false).  Outside a fiber nobody can
 * wait: the run fails and the answer is false.
 */
bool object_wait(struct world *w, const void *address, const char *what,
                 uint32_t owner, uint64_t deadline);

/* The same, but it may be cancelled: then, too, the answer is false, and
 * cancel_is_due(). */
bool object_wait_lightly(struct world *w, const void *address, const char *what,
                         uint32_t owner, uint64_t deadline);

/* Whether the current fiber is to leave, as it was cancelled. */
bool cancel_is_due(struct world *w);

/* A function called `name` has acted on `address` with `result`: an effect,
 * and a step of the log. */
void object_acted(struct world *w, const void *address, const char *name,
                  int result, uintptr_t pc);

/* The same for one that changed nothing and will be tried again: others go
 * first. */
void object_refused(struct world *w, const void *address, const char *name,
                    int result, uintptr_t pc);

/* "T1", for details of failed runs; `text` has room for 24 bytes. */
const char *owner_name(uint32_t owner, char *text);

/* The thread `child`, which the current fiber makes, gets its traits. */
void traits_inherit(struct world *w, uint32_t child);

/* The moment that `limit` means to the current fiber, which is about to wait
 * until then, in *deadline: FOREVER if there is none.  EINVAL if it is not a
 * time. */
int clock_deadline(struct world *w, const struct sim_limit *limit,
                   uint64_t *deadline);

/* Takes the mutex at `o` for the current fiber, waiting until `deadline`; no
 * point, no log.  Returns 0, EOWNERDEAD, or an error. */
int mutex_take(struct world *w, struct object *o, uint64_t deadline);

/* Gives it back by one level. */
void mutex_give(struct world *w, struct object *o);

/* Its holder is no more: next comes EOWNERDEAD. */
void mutex_orphan(struct world *w, struct object *o);

#endif
