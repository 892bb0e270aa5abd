/*
 * Recording a history, and bringing one that was filled by hand into form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/history.h"

#include "checker/strings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How far back a call looks for an open operation of its client.  Far enough
 * for every campaign, and recording stays O(1). */
enum {
    LOOK_BACK = 32
};

/* At one stamp calls come before events and events before returns, so that
 * equal stamps mean concurrent. */
enum moment_kind {
    AT_CALL,
    AT_EVENT,
    AT_RETURN,
};

struct moment {
    uint32_t at;
    enum moment_kind kind;
    uint32_t index;
};

struct fl_history *fl_history_new(const struct fl_model *model,
                                  uint32_t operations_max, uint32_t events_max)
{
    struct fl_history *h = calloc(1, sizeof(*h));
    if (h == NULL) {
        return NULL;
    }
    h->model = model;
    h->max = operations_max;
    h->events_max = events_max;
    h->initial = FL_NONE;
    h->operations = calloc(operations_max + 1ul, sizeof(*h->operations));
    h->events = calloc(events_max + 1ul, sizeof(*h->events));
    if (h->operations == NULL || h->events == NULL) {
        fl_history_free(h);
        return NULL;
    }
    return h;
}

void fl_history_free(struct fl_history *h)
{
    if (h == NULL) {
        return;
    }
    assert(h->count <= h->max);
    assert(h->events_count <= h->events_max);
    fl_strings_release(h->strings);
    free(h->times);
    free(h->operations);
    free(h->events);
    free(h);
}

bool fl_history_grow(struct fl_history *h, uint32_t operations_max,
                     uint32_t events_max)
{
    assert(!h->clocked);
    if (operations_max > h->max) {
        struct fl_operation *operations = realloc(
            h->operations, (operations_max + 1ul) * sizeof(*operations));
        if (operations == NULL) {
            return false;
        }
        h->operations = operations;
        h->max = operations_max;
    }
    if (events_max > h->events_max) {
        struct fl_event *events =
            realloc(h->events, (events_max + 1ul) * sizeof(*events));
        if (events == NULL) {
            return false;
        }
        h->events = events;
        h->events_max = events_max;
    }
    return true;
}

void fl_history_clear(struct fl_history *h)
{
    h->count = 0;
    h->events_count = 0;
    h->stamps = 0;
    h->now = 0;
    if (!h->clocked) {
        free(h->times);
        h->times = NULL;
    }
}

bool fl_history_clock(struct fl_history *h)
{
    assert(h->stamps == 0 && h->times == NULL);
    h->times = calloc(2ul * h->max + h->events_max + 1, sizeof(*h->times));
    h->clocked = h->times != NULL;
    return h->clocked;
}

/* The next moment, at its time. */
static uint32_t next_stamp(struct fl_history *h)
{
    assert(h->stamps < FL_OPEN);
    if (h->clocked) {
        h->times[h->stamps] = h->now;
    }
    h->stamps++;
    return h->stamps - 1;
}

/* Copies the times of all stamps.  False: no memory. */
static bool copy_times(struct fl_history *to, const struct fl_history *from)
{
    if (from->times == NULL) {
        return true;
    }
    size_t size = from->stamps * sizeof(*from->times);
    to->times = malloc(size + 1);
    if (to->times == NULL) {
        return false;
    }
    memcpy(to->times, from->times, size);
    return true;
}

struct fl_history *fl_history_copy(const struct fl_history *h, const bool *keep)
{
    struct fl_history *copy =
        fl_history_new(h->model, h->count, h->events_count);
    if (copy == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < h->count; i++) {
        if (keep == NULL || keep[i]) {
            copy->operations[copy->count] = h->operations[i];
            copy->count++;
        }
    }
    memcpy(copy->events, h->events, h->events_count * sizeof(*h->events));
    copy->events_count = h->events_count;
    copy->stamps = h->stamps;
    copy->initial = h->initial;
    copy->unit_ns = h->unit_ns;
    copy->strings = fl_strings_hold(h->strings);
    if (!copy_times(copy, h)) {
        fl_history_free(copy);
        return NULL;
    }
    return copy;
}

/* Whether `client` has no open operation, as far as one can cheaply see. */
static bool is_idle(const struct fl_history *h, uint32_t client)
{
    uint32_t least = h->count > LOOK_BACK ? h->count - LOOK_BACK : 0;
    for (uint32_t i = h->count; i > least; i--) {
        if (h->operations[i - 1].client == client) {
            return h->operations[i - 1].ret != FL_OPEN || h->events_count > 0;
        }
    }
    return true;
}

uint32_t fl_history_call(struct fl_history *h, uint32_t client, uint32_t fn,
                         fl_value key, const fl_value *args)
{
    assert(h->count < h->max);
    assert(h->stamps < FL_OPEN);
    assert(is_idle(h, client));
    struct fl_operation *op = &h->operations[h->count];
    op->client = client;
    op->fn = fn;
    op->call = next_stamp(h);
    op->ret = FL_OPEN;
    op->key = key;
    memcpy(op->args, args, sizeof(op->args));
    op->result = FL_NONE;
    op->line = 0;
    h->count++;
    return h->count - 1;
}

void fl_history_return(struct fl_history *h, uint32_t ticket, fl_value result)
{
    assert(ticket < h->count);
    assert(h->operations[ticket].ret == FL_OPEN);
    assert(h->stamps < FL_OPEN);
    h->operations[ticket].ret = next_stamp(h);
    h->operations[ticket].result = result;
}

void fl_history_event(struct fl_history *h, enum fl_event_kind kind,
                      uint32_t client)
{
    assert(h->events_count < h->events_max);
    assert(h->stamps < FL_OPEN);
    struct fl_event *event = &h->events[h->events_count];
    event->kind = kind;
    event->client = kind == FL_EVENT_CRASH_ALL ? 0 : client;
    event->at = next_stamp(h);
    event->resolved = FL_RESOLVED_UNKNOWN;
    event->result = FL_NONE;
    h->events_count++;
}

static int compare_moments(const void *left, const void *right)
{
    const struct moment *a = left;
    const struct moment *b = right;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return a->index < b->index ? -1 : a->index > b->index;
}

static uint32_t list_moments(const struct fl_history *h, struct moment *moments)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        moments[count++] = (struct moment){op->call, AT_CALL, i};
        if (op->ret != FL_OPEN) {
            moments[count++] = (struct moment){op->ret, AT_RETURN, i};
        }
    }
    for (uint32_t i = 0; i < h->events_count; i++) {
        moments[count++] = (struct moment){h->events[i].at, AT_EVENT, i};
    }
    return count;
}

static int compare_calls(const void *left, const void *right)
{
    const struct fl_operation *a = left;
    const struct fl_operation *b = right;
    return a->call < b->call ? -1 : a->call > b->call;
}

static int compare_events(const void *left, const void *right)
{
    const struct fl_event *a = left;
    const struct fl_event *b = right;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* By client, then by call: neighbours are a client's successive operations. */
static int compare_clients(const void *left, const void *right)
{
    const struct fl_operation *const *a = left;
    const struct fl_operation *const *b = right;
    if ((*a)->client != (*b)->client) {
        return (*a)->client < (*b)->client ? -1 : 1;
    }
    return (*a)->call < (*b)->call ? -1 : (*a)->call > (*b)->call;
}

/* The moment until which operation `i` keeps its client busy. */
static uint32_t busy_until(const struct fl_history *h, uint32_t i)
{
    uint32_t end = h->operations[i].ret;
    return end == FL_OPEN ? fl_history_cut(h, i) : end;
}

/* All operations by client, then by call.  NULL when memory ends; the caller
 * owns the list. */
static const struct fl_operation **sort_by_client(const struct fl_history *h)
{
    const struct fl_operation **sorted =
        malloc((h->count + 1ul) * sizeof(const struct fl_operation *));
    if (sorted == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < h->count; i++) {
        sorted[i] = &h->operations[i];
    }
    qsort(sorted, h->count, sizeof(const struct fl_operation *),
          compare_clients);
    return sorted;
}

uint32_t fl_history_overlap(const struct fl_history *h)
{
    const struct fl_operation **sorted = sort_by_client(h);
    if (sorted == NULL) {
        return h->count; /* no operation; not "none" either */
    }
    uint32_t found = FL_OPEN;
    for (uint32_t i = 1; i < h->count && found == FL_OPEN; i++) {
        uint32_t before = (uint32_t)(sorted[i - 1] - h->operations);
        if (sorted[i - 1]->client == sorted[i]->client &&
            busy_until(h, before) > sorted[i]->call) {
            found = (uint32_t)(sorted[i] - h->operations);
        }
    }
    free(sorted);
    return found;
}

/* The returned operation that `client` had in flight at moment `at`, of all by
 * client; FL_OPEN: none. */
static uint32_t find_running_of(const struct fl_history *h, uint32_t client,
                                const struct fl_operation *const *sorted,
                                uint32_t at)
{
    uint32_t low = 0; /* the first of a later client, or called later */
    uint32_t high = h->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct fl_operation *op = sorted[middle];
        bool before =
            op->client < client || (op->client == client && op->call < at);
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    const struct fl_operation *op = low == 0 ? NULL : sorted[low - 1];
    bool runs = op != NULL && op->client == client && op->ret != FL_OPEN &&
                op->ret > at;
    return runs ? (uint32_t)(op - h->operations) : FL_OPEN;
}

/* Whichever of `last` (or FL_OPEN) and `i` returned later, if they did. */
static uint32_t later_return(const struct fl_history *h, uint32_t last,
                             uint32_t i)
{
    uint32_t ret = h->operations[i].ret;
    bool later = last == FL_OPEN || ret > h->operations[last].ret;
    return ret != FL_OPEN && later ? i : last;
}

uint32_t fl_history_outlived(const struct fl_history *h)
{
    if (h->events_count == 0) {
        return FL_OPEN;
    }
    const struct fl_operation **sorted = sort_by_client(h);
    if (sorted == NULL) {
        return h->count;
    }
    uint32_t found = FL_OPEN;
    uint32_t last = FL_OPEN; /* of those called before, the last to return */
    uint32_t called = 0;
    for (uint32_t e = 0; e < h->events_count && found == FL_OPEN; e++) {
        const struct fl_event *event = &h->events[e];
        for (; called < h->count && h->operations[called].call < event->at;
             called++) {
            last = later_return(h, last, called);
        }
        if (event->kind == FL_EVENT_CRASH_ALL) {
            bool runs = last != FL_OPEN && h->operations[last].ret > event->at;
            found = runs ? last : FL_OPEN;
        } else if (event->kind == FL_EVENT_CRASH) {
            found = find_running_of(h, event->client, sorted, event->at);
        }
    }
    assert(found == FL_OPEN || found < h->count);
    free(sorted);
    return found;
}

/* Keeps what the stamps were worth before they became ranks; once. */
static bool keep_times(struct fl_history *h, const struct moment *moments,
                       uint32_t count)
{
    if (h->unit_ns == 0 || h->times != NULL) {
        return true;
    }
    h->times = malloc((count + 1ul) * sizeof(*h->times));
    for (uint32_t rank = 0; rank < count && h->times != NULL; rank++) {
        h->times[rank] = moments[rank].at * h->unit_ns;
    }
    return h->times != NULL;
}

bool fl_history_settle(struct fl_history *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->operations[i].ret < h->operations[i].call) {
            return false;
        }
    }
    size_t most = 2ul * h->count + h->events_count + 1;
    struct moment *moments = malloc(most * sizeof(*moments));
    if (moments == NULL) {
        return false;
    }
    uint32_t count = list_moments(h, moments);
    qsort(moments, count, sizeof(*moments), compare_moments);
    if (!keep_times(h, moments, count)) {
        free(moments);
        return false;
    }
    for (uint32_t rank = 0; rank < count; rank++) {
        const struct moment *m = &moments[rank];
        switch (m->kind) {
        case AT_CALL:
            h->operations[m->index].call = rank;
            break;
        case AT_EVENT:
            h->events[m->index].at = rank;
            break;
        case AT_RETURN:
            h->operations[m->index].ret = rank;
            break;
        }
    }
    free(moments);
    h->stamps = count;
    qsort(h->operations, h->count, sizeof(*h->operations), compare_calls);
    qsort(h->events, h->events_count, sizeof(*h->events), compare_events);

    return fl_history_overlap(h) == FL_OPEN &&
           fl_history_outlived(h) == FL_OPEN;
}

uint32_t fl_history_cut(const struct fl_history *h, uint32_t i)
{
    assert(i < h->count);
    const struct fl_operation *op = &h->operations[i];
    if (op->ret != FL_OPEN) {
        return FL_OPEN;
    }
    for (uint32_t e = 0; e < h->events_count; e++) {
        const struct fl_event *event = &h->events[e];
        bool hits =
            event->kind == FL_EVENT_CRASH_ALL ||
            (event->kind == FL_EVENT_CRASH && event->client == op->client);
        if (hits && event->at > op->call) {
            return event->at;
        }
    }
    return FL_OPEN;
}
