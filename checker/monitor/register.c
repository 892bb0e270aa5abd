/*
 * The register, with compare-and-set; each value written once, and not the
 * initial one.
 *
 * Who gives and who takes each value is certain then.  An open write or
 * compare-and-set took effect iff somebody took its value; the others are left
 * out, since nobody misses them: a failed compare-and-set is of this class
 * only if it compared with a value that never was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/chain.h"

#include "checker/operations.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* What operations do, while they are sorted out. */
struct sorting {
    struct fl_monitor *m;
    struct fl_chains *c;
    uint32_t *wanted; /* numbers of values that somebody took, to look at */
    uint32_t wanted_count;
    bool *seen; /* by number: was wanted */
};

const char *fl_chain_value(const struct fl_monitor *m, fl_value value,
                           char *text, size_t max)
{
    static_assert((int)FL_REGISTER_READ == (int)FL_KV_GET, "both read first");
    if (value == FL_NONE &&
        m->h->model->types[FL_KV_GET].result == FL_KIND_STRING) {
        (void)snprintf(text, max, "\"\"");
        return text;
    }
    return fl_describe_result(m->h, FL_REGISTER_READ, value, text, max);
}

/* Numbers what is given.  The initial value counts. */
static enum fl_answer number_given(struct fl_chains *c, struct fl_monitor *m,
                                   fl_value initial,
                                   void (*tell)(const struct fl_monitor *m,
                                                const struct fl_operation *op,
                                                struct fl_values *about))
{
    (void)fl_numbering_add(&c->numbering, initial);
    c->giver[0] = FL_INITIAL;
    for (uint32_t i = 0; i < m->count; i++) {
        struct fl_values about;
        c->given[i] = FL_NOTHING;
        c->taken[i] = FL_NOTHING;
        fl_numbering_expect(
            &c->numbering, fl_monitor_ahead(m, i, FL_NUMBERING_AHEAD)->args[0]);
        tell(m, fl_monitor_op(m, i), &about);
        if (!about.gives) {
            continue;
        }
        uint32_t before = c->numbering.count;
        uint32_t v = fl_numbering_add(&c->numbering, about.given);
        if (v < before || about.given == FL_NONE) {
            return FL_ANSWER_NOT_MINE; /* written twice */
        }
        c->given[i] = v;
        c->giver[v] = i;
    }
    return FL_ANSWER_PASS;
}

static void want(struct sorting *s, uint32_t v)
{
    if (!s->seen[v]) {
        s->seen[v] = true;
        s->wanted[s->wanted_count] = v;
        s->wanted_count++;
    }
}

/* Returned operation `i` took `value`. */
static enum fl_answer take(struct sorting *s, uint32_t i, fl_value value)
{
    uint32_t v = fl_numbering_find(&s->c->numbering, value);
    if (v == FL_NOTHING) {
        char text[80];
        fl_monitor_names(s->m, i);
        return fl_monitor_violates(
            s->m, "%s was read but never written",
            fl_chain_value(s->m, value, text, sizeof(text)));
    }
    s->c->taken[i] = v;
    want(s, v);
    return FL_ANSWER_PASS;
}

static enum fl_answer note_takers(struct sorting *s,
                                  void (*tell)(const struct fl_monitor *m,
                                               const struct fl_operation *op,
                                               struct fl_values *about))
{
    struct fl_monitor *m = s->m;
    enum fl_answer answer = FL_ANSWER_PASS;
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        struct fl_values about;
        fl_numbering_expect(&s->c->numbering,
                            fl_monitor_ahead(m, i, FL_NUMBERING_AHEAD)->result);
        tell(m, op, &about);
        if (about.misses &&
            fl_numbering_find(&s->c->numbering, op->args[0]) != FL_NOTHING) {
            return FL_ANSWER_NOT_MINE;
        }
        if (!about.takes) {
            continue;
        }
        if (op->ret == FL_OPEN) { /* kept for those who are wanted */
            s->c->taken[i] = fl_numbering_find(&s->c->numbering, about.taken);
        } else if (answer == FL_ANSWER_PASS) {
            answer = take(s, i, about.taken);
        }
    }
    return answer;
}

/* Wants what open compare-and-sets took whose own value is wanted; leaves out
 * open operations that nobody wants. */
static enum fl_answer promote(struct sorting *s)
{
    struct fl_chains *c = s->c;
    struct fl_monitor *m = s->m;
    while (s->wanted_count > 0) {
        s->wanted_count--;
        uint32_t giver = c->giver[s->wanted[s->wanted_count]];
        if (giver == FL_INITIAL || !fl_monitor_open(m, giver) ||
            fl_monitor_op(m, giver)->fn != FL_REGISTER_CAS) {
            continue;
        }
        if (c->taken[giver] == FL_NOTHING) {
            fl_monitor_names(m, giver);
            return fl_monitor_violates(m, "a cas took effect, for its value "
                                          "was read, but what it compared "
                                          "with was never written");
        }
        want(s, c->taken[giver]);
    }
    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t v = c->given[i];
        if (v != FL_NOTHING && fl_monitor_open(m, i) && !s->seen[v]) {
            c->given[i] = FL_NOTHING;
            c->taken[i] = FL_NOTHING;
            c->giver[v] = FL_NOTHING;
        }
    }
    return FL_ANSWER_PASS;
}

/* Links each value to who replaced it, and sorts the reads by value. */
static enum fl_answer link_takers(struct fl_chains *c, struct fl_monitor *m)
{
    uint32_t *at = c->reads_begin;
    for (uint32_t v = 0; v < c->numbering.count; v++) {
        c->replacer[v] = FL_NOTHING;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t v = c->taken[i];
        c->musts += v != FL_NOTHING || c->given[i] != FL_NOTHING;
        if (v == FL_NOTHING || c->given[i] == FL_NOTHING) {
            at[v == FL_NOTHING ? c->numbering.count : v]++;
            continue;
        }
        if (c->replacer[v] != FL_NOTHING) {
            char text[80];
            fl_monitor_names(m, c->replacer[v]);
            fl_monitor_names(m, i);
            return fl_monitor_violates(
                m,
                "%s was written once, and replaced "
                "by two cas",
                fl_chain_value(m, c->numbering.values[v], text, sizeof(text)));
        }
        c->replacer[v] = i;
    }
    uint32_t sum = 0;
    for (uint32_t v = 0; v <= c->numbering.count; v++) {
        uint32_t count = at[v];
        at[v] = sum;
        sum += count;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        if (c->taken[i] != FL_NOTHING && c->given[i] == FL_NOTHING) {
            c->reads[at[c->taken[i]]] = i;
            at[c->taken[i]]++;
        }
    }
    for (uint32_t v = c->numbering.count; v > 0; v--) {
        at[v] = at[v - 1];
    }
    at[0] = 0;
    return FL_ANSWER_PASS;
}

static bool make_room(struct fl_chains *c, struct fl_monitor *m,
                      uint32_t values)
{
    c->given = fl_monitor_room(m, m->count, sizeof(*c->given));
    c->taken = fl_monitor_room(m, m->count, sizeof(*c->taken));
    c->giver = fl_monitor_room(m, values, sizeof(*c->giver));
    return fl_numbering_begin(&c->numbering, m, values) && c->given != NULL &&
           c->taken != NULL && c->giver != NULL;
}

/* An operation that answered that something was not so, of a value that never
 * was: it may stand anywhere. */
static void place_misses(struct fl_monitor *m, const struct fl_chains *c)
{
    for (uint32_t i = 0; i < m->count; i++) {
        if (!fl_monitor_open(m, i) && c->given[i] == FL_NOTHING &&
            c->taken[i] == FL_NOTHING) {
            fl_monitor_place(m, i, m->spans[i].call);
        }
    }
}

enum fl_answer fl_monitor_register_by(
    struct fl_monitor *m, fl_value initial,
    void (*tell)(const struct fl_monitor *m, const struct fl_operation *op,
                 struct fl_values *about))
{
    struct fl_chains c = {0};
    uint32_t values = 1;
    for (uint32_t i = 0; i < m->count; i++) {
        struct fl_values about;
        tell(m, fl_monitor_op(m, i), &about);
        values += about.gives;
    }
    struct sorting s = {.m = m, .c = &c};
    s.seen = fl_monitor_room(m, values, sizeof(*s.seen));
    s.wanted = fl_monitor_room(m, values, sizeof(*s.wanted));
    if (!make_room(&c, m, values) || s.seen == NULL || s.wanted == NULL) {
        return FL_ANSWER_NO_MEMORY;
    }
    enum fl_answer answer = number_given(&c, m, initial, tell);
    if (answer == FL_ANSWER_PASS) {
        answer = note_takers(&s, tell);
    }
    if (answer == FL_ANSWER_PASS) {
        answer = promote(&s);
    }
    if (answer != FL_ANSWER_PASS) {
        return answer;
    }
    assert(c.numbering.count == values);
    fl_numbering_close(&c.numbering, m);
    fl_monitor_drop(m, s.seen);
    fl_monitor_drop(m, s.wanted);
    c.replacer = fl_monitor_room(m, values, sizeof(*c.replacer));
    c.reads_begin = fl_monitor_room(m, values + 1ul, sizeof(*c.reads_begin));
    c.reads = fl_monitor_room(m, m->count, sizeof(*c.reads));
    if (c.replacer == NULL || c.reads_begin == NULL || c.reads == NULL) {
        return FL_ANSWER_NO_MEMORY;
    }
    answer = link_takers(&c, m);
    if (answer == FL_ANSWER_PASS) {
        answer = fl_chains_decide(&c, m);
    }
    if (answer == FL_ANSWER_PASS) {
        place_misses(m, &c);
    }
    return answer;
}

static void tell_register(const struct fl_monitor *m,
                          const struct fl_operation *op,
                          struct fl_values *about)
{
    m->h->model->values(op, about);
}

enum fl_answer fl_monitor_register(struct fl_monitor *m)
{
    assert(m->h->model->values != NULL);
    return fl_monitor_register_by(m, m->h->initial, tell_register);
}
