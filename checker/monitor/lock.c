/*
 * The lock that its owner releases.
 *
 * A section is a client's acquisition and the release that follows.  The lock
 * is certainly held from the return of the one to the call of the other, and a
 * history passes iff no two sections certainly hold it at once, and each
 * failed try has a moment at which it is held, when every section holds it as
 * long as the next one allows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/values.h"

#include "checker/operations.h"

#include <assert.h>

struct section {
    uint32_t acquire;
    uint32_t release; /* FL_NOTHING: never released */
    uint32_t from;    /* the gap in which it takes the lock */
    uint32_t to;      /* the gap in which it lets go; the end: never */
};

struct sections {
    struct fl_monitor *m;
    struct fl_numbering clients;
    uint32_t *held; /* by client: its section; FL_NOTHING */
    struct section *list;
    uint32_t *order; /* of sections, by the return of the acquisition */
    uint32_t count;
    uint32_t *tries; /* failed ones, by section */
    uint32_t tries_count;
    uint32_t *keys;
    bool has_open;
};

static bool is_failed_try(const struct fl_operation *op)
{
    return op->fn == FL_LOCK_TRY && op->result == 0;
}

/* Operation `i` of a client that held the lock since `before`, or did not. */
static enum fl_answer blame_nesting(struct sections *s, uint32_t i,
                                    uint32_t before)
{
    if (s->has_open) {
        return FL_ANSWER_NOT_MINE;
    }
    fl_monitor_names(s->m, before);
    fl_monitor_names(s->m, i);
    return fl_monitor_violates(s->m,
                               before == FL_NOTHING
                                   ? "T%u released the lock without holding it"
                                   : "T%u acquired the lock while it held it",
                               fl_monitor_op(s->m, i)->client);
}

/* Notes an operation that is not a failed try. */
static enum fl_answer note(struct sections *s, uint32_t i)
{
    const struct fl_operation *op = fl_monitor_op(s->m, i);
    uint32_t before = s->clients.count;
    uint32_t client = fl_numbering_add(&s->clients, (fl_value)op->client);
    if (client == before) {
        s->held[client] = FL_NOTHING;
    }
    uint32_t *held = &s->held[client];
    if (op->fn == FL_LOCK_RELEASE) {
        if (*held == FL_NOTHING) {
            return blame_nesting(s, i, FL_NOTHING);
        }
        s->list[*held].release = i;
        *held = FL_NOTHING;
        return FL_ANSWER_PASS;
    }
    if (*held != FL_NOTHING) {
        return blame_nesting(s, i, s->list[*held].acquire);
    }
    *held = s->count;
    s->list[s->count] = (struct section){i, FL_NOTHING, 0, 0};
    s->count++;
    return FL_ANSWER_PASS;
}

static enum fl_answer note_all(struct sections *s)
{
    struct fl_monitor *m = s->m;
    for (uint32_t i = 0; i < m->count; i++) {
        s->has_open = s->has_open || fl_monitor_open(m, i);
    }
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        bool is_open = op->ret == FL_OPEN;
        if (!is_open && is_failed_try(op)) {
            s->tries[s->tries_count] = i;
            s->tries_count++;
            continue;
        }
        if (is_open && op->fn != FL_LOCK_RELEASE) {
            continue; /* left out: it may never have taken the lock */
        }
        enum fl_answer answer = note(s, i);
        if (answer != FL_ANSWER_PASS) {
            return answer;
        }
    }
    return FL_ANSWER_PASS;
}

/* The call of the section's release: until then it holds the lock. */
static uint32_t release_call(const struct sections *s,
                             const struct section *section)
{
    return section->release == FL_NOTHING ? s->m->end
                                          : s->m->spans[section->release].call;
}

static enum fl_answer order_sections(struct sections *s, uint32_t *spare)
{
    struct fl_monitor *m = s->m;
    for (uint32_t k = 0; k < s->count; k++) {
        s->order[k] = k;
        s->keys[k] = m->spans[s->list[k].acquire].ret;
    }
    fl_monitor_sort(s->order, spare, s->count, s->keys);
    for (uint32_t k = 1; k < s->count; k++) {
        const struct section *a = &s->list[s->order[k - 1]];
        const struct section *b = &s->list[s->order[k]];
        if (m->spans[b->acquire].ret < release_call(s, a)) {
            fl_monitor_names(m, a->acquire);
            fl_monitor_names(m, a->release);
            fl_monitor_names(m, b->acquire);
            fl_monitor_names(m, b->release);
            return fl_monitor_violates(m, "T%u and T%u both held the lock",
                                       fl_monitor_op(m, a->acquire)->client,
                                       fl_monitor_op(m, b->acquire)->client);
        }
    }
    return FL_ANSWER_PASS;
}

/* Each section holds the lock until the next one must have it. */
static void find_gaps(struct sections *s)
{
    const struct fl_span *spans = s->m->spans;
    for (uint32_t k = 0; k < s->count; k++) {
        struct section *b = &s->list[s->order[k]];
        b->from = spans[b->acquire].call;
        bool is_returned =
            b->release != FL_NOTHING && !fl_monitor_open(s->m, b->release);
        b->to = is_returned ? spans[b->release].ret - 1 : s->m->end;
        if (k == 0) {
            continue;
        }
        struct section *a = &s->list[s->order[k - 1]];
        if (a->to >= b->from) {
            b->from = fl_most(b->from, release_call(s, a));
            a->to = b->from;
        }
        assert(a->from <= a->to && a->to <= b->from);
        assert(b->from < spans[b->acquire].ret);
    }
}

/* Finds a section for each failed try. */
static enum fl_answer find_tries(struct sections *s)
{
    struct fl_monitor *m = s->m;
    for (uint32_t t = 0; t < s->tries_count; t++) {
        uint32_t i = s->tries[t];
        uint32_t low = 0;
        uint32_t high = s->count;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (s->list[s->order[middle]].to < m->spans[i].call) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low < s->count && s->list[s->order[low]].from < m->spans[i].ret) {
            s->keys[i] = low;
            continue;
        }
        if (s->has_open) {
            return FL_ANSWER_NOT_MINE;
        }
        fl_monitor_names(m, i);
        if (low > 0) {
            fl_monitor_names(m, s->list[s->order[low - 1]].release);
        }
        if (low < s->count) {
            fl_monitor_names(m, s->list[s->order[low]].acquire);
        }
        return fl_monitor_violates(
            m, "T%u was refused the lock while nobody can have held it",
            fl_monitor_op(m, i)->client);
    }
    return FL_ANSWER_PASS;
}

static void place_sections(const struct sections *s)
{
    struct fl_monitor *m = s->m;
    uint32_t t = 0;
    for (uint32_t k = 0; k < s->count; k++) {
        const struct section *section = &s->list[s->order[k]];
        fl_monitor_place(m, section->acquire, section->from);
        for (; t < s->tries_count && s->keys[s->tries[t]] == k; t++) {
            uint32_t call = m->spans[s->tries[t]].call;
            fl_monitor_place(m, s->tries[t], fl_most(call, section->from));
        }
        if (section->release != FL_NOTHING && section->to < m->end) {
            fl_monitor_place(m, section->release, section->to);
        }
    }
    assert(t == s->tries_count);
}

enum fl_answer fl_monitor_lock(struct fl_monitor *m)
{
    struct sections s = {.m = m};
    s.held = fl_monitor_room(m, m->count, sizeof(*s.held));
    s.list = fl_monitor_room(m, m->count, sizeof(*s.list));
    s.order = fl_monitor_room(m, m->count, sizeof(*s.order));
    s.tries = fl_monitor_room(m, m->count, sizeof(*s.tries));
    s.keys = fl_monitor_room(m, m->count, sizeof(*s.keys));
    uint32_t *spare = fl_monitor_room(m, m->count, sizeof(*spare));
    if (s.held == NULL || s.list == NULL || s.order == NULL ||
        s.tries == NULL || s.keys == NULL || spare == NULL ||
        !fl_numbering_begin(&s.clients, m, m->count)) {
        return FL_ANSWER_NO_MEMORY;
    }
    enum fl_answer answer = note_all(&s);
    if (answer == FL_ANSWER_PASS) {
        answer = order_sections(&s, spare);
    }
    if (answer == FL_ANSWER_PASS) {
        find_gaps(&s);
        answer = find_tries(&s);
    }
    if (answer != FL_ANSWER_PASS) {
        return answer;
    }
    fl_monitor_sort(s.tries, spare, s.tries_count, s.keys);
    fl_numbering_close(&s.clients, m);
    fl_monitor_drop(m, s.clients.values);
    fl_monitor_drop(m, s.held);
    fl_monitor_drop(m, spare);
    if (!fl_monitor_begin(m)) {
        return FL_ANSWER_NO_MEMORY;
    }
    place_sections(&s);
    return FL_ANSWER_PASS;
}
