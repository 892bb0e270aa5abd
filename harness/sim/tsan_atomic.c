/*
 * Atomic accesses of simulated code.
 *
 * Each hook *is* the access: it lets the scheduler act, checks the address,
 * does the operation, and tells the world what was read (spinning) or written
 * (waking spinners).  Outside any fiber, as in constructors and set-up code,
 * it only does the operation.
 *
 * Under sequential consistency memory orders make no difference, so the
 * argument is dropped here; a model that needs it is called through
 * world->memory (memory.h).
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
#define NARROW(N, wide) ((a##N)((a128)(wide).high << 64 | (wide).low))

#define DEFINE_LOAD(N)                                                     \
    a##N __tsan_atomic##N##_load(const volatile a##N *a, int mo)           \
    {                                                                      \
        struct world *w = world;                                           \
        if (!access_begins(w, NEXT(FL_STEP_LOAD, a, mo))) {                \
            return *a;                                                     \
        }                                                                  \
        uintptr_t pc = (uintptr_t)__builtin_return_address(0);             \
        heap_access(w, a, sizeof(*a), ACCESS_ATOMIC_READ, pc);             \
        a##N v;                                                            \
        if (w->memory == NULL) {                                           \
            v = *a;                                                        \
        } else {                                                           \
            v = NARROW(N, w->memory->load(w, a, sizeof(*a),                \
                                          (enum order)(mo & ORDER_MASK))); \
        }                                                                  \
        if (w->recording) {                                                \
            ACCESS_LOG(w, FL_STEP_LOAD, pc, a, LOW(v), LOW(v));            \
        }                                                                  \
        SAW(w, a, LOW(v), pc);                                             \
        return v;                                                          \
    }

#define DEFINE_STORE(N)                                             \
    void __tsan_atomic##N##_store(volatile a##N *a, a##N v, int mo) \
    {                                                               \
        struct world *w = world;                                    \
        if (!access_begins(w, NEXT(FL_STEP_STORE, a, mo))) {        \
            access_direct_write(w, a, sizeof(*a));                  \
            *a = v;                                                 \
            return;                                                 \
        }                                                           \
        uintptr_t pc = (uintptr_t)__builtin_return_address(0);      \
        heap_access(w, a, sizeof(*a), ACCESS_ATOMIC_WRITE, pc);     \
        if (w->recording) {                                         \
            ACCESS_LOG(w, FL_STEP_STORE, pc, a, LOW(*a), LOW(v));   \
        }                                                           \
        if (w->memory == NULL) {                                    \
            *a = v;                                                 \
        } else {                                                    \
            w->memory->store(w, a, sizeof(*a), WIDE(v),             \
                             (enum order)(mo & ORDER_MASK));        \
        }                                                           \
        world_effect(w, access_plain(a));                           \
    }

#define DEFINE_UPDATE(N, name, kind, expression)                             \
    a##N __tsan_atomic##N##_##name(volatile a##N *a, a##N v, int mo)         \
    {                                                                        \
        struct world *w = world;                                             \
        if (!access_begins(w, NEXT(FL_STEP_UPDATE, a, mo))) {                \
            a##N before = *a;                                                \
            access_direct_write(w, a, sizeof(*a));                           \
            *a = (a##N)(expression);                                         \
            return before;                                                   \
        }                                                                    \
        uintptr_t pc = (uintptr_t)__builtin_return_address(0);               \
        heap_access(w, a, sizeof(*a), ACCESS_UPDATE, pc);                    \
        a##N before;                                                         \
        if (w->memory == NULL) {                                             \
            before = *a;                                                     \
            *a = (a##N)(expression);                                         \
        } else {                                                             \
            before =                                                         \
                NARROW(N, w->memory->update(w, a, sizeof(*a), kind, WIDE(v), \
                                            (enum order)(mo & ORDER_MASK))); \
        }                                                                    \
        if (w->recording) {                                                  \
            ACCESS_LOG(w, FL_STEP_UPDATE, pc, a, LOW(before),                \
                       LOW((a##N)(expression)));                             \
        }                                                                    \
        world_effect(w, access_plain(a));                                    \
        return before;                                                       \
    }

/* A compare-and-swap in the one form that all three hooks share: gives the
 * value found. */
#define DEFINE_COMPARE(N)                                                      \
    static a##N compare##N(struct world *w, volatile a##N *a,                  \
                           const a##N *both, int mo, uintptr_t pc)             \
    {                                                                          \
        heap_access(w, a, sizeof(*a), ACCESS_UPDATE, pc);                      \
        a##N found;                                                            \
        if (w->memory == NULL) {                                               \
            found = *a;                                                        \
            if (found == both[0]) {                                            \
                *a = both[1];                                                  \
            }                                                                  \
        } else {                                                               \
            struct wide pair[2] = {WIDE(both[0]), WIDE(both[1])};              \
            found =                                                            \
                NARROW(N, w->memory->compare(w, a, sizeof(*a), pair,           \
                                             (enum order)(mo & ORDER_MASK)));  \
        }                                                                      \
        bool swapped = found == both[0];                                       \
        if (w->recording) {                                                    \
            access_log_compare(w, pc, a, sizeof(*a),                           \
                               (struct compared){.found = LOW(found),          \
                                                 .expected = LOW(both[0]),     \
                                                 .desired = LOW(both[1]),      \
                                                 .swapped = swapped});         \
        }                                                                      \
        if (swapped) {                                                         \
            world_effect(w, access_plain(a));                                  \
        } else {                                                               \
            SAW(w, a, LOW(found), pc);                                         \
        }                                                                      \
        return found;                                                          \
    }                                                                          \
                                                                               \
    a##N __tsan_atomic##N##_compare_exchange_val(                              \
        volatile a##N *a, a##N expected, a##N desired, int mo, int fail)       \
    {                                                                          \
        (void)fail;                                                            \
        struct world *w = world;                                               \
        if (!access_begins(w, COMPARES(a, mo))) {                              \
            a##N found = *a;                                                   \
            if (found == expected) {                                           \
                *a = desired;                                                  \
            }                                                                  \
            return found;                                                      \
        }                                                                      \
        const a##N both[2] = {expected, desired};                              \
        return compare##N(w, a, both, mo,                                      \
                          (uintptr_t)__builtin_return_address(0));             \
    }                                                                          \
                                                                               \
    /* `pc` is that of the program's own instruction. */                       \
    static inline int exchange##N(volatile a##N *a, a##N *expected,            \
                                  a##N desired, int mo, uintptr_t pc)          \
    {                                                                          \
        struct world *w = world;                                               \
        const a##N both[2] = {*expected, desired};                             \
        a##N found;                                                            \
        if (!access_begins(w, COMPARES(a, mo))) {                              \
            found = *a;                                                        \
            if (found == both[0]) {                                            \
                *a = desired;                                                  \
            }                                                                  \
        } else {                                                               \
            found = compare##N(w, a, both, mo, pc);                            \
        }                                                                      \
        if (found != both[0]) {                                                \
            *expected = found;                                                 \
        }                                                                      \
        return found == both[0];                                               \
    }                                                                          \
                                                                               \
    int __tsan_atomic##N##_compare_exchange_strong(                            \
        volatile a##N *a, a##N *expected, a##N desired, int mo, int fail)      \
    {                                                                          \
        (void)fail;                                                            \
        return exchange##N(a, expected, desired, mo,                           \
                           (uintptr_t)__builtin_return_address(0));            \
    }                                                                          \
                                                                               \
    int __tsan_atomic##N##_compare_exchange_weak(                              \
        volatile a##N *a, a##N *expected, a##N desired, int mo, int fail)      \
    {                                                                          \
        (void)fail;                                                            \
        struct world *w = world;                                               \
        uintptr_t pc = (uintptr_t)__builtin_return_address(0);                 \
        if (w != NULL && w->current != NULL &&                                 \
            (w->sites >> SITE_CAS_WEAK & 1) != 0) {                            \
            world_point_of(w, *COMPARES(a, mo));                               \
            const a##N both[2] = {*expected, desired};                         \
            if (*a == both[0] &&                                               \
                world_site(w, SITE_CAS_WEAK, ++w->current->weak_swaps, 0)) {   \
                access_log_compare(w, pc, a, sizeof(*a),                       \
                                   (struct compared){.found = LOW(both[0]),    \
                                                     .expected = LOW(both[0]), \
                                                     .desired = LOW(both[1]),  \
                                                     .swapped = false});       \
                return 0;                                                      \
            }                                                                  \
            a##N found = compare##N(w, a, both, mo, pc);                       \
            if (found != both[0]) {                                            \
                *expected = found;                                             \
            }                                                                  \
            return found == both[0];                                           \
        }                                                                      \
        return exchange##N(a, expected, desired, mo, pc);                      \
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
    if ((mo & ORDER_MASK) != ORDER_SEQ_CST) {
        return; /* under sequential consistency it is no event at all */
    }
    if (access_begins(w, ACCESS_OF(FL_STEP_FENCE, NULL, 0, mo, false))) {
        if (w->memory != NULL) {
            w->memory->fence(w, (enum order)(mo & ORDER_MASK));
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
