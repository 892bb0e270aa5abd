/*
 * The decision, composed: split, search each part, put the witness together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/check.h"

#include "checker/decision.h"
#include "checker/losses.h"
#include "checker/rewrite.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHARE_GROWTH = 8, /* of what a part gets, from round to round */
    DENSE = 8 /* stamps of an operation, at most, for points to be counted */
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
    fl_crew_release(&checker->crew);
    fl_block_release(&checker->selections);
    fl_block_release(&checker->left);
    fl_block_release(&checker->points);
    fl_block_release(&checker->tallies);
    fl_block_release(&checker->order);
    fl_block_release(&checker->passed);
    free(checker);
}

/* Appends the order of a part that passed; returns the new count. */
static uint32_t append_points(struct fl_checker *c, const struct fl_history *h,
                              const struct fl_outcome *outcome, uint32_t count)
{
    const uint32_t *order = fl_crew_order(&c->crew, outcome);
    struct fl_point *points = c->points.data;
    uint32_t latest = 0;
    for (uint32_t k = 0; k < outcome->count; k++) {
        uint32_t call = h->operations[order[k]].call;
        latest = call > latest ? call : latest;
        points[count] = (struct fl_point){latest, count, order[k]};
        count++;
    }
    assert(count * sizeof(*points) <= c->points.size);
    return count;
}

static int compare_points(const void *left, const void *right)
{
    const struct fl_point *a = left;
    const struct fl_point *b = right;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* The operations in the order of their points, those of equal ones as they
 * come, where points are numbers close together: then it takes as many steps as
 * there are of them.  False: nothing was done. */
static bool count_points(struct fl_checker *c, uint32_t count)
{
    const struct fl_point *points = c->points.data;
    uint32_t *order = c->order.data;
    uint32_t most = 0;
    for (uint32_t i = 0; i < count; i++) {
        most = points[i].at > most ? points[i].at : most;
    }
    size_t size = (most + 2ul) * sizeof(uint32_t);
    if (most / DENSE > count || !fl_block_reserve(&c->tallies, size)) {
        return false;
    }
    uint32_t *next = c->tallies.data; /* by point: where its next goes */
    memset(next, 0, size);
    for (uint32_t i = 0; i < count; i++) {
        assert(points[i].rank == i);
        next[points[i].at + 1]++;
    }
    for (uint32_t at = 0; at <= most; at++) {
        next[at + 1] += next[at];
    }
    for (uint32_t i = 0; i < count; i++) {
        order[next[points[i].at]++] = points[i].operation;
    }
    return true;
}

/* Merges the parts' orders by their points into one. */
static void merge_points(struct fl_checker *c, uint32_t count)
{
    struct fl_point *points = c->points.data;
    uint32_t *order = c->order.data;
    c->result.order_count = count;
    if (c->partition.count > 1) {
        if (count_points(c, count)) {
            return;
        }
        qsort(points, count, sizeof(*points), compare_points);
    }
    for (uint32_t i = 0; i < count; i++) {
        assert(i == 0 || points[i - 1].at <= points[i].at);
        order[i] = points[i].operation;
    }
}

/* Fills the verdict from how a search ended. */
static enum fl_status report_end(struct fl_checker *c, enum fl_end end)
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
    return FL_OK;
}

/* Reports the part that did not pass, with its longest prefix. */
static enum fl_status report_outcome(struct fl_checker *c,
                                     const struct fl_outcome *outcome,
                                     uint32_t part)
{
    assert(part < c->partition.count);
    if (outcome->count > 0) {
        memcpy(c->order.data, fl_crew_order(&c->crew, outcome),
               outcome->count * sizeof(uint32_t));
    }
    c->result.order_count = outcome->count;
    c->result.part = part;
    c->result.blocked = outcome->blocked;
    c->result.part_key = outcome->key;
    return report_end(c, outcome->end);
}

/* Lists the parts that have not passed; returns how many. */
static uint32_t list_left(struct fl_checker *c, const struct fl_history *h,
                          const struct fl_options *options)
{
    const bool *passed = c->passed.data;
    struct fl_selection *selections = c->selections.data;
    uint32_t *left = c->left.data;
    uint32_t count = 0;
    for (uint32_t part = 0; part < c->partition.count; part++) {
        if (!passed[part]) {
            selections[count] = fl_decision_select(c, h, options, part);
            left[count] = part;
            count++;
        }
    }
    return count;
}

/* Takes what came of a round: orders, and who decided.  The part that failed,
 * if any, is told in `*failed`. */
static uint32_t take_round(struct fl_checker *c, const struct fl_history *h,
                           uint32_t count, const struct fl_outcome **failed)
{
    const uint32_t *left = c->left.data;
    bool *passed = c->passed.data;
    *failed = NULL;
    for (uint32_t k = 0; k < c->crew.count; k++) {
        const struct fl_outcome *outcome = fl_crew_outcome(&c->crew, k);
        fl_portfolio_add(&c->portfolio, &outcome->portfolio);
        if (outcome->end == FL_END_PASS) {
            count = append_points(c, h, outcome, count);
            passed[left[k]] = true;
        } else if (!outcome->more) {
            *failed = outcome;
        }
    }
    return count;
}

/*
 * Decides all parts, in rounds of growing shares: one part that takes for ever
 * must not hide another that fails at once.  Of several that fail within one
 * round the first by key is reported.
 */
static enum fl_status decide_parts(struct fl_checker *c,
                                   const struct fl_history *h,
                                   const struct fl_options *options)
{
    uint32_t count = 0;
    memset(c->passed.data, 0, c->partition.count * sizeof(bool));
    enum fl_answer answer = fl_decision_monitor_parts(c, h, options, &count);
    if (answer != FL_ANSWER_PASS) {
        return answer == FL_ANSWER_VIOLATION ? FL_OK : FL_NO_MEMORY;
    }
    uint32_t left = list_left(c, h, options);
    c->searched = left > 0;
    struct fl_share share = {.times = 1};
    while (left > 0) {
        const struct fl_outcome *failed;
        enum fl_status status =
            fl_crew_round(&c->crew, options, c->selections.data, left, share);
        if (status != FL_OK) {
            return status;
        }
        count = take_round(c, h, count, &failed);
        if (failed != NULL) {
            const uint32_t *parts = c->left.data;
            return report_outcome(c, failed, parts[failed->part]);
        }
        left = list_left(c, h, options);
        bool is_over = share.breadth || options->search != FL_SEARCH_PORTFOLIO;
        share.times *= is_over ? SHARE_GROWTH : 1;
        share.breadth = !is_over;
    }
    merge_points(c, count);
    return FL_OK;
}

/* Forgets the last decision. */
static void begin_decision(struct fl_checker *c,
                           const struct fl_options *options)
{
    struct fl_search *search = &c->crew.first.search;
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
    c->monitored = NULL;
    c->searched = false;
    c->portfolio = (struct fl_portfolio){.depth = false};
    c->result = (struct fl_result){
        .verdict = FL_PASS,
        .blocked = FL_OPEN,
        .part_key = FL_NONE,
        .decider = "search",
    };
}

static enum fl_status split_and_decide(struct fl_checker *c,
                                       const struct fl_history *h,
                                       const struct fl_options *options)
{
    size_t room = h->count + 1ul;
    if (!fl_partition_fill(&c->partition, h, options) ||
        !fl_block_reserve(&c->points, room * sizeof(struct fl_point)) ||
        !fl_block_reserve(&c->passed, room * sizeof(bool))) {
        return FL_NO_MEMORY;
    }
    size_t parts = c->partition.count;
    if (!fl_block_reserve(&c->selections,
                          parts * sizeof(struct fl_selection)) ||
        !fl_block_reserve(&c->left, parts * sizeof(uint32_t))) {
        return FL_NO_MEMORY;
    }
    c->result.partitions = c->partition.count;
    return decide_parts(c, h, options);
}

/* Decides the history that `criterion` makes of `h`. */
static enum fl_status decide_rewritten(struct fl_checker *c,
                                       const struct fl_history *h,
                                       const struct fl_options *options)
{
    struct fl_rewriting r;
    if (!fl_rewrite(h, options->criterion, &r)) {
        return FL_NO_MEMORY;
    }
    enum fl_status status = FL_OK;
    if (r.broken != FL_OPEN) {
        c->result.verdict = FL_VIOLATION;
        c->result.blocked = r.broken;
        memcpy(c->result.pattern, r.why, sizeof(r.why));
        c->result.pattern_operations[0] = r.broken;
        c->result.pattern_count = 1;
    } else {
        c->gone = r.gone;
        status = split_and_decide(c, r.history, options);
        c->gone = NULL;
    }
    fl_rewriting_release(&r);
    return status;
}

/* Decides what crashes may have lost. */
static enum fl_status decide_losses(struct fl_checker *c,
                                    const struct fl_history *h,
                                    const struct fl_options *options)
{
    struct fl_losses *losses = fl_losses_new(h, options, &c->crew.first.search);
    if (losses == NULL) {
        return FL_NO_MEMORY;
    }
    c->partition.count = 1;
    c->result.partitions = 1;
    enum fl_status status = report_end(c, fl_losses_run(losses));
    if (status == FL_OK) {
        c->result.order_count = fl_losses_order(losses, c->order.data);
    }
    fl_losses_free(losses);
    return status;
}

static enum fl_status decide_by_criterion(struct fl_checker *c,
                                          const struct fl_history *h,
                                          const struct fl_options *options)
{
    if (options->criterion <= FL_SEQUENTIAL) {
        return split_and_decide(c, h, options);
    }
    return fl_rewrites(options->criterion) ? decide_rewritten(c, h, options)
                                           : decide_losses(c, h, options);
}

enum fl_status fl_checker_decide(struct fl_checker *checker,
                                 const struct fl_history *h,
                                 const struct fl_options *options,
                                 const struct fl_result **out)
{
    assert(h != NULL);
    assert(h->model != NULL);
    options = options == NULL ? &no_options : options;
    begin_decision(checker, options);
    struct fl_result *result = &checker->result;
    if (!fl_block_reserve(&checker->order,
                          (h->count + 1ul) * sizeof(uint32_t))) {
        return FL_NO_MEMORY;
    }
    result->order = checker->order.data;
    enum fl_status status = FL_OK;
    enum fl_answer answer = fl_decision_monitor_whole(checker, h, options);
    if (answer == FL_ANSWER_NO_MEMORY) {
        status = FL_NO_MEMORY;
    } else if (answer == FL_ANSWER_NOT_MINE) {
        status = decide_by_criterion(checker, h, options);
    }
    const struct fl_search *search = &checker->crew.first.search;
    result->nodes = search->nodes;
    result->entries = search->entries;
    result->bytes =
        search->bytes > result->bytes ? search->bytes : result->bytes;
    result->cuts = checker->portfolio.cuts;
    result->decider = fl_portfolio_name(&checker->portfolio);
    if (checker->monitored != NULL) {
        result->decider =
            checker->searched ? "monitor and search" : checker->monitored;
    }
    *out = result;
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
