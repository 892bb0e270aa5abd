/*
 * Taking a broadcast apart into views.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/weakening.h"
#include "checker/models/models.h"
#include "checker/operations.h"
#include "checker/strings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ATOMS_MAX = 63,
    VIEWS_MAX = 1 << 16 /* beyond it a history is not taken apart */
};

static const struct fl_weakening reader_form = {
    .name = "accumulator_reader",
    .about = "atomic for one reader at a time: a send reaches each by itself",
    .of = &fl_model_of_accumulator,
    .own = &fl_model_of_accumulator_reader};
static const struct fl_weakening pair_form = {
    .name = "accumulator_pair",
    .about = "atomic for one writer and one reader at a time",
    .of = &fl_model_of_accumulator,
    .own = &fl_model_of_accumulator_pair};
static const struct fl_weakening once_form = {
    .name = "accumulator_once",
    .about = "each atom reaches each reader exactly once, by the next pause",
    .of = &fl_model_of_accumulator,
    .own = &fl_model_of_accumulator_once};

const struct fl_weakening *const fl_weakenings[] = {&reader_form, &pair_form,
                                                    &once_form, NULL};

const struct fl_weakening *fl_weakening_find(const char *name)
{
    for (uint32_t i = 0; fl_weakenings[i] != NULL; i++) {
        if (strcmp(fl_weakenings[i]->name, name) == 0) {
            return fl_weakenings[i];
        }
    }
    return NULL;
}

/* A view: what of whom, for whom. */
struct view {
    uint32_t reader;
    int64_t sender; /* a client; -1: everybody */
    uint64_t mask;  /* the atoms that it is about */
    fl_value key;
};

/* A history being taken apart. */
struct apart {
    const struct fl_history *h;
    const struct fl_weakening *weakening;
    struct fl_history *out;
    uint32_t *clients; /* readers first, then senders: numbers, once each */
    uint32_t readers;
    uint32_t senders;
    uint64_t unsent; /* atoms that nobody sent */
    struct view *views;
    uint32_t views_count;
    uint32_t *begin; /* of each operation: its interval, perhaps stretched */
    uint32_t *end;
};

static bool add_client(uint32_t *list, uint32_t *count, uint32_t client)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (list[i] == client) {
            return false;
        }
    }
    list[*count] = client;
    (*count)++;
    return true;
}

static bool is_send(const struct fl_operation *op)
{
    return op->fn == FL_ACCUMULATOR_SEND;
}

static bool is_atom(fl_value value)
{
    return value >= 0 && value < ATOMS_MAX;
}

/* Readers are those that ever receive, register or drop, or were readers from
 * the start. */
static void list_clients(struct apart *a)
{
    const struct fl_history *h = a->h;
    uint64_t first = h->initial == FL_NONE ? 0 : (uint64_t)h->initial;
    uint64_t sent = 0;
    uint64_t got = 0;
    for (uint32_t client = 0; client < ATOMS_MAX; client++) {
        if (first >> client & 1) {
            (void)add_client(a->clients, &a->readers, client);
        }
    }
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        if (!is_send(op)) {
            (void)add_client(a->clients, &a->readers, op->client);
        } else if (is_atom(op->args[0])) {
            sent |= (uint64_t)1 << op->args[0];
        }
        if (op->fn == FL_ACCUMULATOR_RECEIVE && op->ret != FL_OPEN) {
            got |= (uint64_t)op->result;
        }
    }
    a->unsent = got & ~sent;
    for (uint32_t i = 0; i < h->count; i++) {
        if (is_send(&h->operations[i])) {
            (void)add_client(a->clients + a->readers, &a->senders,
                             h->operations[i].client);
        }
    }
}

/* The atoms that `client` sent.  Sets `*twice` if somebody else sent one. */
static uint64_t atoms_of(const struct apart *a, uint32_t client, bool *twice)
{
    uint64_t own = 0;
    uint64_t others = 0;
    for (uint32_t i = 0; i < a->h->count; i++) {
        const struct fl_operation *op = &a->h->operations[i];
        if (is_send(op) && is_atom(op->args[0])) {
            uint64_t bit = (uint64_t)1 << op->args[0];
            own |= op->client == client ? bit : 0;
            others |= op->client == client ? 0 : bit;
        }
    }
    *twice = *twice || (own & others) != 0;
    return own;
}

static bool add_view(struct apart *a, struct view view, const char *name)
{
    fl_value number = fl_strings_add(a->out->strings, name, strlen(name));
    if (number < 0) {
        return false;
    }
    view.key = FL_TEXT_KEYS + number;
    assert(number < (fl_value)FL_TEXT_KEYS);
    a->views[a->views_count] = view;
    a->views_count++;
    return true;
}

/* The views of one reader.  What nobody sent is in the first of them. */
static bool add_views(struct apart *a, uint32_t reader, bool *twice)
{
    char name[64];
    struct view view = {.reader = reader, .sender = -1, .mask = UINT64_MAX};
    if (a->weakening == &reader_form || a->senders == 0) {
        (void)snprintf(name, sizeof(name), "to c%u", reader);
        return add_view(a, view, name);
    }
    bool added = true;
    for (uint32_t s = 0; s < a->senders && a->weakening == &pair_form && added;
         s++) {
        uint32_t sender = a->clients[a->readers + s];
        view.sender = sender;
        view.mask = atoms_of(a, sender, twice) | (s == 0 ? a->unsent : 0);
        (void)snprintf(name, sizeof(name), "c%u to c%u", sender, reader);
        added = add_view(a, view, name);
    }
    uint64_t all = a->unsent;
    for (uint32_t s = 0; s < a->senders; s++) {
        bool ignored = false;
        all |= atoms_of(a, a->clients[a->readers + s], &ignored);
    }
    for (int atom = 0; atom < 64 && a->weakening == &once_form && added;
         atom++) {
        view.mask = (uint64_t)1 << atom;
        if ((all & view.mask) != 0) {
            (void)snprintf(name, sizeof(name), "%d to c%u", atom, reader);
            added = add_view(a, view, name);
        }
    }
    return added;
}

/* The intervals of operations `first` to `last`, between two pauses, of which
 * the latest return is `until`. */
static void fill_busy(struct apart *a, uint32_t first, uint32_t last,
                      uint32_t until)
{
    const struct fl_operation *ops = a->h->operations;
    bool stretch = a->weakening == &once_form;
    assert(first <= last && last <= a->h->count);
    for (uint32_t k = first; k < last; k++) {
        a->begin[k] = stretch ? ops[first].call : ops[k].call;
        a->end[k] = !stretch || ops[k].ret == FL_OPEN ? ops[k].ret : until;
        if (ops[k].ret != FL_OPEN && a->end[k] == FL_OPEN) {
            a->end[k] = a->h->stamps; /* an open one keeps it busy for ever */
        }
    }
}

/* Intervals as they are; of the weakest form, stretched over the time in which
 * somebody was at work without a pause. */
static void fill_intervals(struct apart *a)
{
    const struct fl_history *h = a->h;
    uint32_t first = 0; /* of the busy time */
    uint32_t until = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->operations[i].call > until) {
            fill_busy(a, first, i, until);
            first = i;
            until = 0;
        }
        until = h->operations[i].ret > until ? h->operations[i].ret : until;
    }
    fill_busy(a, first, h->count, until);
}

/* Whether `op` is part of `view`. */
static bool belongs(const struct view *view, const struct fl_operation *op)
{
    if (!is_send(op)) {
        return op->client == view->reader;
    }
    bool from = view->sender < 0 || view->sender == (int64_t)op->client;
    return from &&
           (!is_atom(op->args[0]) || (view->mask >> op->args[0] & 1) != 0);
}

/* Whether `reader` was one from the start. */
static bool is_first(const struct fl_history *h, uint32_t reader)
{
    uint64_t first = h->initial == FL_NONE ? 0 : (uint64_t)h->initial;
    return reader < ATOMS_MAX && (first >> reader & 1) != 0;
}

/* Adds what belongs to a view; a reader from the start registers first.  Every
 * copy is a client of its own until the history is settled. */
static void fill_view(struct apart *a, const struct view *view)
{
    struct fl_history *out = a->out;
    assert(out->count + a->h->count < out->max + 1ul);
    if (is_first(a->h, view->reader)) {
        out->operations[out->count] =
            (struct fl_operation){.client = out->count,
                                  .fn = FL_ACCUMULATOR_REGISTER,
                                  .call = 0,
                                  .ret = 1,
                                  .key = view->key,
                                  .result = FL_NONE};
        a->clients[out->count] = view->reader;
        out->count++;
    }
    for (uint32_t i = 0; i < a->h->count; i++) {
        struct fl_operation op = a->h->operations[i];
        if (!belongs(view, &op)) {
            continue;
        }
        a->clients[out->count] = op.client;
        op.client = out->count;
        op.key = view->key;
        op.call = a->begin[i] + 2;
        op.ret = a->end[i] == FL_OPEN ? FL_OPEN : a->end[i] + 2;
        if (op.fn == FL_ACCUMULATOR_RECEIVE && op.ret != FL_OPEN) {
            op.result = (fl_value)((uint64_t)op.result & view->mask);
        }
        out->operations[out->count] = op;
        out->count++;
    }
}

/* How many operations all views have at most; 0: too many. */
static uint32_t count_copies(const struct apart *a)
{
    uint64_t each = a->h->count + 1ull;
    uint64_t all = each * a->views_count;
    return all < FL_OPEN / 4 ? (uint32_t)all : 0;
}

/* Fills a->out from the views, and settles it. */
static bool fill_history(struct apart *a)
{
    uint32_t most = count_copies(a);
    uint32_t *clients = realloc(a->clients, (most + 1ul) * sizeof(*clients));
    if (clients == NULL || most == 0) {
        a->clients = clients == NULL ? a->clients : clients;
        return false;
    }
    a->clients = clients; /* of each copy, from here on */
    if (!fl_history_grow(a->out, most, 0)) {
        return false;
    }
    for (uint32_t v = 0; v < a->views_count; v++) {
        fill_view(a, &a->views[v]);
    }
    a->out->stamps = FL_OPEN - 1;
    if (!fl_history_settle(a->out)) {
        return false;
    }
    for (uint32_t i = 0; i < a->out->count; i++) {
        a->out->operations[i].client = a->clients[a->out->operations[i].client];
    }
    return true;
}

static bool take_apart(struct apart *a, const char **why)
{
    list_clients(a);
    uint64_t views = (uint64_t)a->readers * (a->senders + ATOMS_MAX + 1ull);
    if (views > VIEWS_MAX) {
        *why = "it has too many readers and writers to be taken apart";
        return false;
    }
    a->views = calloc(views + 1, sizeof(*a->views));
    bool added = a->views != NULL;
    bool twice = false;
    for (uint32_t r = 0; r < a->readers && added; r++) {
        added = add_views(a, a->clients[r], &twice);
    }
    if (added && twice) {
        *why = "two writers send the same atom, so that nobody can say whose "
               "was received";
        return false;
    }
    fill_intervals(a);
    return added && (a->views_count == 0 || fill_history(a));
}

struct fl_history *fl_weaken(const struct fl_weakening *weakening,
                             const struct fl_history *h, const char **why)
{
    assert(h->model == weakening->of);
    *why = NULL;
    size_t room = 2ul * h->count + ATOMS_MAX + 1;
    struct apart a = {
        .h = h,
        .weakening = weakening,
        .out = fl_history_new(weakening->own, 0, 0),
        .clients = calloc(room, sizeof(*a.clients)),
        .begin = calloc(h->count + 1ul, sizeof(*a.begin)),
        .end = calloc(h->count + 1ul, sizeof(*a.end)),
    };
    bool done =
        a.out != NULL && a.clients != NULL && a.begin != NULL && a.end != NULL;
    if (done) {
        a.out->strings = fl_strings_new();
        done = a.out->strings != NULL && take_apart(&a, why);
    }
    free(a.clients);
    free(a.views);
    free(a.begin);
    free(a.end);
    if (!done) {
        fl_history_free(a.out);
        return NULL;
    }
    return a.out;
}
