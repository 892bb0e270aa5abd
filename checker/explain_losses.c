/*
 * The graph of configurations where crashes may lose something.
 *
 * The decision of losses.c is made again, and watched: the configurations of
 * every era that it lists, for every choice of what survived the eras before,
 * become those of the graph, and what a crash may leave behind becomes an edge
 * without an operation.  Of a configuration all operations of earlier eras
 * count as done, whether they survived or not: none of them can come any more,
 * but those that were cut off, in the reading that lets them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/era.h"
#include "checker/explain_graph.h"

#include <stdlib.h>
#include <string.h>

enum {
    DONE_WORDS = 4,
    EXPANDED_MAX = 2 * FL_CONFIGURATIONS_MAX
};

/* The graph while it grows: for each era where its nodes are. */
struct growth {
    struct fl_graph *g;
    uint32_t **places; /* of each era, by node; FL_OPEN: beyond the limit */
    uint32_t eras;
    bool expanded[EXPANDED_MAX]; /* of each configuration */
};

/* What is done in a node of era `e`. */
static void write_done(const struct fl_losses *l, uint32_t e,
                       const uint64_t *words, uint64_t done[DONE_WORDS])
{
    memset(done, 0, DONE_WORDS * sizeof(*done));
    for (uint32_t i = 0; i < l->h->count; i++) {
        bool is_past = l->era_of[i] < e &&
                       (l->strict || l->h->operations[i].ret != FL_OPEN);
        if (is_past || fl_has_bit(words, i)) {
            fl_set_bit(done, i);
        }
    }
}

/* Enters node `n` of era `e`; where it comes from is known already. */
static bool enter_node(struct growth *growth, const struct fl_losses *l,
                       uint32_t e, uint32_t n)
{
    struct fl_graph *g = growth->g;
    const struct fl_node *node = fl_node_at(&l->eras[e], n);
    struct fl_configuration next = {.from = FL_OPEN, .by = node->by, .era = e};
    bool is_first = node->by == FL_OPEN;
    if (node->parent != FL_OPEN) {
        next.from = growth->places[is_first ? e - 1 : e][node->parent];
    }
    bool is_root = is_first && node->parent == FL_OPEN;
    uint32_t *place = &growth->places[e][n];
    *place = FL_OPEN;
    if (g->count >= FL_CONFIGURATIONS_MAX ||
        (next.from == FL_OPEN && !is_root)) {
        g->complete = false;
        return true;
    }
    size_t size;
    const void *bytes = fl_memo_bytes(l->memo, node->state, &size);
    assert(size <= g->state_max);
    memset(g->scratch, 0, g->state_max);
    memcpy(g->scratch, bytes, size);
    write_done(l, e, fl_words_at(l, &l->eras[e], n), next.done);
    if (!fl_graph_enter(g, &next, size, place)) {
        return false;
    }
    struct fl_configuration *c = &g->configurations[*place];
    c->era = e > c->era ? e : c->era;
    struct fl_edge crash = {.from = next.from, .to = *place, .by = FL_OPEN};
    return !is_first || is_root || crash.from == crash.to ||
           fl_graph_add_edge(g, crash);
}

/* The operation by which a step goes. */
static uint32_t step_operation(const struct fl_losses *l,
                               const struct fl_era *era,
                               const struct fl_step *step)
{
    const uint64_t *from = fl_words_at(l, era, step->from);
    const uint64_t *to = fl_words_at(l, era, step->to);
    uint32_t i = 0;
    while (i < l->h->count && fl_has_bit(from, i) == fl_has_bit(to, i)) {
        i++;
    }
    assert(i < l->h->count);
    return i;
}

/* Adds the steps that leave the configurations that are new in this listing,
 * and marks which operations go on from each: bit i of row n. */
static bool add_steps(struct growth *growth, const struct fl_losses *l,
                      uint32_t e, uint64_t *taken)
{
    const struct fl_era *era = &l->eras[e];
    const struct fl_step *steps = era->steps.data;
    for (uint32_t k = 0; k < era->steps_count; k++) {
        struct fl_edge edge = {.from = growth->places[e][steps[k].from],
                               .to = growth->places[e][steps[k].to],
                               .by = step_operation(l, era, &steps[k])};
        fl_set_bit(taken + (size_t)steps[k].from * DONE_WORDS, edge.by);
        if (edge.from != FL_OPEN && edge.to != FL_OPEN &&
            !growth->expanded[edge.from] &&
            !fl_graph_add_edge(growth->g, edge)) {
            return false;
        }
    }
    return true;
}

/* Adds what is enabled in node `n` and was not accepted. */
static bool add_refusals(struct growth *growth, const struct fl_losses *l,
                         uint32_t e, uint32_t n, const uint64_t *taken)
{
    const uint64_t *words = fl_words_at(l, &l->eras[e], n);
    uint32_t least = fl_era_least(l, e, words);
    for (uint32_t i = 0; i < l->h->count; i++) {
        if (l->h->operations[i].ret != FL_OPEN && l->era_of[i] == e &&
            !fl_has_bit(words, i) && fl_era_enabled(l, e, i, least) &&
            !fl_has_bit(taken + (size_t)n * DONE_WORDS, i) &&
            !fl_graph_refuse(growth->g, growth->places[e][n], i)) {
            return false;
        }
    }
    return true;
}

/* An era was listed: it joins the graph. */
static bool join_era(void *context, const struct fl_losses *l, uint32_t e)
{
    struct growth *growth = context;
    assert(e < growth->eras);
    const struct fl_era *era = &l->eras[e];
    uint32_t *places =
        realloc(growth->places[e], (era->count + 1ul) * sizeof(*places));
    if (places == NULL) {
        return false;
    }
    growth->places[e] = places;
    bool held = true;
    for (uint32_t n = 0; n < era->count && held; n++) {
        held = enter_node(growth, l, e, n);
    }
    uint64_t *taken = calloc(era->count + 1ul, DONE_WORDS * sizeof(uint64_t));
    held = held && taken != NULL && add_steps(growth, l, e, taken);
    for (uint32_t n = 0; n < era->count && held; n++) {
        if (places[n] != FL_OPEN && !growth->expanded[places[n]]) {
            held = add_refusals(growth, l, e, n, taken);
        }
    }
    for (uint32_t n = 0; n < era->count && held; n++) {
        bool goes_on = fl_era_least(l, e, fl_words_at(l, era, n)) != FL_OPEN;
        if (places[n] != FL_OPEN && goes_on) {
            growth->expanded[places[n]] = true;
        }
    }
    free(taken);
    return held;
}

/* Decides again, with `growth` watching. */
static enum fl_status decide_again(struct growth *growth)
{
    struct fl_graph *g = growth->g;
    struct fl_search *search = calloc(1, sizeof(*search));
    if (search == NULL) {
        return FL_NO_MEMORY;
    }
    struct fl_loss_watch watch = {growth, join_era};
    enum fl_status status = FL_NO_MEMORY;
    struct fl_losses *l = fl_losses_new(g->h, g->options, search);
    if (g->options->budget.milliseconds > 0) {
        search->deadline =
            fl_clock_read() + g->options->budget.milliseconds * 1000000ull;
    }
    if (l != NULL) {
        growth->eras = l->eras_count;
        growth->places = calloc(l->eras_count, sizeof(*growth->places));
        fl_losses_watch(l, &watch);
    }
    if (growth->places != NULL) {
        enum fl_end end = fl_losses_run(l);
        status = end == FL_END_NO_MEMORY   ? FL_NO_MEMORY
                 : end == FL_END_VIOLATION ? FL_OK
                                           : FL_BAD_INPUT;
    }
    fl_losses_free(l);
    fl_search_release(search);
    free(search);
    return status;
}

enum fl_status fl_graph_build_losses(struct fl_graph *g)
{
    assert(g->options != NULL && fl_loses(g->options->criterion));
    struct growth *growth = calloc(1, sizeof(*growth));
    enum fl_status status = fl_graph_begin(g);
    if (growth == NULL || status != FL_OK) {
        free(growth);
        return FL_NO_MEMORY;
    }
    growth->g = g;
    g->complete = true;
    status = decide_again(growth);
    for (uint32_t e = 0; growth->places != NULL && e < growth->eras; e++) {
        free(growth->places[e]);
    }
    free(growth->places);
    free(growth);
    g->expanded = g->count;
    return status;
}

/* The era of operation `i`. */
static uint32_t era_of(const struct fl_history *h, uint32_t i)
{
    uint32_t era = 0;
    for (uint32_t k = 0; k < h->events_count; k++) {
        era += h->events[k].kind == FL_EVENT_CRASH_ALL &&
               h->events[k].at < h->operations[i].call;
    }
    return era;
}

uint32_t fl_add_lost(const struct fl_graph *g, uint32_t at, uint32_t era,
                     struct fl_phrase *phrase)
{
    uint64_t survived[DONE_WORDS] = {0};
    assert(at < g->count);
    for (uint32_t c = at; g->configurations[c].from != FL_OPEN;
         c = g->configurations[c].from) {
        if (g->configurations[c].by != FL_OPEN) {
            fl_set_bit(survived, g->configurations[c].by);
        }
    }
    uint32_t lost = 0;
    for (uint32_t i = g->context->setup_count; i < g->h->count; i++) {
        if (g->h->operations[i].ret != FL_OPEN && era_of(g->h, i) < era &&
            !fl_has_bit(survived, i)) {
            fl_phrase_add(phrase, lost > 0 ? ", " : "");
            fl_add_call(phrase, g, i);
            lost++;
        }
    }
    return lost;
}

/* What the crash at the end of era `crash->lost` (so far) did on the spine. */
static void describe_crash(const struct fl_graph *g, struct fl_explanation *e,
                           uint32_t era, struct fl_crash_loss *crash)
{
    struct fl_phrase what;
    fl_phrase_init(&what, crash->what, sizeof(crash->what));
    bool in_prefix[FL_EXPLAINED_MAX] = {false};
    for (uint32_t k = 0; k < e->prefix_count; k++) {
        in_prefix[e->prefix[k]] = true;
        crash->before += era_of(g->h, e->prefix[k]) <= era;
    }
    for (uint32_t i = 0; i < g->h->count; i++) {
        if (g->h->operations[i].ret != FL_OPEN && era_of(g->h, i) == era &&
            !in_prefix[i]) {
            fl_phrase_add(&what, crash->lost > 0 ? ", " : "");
            fl_add_call(&what, g, i);
            crash->lost++;
        }
    }
    const char *state = crash->before == 0
                            ? e->start_state
                            : e->prefix_states[crash->before - 1];
    memcpy(crash->state, state, FL_TEXT_MAX);
}

enum fl_status fl_explain_crashes(const struct fl_graph *g,
                                  struct fl_explanation *e)
{
    assert(e->stuck < g->h->count);
    uint32_t last = era_of(g->h, e->stuck);
    e->crashes = calloc(last + 1ul, sizeof(*e->crashes));
    if (e->crashes == NULL) {
        return FL_NO_MEMORY;
    }
    for (uint32_t k = 0; k < g->h->events_count; k++) {
        if (g->h->events[k].kind == FL_EVENT_CRASH_ALL &&
            e->crashes_count < last) {
            struct fl_crash_loss *crash = &e->crashes[e->crashes_count];
            crash->at = g->h->events[k].at;
            describe_crash(g, e, e->crashes_count, crash);
            e->crashes_count++;
        }
    }
    /* What was lost counts as done in a configuration, and not here. */
    e->prefix_returned = 0;
    for (uint32_t k = 0; k < e->prefix_count; k++) {
        e->prefix_returned += g->h->operations[e->prefix[k]].ret != FL_OPEN;
    }
    return FL_OK;
}
