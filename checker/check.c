/*
 * The decision, composed: split, search each part, put the witness together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/check.h"

#include "checker/partition.h"
#include "checker/search.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLICE_FIRST = 1 << 13, /* nodes */
    SLICE_GROWTH = 8
};

/* An operation of the witness, and the earliest moment at which it can have
 * taken effect after those before it in its part. */
struct point {
    uint32_t at;
    uint32_t rank; /* in the concatenation of all parts' orders */
    uint32_t operation;
};

struct fl_checker {
    struct fl_partition partition;
    struct fl_search search;
    struct fl_block points;
    struct fl_block order;
    struct fl_block passed; /* bool, for each part */
    struct fl_result result;
};

static const struct fl_options no_options = {.criterion = FL_LINEARIZABLE};

struct fl_checker *fl_checker_new(void)
{
    return calloc(1, sizeof(struct fl_checker));
}

void fl_checker_free(struct fl_checker *checker)
{
    if (checker == NULL) {
        return;
    }
    fl_partition_release(&checker->partition);
    fl_search_release(&checker->search);
    fl_block_release(&checker->points);
    fl_block_release(&checker->order);
    fl_block_release(&checker->passed);
    free(checker);
}

/* Appends the order of the part just passed; returns the new count. */
static uint32_t append_points(struct fl_checker *c, uint32_t count)
{
    const struct fl_search *s = &c->search;
    const struct fl_frame *frames = s->frames.data;
    const struct fl_item *items = s->part.items.data;
    struct point *points = c->points.data;
    uint32_t latest = 0;
    assert(s->depth <= s->part.count);
    for (uint32_t d = 0; d < s->depth; d++) {
        const struct fl_item *item = &items[frames[d].taken];
        latest = item->op.call > latest ? item->op.call : latest;
        points[count] = (struct point){latest, count, item->source};
        count++;
    }
    assert(count * sizeof(*points) <= c->points.size);
    return count;
}

static int compare_points(const void *left, const void *right)
{
    const struct point *a = left;
    const struct point *b = right;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* Merges the parts' orders by their points into one. */
static void merge_points(struct fl_checker *c, uint32_t count)
{
    struct point *points = c->points.data;
    uint32_t *order = c->order.data;
    if (c->partition.count > 1) {
        qsort(points, count, sizeof(*points), compare_points);
    }
    for (uint32_t i = 0; i < count; i++) {
        assert(i == 0 || points[i - 1].at <= points[i].at);
        order[i] = points[i].operation;
    }
    c->result.order_count = count;
}

/* Stores the longest prefix of the part that did not pass. */
static void report_prefix(struct fl_checker *c, uint32_t part)
{
    const struct fl_search *s = &c->search;
    const struct fl_item *items = s->part.items.data;
    const uint32_t *best = s->best.data;
    uint32_t *order = c->order.data;
    assert(part < c->partition.count);
    assert(s->best_count <= s->part.count);
    for (uint32_t i = 0; i < s->best_count; i++) {
        order[i] = items[best[i]].source;
    }
    c->result.order_count = s->best_count;
    c->result.part = part;
    if (s->blocked != FL_OPEN) {
        c->result.blocked = items[s->blocked].source;
    }
    if (s->part.count > 0) {
        c->result.part_key = items[0].op.key;
    }
}

/* Fills the verdict from how the search of `part` ended. */
static enum fl_status report_end(struct fl_checker *c, enum fl_end end,
                                 uint32_t part)
{
    switch (end) {
    case FL_END_NO_MEMORY:
    case FL_END_NOT_YET:
        assert(end != FL_END_NOT_YET);
        return FL_NO_MEMORY;
    case FL_END_PASS:
        return FL_OK;
    case FL_END_VIOLATION:
        c->result.verdict = FL_VIOLATION;
        break;
    case FL_END_NODES:
        c->result.exhausted = FL_NODES;
        break;
    case FL_END_BYTES:
        c->result.exhausted = FL_BYTES;
        break;
    case FL_END_TIME:
        c->result.exhausted = FL_TIME;
        break;
    }
    if (end != FL_END_VIOLATION) {
        c->result.verdict = FL_INCONCLUSIVE;
    }
    report_prefix(c, part);
    return FL_OK;
}

/* Makes part `number` ready. */
static bool fill_part(struct fl_checker *c, const struct fl_history *h,
                      const struct fl_options *options, uint32_t number)
{
    const struct fl_partition *p = &c->partition;
    struct fl_selection selection = {
        .history = h,
        .criterion = options->criterion,
        .capacity = options->capacity,
        .relax = options->relax,
        .plain = options->plain,
        .count = h->count,
    };
    if (p->count > 1) {
        const uint32_t *starts = p->starts.data;
        selection.indices = (const uint32_t *)p->indices.data + starts[number];
        selection.count = starts[number + 1] - starts[number];
        selection.one_object = true;
    }
    return fl_part_fill(&c->search.part, &selection);
}

/*
 * Searches one part for at most `slice` nodes (0: no limit).  `*more` says
 * that the slice was too small, and nothing else.
 */
static enum fl_end search_part(struct fl_checker *c,
                               const struct fl_options *options, uint64_t slice,
                               bool *more)
{
    struct fl_search *s = &c->search;
    uint64_t limit = slice == 0 ? 0 : s->nodes + slice;
    bool is_sliced = limit > 0 && (options->budget.nodes == 0 ||
                                   limit < options->budget.nodes);
    s->budget.nodes = is_sliced ? limit : options->budget.nodes;
    enum fl_end end = fl_search_run(s);
    *more = end == FL_END_NODES && is_sliced;
    return end;
}

/*
 * Decides all parts, in rounds of growing slices: one part that takes for ever
 * must not hide another that fails at once.  Of several that fail within one
 * round the first by key is reported.
 */
static enum fl_status decide_parts(struct fl_checker *c,
                                   const struct fl_history *h,
                                   const struct fl_options *options)
{
    uint32_t parts = c->partition.count;
    uint32_t count = 0;
    uint32_t left = parts;
    bool *passed = c->passed.data;
    memset(passed, 0, parts * sizeof(*passed));
    for (uint64_t slice = SLICE_FIRST; left > 0; slice *= SLICE_GROWTH) {
        for (uint32_t part = 0; part < parts; part++) {
            if (passed[part]) {
                continue;
            }
            if (!fill_part(c, h, options, part)) {
                return FL_NO_MEMORY;
            }
            bool more;
            enum fl_end end =
                search_part(c, options, left == 1 ? 0 : slice, &more);
            if (end == FL_END_PASS) {
                count = append_points(c, count);
                passed[part] = true;
                left--;
            } else if (!more) {
                return report_end(c, end, part);
            }
        }
    }
    merge_points(c, count);
    return FL_OK;
}

enum fl_status fl_checker_decide(struct fl_checker *checker,
                                 const struct fl_history *h,
                                 const struct fl_options *options,
                                 const struct fl_result **out)
{
    assert(h != NULL);
    assert(h->model != NULL);
    options = options == NULL ? &no_options : options;
    struct fl_search *search = &checker->search;
    size_t room = h->count + 1ul;
    if (!fl_partition_fill(&checker->partition, h, options) ||
        !fl_block_reserve(&checker->points, room * sizeof(struct point)) ||
        !fl_block_reserve(&checker->order, room * sizeof(uint32_t)) ||
        !fl_block_reserve(&checker->passed, room * sizeof(bool))) {
        return FL_NO_MEMORY;
    }
    search->budget = options->budget;
    search->plain = options->plain;
    search->nodes = 0;
    search->entries = 0;
    search->bytes = 0;
    search->work = 0;
    search->deadline = 0;
    if (options->budget.milliseconds > 0) {
        search->deadline =
            fl_clock_read() + options->budget.milliseconds * 1000000ull;
    }
    checker->result = (struct fl_result){
        .verdict = FL_PASS,
        .order = checker->order.data,
        .blocked = FL_OPEN,
        .partitions = checker->partition.count,
        .part_key = FL_NONE,
    };
    enum fl_status status = decide_parts(checker, h, options);
    checker->result.nodes = search->nodes;
    checker->result.entries = search->entries;
    checker->result.bytes = search->bytes;
    *out = &checker->result;
    return status;
}

enum fl_status fl_check(const struct fl_history *h,
                        const struct fl_options *options,
                        struct fl_result **out)
{
    struct fl_checker *checker = fl_checker_new();
    if (checker == NULL) {
        return FL_NO_MEMORY;
    }
    const struct fl_result *found;
    enum fl_status status = fl_checker_decide(checker, h, options, &found);
    if (status == FL_OK) {
        /* The order stands behind the result, in one piece. */
        size_t order_size = found->order_count * sizeof(*found->order);
        struct fl_result *result = malloc(sizeof(*result) + order_size + 1);
        if (result == NULL) {
            status = FL_NO_MEMORY;
        } else {
            *result = *found;
            result->order = (uint32_t *)(result + 1);
            memcpy(result->order, found->order, order_size);
            *out = result;
        }
    }
    fl_checker_free(checker);
    return status;
}

void fl_result_free(struct fl_result *result)
{
    free(result);
}

const char *fl_verdict_name(enum fl_verdict verdict)
{
    switch (verdict) {
    case FL_PASS:
        return "pass";
    case FL_VIOLATION:
        return "violation";
    case FL_INCONCLUSIVE:
        return "inconclusive";
    }
    assert(false);
    return "inconclusive";
}
