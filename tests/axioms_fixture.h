/*
 * All executions of a tiny program that the axioms of a memory model allow, by
 * trying each: in every order, with every store to read from, and every place
 * in the modification order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_AXIOMS_FIXTURE_H
#define TESTS_AXIOMS_FIXTURE_H

#include "tests/axioms.h"

#include <stdio.h>

static void twin_go_on(struct twin *t);

/* The event that was executed last takes place `at` of its modification
 * order. */
static void twin_place(struct twin *t, uint32_t at)
{
    uint32_t l = t->event[t->count - 1].location;
    uint32_t *order = t->order[l];
    memmove(&order[at + 1], &order[at], (t->stores[l] - at) * sizeof(order[0]));
    order[at] = t->count - 1;
    t->stores[l]++;
    twin_go_on(t);
    t->stores[l]--;
    memmove(&order[at], &order[at + 1], (t->stores[l] - at) * sizeof(order[0]));
}

static void twin_store(struct twin *t)
{
    struct event *e = &t->event[t->count - 1];
    uint32_t end = t->stores[e->location];
    uint32_t from = e->reads     ? twin_rank(t, e->source) + 1
                    : t->inserts ? 1
                                 : end;
    uint32_t to = e->reads ? from : end;
    for (uint32_t at = t->inserts || from == end ? from : end + 1; at <= to;
         at++) {
        twin_place(t, at);
    }
}

/* The last event reads from `source`. */
static void twin_read(struct twin *t, const struct instruction *i,
                      uint32_t source)
{
    struct event *e = &t->event[t->count - 1];
    e->source = source;
    e->read = t->event[source].written;
    e->writes = i->kind == KIND_ADD || i->kind == KIND_SWAP ||
                (i->kind == KIND_COMPARE && e->read == 0);
    e->written = i->kind == KIND_ADD ? e->read + i->value : i->value;
    e->order = i->order;
    if (i->kind == KIND_COMPARE && !e->writes && i->order == ORDER_ACQ_REL) {
        e->order = ORDER_ACQUIRE;
    }
    if (e->writes) {
        twin_store(t);
    } else {
        twin_go_on(t);
    }
}

static void twin_step(struct twin *t, uint32_t thread)
{
    const struct instruction *i = &t->code[thread][t->done[thread]];
    struct event *e = &t->event[t->count];
    *e = (struct event){.thread = thread,
                        .kind = i->kind,
                        .order = i->order,
                        .location = i->location,
                        .written = i->value};
    assert(t->count < AXIOMS_EVENTS);
    t->count++;
    t->done[thread]++;
    if (i->kind == KIND_FENCE || i->kind == KIND_LOCK ||
        i->kind == KIND_UNLOCK) {
        twin_go_on(t);
    } else if (i->kind == KIND_STORE) {
        e->writes = true;
        twin_store(t);
    } else {
        e->reads = true;
        uint32_t stores = t->stores[i->location];
        for (uint32_t k = 0; k < stores; k++) {
            twin_read(t, i, t->order[i->location][k]);
        }
    }
    t->count--;
    t->done[thread]--;
}

/* Whether the mutex is free, if that is what thread `i` wants. */
static bool twin_can_step(const struct twin *t, uint32_t i)
{
    bool held = false;
    for (uint32_t e = 0; e < t->count; e++) {
        held = t->event[e].kind == KIND_LOCK ||
               (held && t->event[e].kind != KIND_UNLOCK);
    }
    return !held || t->code[i][t->done[i]].kind != KIND_LOCK;
}

/* What is executed has no cycle: with what else is executed? */
static void twin_go_on(struct twin *t)
{
    if (!twin_allows(t)) {
        return;
    }
    bool ended = true;
    for (uint32_t i = 0; i < t->threads; i++) {
        if (t->done[i] < t->length[i]) {
            ended = false;
            if (twin_can_step(t, i)) {
                twin_step(t, i);
            }
        }
    }
    if (ended) {
        t->tell(t, t->context);
    }
}

/* Tells of every execution of the program in `t` that its axioms allow, each
 * as often as there are orders to execute it in. */
static inline void twin_explore(struct twin *t,
                                void (*tell)(const struct twin *, void *),
                                void *context)
{
    t->tell = tell;
    t->context = context;
    t->count = AXIOMS_LOCATIONS;
    memset(t->done, 0, sizeof(t->done));
    for (uint32_t l = 0; l < AXIOMS_LOCATIONS; l++) {
        t->event[l] = (struct event){.thread = AXIOMS_THREADS,
                                     .kind = KIND_STORE,
                                     .order = ORDER_RELAXED,
                                     .location = l,
                                     .writes = true};
        t->order[l][0] = l;
        t->stores[l] = 1;
    }
    twin_go_on(t);
}

/* As the interpreter says it: what was read, by thread and in order, a space,
 * and what is there in the end. */
static inline void twin_outcome(const struct twin *t, char *text, size_t size)
{
    size_t at = 0;
    for (uint32_t i = 0; i < t->threads; i++) {
        for (uint32_t e = 0; e < t->count && at + 8 < size; e++) {
            if (t->event[e].thread == i && t->event[e].reads) {
                text[at++] = (char)('0' + t->event[e].read % 10);
            }
        }
    }
    text[at++] = ' ';
    for (uint32_t l = 0; l < 4; l++) {
        uint32_t last =
            l < AXIOMS_LOCATIONS ? t->order[l][t->stores[l] - 1] : 0;
        text[at++] =
            (char)('0' +
                   (l < AXIOMS_LOCATIONS ? t->event[last].written % 10 : 0));
    }
    text[at] = '\0';
}

/* Which load read from which store, where each store stands, and who had the
 * mutex when: the same for any order of execution. */
static inline uint64_t twin_graph(const struct twin *t)
{
    uint64_t sum = 0;
    uint32_t name[AXIOMS_EVENTS];
    uint32_t done[AXIOMS_THREADS + 1] = {0};
    uint32_t locks = 0;
    for (uint32_t e = 0; e < t->count; e++) {
        uint32_t thread = t->event[e].thread;
        name[e] = thread * AXIOMS_EVENTS + done[thread]++;
    }
    for (uint32_t e = 0; e < t->count; e++) {
        const struct event *x = &t->event[e];
        uint64_t h = name[e] + 1;
        h = h * 1000003 + (x->reads ? name[x->source] + 1 : 0);
        h = h * 1000003 + (x->writes ? twin_rank(t, e) + 1 : 0);
        h = h * 1000003 + (x->kind == KIND_LOCK ? ++locks : 0);
        h = (h ^ h >> 29) * 0x9e3779b97f4a7c15u;
        sum += h ^ h >> 32;
    }
    return sum;
}

/* The program, in the notation of litmus_fixture.h. */
static inline void twin_text(const struct twin *t, char *text, size_t size)
{
    static const char *const orders[] = {"rlx", "con", "acq",
                                         "rel", "ar",  "sc"};
    static const char letters[] = " RWUXF  CLN";
    size_t at = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < t->threads; i++) {
        for (uint32_t k = 0; k < t->length[i] && at + 16 < size; k++) {
            const struct instruction *c = &t->code[i][k];
            char place[4] = "";
            if (c->kind == KIND_LOCK || c->kind == KIND_UNLOCK) {
                at += (size_t)snprintf(text + at, size - at, "%c ",
                                       letters[c->kind]);
                continue;
            }
            if (c->kind != KIND_FENCE) {
                (void)snprintf(
                    place, sizeof(place), "%c%c", "xyzw"[c->location],
                    c -> kind == KIND_LOAD ? '\0' : "01234567"[c->value]);
            }
            at += (size_t)snprintf(text + at, size - at, "%c%s.%s ",
                                   letters[c->kind], place, orders[c->order]);
        }
        at += (size_t)snprintf(text + at, size - at,
                               i + 1 < t->threads ? "/ " : "");
    }
}

#endif
