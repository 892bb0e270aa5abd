/*
 * What a search has found: the states at the end of its runs, and their
 * histories, as sets of hashes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_FOUND_FIXTURE_H
#define TESTS_FOUND_FIXTURE_H

#include "checker/history.h"
#include "tests/check_tap.h"

#include <stdint.h>

enum {
    FOUND_MAX = 1 << 12 /* states or histories of one program */
};

struct found {
    uint64_t hashes[FOUND_MAX];
    uint32_t count;
};

static inline uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 31;
}

static inline void note(struct found *f, uint64_t hash)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (f->hashes[i] == hash) {
            return;
        }
    }
    ck_assert_uint_lt(f->count, FOUND_MAX);
    f->hashes[f->count++] = hash;
}

static inline bool includes(const struct found *f, const struct found *part)
{
    for (uint32_t i = 0; i < part->count; i++) {
        bool there = false;
        for (uint32_t k = 0; k < f->count; k++) {
            there = there || f->hashes[k] == part->hashes[i];
        }
        if (!there) {
            return false;
        }
    }
    return true;
}

static inline uint64_t hash_text(const char *text)
{
    uint64_t hash = 7;
    for (; *text != '\0'; text++) {
        hash = mix(hash, (unsigned char)*text);
    }
    return hash;
}

/* The number of an operation among those of its client, and that client's, or
 * what it is called instead. */
static inline uint64_t name_of(const struct fl_history *h, uint32_t i,
                               const uint32_t *renamed)
{
    uint64_t earlier = 0;
    for (uint32_t k = 0; k < h->count; k++) {
        const struct fl_operation *o = &h->operations[k];
        earlier += o->client == h->operations[i].client &&
                           o->call < h->operations[i].call
                       ? 1
                       : 0;
    }
    uint32_t client = h->operations[i].client;
    return (uint64_t)(renamed == NULL ? client : renamed[client]) << 8 |
           earlier;
}

/* Results, and which operation precedes which; client i is called renamed[i],
 * or as it is if that is NULL. */
static inline uint64_t hash_history(const struct fl_history *h,
                                    const uint32_t *renamed)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *a = &h->operations[i];
        sum += mix(mix(1, name_of(h, i, renamed)), (uint64_t)a->result);
        for (uint32_t k = 0; k < h->count; k++) {
            if (a->ret < h->operations[k].call) {
                sum +=
                    mix(mix(2, name_of(h, i, renamed)), name_of(h, k, renamed));
            }
        }
    }
    return sum;
}

/* The same of a history whatever the names of its clients are: of two, or of
 * three; whoever is not among them keeps its own. */
static inline uint64_t hash_unnamed(const struct fl_history *h,
                                    uint32_t clients)
{
    static const uint32_t names[][3] = {
        {0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0},
    };
    ck_assert(clients == 2 || clients == 3);
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < (clients == 2 ? 2 : 6); i++) {
        uint64_t hash = hash_history(h, names[i]);
        least = hash < least ? hash : least;
    }
    return least;
}

#endif
