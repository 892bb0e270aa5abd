/*
 * Lockstep: which locks were refused, and let go.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/lockstep.h"

#include <assert.h>
#include <string.h>

void lockstep_begin(struct lockstep *l)
{
    l->count = 0;
    l->full = false;
    memset(l->refused, 0, sizeof(l->refused));
}

/* Its place in the list, in which it is put; TRIED_MAX: there is no room. */
static uint32_t place_of(struct lockstep *l, const void *lock)
{
    assert(lock != NULL && l->count <= TRIED_MAX);
    for (uint32_t i = 0; i < l->count; i++) {
        if (l->tried[i].lock == lock) {
            return i;
        }
    }
    if (l->count == TRIED_MAX) {
        l->full = true;
        return TRIED_MAX;
    }
    l->tried[l->count].lock = lock;
    l->tried[l->count].refused = 0;
    l->tried[l->count].let_go = 0;
    return l->count++;
}

void lockstep_refused(struct lockstep *l, const void *lock, uint32_t fiber,
                      uint32_t moment)
{
    assert(fiber < FIBERS_MAX);
    uint32_t i = place_of(l, lock);
    if (i < TRIED_MAX) {
        l->tried[i].refused = moment;
        l->refused[fiber] = moment;
    }
}

void lockstep_let_go(struct lockstep *l, const void *lock, uint32_t moment)
{
    uint32_t i = place_of(l, lock);
    if (i < TRIED_MAX) {
        l->tried[i].let_go = moment;
    }
}

bool lockstep_is(const struct lockstep *l, uint32_t from, uint64_t stepped)
{
    assert(stepped != 0);
    for (uint64_t left = stepped; left != 0; left &= left - 1) {
        if (l->refused[__builtin_ctzll(left)] <= from) {
            return false;
        }
    }
    for (uint32_t i = 0; i < l->count; i++) {
        if (l->tried[i].refused > from && l->tried[i].let_go <= from) {
            return false;
        }
    }
    return !l->full;
}
