/*
 * An account of a failing history.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/account.h"
#include "harness/wall.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    EXPLAIN_MAX = 256 /* operations that fl_explain() takes */
};

/* Numbers the clients from 0 in the order of their first operation; returns
 * how many there are.  `names` gets "c17" for each, by its old number. */
static uint32_t number_clients(struct fl_history *h, char (*names)[16])
{
    assert(h != NULL && names != NULL);
    uint32_t *old = calloc((size_t)h->count + 1, sizeof(*old));
    if (old == NULL) {
        return 0;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        uint32_t n = 0;
        while (n < count && old[n] != h->operations[i].client) {
            n++;
        }
        if (n == count) {
            old[count++] = h->operations[i].client;
            (void)snprintf(names[n], sizeof(names[n]), "c%" PRIu32, old[n]);
        }
        h->operations[i].client = n;
    }
    uint32_t kept = 0; /* events of clients that are left */
    for (uint32_t e = 0; e < h->events_count; e++) {
        struct fl_event event = h->events[e];
        uint32_t n = 0;
        while (n < count && old[n] != event.client) {
            n++;
        }
        bool is_all =
            event.kind == FL_EVENT_CRASH_ALL || event.kind == FL_EVENT_SYNC;
        if (n < count || is_all) {
            event.client = n < count ? n : 0;
            h->events[kept++] = event;
        }
    }
    h->events_count = kept;
    free(old);
    return count;
}

static bool make_lanes(struct account *a)
{
    size_t most = (size_t)a->history->count + 1;
    a->names = calloc(most, sizeof(*a->names));
    a->lanes = calloc(most, sizeof(*a->lanes));
    if (a->names == NULL || a->lanes == NULL) {
        return false;
    }
    uint32_t count = number_clients(a->history, a->names);
    for (uint32_t i = 0; i < count; i++) {
        a->lanes[i] =
            (struct fl_lane){.name = a->names[i], .role = "", .client = true};
    }
    a->record.lanes = a->lanes;
    a->record.lanes_count = count;
    return true;
}

/* Explains with the clients' own names, as the tables have them. */
static enum fl_status explain_by_name(struct account *a,
                                      const struct fl_options *options)
{
    const char *names[EXPLAIN_MAX];
    uint32_t count = a->record.lanes_count;
    assert(count <= EXPLAIN_MAX);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = a->names[i];
    }
    struct fl_explain_context context = {.names = names, .names_count = count};
    return fl_explain_within(a->history, options, &context, &a->explanation);
}

static void explain(struct account *a, const struct fl_options *options)
{
    enum fl_status status = FL_BAD_INPUT;
    if (a->history->count <= EXPLAIN_MAX) {
        status = explain_by_name(a, options);
    }
    a->record.explanation = status == FL_OK ? a->explanation : NULL;
    if (status != FL_OK) {
        bool many = a->history->count > EXPLAIN_MAX;
        (void)snprintf(a->reason, sizeof(a->reason),
                       "No order of the %" PRIu32 " operations explains the "
                       "answers%s%s.",
                       a->history->count,
                       many ? "; they are too many to say why in words"
                            : " as the criterion asks: ",
                       many ? "" : fl_criterion_name(options->criterion));
        a->reasons[0] = a->reason;
        a->record.reason = a->reasons;
        a->record.reason_count = 1;
    }
}

struct account *account_new(const char *name, const struct fl_history *h,
                            const struct fl_options *options)
{
    assert(name != NULL && h != NULL && options != NULL);
    struct account *a = calloc(1, sizeof(*a));
    if (a == NULL) {
        return NULL;
    }
    uint64_t started = wall_ms();
    bool complete = false;
    a->history = fl_minimise(h, options, &complete);
    if (a->history == NULL || !make_lanes(a)) {
        account_free(a);
        return NULL;
    }
    a->record.scenario = name;
    a->record.verdict = options->criterion == FL_LINEARIZABLE
                            ? "not linearizable"
                            : fl_criterion_name(options->criterion);
    if (options->criterion != FL_LINEARIZABLE) {
        (void)snprintf(a->reason, sizeof(a->reason), "not %s",
                       a->record.verdict);
        a->record.verdict = a->reason;
    }
    a->record.subject = h->model->name;
    a->record.history = a->history;
    explain(a, options);
    a->record.shrink.operations_before = h->count;
    a->record.shrink.operations_after = a->history->count;
    a->record.shrink.complete = complete;
    a->record.shrink.milliseconds = (uint32_t)(wall_ms() - started);
    return a;
}

/* One more sentence. */
static char *add_reason(struct account *a)
{
    uint32_t count = a->record.reason_count;
    assert(count >= 1 && count < 3);
    a->reasons[count] = a->more[count - 1];
    a->record.reason_count++;
    return a->more[count - 1];
}

void account_add_result(struct account *account, const struct fl_history *h,
                        const struct fl_result *result)
{
    assert(h != NULL && result != NULL);
    if (account->record.explanation != NULL) {
        return;
    }
    if (result->pattern[0] != '\0') {
        (void)snprintf(add_reason(account), sizeof(account->more[0]), "%s.",
                       result->pattern);
    }
    if (result->blocked < h->count && result->pattern[0] == '\0') {
        const struct fl_operation *op = &h->operations[result->blocked];
        char call[FL_TEXT_MAX];
        char got[FL_TEXT_MAX];
        fl_describe_call(h, op, call, sizeof(call));
        fl_describe_result(h, op->fn, op->result, got, sizeof(got));
        (void)snprintf(add_reason(account), sizeof(account->more[0]),
                       "The longest legal order found has %" PRIu32
                       " operations; c%" PRIu32
                       " %s, which returned %s, could not come next.",
                       result->order_count, op->client, call, got);
    }
}

void account_free(struct account *a)
{
    if (a != NULL) {
        fl_explanation_free(a->explanation);
        fl_history_free(a->history);
        free(a->lanes);
        free(a->names);
        free(a);
    }
}
