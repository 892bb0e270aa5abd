/*
 * The mutex that anyone releases: acquisitions and releases alternate.
 *
 * Operations of one kind are alike, so of those in flight the one that returns
 * first goes first, and each as late as it may: when one returns that did not
 * take effect yet, or when a failed try returns and the mutex was free all the
 * time since its call.  By then the least possible number took effect, and
 * more never helps: whoever took effect before could still do so.
 *
 * Open operations return after all others, and need not take effect.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/monitor.h"

#include "checker/operations.h"

#include <assert.h>

/* Operations in flight, the one that returns first on top. */
struct heap {
    uint32_t *ops;
    uint32_t count;
};

struct sweep {
    struct fl_monitor *m;
    struct heap acquires;
    struct heap releases;
    uint32_t *tries; /* failed ones that wait until it is held */
    uint32_t tries_count;
    bool *done;    /* by operation */
    uint32_t *who; /* by stamp: whose call or return it is */
    bool is_held;
    uint32_t holder; /* who acquired or released it last; FL_NOTHING */
};

static void push(const struct sweep *s, struct heap *heap, uint32_t op)
{
    const struct fl_span *spans = s->m->spans;
    uint32_t at = heap->count;
    heap->count++;
    while (at > 0 && spans[heap->ops[(at - 1) / 2]].ret > spans[op].ret) {
        heap->ops[at] = heap->ops[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap->ops[at] = op;
}

static uint32_t pop(const struct sweep *s, struct heap *heap)
{
    const struct fl_span *spans = s->m->spans;
    if (heap->count == 0) {
        return FL_NOTHING;
    }
    uint32_t top = heap->ops[0];
    heap->count--;
    uint32_t op = heap->ops[heap->count];
    uint32_t at = 0;
    for (uint32_t child = 1; child < heap->count; child = 2 * at + 1) {
        if (child + 1 < heap->count &&
            spans[heap->ops[child + 1]].ret < spans[heap->ops[child]].ret) {
            child++;
        }
        if (spans[heap->ops[child]].ret >= spans[op].ret) {
            break;
        }
        heap->ops[at] = heap->ops[child];
        at = child;
    }
    heap->ops[at] = op;
    return top;
}

static void place_tries(struct sweep *s, uint32_t gap)
{
    assert(s->is_held);
    for (uint32_t t = 0; t < s->tries_count; t++) {
        if (!s->done[s->tries[t]]) {
            s->done[s->tries[t]] = true;
            fl_monitor_place(s->m, s->tries[t], gap);
        }
    }
    s->tries_count = 0;
}

/* The next acquisition or release takes effect in `gap`; false if none can. */
static bool advance(struct sweep *s, uint32_t gap)
{
    uint32_t op = pop(s, s->is_held ? &s->releases : &s->acquires);
    if (op == FL_NOTHING) {
        return false;
    }
    assert(!s->done[op]);
    s->done[op] = true;
    s->is_held = !s->is_held;
    s->holder = op;
    fl_monitor_place(s->m, op, gap);
    if (s->is_held) {
        place_tries(s, gap);
    }
    return true;
}

static void begin_operation(struct sweep *s, uint32_t i, uint32_t gap)
{
    const struct fl_operation *op = fl_monitor_op(s->m, i);
    if (op->fn == FL_LOCK_RELEASE) {
        push(s, &s->releases, i);
    } else if (op->fn == FL_LOCK_ACQUIRE || op->ret == FL_OPEN ||
               op->result != 0) {
        push(s, &s->acquires, i);
    } else {
        s->tries[s->tries_count] = i;
        s->tries_count++;
        if (s->is_held) {
            place_tries(s, gap);
        }
    }
}

/* Operation `i` returns after `gap`. */
static enum fl_answer end_operation(struct sweep *s, uint32_t i, uint32_t gap)
{
    while (!s->done[i]) {
        if (advance(s, gap)) {
            continue;
        }
        const struct fl_operation *op = fl_monitor_op(s->m, i);
        fl_monitor_names(s->m, i);
        fl_monitor_names(s->m, s->holder);
        if (op->fn == FL_LOCK_RELEASE) {
            return fl_monitor_violates(
                s->m, "T%u released the mutex while nobody can have held it",
                op->client);
        }
        bool is_refused = op->fn == FL_LOCK_TRY && op->result == 0;
        return fl_monitor_violates(
            s->m,
            is_refused ? "T%u was refused the mutex while nobody can have "
                         "held it"
                       : "T%u acquired the mutex while it was held and nobody "
                         "can have released it",
            op->client);
    }
    return FL_ANSWER_PASS;
}

static bool begin_sweep(struct sweep *s)
{
    struct fl_monitor *m = s->m;
    s->acquires.ops = fl_monitor_room(m, m->count, sizeof(uint32_t));
    s->releases.ops = fl_monitor_room(m, m->count, sizeof(uint32_t));
    s->tries = fl_monitor_room(m, m->count, sizeof(*s->tries));
    s->done = fl_monitor_room(m, m->count, sizeof(*s->done));
    s->who = fl_monitor_room(m, m->end + 2ul, sizeof(*s->who));
    if (s->acquires.ops == NULL || s->releases.ops == NULL ||
        s->tries == NULL || s->done == NULL || s->who == NULL ||
        !fl_monitor_begin(m)) {
        return false;
    }
    for (uint32_t g = 0; g <= m->end + 1; g++) {
        s->who[g] = FL_NOTHING;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        s->who[m->spans[i].call] = i;
        s->who[m->spans[i].ret] = i;
    }
    return true;
}

enum fl_answer fl_monitor_mutex(struct fl_monitor *m)
{
    struct sweep s = {.m = m, .holder = FL_NOTHING};
    if (!begin_sweep(&s)) {
        return FL_ANSWER_NO_MEMORY;
    }
    for (uint32_t stamp = 0; stamp < m->end; stamp++) {
        uint32_t i = s.who[stamp];
        if (i == FL_NOTHING) {
            continue;
        }
        if (m->spans[i].call == stamp) {
            begin_operation(&s, i, stamp);
            continue;
        }
        assert(m->spans[i].ret == stamp);
        enum fl_answer answer = end_operation(&s, i, stamp - 1);
        if (answer != FL_ANSWER_PASS) {
            return answer;
        }
    }
    return FL_ANSWER_PASS;
}
