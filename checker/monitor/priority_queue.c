/*
 * The priority queue, the greatest value first, with peeks; values distinct.
 *
 * A history passes iff every value passes by itself, every "empty" has a gap
 * (content.h), and each removal or peek of `v` has a gap in which no greater
 * value is certainly inside.
 *
 * From the greatest value down, the gaps that are covered only become more;
 * each search for an uncovered one shortens the way of the next.  The witness
 * is laid out from the least value up: its removal and peeks separate all that
 * is greater (regions.h); its add need not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/regions.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

struct ranking {
    struct fl_monitor *m;
    const struct fl_content *c;
    uint32_t *sorted; /* numbers of values, the least first */
    uint32_t *next;   /* for each gap, towards the next uncovered one */
    uint32_t *gaps;   /* for each operation, where it may take effect */
};

struct keyed {
    fl_value value;
    uint32_t number;
};

static int compare_keyed(const void *left, const void *right)
{
    const struct keyed *a = left;
    const struct keyed *b = right;
    return a->value < b->value ? -1 : a->value > b->value;
}

static bool sort_values(struct ranking *r)
{
    const struct fl_content *c = r->c;
    struct keyed *keyed = fl_monitor_room(r->m, c->live_count, sizeof(*keyed));
    if (keyed == NULL) {
        return false;
    }
    for (uint32_t k = 0; k < c->live_count; k++) {
        keyed[k] = (struct keyed){c->numbering.values[c->live[k]], c->live[k]};
    }
    qsort(keyed, c->live_count, sizeof(*keyed), compare_keyed);
    r->sorted = c->live;
    for (uint32_t k = 0; k < c->live_count; k++) {
        assert(k == 0 || keyed[k - 1].value < keyed[k].value);
        r->sorted[k] = keyed[k].number;
    }
    fl_monitor_drop(r->m, keyed);
    return true;
}

/* The first uncovered gap from `gap` on; shortens the way there. */
static uint32_t find_uncovered(struct ranking *r, uint32_t gap)
{
    while (r->next[gap] != gap) {
        r->next[gap] = r->next[r->next[gap]];
        gap = r->next[gap];
    }
    return gap;
}

/* Finds a gap for removal or peek `i`. */
static bool find_gap(struct ranking *r, uint32_t i)
{
    const struct fl_span *span = &r->m->spans[i];
    r->gaps[i] = find_uncovered(r, span->call);
    assert(r->gaps[i] >= span->call);
    return r->gaps[i] < span->ret;
}

static void cover(struct ranking *r, uint32_t from, uint32_t to)
{
    uint32_t gap = find_uncovered(r, from);
    while (gap < to) {
        r->next[gap] = gap + 1;
        gap = find_uncovered(r, gap + 1);
    }
}

/* Operation `i` met value `v`, though greater ones were inside throughout. */
static enum fl_answer blame(const struct ranking *r, uint32_t v, uint32_t i)
{
    struct fl_monitor *m = r->m;
    const struct fl_content *c = r->c;
    const struct fl_span *span = &m->spans[i];
    const fl_value *values = c->numbering.values;
    const char *done = i == c->held[v].remove ? "taken" : "in front";
    uint32_t found = FL_NOTHING;
    bool whole = false;
    for (uint32_t k = c->live_count; k > 0 && !whole; k--) {
        uint32_t u = r->sorted[k - 1];
        uint32_t from;
        uint32_t to;
        if (values[u] > values[v] &&
            fl_content_certain(m, &c->held[u], &from, &to) &&
            from <= span->call && span->call < to) {
            found = u;
            whole = to >= span->ret;
        }
    }
    assert(found != FL_NOTHING);
    fl_monitor_names(m, i);
    fl_monitor_names(m, c->held[found].add);
    fl_monitor_names(m, c->held[found].remove);
    return fl_monitor_violates(m,
                               whole ? "%" PRId64 " was %s while %" PRId64
                                       ", which is greater, was inside"
                                     : "%" PRId64 " was %s while there always "
                                       "was a greater value inside, %" PRId64
                                       " first",
                               values[v], done, values[found]);
}

/* Finds a gap for every removal and peek. */
static enum fl_answer find_gaps(struct ranking *r)
{
    const struct fl_content *c = r->c;
    struct fl_monitor *m = r->m;
    for (uint32_t k = c->live_count; k > 0; k--) {
        uint32_t v = r->sorted[k - 1];
        const struct fl_held *held = &c->held[v];
        uint32_t i = c->peeks == NULL ? FL_NOTHING : c->peeks[v];
        for (; i != FL_NOTHING; i = c->peeks_after[i]) {
            if (!find_gap(r, i)) {
                (void)blame(r, v, i);
                return fl_content_answer(c);
            }
        }
        if (held->remove != FL_NOTHING && !find_gap(r, held->remove)) {
            (void)blame(r, v, held->remove);
            return fl_content_answer(c);
        }
        uint32_t from;
        uint32_t to;
        if (fl_content_certain(m, held, &from, &to)) {
            cover(r, from, to);
        }
    }
    return FL_ANSWER_PASS;
}

/* The gap of each add: not after anyone who met the value. */
static void find_adds(struct ranking *r)
{
    const struct fl_content *c = r->c;
    for (uint32_t k = 0; k < c->live_count; k++) {
        uint32_t v = r->sorted[k];
        const struct fl_held *held = &c->held[v];
        uint32_t gap = r->m->spans[held->add].ret - 1;
        uint32_t i = c->peeks == NULL ? FL_NOTHING : c->peeks[v];
        for (; i != FL_NOTHING; i = c->peeks_after[i]) {
            gap = fl_least(gap, r->gaps[i]);
        }
        if (held->remove != FL_NOTHING) {
            gap = fl_least(gap, r->gaps[held->remove]);
        }
        assert(gap >= r->m->spans[held->add].call);
        r->gaps[held->add] = gap;
    }
}

/* Moves every operation into its value's region. */
static bool lay_out(struct ranking *r)
{
    const struct fl_content *c = r->c;
    struct fl_regions regions;
    if (!fl_regions_begin(&regions, r->m, r->m->end)) {
        return false;
    }
    for (uint32_t k = 0; k < c->empties_count; k++) {
        fl_regions_add(&regions, c->empties[k].gap);
    }
    for (uint32_t k = 0; k < c->live_count; k++) {
        uint32_t v = r->sorted[k];
        const struct fl_held *held = &c->held[v];
        struct fl_region region = fl_regions_find(&regions, held->last_call);
        r->gaps[held->add] = fl_region_clip(region, r->gaps[held->add]);
        uint32_t i = c->peeks == NULL ? FL_NOTHING : c->peeks[v];
        for (; i != FL_NOTHING; i = c->peeks_after[i]) {
            fl_regions_add(&regions, r->gaps[i]);
            r->gaps[i] = fl_region_clip(region, r->gaps[i]);
        }
        if (held->remove != FL_NOTHING) {
            fl_regions_add(&regions, r->gaps[held->remove]);
            r->gaps[held->remove] =
                fl_region_clip(region, r->gaps[held->remove]);
        }
    }
    return true;
}

/* Places the operations of `v` whose gap is, or is not, behind the call of its
 * removal. */
static void place_value(const struct ranking *r, uint32_t v, bool behind)
{
    const struct fl_content *c = r->c;
    const struct fl_held *held = &c->held[v];
    const uint32_t *gaps = r->gaps;
    if ((gaps[held->add] >= held->last_call) == behind) {
        fl_monitor_place(r->m, held->add, gaps[held->add]);
    }
    uint32_t i = c->peeks == NULL ? FL_NOTHING : c->peeks[v];
    for (; i != FL_NOTHING; i = c->peeks_after[i]) {
        if ((gaps[i] >= held->last_call) == behind) {
            fl_monitor_place(r->m, i, gaps[i]);
        }
    }
    if (held->remove != FL_NOTHING &&
        (gaps[held->remove] >= held->last_call) == behind) {
        fl_monitor_place(r->m, held->remove, gaps[held->remove]);
    }
}

/* In one gap: values removed by then, the greatest first; "empty"; values that
 * come after it, the least first. */
static bool place_values(const struct ranking *r)
{
    const struct fl_content *c = r->c;
    if (!fl_monitor_begin(r->m)) {
        return false;
    }
    for (uint32_t k = c->live_count; k > 0; k--) {
        place_value(r, r->sorted[k - 1], true);
    }
    for (uint32_t k = 0; k < c->empties_count; k++) {
        fl_monitor_place(r->m, c->empties[k].op, c->empties[k].gap);
    }
    for (uint32_t k = 0; k < c->live_count; k++) {
        place_value(r, r->sorted[k], false);
    }
    assert(r->m->places_count <= r->m->count);
    return true;
}

enum fl_answer fl_monitor_priority_queue(struct fl_monitor *m)
{
    struct fl_content c;
    enum fl_answer answer = fl_content_fill(&c, m);
    if (answer == FL_ANSWER_PASS) {
        answer = fl_content_empties(&c, m);
    }
    if (answer != FL_ANSWER_PASS) {
        return answer;
    }
    fl_monitor_drop(m, c.numbers);
    struct ranking r = {.m = m, .c = &c};
    r.next = fl_monitor_room(m, m->end + 2ul, sizeof(*r.next));
    r.gaps = fl_monitor_room(m, m->count, sizeof(*r.gaps));
    if (r.next == NULL || r.gaps == NULL || !sort_values(&r)) {
        return FL_ANSWER_NO_MEMORY;
    }
    for (uint32_t g = 0; g < m->end + 2; g++) {
        r.next[g] = g;
    }
    answer = find_gaps(&r);
    if (answer != FL_ANSWER_PASS) {
        return answer;
    }
    fl_monitor_drop(m, r.next);
    find_adds(&r);
    bool has_memory = lay_out(&r) && place_values(&r);
    return has_memory ? FL_ANSWER_PASS : FL_ANSWER_NO_MEMORY;
}
