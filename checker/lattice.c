/*
 * The order of the criteria, and the decision of all of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/lattice.h"

#include "checker/model.h"
#include "checker/search.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLIENTS_MAX = 1 << 24 /* clients that are told apart by number */
};

/* From strong to weak, so that nobody stands before one that implies it. */
static const enum fl_criterion by_strength[FL_CRITERIA] = {
    FL_STRICT,           FL_DURABLE_STRICT, FL_PERSISTENT,   FL_DETECTABLE,
    FL_RECOVERABLE,      FL_DURABLE,        FL_LINEARIZABLE, FL_BUFFERED_STRICT,
    FL_BUFFERED_DURABLE, FL_SEQUENTIAL,     FL_QUIESCENT,
};

/* Cheap ones that settle many others come first. */
static const enum fl_criterion by_turn[FL_CRITERIA] = {
    FL_LINEARIZABLE,   FL_STRICT,          FL_PERSISTENT,       FL_RECOVERABLE,
    FL_DURABLE_STRICT, FL_DURABLE,         FL_DETECTABLE,       FL_SEQUENTIAL,
    FL_QUIESCENT,      FL_BUFFERED_STRICT, FL_BUFFERED_DURABLE,
};

struct edge {
    enum fl_criterion from;
    enum fl_criterion to;
};

static const struct edge always[] = {
    {FL_STRICT, FL_PERSISTENT},
    {FL_PERSISTENT, FL_RECOVERABLE},
    {FL_RECOVERABLE, FL_LINEARIZABLE},
    {FL_PERSISTENT, FL_SEQUENTIAL},
    {FL_LINEARIZABLE, FL_QUIESCENT},
    {FL_DETECTABLE, FL_LINEARIZABLE},
    {FL_DURABLE_STRICT, FL_DURABLE},
    {FL_DURABLE_STRICT, FL_BUFFERED_STRICT},
    {FL_DURABLE, FL_BUFFERED_DURABLE},
    {FL_BUFFERED_STRICT, FL_BUFFERED_DURABLE},
};

/* New names after a crash make no difference to an object that does not ask
 * who calls. */
static const struct edge nameless[] = {
    {FL_DURABLE, FL_LINEARIZABLE},
    {FL_LINEARIZABLE, FL_DURABLE},
    {FL_STRICT, FL_DURABLE_STRICT},
};

/* If no client goes on after an open operation, that one is its last, and any
 * order in time keeps the order of each client. */
static const struct edge ending[] = {
    {FL_LINEARIZABLE, FL_SEQUENTIAL},
};

/* Implications: bit b of row a says that a implies b. */
struct order {
    uint32_t row[FL_CRITERIA];
};

static uint32_t count_events(const struct fl_history *h,
                             enum fl_event_kind kind)
{
    uint32_t count = 0;
    for (uint32_t e = 0; e < h->events_count; e++) {
        count += h->events[e].kind == kind;
    }
    return count;
}

/* Whether some client may have gone on after an open operation; true, too, if
 * that is too dear to find out. */
static bool goes_on(const struct fl_history *h)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        most = h->operations[i].client > most ? h->operations[i].client : most;
    }
    bool *seen = most < CLIENTS_MAX ? calloc(most + 1ul, sizeof(*seen)) : NULL;
    bool found = seen == NULL;
    for (uint32_t i = h->count; i-- > 0 && !found;) {
        const struct fl_operation *op = &h->operations[i];
        found = op->ret == FL_OPEN && seen[op->client];
        seen[op->client] = true;
    }
    free(seen);
    return found;
}

static void add_edges(struct order *order, const struct edge *edges,
                      size_t count)
{
    for (size_t k = 0; k < count; k++) {
        order->row[edges[k].from] |= 1u << edges[k].to;
    }
}

/* All implications of `h`, closed under transitivity. */
static void fill_order(struct order *order, const struct fl_history *h)
{
    assert(h->model != NULL);
    for (uint32_t a = 0; a < FL_CRITERIA; a++) {
        order->row[a] = 1u << a;
    }
    add_edges(order, always, sizeof(always) / sizeof(always[0]));
    if (!h->model->by_client) {
        add_edges(order, nameless, sizeof(nameless) / sizeof(nameless[0]));
    }
    if (!goes_on(h)) {
        add_edges(order, ending, sizeof(ending) / sizeof(ending[0]));
    }
    for (uint32_t by = 0; by < FL_CRITERIA; by++) {
        for (uint32_t a = 0; a < FL_CRITERIA; a++) {
            if (order->row[a] >> by & 1) {
                order->row[a] |= order->row[by];
            }
        }
    }
}

static bool implies(const struct order *order, uint32_t a, uint32_t b)
{
    assert(a < FL_CRITERIA && b < FL_CRITERIA);
    return order->row[a] >> b & 1;
}

bool fl_criterion_implies(const struct fl_history *h, enum fl_criterion a,
                          enum fl_criterion b)
{
    struct order order;
    fill_order(&order, h);
    return implies(&order, a, b);
}

/* Why a criterion of crashes has nothing to say; NULL: it has. */
static const char *find_unsuited(const struct fl_history *h,
                                 enum fl_criterion criterion)
{
    bool all = count_events(h, FL_EVENT_CRASH_ALL) > 0;
    bool any = all || count_events(h, FL_EVENT_CRASH) > 0;
    switch (criterion) {
    case FL_LINEARIZABLE:
    case FL_SEQUENTIAL:
    case FL_QUIESCENT:
        return NULL;
    case FL_STRICT:
    case FL_PERSISTENT:
    case FL_RECOVERABLE:
        return any ? NULL
                   : "nobody crashed in this history, so that it asks no more "
                     "than linearizable; use that";
    case FL_DETECTABLE:
        if (count_events(h, FL_EVENT_RESOLVE) > 0) {
            return NULL;
        }
        return any ? "it asks what clients were told after a crash, and the "
                     "history has no resolve events; use recoverable or strict"
                   : "nobody crashed in this history, so that it asks no more "
                     "than linearizable; use that";
    case FL_DURABLE:
    case FL_DURABLE_STRICT:
    case FL_BUFFERED_DURABLE:
    case FL_BUFFERED_STRICT:
        break;
    }
    if (all) {
        return NULL;
    }
    return any ? "it speaks of crashes of everybody at once (crash_all), and "
                 "here single clients crashed; use strict, persistent or "
                 "recoverable"
               : "nobody crashed in this history, so that it asks no more than "
                 "linearizable; use that";
}

bool fl_criterion_suits(const struct fl_history *h, enum fl_criterion criterion,
                        char *text)
{
    const char *why = find_unsuited(h, criterion);
    text[0] = '\0';
    if (why != NULL) {
        assert(strlen(why) < FL_UNSUITED_MAX);
        memcpy(text, why, strlen(why) + 1);
    }
    return why == NULL;
}

/* Whether the answer to `c` follows from one that is known. */
static bool infer(struct fl_lattice *l, const struct order *order, uint32_t c,
                  const bool *known)
{
    struct fl_standing *standing = &l->standing[c];
    assert(c < FL_CRITERIA && !known[c]);
    for (uint32_t k = 0; k < FL_CRITERIA; k++) {
        const struct fl_standing *other = &l->standing[k];
        if (!known[k] || other->inferred) {
            continue;
        }
        bool passes = other->verdict == FL_PASS && implies(order, k, c);
        bool refuted = other->verdict == FL_VIOLATION && implies(order, c, k);
        if (passes || refuted) {
            standing->inferred = true;
            standing->from = (enum fl_criterion)k;
            standing->verdict = other->verdict;
            return true;
        }
    }
    return false;
}

/* Options with what is left of the time. */
static struct fl_options options_left(const struct fl_options *options,
                                      uint64_t deadline)
{
    struct fl_options left = *options;
    if (deadline > 0) {
        uint64_t now = fl_clock_read();
        left.budget.milliseconds =
            now < deadline ? (uint32_t)((deadline - now) / 1000000) + 1 : 1;
    }
    return left;
}

static enum fl_status decide_one(const struct fl_history *h,
                                 struct fl_options options,
                                 struct fl_checker *checker,
                                 struct fl_standing *standing)
{
    const struct fl_result *result;
    enum fl_status status = fl_checker_decide(checker, h, &options, &result);
    if (status == FL_OK) {
        standing->verdict = result->verdict;
        standing->exhausted = result->exhausted;
        standing->nodes = result->nodes;
        standing->decider = result->decider;
    }
    return status;
}

static bool holds(const struct fl_lattice *l, uint32_t c)
{
    return l->standing[c].applies && l->standing[c].verdict == FL_PASS;
}

static bool fails(const struct fl_lattice *l, uint32_t c)
{
    return l->standing[c].applies && l->standing[c].verdict == FL_VIOLATION;
}

/* Whether none that `c` implies, and that does not imply it, fails. */
static bool is_weakest(const struct fl_lattice *l, const struct order *order,
                       uint32_t c)
{
    for (uint32_t k = 0; k < FL_CRITERIA; k++) {
        if (fails(l, k) && implies(order, c, k) && !implies(order, k, c)) {
            return false;
        }
    }
    return true;
}

/* The strongest that holds, what else holds, and the next that fails. */
static void choose(struct fl_lattice *l, const struct order *order)
{
    l->strongest = -1;
    l->failing = -1;
    for (uint32_t k = FL_CRITERIA; k-- > 0;) {
        uint32_t c = by_strength[k];
        if (holds(l, c)) {
            l->strongest = (int)c;
        }
    }
    bool above = false; /* the one chosen implies the strongest */
    for (uint32_t k = FL_CRITERIA; k-- > 0;) {
        uint32_t c = by_strength[k];
        l->beside[c] = holds(l, c) && l->strongest >= 0 &&
                       !implies(order, (uint32_t)l->strongest, c);
        if (!fails(l, c) || !is_weakest(l, order, c)) {
            continue;
        }
        bool is_above =
            l->strongest >= 0 && implies(order, c, (uint32_t)l->strongest);
        if (l->failing < 0 || (is_above && !above)) {
            l->failing = (int)c;
            above = is_above;
        }
    }
    /* Of those beside the strongest only the strongest are of interest. */
    for (uint32_t a = 0; a < FL_CRITERIA; a++) {
        for (uint32_t b = 0; b < FL_CRITERIA; b++) {
            if (a != b && holds(l, a) && implies(order, a, b) &&
                !implies(order, b, a)) {
                l->beside[b] = false;
            }
        }
    }
}

enum fl_status fl_lattice_decide(const struct fl_history *h,
                                 const struct fl_options *options,
                                 struct fl_lattice *lattice)
{
    static const struct fl_options plain = {.criterion = FL_LINEARIZABLE};
    options = options == NULL ? &plain : options;
    memset(lattice, 0, sizeof(*lattice));
    struct order order;
    fill_order(&order, h);
    struct fl_checker *checker = fl_checker_new();
    if (checker == NULL) {
        return FL_NO_MEMORY;
    }
    uint64_t deadline = 0;
    if (options->budget.milliseconds > 0) {
        deadline = fl_clock_read() + options->budget.milliseconds * 1000000ull;
    }
    bool known[FL_CRITERIA] = {false};
    enum fl_status status = FL_OK;
    for (uint32_t turn = 0; turn < FL_CRITERIA && status == FL_OK; turn++) {
        uint32_t c = by_turn[turn];
        struct fl_standing *standing = &lattice->standing[c];
        standing->applies =
            fl_criterion_suits(h, (enum fl_criterion)c, standing->unsuited);
        if (standing->applies && !infer(lattice, &order, c, known)) {
            struct fl_options mine = options_left(options, deadline);
            mine.criterion = (enum fl_criterion)c;
            status = decide_one(h, mine, checker, standing);
        }
        known[c] = standing->applies;
    }
    fl_checker_free(checker);
    choose(lattice, &order);
    if (status == FL_OK) {
        struct fl_options mine = options_left(options, deadline);
        mine.criterion = FL_LINEARIZABLE;
        status = fl_relaxation_measure(h, &mine, &lattice->relaxation);
    }
    return status;
}
