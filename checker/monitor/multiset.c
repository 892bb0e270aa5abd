/*
 * The multiset (bag), whose removals take any value; values distinct.
 *
 * Nothing is wrong beyond what one value shows by itself, and "empty" answers
 * (content.h).  Each value is added as late and removed as early as may be, so
 * it is inside only while it certainly is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/content.h"

#include "checker/operations.h"

#include <assert.h>

static_assert((int)FL_MULTISET_ADD == (int)FL_QUEUE_ENQUEUE &&
                  (int)FL_MULTISET_REMOVE == (int)FL_QUEUE_DEQUEUE &&
                  (int)FL_MULTISET_PEEK == (int)FL_QUEUE_PEEK,
              "content.c reads all containers alike");

/* Places a value that never is certainly inside, all in one gap; or what
 * removes one that is. */
static void place_early(const struct fl_content *c, struct fl_monitor *m,
                        const struct fl_held *held)
{
    uint32_t from;
    uint32_t to;
    if (!fl_content_certain(m, held, &from, &to)) {
        fl_monitor_place(m, held->add, to);
        uint32_t i =
            c->peeks == NULL ? FL_NOTHING : c->peeks[c->numbers[held->add]];
        for (; i != FL_NOTHING; i = c->peeks_after[i]) {
            fl_monitor_place(m, i, to);
        }
    }
    if (held->remove != FL_NOTHING) {
        fl_monitor_place(m, held->remove, to);
    }
}

/* Places the add and the peeks of a value that is certainly inside. */
static void place_late(const struct fl_content *c, struct fl_monitor *m,
                       const struct fl_held *held)
{
    uint32_t from;
    uint32_t to;
    if (!fl_content_certain(m, held, &from, &to)) {
        return;
    }
    fl_monitor_place(m, held->add, from - 1);
    uint32_t i =
        c->peeks == NULL ? FL_NOTHING : c->peeks[c->numbers[held->add]];
    for (; i != FL_NOTHING; i = c->peeks_after[i]) {
        uint32_t gap = fl_most(m->spans[i].call, from - 1);
        if (gap < to) {
            fl_monitor_place(m, i, gap);
        }
    }
}

/* Peeks that were called last may be as late as the removal. */
static void place_last_peeks(const struct fl_content *c, struct fl_monitor *m,
                             const struct fl_held *held)
{
    uint32_t from;
    uint32_t to;
    if (c->peeks == NULL || !fl_content_certain(m, held, &from, &to)) {
        return;
    }
    uint32_t i = c->peeks[c->numbers[held->add]];
    for (; i != FL_NOTHING; i = c->peeks_after[i]) {
        if (fl_most(m->spans[i].call, from - 1) >= to) {
            fl_monitor_place(m, i, to);
        }
    }
}

enum fl_answer fl_monitor_multiset(struct fl_monitor *m)
{
    struct fl_content c;
    enum fl_answer answer = fl_content_fill(&c, m);
    if (answer == FL_ANSWER_PASS) {
        answer = fl_content_empties(&c, m);
    }
    if (answer != FL_ANSWER_PASS) {
        return answer;
    }
    if (!fl_monitor_begin(m)) {
        return FL_ANSWER_NO_MEMORY;
    }
    for (uint32_t k = 0; k < c.live_count; k++) {
        place_last_peeks(&c, m, &c.held[c.live[k]]);
        place_early(&c, m, &c.held[c.live[k]]);
    }
    for (uint32_t k = 0; k < c.empties_count; k++) {
        fl_monitor_place(m, c.empties[k].op, c.empties[k].gap);
    }
    for (uint32_t k = 0; k < c.live_count; k++) {
        place_late(&c, m, &c.held[c.live[k]]);
    }
    assert(m->places_count <= m->count);
    return FL_ANSWER_PASS;
}
