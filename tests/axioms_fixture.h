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

/* Who holds the mutex, or AXIOMS_THREADS; and what the semaphore counts. */
static uint32_t twin_holder(const struct twin *t)
{
    uint32_t holder = AXIOMS_THREADS;
    for (uint32_t e = 0; e < t->count; e++) {
        const struct event *x = &t->event[e];
        if (x->object == OBJECT_MUTEX && !x->refused) {
            holder = x->takes ? x->thread : AXIOMS_THREADS;
        }
    }
    return holder;
}

static uint32_t twin_counted(const struct twin *t)
{
    uint32_t count = 0;
    for (uint32_t e = 0; e < t->count; e++) {
        const struct event *x = &t->event[e];
        count += x->object == OBJECT_COUNT && x->gives ? 1 : 0;
        count -= x->object == OBJECT_COUNT && x->takes ? 1 : 0;
    }
    return count;
}

/* Whether `thread` has tried the mutex, and got it: it then gives it back. */
static bool twin_gives_back(const struct twin *t, uint32_t thread)
{
    uint32_t e = t->count;
    while (e-- > 0 && t->event[e].thread != thread) {
    }
    return e < t->count && t->event[e].kind == KIND_TRY && t->event[e].takes;
}

/* What an instruction does to an object, as that is. */
static void twin_act(const struct twin *t, const struct instruction *i,
                     struct event *e)
{
    bool posts = i->value % 2 == 1;
    if (i->kind == KIND_COUNT) {
        e->object = OBJECT_COUNT;
        e->gives = posts;
        e->takes = !posts && twin_counted(t) > 0;
    } else if (i->kind == KIND_TRY) {
        e->object = OBJECT_MUTEX;
        e->takes = twin_holder(t) == AXIOMS_THREADS;
    } else if (i->kind == KIND_LOCK || i->kind == KIND_UNLOCK) {
        e->object = OBJECT_MUTEX;
        e->takes = i->kind == KIND_LOCK;
        e->gives = i->kind == KIND_UNLOCK;
    }
    e->refused = e->object != OBJECT_NONE && !e->takes && !e->gives;
    e->read = e->takes ? 1 : 0;
}

static void twin_step(struct twin *t, uint32_t thread)
{
    static const struct instruction back = {.kind = KIND_UNLOCK};
    bool gives = twin_gives_back(t, thread);
    const struct instruction *i =
        gives ? &back : &t->code[thread][t->done[thread]];
    struct event *e = &t->event[t->count];
    *e = (struct event){.thread = thread,
                        .kind = i->kind,
                        .order = i->order,
                        .location = i->location,
                        .written = i->value};
    twin_act(t, i, e);
    assert(t->count < AXIOMS_EVENTS);
    t->count++;
    t->done[thread] += gives ? 0 : 1;
    if (i->kind == KIND_FENCE || twin_is_plain(e) || e->object != OBJECT_NONE) {
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
    t->done[thread] -= gives ? 0 : 1;
}

/* Whether the mutex is free, if that is what thread `i` wants. */
static bool twin_can_step(const struct twin *t, uint32_t i)
{
    return twin_gives_back(t, i) || t->code[i][t->done[i]].kind != KIND_LOCK ||
           twin_holder(t) == AXIOMS_THREADS;
}

/* What is executed has no cycle: with what else is executed? */
static void twin_go_on(struct twin *t)
{
    if (!twin_allows(t)) {
        return;
    }
    bool ended = true;
    for (uint32_t i = 0; i < t->threads; i++) {
        if (t->done[i] < t->length[i] || twin_gives_back(t, i)) {
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
            const struct event *x = &t->event[e];
            bool tries =
                x->kind == KIND_TRY || (x->kind == KIND_COUNT && !x->gives);
            if (x->thread == i && (x->reads || tries)) {
                text[at++] = (char)('0' + x->read % 10);
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
    uint32_t changes[OBJECT_COUNT + 1] = {0};
    for (uint32_t e = 0; e < t->count; e++) {
        uint32_t thread = t->event[e].thread;
        name[e] = thread * AXIOMS_EVENTS + done[thread]++;
    }
    for (uint32_t e = 0; e < t->count; e++) {
        const struct event *x = &t->event[e];
        uint64_t h = name[e] + 1;
        h = h * 1000003 + (x->reads ? name[x->source] + 1 : 0);
        h = h * 1000003 + (x->writes ? twin_rank(t, e) + 1 : 0);
        changes[x->object] += x->refused ? 0 : 1;
        h = h * 1000003 +
            (x->object == OBJECT_NONE ? 0 : 2 * changes[x->object] + x->takes);
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
    static const char letters[] = " RWUXFQPCLN   TS";
    size_t at = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < t->threads; i++) {
        for (uint32_t k = 0; k < t->length[i] && at + 16 < size; k++) {
            const struct instruction *c = &t->code[i][k];
            char place[4] = "";
            if (c->kind >= KIND_LOCK) {
                at += (size_t)snprintf(text + at, size - at, "%c%u ",
                                       letters[c->kind], c->value);
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
