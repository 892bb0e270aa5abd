/*
 * The hooks of instrumented code in programs that run natively.
 *
 * `faultline cc` instruments all objects of a build; some of them end in
 * programs of the build itself: probes of its configuration, generators, its
 * own tests.  There a plain access needs nothing, and an atomic operation is
 * just done.  Everything is sequentially consistent, which is never less than
 * what was asked for.
 *
 * Values of 16 bytes are swapped by the processor's own instruction: the
 * compilers' functions for them would need another library.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/tsan_abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SC __ATOMIC_SEQ_CST

#define DEFINE_FETCH(N, operation)                                      \
    a##N __tsan_atomic##N##_fetch_##operation(volatile a##N *a, a##N v, \
                                              int mo)                   \
    {                                                                   \
        (void)mo;                                                       \
        return __atomic_fetch_##operation(a, v, SC);                    \
    }

#define DEFINE_SWAP(N, kind, weak)                                         \
    int __tsan_atomic##N##_compare_exchange_##kind(                        \
        volatile a##N *a, a##N *expected, a##N desired, int mo, int fail)  \
    {                                                                      \
        (void)mo;                                                          \
        (void)fail;                                                        \
        return __atomic_compare_exchange_n(a, expected, desired, weak, SC, \
                                           SC);                            \
    }

#define DEFINE_ATOMIC(N)                                                   \
    a##N __tsan_atomic##N##_load(const volatile a##N *a, int mo)           \
    {                                                                      \
        (void)mo;                                                          \
        return __atomic_load_n(a, SC);                                     \
    }                                                                      \
    void __tsan_atomic##N##_store(volatile a##N *a, a##N v, int mo)        \
    {                                                                      \
        (void)mo;                                                          \
        __atomic_store_n(a, v, SC);                                        \
    }                                                                      \
    a##N __tsan_atomic##N##_exchange(volatile a##N *a, a##N v, int mo)     \
    {                                                                      \
        (void)mo;                                                          \
        return __atomic_exchange_n(a, v, SC);                              \
    }                                                                      \
    DEFINE_FETCH(N, add)                                                   \
    DEFINE_FETCH(N, sub)                                                   \
    DEFINE_FETCH(N, and)                                                   \
    DEFINE_FETCH(N, or)                                                    \
    DEFINE_FETCH(N, xor)                                                   \
    DEFINE_FETCH(N, nand)                                                  \
    DEFINE_SWAP(N, strong, false)                                          \
    DEFINE_SWAP(N, weak, true)                                             \
    a##N __tsan_atomic##N##_compare_exchange_val(                          \
        volatile a##N *a, a##N expected, a##N desired, int mo, int fail)   \
    {                                                                      \
        (void)mo;                                                          \
        (void)fail;                                                        \
        __atomic_compare_exchange_n(a, &expected, desired, false, SC, SC); \
        return expected;                                                   \
    }

DEFINE_ATOMIC(8)
DEFINE_ATOMIC(16)
DEFINE_ATOMIC(32)
DEFINE_ATOMIC(64)

/* Swaps if `*a` is `expected`; returns what it was. */
static a128 swap_wide(volatile a128 *a, a128 expected, a128 desired)
{
#if defined(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_16)
    return __sync_val_compare_and_swap(a, expected, desired);
#else
    a128 before = *a; /* no such instruction: such programs are not atomic */
    if (before == expected) {
        *a = desired;
    }
    return before;
#endif
}

/* Writes what `change` makes of the value there; returns what was there. */
#define DEFINE_WIDE(name, change)                                  \
    a128 __tsan_atomic128_##name(volatile a128 *a, a128 v, int mo) \
    {                                                              \
        (void)mo;                                                  \
        a128 before = swap_wide(a, 0, 0);                          \
        for (;;) {                                                 \
            a128 seen = swap_wide(a, before, (change));            \
            if (seen == before) {                                  \
                return before;                                     \
            }                                                      \
            before = seen;                                         \
        }                                                          \
    }

DEFINE_WIDE(exchange, v)
DEFINE_WIDE(fetch_add, before + v)
DEFINE_WIDE(fetch_sub, before - v)
DEFINE_WIDE(fetch_and, before &v)
DEFINE_WIDE(fetch_or, before | v)
DEFINE_WIDE(fetch_xor, before ^ v)
DEFINE_WIDE(fetch_nand, ~(before &v))

a128 __tsan_atomic128_load(const volatile a128 *a, int mo)
{
    union {
        const volatile a128 *given;
        volatile a128 *wanted; /* the instruction may write what is there */
    } cast = {.given = a};
    (void)mo;
    return swap_wide(cast.wanted, 0, 0);
}

void __tsan_atomic128_store(volatile a128 *a, a128 v, int mo)
{
    (void)__tsan_atomic128_exchange(a, v, mo);
}

a128 __tsan_atomic128_compare_exchange_val(volatile a128 *a, a128 expected,
                                           a128 desired, int mo, int fail)
{
    (void)mo;
    (void)fail;
    return swap_wide(a, expected, desired);
}

int __tsan_atomic128_compare_exchange_strong(volatile a128 *a, a128 *expected,
                                             a128 desired, int mo, int fail)
{
    (void)mo;
    (void)fail;
    a128 seen = swap_wide(a, *expected, desired);
    bool same = seen == *expected;
    *expected = seen;
    return same;
}

int __tsan_atomic128_compare_exchange_weak(volatile a128 *a, a128 *expected,
                                           a128 desired, int mo, int fail)
{
    return __tsan_atomic128_compare_exchange_strong(a, expected, desired, mo,
                                                    fail);
}

void __tsan_atomic_thread_fence(int mo)
{
    (void)mo;
    __atomic_thread_fence(SC);
}

void __tsan_atomic_signal_fence(int mo)
{
    (void)mo;
    __atomic_signal_fence(SC);
}

#define DEFINE_NOTHING(name) \
    void name(void *address) \
    {                        \
        (void)address;       \
    }

#define DEFINE_PLAIN(S)                               \
    DEFINE_NOTHING(__tsan_read##S)                    \
    DEFINE_NOTHING(__tsan_write##S)                   \
    DEFINE_NOTHING(__tsan_read_write##S)              \
    DEFINE_NOTHING(__tsan_volatile_read##S)           \
    DEFINE_NOTHING(__tsan_volatile_write##S)          \
    DEFINE_NOTHING(__tsan_unaligned_read##S)          \
    DEFINE_NOTHING(__tsan_unaligned_write##S)         \
    DEFINE_NOTHING(__tsan_unaligned_read_write##S)    \
    DEFINE_NOTHING(__tsan_unaligned_volatile_read##S) \
    DEFINE_NOTHING(__tsan_unaligned_volatile_write##S)

DEFINE_PLAIN(1)
DEFINE_PLAIN(2)
DEFINE_PLAIN(4)
DEFINE_PLAIN(8)
DEFINE_PLAIN(16)

void __tsan_read_range(void *address, unsigned long size)
{
    (void)address;
    (void)size;
}

void __tsan_write_range(void *address, unsigned long size)
{
    (void)address;
    (void)size;
}

void *__tsan_memcpy(void *to, const void *from, size_t size)
{
    return memcpy(to, from, size);
}

void *__tsan_memmove(void *to, const void *from, size_t size)
{
    return memmove(to, from, size);
}

void *__tsan_memset(void *to, int byte, size_t size)
{
    return memset(to, byte, size);
}

void __tsan_func_entry(void *return_address)
{
    (void)return_address;
}

void __tsan_func_exit(void)
{
}

void __tsan_vptr_update(void **slot, void *value)
{
    (void)slot;
    (void)value;
}

void __tsan_vptr_read(void **slot)
{
    (void)slot;
}

void __tsan_init(void)
{
}
