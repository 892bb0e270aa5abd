/*
 * Two or more threads at every atomic operation at every size, on a few words
 * that they share; each call tells what it found.
 *
 * Which operations a call makes is drawn from what it adds and who calls.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/operations.h"
#include "harness/algorithm.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

typedef uint8_t word_1;
typedef uint16_t word_2;
typedef uint32_t word_4;
typedef uint64_t word_8;
__extension__ typedef unsigned __int128 word_16 __attribute__((aligned(16)));

enum {
    ACCESSES = 6 /* of a call */
};

/* One operation on `*word`: the low bits of what it found. */
#define OPERATE(N)                                                             \
    static uint64_t operate_##N(word_##N *word, uint32_t which,                \
                                uint64_t value)                                \
    {                                                                          \
        word_##N v = (word_##N)value;                                          \
        word_##N found = (word_##N)(value >> 3);                               \
        bool done = false;                                                     \
        switch (which % 11) {                                                  \
        case 0:                                                                \
            __atomic_store_n(word, v, __ATOMIC_RELEASE);                       \
            return 0;                                                          \
        case 1:                                                                \
            return (uint64_t)__atomic_exchange_n(word, v, __ATOMIC_ACQ_REL);   \
        case 2:                                                                \
            return (uint64_t)__atomic_fetch_add(word, v, __ATOMIC_SEQ_CST);    \
        case 3:                                                                \
            return (uint64_t)__atomic_fetch_sub(word, v, __ATOMIC_SEQ_CST);    \
        case 4:                                                                \
            return (uint64_t)__atomic_fetch_and(word, v, __ATOMIC_SEQ_CST);    \
        case 5:                                                                \
            return (uint64_t)__atomic_fetch_or(word, v, __ATOMIC_SEQ_CST);     \
        case 6:                                                                \
            return (uint64_t)__atomic_fetch_xor(word, v, __ATOMIC_SEQ_CST);    \
        case 7:                                                                \
            return (uint64_t)__atomic_fetch_nand(word, v, __ATOMIC_SEQ_CST);   \
        case 8:                                                                \
        case 9:                                                                \
            found = (value & 8) != 0 ? __atomic_load_n(word, __ATOMIC_RELAXED) \
                                     : found;                                  \
            done = which % 11 == 8                                             \
                       ? __atomic_compare_exchange_n(word, &found, v, false,   \
                                                     __ATOMIC_SEQ_CST,         \
                                                     __ATOMIC_RELAXED)         \
                       : __atomic_compare_exchange_n(word, &found, v, true,    \
                                                     __ATOMIC_ACQ_REL,         \
                                                     __ATOMIC_ACQUIRE);        \
            return (uint64_t)found * 2 + (done ? 1 : 0);                       \
        default:                                                               \
            return (uint64_t)__atomic_load_n(word, __ATOMIC_ACQUIRE);          \
        }                                                                      \
    }

OPERATE(1)
OPERATE(2)
OPERATE(4)
OPERATE(8)
OPERATE(16)

struct words {
    word_16 wide;
    word_8 longs[2];
    word_4 ints[2];
    word_2 shorts[2];
    word_1 bytes[2];
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint64_t operate(struct words *w, uint64_t word)
{
    uint32_t which = (uint32_t)(word >> 8);
    uint64_t value = word >> 40 & 31;
    uint32_t i = (uint32_t)(word >> 5 & 1);
    switch (word & 7) {
    case 0:
        return operate_1(&w->bytes[i], which, value);
    case 1:
        return operate_2(&w->shorts[i], which, value);
    case 2:
    case 3:
        return operate_4(&w->ints[i], which, value);
    case 4:
        return operate_16(&w->wide, which, value);
    default:
        return operate_8(&w->longs[i], which, value);
    }
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    uint64_t word = mix(mix(7, (uint64_t)call->args[0]), client);
    uint64_t found = 0;
    for (uint32_t i = 0; i < ACCESSES; i++) {
        word = mix(word, i);
        found = mix(found, operate(self, word));
    }
    return (fl_value)(found >> 1);
}

static void *create(const struct fl_setup *setup)
{
    (void)setup;
    return calloc(1, sizeof(struct words));
}

static void destroy(void *self)
{
    free(self);
}

static const struct fl_variant variants[] = {
    {"sound", "", "", "one telling what it found"},
    {NULL, NULL, NULL, NULL},
};

static const struct fl_mix mixture[] = {{FL_COUNTER_ADD, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "any_atomics",
    .family = "test",
    .row = "t",
    .source = "the tests",
    .about = "every atomic operation, by several threads",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mixture,
    .mix_count = 1,
    .create = create,
    .perform = perform,
    .destroy = destroy,
};
