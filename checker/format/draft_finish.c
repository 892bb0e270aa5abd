/*
 * From a draft to a history: stamps become ranks, clients small numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/draft.h"

#include <assert.h>
#include <stdlib.h>

/* What happens at a moment, in the order of equal stamps.  A format that puts
 * returns first orders operations that touch; one that is called and returns
 * at one stamp lies between those that end and those that begin there. */
enum moment_kind {
    RETURN_EARLY, /* only where returns come first */
    CALL,
    EVENT,
    CALL_AT_ONCE,
    RETURN_AT_ONCE,
    CALL_LATE, /* only where returns come first */
    RETURN,
};

struct moment {
    int64_t at;
    enum moment_kind kind;
    uint32_t index; /* of the operation, the event */
};

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

static bool is_open(const struct fl_draft_operation *op)
{
    return op->outcome == FL_OUTCOME_OPEN;
}

static uint32_t list_moments(const struct fl_draft *draft,
                             struct moment *moments)
{
    const struct fl_draft_operation *ops = fl_draft_operations(draft);
    bool early = draft->rules.returns_first;
    uint32_t count = 0;
    for (uint32_t i = 0; i < draft->count; i++) {
        bool at_once = early && !is_open(&ops[i]) && ops[i].call == ops[i].ret;
        moments[count++] = (struct moment){ops[i].call,
                                           at_once ? CALL_AT_ONCE
                                           : early ? CALL_LATE
                                                   : CALL,
                                           i};
        if (!is_open(&ops[i])) {
            moments[count++] = (struct moment){ops[i].ret,
                                               at_once ? RETURN_AT_ONCE
                                               : early ? RETURN_EARLY
                                                       : RETURN,
                                               i};
        }
    }
    for (uint32_t i = 0; i < draft->h->events_count; i++) {
        moments[count++] = (struct moment){draft->h->events[i].at, EVENT, i};
    }
    return count;
}

/* Clients that the file does not name: whoever is free. */
struct crowd {
    uint32_t *free; /* returned numbers, the last first */
    uint32_t free_count;
    uint32_t count;
};

static void place_moment(struct fl_draft *draft, const struct moment *m,
                         uint32_t rank, struct crowd *crowd)
{
    struct fl_draft_operation *op = &fl_draft_operations(draft)[m->index];
    assert(m->kind == EVENT || m->index < draft->count);
    switch (m->kind) {
    case CALL:
    case CALL_AT_ONCE:
    case CALL_LATE:
        op->call = rank;
        if (op->client == FL_DRAFT_NOBODY) {
            bool any = crowd->free_count > 0;
            op->client =
                any ? crowd->free[--crowd->free_count] : crowd->count++;
            op->given_up = true; /* marks it: its client is of the crowd */
        }
        break;
    case RETURN_EARLY:
    case RETURN_AT_ONCE:
    case RETURN:
        op->ret = rank;
        if (op->given_up) {
            assert(crowd->free_count < crowd->count);
            crowd->free[crowd->free_count++] = (uint32_t)op->client;
        }
        break;
    case EVENT:
        draft->h->events[m->index].at = rank;
        break;
    }
}

bool fl_draft_rank(struct fl_draft *draft)
{
    size_t most = 2ul * draft->count + draft->h->events_count + 1;
    struct moment *moments = malloc(most * sizeof(*moments));
    uint32_t *free_clients = malloc((draft->count + 1ul) * sizeof(uint32_t));
    if (moments == NULL || free_clients == NULL) {
        free(moments);
        free(free_clients);
        return fl_source_no_memory(draft->source);
    }
    uint32_t count = list_moments(draft, moments);
    assert(count < most);
    qsort(moments, count, sizeof(*moments), compare_moments);
    struct crowd crowd = {.free = free_clients};
    for (uint32_t rank = 0; rank < count; rank++) {
        place_moment(draft, &moments[rank], rank, &crowd);
    }
    free(moments);
    free(free_clients);
    return true;
}

/* A number of the file, and where it stands first. */
struct sighting {
    int64_t number;
    uint32_t index;
};

static int compare_sightings(const void *left, const void *right)
{
    const struct sighting *a = left;
    const struct sighting *b = right;
    if (a->number != b->number) {
        return a->number < b->number ? -1 : 1;
    }
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Gives clients small numbers, in the order of theirs, if one has a number
 * that is too large: a client that crashes gets a new one, so that a long run
 * has large ones. */
static bool renumber(struct fl_draft *draft)
{
    struct fl_draft_operation *ops = fl_draft_operations(draft);
    bool fit = true;
    assert(draft->count <= FL_JSONL_OPERATIONS_MAX);
    for (uint32_t i = 0; i < draft->count; i++) {
        fit = fit && ops[i].client >= 0 && ops[i].client <= FL_JSONL_CLIENT_MAX;
    }
    if (fit) {
        return true;
    }
    struct sighting *all = malloc((draft->count + 1ul) * sizeof(*all));
    if (all == NULL) {
        return fl_source_no_memory(draft->source);
    }
    for (uint32_t i = 0; i < draft->count; i++) {
        all[i] = (struct sighting){ops[i].client, i};
    }
    qsort(all, draft->count, sizeof(*all), compare_sightings);
    int64_t number = 0;
    uint32_t last = 0;
    for (uint32_t i = 0; i < draft->count; i++) {
        number += i > 0 && all[i].number != all[i - 1].number;
        ops[all[i].index].client = number;
        last = number > FL_JSONL_CLIENT_MAX ? ops[all[i].index].line : 0;
        if (last > 0) {
            break;
        }
    }
    free(all);
    return last == 0 ||
           fl_source_fail(draft->source, last, 1, "more than %d clients",
                          FL_JSONL_CLIENT_MAX + 1);
}

static bool convert_all(struct fl_draft *draft)
{
    struct fl_history *h = draft->h;
    const struct fl_draft_operation *ops = fl_draft_operations(draft);
    if (!fl_history_grow(h, draft->count, h->events_count)) {
        return fl_source_no_memory(draft->source);
    }
    for (uint32_t i = 0; i < draft->count; i++) {
        struct fl_operation *op = &h->operations[h->count];
        bool keep = true;
        if (!fl_draft_convert(draft, &ops[i], op, &keep)) {
            return false;
        }
        assert(ops[i].call >= 0 && ops[i].call < FL_OPEN);
        op->client = (uint32_t)ops[i].client;
        op->call = (uint32_t)ops[i].call;
        op->ret = is_open(&ops[i]) ? FL_OPEN : (uint32_t)ops[i].ret;
        h->count += keep;
    }
    return true;
}

/* What is wrong with an interval, with who calls when. */
static bool test_intervals(struct fl_draft *draft)
{
    const struct fl_draft_operation *ops = fl_draft_operations(draft);
    for (uint32_t i = 0; i < draft->count; i++) {
        if (!is_open(&ops[i]) && ops[i].ret < ops[i].call) {
            return fl_source_fail(draft->source, ops[i].line, ops[i].column,
                                  "returns at %lld, before its call at %lld",
                                  (long long)ops[i].ret,
                                  (long long)ops[i].call);
        }
    }
    return true;
}

static bool test_overlap(struct fl_draft *draft)
{
    const struct fl_history *h = draft->h;
    assert(h->count <= draft->count);
    uint32_t overlap = fl_history_overlap(h);
    if (overlap == FL_OPEN) {
        return true;
    }
    if (overlap >= h->count) {
        return fl_source_no_memory(draft->source);
    }
    return fl_source_fail(
        draft->source, h->operations[overlap].line, 1,
        "client %u calls while another operation of it is in "
        "flight; a client that gave up must not be used again",
        h->operations[overlap].client);
}

/* Why it cannot be settled: an operation outlived a crash, or no memory. */
static bool explain_unsettled(struct fl_draft *draft)
{
    const struct fl_history *h = draft->h;
    uint32_t i = fl_history_outlived(h);
    if (i >= h->count) {
        return fl_source_no_memory(draft->source);
    }
    return fl_source_fail(
        draft->source, h->operations[i].line, 1,
        "client %u returns from a call that a crash cut off; it returns before "
        "the crash, or not at all",
        h->operations[i].client);
}

bool fl_draft_finish(struct fl_draft *draft, struct fl_history **out)
{
    *out = NULL;
    assert(draft->source->error != NULL);
    if (!fl_draft_find_model(draft) || !test_intervals(draft) ||
        !fl_draft_rank(draft) || !renumber(draft) || !convert_all(draft)) {
        return false;
    }
    draft->h->stamps = FL_OPEN - 1; /* until it is settled */
    if (!test_overlap(draft)) {
        return false;
    }
    if (!fl_history_settle(draft->h)) {
        return explain_unsettled(draft);
    }
    *out = draft->h;
    draft->h = NULL;
    return true;
}
