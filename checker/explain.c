/*
 * The reason: why no order explains a history.
 *
 * Builds the graph of configurations, then reads off it: the longest legal
 * prefix (the spine), the operation that is stuck after it, what that one had
 * to answer, and why the configurations beside the spine do not help.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/explain.h"
#include "checker/explain_graph.h"
#include "checker/losses.h"
#include "checker/rewrite.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void fl_add_client(struct fl_phrase *phrase,
                   const struct fl_explain_context *context, uint32_t client)
{
    if (context->names != NULL && client < context->names_count &&
        context->names[client] != NULL) {
        fl_phrase_add(phrase, context->names[client]);
    } else {
        fl_phrase_print(phrase, "T%u", client);
    }
}

void fl_add_call(struct fl_phrase *phrase, const struct fl_graph *g,
                 uint32_t operation)
{
    assert(operation < g->h->count);
    const struct fl_operation *op = &g->h->operations[operation];
    char call[FL_TEXT_MAX];
    fl_add_client(phrase, g->context, op->client);
    fl_phrase_add(phrase, " ");
    fl_phrase_add(phrase, fl_describe_call(g->h, op, call, sizeof(call)));
}

/*
 * Whether configuration `a` is the better end of the spine than `b`: more
 * returned operations; then it lasted longer; then fewer open ones.
 */
static bool ends_better(const struct fl_graph *g, uint32_t a, uint32_t b)
{
    const struct fl_configuration *x = &g->configurations[a];
    const struct fl_configuration *y = &g->configurations[b];
    uint32_t by = FL_OPEN;
    if (x->era != y->era) {
        return x->era > y->era;
    }
    if (x->depth != y->depth) {
        return x->depth > y->depth;
    }
    uint32_t lasts_x = fl_graph_bound(g, x, &by);
    uint32_t lasts_y = fl_graph_bound(g, y, &by);
    /* Breadth first: the earlier found has fewer operations. */
    return lasts_x != lasts_y ? lasts_x > lasts_y : a < b;
}

/* Whether `by` was enabled and refused in configuration `at`. */
static bool is_refused(const struct fl_graph *g, uint32_t at, uint32_t by)
{
    for (uint32_t k = 0; k < g->refusals_count; k++) {
        if (g->refusals[k].at == at && g->refusals[k].by == by) {
            return true;
        }
    }
    return false;
}

/* Whether `by` is refused in every configuration as deep as the spine's end. */
static bool is_stuck_everywhere(const struct fl_graph *g, uint32_t by,
                                uint32_t depth)
{
    for (uint32_t c = 0; c < g->count; c++) {
        if (g->configurations[c].depth == depth && !is_refused(g, c, by)) {
            return false;
        }
    }
    return true;
}

/* The operation that cannot come next after the spine. */
static uint32_t find_stuck(const struct fl_graph *g, uint32_t end)
{
    const struct fl_configuration *c = &g->configurations[end];
    uint32_t stuck = FL_OPEN;
    fl_graph_bound(g, c, &stuck); /* its return ends the prefix */
    if (stuck == FL_OPEN || is_stuck_everywhere(g, stuck, c->depth)) {
        return stuck;
    }
    for (uint32_t i = 0; i < g->h->count; i++) {
        if (is_refused(g, end, i) && is_stuck_everywhere(g, i, c->depth)) {
            return i;
        }
    }
    return stuck;
}

/* Walks back from the end of the spine and writes the prefix down. */
static enum fl_status write_prefix(struct fl_graph *g, struct fl_explanation *e,
                                   uint32_t end)
{
    uint32_t count = 0;
    for (uint32_t c = end; g->configurations[c].from != FL_OPEN;
         c = g->configurations[c].from) {
        count += g->configurations[c].by != FL_OPEN;
    }
    e->prefix = calloc((size_t)count + 1, sizeof(*e->prefix));
    e->prefix_states = calloc((size_t)count + 1, sizeof(*e->prefix_states));
    if (e->prefix == NULL || e->prefix_states == NULL) {
        return FL_NO_MEMORY;
    }
    e->prefix_count = count;
    uint32_t c = end;
    for (; g->configurations[c].from != FL_OPEN;
         c = g->configurations[c].from) {
        g->configurations[c].spine = true;
        if (g->configurations[c].by == FL_OPEN) {
            continue; /* a crash */
        }
        assert(count > 0);
        count--;
        e->prefix[count] = g->configurations[c].by;
        memcpy(e->prefix_states[count], g->configurations[c].state,
               FL_TEXT_MAX);
    }
    g->configurations[c].spine = true;
    memcpy(e->start_state, g->configurations[c].state, FL_TEXT_MAX);
    return FL_OK;
}

enum fl_status fl_explain_prefix(struct fl_graph *g, struct fl_explanation *e)
{
    assert(g->count > 0);
    uint32_t end = 0;
    for (uint32_t c = 1; c < g->count; c++) {
        if (ends_better(g, c, end)) {
            end = c;
        }
    }
    for (uint32_t i = e->setup_count; i < g->h->count; i++) {
        e->returned_count += g->h->operations[i].ret != FL_OPEN;
    }
    e->prefix_returned = g->configurations[end].depth;
    e->stuck = find_stuck(g, end);
    assert(e->stuck != FL_OPEN);
    const struct fl_operation *op = &g->h->operations[e->stuck];
    fl_describe_result(g->h, op->fn, op->result, e->got, sizeof(e->got));
    return write_prefix(g, e, end);
}

/* The history fails by the enumeration alone, or else by the search. */
static enum fl_status confirm(struct fl_graph *g)
{
    if (g->accepts) {
        return FL_BAD_INPUT;
    }
    if (g->complete) {
        return FL_OK;
    }
    struct fl_result *result = NULL;
    struct fl_options options = {0};
    if (g->options != NULL) {
        options = *g->options;
    }
    options.decider = FL_DECIDER_SEARCH; /* which gives the prefix */
    enum fl_status status = fl_check(g->h, &options, &result);
    if (status == FL_OK && result->verdict != FL_VIOLATION) {
        status = FL_BAD_INPUT;
    }
    if (status == FL_OK && result->partitions <= 1) {
        status = fl_graph_follow(g, result->order, result->order_count);
    }
    fl_result_free(result);
    return status;
}

/* The next operation of the client of `i`, on the same object if asked. */
static uint32_t next_of_client(const struct fl_history *h, uint32_t i,
                               bool same_object)
{
    const struct fl_operation *op = &h->operations[i];
    for (uint32_t j = i + 1; j < h->count; j++) {
        if (h->operations[j].client == op->client &&
            (!same_object || h->operations[j].key == op->key)) {
            return j;
        }
    }
    return FL_OPEN;
}

/* The first crash of everybody after the call of `i`, or FL_OPEN. */
static uint32_t end_of_era(const struct fl_history *h, uint32_t i)
{
    for (uint32_t k = 0; k < h->events_count; k++) {
        if (h->events[k].kind == FL_EVENT_CRASH_ALL &&
            h->events[k].at > h->operations[i].call) {
            return h->events[k].at;
        }
    }
    return FL_OPEN;
}

/* What the crash criterion demands of the open operation `i`. */
static void apply_criterion(struct fl_graph *g, enum fl_criterion criterion,
                            uint32_t i)
{
    uint32_t next = FL_OPEN;
    switch (criterion) {
    case FL_STRICT:
        g->deadline[i] = fl_history_cut(g->h, i);
        break;
    case FL_PERSISTENT:
        next = next_of_client(g->h, i, false);
        g->deadline[i] =
            next == FL_OPEN ? FL_OPEN : g->h->operations[next].call;
        break;
    case FL_RECOVERABLE:
        g->successor[i] = next_of_client(g->h, i, true);
        break;
    case FL_DURABLE_STRICT:
        g->deadline[i] = end_of_era(g->h, i);
        break;
    case FL_LINEARIZABLE:
    case FL_DURABLE:
    case FL_SEQUENTIAL: /* in fl_graph_enabled() */
    case FL_QUIESCENT:  /* plain, of a history rewritten */
    case FL_DETECTABLE:
    case FL_BUFFERED_DURABLE:
    case FL_BUFFERED_STRICT:
        break;
    }
}

static void apply_criteria(struct fl_graph *g)
{
    for (uint32_t i = 0; i < FL_EXPLAINED_MAX; i++) {
        g->deadline[i] = FL_OPEN;
        g->successor[i] = FL_OPEN;
    }
    for (uint32_t i = 0; g->options != NULL && i < g->h->count; i++) {
        if (g->h->operations[i].ret == FL_OPEN) {
            apply_criterion(g, g->options->criterion, i);
        }
    }
}

/* A monitor may name the pattern that no hint of ours recognises. */
static void hint_from_monitor(const struct fl_graph *g,
                              struct fl_explanation *e)
{
    struct fl_options options = {0};
    if (g->options != NULL) {
        options = *g->options;
    }
    options.decider = FL_DECIDER_MONITOR;
    struct fl_result *result = NULL;
    if (e->hint[0] != '\0' || options.criterion != FL_LINEARIZABLE ||
        fl_check(g->h, &options, &result) != FL_OK) {
        return;
    }
    if (result->verdict == FL_VIOLATION && result->pattern[0] != '\0') {
        struct fl_phrase hint;
        fl_phrase_init(&hint, e->hint, sizeof(e->hint));
        fl_phrase_add(&hint, result->pattern);
        for (uint32_t k = 0; k < 2 && k < result->pattern_count; k++) {
            e->hint_operations[k] = result->pattern_operations[k];
        }
    }
    fl_result_free(result);
}

static void move_graph(struct fl_graph *g, struct fl_explanation *e)
{
    e->configurations = g->configurations;
    e->configurations_count = g->count;
    e->edges = g->edges;
    e->edges_count = g->edges_count;
    e->refusals = g->refusals;
    e->refusals_count = g->refusals_count;
    e->complete = g->complete;
    g->configurations = NULL;
    g->edges = NULL;
    g->refusals = NULL;
}

static enum fl_status explain_graph(struct fl_graph *g,
                                    struct fl_explanation *e)
{
    apply_criteria(g);
    bool loses = g->options != NULL && fl_loses(g->options->criterion);
    enum fl_status status =
        loses ? fl_graph_build_losses(g) : fl_graph_build(g);
    if (status == FL_OK && !loses) {
        status = confirm(g);
    }
    if (status == FL_OK) {
        status = fl_explain_prefix(g, e);
    }
    if (status == FL_OK && loses) {
        status = fl_explain_crashes(g, e);
    }
    if (status == FL_OK) {
        fl_explain_must(g, e);
        fl_explain_hint(g, e);
        hint_from_monitor(g, e);
        status = fl_explain_reasons(g, e);
    }
    move_graph(g, e);
    return status;
}

enum fl_status fl_explain_within(const struct fl_history *h,
                                 const struct fl_options *options,
                                 const struct fl_explain_context *context,
                                 struct fl_explanation **out)
{
    assert(h != NULL && out != NULL);
    static const struct fl_explain_context plain = {0};
    *out = NULL;
    const struct fl_explain_context *in = context == NULL ? &plain : context;
    if (h->count > FL_EXPLAINED_MAX || in->setup_count > h->count) {
        return FL_BAD_INPUT;
    }
    enum fl_criterion criterion =
        options == NULL ? FL_LINEARIZABLE : options->criterion;
    struct fl_rewriting told = {.broken = FL_OPEN};
    if (fl_rewrites(criterion) && !fl_rewrite(h, criterion, &told)) {
        return FL_NO_MEMORY;
    }
    if (told.broken != FL_OPEN) {
        fl_rewriting_release(&told);
        return FL_BAD_INPUT; /* no order is needed to see it */
    }
    struct fl_graph *g = calloc(1, sizeof(*g));
    struct fl_explanation *e = calloc(1, sizeof(*e));
    enum fl_status status = FL_NO_MEMORY;
    if (g != NULL && e != NULL) {
        g->h = told.history == NULL ? h : told.history;
        g->gone = told.gone;
        g->options = options;
        g->context = in;
        fl_space_init(&g->space, g->h);
        if (options != NULL) {
            fl_space_limit(&g->space, options->capacity, options->relax);
        }
        e->setup_count = in->setup_count;
        e->hint_operations[0] = FL_OPEN;
        e->hint_operations[1] = FL_OPEN;
        status = explain_graph(g, e);
        fl_graph_release(g);
    }
    free(g);
    fl_rewriting_release(&told);
    if (status != FL_OK) {
        fl_explanation_free(e);
        return status;
    }
    *out = e;
    return FL_OK;
}

enum fl_status fl_explain(const struct fl_history *h,
                          const struct fl_options *options,
                          struct fl_explanation **out)
{
    return fl_explain_within(h, options, NULL, out);
}

void fl_explanation_free(struct fl_explanation *explanation)
{
    if (explanation == NULL) {
        return;
    }
    free(explanation->prefix);
    free(explanation->prefix_states);
    free(explanation->crashes);
    free(explanation->reasons);
    free(explanation->configurations);
    free(explanation->edges);
    free(explanation->refusals);
    free(explanation);
}
