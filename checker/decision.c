/*
 * Who decides: a monitor where one is wanted and can tell.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/decision.h"

#include <assert.h>
#include <string.h>

enum {
    MONITOR_LEAST = 65 /* operations; the search is as fast on fewer */
};

static bool wants_monitor(const struct fl_history *h,
                          const struct fl_options *options, uint32_t count)
{
    if (options->plain || !fl_monitor_applies(h, options)) {
        return false;
    }
    switch (options->decider) {
    case FL_DECIDER_AUTO:
        return count >= MONITOR_LEAST;
    case FL_DECIDER_SEARCH:
        return false;
    case FL_DECIDER_MONITOR:
        return true;
    }
    assert(false);
    return false;
}

/* Asks the monitor; a pass leaves the order in c->order. */
static enum fl_answer ask_monitor(struct fl_checker *c,
                                  const struct fl_selection *selection,
                                  uint32_t *count)
{
    struct fl_monitor *m = &c->monitor;
    enum fl_answer answer =
        fl_monitor_decide(m, selection, c->order.data, count);
    c->result.bytes = m->peak > c->result.bytes ? m->peak : c->result.bytes;
    if (answer == FL_ANSWER_PASS || answer == FL_ANSWER_VIOLATION) {
        c->monitored = m->decider;
    }
    return answer;
}

/* Stores the violation that the monitor found. */
static void report_pattern(struct fl_checker *c, const struct fl_history *h,
                           uint32_t part)
{
    const struct fl_monitor *m = &c->monitor;
    struct fl_result *r = &c->result;
    assert(m->pattern_count > 0);
    r->verdict = FL_VIOLATION;
    r->part = part;
    r->pattern_count = m->pattern_count;
    memcpy(r->pattern, m->pattern, sizeof(r->pattern));
    memcpy(r->pattern_operations, m->pattern_operations,
           sizeof(r->pattern_operations));
    r->blocked = m->pattern_operations[0];
    for (uint32_t k = 0; k < m->pattern_count; k++) {
        const struct fl_operation *op =
            &h->operations[m->pattern_operations[k]];
        if (op->ret != FL_OPEN && op->ret > h->operations[r->blocked].ret) {
            r->blocked = m->pattern_operations[k];
        }
    }
    r->part_key = h->operations[r->blocked].key;
}

/* The part that holds the first operation of the pattern. */
static uint32_t find_part(const struct fl_checker *c)
{
    const struct fl_partition *p = &c->partition;
    const uint32_t *starts = p->starts.data;
    const uint32_t *indices = p->indices.data;
    for (uint32_t part = 0; part < p->count && p->count > 1; part++) {
        for (uint32_t k = starts[part]; k < starts[part + 1]; k++) {
            if (indices[k] == c->monitor.pattern_operations[0]) {
                return part;
            }
        }
    }
    return 0;
}

static bool is_one_object(const struct fl_history *h)
{
    for (uint32_t i = 1; i < h->count && h->model->keyed; i++) {
        if (h->operations[i].key != h->operations[0].key) {
            return false;
        }
    }
    return true;
}

enum fl_answer fl_decision_monitor_whole(struct fl_checker *c,
                                         const struct fl_history *h,
                                         const struct fl_options *options)
{
    if (!wants_monitor(h, options, h->count) || !is_one_object(h)) {
        return FL_ANSWER_NOT_MINE;
    }
    struct fl_selection selection = {
        .history = h,
        .criterion = options->criterion,
        .capacity = options->capacity,
        .count = h->count,
        .one_object = true,
    };
    enum fl_answer answer = ask_monitor(c, &selection, &c->result.order_count);
    c->result.partitions = 1;
    if (answer == FL_ANSWER_VIOLATION) {
        if (!fl_partition_fill(&c->partition, h, options)) {
            return FL_ANSWER_NO_MEMORY;
        }
        c->result.partitions = c->partition.count;
        report_pattern(c, h, find_part(c));
    }
    return answer;
}

struct fl_selection fl_decision_select(const struct fl_checker *c,
                                       const struct fl_history *h,
                                       const struct fl_options *options,
                                       uint32_t number)
{
    const struct fl_partition *p = &c->partition;
    struct fl_selection selection = {
        .history = h,
        .criterion = options->criterion,
        .capacity = options->capacity,
        .relax = options->relax,
        .plain = options->plain,
        .count = h->count,
        .gone = c->gone,
    };
    if (p->count > 1) {
        const uint32_t *starts = p->starts.data;
        selection.indices = (const uint32_t *)p->indices.data + starts[number];
        selection.count = starts[number + 1] - starts[number];
        selection.one_object = true;
    }
    return selection;
}

/* Appends the order that a monitor found; returns the new count. */
static uint32_t append_order(struct fl_checker *c, const struct fl_history *h,
                             uint32_t order_count, uint32_t count)
{
    const uint32_t *order = c->order.data;
    struct fl_point *points = c->points.data;
    uint32_t latest = 0;
    for (uint32_t k = 0; k < order_count; k++) {
        uint32_t call = h->operations[order[k]].call;
        latest = call > latest ? call : latest;
        points[count] = (struct fl_point){latest, count, order[k]};
        count++;
    }
    assert(count * sizeof(*points) <= c->points.size);
    return count;
}

enum fl_answer fl_decision_monitor_parts(struct fl_checker *c,
                                         const struct fl_history *h,
                                         const struct fl_options *options,
                                         uint32_t *count)
{
    bool *passed = c->passed.data;
    uint32_t parts = c->partition.count > 1 ? c->partition.count : 0;
    for (uint32_t part = 0; part < parts; part++) {
        struct fl_selection selection = fl_decision_select(c, h, options, part);
        if (!wants_monitor(h, options, selection.count)) {
            continue;
        }
        uint32_t order_count;
        enum fl_answer answer = ask_monitor(c, &selection, &order_count);
        if (answer == FL_ANSWER_VIOLATION) {
            report_pattern(c, h, part);
        }
        if (answer == FL_ANSWER_PASS) {
            *count = append_order(c, h, order_count, *count);
            passed[part] = true;
        } else if (answer != FL_ANSWER_NOT_MINE) {
            return answer;
        }
    }
    return FL_ANSWER_PASS;
}
