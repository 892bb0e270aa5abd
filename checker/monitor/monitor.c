/*
 * Which monitor, its memory, and the witness put in order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/monitor.h"

#include "checker/models/models.h"
#include "checker/part.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGIT_BITS = 11,
    DIGITS = 1 << DIGIT_BITS,
    MOVES = 16, /* of a mark, on average, before it is sorted otherwise */
    SPARSE = 4, /* stamps an operation, above which they are ranked */
    WITNESS_CHECKED = 4096 /* operations; above, checks are the caller's */
};

static const struct entry {
    const struct fl_model *model;
    enum fl_answer (*decide)(struct fl_monitor *m);
    const char *decider;
} entries[] = {
    {&fl_model_of_register, fl_monitor_register, "monitor: register"},
    {&fl_model_of_cas_register, fl_monitor_register, "monitor: cas_register"},
    {&fl_model_of_kv, fl_monitor_kv, "monitor: kv"},
    {&fl_model_of_fifo_queue, fl_monitor_queue, "monitor: queue"},
    {&fl_model_of_bounded_queue, fl_monitor_bounded_queue,
     "monitor: bounded_queue"},
    {&fl_model_of_stack, fl_monitor_stack, "monitor: stack"},
    {&fl_model_of_priority_queue, fl_monitor_priority_queue,
     "monitor: priority_queue"},
    {&fl_model_of_multiset, fl_monitor_multiset, "monitor: multiset"},
    {&fl_model_of_semaphore, fl_monitor_semaphore, "monitor: semaphore"},
    {&fl_model_of_set, fl_monitor_set, "monitor: set"},
    {&fl_model_of_counter, fl_monitor_counter, "monitor: counter"},
    {&fl_model_of_lock, fl_monitor_lock, "monitor: lock"},
    {&fl_model_of_mutex, fl_monitor_mutex, "monitor: mutex"},
};

static const struct entry *find_entry(const struct fl_model *model)
{
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        if (entries[i].model == model) {
            return &entries[i];
        }
    }
    return NULL;
}

/* Durable linearizability is the plain one under new names, and only models
 * that ask for the client know names. */
bool fl_monitor_applies(const struct fl_history *h,
                        const struct fl_options *options)
{
    assert(h->model != NULL);
    bool is_plain = options->criterion == FL_LINEARIZABLE ||
                    (options->criterion == FL_DURABLE && !h->model->by_client);
    return is_plain && find_entry(h->model) != NULL;
}

bool fl_monitor_begin(struct fl_monitor *m)
{
    assert(m->places == NULL);
    m->places = fl_monitor_room(m, m->count, sizeof(*m->places));
    return m->places != NULL;
}

enum fl_answer fl_monitor_violates(struct fl_monitor *m, const char *format,
                                   ...)
{
    va_list list;
    va_start(list, format);
    (void)vsnprintf(m->pattern, sizeof(m->pattern), format, list);
    va_end(list);
    assert(m->pattern[0] != '\0');
    return FL_ANSWER_VIOLATION;
}

void fl_monitor_names(struct fl_monitor *m, uint32_t op)
{
    if (op == FL_NOTHING || m->pattern_count == FL_PATTERN_OPERATIONS) {
        return;
    }
    assert(op < m->count);
    uint32_t index = m->indices == NULL ? op : m->indices[op];
    for (uint32_t i = 0; i < m->pattern_count; i++) {
        if (m->pattern_operations[i] == index) {
            return;
        }
    }
    m->pattern_operations[m->pattern_count] = index;
    m->pattern_count++;
}

void fl_monitor_sort(uint32_t *numbers, uint32_t *spare, uint32_t count,
                     const uint32_t *keys)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < count; i++) {
        most = fl_most(most, keys[numbers[i]]);
    }
    uint32_t *from = numbers;
    uint32_t *to = spare;
    for (uint32_t shift = 0; shift < 32 && most >> shift > 0;
         shift += DIGIT_BITS) {
        uint32_t starts[DIGITS + 1] = {0};
        for (uint32_t i = 0; i < count; i++) {
            starts[(keys[from[i]] >> shift & (DIGITS - 1)) + 1]++;
        }
        for (uint32_t d = 0; d < DIGITS; d++) {
            starts[d + 1] += starts[d];
        }
        for (uint32_t i = 0; i < count; i++) {
            uint32_t digit = keys[from[i]] >> shift & (DIGITS - 1);
            to[starts[digit]] = from[i];
            starts[digit]++;
        }
        assert(starts[DIGITS - 1] == count);
        uint32_t *other = from;
        from = to;
        to = other;
    }
    if (from != numbers) {
        memcpy(numbers, from, count * sizeof(*numbers));
    }
}

static int compare_marks(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* Sorts marks.  Those of a history come nearly in order: a return lies behind
 * the calls of whoever was there at that time.  So each is moved to its place,
 * as long as that takes few moves. */
static void sort_marks(uint64_t *marks, uint32_t count)
{
    uint64_t left = (uint64_t)count * MOVES;
    for (uint32_t i = 1; i < count; i++) {
        uint64_t mark = marks[i];
        uint32_t at = i;
        for (; at > 0 && marks[at - 1] > mark && left > 0; at--, left--) {
            marks[at] = marks[at - 1];
        }
        marks[at] = mark;
        if (left == 0) {
            qsort(marks, count, sizeof(*marks), compare_marks);
            return;
        }
    }
}

/* Ranks the stamps, of which there are too many for an array over all. */
static bool rank_stamps(struct fl_monitor *m)
{
    uint64_t *marks = fl_monitor_room(m, 2ul * m->count, sizeof(*marks));
    if (marks == NULL) {
        return false;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        marks[count++] = (uint64_t)op->call << 32 | i;
        if (op->ret != FL_OPEN) {
            marks[count++] = (uint64_t)op->ret << 32 | i;
        }
    }
    sort_marks(marks, count);
    m->end = count;
    for (uint32_t rank = count; rank > 0; rank--) {
        uint32_t i = (uint32_t)marks[rank - 1];
        const struct fl_operation *op = fl_monitor_op(m, i);
        if (marks[rank - 1] >> 32 == op->call) {
            m->spans[i].call = rank - 1;
        } else {
            m->spans[i].ret = rank - 1;
        }
    }
    fl_monitor_drop(m, marks);
    return true;
}

static bool fill_spans(struct fl_monitor *m)
{
    m->spans = fl_monitor_room(m, m->count, sizeof(*m->spans));
    if (m->spans == NULL) {
        return false;
    }
    m->end = m->h->stamps;
    bool is_sparse = m->h->stamps / SPARSE > m->count;
    if (is_sparse && !rank_stamps(m)) {
        return false;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        struct fl_span *span = &m->spans[i];
        if (!is_sparse) {
            *span = (struct fl_span){op->call, op->ret};
        }
        span->ret = op->ret == FL_OPEN ? m->end + 1 : span->ret;
        assert(span->call < span->ret);
    }
    return true;
}

/* Sorts the places by gap, stably, into `order`. */
static bool sort_places(struct fl_monitor *m, uint32_t *order)
{
    uint32_t *starts = fl_monitor_room(m, m->end + 2ul, sizeof(*starts));
    if (starts == NULL) {
        return false;
    }
    for (uint32_t k = 0; k < m->places_count; k++) {
        assert(m->places[k].gap <= m->end);
        starts[m->places[k].gap + 1]++;
    }
    for (uint32_t g = 0; g <= m->end; g++) {
        starts[g + 1] += starts[g];
    }
    for (uint32_t k = 0; k < m->places_count; k++) {
        uint32_t *at = &starts[m->places[k].gap];
        uint32_t op = m->places[k].op;
        order[*at] = m->indices == NULL ? op : m->indices[op];
        *at += 1;
    }
    return true;
}

/* Whether no operation of the order stands behind one that it precedes. */
static bool respects_time(const struct fl_history *h, const uint32_t *order,
                          uint32_t count)
{
    uint32_t latest = 0;
    for (uint32_t k = 0; k < count; k++) {
        const struct fl_operation *op = &h->operations[order[k]];
        if (op->ret < latest) {
            return false;
        }
        latest = fl_most(latest, op->call);
    }
    return true;
}

/* Whether `order` is a witness by the definition, which costs model steps. */
static bool holds(const struct fl_monitor *m, const uint32_t *order)
{
    struct fl_options options = {.capacity = m->capacity};
    if (m->indices == NULL) {
        return fl_witness_holds(m->h, &options, order, m->places_count);
    }
    bool *keep = calloc(m->h->count + 1ul, sizeof(*keep));
    uint32_t *number = calloc(m->h->count + 1ul, sizeof(*number));
    uint32_t *renamed = calloc(m->places_count + 1ul, sizeof(*renamed));
    struct fl_history *part = NULL;
    if (keep != NULL && number != NULL && renamed != NULL) {
        for (uint32_t i = 0; i < m->count; i++) {
            keep[m->indices[i]] = true;
            number[m->indices[i]] = i;
        }
        part = fl_history_copy(m->h, keep);
    }
    bool good = part != NULL;
    if (good) {
        for (uint32_t k = 0; k < m->places_count; k++) {
            renamed[k] = number[order[k]];
        }
        good = fl_witness_holds(part, &options, renamed, m->places_count);
    }
    fl_history_free(part);
    free(keep);
    free(number);
    free(renamed);
    return good;
}

/* A witness that does not hold would be a flaw of the monitor; then it has
 * decided nothing. */
static enum fl_answer test_witness(const struct fl_monitor *m,
                                   const uint32_t *order)
{
    if (!respects_time(m->h, order, m->places_count)) {
        assert(false);
        return FL_ANSWER_NOT_MINE;
    }
    bool is_tested = m->h->count <= WITNESS_CHECKED;
    return !is_tested || holds(m, order) ? FL_ANSWER_PASS : FL_ANSWER_NOT_MINE;
}

enum fl_answer fl_monitor_decide(struct fl_monitor *m,
                                 const struct fl_selection *selection,
                                 uint32_t *order, uint32_t *order_count)
{
    const struct entry *entry = find_entry(selection->history->model);
    *m = (struct fl_monitor){
        .h = selection->history,
        .indices = selection->indices,
        .count = selection->count,
        .capacity = selection->capacity,
    };
    if (entry == NULL) {
        return FL_ANSWER_NOT_MINE;
    }
    m->decider = entry->decider;
    enum fl_answer answer =
        fill_spans(m) ? entry->decide(m) : FL_ANSWER_NO_MEMORY;
    if (answer == FL_ANSWER_PASS) {
        fl_monitor_drop(m, m->spans);
        answer = FL_ANSWER_NO_MEMORY;
        if (sort_places(m, order)) {
            *order_count = m->places_count;
            answer = test_witness(m, order);
        }
    }
    for (uint32_t i = 0; i < FL_MONITOR_ROOMS; i++) {
        fl_monitor_drop(m, m->rooms[i].data);
    }
    return answer;
}
