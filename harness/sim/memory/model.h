/*
 * The inside of the memory models: what their files share.
 *
 *     room.c        the room of a world: made, emptied for a run, ended
 *     messages.c    what a release store hands to whoever acquires it
 *     granules.c    what is known of 16 bytes of memory, by address
 *     locations.c   histories of stores
 *     sequences.c   release sequences
 *     c11.c         loads, stores, updates and fences over them
 *     newest.c      short ways of those that meet the newest store
 *     offers.c      what a search over graphs is told of them
 *     tso.c         store buffers
 *     buffers.c     what a search over operations must know of them
 *     edges.c       synchronisation by calls: locks, threads, blocks
 *     state.c       all of it that a livelock must come back to
 *     races.c       plain accesses, by epochs; race_words.c says what is wrong
 *     lanes.c       the same where there are few threads
 *     spots.c       atomic locations of few, under sequential consistency
 *     swift.c       short ways of both
 *
 * A *view* maps a location to the timestamp of the oldest store that may still
 * be read there; a *clock* maps a thread to the last of its epochs that
 * happened before.  Both travel together in messages.
 *
 * Everything carries the number of the run (`stamp`), so that a new run begins
 * with nothing, at no cost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_MEMORY_MODEL_H
#define HX_SIM_MEMORY_MODEL_H

#include "harness/sim/heap.h"
#include "harness/sim/memory.h"

#include <string.h>

enum {
    LOCATIONS_MAX = 512,
    HISTORY_MAX = 16, /* stores kept of a location; a power of two */
    HEADS_MAX = 3,    /* threads that head a release sequence */
    STAMP_GAP = 1024, /* between the timestamps of neighbours */
    CELL_BYTES = 8,   /* of memory, in one cell */
    CELL_PARTS = 2,   /* sets of its bytes, before it splits */
    LANES = 4,        /* threads at most, where there are few */
    PART_BYTES = 4,   /* that a part of a granule begins in, there */
    WIDE_BYTES = 16,  /* of memory, in one granule */
    CLOCK_BITS = 24,
    VECTORS_MAX = 4096,
    SPLITS_MAX = 512,
    SLOTS_GRANULES = 8192, /* of what is not in the heap */
    SLOTS_OBJECTS = 2048,
    UNIT_WORDS = 16, /* messages come in units of so many */
    UNITS_MAX = 40,
    BUFFER_MAX = 8, /* stores in a store buffer */
    NO_LOCATION = 0xffff,
    OUTSIDE_THREAD = 255, /* whoever wrote before the run */
};

/* What one thread knew when it released. */
struct message {
    uint32_t refs;
    uint16_t units;
    uint16_t clocks;
    uint32_t views;
    uint32_t unused;
    uint32_t words[]; /* clocks, then views */
};

/* One store in a history. */
struct store {
    uint32_t ts;
    uint8_t thread;
    bool glued;   /* an update: nothing comes between it and what it read */
    bool crowd;   /* more heads than fit: all of `message` goes on */
    bool pending; /* plain: its value is whatever memory holds */
    uint8_t order;
    uint8_t heads; /* of release sequences that it belongs to */
    uint8_t head_thread[HEADS_MAX];
    uint32_t step;  /* in the log, or FL_NO_STEP */
    uint32_t piece; /* of the run that made it: footprint.number; 0: set-up */
    struct wide value;
    struct message *message; /* NULL: nothing to acquire */
    struct message *head[HEADS_MAX];
};

/* A history: stores in modification order, the newest last. */
struct location {
    uintptr_t address;
    uint8_t size;
    uint8_t count;
    uint8_t first; /* place of the oldest in the ring */
    bool merged;   /* accesses of several sizes: it is a whole granule */
    uint16_t next; /* location of the same granule, or NO_LOCATION */
    uint32_t last; /* the greatest timestamp ever given here */
    struct store ring[HISTORY_MAX];
};

/* What an atomic location hands on where only its newest store is read and
 * there are few threads: what struct store would say of that. */
struct spot {
    _Alignas(64) uintptr_t address;
    uint8_t size;
    uint8_t mask; /* its bytes, in half a granule; 0: it has more */
    bool merged;
    bool crowd;
    uint8_t heads;
    uint16_t next; /* as in struct location, whose numbers these have */
    uint8_t head_thread[HEADS_MAX];
    uint32_t message[LANES]; /* all 0: nothing to acquire */
    uint32_t head[HEADS_MAX][LANES];
};

/* What races are judged by, for up to eight bytes: epochs, or indices of
 * vectors of them.  Two sets of bytes that have none in common, as neighbours
 * in a struct, have a cell each; only the first can be split. */
struct cell {
    uint32_t epoch[4]; /* by enum use */
    uint8_t mask;      /* the bytes that were touched; 0: none, or split */
    uint8_t vectors;   /* bits: epoch[i] is the index of a vector */
    uint16_t split;    /* 1 + index of eight cells of one byte; 0: none */
};

enum use {
    USE_WRITE,
    USE_READ,
    USE_ATOMIC_WRITE,
    USE_ATOMIC_READ,
    USES
};

/* The same where there are few threads: the clock of each, by enum use. */
struct lanes {
    uint32_t by[USES][LANES];
};

/* What is known of 16 bytes. */
struct granule {
    _Alignas(64) uintptr_t address; /* of its first byte */
    uint32_t stamp;
    uint16_t location; /* first of those in it, or NO_LOCATION */
    /* weak->few: the bytes of each part, as bits of its half; 0: none, or the
     * half is split */
    uint8_t mask[WIDE_BYTES / PART_BYTES];
    uint16_t split[WIDE_BYTES / CELL_BYTES]; /* 1 + index of eight of one byte,
                                              * or 0 */
    union {
        struct cell cell[WIDE_BYTES / CELL_BYTES][CELL_PARTS];
        /* weak->few: what is known of the bytes that begin in each four, which
         * may be eight; a cache line each */
        _Alignas(64) struct lanes lanes[WIDE_BYTES / PART_BYTES];
    };
};

/* What a thread knows. */
struct knowledge {
    uint32_t stamp;
    uint32_t views; /* entries of `view` that hold */
    uint32_t view[LOCATIONS_MAX];
    struct message *released; /* at its last release fence, or NULL */
    uint32_t seen_views;
    uint32_t seen_view[LOCATIONS_MAX]; /* read, and not yet acquired */
    bool idled; /* its last weak compare-and-swap failed for no reason */
    uint8_t stale[LOCATIONS_MAX]; /* stale reads in a row; as long as view */
};

/* An access of the current fiber, and with whose it races. */
struct conflict {
    uintptr_t address;
    size_t size;
    uintptr_t pc;
    uintptr_t cell; /* first byte of the cell */
    enum use use;   /* of the current fiber */
    bool frees;     /* ... which frees it */
    enum use other_use;
    uint32_t other; /* thread */
};

/* What waits in the store buffer of a thread. */
struct buffered {
    uintptr_t address;
    uint8_t size;
    uint8_t order;
    uint32_t step;
    uintptr_t pc;
    struct wide value;
    struct message *message;
};

struct buffer {
    uint32_t stamp;
    uint32_t flusher; /* the fiber that empties it, or NO_FIBER */
    uint32_t first;
    uint32_t count;
    uint32_t stores; /* that ever went in */
    struct buffered entry[BUFFER_MAX];
};

/* A lock, a semaphore, a block: what was released to it. */
struct meeting {
    uintptr_t object;
    uint32_t part;
    uint32_t stamp;
    struct message *message;
    uint32_t clocks[LANES]; /* instead, where locations are spots */
};

/* Where an access was made; kept when recording. */
struct witness {
    uintptr_t cell; /* address of its first byte */
    uint32_t thread;
    enum use use;
    uint32_t step; /* steps logged before it */
    uint32_t size;
    uintptr_t address;
    uint32_t count;
    uintptr_t pc[STACK_MAX];
};

/* What the last access read, for the log. */
struct seen_store {
    uint32_t stale;  /* newer stores that there were */
    uint32_t step;   /* that stored it, or FL_NO_STEP */
    uint32_t order;  /* of the access */
    uint64_t newest; /* value */
};

struct weak {
    uint32_t stamp;
    bool newest_only; /* sequential consistency */
    bool inserts;     /* stores may be placed before newer ones */
    bool c20;         /* release sequences of C++20 */
    bool races;       /* are verdicts */
    bool few;         /* ... and there are LANES threads at most */
    bool many;        /* there were more in a run before */
    bool swift;       /* few, in a calm run: swift.c */
    bool spotted;     /* few: locations are spots */
    uint8_t strays;   /* enum ungraphed: plain code stored to a location of this
                       * run, or one ended: struct offer */
    uint32_t stale_max;
    uint32_t locations_used;
    uint32_t threads_used;
    uint32_t free_count;
    uint16_t free_ids[LOCATIONS_MAX];
    uint32_t sc_views;
    uint32_t sc_view[LOCATIONS_MAX];
    struct message *overflow; /* by locations that have no history */
    struct seen_store last;
    struct memory_limits limits;

    /* messages */
    uint32_t *arena;
    uint32_t arena_used; /* words */
    uint64_t lists_used; /* bits: lists that are not empty */
    struct message *lists[UNITS_MAX];

    /* epochs */
    uint32_t vectors_used;
    uint32_t splits_used;

    /* What each thread knows of each, its clock; and has read, and not yet
     * acquired. */
    _Alignas(64) uint32_t clock[FIBERS_MAX][FIBERS_MAX];
    _Alignas(64) uint32_t seen[FIBERS_MAX][FIBERS_MAX];
    uint32_t locations_most; /* that a run used so far */

    struct granule *heap; /* by place in the arena */
    uint32_t heap_used;   /* granules touched beyond which none are */
    uint32_t slots_used;
    struct granule slots[SLOTS_GRANULES];
    uint32_t meetings_used;
    struct meeting meetings[SLOTS_OBJECTS];
    uint32_t vectors[VECTORS_MAX][FIBERS_MAX];
    struct cell splits[SPLITS_MAX][CELL_BYTES];
    struct lanes split_lanes[SPLITS_MAX][CELL_BYTES];
    struct spot spots[LOCATIONS_MAX];
    struct location locations[LOCATIONS_MAX];
    struct knowledge threads[FIBERS_MAX];
    struct buffer buffers[FIBERS_MAX];

    struct witness *witnesses; /* recording */
    uint32_t witnesses_count;
    uint32_t witnesses_max;
};

extern const struct memory memory_c11;
extern const struct memory memory_spots;
extern const struct memory memory_tso;

static inline bool order_acquires(enum order order)
{
    return order == ORDER_CONSUME || order == ORDER_ACQUIRE ||
           order == ORDER_ACQ_REL || order == ORDER_SEQ_CST;
}

static inline bool order_releases(enum order order)
{
    return order >= ORDER_RELEASE;
}

/* Store number `i` of a history, counted from the newest, which is 0. */
static inline struct store *location_store(struct location *l, uint32_t i)
{
    assert(i < l->count);
    return &l->ring[(l->first + l->count - 1u - i) & (HISTORY_MAX - 1u)];
}

/* The oldest store that a view of `count` entries lets one read. */
static inline uint32_t view_at(const uint32_t *view, uint32_t count,
                               uint32_t id)
{
    return id < count ? view[id] : 0;
}

/* Raises entry `id` of a view to `ts`. */
void view_raise(uint32_t *view, uint32_t *count, uint32_t id, uint32_t ts);

/* Element-wise maximum into `view`. */
void view_join(uint32_t *view, uint32_t *count, const uint32_t *from,
               uint32_t from_count);

/* What fiber `id` knows; begun anew in each run. */
struct knowledge *knowledge_begin(struct weak *weak, uint32_t id);

static inline struct knowledge *knowledge_of(struct weak *weak, uint32_t id)
{
    assert(id < FIBERS_MAX);
    struct knowledge *k = &weak->threads[id];
    return __builtin_expect(k->stamp == weak->stamp, 1)
               ? k
               : knowledge_begin(weak, id);
}

/* Messages: counted references.  A capture is what `k` knows now, joined with
 * `more` (NULL: nothing); the thread's epoch is over.  Or these clocks, so many
 * as are a multiple of four.  A join of two may be
 * one of them. */
struct message *message_capture(struct world *w, uint32_t thread,
                                const struct message *more);
struct message *message_from(struct world *w, const uint32_t *clocks,
                             uint32_t count);
struct message *message_join(struct world *w, struct message *a,
                             struct message *b);
struct message *message_hold(struct message *message);
void message_drop(struct weak *weak, struct message *message);

/* The thread acquires what a message holds (NULL: nothing), at once or when it
 * makes an acquire fence. */
void message_acquire(struct weak *weak, uint32_t thread,
                     const struct message *message);
void message_see(struct weak *weak, uint32_t thread,
                 const struct message *message);

/* The message of a store of `thread` with `order` that has nothing to carry on
 * from others: what it releases, or released at its last fence. */
struct message *sequence_own(struct world *w, uint32_t thread,
                             enum order order);

/* Fills the message and the heads of `s`, whose thread and order are set: a
 * store directly behind `before`, or an update that read it; `own` is what
 * sequence_own() gave. */
void sequence_go_on(struct world *w, struct store *s,
                    const struct store *before, struct message *own);
void sequence_update(struct world *w, struct store *s,
                     const struct store *before, struct message *own);

/* Where there are few threads (weak->few): judges an access of the current
 * fiber, and fails the run if it races: true.  And whether memory of the heap
 * can certainly be freed, as nobody else is using it. */
bool lanes_touch(struct world *w, const struct conflict *access);
bool lanes_let_free(const struct world *w, uintptr_t address, size_t size);

/* There are more threads: granules get cells, as in a run with many. */
void lanes_end(struct weak *weak);

/* weak->spotted: what drop_all() and plain_write() of locations do; and the
 * spots of a granule become locations. */
void spots_drop(struct weak *weak, struct granule *g);
void spots_plain_write(struct weak *weak, const struct granule *g,
                       uintptr_t address, size_t size);
void spots_end(struct world *w, const struct granule *g);
void spots_end_meetings(struct world *w);

/* ... what a release to an object and an acquire of it do. */
void spots_release(struct weak *weak, uint32_t thread, struct meeting *m);
void spots_acquire(struct weak *weak, uint32_t thread, const struct meeting *m);

/* What is known of the 16 bytes around `address`, from now on if nothing is;
 * NULL: there is no room. */
struct granule *granule_enter(struct world *w, uintptr_t address);

/* Nothing is known of `g` from now on. */
static inline void granule_begin(struct weak *weak, struct granule *g,
                                 uintptr_t base)
{
    g->address = base;
    g->stamp = weak->stamp;
    g->location = NO_LOCATION;
    memset(g->mask, 0, sizeof(g->mask));
    memset(g->split, 0, sizeof(g->split));
    if (!weak->few) { /* lanes are cleared when their mask is set */
        memset(g->cell, 0, sizeof(g->cell));
    }
}

/* Where a granule that is not in the heap is, if no other came first. */
static inline uint32_t granule_slot(uintptr_t base)
{
    uint64_t hash = (base >> 4) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> 40) & (SLOTS_GRANULES - 1);
}

/* The granule if it was seen before in this run, as it mostly was, and is where
 * it is looked for first; else NULL. */
static inline __attribute__((always_inline)) struct granule *
granule_seen(const struct world *w, uintptr_t address)
{
    struct weak *weak = w->weak;
    const struct heap_front *front = (const struct heap_front *)(void *)w->heap;
    uintptr_t index = (address - front->base) / WIDE_BYTES;
    if (__builtin_expect(index < ARENA_MAX / WIDE_BYTES, 1)) {
        struct granule *g = &weak->heap[index];
        return g->stamp == weak->stamp ? g : NULL;
    }
    uintptr_t base = address & ~(uintptr_t)(WIDE_BYTES - 1);
    struct granule *g = &weak->slots[granule_slot(base)];
    return g->stamp == weak->stamp && g->address == base ? g : NULL;
}

static inline struct granule *granule_at(struct world *w, uintptr_t address)
{
    struct granule *g = granule_seen(w, address);
    return g != NULL ? g : granule_enter(w, address);
}

/* The same, but NULL if nothing is known. */
struct granule *granule_find(const struct world *w, uintptr_t address);

/* The history of the bytes of `a`, with what plain code wrote there taken in;
 * NULL: there is no room for one more. */
struct location *location_at(struct world *w, const struct atomic_access *a);

static inline uint32_t location_id(const struct weak *weak,
                                   const struct location *l)
{
    return (uint32_t)(l - weak->locations);
}

/* Fails the run: an access of several granules. */
void location_misaligned(struct world *w, const struct atomic_access *a);

/* Lets go of the messages of a store. */
void store_drop(struct weak *weak, struct store *s);

/* Room for a store at place `i` from the newest (0: it becomes the newest),
 * with its timestamp; the oldest may go.  The rest of it is zero. */
struct store *location_insert(struct weak *weak, struct location *l, uint32_t i,
                              uint32_t ts);

/* A plain write is about to happen to these bytes. */
void location_plain_write(struct world *w, uintptr_t address, size_t size);

/* Forgets the histories of a granule. */
void location_drop_all(struct weak *weak, struct granule *g);

/* Values in memory, by size. */
struct wide wide_read(const volatile void *address, size_t size);
void wide_write(volatile void *address, size_t size, struct wide value);
struct wide wide_apply(enum update kind, struct wide before,
                       struct wide operand, size_t size);

/* Keeps where an access was made, and says what is wrong with two. */
void race_witness(struct world *w, uintptr_t cell, enum use use,
                  const struct conflict *access);
void race_fail(struct world *w, const struct conflict *conflict);

/* Recording: the store that was logged last has this order. */
void memory_order_store(struct world *w, enum order order);

#endif
