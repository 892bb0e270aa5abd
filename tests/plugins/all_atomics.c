/*
 * Every atomic operation at every size, and every kind of plain access: the
 * compiler's hooks, all of them.
 *
 * Loaded with RTLD_NOW, so a compiler that calls a hook which the harness does
 * not have fails there, by name.  Each operation also checks its result.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/plugins/posix.h"

#include <string.h>

__extension__ typedef unsigned __int128 wide __attribute__((aligned(16)));

/* All operations on one type; the word is left at 7. */
#define OPERATIONS(name, type)                                               \
    static void name(void)                                                   \
    {                                                                        \
        static type word;                                                    \
        __atomic_store_n(&word, (type)12, __ATOMIC_RELEASE);                 \
        assert(__atomic_load_n(&word, __ATOMIC_ACQUIRE) == 12);              \
        assert(__atomic_exchange_n(&word, (type)9, __ATOMIC_ACQ_REL) == 12); \
        assert(__atomic_fetch_add(&word, (type)3, __ATOMIC_RELAXED) == 9);   \
        assert(__atomic_fetch_sub(&word, (type)2, __ATOMIC_SEQ_CST) == 12);  \
        assert(__atomic_fetch_and(&word, (type)6, __ATOMIC_SEQ_CST) == 10);  \
        assert(__atomic_fetch_or(&word, (type)8, __ATOMIC_SEQ_CST) == 2);    \
        assert(__atomic_fetch_xor(&word, (type)3, __ATOMIC_SEQ_CST) == 10);  \
        assert(__atomic_fetch_nand(&word, (type)1, __ATOMIC_SEQ_CST) == 9);  \
        assert(__atomic_load_n(&word, __ATOMIC_SEQ_CST) == (type) ~(type)1); \
        type expected = 5;                                                   \
        bool done =                                                          \
            __atomic_compare_exchange_n(&word, &expected, (type)6, false,    \
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED); \
        assert(!done && expected == (type) ~(type)1);                        \
        done =                                                               \
            __atomic_compare_exchange_n(&word, &expected, (type)6, false,    \
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE); \
        assert(done);                                                        \
        expected = 6;                                                        \
        do {                                                                 \
            done = __atomic_compare_exchange_n(&word, &expected, (type)7,    \
                                               true, __ATOMIC_SEQ_CST,       \
                                               __ATOMIC_SEQ_CST);            \
        } while (!done && expected == 6);                                    \
        assert(__atomic_load_n(&word, __ATOMIC_CONSUME) == 7);               \
    }

OPERATIONS(operations_1, uint8_t)
OPERATIONS(operations_2, uint16_t)
OPERATIONS(operations_4, uint32_t)
OPERATIONS(operations_8, uint64_t)
OPERATIONS(operations_16, wide)

/* Plain and volatile accesses, also of members that are not aligned. */
#define ACCESSES(name, type)                               \
    static void name(void)                                 \
    {                                                      \
        static struct {                                    \
            char before;                                   \
            type shifted;                                  \
        } __attribute__((packed)) packed;                  \
        static type word;                                  \
        static volatile type watched;                      \
        word = (type)(word + 3);                           \
        watched = word;                                    \
        packed.shifted = watched;                          \
        packed.shifted = (type)(packed.shifted + 1);       \
        assert(packed.shifted == 4 && packed.before == 0); \
    }

ACCESSES(accesses_1, uint8_t)
ACCESSES(accesses_2, uint16_t)
ACCESSES(accesses_4, uint32_t)
ACCESSES(accesses_8, uint64_t)
ACCESSES(accesses_16, wide)

struct block {
    uint64_t words[6];
};

static void copy_block(struct block *to, const struct block *from)
{
    *to = *from; /* a range, or a call of memcpy */
}

static void fences_and_ranges(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    __sync_synchronize();
    static struct block a;
    static struct block b;
    a.words[5] = 17;
    copy_block(&b, &a);
    assert(b.words[5] == 17);
    memcpy(&a, &b, sizeof(a));
    memset(&b, 0, sizeof(b));
    assert(a.words[5] == 17 && b.words[5] == 0);
    static bool taken;
    assert(!__atomic_test_and_set(&taken, __ATOMIC_ACQUIRE));
    assert(__atomic_test_and_set(&taken, __ATOMIC_ACQUIRE));
    __atomic_clear(&taken, __ATOMIC_RELEASE);
    assert(!taken);
}

static void (*const programs[])(void) = {
    operations_1,  operations_2, operations_4,      operations_8,
    operations_16, accesses_1,   accesses_2,        accesses_4,
    accesses_8,    accesses_16,  fences_and_ranges,
};

static const struct fl_variant variants[] = {
    PROGRAM(operations_1), PROGRAM(operations_2),      PROGRAM(operations_4),
    PROGRAM(operations_8), PROGRAM(operations_16),     PROGRAM(accesses_1),
    PROGRAM(accesses_2),   PROGRAM(accesses_4),        PROGRAM(accesses_8),
    PROGRAM(accesses_16),  PROGRAM(fences_and_ranges), {0},
};

POSIX_ALGORITHM("all_atomics")
