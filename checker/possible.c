/*
 * States of an object that are possible, without those that are equal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/possible.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ALIGNED = 16, /* bytes before a state, which tell its size */
    ROW = 4       /* values of a long row that the model sees */
};

static size_t *size_at(const struct fl_states *p, uint32_t i)
{
    assert(i < p->max);
    return (size_t *)(void *)(p->bytes + i * p->each);
}

static void *state_at(const struct fl_states *p, uint32_t i)
{
    return p->bytes + i * p->each + ALIGNED + p->front;
}

/* Makes room for one state more. */
static bool make_room(struct fl_states *p)
{
    if (p->count < p->max) {
        return true;
    }
    uint32_t max = 2 * p->max + 1;
    char *bytes = realloc(p->bytes, max * p->each);
    if (bytes == NULL) {
        return false;
    }
    memset(bytes + p->max * p->each, 0, (max - p->max) * p->each);
    p->bytes = bytes;
    p->max = max;
    return true;
}

/* Whether the state behind the last is one of those before it. */
static bool is_known(const struct fl_states *p)
{
    size_t size = *size_at(p, p->count);
    for (uint32_t i = 0; i < p->count; i++) {
        if (*size_at(p, i) == size &&
            memcmp(state_at(p, i), state_at(p, p->count), size) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether `op` takes the first value off the only state, which is long. */
static bool is_at_front(const struct fl_possible *p,
                        const struct fl_operation *op)
{
    const struct fl_model *model = p->space->history->model;
    return p->now.count == 1 && p->space->keys <= 1 &&
           model->takes_first != NULL && model->takes_first(op) &&
           *size_at(&p->now, 0) > ROW * sizeof(fl_value);
}

/* The same as fl_state_go() for such an operation: the model sees the first
 * values alone, and the row begins behind the one that it took. */
static bool take_first(struct fl_possible *p, const struct fl_operation *op)
{
    fl_value row[ROW];
    size_t size = sizeof(row);
    fl_value *first = state_at(&p->now, 0);
    memcpy(row, first, sizeof(row));
    if (!fl_state_go(p->space, row, &size, op, 0)) {
        return false;
    }
    bool is_taken = size == sizeof(row) - sizeof(row[0]) &&
                    memcmp(row, first + 1, size) == 0;
    assert(is_taken); /* as the model says */
    p->now.front += sizeof(row[0]);
    *size_at(&p->now, 0) -= sizeof(row[0]);
    return is_taken;
}

/* Adds what comes of state `i` by `op` in way `way`. */
static bool add_next(struct fl_possible *p, uint32_t i,
                     const struct fl_operation *op, uint32_t way)
{
    if (!make_room(&p->next)) {
        return false;
    }
    uint32_t at = p->next.count;
    size_t size = *size_at(&p->now, i);
    memset(state_at(&p->next, at), 0, p->next.each - ALIGNED);
    memcpy(state_at(&p->next, at), state_at(&p->now, i), size);
    *size_at(&p->next, at) = size;
    bool accepted = fl_state_go(p->space, state_at(&p->next, at),
                                size_at(&p->next, at), op, way);
    p->next.count += accepted && !is_known(&p->next);
    return true;
}

bool fl_possible_go(struct fl_possible *p, const struct fl_operation *op)
{
    size_t *only = size_at(&p->now, 0);
    if (is_at_front(p, op)) {
        return take_first(p, op);
    }
    if (p->now.count == 1 &&
        fl_state_ways(p->space, state_at(&p->now, 0), *only, op) == 1) {
        /* If it is refused, there is no other: nobody looks at it again. */
        return fl_state_go(p->space, state_at(&p->now, 0), only, op, 0);
    }
    assert(p->now.front == 0 && p->next.front == 0);
    p->next.count = 0;
    for (uint32_t i = 0; i < p->now.count; i++) {
        uint32_t ways = fl_state_ways(p->space, state_at(&p->now, i),
                                      *size_at(&p->now, i), op);
        for (uint32_t way = 0; way < ways; way++) {
            if (!add_next(p, i, op, way)) {
                return false;
            }
        }
    }
    struct fl_states before = p->now;
    p->now = p->next;
    p->next = before;
    return p->now.count > 0;
}

void fl_possible_start(struct fl_possible *p, const struct fl_space *space)
{
    assert(p->now.max > 0);
    p->space = space;
    p->now.front = 0;
    p->now.count = 1;
    *size_at(&p->now, 0) = fl_state_start(space, state_at(&p->now, 0));
    assert(*size_at(&p->now, 0) + ALIGNED <= p->now.each);
}

bool fl_possible_begin(struct fl_possible *p, const struct fl_space *space)
{
    size_t each = (fl_state_max(space) / ALIGNED + 2) * ALIGNED;
    *p = (struct fl_possible){.space = space};
    p->now.each = each;
    p->next.each = each;
    if (!make_room(&p->now)) {
        return false;
    }
    fl_possible_start(p, space);
    return true;
}

void fl_possible_release(struct fl_possible *p)
{
    free(p->now.bytes);
    free(p->next.bytes);
    *p = (struct fl_possible){0};
}
