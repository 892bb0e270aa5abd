/*
 * The counter whose add gives the value before (fetch-and-add); every amount
 * is positive, and nothing wraps around.
 *
 * The values before tell the order of the adds: each is the last one plus what
 * that added.  So there is one order to test, with the reads in between.  Open
 * adds are left out; if the chain has a gap one of them may fill it, and the
 * search decides.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/values.h"

#include "checker/operations.h"

#include <assert.h>
#include <inttypes.h>

struct sums {
    struct fl_monitor *m;
    struct fl_numbering numbering; /* of the values that were answered */
    uint32_t *adds;                /* by number: who saw it and added */
    uint32_t *places;              /* by number: in the chain */
    uint32_t *keys;                /* by operation: its order */
    uint32_t *order;
    uint32_t count;
    fl_value reached; /* the end of the chain */
    bool has_open;
};

static enum fl_answer number_answers(struct sums *s)
{
    struct fl_monitor *m = s->m;
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        if (op->fn == FL_COUNTER_ADD && op->args[0] <= 0) {
            return FL_ANSWER_NOT_MINE;
        }
    }
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        bool is_add = op->fn == FL_COUNTER_ADD;
        if (op->ret == FL_OPEN) {
            s->has_open = s->has_open || is_add;
            continue;
        }
        uint32_t before = s->numbering.count;
        uint32_t v = fl_numbering_add(&s->numbering, op->result);
        if (v == before) {
            s->adds[v] = FL_NOTHING;
            s->places[v] = FL_NOTHING;
        }
        if (is_add && s->adds[v] != FL_NOTHING) {
            fl_monitor_names(m, s->adds[v]);
            fl_monitor_names(m, i);
            return fl_monitor_violates(
                m, "two adds both answered %" PRId64 ", the value before",
                op->result);
        }
        s->adds[v] = is_add ? i : s->adds[v];
        s->order[s->count] = i;
        s->count++;
    }
    return FL_ANSWER_PASS;
}

/* Follows the chain from the initial value; false if it wraps around. */
static bool follow(struct sums *s)
{
    s->reached = s->m->h->initial == FL_NONE ? 0 : s->m->h->initial;
    for (uint32_t place = 0;; place++) {
        uint32_t v = fl_numbering_find(&s->numbering, s->reached);
        if (v == FL_NOTHING) {
            return true;
        }
        assert(s->places[v] == FL_NOTHING);
        s->places[v] = place;
        if (s->adds[v] == FL_NOTHING) {
            return true;
        }
        fl_value amount = fl_monitor_op(s->m, s->adds[v])->args[0];
        if (s->reached > INT64_MAX - amount) {
            return false;
        }
        s->reached += amount;
    }
}

/* Gives each operation its key: the place of what it answered, reads first. */
static enum fl_answer find_keys(struct sums *s)
{
    struct fl_monitor *m = s->m;
    for (uint32_t k = 0; k < s->count; k++) {
        uint32_t i = s->order[k];
        const struct fl_operation *op = fl_monitor_op(m, i);
        uint32_t v = fl_numbering_find(&s->numbering, op->result);
        assert(v != FL_NOTHING);
        if (s->places[v] != FL_NOTHING) {
            s->keys[i] = 2 * s->places[v] + (op->fn == FL_COUNTER_ADD);
            continue;
        }
        if (s->has_open) {
            return FL_ANSWER_NOT_MINE;
        }
        fl_monitor_names(m, i);
        return fl_monitor_violates(m,
                                   "%" PRId64 " was answered, but the adds "
                                   "only make a chain up to %" PRId64,
                                   op->result, s->reached);
    }
    return FL_ANSWER_PASS;
}

static enum fl_answer walk(struct sums *s)
{
    struct fl_monitor *m = s->m;
    uint32_t latest = FL_NOTHING;
    for (uint32_t k = 0; k < s->count; k++) {
        uint32_t i = s->order[k];
        const struct fl_span *span = &m->spans[i];
        if (latest != FL_NOTHING && m->spans[latest].call >= span->ret) {
            fl_monitor_names(m, i);
            fl_monitor_names(m, latest);
            return fl_monitor_violates(m,
                                       "%" PRId64 " was answered after %" PRId64
                                       ", but the counter only grows",
                                       fl_monitor_op(m, latest)->result,
                                       fl_monitor_op(m, i)->result);
        }
        if (latest == FL_NOTHING || span->call > m->spans[latest].call) {
            latest = i;
        }
        fl_monitor_place(m, i, m->spans[latest].call);
    }
    return FL_ANSWER_PASS;
}

enum fl_answer fl_monitor_counter(struct fl_monitor *m)
{
    struct sums s = {.m = m};
    s.adds = fl_monitor_room(m, m->count, sizeof(*s.adds));
    s.places = fl_monitor_room(m, m->count, sizeof(*s.places));
    s.keys = fl_monitor_room(m, m->count, sizeof(*s.keys));
    s.order = fl_monitor_room(m, m->count, sizeof(*s.order));
    if (!fl_numbering_begin(&s.numbering, m, m->count) || s.adds == NULL ||
        s.places == NULL || s.keys == NULL || s.order == NULL) {
        return FL_ANSWER_NO_MEMORY;
    }
    enum fl_answer answer = number_answers(&s);
    if (answer == FL_ANSWER_PASS && !follow(&s)) {
        answer = FL_ANSWER_NOT_MINE;
    }
    if (answer == FL_ANSWER_PASS) {
        answer = find_keys(&s);
    }
    if (answer != FL_ANSWER_PASS) {
        return answer;
    }
    fl_monitor_drop(m, s.numbering.slots);
    fl_monitor_drop(m, s.numbering.values);
    fl_monitor_drop(m, s.adds);
    fl_monitor_sort(s.order, s.places, s.count, s.keys);
    return fl_monitor_begin(m) ? walk(&s) : FL_ANSWER_NO_MEMORY;
}
