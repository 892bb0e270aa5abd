/*
 * The queue, first in first out, with peeks; values distinct.
 *
 * Let m and M be the least return and the greatest call of those who saw or
 * removed a value.  Value `a` must come before `b`
 *
 *     in time   if add(a) returned before add(b) was called, or
 *     in front  if m(a) < M(b): someone met `a` before someone else met `b`.
 *
 * A history passes iff every value passes by itself, every "empty" has a gap
 * (content.h), and no two values must come before each other; for a longer
 * cycle contains one of two (Henzinger, Sezgin and Vafeiadis 2013, and with
 * peeks the zones of Gibbons and Korach 1997).
 *
 * The order of a witness is found by taking away, again and again, a value
 * that none of the rest must come before; of several the one with the least M,
 * for then all values that are gone before an uncovered gap precede all that
 * come after it.  Adds are then placed as late, removals as early as that
 * order allows:
 *
 *     add     at the least return among the adds from here on, in the order
 *     remove  at the greatest M up to here
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/content.h"

#include "checker/operations.h"

#include <assert.h>
#include <inttypes.h>

/* The values that are still to be ordered, in four orders. */
struct line {
    struct fl_monitor *m;
    const struct fl_content *c;
    uint32_t *by_add_ret;
    uint32_t *by_first_ret;
    uint32_t *by_last_call; /* by_add_call is the order of the numbers */
    uint32_t add_ret_at;    /* the first that is not taken */
    uint32_t first_ret_at;
    uint32_t last_call_at; /* the first that is not in front */
    uint32_t add_call_at;
    uint8_t *state;  /* by number: READY_... and TAKEN */
    uint32_t *heap;  /* of ranks by last call: free to be taken */
    uint32_t *ranks; /* by number */
    uint32_t heap_count;
    uint32_t *order; /* numbers: the result */
    uint32_t count;
};

enum {
    IN_TIME = 1,
    IN_FRONT = 2,
    READY = 3,
    TAKEN = 4
};

static uint32_t add_ret(const struct line *line, uint32_t v)
{
    return line->m->spans[line->c->held[v].add].ret;
}

static uint32_t *sort_live(struct line *line, uint32_t *keys, uint32_t *spare)
{
    const struct fl_content *c = line->c;
    uint32_t *sorted = fl_monitor_room(line->m, c->live_count, sizeof(*sorted));
    if (sorted != NULL) {
        for (uint32_t k = 0; k < c->live_count; k++) {
            sorted[k] = c->live[k];
        }
        fl_monitor_sort(sorted, spare, c->live_count, keys);
    }
    return sorted;
}

static bool begin_line(struct line *line, uint32_t *keys, uint32_t *spare)
{
    const struct fl_content *c = line->c;
    uint32_t values = c->numbering.count;
    for (uint32_t k = 0; k < c->live_count; k++) {
        keys[c->live[k]] = add_ret(line, c->live[k]);
    }
    line->by_add_ret = sort_live(line, keys, spare);
    for (uint32_t v = 0; v < values; v++) {
        keys[v] = c->held[v].first_ret;
    }
    line->by_first_ret = sort_live(line, keys, spare);
    for (uint32_t v = 0; v < values; v++) {
        keys[v] = c->held[v].last_call;
    }
    line->by_last_call = sort_live(line, keys, spare);
    line->state = fl_monitor_room(line->m, values, sizeof(*line->state));
    line->heap = fl_monitor_room(line->m, c->live_count, sizeof(*line->heap));
    line->order = fl_monitor_room(line->m, c->live_count, sizeof(*line->order));
    line->ranks = keys; /* they are not needed any more */
    if (line->by_add_ret == NULL || line->by_first_ret == NULL ||
        line->by_last_call == NULL || line->state == NULL ||
        line->heap == NULL || line->order == NULL) {
        return false;
    }
    for (uint32_t k = 0; k < c->live_count; k++) {
        line->ranks[line->by_last_call[k]] = k;
    }
    return true;
}

static void heap_push(struct line *line, uint32_t rank)
{
    uint32_t at = line->heap_count;
    line->heap_count++;
    assert(line->heap_count <= line->c->live_count);
    while (at > 0 && line->heap[(at - 1) / 2] > rank) {
        line->heap[at] = line->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    line->heap[at] = rank;
}

static uint32_t heap_pop(struct line *line)
{
    assert(line->heap_count > 0);
    uint32_t top = line->heap[0];
    line->heap_count--;
    uint32_t rank = line->heap[line->heap_count];
    uint32_t at = 0;
    for (uint32_t child = 1; child < line->heap_count; child = 2 * at + 1) {
        if (child + 1 < line->heap_count &&
            line->heap[child + 1] < line->heap[child]) {
            child++;
        }
        if (line->heap[child] >= rank) {
            break;
        }
        line->heap[at] = line->heap[child];
        at = child;
    }
    line->heap[at] = rank;
    return top;
}

static void set_state(struct line *line, uint32_t v, uint8_t bit)
{
    line->state[v] |= bit;
    if (line->state[v] == READY) {
        heap_push(line, line->ranks[v]);
    }
}

static bool is_taken(const struct line *line, uint32_t v)
{
    return (line->state[v] & TAKEN) != 0;
}

/* The next untaken value at or after `*at` in `sorted`; FL_NOTHING. */
static uint32_t skip_taken(const struct line *line, const uint32_t *sorted,
                           uint32_t *at)
{
    while (*at < line->c->live_count && is_taken(line, sorted[*at])) {
        *at += 1;
    }
    return *at < line->c->live_count ? sorted[*at] : FL_NOTHING;
}

/* Lets the values into the heap that no untaken one must come before.  The
 * value that is met first does not stand in its own way: it is returned if the
 * others do not, either. */
static uint32_t open_gates(struct line *line)
{
    const struct fl_content *c = line->c;
    uint32_t next = skip_taken(line, line->by_add_ret, &line->add_ret_at);
    assert(next != FL_NOTHING);
    uint32_t limit = add_ret(line, next);
    while (line->add_call_at < c->live_count) {
        uint32_t v = c->live[line->add_call_at];
        if (line->m->spans[c->held[v].add].call >= limit) {
            break;
        }
        set_state(line, v, IN_TIME);
        line->add_call_at++;
    }
    uint32_t front = skip_taken(line, line->by_first_ret, &line->first_ret_at);
    assert(front != FL_NOTHING);
    limit = c->held[front].first_ret;
    while (line->last_call_at < c->live_count) {
        uint32_t v = line->by_last_call[line->last_call_at];
        if (c->held[v].last_call >= limit) {
            break;
        }
        set_state(line, v, IN_FRONT);
        line->last_call_at++;
    }
    uint32_t after = line->first_ret_at + 1;
    uint32_t second = skip_taken(line, line->by_first_ret, &after);
    bool is_free = line->state[front] == IN_TIME &&
                   (second == FL_NOTHING ||
                    c->held[front].last_call < c->held[second].first_ret);
    return is_free ? front : FL_NOTHING;
}

/* Orders the values; false if some must come before each other. */
static bool order_values(struct line *line)
{
    while (line->count < line->c->live_count) {
        uint32_t front = open_gates(line);
        uint32_t v = front;
        if (line->heap_count > 0 &&
            (front == FL_NOTHING || line->heap[0] < line->ranks[front])) {
            v = line->by_last_call[heap_pop(line)];
        }
        if (v == FL_NOTHING) {
            return false;
        }
        assert(!is_taken(line, v));
        /* One that is met first, and not by the heap, is in front later: that
         * must not put it there. */
        line->state[v] |= TAKEN;
        line->order[line->count] = v;
        line->count++;
    }
    return true;
}

/* Someone who met value `v` and returned first, or was called last. */
static uint32_t find_taker(const struct line *line, uint32_t v, bool first)
{
    const struct fl_content *c = line->c;
    uint32_t best = c->held[v].remove;
    uint32_t i = c->peeks == NULL ? FL_NOTHING : c->peeks[v];
    for (; i != FL_NOTHING; i = c->peeks_after[i]) {
        const struct fl_span *spans = line->m->spans;
        bool is_better =
            best == FL_NOTHING || (first ? spans[i].ret < spans[best].ret
                                         : spans[i].call > spans[best].call);
        best = is_better ? i : best;
    }
    return best;
}

/* `a` was added before `b`, and met after it. */
static enum fl_answer blame_order(const struct line *line, uint32_t a,
                                  uint32_t b)
{
    struct fl_monitor *m = line->m;
    const struct fl_content *c = line->c;
    const fl_value *values = c->numbering.values;
    fl_monitor_names(m, c->held[a].add);
    fl_monitor_names(m, c->held[b].add);
    uint32_t taker = find_taker(line, b, true);
    fl_monitor_names(m, taker);
    const char *done = taker == c->held[b].remove ? c->removed : "seen";
    if (c->held[a].remove == FL_NOTHING) {
        return fl_monitor_violates(m,
                                   "%" PRId64 " was %s although %" PRId64
                                   ", enqueued before it, was never dequeued",
                                   values[b], done, values[a]);
    }
    fl_monitor_names(m, find_taker(line, a, false));
    return fl_monitor_violates(
        m, "%" PRId64 " was %s before %" PRId64 ", enqueued after it",
        values[b], done, values[a]);
}

/* Both were met before the other was. */
static enum fl_answer blame_fronts(const struct line *line, uint32_t a,
                                   uint32_t b)
{
    struct fl_monitor *m = line->m;
    const fl_value *values = line->c->numbering.values;
    fl_monitor_names(m, find_taker(line, a, true));
    fl_monitor_names(m, find_taker(line, b, false));
    fl_monitor_names(m, find_taker(line, b, true));
    fl_monitor_names(m, find_taker(line, a, false));
    return fl_monitor_violates(m,
                               "%" PRId64 " was in front before %" PRId64
                               ", and %" PRId64 " before %" PRId64,
                               values[a], values[b], values[b], values[a]);
}

/* Finds two values that each were in front before the other: among the zones
 * from the lesser to the greater of m and M, one that begins inside one with
 * m < M that ends behind its m. */
static enum fl_answer blame_zones(const struct line *line)
{
    const struct fl_content *c = line->c;
    uint32_t *keys = line->ranks;
    uint32_t *sorted = line->by_first_ret;
    for (uint32_t k = 0; k < c->live_count; k++) {
        const struct fl_held *held = &c->held[c->live[k]];
        keys[c->live[k]] = fl_least(held->first_ret, held->last_call);
    }
    fl_monitor_sort(sorted, line->heap, c->live_count, keys);
    uint32_t widest = FL_NOTHING;
    for (uint32_t k = 0; k < c->live_count; k++) {
        uint32_t b = sorted[k];
        const struct fl_held *held = &c->held[b];
        if (widest != FL_NOTHING &&
            held->first_ret < c->held[widest].last_call) {
            return blame_fronts(line, widest, b);
        }
        bool is_forward = held->first_ret < held->last_call;
        bool is_wider =
            is_forward && (widest == FL_NOTHING ||
                           held->last_call > c->held[widest].last_call);
        widest = is_wider ? b : widest;
    }
    assert(false); /* a cycle without one of two */
    return FL_ANSWER_NOT_MINE;
}

/* Finds two values that must come before each other.  The calls of adds
 * ascend with the numbers, so the adds that returned before that of `b` are a
 * beginning of by_add_ret; the one met last among them is the worst. */
static enum fl_answer blame_pair(const struct line *line)
{
    const struct fl_content *c = line->c;
    uint32_t at = 0;
    uint32_t worst = FL_NOTHING;
    for (uint32_t k = 0; k < c->live_count; k++) {
        uint32_t b = c->live[k];
        uint32_t call = line->m->spans[c->held[b].add].call;
        while (at < c->live_count &&
               add_ret(line, line->by_add_ret[at]) < call) {
            uint32_t a = line->by_add_ret[at];
            bool is_worse = worst == FL_NOTHING ||
                            c->held[a].last_call > c->held[worst].last_call;
            worst = is_worse ? a : worst;
            at++;
        }
        if (worst != FL_NOTHING &&
            c->held[b].first_ret < c->held[worst].last_call) {
            return blame_order(line, worst, b);
        }
    }
    return blame_zones(line);
}

/* The peeks of `v`: those at the gap of its removal, or those before it. */
static void place_peeks(const struct line *line, uint32_t v, uint32_t removed,
                        bool early)
{
    const struct fl_content *c = line->c;
    uint32_t i = c->peeks == NULL ? FL_NOTHING : c->peeks[v];
    for (; i != FL_NOTHING; i = c->peeks_after[i]) {
        uint32_t gap = fl_least(line->m->spans[i].ret - 1, removed);
        if ((gap == removed) == early) {
            fl_monitor_place(line->m, i, gap);
        }
    }
}

/* In one gap: removals, with adds that are followed by them at once; then the
 * answers of "empty"; then adds that stay.  `adds` is room for a gap each. */
static void place_values(const struct line *line, uint32_t *adds)
{
    const struct fl_content *c = line->c;
    struct fl_monitor *m = line->m;
    uint32_t gap = m->end;
    for (uint32_t k = line->count; k > 0; k--) {
        gap = fl_least(gap, add_ret(line, line->order[k - 1]) - 1);
        adds[k - 1] = gap;
    }
    uint32_t removed = 0;
    for (uint32_t k = 0; k < line->count; k++) {
        uint32_t v = line->order[k];
        removed = fl_most(removed, c->held[v].last_call);
        if (adds[k] >= removed) {
            fl_monitor_place(m, c->held[v].add, removed);
        }
        place_peeks(line, v, removed, true);
        if (c->held[v].remove != FL_NOTHING) {
            fl_monitor_place(m, c->held[v].remove, removed);
        }
    }
    for (uint32_t k = 0; k < c->empties_count; k++) {
        fl_monitor_place(m, c->empties[k].op, c->empties[k].gap);
    }
    removed = 0;
    for (uint32_t k = 0; k < line->count; k++) {
        uint32_t v = line->order[k];
        removed = fl_most(removed, c->held[v].last_call);
        if (adds[k] < removed) {
            fl_monitor_place(m, c->held[v].add, adds[k]);
        }
        place_peeks(line, v, removed, false);
    }
}

enum fl_answer fl_monitor_queue(struct fl_monitor *m)
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
    struct line line = {.m = m, .c = &c};
    uint32_t values = c.numbering.count;
    uint32_t *keys = fl_monitor_room(m, values, sizeof(*keys));
    uint32_t *spare = fl_monitor_room(m, values, sizeof(*spare));
    if (keys == NULL || spare == NULL || !begin_line(&line, keys, spare)) {
        return FL_ANSWER_NO_MEMORY;
    }
    if (!order_values(&line)) {
        (void)blame_pair(&line);
        return fl_content_answer(&c);
    }
    fl_monitor_drop(m, line.by_add_ret);
    fl_monitor_drop(m, line.by_first_ret);
    fl_monitor_drop(m, line.by_last_call);
    fl_monitor_drop(m, line.heap);
    if (!fl_monitor_begin(m)) {
        return FL_ANSWER_NO_MEMORY;
    }
    place_values(&line, spare);
    return FL_ANSWER_PASS;
}

/* Without "full" answers, and with no more adds than there is room, it never
 * was full: a queue. */
enum fl_answer fl_monitor_bounded_queue(struct fl_monitor *m)
{
    uint32_t adds = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        bool is_add = op->fn == FL_QUEUE_ENQUEUE;
        adds += is_add;
        if (is_add && op->ret != FL_OPEN && op->result != 1) {
            return FL_ANSWER_NOT_MINE;
        }
    }
    bool is_never_full = m->capacity == 0 || adds <= m->capacity;
    return is_never_full ? fl_monitor_queue(m) : FL_ANSWER_NOT_MINE;
}
