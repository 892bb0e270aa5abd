/*
 * The memory model: what an atomic access of simulated code does.
 *
 * The hooks of tsan_abi.c check the access, let the scheduler act, and then
 * come here.  Under sequential consistency without race checks the world's
 * `memory` is NULL and the access is done on real memory: one OS thread runs
 * all fibers, so a plain access will do.  Otherwise `memory` is one of
 *
 *     c11   views over bounded histories of stores (memory/c11.c); with
 *           nothing but the newest store to read, it is sequential
 *           consistency that knows what happens before what
 *     tso   store buffers in front of that (memory/tso.c)
 *
 * Real memory always keeps the last store in modification order, so plain
 * code, create() and settle() see it.  What happens before what is kept beside
 * the values (memory/clocks.h): from every pthread call, thread, allocation
 * and acquire load, by vector clocks; that is what races are judged by.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_MEMORY_H
#define HX_SIM_MEMORY_H

#include "harness/sim/world.h"

/* Memory orders as compilers pass them to the hooks; higher bits are hints. */
enum order {
    ORDER_RELAXED,
    ORDER_CONSUME, /* taken as acquire */
    ORDER_ACQUIRE,
    ORDER_RELEASE,
    ORDER_ACQ_REL,
    ORDER_SEQ_CST,
    ORDER_MASK = 7,
};

/* What a read-modify-write makes of the old value. */
enum update {
    UPDATE_EXCHANGE,
    UPDATE_ADD,
    UPDATE_SUB,
    UPDATE_AND,
    UPDATE_OR,
    UPDATE_XOR,
    UPDATE_NAND,
};

/* A value of up to 16 bytes, in the low ones. */
struct wide {
    uint64_t low;
    uint64_t high;
};

/* One atomic access. */
struct atomic_access {
    volatile void *address; /* loads do not write to it */
    size_t size;            /* 1, 2, 4, 8 or 16 bytes */
    enum order order;
    enum order failure; /* of a compare-and-swap that fails */
    bool weak;          /* a compare-and-swap that may fail for no reason */
    uintptr_t pc;
};

/* What a compare-and-swap found, and whether it swapped. */
struct swap {
    struct wide found;
    bool swapped;
};

/* A memory model.  All functions act for the current fiber of `w`. */
struct memory {
    const char *name;
    bool swift; /* its accesses have a short way: memory_loads() and its kin */
    struct wide (*load)(struct world *w, const struct atomic_access *a);
    /* Returns whether it is in memory now, and not in a store buffer. */
    bool (*store)(struct world *w, const struct atomic_access *a,
                  struct wide value);
    /* Returns the old value. */
    struct wide (*update)(struct world *w, const struct atomic_access *a,
                          enum update kind, struct wide operand);
    struct swap (*compare)(struct world *w, const struct atomic_access *a,
                           const struct wide *expected_desired);
    void (*fence)(struct world *w, enum order order);
};

struct weak;

/* Chooses the model that the scenario asks for, and empties its room for a
 * run; makes the room at first use. */
void memory_begin(struct world *w);

/* The run has ended: what is still in store buffers goes to memory. */
void memory_settle(struct world *w);

/* Ends the room.  NULL is allowed. */
void memory_free(struct weak *weak);

/* What a model counted in all runs so far: behaviours that were not tried. */
struct memory_limits {
    uint64_t evictions; /* stores too old to be read */
    uint64_t crowded;   /* accesses of locations beyond the first 512 */
};
struct memory_limits memory_limits(const struct world *w);

/*
 * Store buffers, for a search over operations.  memory_start(): the clients
 * have been made, and memory_adopt(): `thread` was; each gets the thread that
 * empties its buffer now, so that its number does not depend on who stores
 * first.  memory_holds_back() notes in the pending operation of `thread` what
 * it has to do with its buffer, and returns whether it has to wait for it.
 */
void memory_start(struct world *w);
void memory_adopt(struct world *w, uint32_t thread);
bool memory_holds_back(struct world *w, uint32_t thread);

/* What the current fiber would read at `address` if it read the newest that
 * it can see: for noticing that a loop spins. */
uint64_t memory_peek(const struct world *w, uint32_t fiber, const void *address,
                     size_t size);

/* The state of the model, as numbers: what waits in store buffers; and, of the
 * views of threads, what must come back if stale reads are to be made again: 0
 * if somebody has not seen all there is. */
uint64_t memory_state(const struct world *w);
uint64_t memory_views(const struct world *w);

/* Recording: adds to the step of an access which store it read. */
void memory_tell(const struct world *w, struct log_step *step);

/* The slow parts of what follows, for worlds that have a model. */
void edge_release(struct world *w, const void *object, uint32_t part);
void edge_acquire(struct world *w, const void *object, uint32_t part);
void edge_orphan(struct world *w, uint32_t fiber, const void *object);
void edge_spawn(struct world *w, uint32_t child);
void edge_join(struct world *w, uint32_t fiber);
void edge_drain(struct world *w);
void edge_leave(struct world *w);
void memory_plain_read(struct world *w, const volatile void *address,
                       size_t size, uintptr_t pc);
void memory_plain_write(struct world *w, const volatile void *address,
                        size_t size, uintptr_t pc);
void memory_volatile_access(struct world *w, const volatile void *address,
                            size_t size, bool writes, uintptr_t pc);
void memory_forget_range(struct world *w, const void *address, size_t size);
void memory_free_range(struct world *w, const void *address, size_t size,
                       uintptr_t pc);

/* The orders of a compare-and-swap, if it swaps and if not. */
struct orders {
    int success;
    int failure;
};

/*
 * An atomic access of the current fiber in a calm run: true if it meets the
 * newest store, nothing is wrong with it, neither for the heap nor as a race,
 * and all that is to be kept of it has been, but for the value in memory, which
 * is the caller's.  False: nothing is decided; heap_access() and the model
 * tell.  An update is one that writes, whatever it finds.
 */
bool memory_loads(struct world *w, const volatile void *address, size_t size,
                  int order);
bool memory_stores(struct world *w, const volatile void *address, size_t size,
                   int order);
bool memory_updates(struct world *w, const volatile void *address, size_t size,
                    int order);
bool memory_compares(struct world *w, const volatile void *address, size_t size,
                     struct orders orders, uint64_t expected);

/* The order of an access that was compiled with `order`: where races are judged
 * as if all atomic accesses were seq_cst, that. */
static inline unsigned order_taken(const struct world *w, unsigned order)
{
    return (order & w->orders_kept) | w->orders_least;
}

/* Whether a model is asked, and says so, at a point that has been passed; `how`
 * is one of the first three. */
#define IS_SWIFT(w, a, mo, how)                                \
    ((w)->calm && (w)->memory != NULL && (w)->memory->swift && \
     how(w, a, sizeof(*(a)), (int)order_taken(w, (unsigned)(mo))))

/* Of a compare-and-swap. */
#define IS_SWIFT_SWAP(w, a, how, expected)                                    \
    ((w)->calm && (w)->memory != NULL && (w)->memory->swift &&                \
     memory_compares(w, a, sizeof(*(a)),                                      \
                     (struct orders){(int)(how)->order, (int)(how)->failure}, \
                     expected))

/*
 * Synchronisation of the program's other than by atomics.  What the current
 * fiber did before memory_release() of an object happens before what others do
 * after a later memory_acquire() of it.  An object may have several `part`s
 * (readers and writers of a lock).  All of it is nothing outside a fiber, and
 * under sequential consistency without race checks.
 */
enum {
    PART_WHOLE,
    PART_READERS, /* of a rwlock */
    PART_BLOCK,   /* of the heap: free to malloc */
};

static inline bool memory_orders(const struct world *w)
{
    return __builtin_expect(w->memory != NULL, 0) && w->current != NULL;
}

static inline void memory_release(struct world *w, const void *object,
                                  uint32_t part)
{
    if (memory_orders(w)) {
        edge_release(w, object, part);
    }
}

static inline void memory_acquire(struct world *w, const void *object,
                                  uint32_t part)
{
    if (memory_orders(w)) {
        edge_acquire(w, object, part);
    }
}

/* What the dead fiber `fiber` did happens before the next acquire: the kernel
 * gives back its robust mutex. */
static inline void memory_orphan(struct world *w, uint32_t fiber,
                                 const void *object)
{
    if (__builtin_expect(w->memory != NULL, 0)) {
        edge_orphan(w, fiber, object);
    }
}

/* The current fiber has made `child`. */
static inline void memory_spawn(struct world *w, uint32_t child)
{
    if (memory_orders(w)) {
        edge_spawn(w, child);
    }
}

/* The current fiber wakes `fiber`, and what it did so far happens before
 * whatever that does next. */
static inline void memory_wake(struct world *w, uint32_t fiber)
{
    memory_spawn(w, fiber);
}

/* The current fiber has seen that `fiber` is at its end. */
static inline void memory_join(struct world *w, uint32_t fiber)
{
    if (memory_orders(w)) {
        edge_join(w, fiber);
    }
}

/* Stores of the current fiber become visible to all: a system call. */
static inline void memory_drain(struct world *w)
{
    if (memory_orders(w)) {
        edge_drain(w);
    }
}

/* The same at the end of its thread: others may come in between. */
static inline void memory_leave(struct world *w)
{
    if (memory_orders(w)) {
        edge_leave(w);
    }
}

/* All that a hook does for a plain access where there is a model (the current
 * world's: the fewer arguments, the less is moved): the short way of calm runs,
 * in which nothing is wrong with it, neither for the heap nor as a race, and
 * all that is to be kept of it is; or else access_plain_slowly(). */
void memory_reads(const volatile void *address, size_t size, uintptr_t pc);
void memory_writes(const volatile void *address, size_t size, uintptr_t pc);

/* A plain access, before it is made. */
static inline void memory_plain(struct world *w, const volatile void *address,
                                size_t size, bool writes, uintptr_t pc)
{
    if (!memory_orders(w)) {
        return;
    }
    if (writes) {
        memory_plain_write(w, address, size, pc);
    } else {
        memory_plain_read(w, address, size, pc);
    }
}

/* A volatile access that stands for a relaxed atomic one, likewise. */
static inline void memory_volatile(struct world *w,
                                   const volatile void *address, size_t size,
                                   bool writes, uintptr_t pc)
{
    if (memory_orders(w)) {
        memory_volatile_access(w, address, size, writes, pc);
    }
}

/* These bytes begin a new life: what was stored there is not remembered. */
static inline void memory_forget(struct world *w, const void *address,
                                 size_t size)
{
    if (__builtin_expect(w->memory != NULL, 0)) {
        memory_forget_range(w, address, size);
    }
}

/* The current fiber frees these bytes, which nobody may be using. */
static inline void memory_release_block(struct world *w, const void *address,
                                        size_t size, uintptr_t pc)
{
    if (memory_orders(w)) {
        memory_free_range(w, address, size, pc);
    }
}

#endif
