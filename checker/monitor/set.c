/*
 * The set, where each element is inserted with success at most once, and
 * removed with success at most once.
 *
 * An insert that changed nothing found its element, a removal that changed
 * nothing did not.  Let the insert be as late and the removal as early as
 * those who found the element allow.  A history passes iff, for each element,
 * both are possible, and nobody missed it wholly between the two.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/values.h"

#include "checker/operations.h"

#include <assert.h>
#include <inttypes.h>

struct element {
    uint32_t insert; /* with success, or open and noticed; FL_NOTHING */
    uint32_t remove; /* with success; FL_NOTHING */
    uint32_t spare;  /* an open insert; FL_NOTHING */
    uint32_t in;     /* least return of those who found it; later the gap of
                      * the insert */
    uint32_t out;    /* greatest call of those; later the gap of the removal */
    bool found;
    bool unsure; /* an open operation that is left out may matter */
};

struct elements {
    struct fl_monitor *m;
    struct fl_numbering numbering;
    struct element *list; /* by number */
    uint32_t *numbers;    /* of each operation's element */
    uint8_t *roles;       /* enum role, of each operation */
};

/* In the order in which they stand in the witness where nothing else says. */
enum role {
    MISSES_BEFORE, /* its element was not yet inserted */
    INSERTS,
    FINDS,
    REMOVES,
    MISSES,
    OPEN
};

enum {
    ROLES = OPEN
};

static enum role role_of(const struct fl_operation *op)
{
    if (op->ret == FL_OPEN) {
        return OPEN;
    }
    if (op->fn == FL_SET_INSERT) {
        return op->result != 0 ? INSERTS : FINDS;
    }
    if (op->fn == FL_SET_REMOVE) {
        return op->result != 0 ? REMOVES : MISSES;
    }
    return op->result != 0 ? FINDS : MISSES;
}

/* Notes an operation; false if its element is not of this class. */
static bool note(struct elements *s, uint32_t i)
{
    const struct fl_operation *op = fl_monitor_op(s->m, i);
    const struct fl_span *span = &s->m->spans[i];
    struct element *e = &s->list[s->numbers[i]];
    s->roles[i] = (uint8_t)role_of(op);
    switch ((enum role)s->roles[i]) {
    case INSERTS:
        if (e->insert != FL_NOTHING) {
            return false;
        }
        e->insert = i;
        break;
    case REMOVES:
        if (e->remove != FL_NOTHING) {
            return false;
        }
        e->remove = i;
        break;
    case FINDS:
        e->found = true;
        e->in = fl_least(e->in, span->ret);
        e->out = fl_most(e->out, span->call);
        break;
    case MISSES_BEFORE:
    case MISSES:
        break;
    case OPEN:
        if (op->fn == FL_SET_INSERT && e->spare == FL_NOTHING) {
            e->spare = i;
        } else if (op->fn != FL_SET_CONTAINS) {
            e->unsure = true;
        }
        break;
    }
    return true;
}

static enum fl_answer blame(const struct elements *s, uint32_t v,
                            const char *what, uint32_t op)
{
    struct fl_monitor *m = s->m;
    const struct element *e = &s->list[v];
    if (e->unsure) {
        return FL_ANSWER_NOT_MINE;
    }
    fl_monitor_names(m, op);
    fl_monitor_names(m, e->insert);
    fl_monitor_names(m, e->remove);
    return fl_monitor_violates(m, "%" PRId64 " was %s", s->numbering.values[v],
                               what);
}

/* Someone who found element `v` and returned first, or was called last. */
static uint32_t find_finder(const struct elements *s, uint32_t v, bool first)
{
    const struct fl_span *spans = s->m->spans;
    uint32_t best = FL_NOTHING;
    for (uint32_t i = 0; i < s->m->count; i++) {
        if (s->numbers[i] != v || s->roles[i] != FINDS) {
            continue;
        }
        bool is_better =
            best == FL_NOTHING || (first ? spans[i].ret < spans[best].ret
                                         : spans[i].call > spans[best].call);
        best = is_better ? i : best;
    }
    return best;
}

/* Element `v` was never inserted: nobody may have met it. */
static enum fl_answer settle_absent(struct elements *s, uint32_t v)
{
    struct element *e = &s->list[v];
    assert(e->insert == FL_NOTHING);
    bool found = e->found;
    e->in = s->m->end;
    e->out = s->m->end;
    if (found) {
        return blame(s, v, "found but never inserted", find_finder(s, v, true));
    }
    if (e->remove != FL_NOTHING) {
        return blame(s, v, "removed but never inserted", e->remove);
    }
    return FL_ANSWER_PASS;
}

/* Finds the gaps of the insert and the removal of element `v`. */
static enum fl_answer settle(struct elements *s, uint32_t v)
{
    struct fl_monitor *m = s->m;
    struct element *e = &s->list[v];
    bool is_needed = e->found || e->remove != FL_NOTHING;
    if (e->insert == FL_NOTHING && is_needed) {
        if (e->unsure && e->spare != FL_NOTHING) {
            return FL_ANSWER_NOT_MINE; /* perhaps another open insert */
        }
        e->insert = e->spare;
    } else if (e->spare != FL_NOTHING && e->insert != FL_NOTHING) {
        e->unsure = true;
    }
    if (e->insert == FL_NOTHING) {
        return settle_absent(s, v);
    }
    struct fl_span insert = m->spans[e->insert];
    struct fl_span remove = {m->end, m->end + 1};
    if (e->remove != FL_NOTHING) {
        remove = m->spans[e->remove];
    }
    if (e->found && e->in <= insert.call) {
        return blame(s, v, "found before it was inserted",
                     find_finder(s, v, true));
    }
    if (remove.ret <= insert.call) {
        return blame(s, v, "removed before it was inserted", e->remove);
    }
    if (e->found && e->out >= remove.ret) {
        return blame(s, v, "found after it was removed",
                     find_finder(s, v, false));
    }
    uint32_t last = e->found ? fl_most(e->out, insert.call) : insert.call;
    e->out = fl_most(last, remove.call);
    e->in = fl_least(fl_least(insert.ret, e->in), remove.ret) - 1;
    e->in = fl_least(e->in, e->out);
    assert(e->in >= insert.call);
    assert(e->out < remove.ret);
    return FL_ANSWER_PASS;
}

/* The gap in which operation `i` is placed. */
static uint32_t gap_of(const struct elements *s, uint32_t i)
{
    const struct element *e = &s->list[s->numbers[i]];
    uint32_t call = s->m->spans[i].call;
    switch ((enum role)s->roles[i]) {
    case INSERTS:
        return e->in;
    case FINDS:
        return fl_most(call, e->in);
    case REMOVES:
    case MISSES:
        return fl_most(call, e->out);
    case MISSES_BEFORE:
    case OPEN:
        break;
    }
    return call;
}

/* Tells those who missed an element before it was there from those after, and
 * finds those who missed it while it was. */
static enum fl_answer test_misses(const struct elements *s)
{
    const struct fl_monitor *m = s->m;
    for (uint32_t i = 0; i < m->count; i++) {
        const struct element *e = &s->list[s->numbers[i]];
        if (s->roles[i] == OPEN && i == e->insert) {
            s->roles[i] = INSERTS;
        }
        if (s->roles[i] != MISSES) {
            continue;
        }
        if (m->spans[i].call <= e->in) {
            s->roles[i] = MISSES_BEFORE;
        } else if (m->spans[i].ret <= e->out) {
            return blame(s, s->numbers[i], "missed while it was in the set", i);
        }
    }
    return FL_ANSWER_PASS;
}

/* Places all, role by role, each in the order of the operations. */
static void place_all(const struct elements *s)
{
    struct fl_monitor *m = s->m;
    uint32_t starts[ROLES + 1] = {0};
    for (uint32_t i = 0; i < m->count; i++) {
        if (s->roles[i] != OPEN) {
            starts[s->roles[i] + 1]++;
        }
    }
    for (uint32_t role = 0; role < ROLES; role++) {
        starts[role + 1] += starts[role];
    }
    m->places_count = starts[ROLES];
    for (uint32_t i = 0; i < m->count; i++) {
        if (s->roles[i] == OPEN) {
            continue;
        }
        uint32_t gap = gap_of(s, i);
        assert(gap < m->spans[i].ret);
        m->places[starts[s->roles[i]]] = (struct fl_place){.gap = gap, .op = i};
        starts[s->roles[i]]++;
    }
}

static bool number_elements(struct elements *s)
{
    struct fl_monitor *m = s->m;
    s->numbers = fl_monitor_room(m, m->count, sizeof(*s->numbers));
    if (s->numbers == NULL || !fl_numbering_begin(&s->numbering, m, m->count)) {
        return false;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        fl_numbering_expect(
            &s->numbering, fl_monitor_ahead(m, i, FL_NUMBERING_AHEAD)->args[0]);
        s->numbers[i] =
            fl_numbering_add(&s->numbering, fl_monitor_op(m, i)->args[0]);
    }
    fl_numbering_close(&s->numbering, m);
    s->list = fl_monitor_room(m, s->numbering.count, sizeof(*s->list));
    s->roles = fl_monitor_room(m, m->count, sizeof(*s->roles));
    for (uint32_t v = 0; v < s->numbering.count && s->list != NULL; v++) {
        s->list[v] = (struct element){
            FL_NOTHING, FL_NOTHING, FL_NOTHING, m->end + 1, 0, false, false};
    }
    return s->list != NULL && s->roles != NULL;
}

enum fl_answer fl_monitor_set(struct fl_monitor *m)
{
    struct elements s = {.m = m};
    if (!number_elements(&s)) {
        return FL_ANSWER_NO_MEMORY;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        if (!note(&s, i)) {
            return FL_ANSWER_NOT_MINE;
        }
    }
    for (uint32_t v = 0; v < s.numbering.count; v++) {
        enum fl_answer answer = settle(&s, v);
        if (answer != FL_ANSWER_PASS) {
            return answer;
        }
    }
    enum fl_answer answer = test_misses(&s);
    if (answer != FL_ANSWER_PASS) {
        return answer;
    }
    fl_monitor_drop(m, s.numbering.values);
    if (!fl_monitor_begin(m)) {
        return FL_ANSWER_NO_MEMORY;
    }
    place_all(&s);
    return FL_ANSWER_PASS;
}
