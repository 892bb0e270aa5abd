/*
 * Prototypes of the compiler's hooks, which no header declares.
 *
 * gcc and clang, called with -fsanitize=thread, turn each shared access into a
 * call of one of these; the ABI is that of their common runtime, which is not
 * linked.  The set is the union of what gcc 12 and clang 14 to 17 emit.
 *
 * The macros here are the one place where names are pasted together: five
 * sizes times eleven operations have one shape each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_TSAN_ABI_H
#define HX_SIM_TSAN_ABI_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t a8;
typedef uint16_t a16;
typedef uint32_t a32;
typedef uint64_t a64;
__extension__ typedef unsigned __int128 a128;

#define DECLARE_ATOMIC(N)                                                  \
    a##N __tsan_atomic##N##_load(const volatile a##N *a, int mo);          \
    void __tsan_atomic##N##_store(volatile a##N *a, a##N v, int mo);       \
    a##N __tsan_atomic##N##_exchange(volatile a##N *a, a##N v, int mo);    \
    a##N __tsan_atomic##N##_fetch_add(volatile a##N *a, a##N v, int mo);   \
    a##N __tsan_atomic##N##_fetch_sub(volatile a##N *a, a##N v, int mo);   \
    a##N __tsan_atomic##N##_fetch_and(volatile a##N *a, a##N v, int mo);   \
    a##N __tsan_atomic##N##_fetch_or(volatile a##N *a, a##N v, int mo);    \
    a##N __tsan_atomic##N##_fetch_xor(volatile a##N *a, a##N v, int mo);   \
    a##N __tsan_atomic##N##_fetch_nand(volatile a##N *a, a##N v, int mo);  \
    int __tsan_atomic##N##_compare_exchange_strong(                        \
        volatile a##N *a, a##N *expected, a##N desired, int mo, int fail); \
    int __tsan_atomic##N##_compare_exchange_weak(                          \
        volatile a##N *a, a##N *expected, a##N desired, int mo, int fail); \
    a##N __tsan_atomic##N##_compare_exchange_val(                          \
        volatile a##N *a, a##N expected, a##N desired, int mo, int fail)

DECLARE_ATOMIC(8);
DECLARE_ATOMIC(16);
DECLARE_ATOMIC(32);
DECLARE_ATOMIC(64);
DECLARE_ATOMIC(128);

void __tsan_atomic_thread_fence(int mo);
void __tsan_atomic_signal_fence(int mo);

#define DECLARE_PLAIN(S)                                   \
    void __tsan_read##S(void *address);                    \
    void __tsan_write##S(void *address);                   \
    void __tsan_read_write##S(void *address);              \
    void __tsan_volatile_read##S(void *address);           \
    void __tsan_volatile_write##S(void *address);          \
    void __tsan_unaligned_read##S(void *address);          \
    void __tsan_unaligned_write##S(void *address);         \
    void __tsan_unaligned_read_write##S(void *address);    \
    void __tsan_unaligned_volatile_read##S(void *address); \
    void __tsan_unaligned_volatile_write##S(void *address)

DECLARE_PLAIN(1);
DECLARE_PLAIN(2);
DECLARE_PLAIN(4);
DECLARE_PLAIN(8);
DECLARE_PLAIN(16);

void __tsan_read_range(void *address, unsigned long size);
void __tsan_write_range(void *address, unsigned long size);
void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memset(void *to, int byte, size_t size);
void __tsan_func_entry(void *return_address);
void __tsan_func_exit(void);
void __tsan_vptr_update(void **slot, void *value);
void __tsan_vptr_read(void **slot);
void __tsan_init(void);

#endif
