/*
 * The stack monitor's rule, straight from its definition, in time n^2 at best:
 * take away bottoms until nothing is left.  The twin of checker/monitor/stack.c
 * and never to be made faster.
 *
 * For complete histories whose values are pushed once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_PLAIN_STACK_H
#define TESTS_PLAIN_STACK_H

#include "checker/model.h"
#include "checker/operations.h"

#include <stdbool.h>
#include <string.h>

enum {
    PLAIN_MAX = 128
};

struct plain_value {
    uint32_t push;
    uint32_t pop;  /* FL_OPEN: none */
    uint32_t from; /* certainly inside in the gaps from here */
    uint32_t to;   /* to before here */
    bool alive;
};

struct plain_stack {
    const struct fl_history *h;
    struct plain_value values[PLAIN_MAX];
    uint32_t count;
    uint32_t calls[PLAIN_MAX]; /* tightened */
    uint32_t rets[PLAIN_MAX];
    uint32_t numbers[PLAIN_MAX]; /* of the value; FL_OPEN: "empty" */
};

static inline uint32_t plain_find(const struct plain_stack *s, fl_value value)
{
    for (uint32_t v = 0; v < s->count; v++) {
        if (s->h->operations[s->values[v].push].args[0] == value) {
            return v;
        }
    }
    return FL_OPEN;
}

/* Fills the table; false: some value is impossible by itself. */
static inline bool plain_fill(struct plain_stack *s)
{
    const struct fl_history *h = s->h;
    for (uint32_t i = 0; i < h->count; i++) {
        s->calls[i] = h->operations[i].call;
        s->rets[i] = h->operations[i].ret;
        if (h->operations[i].fn == FL_STACK_PUSH) {
            s->values[s->count] = (struct plain_value){i, FL_OPEN, 0, 0, true};
            s->numbers[i] = s->count++;
        }
    }
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        if (op->fn == FL_STACK_PUSH) {
            continue;
        }
        s->numbers[i] =
            op->result == FL_NONE ? FL_OPEN : plain_find(s, op->result);
        if (op->result != FL_NONE && s->numbers[i] == FL_OPEN) {
            return false;
        }
        if (op->fn == FL_STACK_POP && s->numbers[i] != FL_OPEN) {
            struct plain_value *v = &s->values[s->numbers[i]];
            if (v->pop != FL_OPEN) {
                return false;
            }
            v->pop = i;
        }
    }
    return true;
}

/* Tightens; false if an interval becomes empty. */
static inline bool plain_tighten(struct plain_stack *s)
{
    for (uint32_t i = 0; i < s->h->count; i++) {
        if (s->numbers[i] == FL_OPEN) {
            continue;
        }
        struct plain_value *v = &s->values[s->numbers[i]];
        if (s->rets[i] < s->rets[v->push]) {
            s->rets[v->push] = s->rets[i];
        }
        if (s->calls[i] < s->calls[v->push]) {
            s->calls[i] = s->calls[v->push];
        }
        if (v->pop != FL_OPEN && s->calls[v->pop] < s->calls[i]) {
            s->calls[v->pop] = s->calls[i];
        }
        if (v->pop != FL_OPEN && s->rets[i] > s->rets[v->pop]) {
            s->rets[i] = s->rets[v->pop];
        }
    }
    for (uint32_t i = 0; i < s->h->count; i++) {
        if (s->calls[i] >= s->rets[i]) {
            return false;
        }
    }
    for (uint32_t v = 0; v < s->count; v++) {
        struct plain_value *value = &s->values[v];
        value->from = s->rets[value->push];
        value->to = value->pop == FL_OPEN ? FL_OPEN : s->calls[value->pop];
    }
    return true;
}

/* Whether operation `i` has a gap in which no other value is inside. */
static inline bool plain_has_gap(const struct plain_stack *s, uint32_t i)
{
    for (uint32_t gap = s->calls[i]; gap < s->rets[i]; gap++) {
        bool is_free = true;
        for (uint32_t v = 0; v < s->count && is_free; v++) {
            const struct plain_value *value = &s->values[v];
            is_free = !value->alive || v == s->numbers[i] ||
                      gap < value->from || gap >= value->to;
        }
        if (is_free) {
            return true;
        }
    }
    return false;
}

static inline bool plain_is_bottom(const struct plain_stack *s, uint32_t v)
{
    for (uint32_t i = 0; i < s->h->count; i++) {
        if (s->numbers[i] == v && !plain_has_gap(s, i)) {
            return false;
        }
    }
    return true;
}

static inline bool plain_stack_passes(const struct fl_history *h)
{
    struct plain_stack s = {.h = h};
    /* Twice, since a pop's interval may shrink after a peek's. */
    if (!plain_fill(&s) || !plain_tighten(&s) || !plain_tighten(&s)) {
        return false;
    }
    for (uint32_t i = 0; i < h->count; i++) {
        if (s.numbers[i] == FL_OPEN && !plain_has_gap(&s, i)) {
            return false;
        }
    }
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t v = 0; v < s.count; v++) {
            if (s.values[v].alive && plain_is_bottom(&s, v)) {
                s.values[v].alive = false;
                changed = true;
            }
        }
    }
    for (uint32_t v = 0; v < s.count; v++) {
        if (s.values[v].alive) {
            return false;
        }
    }
    return true;
}

#endif
