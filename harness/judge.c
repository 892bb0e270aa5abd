/*
 * Judging: invariants, bounds, and the history.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/judge.h"

#include "checker/model.h"
#include "harness/alone.h"
#include "harness/need.h"
#include "harness/sim/heap.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether every client finished: an object that a crashed one left in the
 * middle of an operation owes nobody an invariant. */
static bool is_quiet(const struct world *w)
{
    return w->frozen == 0 && w->in_flight == 0 && w->clients_left == 0 &&
           w->last_crash == FOREVER;
}

void judge_object(struct runner *r)
{
    struct world *w = &r->world;
    const struct fl_algorithm *a = r->algorithm;
    assert(w->current == NULL);
    if (!is_quiet(w) || a->kind != FL_THREADS) {
        return;
    }
    w->ended = false;
    const char *wrong = a->settle == NULL ? NULL : a->settle(r->self[0]);
    if (wrong != NULL) {
        world_fail(w, RUN_INVARIANT, "%s", wrong);
    }
    if (a->destroy != NULL && !w->ended) {
        a->destroy(r->self[0]);
        if (r->scenario->system.leaks && !w->ended) {
            struct span roots[SPANS_MAX];
            heap_find_leaks(w, roots, plugin_spans(r->plugin, roots));
        }
    }
    w->ended = true;
}

static void note_operation(struct runner *r, uint32_t blocked)
{
    struct world *w = &r->world;
    const struct fl_history *h = r->history;
    r->blocked_fn = UINT32_MAX;
    if (blocked >= h->count) {
        snprintf(w->detail, sizeof(w->detail), "no order explains the history");
        return;
    }
    const struct fl_operation *op = &h->operations[blocked];
    char call[60];
    char result[40];
    fl_describe_call(h, op, call, sizeof(call));
    fl_describe_result(h, op->fn, op->result, result, sizeof(result));
    snprintf(w->detail, sizeof(w->detail),
             "no order explains %s = %s of client %u", call, result,
             op->client);
    r->blocked_fn = op->fn;
}

/* The object may have failed without any others. */
static void note_alone(struct runner *r)
{
    char text[200];
    if (r->alone != NULL && alone_broke(r->alone, text, sizeof(text))) {
        snprintf(r->world.detail, sizeof(r->world.detail), "%s", text);
    }
}

void judge_history(struct runner *r)
{
    struct world *w = &r->world;
    r->checked = 0;
    r->blocked_fn = UINT32_MAX;
    if (w->end != RUN_FINISHED || r->unchecked) {
        return;
    }
    struct history_hash recorded = verdicts_recorded(r->history);
    if (!w->recording && verdicts_passed_recorded(r->verdicts, recorded)) {
        return;
    }
    struct history_hash hash = verdicts_hash(r->verdicts, r->history);
    if (!w->recording && verdicts_passed(r->verdicts, hash)) {
        verdicts_add_recorded(r->verdicts, recorded);
        return;
    }
    if (r->alone != NULL) {
        alone_trim(r->alone);
    }
    struct fl_result *result = NULL;
    enum fl_status status = fl_check(r->history, &r->options, &result);
    if (status != FL_OK) {
        fprintf(stderr, "faultline: the checker found no memory\n");
        exit(70);
    }
    r->checked = 1;
    switch (result->verdict) {
    case FL_PASS:
        verdicts_add(r->verdicts, hash);
        break;
    case FL_VIOLATION:
        w->end = RUN_NOT_LINEARIZABLE;
        note_operation(r, result->blocked);
        note_alone(r);
        break;
    case FL_INCONCLUSIVE:
        w->end = RUN_UNDECIDED;
        snprintf(w->detail, sizeof(w->detail),
                 "the checker's budget ran out after %llu model steps",
                 (unsigned long long)result->nodes);
        break;
    }
    fl_result_free(result);
}

uint64_t judge_bucket(const struct runner *r)
{
    const struct world *w = &r->world;
    uint64_t fn = r->blocked_fn;
    return ((uint64_t)w->end << 32 | fn) * 0x9e3779b97f4a7c15u;
}

static int by_position(const void *a, const void *b)
{
    const struct decision *x = a;
    const struct decision *y = b;
    if (x->stream != y->stream) {
        return x->stream < y->stream ? -1 : 1;
    }
    return x->position < y->position ? -1 : x->position > y->position;
}

void judge_keep_decisions(struct trace *trace, const struct choice *choice)
{
    free(trace->decisions);
    trace->decisions_count = choice->kept_count;
    trace->decisions =
        need(malloc((choice->kept_count + 1) * sizeof(*trace->decisions)),
             "a trace");
    if (choice->kept_count > 0) {
        memcpy(trace->decisions, choice->kept,
               choice->kept_count * sizeof(*choice->kept));
        qsort(trace->decisions, trace->decisions_count,
              sizeof(*trace->decisions), by_position);
    }
}

uint32_t run_point_reached(struct world *w, const char *name)
{
    struct runner *r = w->runner;
    const char *const *points = r->algorithm->points;
    for (uint32_t i = 0; points != NULL && points[i] != NULL && i < NAMES_MAX;
         i++) {
        if (points[i] == name || strcmp(points[i], name) == 0) {
            r->reached[i]++;
            return ++r->hits[i];
        }
    }
    return 0;
}

uint32_t run_lock_index(struct world *w, const char *name)
{
    const char *const *locks = w->runner->algorithm->locks;
    for (uint32_t i = 0; locks != NULL && locks[i] != NULL && i < 32; i++) {
        if (strcmp(locks[i], name) == 0) {
            return i;
        }
    }
    return 32;
}

bool run_lock_exclusive(struct world *w, const char *name)
{
    uint32_t lock = run_lock_index(w, name);
    return lock < 32 && (w->runner->exclusive >> lock & 1) != 0;
}

void run_retired(struct world *w)
{
    struct runner *r = w->runner;
    const struct check_section *c = &r->scenario->check;
    if (!c->memory_bound_set || w->retired <= c->retired_max ||
        (c->retired_after_crash && w->last_crash == FOREVER)) {
        return;
    }
    if (c->retired_warns) {
        r->warnings |= 1;
        return;
    }
    world_fail(w, RUN_MEMORY_BOUND,
               "%lld blocks are retired and not freed; the bound is %lld",
               (long long)w->retired, (long long)c->retired_max);
}
