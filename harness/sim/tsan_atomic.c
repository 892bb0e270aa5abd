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
#include "harness/sim/turn.h"

#include "harness/fault.h"

/* The low half of a 128-bit value names it in digests and logs. */
#define LOW(value) ((uint64_t)(value))

#define ACCESS_LOG(w, kind, pc, a, from, to) \
    access_log(w, kind, pc, a,               \
               (struct accessed){            \
                   .size = sizeof(*(a)), .before = (from), .after = (to)})

#define READ(a, v, at)                                     \
    (&(const struct seen_read){.pc = (at),                 \
                               .address = access_plain(a), \
                               .value = (v),               \
                               .size = sizeof(*(a))})

#define SAW(w, a, v, at) world_saw(w, READ(a, v, at))

#define NEXT(kind, a, mo, pc) ACCESS_OF(kind, a, sizeof(*(a)), mo, false, pc)
#define COMPARES(a, mo, pc) \
    ACCESS_OF(FL_STEP_UPDATE, a, sizeof(*(a)), mo, true, pc)

/* Of the hook that this is written in: the program's own instruction. */
#define HERE ((uintptr_t)__builtin_return_address(0))

#define IS_QUICK(w, a, access) access_is_quick(w, a, sizeof(*(a)), access)

/* The long ways: functions of their own, so that the short need no frame. */
#define SLOWLY static __attribute__((noinline))

#define WIDE(value)                          \
    ((struct wide){.low = (uint64_t)(value), \
                   .high = (uint64_t)((a128)(value) >> 64)})

static inline a128 join_halves(struct wide value)
{
    return (a128)value.high << 64 | value.low;
}

#define NARROW(N, wide) ((a##N)join_halves(wide))

/* The access, as the memory model of `w` wants it. */
#define MODEL(w, a, mo, fail, is_weak, at)                       \
    (&(const struct atomic_access){                              \
        .address = (volatile void *)(uintptr_t)(a),              \
        .size = sizeof(*(a)),                                    \
        .order = (enum order)order_taken(w, (unsigned)(mo)),     \
        .failure = (enum order)order_taken(w, (unsigned)(fail)), \
        .weak = (is_weak),                                       \
        .pc = (at)})

/* An access of these sizes before which the strategy is asked (turn.h). */
#define DECLARE_TURN(N)                                           \
    SLOWLY a##N turn##N(volatile a##N *a, a##N v, a##N *expected, \
                        struct turn turn, uintptr_t pc)

DECLARE_TURN(8);
DECLARE_TURN(16);
DECLARE_TURN(32);
DECLARE_TURN(64);
DECLARE_TURN(128);

/* `does`: TURN_... or UPDATE_...; the orders are as compilers pass them. */
#define TURN(does, mo, fail, is_weak) \
    turn_of((unsigned)(does), (unsigned)(mo), (unsigned)(fail), is_weak)

/* Where an access writes that does not write. */
#define SINK(w, N) ((a##N *)(void *)(w)->sink)

#define DEFINE_LOAD(N)                                                         \
    SLOWLY a##N loaded_again##N(const volatile a##N *a, a##N v, uintptr_t pc)  \
    {                                                                          \
        world_saw_again(world, READ(a, LOW(v), pc));                           \
        return v;                                                              \
    }                                                                          \
                                                                               \
    SLOWLY a##N load_slowly##N(const volatile a##N *a, int mo, uintptr_t pc)   \
    {                                                                          \
        struct world *w = world;                                               \
        if (!access_begins(w, NEXT(FL_STEP_LOAD, a, mo, pc))) {                \
            return *a;                                                         \
        }                                                                      \
        if (IS_SWIFT(w, a, mo, memory_loads)) {                                \
            a##N seen = *a;                                                    \
            SAW(w, a, LOW(seen), pc);                                          \
            return seen;                                                       \
        }                                                                      \
        heap_access(w, a, sizeof(*a), ACCESS_ATOMIC_READ, pc);                 \
        a##N v;                                                                \
        if (w->memory == NULL) {                                               \
            v = *a;                                                            \
        } else {                                                               \
            v = NARROW(N, w->memory->load(w, MODEL(w, a, mo, mo, false, pc))); \
        }                                                                      \
        if (w->recording) {                                                    \
            ACCESS_LOG(w, FL_STEP_LOAD, pc, a, LOW(v), LOW(v));                \
        }                                                                      \
        SAW(w, a, LOW(v), pc);                                                 \
        return v;                                                              \
    }                                                                          \
                                                                               \
    a##N __tsan_atomic##N##_load(const volatile a##N *a, int mo)               \
    {                                                                          \
        struct world *w = world;                                               \
        if (!IS_QUICK(w, a, ACCESS_ATOMIC_READ)) {                             \
            return turn_is_calm(w)                                             \
                       ? turn##N((volatile a##N *)(uintptr_t)a, 0, SINK(w, N), \
                                 TURN(TURN_LOADS, mo, 0, false), HERE)         \
                       : load_slowly##N(a, mo, HERE);                          \
        }                                                                      \
        a##N v = *a;                                                           \
        return world_saw_new(w, READ(a, LOW(v), HERE))                         \
                   ? v                                                         \
                   : loaded_again##N(a, v, HERE);                              \
    }

#define DEFINE_STORE(N)                                                       \
    SLOWLY void store_slowly##N(volatile a##N *a, a##N v, int mo,             \
                                uintptr_t pc)                                 \
    {                                                                         \
        struct world *w = world;                                              \
        if (!access_gives(w, NEXT(FL_STEP_STORE, a, mo, pc), GIVEN(v))) {     \
            access_direct_write(w, a, sizeof(*a));                            \
            *a = v;                                                           \
            return;                                                           \
        }                                                                     \
        if (IS_SWIFT(w, a, mo, memory_stores)) {                              \
            *a = v;                                                           \
            world_effect_quickly(w, access_plain(a));                         \
            return;                                                           \
        }                                                                     \
        heap_access(w, a, sizeof(*a), ACCESS_ATOMIC_WRITE, pc);               \
        if (w->recording) {                                                   \
            ACCESS_LOG(w, FL_STEP_STORE, pc, a, LOW(*a), LOW(v));             \
        }                                                                     \
        if (w->memory != NULL) {                                              \
            bool seen =                                                       \
                w->memory->store(w, MODEL(w, a, mo, mo, false, pc), WIDE(v)); \
            world_progress(w, seen ? access_plain(a) : NULL);                 \
            return;                                                           \
        }                                                                     \
        *a = v;                                                               \
        world_effect(w, access_plain(a));                                     \
    }                                                                         \
                                                                              \
    void __tsan_atomic##N##_store(volatile a##N *a, a##N v, int mo)           \
    {                                                                         \
        struct world *w = world;                                              \
        if (!IS_QUICK(w, a, ACCESS_ATOMIC_WRITE)) {                           \
            if (turn_is_calm(w)) {                                            \
                (void)turn##N(a, v, SINK(w, N),                               \
                              TURN(TURN_STORES, mo, 0, false), HERE);         \
            } else {                                                          \
                store_slowly##N(a, v, mo, HERE);                              \
            }                                                                 \
            return;                                                           \
        }                                                                     \
        *a = v;                                                               \
        world_effect_quickly(w, access_plain(a));                             \
    }

#define DEFINE_UPDATE(N, name, kind, expression)                               \
    SLOWLY a##N name##_slowly##N(volatile a##N *a, a##N v, int mo,             \
                                 uintptr_t pc)                                 \
    {                                                                          \
        struct world *w = world;                                               \
        if (!access_gives(w, NEXT(FL_STEP_UPDATE, a, mo, pc), GIVEN(v))) {     \
            a##N before = *a;                                                  \
            access_direct_write(w, a, sizeof(*a));                             \
            *a = (a##N)(expression);                                           \
            return before;                                                     \
        }                                                                      \
        a##N before;                                                           \
        if (IS_SWIFT(w, a, mo, memory_updates)) {                              \
            before = *a;                                                       \
            *a = (a##N)(expression);                                           \
            world_effect_quickly(w, access_plain(a));                          \
            return before;                                                     \
        }                                                                      \
        heap_access(w, a, sizeof(*a), ACCESS_UPDATE, pc);                      \
        if (w->memory == NULL) {                                               \
            before = *a;                                                       \
            *a = (a##N)(expression);                                           \
        } else {                                                               \
            before =                                                           \
                NARROW(N, w->memory->update(w, MODEL(w, a, mo, mo, false, pc), \
                                            kind, WIDE(v)));                   \
        }                                                                      \
        if (w->recording) {                                                    \
            ACCESS_LOG(w, FL_STEP_UPDATE, pc, a, LOW(before),                  \
                       LOW((a##N)(expression)));                               \
        }                                                                      \
        world_effect(w, access_plain(a));                                      \
        return before;                                                         \
    }                                                                          \
                                                                               \
    a##N __tsan_atomic##N##_##name(volatile a##N *a, a##N v, int mo)           \
    {                                                                          \
        struct world *w = world;                                               \
        if (!IS_QUICK(w, a, ACCESS_UPDATE)) {                                  \
            return turn_is_calm(w) ? turn##N(a, v, SINK(w, N),                 \
                                             TURN(kind, mo, 0, false), HERE)   \
                                   : name##_slowly##N(a, v, mo, HERE);         \
        }                                                                      \
        a##N before = *a;                                                      \
        *a = (a##N)(expression);                                               \
        world_effect_quickly(w, access_plain(a));                              \
        return before;                                                         \
    }

/* A compare-and-swap in the one form that all three hooks share.  `both` is
 * the value expected, which becomes the value found, and the one desired. */
#define DEFINE_COMPARE(N)                                                     \
    static bool compare##N(struct world *w, volatile a##N *a, a##N *both,     \
                           const struct atomic_access *how)                   \
    {                                                                         \
        a##N found;                                                           \
        bool swapped;                                                         \
        bool swift = IS_SWIFT_SWAP(w, a, how, LOW(both[0]));                  \
        if (!swift) {                                                         \
            heap_access(w, a, sizeof(*a), ACCESS_UPDATE, how->pc);            \
        }                                                                     \
        if (w->memory == NULL || swift) {                                     \
            found = *a;                                                       \
            swapped = found == both[0];                                       \
            if (swapped) {                                                    \
                *a = both[1];                                                 \
            }                                                                 \
        } else {                                                              \
            const struct wide pair[2] = {WIDE(both[0]), WIDE(both[1])};       \
            struct swap swap = w->memory->compare(w, how, pair);              \
            found = NARROW(N, swap.found);                                    \
            swapped = swap.swapped;                                           \
        }                                                                     \
        if (w->recording) {                                                   \
            access_log_compare(w, how->pc, a, sizeof(*a),                     \
                               (struct compared){.found = LOW(found),         \
                                                 .expected = LOW(both[0]),    \
                                                 .desired = LOW(both[1]),     \
                                                 .swapped = swapped});        \
        }                                                                     \
        if (swapped) {                                                        \
            world_effect(w, access_plain(a));                                 \
        } else if (found == both[0]) { /* it will not do so again */          \
            world_progress(w, NULL);                                          \
        } else {                                                              \
            SAW(w, a, LOW(found), how->pc);                                   \
        }                                                                     \
        both[0] = found;                                                      \
        return swapped;                                                       \
    }                                                                         \
                                                                              \
    a##N __tsan_atomic##N##_compare_exchange_val(                             \
        volatile a##N *a, a##N expected, a##N desired, int mo, int fail)      \
    {                                                                         \
        struct world *w = world;                                              \
        if (!access_gives(w, COMPARES(a, mo, HERE),                           \
                          GIVEN_TWO(expected, desired))) {                    \
            a##N found = *a;                                                  \
            if (found == expected) {                                          \
                *a = desired;                                                 \
            }                                                                 \
            return found;                                                     \
        }                                                                     \
        a##N both[2] = {expected, desired};                                   \
        (void)compare##N(w, a, both, MODEL(w, a, mo, fail, false, HERE));     \
        return both[0];                                                       \
    }                                                                         \
                                                                              \
    SLOWLY int swap_slowly##N(volatile a##N *a, a##N *expected, a##N desired, \
                              const struct atomic_access *how)                \
    {                                                                         \
        struct world *w = world;                                              \
        a##N both[2] = {*expected, desired};                                  \
        bool swapped;                                                         \
        if (!access_gives(w, COMPARES(a, how->order, how->pc),                \
                          GIVEN_TWO(both[0], desired))) {                     \
            swapped = *a == both[0];                                          \
            both[0] = *a;                                                     \
            if (swapped) {                                                    \
                *a = desired;                                                 \
            }                                                                 \
        } else if (how->weak && (w->sites >> SITE_CAS_WEAK & 1) != 0 &&       \
                   *a == both[0] &&                                           \
                   world_site(w, SITE_CAS_WEAK, ++w->current->weak_swaps,     \
                              0)) {                                           \
            access_log_compare(w, how->pc, a, sizeof(*a),                     \
                               (struct compared){.found = LOW(both[0]),       \
                                                 .expected = LOW(both[0]),    \
                                                 .desired = LOW(both[1]),     \
                                                 .swapped = false});          \
            return 0;                                                         \
        } else {                                                              \
            swapped = compare##N(w, a, both, how);                            \
        }                                                                     \
        if (!swapped) {                                                       \
            *expected = both[0];                                              \
        }                                                                     \
        return swapped;                                                       \
    }                                                                         \
                                                                              \
    SLOWLY int refused_again##N(const volatile a##N *a, a##N *expected,       \
                                a##N found, uintptr_t pc)                     \
    {                                                                         \
        world_saw_again(world, READ(a, LOW(found), pc));                      \
        *expected = found;                                                    \
        return 0;                                                             \
    }                                                                         \
                                                                              \
    static inline int swap##N(volatile a##N *a, a##N *expected, a##N desired, \
                              uintptr_t pc)                                   \
    {                                                                         \
        struct world *w = world;                                              \
        a##N found = *a;                                                      \
        if (found == *expected) {                                             \
            *a = desired;                                                     \
            world_effect_quickly(w, access_plain(a));                         \
            return 1;                                                         \
        }                                                                     \
        if (!world_saw_new(w, READ(a, LOW(found), pc))) {                     \
            return refused_again##N(a, expected, found, pc);                  \
        }                                                                     \
        *expected = found;                                                    \
        return 0;                                                             \
    }                                                                         \
                                                                              \
    SLOWLY int strong_slowly##N(volatile a##N *a, a##N *expected,             \
                                a##N desired, struct orders orders,           \
                                uintptr_t pc)                                 \
    {                                                                         \
        return swap_slowly##N(                                                \
            a, expected, desired,                                             \
            MODEL(world, a, orders.success, orders.failure, false, pc));      \
    }                                                                         \
                                                                              \
    SLOWLY int weak_slowly##N(volatile a##N *a, a##N *expected, a##N desired, \
                              struct orders orders, uintptr_t pc)             \
    {                                                                         \
        return swap_slowly##N(                                                \
            a, expected, desired,                                             \
            MODEL(world, a, orders.success, orders.failure, true, pc));       \
    }                                                                         \
                                                                              \
    int __tsan_atomic##N##_compare_exchange_strong(                           \
        volatile a##N *a, a##N *expected, a##N desired, int mo, int fail)     \
    {                                                                         \
        if (!IS_QUICK(world, a, ACCESS_UPDATE)) {                             \
            return turn_is_calm(world)                                        \
                       ? (int)turn##N(a, desired, expected,                   \
                                      TURN(TURN_COMPARES, mo, fail, false),   \
                                      HERE)                                   \
                       : strong_slowly##N(a, expected, desired,               \
                                          (struct orders){mo, fail}, HERE);   \
        }                                                                     \
        return swap##N(a, expected, desired, HERE);                           \
    }                                                                         \
                                                                              \
    int __tsan_atomic##N##_compare_exchange_weak(                             \
        volatile a##N *a, a##N *expected, a##N desired, int mo, int fail)     \
    {                                                                         \
        if (!IS_QUICK(world, a, ACCESS_UPDATE)) {                             \
            return turn_is_calm(world)                                        \
                       ? (int)turn##N(a, desired, expected,                   \
                                      TURN(TURN_COMPARES, mo, fail, true),    \
                                      HERE)                                   \
                       : weak_slowly##N(a, expected, desired,                 \
                                        (struct orders){mo, fail}, HERE);     \
        }                                                                     \
        return swap##N(a, expected, desired, HERE);                           \
    }

/* All accesses of a size, without a branch on what they do.  What `expected`
 * points to gets what a compare-and-swap found, the same if it swapped. */
#define DEFINE_TURN(N)                                                       \
    SLOWLY a##N turned_slowly##N(volatile a##N *a, a##N v, a##N *expected,   \
                                 struct turn turn, uintptr_t pc)             \
    {                                                                        \
        int mo = turn.order;                                                 \
        switch (turn.does) {                                                 \
        case TURN_LOADS:                                                     \
            return load_slowly##N(a, mo, pc);                                \
        case TURN_STORES:                                                    \
            store_slowly##N(a, v, mo, pc);                                   \
            return 0;                                                        \
        case UPDATE_EXCHANGE:                                                \
            return exchange_slowly##N(a, v, mo, pc);                         \
        case UPDATE_ADD:                                                     \
            return fetch_add_slowly##N(a, v, mo, pc);                        \
        case UPDATE_SUB:                                                     \
            return fetch_sub_slowly##N(a, v, mo, pc);                        \
        case UPDATE_AND:                                                     \
            return fetch_and_slowly##N(a, v, mo, pc);                        \
        case UPDATE_OR:                                                      \
            return fetch_or_slowly##N(a, v, mo, pc);                         \
        case UPDATE_XOR:                                                     \
            return fetch_xor_slowly##N(a, v, mo, pc);                        \
        case UPDATE_NAND:                                                    \
            return fetch_nand_slowly##N(a, v, mo, pc);                       \
        }                                                                    \
        struct orders orders = {mo, turn.failure};                           \
        return (a##N)(turn.weak                                              \
                          ? weak_slowly##N(a, expected, v, orders, pc)       \
                          : strong_slowly##N(a, expected, v, orders, pc));   \
    }                                                                        \
                                                                             \
    SLOWLY a##N turn##N(volatile a##N *a, a##N v, a##N *expected,            \
                        struct turn turn, uintptr_t pc)                      \
    {                                                                        \
        struct world *w = world;                                             \
        if (!turn_taken(w, access_plain(a), sizeof(*a), turn, pc)) {         \
            return turned_slowly##N(a, v, expected, turn, pc);               \
        }                                                                    \
        heap_access(w, a, sizeof(*a), (enum access)turn.access, pc);         \
        a##N before = *a;                                                    \
        const a##N after[TURN_KINDS] = {                                     \
            [UPDATE_EXCHANGE] = v,                                           \
            [UPDATE_ADD] = (a##N)(before + v),                               \
            [UPDATE_SUB] = (a##N)(before - v),                               \
            [UPDATE_AND] = (a##N)(before & v),                               \
            [UPDATE_OR] = (a##N)(before | v),                                \
            [UPDATE_XOR] = (a##N)(before ^ v),                               \
            [UPDATE_NAND] = (a##N) ~(before & v),                            \
            [TURN_LOADS] = before,                                           \
            [TURN_STORES] = v,                                               \
            [TURN_COMPARES] = v,                                             \
        };                                                                   \
        uint64_t same = before == *expected;                                 \
        uint64_t writes = turn.writes | (turn.compares & same);              \
        a##N *to = turn_choose(a, w->sink, writes);                          \
        *to = after[turn.does];                                              \
        *expected = before;                                                  \
        world_noted(w, READ(a, LOW(before), pc), writes);                    \
        a##N kept = (a##N)((a##N)turn.compares - 1); /* all bits, or none */ \
        return (a##N)((before & kept) | (same & turn.compares));             \
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
    DEFINE_COMPARE(N)                                        \
    DEFINE_TURN(N)

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
    if (access_begins(w, ACCESS_OF(FL_STEP_FENCE, NULL, 0, mo, false, HERE))) {
        if (w->memory != NULL) {
            w->memory->fence(w, order);
        }
        if (w->recording) {
            access_log(w, FL_STEP_FENCE, HERE, NULL,
                       (struct accessed){.size = 0});
        }
    }
}

void __tsan_atomic_signal_fence(int mo)
{
    (void)mo; /* orders a thread with its own signal handler: there is none */
}
