/*
 * The stack, last in first out, with peeks; values distinct.
 *
 * A value is a bottom if each of its operations has a moment at which no other
 * value is certainly inside.  A history passes iff every value passes by
 * itself, every "empty" has a gap (content.h), and taking away bottoms, in any
 * order, leaves nothing (Lee and Mathur 2025; Abdulla and others 2025).
 *
 * Moments are cells: runs of gaps between which nothing certain begins or
 * ends.  A cell that no interval covers frees all operations that reach it; a
 * cell that one value alone covers frees the peeks of that value.  Each cell,
 * operation and value is handled once, in time log n.
 *
 * In the witness a value is laid out before those that were taken away after
 * it, and each of its operations separates them (regions.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/cover.h"
#include "checker/monitor/regions.h"
#include "checker/monitor/waiting.h"

#include <assert.h>
#include <inttypes.h>

enum {
    BLAME_MOST = 2000 /* values among which a pair is looked for */
};

/* From here on spans are cells, both included; and of a value, first_ret and
 * last_call are the cells from and before which it is certainly inside. */
struct pile {
    struct fl_monitor *m;
    const struct fl_content *c;
    uint32_t cells;
    uint32_t *chosen; /* the cell of each operation */
    uint32_t *left;   /* of each value, how many operations wait */
    uint32_t *order;  /* values as they are taken away */
    uint32_t order_count;
    struct fl_cover cover;
    struct fl_waiting all;
    struct fl_waiting peeks; /* value by value */
    uint32_t *peeks_begin;   /* where those of a value begin */
    uint32_t *owned;         /* the first cell that a value alone covers */
    uint32_t *owned_after;   /* by cell: the next of the same value */
};

/* Numbers the cells; turns gaps into cells everywhere. */
static bool make_cells(struct pile *p)
{
    struct fl_monitor *m = p->m;
    const struct fl_content *c = p->c;
    uint32_t *cell = fl_monitor_room(m, m->end + 2ul, sizeof(*cell));
    if (cell == NULL) {
        return false;
    }
    for (uint32_t k = 0; k < c->live_count; k++) {
        uint32_t from;
        uint32_t to;
        if (fl_content_certain(m, &c->held[c->live[k]], &from, &to)) {
            cell[from] = 1;
        }
        cell[to] = 1;
    }
    cell[m->end] = 1;
    for (uint32_t g = 1; g <= m->end; g++) {
        cell[g] += cell[g - 1];
    }
    p->cells = cell[m->end];
    for (uint32_t k = 0; k < c->live_count; k++) {
        struct fl_held *held = &c->held[c->live[k]];
        uint32_t from;
        uint32_t to;
        bool is_certain = fl_content_certain(m, held, &from, &to);
        held->last_call = cell[to];
        held->first_ret = is_certain ? cell[from] : cell[to];
    }
    for (uint32_t i = 0; i < m->count; i++) {
        struct fl_span *span = &m->spans[i];
        if (c->numbers[i] != FL_NOTHING) {
            span->call = cell[span->call];
            span->ret = cell[span->ret - 1];
        }
    }
    for (uint32_t k = 0; k < c->empties_count; k++) {
        c->empties[k].gap = cell[c->empties[k].gap];
    }
    fl_monitor_drop(m, cell);
    return true;
}

/* Lists the operations that wait, by first cell. */
static bool list_all(struct pile *p)
{
    struct fl_monitor *m = p->m;
    uint32_t *starts = fl_monitor_room(m, p->cells + 1ul, sizeof(*starts));
    p->all.ops = fl_monitor_room(m, m->count, sizeof(*p->all.ops));
    if (starts == NULL || p->all.ops == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        if (p->c->numbers[i] != FL_NOTHING) {
            starts[m->spans[i].call + 1]++;
            p->left[p->c->numbers[i]]++;
            p->all.count++;
        }
    }
    for (uint32_t cell = 0; cell < p->cells; cell++) {
        starts[cell + 1] += starts[cell];
    }
    for (uint32_t i = 0; i < m->count; i++) {
        if (p->c->numbers[i] != FL_NOTHING) {
            uint32_t *at = &starts[m->spans[i].call];
            p->all.ops[*at] = i;
            *at += 1;
        }
    }
    fl_monitor_drop(m, starts);
    return true;
}

/* Lists the peeks, value by value, each value's by first cell. */
static bool list_peeks(struct pile *p)
{
    struct fl_monitor *m = p->m;
    const struct fl_content *c = p->c;
    if (c->peeks == NULL) {
        return true;
    }
    uint32_t values = c->numbering.count;
    p->peeks.ops = fl_monitor_room(m, m->count, sizeof(*p->peeks.ops));
    p->peeks_begin = fl_monitor_room(m, values + 1ul, sizeof(*p->peeks_begin));
    if (p->peeks.ops == NULL || p->peeks_begin == NULL) {
        return false;
    }
    for (uint32_t v = 0; v < values; v++) {
        for (uint32_t i = c->peeks[v]; i != FL_NOTHING; i = c->peeks_after[i]) {
            p->peeks_begin[v + 1]++;
            p->peeks.count++;
        }
    }
    for (uint32_t v = 0; v < values; v++) {
        p->peeks_begin[v + 1] += p->peeks_begin[v];
    }
    for (uint32_t k = 0; k < p->all.count; k++) {
        uint32_t i = p->all.ops[k];
        uint32_t v = c->numbers[i];
        if (i != c->held[v].add && i != c->held[v].remove) {
            p->peeks.ops[p->peeks_begin[v]] = i;
            p->peeks_begin[v]++; /* now its end, the next one's beginning */
        }
    }
    for (uint32_t v = values; v > 0; v--) {
        p->peeks_begin[v] = p->peeks_begin[v - 1];
    }
    p->peeks_begin[0] = 0;
    return true;
}

static bool begin_pile(struct pile *p)
{
    struct fl_monitor *m = p->m;
    const struct fl_content *c = p->c;
    uint32_t values = c->numbering.count;
    if (!make_cells(p)) {
        return false;
    }
    p->chosen = fl_monitor_room(m, m->count, sizeof(*p->chosen));
    p->left = fl_monitor_room(m, values, sizeof(*p->left));
    p->order = fl_monitor_room(m, values, sizeof(*p->order));
    p->owned = fl_monitor_room(m, values, sizeof(*p->owned));
    p->owned_after = fl_monitor_room(m, p->cells, sizeof(*p->owned_after));
    if (p->chosen == NULL || p->left == NULL || p->order == NULL ||
        p->owned == NULL || p->owned_after == NULL || !list_all(p) ||
        !list_peeks(p) || !fl_cover_begin(&p->cover, m, p->cells)) {
        return false;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        p->chosen[i] = FL_NOTHING;
    }
    for (uint32_t v = 0; v < values; v++) {
        p->owned[v] = FL_NOTHING;
    }
    for (uint32_t k = 0; k < c->live_count; k++) {
        uint32_t v = c->live[k];
        const struct fl_held *held = &c->held[v];
        if (held->first_ret < held->last_call) {
            fl_cover_add(&p->cover, held->first_ret, held->last_call, v);
        }
    }
    fl_cover_build(&p->cover);
    p->all.cells = m->spans;
    p->all.chosen = p->chosen;
    p->peeks.cells = m->spans;
    p->peeks.chosen = p->chosen;
    return fl_waiting_begin(&p->all, m) && fl_waiting_begin(&p->peeks, m);
}

/* Operation `i` has its cell; the last one of a value makes it a bottom. */
static void choose(struct pile *p, uint32_t i, uint32_t cell)
{
    uint32_t v = p->c->numbers[i];
    assert(p->chosen[i] == FL_NOTHING);
    assert(p->m->spans[i].call <= cell && cell <= p->m->spans[i].ret);
    p->chosen[i] = cell;
    p->left[v]--;
    if (p->left[v] == 0) {
        p->order[p->order_count] = v;
        p->order_count++;
    }
}

/* No value is certainly inside in `cell` any more. */
static void free_cell(struct pile *p, uint32_t cell)
{
    uint32_t at = fl_waiting_find(&p->all, 0, cell);
    while (at < p->all.count && p->m->spans[p->all.ops[at]].call <= cell) {
        choose(p, p->all.ops[at], cell);
        fl_waiting_end(&p->all, at);
        at = fl_waiting_find(&p->all, at + 1, cell);
    }
}

/* Value `v` alone is certainly inside in `cell`. */
static void own_cell(struct pile *p, uint32_t cell, uint32_t v)
{
    assert(v < p->c->numbering.count);
    p->owned_after[cell] = p->owned[v];
    p->owned[v] = cell;
    if (p->c->peeks == NULL) {
        return;
    }
    uint32_t end = p->peeks_begin[v + 1];
    uint32_t at = fl_waiting_find(&p->peeks, p->peeks_begin[v], cell);
    while (at < end && p->m->spans[p->peeks.ops[at]].call <= cell) {
        choose(p, p->peeks.ops[at], cell);
        fl_waiting_end(&p->peeks, at);
        at = fl_waiting_find(&p->peeks, at + 1, cell);
    }
}

static void look_at_cells(struct pile *p)
{
    uint32_t v;
    uint32_t cell = fl_cover_next(&p->cover, &v);
    while (cell != FL_NOTHING) {
        if (v == FL_NOTHING) {
            free_cell(p, cell);
        } else {
            own_cell(p, cell, v);
        }
        cell = fl_cover_next(&p->cover, &v);
    }
}

/* Takes away bottoms as long as there are any. */
static void take_bottoms(struct pile *p)
{
    look_at_cells(p);
    for (uint32_t k = 0; k < p->order_count; k++) {
        uint32_t v = p->order[k];
        const struct fl_held *held = &p->c->held[v];
        if (held->first_ret >= held->last_call) {
            continue;
        }
        fl_cover_remove(&p->cover, held->first_ret, held->last_call, v);
        for (uint32_t cell = p->owned[v]; cell != FL_NOTHING;
             cell = p->owned_after[cell]) {
            free_cell(p, cell);
        }
        look_at_cells(p);
    }
    assert(p->order_count <= p->c->live_count);
}

/* Whether `a`, pushed before `b`, is popped before `b`, which is inside. */
static bool is_wrong_pair(const struct pile *p, uint32_t a, uint32_t b)
{
    const struct fl_held *low = &p->c->held[a];
    const struct fl_held *high = &p->c->held[b];
    if (a == b || low->remove == FL_NOTHING) {
        return false;
    }
    const struct fl_operation *push = fl_monitor_op(p->m, low->add);
    const struct fl_operation *pop = fl_monitor_op(p->m, low->remove);
    const struct fl_operation *above = fl_monitor_op(p->m, high->add);
    bool is_above = push->ret < above->call && above->ret < pop->call;
    return is_above && (high->remove == FL_NOTHING ||
                        pop->ret < fl_monitor_op(p->m, high->remove)->call);
}

static enum fl_answer blame_pair(struct pile *p, uint32_t a, uint32_t b)
{
    struct fl_monitor *m = p->m;
    const struct fl_held *low = &p->c->held[a];
    const struct fl_held *high = &p->c->held[b];
    const fl_value *values = p->c->numbering.values;
    fl_monitor_names(m, low->add);
    fl_monitor_names(m, high->add);
    fl_monitor_names(m, low->remove);
    fl_monitor_names(m, high->remove);
    return high->remove == FL_NOTHING
               ? fl_monitor_violates(m,
                                     "%" PRId64 " was popped from under "
                                     "%" PRId64
                                     ", pushed after it and never popped",
                                     values[a], values[b])
               : fl_monitor_violates(
                     m,
                     "%" PRId64 " was popped before %" PRId64
                     ", which was pushed after it and lay above it",
                     values[a], values[b]);
}

/* What is left when there is no bottom: a pair if there is one that says it
 * all, else how many and one of them. */
static enum fl_answer blame(struct pile *p)
{
    const struct fl_content *c = p->c;
    struct fl_monitor *m = p->m;
    uint32_t *rest = p->order;
    uint32_t count = 0;
    for (uint32_t k = 0; k < c->live_count; k++) {
        if (p->left[c->live[k]] > 0) {
            rest[count] = c->live[k];
            count++;
        }
    }
    assert(count > 0);
    uint32_t looked = fl_least(count, BLAME_MOST);
    for (uint32_t a = 0; a < looked; a++) {
        for (uint32_t b = 0; b < looked; b++) {
            if (is_wrong_pair(p, rest[a], rest[b])) {
                return blame_pair(p, rest[a], rest[b]);
            }
        }
    }
    for (uint32_t k = 0; k < count && k < 2; k++) {
        fl_monitor_names(m, c->held[rest[k]].add);
        fl_monitor_names(m, c->held[rest[k]].remove);
    }
    return fl_monitor_violates(
        m,
        "of %" PRIu32 " values, %" PRId64 " one of them, none can lie below "
        "the others: each is pushed, seen or popped while others are inside",
        count, c->numbering.values[rest[0]]);
}

/* A value's operations may have got their cells in any order: an earlier one
 * takes the cell of a later one that lies before its own. */
static void sort_cells(struct pile *p, uint32_t v)
{
    const struct fl_held *held = &p->c->held[v];
    uint32_t *chosen = p->chosen;
    uint32_t least =
        held->remove == FL_NOTHING ? p->cells : chosen[held->remove];
    uint32_t at = p->c->peeks == NULL ? 0 : p->peeks_begin[v + 1];
    uint32_t begin = p->c->peeks == NULL ? 0 : p->peeks_begin[v];
    for (; at > begin; at--) {
        uint32_t i = p->peeks.ops[at - 1];
        least = fl_least(least, chosen[i]);
        chosen[i] = least;
    }
    chosen[held->add] = fl_least(least, chosen[held->add]);
    assert(chosen[held->add] >= p->m->spans[held->add].call);
}

/* The operations of `v` by time: the add, peeks, the removal; FL_NOTHING. */
static uint32_t operation_of(const struct pile *p, uint32_t v, uint32_t number)
{
    if (number == 0) {
        return p->c->held[v].add;
    }
    uint32_t begin = p->c->peeks == NULL ? 0 : p->peeks_begin[v];
    uint32_t peeks = p->c->peeks == NULL ? 0 : p->peeks_begin[v + 1] - begin;
    if (number <= peeks) {
        return p->peeks.ops[begin + number - 1];
    }
    return number == peeks + 1 ? p->c->held[v].remove : FL_NOTHING;
}

static bool lay_out(struct pile *p)
{
    struct fl_regions regions;
    if (!fl_regions_begin(&regions, p->m, p->cells)) {
        return false;
    }
    for (uint32_t k = 0; k < p->c->empties_count; k++) {
        fl_regions_add(&regions, p->c->empties[k].gap);
    }
    for (uint32_t k = 0; k < p->order_count; k++) {
        uint32_t v = p->order[k];
        sort_cells(p, v);
        struct fl_region region =
            fl_regions_find(&regions, p->c->held[v].last_call);
        uint32_t i = operation_of(p, v, 0);
        for (uint32_t n = 1; i != FL_NOTHING; n++) {
            fl_regions_add(&regions, p->chosen[i]);
            p->chosen[i] = fl_region_clip(region, p->chosen[i]);
            i = operation_of(p, v, n);
        }
    }
    return true;
}

/* Places the operations of `v` that are, or are not, at or behind the cell in
 * which its removal is called. */
static void place_value(const struct pile *p, uint32_t v, bool behind)
{
    uint32_t i = operation_of(p, v, 0);
    for (uint32_t n = 1; i != FL_NOTHING; n++) {
        if ((p->chosen[i] >= p->c->held[v].last_call) == behind) {
            fl_monitor_place(p->m, i, p->chosen[i]);
        }
        i = operation_of(p, v, n);
    }
}

/* In one cell: values removed by then, the last laid out first; "empty";
 * values that come after it, the first laid out first. */
static bool place_values(const struct pile *p)
{
    if (!fl_monitor_begin(p->m)) {
        return false;
    }
    for (uint32_t k = p->order_count; k > 0; k--) {
        place_value(p, p->order[k - 1], true);
    }
    for (uint32_t k = 0; k < p->c->empties_count; k++) {
        fl_monitor_place(p->m, p->c->empties[k].op, p->c->empties[k].gap);
    }
    for (uint32_t k = 0; k < p->order_count; k++) {
        place_value(p, p->order[k], false);
    }
    assert(p->m->places_count <= p->m->count);
    return true;
}

enum fl_answer fl_monitor_stack(struct fl_monitor *m)
{
    struct fl_content c;
    enum fl_answer answer = fl_content_fill(&c, m);
    if (answer == FL_ANSWER_PASS) {
        answer = fl_content_empties(&c, m);
    }
    if (answer != FL_ANSWER_PASS) {
        return answer;
    }
    struct pile p = {.m = m, .c = &c};
    if (!begin_pile(&p)) {
        return FL_ANSWER_NO_MEMORY;
    }
    take_bottoms(&p);
    if (p.order_count < c.live_count) {
        (void)blame(&p);
        return fl_content_answer(&c);
    }
    fl_monitor_drop(m, p.all.ops);
    fl_monitor_drop(m, p.cover.counts);
    fl_monitor_drop(m, p.cover.names);
    fl_monitor_drop(m, p.owned_after);
    bool has_memory = lay_out(&p) && place_values(&p);
    return has_memory ? FL_ANSWER_PASS : FL_ANSWER_NO_MEMORY;
}
