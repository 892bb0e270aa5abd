/*
 * The smallest part of a failing history that still fails.
 *
 * Dropping any operation at will would change the question: without its
 * enqueue a dequeue is wrong, but that is not what was wrong with the run.  So
 * whole units are dropped, which leave any legal history legal; then whoever
 * refutes the part refutes the whole.
 *
 *     part     only the first part that fails (by key, by element)
 *     prefix   where no units are known: the shortest failing prefix, in
 *              which operations in flight at its end are open
 *     units    blocks of units, then single ones (Zeller, Hildebrandt 2002),
 *              until none can be dropped
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/check.h"

#include "checker/losses.h"
#include "checker/model.h"
#include "checker/partition.h"
#include "checker/search.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    NODES_FACTOR = 16,
    NODES_LEAST = 1 << 14
};

struct minimiser {
    struct fl_checker *checker;
    struct fl_options options; /* the budget is what is left of it */
    uint64_t deadline;         /* of the clock; 0: none */
    uint64_t nodes;            /* left of the budget; UINT64_MAX: no limit */
    uint64_t nodes_each;       /* that one decision may take */
    struct fl_history *now;    /* fails */
    bool *keep;                /* scratch, for each operation */
    bool *drop;
    bool *unit;
    bool complete;
    bool no_memory;
};

/* Whether a budget of the whole has run out; else prepares the next check. */
static bool is_spent(struct minimiser *m)
{
    if (m->deadline == 0) {
        return false;
    }
    uint64_t now = fl_clock_read();
    if (now >= m->deadline) {
        return true;
    }
    m->options.budget.milliseconds =
        (uint32_t)((m->deadline - now) / 1000000) + 1;
    return false;
}

/* Whether `h` fails; undecided counts as no, and is remembered. */
static bool still_fails(struct minimiser *m, const struct fl_history *h)
{
    if (is_spent(m) || m->nodes == 0) {
        m->complete = false;
        return false;
    }
    assert(m->nodes > 0);
    assert(m->nodes_each > 0);
    m->options.budget.nodes =
        m->nodes < m->nodes_each ? m->nodes : m->nodes_each;
    const struct fl_result *result;
    if (fl_checker_decide(m->checker, h, &m->options, &result) != FL_OK) {
        m->no_memory = true;
        return false;
    }
    if (m->nodes != UINT64_MAX) {
        m->nodes -= result->nodes < m->nodes ? result->nodes : m->nodes;
    }
    m->complete = m->complete && result->verdict != FL_INCONCLUSIVE;
    return result->verdict == FL_VIOLATION;
}

/* Goes on with the kept operations if they still fail. */
static bool try_keep(struct minimiser *m)
{
    struct fl_history *less = fl_history_copy(m->now, m->keep);
    if (less == NULL) {
        m->no_memory = true;
        return false;
    }
    if (!still_fails(m, less)) {
        fl_history_free(less);
        return false;
    }
    assert(less->count <= m->now->count);
    fl_history_free(m->now);
    m->now = less;
    return true;
}

/* Keeps only part `part` of the partition that the decision made. */
static void keep_part(struct minimiser *m, uint32_t part)
{
    struct fl_partition partition = {0};
    if (!fl_partition_fill(&partition, m->now, &m->options)) {
        m->no_memory = true;
    } else if (partition.count > 1) {
        assert(part < partition.count);
        const uint32_t *indices = partition.indices.data;
        const uint32_t *starts = partition.starts.data;
        memset(m->keep, 0, m->now->count * sizeof(*m->keep));
        for (uint32_t k = starts[part]; k < starts[part + 1]; k++) {
            m->keep[indices[k]] = true;
        }
        (void)try_keep(m);
    }
    fl_partition_release(&partition);
}

/* The history up to and including stamp `last`. */
static struct fl_history *cut_history(struct minimiser *m, uint32_t last)
{
    for (uint32_t i = 0; i < m->now->count; i++) {
        m->keep[i] = m->now->operations[i].call <= last;
    }
    struct fl_history *cut = fl_history_copy(m->now, m->keep);
    if (cut == NULL) {
        m->no_memory = true;
        return NULL;
    }
    for (uint32_t i = 0; i < cut->count; i++) {
        struct fl_operation *op = &cut->operations[i];
        if (op->ret != FL_OPEN && op->ret > last) {
            op->ret = FL_OPEN;
            op->result = FL_NONE;
        }
    }
    return cut;
}

/* A violation stays one in every longer prefix, so bisection is right; but not
 * if what comes later in time may come first in the order. */
static void cut_prefix(struct minimiser *m)
{
    if (m->options.criterion >= FL_SEQUENTIAL &&
        !fl_loses(m->options.criterion)) {
        return;
    }
    uint32_t passes = 0; /* prefixes up to here pass (or are not known) */
    uint32_t fails = m->now->stamps;
    while (fails - passes > 1 && !m->no_memory) {
        uint32_t middle = passes + (fails - passes) / 2;
        struct fl_history *cut = cut_history(m, middle);
        if (cut != NULL && still_fails(m, cut)) {
            fl_history_free(m->now);
            m->now = cut;
            fails = middle;
        } else {
            fl_history_free(cut);
            passes = middle;
        }
    }
}

/* Marks in m->unit the unit of operation `i`; false if it has none. */
static bool find_unit(struct minimiser *m, uint32_t i)
{
    const struct fl_model *model = m->now->model;
    memset(m->unit, 0, m->now->count * sizeof(*m->unit));
    if (model->unit == NULL) {
        m->unit[i] = fl_operation_inert(model, &m->now->operations[i]);
    } else {
        model->unit(m->now, i, m->unit);
    }
    return m->unit[i];
}

/* Drops the units of the operations from `begin` to `end` if the rest fails. */
static bool try_block(struct minimiser *m, uint32_t begin, uint32_t end)
{
    uint32_t count = m->now->count;
    uint32_t dropped = 0;
    assert(begin < end);
    memset(m->drop, 0, count * sizeof(*m->drop));
    for (uint32_t i = begin; i < end && i < count; i++) {
        if (m->drop[i] || !find_unit(m, i)) {
            continue;
        }
        for (uint32_t k = 0; k < count; k++) {
            dropped += m->unit[k] && !m->drop[k];
            m->drop[k] = m->drop[k] || m->unit[k];
        }
    }
    if (dropped == 0) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        m->keep[i] = !m->drop[i];
    }
    return try_keep(m);
}

/* Tries all blocks of `size` operations.  From the back: what came after the
 * violation goes first. */
static bool drop_blocks(struct minimiser *m, uint32_t size)
{
    assert(size > 0);
    bool dropped = false;
    uint32_t end = m->now->count;
    while (end > 0 && !m->no_memory) {
        uint32_t begin = end > size ? end - size : 0;
        dropped = try_block(m, begin, end) || dropped;
        end = begin < m->now->count ? begin : m->now->count;
    }
    return dropped;
}

static void drop_units(struct minimiser *m)
{
    uint32_t size = m->now->count / 2 + 1;
    while (size > 0 && !m->no_memory) {
        bool dropped = drop_blocks(m, size);
        if (size > 1) {
            size /= 2;
        } else if (!dropped) {
            size = 0; /* one-minimal */
        }
    }
}

static void minimise(struct minimiser *m)
{
    const struct fl_result *result;
    if (fl_checker_decide(m->checker, m->now, &m->options, &result) != FL_OK) {
        m->no_memory = true;
        return;
    }
    if (result->verdict != FL_VIOLATION) {
        m->complete = result->verdict == FL_PASS;
        return;
    }
    /* A part may be far harder than the whole: a few such must not eat up
     * the budget. */
    m->nodes_each = result->nodes * NODES_FACTOR + NODES_LEAST;
    keep_part(m, result->part);
    if (m->now->model->unit == NULL && !m->no_memory) {
        cut_prefix(m);
    }
    drop_units(m);
}

struct fl_history *fl_minimise(const struct fl_history *h,
                               const struct fl_options *options, bool *complete)
{
    size_t room = h->count + 1ul;
    struct minimiser m = {
        .checker = fl_checker_new(),
        .now = fl_history_copy(h, NULL),
        .keep = calloc(room, sizeof(bool)),
        .drop = calloc(room, sizeof(bool)),
        .unit = calloc(room, sizeof(bool)),
        .complete = true,
    };
    if (options != NULL) {
        m.options = *options;
    }
    m.nodes = m.options.budget.nodes == 0 ? UINT64_MAX : m.options.budget.nodes;
    if (m.options.budget.milliseconds > 0) {
        m.deadline =
            fl_clock_read() + m.options.budget.milliseconds * 1000000ull;
    }
    assert(h->model != NULL);
    m.no_memory = m.checker == NULL || m.now == NULL || m.keep == NULL ||
                  m.drop == NULL || m.unit == NULL;
    if (!m.no_memory) {
        minimise(&m);
    }
    if (m.no_memory) {
        fl_history_free(m.now);
        m.now = NULL;
    }
    if (complete != NULL) {
        *complete = m.complete && !m.no_memory;
    }
    fl_checker_free(m.checker);
    free(m.keep);
    free(m.drop);
    free(m.unit);
    return m.now;
}
