/*
 * The witness: an order, tested against the definition and nothing else.
 *
 * This file shares no code with the search; it reads the history, the events
 * and the model's step, and works out each deadline and successor anew.
 *
 * That the order respects *precedes* follows from one running maximum: if the
 * greatest call so far is never after the return of the operation at hand,
 * then no operation stands behind one that it precedes.
 *
 * A long history of several objects, or of a set, is walked object by object:
 * that every object accepts its part of the order is what the product of them
 * is, and its state need not be copied at every step.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/check.h"
#include "checker/model.h"
#include "checker/possible.h"
#include "checker/rewrite.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONG = 4096 /* operations, from which on objects are walked one by one */
};

/* A walk along the order. */
struct walk {
    const struct fl_history *h;
    const struct fl_space *space;
    enum fl_criterion criterion;
    bool *placed;              /* by operation */
    struct fl_possible states; /* of the object */
    uint32_t *period; /* quiescent: by operation, how many pauses before it */
    uint32_t latest;  /* the greatest call so far */
    bool began;       /* there is one */
    bool apart;       /* objects are walked later, one by one */
};

/* An operation of the order, by its object. */
struct turn {
    fl_value key;
    fl_value element; /* of a set */
    uint32_t at;      /* in the order */
};

static bool is_cut_by(const struct fl_event *event,
                      const struct fl_operation *op, bool by_era_only)
{
    if (event->at < op->call) {
        return false;
    }
    return event->kind == FL_EVENT_CRASH_ALL ||
           (!by_era_only && event->kind == FL_EVENT_CRASH &&
            event->client == op->client);
}

/* The moment by which the open operation `op` must have taken effect. */
static uint32_t last_moment(const struct walk *w, const struct fl_operation *op)
{
    assert(op->ret == FL_OPEN);
    uint32_t last = FL_OPEN;
    if (w->criterion == FL_STRICT || w->criterion == FL_DURABLE_STRICT ||
        w->criterion == FL_BUFFERED_STRICT) {
        bool by_era_only = w->criterion != FL_STRICT;
        for (uint32_t e = w->h->events_count; e > 0; e--) {
            const struct fl_event *event = &w->h->events[e - 1];
            last = is_cut_by(event, op, by_era_only) ? event->at : last;
        }
    } else if (w->criterion == FL_PERSISTENT) {
        for (uint32_t i = w->h->count; i > 0; i--) {
            const struct fl_operation *other = &w->h->operations[i - 1];
            bool is_later =
                other->client == op->client && other->call > op->call;
            last = is_later ? other->call : last;
        }
    }
    return last;
}

/* Whether a later operation of its client on the same object already came. */
static bool succ_came(const struct walk *w, const struct fl_operation *op)
{
    bool came = false;
    for (uint32_t i = 0; w->criterion == FL_RECOVERABLE && i < w->h->count;
         i++) {
        const struct fl_operation *other = &w->h->operations[i];
        came = came || (other->client == op->client && other->key == op->key &&
                        other->call > op->call && w->placed[i]);
    }
    return came;
}

/* The same operation under its client's name in this era, which the models
 * that ask for the client need. */
static struct fl_operation rename_client(const struct walk *w,
                                         const struct fl_operation *op)
{
    struct fl_operation renamed = *op;
    bool renames = w->criterion == FL_DURABLE ||
                   w->criterion == FL_DURABLE_STRICT ||
                   w->criterion == FL_BUFFERED_DURABLE ||
                   w->criterion == FL_BUFFERED_STRICT;
    if (!renames || !w->h->model->by_client) {
        return renamed;
    }
    uint32_t names = 1;
    for (uint32_t i = 0; i < w->h->count; i++) {
        uint32_t client = w->h->operations[i].client;
        names = client >= names ? client + 1 : names;
    }
    for (uint32_t e = 0; e < w->h->events_count; e++) {
        const struct fl_event *event = &w->h->events[e];
        if (event->kind == FL_EVENT_CRASH_ALL && event->at < op->call) {
            renamed.client += names;
        }
    }
    return renamed;
}

/* Sequential: whether a later operation of its client already came. */
static bool is_overtaken(const struct walk *w, uint32_t i)
{
    bool overtaken = false;
    for (uint32_t k = i + 1; k < w->h->count; k++) {
        overtaken = overtaken ||
                    (w->placed[k] &&
                     w->h->operations[k].client == w->h->operations[i].client);
    }
    return overtaken;
}

/* Quiescent: whether something already came that is on the same object and
 * after a pause that this operation was before. */
static bool is_behind_pause(const struct walk *w, uint32_t i)
{
    const struct fl_operation *op = &w->h->operations[i];
    bool behind = false;
    for (uint32_t k = 0; op->ret != FL_OPEN && k < w->h->count; k++) {
        behind =
            behind || (w->placed[k] && w->h->operations[k].key == op->key &&
                       w->period[k] > w->period[i]);
    }
    return behind;
}

/* Counts the pauses in the use of its object before each operation. */
static bool count_pauses(struct walk *w)
{
    w->period = calloc(w->h->count + 1ul, sizeof(*w->period));
    for (uint32_t i = 0; w->period != NULL && i < w->h->count; i++) {
        uint32_t end = 0;
        for (uint32_t k = 0; k < i; k++) {
            const struct fl_operation *op = &w->h->operations[k];
            if (op->key != w->h->operations[i].key) {
                continue;
            }
            uint32_t until =
                op->ret == FL_OPEN ? fl_history_cut(w->h, k) : op->ret;
            end = until > end ? until : end;
            w->period[i] = w->period[k]; /* that of the one before */
        }
        w->period[i] += end < w->h->operations[i].call && end > 0;
    }
    return w->period != NULL;
}

/* Whether *precedes*, as the criterion has it, lets `op` come now. */
static bool is_in_order(struct walk *w, uint32_t i)
{
    const struct fl_operation *op = &w->h->operations[i];
    if (w->criterion == FL_SEQUENTIAL) {
        return !is_overtaken(w, i);
    }
    if (w->criterion == FL_QUIESCENT) {
        return !is_behind_pause(w, i);
    }
    uint32_t last = op->ret;
    if (op->ret == FL_OPEN) {
        last = last_moment(w, op);
        if (succ_came(w, op)) {
            return false;
        }
    }
    return !w->began || last == FL_OPEN || w->latest < last;
}

static bool place(struct walk *w, uint32_t i)
{
    if (i >= w->h->count || w->placed[i]) {
        return false;
    }
    const struct fl_operation *op = &w->h->operations[i];
    assert(op->fn < w->h->model->types_count);
    if (!is_in_order(w, i)) {
        return false;
    }
    struct fl_operation renamed = rename_client(w, op);
    if (!w->apart && !fl_possible_go(&w->states, &renamed)) {
        return false;
    }
    w->latest = !w->began || op->call > w->latest ? op->call : w->latest;
    assert(w->latest >= op->call);
    w->began = true;
    w->placed[i] = true;
    return true;
}

static uint32_t era_of(const struct fl_history *h, uint32_t stamp)
{
    uint32_t era = 0;
    for (uint32_t e = 0; e < h->events_count; e++) {
        era +=
            h->events[e].kind == FL_EVENT_CRASH_ALL && h->events[e].at < stamp;
    }
    return era;
}

/* Whether the operation `i`, which returned, may be lost: its era is over,
 * nothing that it precedes is there, and no sync of its era came after it. */
static bool may_be_lost(const struct walk *w, uint32_t i)
{
    const struct fl_operation *op = &w->h->operations[i];
    uint32_t era = era_of(w->h, op->call);
    bool may = era < era_of(w->h, FL_OPEN);
    for (uint32_t k = 0; k < w->h->count && may; k++) {
        const struct fl_operation *other = &w->h->operations[k];
        may = !w->placed[k] || other->call < op->ret ||
              era_of(w->h, other->call) != era;
    }
    for (uint32_t e = 0; e < w->h->events_count && may; e++) {
        const struct fl_event *event = &w->h->events[e];
        may = event->kind != FL_EVENT_SYNC || event->at < op->ret ||
              era_of(w->h, event->at) != era;
    }
    return may;
}

/* Whether operation `i`, which returned, did so too long before the crash that
 * lost it. */
static bool is_lost_late(const struct walk *w, const struct fl_options *options,
                         uint32_t i)
{
    const struct fl_operation *op = &w->h->operations[i];
    if (!options->loss_timed || w->h->times == NULL) {
        return false;
    }
    uint32_t crash = 0; /* the first after it */
    for (uint32_t e = w->h->events_count; e-- > 0;) {
        const struct fl_event *event = &w->h->events[e];
        if (event->kind == FL_EVENT_CRASH_ALL && event->at > op->ret) {
            crash = event->at;
        }
    }
    return w->h->times[crash] - w->h->times[op->ret] >= options->loss_ns;
}

/* Whether what is missing may be. */
static bool is_enough(const struct walk *w, const struct fl_options *options)
{
    bool loses = w->criterion == FL_BUFFERED_DURABLE ||
                 w->criterion == FL_BUFFERED_STRICT;
    bool enough = true;
    for (uint32_t i = 0; i < w->h->count && enough; i++) {
        const struct fl_operation *op = &w->h->operations[i];
        if (op->ret == FL_OPEN || w->placed[i]) {
            continue;
        }
        uint32_t lost = 0;
        for (uint32_t k = 0; k < w->h->count && loses; k++) {
            const struct fl_operation *other = &w->h->operations[k];
            lost += !w->placed[k] && other->ret != FL_OPEN &&
                    era_of(w->h, other->call) == era_of(w->h, op->call);
        }
        enough = loses && may_be_lost(w, i) && !is_lost_late(w, options, i) &&
                 (!options->loss_bounded || lost <= options->loss_max);
    }
    return enough;
}

static bool is_same_object(const struct turn *a, const struct turn *b)
{
    return a->key == b->key && a->element == b->element;
}

static int compare_turns(const void *left, const void *right)
{
    const struct turn *a = left;
    const struct turn *b = right;
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    if (a->element != b->element) {
        return a->element < b->element ? -1 : 1;
    }
    return a->at < b->at ? -1 : a->at > b->at;
}

/* Walks each object, from its start, through its part of the order. */
static bool walk_turns(struct walk *w, const struct turn *turns,
                       const uint32_t *order, uint32_t order_count)
{
    struct fl_space one = *w->space;
    bool accepted = true;
    one.keys = 1;
    for (uint32_t k = 0; k < order_count && accepted; k++) {
        if (k == 0 || !is_same_object(&turns[k - 1], &turns[k])) {
            fl_possible_start(&w->states, &one);
        }
        struct fl_operation renamed =
            rename_client(w, &w->h->operations[order[turns[k].at]]);
        accepted = fl_possible_go(&w->states, &renamed);
    }
    return accepted;
}

static bool walk_apart(struct walk *w, const uint32_t *order,
                       uint32_t order_count)
{
    struct turn *turns = malloc((order_count + 1ul) * sizeof(*turns));
    if (turns == NULL) {
        return false;
    }
    for (uint32_t k = 0; k < order_count; k++) {
        const struct fl_operation *op = &w->h->operations[order[k]];
        assert(w->placed[order[k]]);
        turns[k] = (struct turn){op->key,
                                 w->h->model->by_element ? op->args[0] : 0, k};
    }
    qsort(turns, order_count, sizeof(*turns), compare_turns);
    bool accepted = walk_turns(w, turns, order, order_count);
    free(turns);
    return accepted;
}

static bool walk_order(struct walk *w, const struct fl_options *options,
                       const uint32_t *order, uint32_t order_count)
{
    if (w->criterion == FL_QUIESCENT && !count_pauses(w)) {
        return false;
    }
    for (uint32_t k = 0; k < order_count; k++) {
        if (!place(w, order[k])) {
            return false;
        }
    }
    return (!w->apart || walk_apart(w, order, order_count)) &&
           is_enough(w, options);
}

/* Detectable: the history with what the clients were told in it. */
static bool told_holds(const struct fl_history *h,
                       const struct fl_options *options, const uint32_t *order,
                       uint32_t order_count)
{
    struct fl_rewriting told;
    if (!fl_rewrite(h, FL_DETECTABLE, &told)) {
        return false;
    }
    bool holds = told.broken == FL_OPEN;
    for (uint32_t k = 0; k < order_count && holds; k++) {
        holds = order[k] < h->count && !told.gone[order[k]];
    }
    struct fl_options plain = *options;
    plain.criterion = FL_LINEARIZABLE;
    holds = holds && fl_witness_holds(told.history, &plain, order, order_count);
    fl_rewriting_release(&told);
    return holds;
}

bool fl_witness_holds(const struct fl_history *h,
                      const struct fl_options *options, const uint32_t *order,
                      uint32_t order_count)
{
    if (options != NULL && options->criterion == FL_DETECTABLE) {
        return told_holds(h, options, order, order_count);
    }
    struct fl_space space;
    fl_space_init(&space, h);
    if (options != NULL) {
        fl_space_limit(&space, options->capacity, options->relax);
    }
    struct walk w = {
        .h = h,
        .space = &space,
        .criterion = options == NULL ? FL_LINEARIZABLE : options->criterion,
        .placed = calloc(h->count + 1ul, sizeof(bool)),
        .apart = h->count >= LONG && (space.keys > 1 || h->model->by_element),
    };
    bool holds = false;
    if (w.placed != NULL && fl_possible_begin(&w.states, &space)) {
        holds = walk_order(&w, options, order, order_count);
    }
    free(w.placed);
    free(w.period);
    fl_possible_release(&w.states);
    return holds;
}
