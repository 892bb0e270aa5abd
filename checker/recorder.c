/*
 * Pages that clients fill, and their merging into a history.
 *
 *     client 0   page <- page <- at            sorted by time, as its client
 *     client 1   page <- at                    is one thread
 *        \___ moments of all, sorted ___> ranks, clients, operations
 *
 * A place holds an operation from its call on, so that what a client was doing
 * when everything ended is there, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/recorder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE_OPERATIONS = 4096,
    OPERATIONS_LOG2_MAX = 30, /* of one history */
};

struct fl_recording_page {
    struct fl_recording_page *before;
    uint32_t count; /* once it is full */
    struct fl_recorded operations[];
};

struct fl_recorder {
    const struct fl_model *model;
    uint32_t clients;
    struct fl_clock clock;
    _Alignas(128) uint64_t counter;
    _Alignas(128) struct fl_recording recordings[];
};

/* A call or a return, widened. */
struct instant {
    uint64_t at;
    uint32_t operation; /* in the order of gathering */
    bool is_return;     /* after calls of the same instant: they overlap */
};

/* All that was recorded, on its way to a history. */
struct merge {
    const struct fl_recorder *recorder;
    const struct fl_recorded **operations;
    uint32_t *clients; /* of each */
    uint32_t *index;   /* of each, in the history */
    struct instant *instants;
    uint32_t count;
    uint32_t instants_count;
    uint64_t gathered; /* so far */
    uint64_t slack;    /* added at both ends */
};

/* A fresh page, all of it touched: a first touch costs a microsecond. */
static bool add_page(struct fl_recording *c)
{
    size_t size = sizeof(struct fl_recording_page) +
                  c->operations * sizeof(struct fl_recorded);
    struct fl_recording_page *page = malloc(size);
    if (page == NULL) {
        return false;
    }
    memset(page, 0, size);
    assert(c->operations > 0);
    page->before = c->pages;
    c->pages = page;
    c->at = page->operations;
    c->end = c->at + c->operations;
    return true;
}

bool fl_recording_turn(struct fl_recording *c)
{
    if (c->lost) {
        return false;
    }
    assert(c->at == c->end && c->pages != NULL);
    c->pages->count = c->operations;
    c->lost = !add_page(c);
    return !c->lost;
}

struct fl_recorder *fl_recorder_new(const struct fl_model *model,
                                    uint32_t clients,
                                    const struct fl_recording_options *options)
{
    assert(model != NULL && clients > 0);
    struct fl_recording_options all = {FL_CLOCK_BEST, 0};
    all = options == NULL ? all : *options;
    size_t size =
        sizeof(struct fl_recorder) + clients * sizeof(struct fl_recording);
    struct fl_recorder *r = aligned_alloc(128, (size + 127) / 128 * 128);
    if (r == NULL) {
        return NULL;
    }
    memset(r, 0, size);
    r->model = model;
    r->clients = clients;
    r->counter = 1; /* 0 is no moment */
    fl_clock_find(&r->clock, model->by_client ? FL_CLOCK_COUNTER : all.clock);
    for (uint32_t i = 0; i < clients; i++) {
        struct fl_recording *c = &r->recordings[i];
        c->kind = r->clock.kind;
        c->counter = &r->counter;
        c->operations = all.operations == 0 ? PAGE_OPERATIONS : all.operations;
        if (!add_page(c)) {
            fl_recorder_free(r);
            return NULL;
        }
    }
    return r;
}

void fl_recorder_free(struct fl_recorder *r)
{
    for (uint32_t i = 0; r != NULL && i < r->clients; i++) {
        struct fl_recording_page *page = r->recordings[i].pages;
        while (page != NULL) {
            struct fl_recording_page *before = page->before;
            free(page);
            page = before;
        }
    }
    free(r);
}

struct fl_recording *fl_recorder_client(struct fl_recorder *r, uint32_t client)
{
    assert(client < r->clients);
    return &r->recordings[client];
}

const struct fl_clock *fl_recorder_clock(const struct fl_recorder *r)
{
    return &r->clock;
}

/* How many operations lie in a page, the one being called included. */
static uint32_t count_page(const struct fl_recording *c,
                           const struct fl_recording_page *page)
{
    if (page != c->pages || c->lost) {
        return page->count;
    }
    uint32_t full = (uint32_t)(c->at - page->operations);
    bool calls = c->at != c->end && c->at->call != 0 && c->at->ret != 0;
    return full + calls;
}

static bool is_recorded(const struct fl_recorded *op)
{
    return op->call != 0 && op->ret != 0;
}

/* Adds what lies in a page to the lists; without lists it only counts. */
static void gather_page(struct merge *m, uint32_t client,
                        const struct fl_recording_page *page, uint32_t held)
{
    for (uint32_t at = 0; at < held; at++) {
        if (!is_recorded(&page->operations[at])) {
            continue;
        }
        if (m->operations != NULL) {
            m->operations[m->gathered] = &page->operations[at];
            m->clients[m->gathered] = client;
        }
        m->gathered++;
    }
}

/* Everything; each client's operations newest page first, but in order within
 * it. */
static uint64_t gather(struct merge *m)
{
    m->gathered = 0;
    for (uint32_t i = 0; i < m->recorder->clients; i++) {
        const struct fl_recording *c = &m->recorder->recordings[i];
        for (const struct fl_recording_page *page = c->pages; page != NULL;
             page = page->before) {
            gather_page(m, i, page, count_page(c, page));
        }
    }
    return m->gathered;
}

static int compare_instants(const void *left, const void *right)
{
    const struct instant *a = left;
    const struct instant *b = right;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    if (a->is_return != b->is_return) {
        return a->is_return ? 1 : -1;
    }
    return a->operation < b->operation ? -1 : a->operation > b->operation;
}

static void list_instants(struct merge *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_recorded *op = m->operations[i];
        uint64_t call = op->call > m->slack ? op->call - m->slack : 0;
        m->instants[m->instants_count++] = (struct instant){call, i, false};
        if (op->ret != UINT64_MAX) {
            uint64_t ret = op->ret + m->slack;
            m->instants[m->instants_count++] = (struct instant){ret, i, true};
        }
    }
    qsort(m->instants, m->instants_count, sizeof(*m->instants),
          compare_instants);
}

/* Clients of the history: client c of the recorder is c, and, while that one
 * is busy, c + n, c + 2n, ... of n. */
struct crowd {
    bool *busy;
    uint32_t size;
    uint32_t step;
};

static bool take_client(struct crowd *crowd, uint32_t first, uint32_t *client)
{
    for (uint32_t at = first; at < crowd->size; at += crowd->step) {
        if (!crowd->busy[at]) {
            crowd->busy[at] = true;
            *client = at;
            return true;
        }
    }
    uint32_t size = crowd->size * 2;
    bool *more = realloc(crowd->busy, size * sizeof(*more));
    if (more == NULL) {
        return false;
    }
    crowd->busy = more;
    memset(more + crowd->size, 0, (size - crowd->size) * sizeof(*more));
    uint32_t next = crowd->size + first; /* sizes are multiples of the step */
    crowd->size = size;
    more[next] = true;
    *client = next;
    return true;
}

/* Takes all instants into the history, in their order. */
static bool fill(struct merge *m, struct fl_history *h, struct crowd *crowd)
{
    for (uint32_t i = 0; i < m->instants_count; i++) {
        const struct instant *now = &m->instants[i];
        const struct fl_recorded *from = m->operations[now->operation];
        if (now->is_return) {
            uint32_t ticket = m->index[now->operation];
            crowd->busy[h->operations[ticket].client] = false;
            h->operations[ticket].ret = h->stamps++;
            h->operations[ticket].result = from->result;
            continue;
        }
        uint32_t client;
        if (!take_client(crowd, m->clients[now->operation], &client)) {
            return false;
        }
        struct fl_operation *op = &h->operations[h->count];
        *op = (struct fl_operation){.client = client,
                                    .fn = from->fn,
                                    .call = h->stamps++,
                                    .ret = FL_OPEN,
                                    .key = from->key,
                                    .result = FL_NONE};
        memcpy(op->args, from->args, sizeof(op->args));
        m->index[now->operation] = h->count++;
    }
    return true;
}

static struct fl_history *make_history(struct merge *m)
{
    struct fl_history *h = fl_history_new(m->recorder->model, m->count, 0);
    struct crowd crowd = {.size = m->recorder->clients,
                          .step = m->recorder->clients};
    crowd.busy = calloc(crowd.size + 1ul, sizeof(*crowd.busy));
    bool good = h != NULL && crowd.busy != NULL;
    if (good) {
        good = fill(m, h, &crowd);
    }
    free(crowd.busy);
    if (!good) {
        fl_history_free(h);
        return NULL;
    }
    assert(h->count == m->count);
    return h;
}

enum fl_status fl_recorder_finish(struct fl_recorder *r,
                                  struct fl_history **out)
{
    *out = NULL;
    fl_clock_measure_again(&r->clock);
    struct merge m = {.recorder = r, .slack = (r->clock.error + 1) / 2};
    for (uint32_t i = 0; i < r->clients; i++) {
        if (r->recordings[i].lost) {
            return FL_NO_MEMORY;
        }
    }
    uint64_t count = gather(&m);
    if (count > (uint64_t)1 << OPERATIONS_LOG2_MAX) {
        return FL_BAD_INPUT;
    }
    m.count = (uint32_t)count;
    m.operations = malloc((count + 1) * sizeof(const struct fl_recorded *));
    m.clients = malloc((count + 1) * sizeof(*m.clients));
    m.index = malloc((count + 1) * sizeof(*m.index));
    m.instants = malloc((2 * count + 1) * sizeof(*m.instants));
    if (m.operations != NULL && m.clients != NULL && m.index != NULL &&
        m.instants != NULL) {
        (void)gather(&m);
        list_instants(&m);
        *out = make_history(&m);
    }
    free(m.operations);
    free(m.clients);
    free(m.index);
    free(m.instants);
    return *out == NULL ? FL_NO_MEMORY : FL_OK;
}
