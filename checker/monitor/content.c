/*
 * Values of a container, one by one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/content.h"

#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>
#include <inttypes.h>

enum {
    ADD = FL_QUEUE_ENQUEUE, /* the tables of all containers agree */
    REMOVE = FL_QUEUE_DEQUEUE,
    PEEK = FL_QUEUE_PEEK
};

static void choose_words(struct fl_content *c, const struct fl_model *model)
{
    c->added = "enqueued";
    c->removed = "dequeued";
    if (model == &fl_model_of_stack) {
        c->added = "pushed";
        c->removed = "popped";
    } else if (model == &fl_model_of_priority_queue) {
        c->added = "inserted";
        c->removed = "taken";
    }
}

static bool make_room(struct fl_content *c, struct fl_monitor *m, uint32_t adds)
{
    c->numbers = fl_monitor_room(m, m->count, sizeof(*c->numbers));
    c->held = fl_monitor_room(m, adds, sizeof(*c->held));
    return fl_numbering_begin(&c->numbering, m, adds) && c->numbers != NULL &&
           c->held != NULL;
}

/* Numbers the values by their adds. */
static enum fl_answer number_adds(struct fl_content *c, struct fl_monitor *m)
{
    uint32_t adds = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        adds += fl_monitor_op(m, i)->fn == ADD;
    }
    if (!make_room(c, m, adds)) {
        return FL_ANSWER_NO_MEMORY;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        fl_numbering_expect(
            &c->numbering, fl_monitor_ahead(m, i, FL_NUMBERING_AHEAD)->args[0]);
        c->numbers[i] = FL_NOTHING;
        if (op->fn != ADD) {
            continue;
        }
        uint32_t before = c->numbering.count;
        uint32_t v = fl_numbering_add(&c->numbering, op->args[0]);
        if (v < before || op->args[0] == FL_NONE) {
            return FL_ANSWER_NOT_MINE; /* added twice */
        }
        c->numbers[i] = v;
        c->held[v] = (struct fl_held){i, FL_NOTHING, m->end + 1, 0};
    }
    assert(c->numbering.count == adds);
    return FL_ANSWER_PASS;
}

static bool link_peek(struct fl_content *c, struct fl_monitor *m, uint32_t i)
{
    if (c->peeks == NULL) {
        c->peeks = fl_monitor_room(m, c->numbering.count, sizeof(*c->peeks));
        c->peeks_after = fl_monitor_room(m, m->count, sizeof(*c->peeks_after));
        if (c->peeks == NULL || c->peeks_after == NULL) {
            return false;
        }
        for (uint32_t v = 0; v < c->numbering.count; v++) {
            c->peeks[v] = FL_NOTHING;
        }
    }
    uint32_t v = c->numbers[i];
    assert(v < c->numbering.count);
    c->peeks_after[i] = c->peeks[v];
    c->peeks[v] = i;
    return true;
}

/* A removal or a peek that answered a value. */
static enum fl_answer note_taker(struct fl_content *c, struct fl_monitor *m,
                                 uint32_t i)
{
    const struct fl_operation *op = fl_monitor_op(m, i);
    uint32_t v = fl_numbering_find(&c->numbering, op->result);
    if (v == FL_NOTHING) {
        fl_monitor_names(m, i);
        return fl_monitor_violates(
            m, "%" PRId64 " was %s but never %s", op->result,
            op->fn == REMOVE ? c->removed : "seen", c->added);
    }
    struct fl_held *held = &c->held[v];
    c->numbers[i] = v;
    held->first_ret = fl_least(held->first_ret, m->spans[i].ret);
    held->last_call = fl_most(held->last_call, m->spans[i].call);
    if (op->fn == PEEK) {
        return link_peek(c, m, i) ? FL_ANSWER_PASS : FL_ANSWER_NO_MEMORY;
    }
    if (held->remove != FL_NOTHING) {
        fl_monitor_names(m, held->add);
        fl_monitor_names(m, held->remove);
        fl_monitor_names(m, i);
        return fl_monitor_violates(m, "%" PRId64 " was %s twice, %s once",
                                   op->result, c->removed, c->added);
    }
    held->remove = i;
    return FL_ANSWER_PASS;
}

static enum fl_answer note_takers(struct fl_content *c, struct fl_monitor *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        fl_numbering_expect(&c->numbering,
                            fl_monitor_ahead(m, i, FL_NUMBERING_AHEAD)->result);
        if (op->fn == ADD) {
            continue;
        }
        assert(op->fn == REMOVE || op->fn == PEEK);
        if (op->ret == FL_OPEN) {
            c->open_removes = c->open_removes || op->fn == REMOVE;
            continue;
        }
        if (op->result == FL_NONE) {
            c->empties_count++;
            continue;
        }
        enum fl_answer answer = note_taker(c, m, i);
        if (answer != FL_ANSWER_PASS) {
            return answer;
        }
    }
    return FL_ANSWER_PASS;
}

/* Says that `taker` cannot have met value `v`, for it came too early or, with
 * `late`, only after the removal. */
static enum fl_answer blame_taker(const struct fl_content *c,
                                  struct fl_monitor *m, uint32_t v,
                                  uint32_t taker, bool late)
{
    const struct fl_held *held = &c->held[v];
    bool is_removal = taker == held->remove;
    fl_monitor_names(m, late ? held->remove : held->add);
    fl_monitor_names(m, taker);
    return fl_monitor_violates(
        m, "%" PRId64 " was %s %s it was %s", c->numbering.values[v],
        is_removal ? c->removed : "seen", late ? "after" : "before",
        late ? c->removed : c->added);
}

/* Tightens the peeks of value `v`. */
static enum fl_answer tighten_peeks(const struct fl_content *c,
                                    struct fl_monitor *m, uint32_t v)
{
    const struct fl_held *held = &c->held[v];
    uint32_t add_call = m->spans[held->add].call;
    uint32_t i = c->peeks == NULL ? FL_NOTHING : c->peeks[v];
    while (i != FL_NOTHING) {
        struct fl_span *span = &m->spans[i];
        if (span->ret <= add_call) {
            return blame_taker(c, m, v, i, false);
        }
        span->call = fl_most(span->call, add_call);
        if (held->remove != FL_NOTHING) {
            uint32_t remove_ret = m->spans[held->remove].ret;
            if (span->call >= remove_ret) {
                return blame_taker(c, m, v, i, true);
            }
            span->ret = fl_least(span->ret, remove_ret);
        }
        i = c->peeks_after[i];
    }
    return FL_ANSWER_PASS;
}

static enum fl_answer tighten_value(const struct fl_content *c,
                                    struct fl_monitor *m, uint32_t v)
{
    struct fl_held *held = &c->held[v];
    struct fl_span *add = &m->spans[held->add];
    if (held->remove != FL_NOTHING && m->spans[held->remove].ret <= add->call) {
        return blame_taker(c, m, v, held->remove, false);
    }
    enum fl_answer answer = tighten_peeks(c, m, v);
    if (answer != FL_ANSWER_PASS) {
        return answer;
    }
    add->ret = fl_least(add->ret, held->first_ret);
    assert(add->call < add->ret);
    if (held->remove == FL_NOTHING) {
        held->last_call = m->end;
        return FL_ANSWER_PASS;
    }
    held->last_call = fl_most(held->last_call, add->call);
    struct fl_span *remove = &m->spans[held->remove];
    remove->call = held->last_call;
    assert(remove->call < remove->ret);
    return FL_ANSWER_PASS;
}

enum fl_answer fl_content_fill(struct fl_content *content, struct fl_monitor *m)
{
    *content = (struct fl_content){0};
    choose_words(content, m->h->model);
    enum fl_answer answer = number_adds(content, m);
    if (answer == FL_ANSWER_PASS) {
        answer = note_takers(content, m);
    }
    if (answer != FL_ANSWER_PASS) {
        return answer;
    }
    fl_numbering_close(&content->numbering, m);
    uint32_t count = content->numbering.count;
    content->live = fl_monitor_room(m, count, sizeof(*content->live));
    if (content->live == NULL) {
        return FL_ANSWER_NO_MEMORY;
    }
    for (uint32_t v = 0; v < count; v++) {
        struct fl_held *held = &content->held[v];
        if (fl_monitor_open(m, held->add) && held->first_ret > m->end) {
            content->numbers[held->add] = FL_NOTHING;
            held->add = FL_NOTHING; /* it may never have taken effect */
            continue;
        }
        answer = tighten_value(content, m, v);
        if (answer != FL_ANSWER_PASS) {
            return answer;
        }
        content->live[content->live_count] = v;
        content->live_count++;
    }
    return FL_ANSWER_PASS;
}

/* For each gap the next one, from it on, that no certain interval covers. */
static uint32_t *find_uncovered(const struct fl_content *c,
                                struct fl_monitor *m)
{
    uint32_t *gaps = fl_monitor_room(m, m->end + 2ul, sizeof(*gaps));
    if (gaps == NULL) {
        return NULL;
    }
    for (uint32_t k = 0; k < c->live_count; k++) {
        uint32_t from;
        uint32_t to;
        if (fl_content_certain(m, &c->held[c->live[k]], &from, &to)) {
            gaps[from]++; /* differences, which wrap around */
            gaps[to]--;
        }
    }
    for (uint32_t g = 0; g <= m->end; g++) {
        gaps[g + 1] += gaps[g];
    }
    assert(gaps[m->end] == 0);
    uint32_t next = m->end;
    for (uint32_t g = m->end + 1; g > 0; g--) {
        next = gaps[g - 1] == 0 ? g - 1 : next;
        gaps[g - 1] = next;
    }
    return gaps;
}

/* Names the values that cover the whole interval of the empty answer `i`, as
 * far as a pattern reaches. */
static enum fl_answer blame_empty(const struct fl_content *c,
                                  struct fl_monitor *m, uint32_t i)
{
    uint32_t gap = m->spans[i].call;
    uint32_t steps = 0;
    fl_value first = 0;
    fl_monitor_names(m, i);
    while (gap < m->spans[i].ret) {
        uint32_t best = gap;
        uint32_t chosen = FL_NOTHING;
        for (uint32_t k = 0; k < c->live_count; k++) {
            uint32_t from;
            uint32_t to;
            if (fl_content_certain(m, &c->held[c->live[k]], &from, &to) &&
                from <= gap && to > best) {
                best = to;
                chosen = c->live[k];
            }
        }
        assert(chosen != FL_NOTHING);
        if (steps < 3) {
            fl_monitor_names(m, c->held[chosen].add);
        }
        first = steps == 0 ? c->numbering.values[chosen] : first;
        steps++;
        gap = steps < 3 ? best : m->spans[i].ret;
    }
    char call[40];
    (void)fl_describe_call(m->h, fl_monitor_op(m, i), call, sizeof(call));
    return steps == 1
               ? fl_monitor_violates(m,
                                     "%s answered empty while %" PRId64
                                     " was inside all the time",
                                     call, first)
               : fl_monitor_violates(m,
                                     "%s answered empty while there always "
                                     "was a value inside, %" PRId64 " first",
                                     call, first);
}

enum fl_answer fl_content_empties(struct fl_content *c, struct fl_monitor *m)
{
    if (c->empties_count == 0) {
        return FL_ANSWER_PASS;
    }
    c->empties = fl_monitor_room(m, c->empties_count, sizeof(*c->empties));
    uint32_t *uncovered = find_uncovered(c, m);
    if (c->empties == NULL || uncovered == NULL) {
        return FL_ANSWER_NO_MEMORY;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        if (op->fn == ADD || op->ret == FL_OPEN || op->result != FL_NONE) {
            continue;
        }
        uint32_t gap = uncovered[m->spans[i].call];
        if (gap >= m->spans[i].ret) {
            (void)blame_empty(c, m, i);
            return fl_content_answer(c);
        }
        c->empties[count] = (struct fl_place){gap, i};
        count++;
    }
    assert(count == c->empties_count);
    fl_monitor_drop(m, uncovered);
    return FL_ANSWER_PASS;
}
