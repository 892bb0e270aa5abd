/*
 * Wake-up trees.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/dpor_tree.h"

#include "harness/need.h"

#include <stdlib.h>
#include <string.h>

enum {
    BRANCHES_FIRST = 256
};

static void grow(struct branches *pool)
{
    assert(pool->free == 0);
    uint32_t max = pool->max == 0 ? BRANCHES_FIRST : pool->max * 2;
    pool->list =
        need(realloc(pool->list, max * sizeof(*pool->list)), "the search");
    pool->max = max;
    pool->count = pool->count == 0 ? 1 : pool->count;
}

uint32_t branch_new(struct branches *pool)
{
    uint32_t branch = pool->free;
    if (branch != 0) {
        pool->free = pool->list[branch].next;
    } else {
        if (pool->count == pool->max) {
            grow(pool);
        }
        branch = pool->count++;
    }
    struct branch *b = &pool->list[branch];
    b->next = 0;
    b->child = 0;
    b->choices = 0;
    b->loose = false;
    footprint_clear(&b->did);
    return branch;
}

void branch_free(struct branches *pool, uint32_t branch)
{
    assert(branch != 0 && branch < pool->count);
    pool->list[branch].next = pool->free;
    pool->free = branch;
}

void branches_free(struct branches *pool, uint32_t first)
{
    /* The children of one are put in front of its siblings: no recursion. */
    while (first != 0) {
        struct branch *b = &pool->list[first];
        uint32_t rest = b->next;
        if (b->child != 0) {
            uint32_t last = b->child;
            while (pool->list[last].next != 0) {
                last = pool->list[last].next;
            }
            pool->list[last].next = rest;
            rest = b->child;
        }
        branch_free(pool, first);
        first = rest;
    }
}

bool wakeup_begins(const struct wakeup *v, uint32_t thread,
                   const struct footprint *did)
{
    uint16_t begun[DPOR_THREADS];
    memcpy(begun, v->begun, sizeof(begun));
    for (uint32_t i = 0; i < v->count; i++) {
        if (v->steps[i].thread == thread) {
            return true;
        }
        if (footprint_conflicts(did, &v->steps[i].did, begun)) {
            return false;
        }
        begun[v->steps[i].thread]++;
    }
    return true;
}

void wakeup_take(struct branches *pool, uint32_t *first, struct wakeup *v)
{
    assert(*first != 0);
    uint32_t *cut = first; /* the lowest that other sequences do not share */
    v->count = 0;
    for (uint32_t *at = first; *at != 0;) {
        struct branch *b = &pool->list[*at];
        v->steps[v->count++] = (struct wakeup_step){.did = b->did,
                                                    .choices = b->choices,
                                                    .thread = b->thread,
                                                    .loose = b->loose};
        cut = b->next != 0 ? at : cut;
        at = &b->child;
    }
    uint32_t taken = *cut;
    *cut = pool->list[taken].next;
    pool->list[taken].next = 0;
    branches_free(pool, taken);
}

void wakeup_drop(struct wakeup *v, uint32_t thread)
{
    for (uint32_t i = 0; i < v->count; i++) {
        if (v->steps[i].thread == thread) {
            v->count--;
            memmove(&v->steps[i], &v->steps[i + 1],
                    (v->count - i) * sizeof(*v->steps));
            return;
        }
    }
}

/* The steps of `v`, one below the other. */
static uint32_t chain(struct branches *pool, const struct wakeup *v)
{
    uint32_t below = 0;
    for (uint32_t i = v->count; i-- > 0;) {
        uint32_t branch = branch_new(pool);
        struct branch *b = &pool->list[branch];
        b->thread = v->steps[i].thread;
        b->choices = v->steps[i].choices;
        b->did = v->steps[i].did;
        b->loose = v->steps[i].loose;
        b->child = below;
        below = branch;
    }
    return below;
}

bool wakeup_insert(struct branches *pool, uint32_t *first, struct wakeup *v)
{
    assert(v->count > 0);
    uint32_t parent = 0;
    uint32_t last = 0;
    uint32_t branch = *first;
    bool loose = v->steps[v->count - 1].loose;
    while (branch != 0) {
        const struct branch *b = &pool->list[branch];
        if (!wakeup_begins(v, b->thread, &b->did)) {
            loose = loose || b->loose;
            last = branch;
            branch = b->next;
            continue;
        }
        wakeup_drop(v, b->thread);
        v->begun[b->thread]++;
        if (v->count == 0 || (b->child == 0 && !b->loose)) {
            return false; /* a leaf covers it */
        }
        parent = branch;
        last = 0;
        branch = b->child;
    }
    v->steps[v->count - 1].loose = loose;
    uint32_t added = chain(pool, v);
    if (last != 0) {
        pool->list[last].next = added;
    } else if (parent != 0) {
        pool->list[parent].child = added;
    } else {
        *first = added;
    }
    return true;
}
