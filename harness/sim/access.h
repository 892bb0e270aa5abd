/*
 * Accesses: what all hooks have in common.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_ACCESS_H
#define HX_SIM_ACCESS_H

#include "harness/sim/families.h"
#include "harness/sim/heap.h"
#include "harness/sim/lull.h"
#include "harness/sim/seen.h"

/* The address without its qualifiers: the world compares it, and never reads
 * through it. */
static inline const void *access_plain(const volatile void *address)
{
    return (const void *)(uintptr_t)address;
}

/* What an access is, but for its place: in one register, as the way on which
 * nothing is due must not even write it down. */
struct access_word {
    uint8_t kind;  /* enum fl_step_kind */
    uint8_t size;  /* bytes */
    uint8_t order; /* as compilers pass it */
    bool compares; /* it may fail to write */
};

/* Something is due before this access: world_point_of(). */
void access_due(struct world *w, const void *address, struct access_word word,
                uintptr_t pc);

/* A visible access of simulated code begins: the scheduler may switch.  False:
 * outside any fiber, where the hook acts directly. */
static inline bool access_begins(struct world *w, const void *address,
                                 struct access_word word, uintptr_t pc)
{
    if (w == NULL || w->current == NULL) {
        return false;
    }
    if (world_step(w)) {
        access_due(w, address, word, pc);
    }
    return true;
}

/* The same of one that writes, or would: `given` is what it was given for that,
 * as one number, which nobody else may know while it waits for its turn. */
static inline bool access_gives(struct world *w, const void *address,
                                struct access_word word, uintptr_t pc,
                                uint64_t given)
{
    if (w != NULL && __builtin_expect(w->step + 1 >= w->lull_due, 0)) {
        lull_give(w, given);
    }
    return access_begins(w, address, word, pc);
}

/*
 * The short way of an atomic access, in a calm run under sequential
 * consistency: true if it is a point at which nothing is due, and allowed.
 * Then it only has to be done, and noted by world_saw_new() or
 * world_effect_quickly(); else nothing has happened, and the long way tells.
 */
static inline bool access_is_quick(struct world *w,
                                   const volatile void *address, size_t size,
                                   enum access access)
{
    return w != NULL && w->step + 1 < w->quick &&
           __builtin_expect(heap_allows(w, address, size, access), 1) &&
           world_steps_quickly(w);
}

/* An access of `size` bytes at `a`, with the memory order `mo` as compilers
 * pass it, at `pc`; `compared`: it may fail to write. */
#define ACCESS_OF(step, a, bytes, mo, compared, pc)                 \
    access_plain(a),                                                \
        (struct access_word){.kind = (uint8_t)(step),               \
                             .size = (uint8_t)(bytes),              \
                             .order = (uint8_t)((unsigned)(mo)&7u), \
                             .compares = (compared)},               \
        (pc)

/* One value that it was given, or two, as one number; a128: tsan_abi.h. */
#define GIVEN(value) \
    given_two((uint64_t)((a128)(value) >> 64), (uint64_t)(value))
#define GIVEN_TWO(a, b) given_two(GIVEN(a), GIVEN(b))

/* A write outside any fiber: the heap notes that the bytes have a value. */
static inline void
access_direct_write(struct world *w, const volatile void *address, size_t size)
{
    if (w != NULL) {
        heap_access(w, address, size, ACCESS_WRITE, 0);
    }
}

/* A plain access of the current fiber, of one byte at least: part of what the
 * running piece did, for those who want to know that, too. */
void access_touch(struct world *w, const void *address, size_t size,
                  bool writes);

static inline void access_touch_plain(struct world *w, const void *address,
                                      size_t size, bool writes)
{
    if (__builtin_expect(w->twins != NULL, 0)) {
        family_touch(w, address, size, writes);
    }
    if (__builtin_expect(w->touches_plain, 0) && w->footprint != NULL &&
        w->current != NULL && size > 0) {
        access_touch(w, address, size, writes);
    }
}

/* A plain access, before it is made, with all that may come of it. */
void access_plain_slowly(const volatile void *where, size_t size,
                         enum access access, uintptr_t pc);

/* What a compare-and-swap found and did. */
struct compared {
    uint64_t found;
    uint64_t expected;
    uint64_t desired;
    bool swapped;
};

/* What a load, a store or an update saw and left. */
struct accessed {
    size_t size;
    uint64_t before;
    uint64_t after;
};

/* Logs an access of the current fiber, and mixes its value into the digest. */
void access_log(struct world *w, enum fl_step_kind kind, uintptr_t pc,
                const volatile void *address, struct accessed accessed);

/* The same for a compare-and-swap. */
void access_log_compare(struct world *w, uintptr_t pc,
                        const volatile void *address, size_t size,
                        struct compared compared);

#endif
