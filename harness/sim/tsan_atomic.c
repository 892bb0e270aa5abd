/*
 * Atomic accesses of simulated code.
 *
 * Each hook *is* the access: it lets the scheduler act, checks the address,
 * does the operation, and tells the world what was read (spinning) or written
 * (waking spinners).  Outside any fiber, as in constructors and set-up code,
 * it only does the operation.
 *
 * Under sequential consistency memory orders make no difference; a model that
 * needs them is called through world->memory (memory.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/access.h"
#include "harness/sim/memory.h"
#include "harness/sim/tsan_abi.h"

#include "harness/fault.h"

/* The low half of a 128-bit value names it in digests and logs. */
#define LOW(value) ((uint64_t)(value))

#define ACCESS_LOG(w, kind, pc, a, from, to) \
    access_log(w, kind, pc, a,               \
               (struct accessed){            \
                   .size = sizeof(*(a)), .before = (from), .after = (to)})

#define SAW(w, a, v, at)                                         \
    world_saw(w, &(struct seen_read){.pc = (at),                 \
                                     .address = access_plain(a), \
                                     .value = (v),               \
                                     .size = sizeof(*(a))})

#define NEXT(kind, a, mo) ACCESS_OF(kind, a, sizeof(*(a)), mo, false)
#define COMPARES(a, mo)   ACCESS_OF(FL_STEP_UPDATE, a, sizeof(*(a)), mo, true)

#define WIDE(value)                          \
    ((struct wide){.low = (uint64_t)(value), \
                   .high = (uint64_t)((a128)(value) >> 64)})

static inline a128 join_halves(struct wide value)
{
    return (a128)value.high << 64 | value.low;
}

#define NARROW(N, wide) ((a##N)join_halves(wide))

/* The access, as a memory model wants it. */
#define MODEL(a, mo, fail, is_weak, at)                       \
    (&(const struct atomic_access){                           \
        .address = (volatile void *)(uintptr_t)(a),           \
        .size = sizeof(*(a)),                                 \
        .order = (enum order)((unsigned)(mo)&ORDER_MASK),     \
        .failure = (enum order)((unsigned)(fail)&ORDER_MASK), \
        .weak = (is_weak),                                    \
        .pc = (at)})

#define DEFINE_LOAD(N)                                                      \
    a##N __tsan_atomic##N##_load(const volatile a##N *a, int mo)            \
    {                                                                       \
        struct world *w = world;                                            \
        if (!access_begins(w, NEXT(FL_STEP_LOAD, a, mo))) {                 \
            return *a;                                                      \
        }                                                                   \
        uintptr_t pc = (uintptr_t)__builtin_return_address(0);              \
        heap_access(w, a, sizeof(*a), ACCESS_ATOMIC_READ, pc);              \
        a##N v;                                                             \
        if (w->memory == NULL) {                                            \
            v = *a;                                                         \
        } else {                                                            \
            v = NARROW(N, w->memory->load(w, MODEL(a, mo, mo, false, pc))); \
        }                                                                   \
        if (w->recording) {                                                 \
            ACCESS_LOG(w, FL_STEP_LOAD, pc, a, LOW(v), LOW(v));             \
        }                                                                   \
        SAW(w, a, LOW(v), pc);                                              \
        return v;                                                           \
    }

#define DEFINE_STORE(N)                                                    \
    void __tsan_atomic##N##_store(volatile a##N *a, a##N v, int mo)        \
    {                                                                      \
        struct world *w = world;                                           \
        if (!access_begins(w, NEXT(FL_STEP_STORE, a, mo))) {               \
            access_direct_write(w, a, sizeof(*a));                         \
            *a = v;                                                        \
            return;                                                        \
        }                                                                  \
        uintptr_t pc = (uintptr_t)__builtin_return_address(0);             \
        heap_access(w, a, sizeof(*a), ACCESS_ATOMIC_WRITE, pc);            \
        if (w->recording) {                                                \
            ACCESS_LOG(w, FL_STEP_STORE, pc, a, LOW(*a), LOW(v));          \
        }                                                                  \
        if (w->memory != NULL) {                                           \
            bool seen =                                                    \
                w->memory->store(w, MODEL(a, mo, mo, false, pc), WIDE(v)); \
            world_progress(w, seen ? access_plain(a) : NULL);              \
            return;                                                        \
        }                                                                  \
        *a = v;                                                            \
        world_effect(w, access_plain(a));                                  \
    }

#define DEFINE_UPDATE(N, name, kind, expression)                            \
    a##N __tsan_atomic##N##_##name(volatile a##N *a, a##N v, int mo)        \
    {                                                                       \
        struct world *w = world;                                            \
        if (!access_begins(w, NEXT(FL_STEP_UPDATE, a, mo))) {               \
            a##N before = *a;                                               \
            access_direct_write(w, a, sizeof(*a));                          \
            *a = (a##N)(expression);                                        \
            return before;                                                  \
        }                                                                   \
        uintptr_t pc = (uintptr_t)__builtin_return_address(0);              \
        heap_access(w, a, sizeof(*a), ACCESS_UPDATE, pc);                   \
        a##N before;                                                        \
        if (w->memory == NULL) {                                            \
            before = *a;                                                    \
            *a = (a##N)(expression);                                        \
        } else {                                                            \
            before =                                                        \
                NARROW(N, w->memory->update(w, MODEL(a, mo, mo, false, pc), \
                                            kind, WIDE(v)));                \
        }                                                                   \
        if (w->recording) {                                                 \
            ACCESS_LOG(w, FL_STEP_UPDATE, pc, a, LOW(before),               \
                       LOW((a##N)(expression)));                            \
        }                                                                   \
        world_effect(w, access_plain(a));                                   \
        return before;                                                      \
    }

/* A compare-and-swap in the one form that all three hooks share.  `both` is
 * the value expected, which becomes the value found, and the one desired. */
#define DEFINE_COMPARE(N)                                                      \
    static bool compare##N(struct world *w, volatile a##N *a, a##N *both,      \
                           const struct atomic_access *how)                    \
    {                                                                          \
        heap_access(w, a, sizeof(*a), ACCESS_UPDATE, how->pc);                 \
        a##N found;                                                            \
        bool swapped;                                                          \
        if (w->memory == NULL) {                                               \
            found = *a;                                                        \
            swapped = found == both[0];                                        \
            if (swapped) {                                                     \
                *a = both[1];                                                  \
            }                                                                  \
        } else {                                                               \
            const struct wide pair[2] = {WIDE(both[0]), WIDE(both[1])};        \
            struct swap swap = w->memory->compare(w, how, pair);               \
            found = NARROW(N, swap.found);                                     \
            swapped = swap.swapped;                                            \
        }                                                                      \
        if (w->recording) {                                                    \
            access_log_compare(w, how->pc, a, sizeof(*a),                      \
                               (struct compared){.found = LOW(found),          \
                                                 .expected = LOW(both[0]),     \
                                                 .desired = LOW(both[1]),      \
                                                 .swapped = swapped});         \
        }                                                                      \
        if (swapped) {                                                         \
            world_effect(w, access_plain(a));                                  \
        } else {                                                               \
            SAW(w, a, LOW(found), how->pc);                                    \
        }                                                                      \
        both[0] = found;                                                       \
        return swapped;                                                        \
    }                                                                          \
                                                                               \
    a##N __tsan_atomic##N##_compare_exchange_val(                              \
        volatile a##N *a, a##N expected, a##N desired, int mo, int fail)       \
    {                                                                          \
        struct world *w = world;                                               \
        if (!access_begins(w, COMPARES(a, mo))) {                              \
            a##N found = *a;                                                   \
            if (found == expected) {                                           \
                *a = desired;                                                  \
            }                                                                  \
            return found;                                                      \
        }                                                                      \
        a##N both[2] = {expected, desired};                                    \
        (void)compare##N(w, a, both,                                           \
                         MODEL(a, mo, fail, false,                             \
                               (uintptr_t)__builtin_return_address(0)));       \
        return both[0];                                                        \
    }                                                                          \
                                                                               \
    static inline int exchange##N(volatile a##N *a, a##N *expected,            \
                                  a##N desired,                                \
                                  const struct atomic_access *how)             \
    {                                                                          \
        struct world *w = world;                                               \
        a##N both[2] = {*expected, desired};                                   \
        bool swapped;                                                          \
        if (!access_begins(w, COMPARES(a, how->order))) {                      \
            swapped = *a == both[0];                                           \
            both[0] = *a;                                                      \
            if (swapped) {                                                     \
                *a = desired;                                                  \
            }                                                                  \
        } else {                                                               \
            swapped = compare##N(w, a, both, how);                             \
        }                                                                      \
        if (!swapped) {                                                        \
            *expected = both[0];                                               \
        }                                                                      \
        return swapped;                                                        \
    }                                                                          \
                                                                               \
    int __tsan_atomic##N##_compare_exchange_strong(                            \
        volatile a##N *a, a##N *expected, a##N desired, int mo, int fail)      \
    {                                                                          \
        return exchange##N(a, expected, desired,                               \
                           MODEL(a, mo, fail, false,                           \
                                 (uintptr_t)__builtin_return_address(0)));     \
    }                                                                          \
                                                                               \
    int __tsan_atomic##N##_compare_exchange_weak(                              \
        volatile a##N *a, a##N *expected, a##N desired, int mo, int fail)      \
    {                                                                          \
        struct world *w = world;                                               \
        uintptr_t pc = (uintptr_t)__builtin_return_address(0);                 \
        const struct atomic_access *how = MODEL(a, mo, fail, true, pc);        \
        if (w != NULL && w->current != NULL &&                                 \
            (w->sites >> SITE_CAS_WEAK & 1) != 0) {                            \
            (void)access_begins(w, COMPARES(a, mo));                           \
            a##N both[2] = {*expected, desired};                               \
            if (*a == both[0] &&                                               \
                world_site(w, SITE_CAS_WEAK, ++w->current->weak_swaps, 0)) {   \
                access_log_compare(w, pc, a, sizeof(*a),                       \
                                   (struct compared){.found = LOW(both[0]),    \
                                                     .expected = LOW(both[0]), \
                                                     .desired = LOW(both[1]),  \
                                                     .swapped = false});       \
                return 0;                                                      \
            }                                                                  \
            bool swapped = compare##N(w, a, both, how);                        \
            if (!swapped) {                                                    \
                *expected = both[0];                                           \
            }                                                                  \
            return swapped;                                                    \
        }                                                                      \
        return exchange##N(a, expected, desired, how);                         \
    }

#define DEFINE_ATOMIC(N)                                     \
    DEFINE_LOAD(N)                                           \
    DEFINE_STORE(N)                                          \
    DEFINE_UPDATE(N, exchange, UPDATE_EXCHANGE, v)           \
    DEFINE_UPDATE(N, fetch_add, UPDATE_ADD, before + v)      \
    DEFINE_UPDATE(N, fetch_sub, UPDATE_SUB, before - v)      \
    DEFINE_UPDATE(N, fetch_and, UPDATE_AND, before &v)       \
    DEFINE_UPDATE(N, fetch_or, UPDATE_OR, before | v)        \
    DEFINE_UPDATE(N, fetch_xor, UPDATE_XOR, before ^ v)      \
    DEFINE_UPDATE(N, fetch_nand, UPDATE_NAND, ~(before & v)) \
    DEFINE_COMPARE(N)

DEFINE_ATOMIC(8)
DEFINE_ATOMIC(16)
DEFINE_ATOMIC(32)
DEFINE_ATOMIC(64)
DEFINE_ATOMIC(128)

void __tsan_atomic_thread_fence(int mo)
{
    struct world *w = world;
    enum order order = (enum order)((unsigned)mo & ORDER_MASK);
    if (order != ORDER_SEQ_CST) {
        /* Others change what the thread knows, and are no points; under
         * sequential consistency they are nothing. */
        if (w != NULL && w->current != NULL && w->memory != NULL) {
            w->memory->fence(w, order);
        }
        return;
    }
    if (access_begins(w, ACCESS_OF(FL_STEP_FENCE, NULL, 0, mo, false))) {
        if (w->memory != NULL) {
            w->memory->fence(w, order);
        }
        if (w->recording) {
            access_log(w, FL_STEP_FENCE, (uintptr_t)__builtin_return_address(0),
                       NULL, (struct accessed){.size = 0});
        }
    }
}

void __tsan_atomic_signal_fence(int mo)
{
    (void)mo; /* orders a thread with its own signal handler: there is none */
}
