/*
 * Rewriting: see rewrite.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/rewrite.h"

#include "checker/model.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool fl_rewrites(enum fl_criterion criterion)
{
    return criterion == FL_QUIESCENT || criterion == FL_DETECTABLE;
}

/* Until when operation `i` is in flight: for ever, if nothing cut it off. */
static uint32_t busy_until(const struct fl_history *h, uint32_t i)
{
    uint32_t ret = h->operations[i].ret;
    return ret != FL_OPEN ? ret : fl_history_cut(h, i);
}

/* Operations `begin` to `after` on the object that `key` names all last from
 * the call of the first to `end`. */
static void stretch_part(const struct fl_history *h, struct fl_history *to,
                         uint32_t begin, uint32_t after, uint32_t end)
{
    fl_value key = h->operations[begin].key;
    for (uint32_t k = begin; k < after; k++) {
        struct fl_operation *op = &to->operations[k];
        if (op->key == key) {
            op->call = h->operations[begin].call;
            op->ret = op->ret == FL_OPEN ? FL_OPEN : end;
        }
    }
}

/*
 * Stretches the operations on the object of operation `first`, the first on
 * it.  They stand by call, so a pause is before a call that is after all ends
 * so far.  Open ones may take effect later, so only their calls are moved.
 */
static void stretch_object(const struct fl_history *h, struct fl_history *to,
                           uint32_t first)
{
    fl_value key = h->operations[first].key;
    uint32_t begin = first;
    uint32_t end = 0;
    assert(to->count == h->count);
    for (uint32_t i = first; i < h->count; i++) {
        if (h->operations[i].key != key) {
            continue;
        }
        if (i > first && h->operations[i].call > end) {
            stretch_part(h, to, begin, i, end);
            begin = i;
        }
        uint32_t until = busy_until(h, i);
        until = until == FL_OPEN ? FL_OPEN - 1 : until; /* no pause */
        end = until > end ? until : end;
    }
    stretch_part(h, to, begin, h->count, end);
}

/* Objects are told apart by sorting their first operations out. */
static void stretch(const struct fl_history *h, struct fl_history *to,
                    bool *seen)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (seen[i]) {
            continue;
        }
        for (uint32_t k = i; k < h->count; k++) {
            seen[k] = seen[k] || h->operations[k].key == h->operations[i].key;
        }
        stretch_object(h, to, i);
    }
}

/* Says in words what was wrong about what a client was told. */
static void complain(const struct fl_history *h, uint32_t i, const char *what,
                     struct fl_rewriting *r)
{
    char call[80];
    assert(i < h->count);
    r->broken = i;
    (void)snprintf(r->why, sizeof(r->why), "%s of client %u %s",
                   fl_describe_call(h, &h->operations[i], call, sizeof(call)),
                   h->operations[i].client, what);
}

/* The next call of the client of operation `i`, or FL_OPEN. */
static uint32_t next_call(const struct fl_history *h, uint32_t i)
{
    for (uint32_t k = i + 1; k < h->count; k++) {
        if (h->operations[k].client == h->operations[i].client) {
            return h->operations[k].call;
        }
    }
    return FL_OPEN;
}

/* Takes what the client of operation `i` was told of it by one event. */
static void take_resolve(struct fl_rewriting *r, const struct fl_event *event,
                         uint32_t i)
{
    struct fl_operation *op = &r->history->operations[i];
    bool is_done = event->resolved == FL_RESOLVED_DONE;
    if (event->resolved == FL_RESOLVED_UNKNOWN) {
        complain(r->history, i, "could not be resolved", r);
    } else if (r->gone[i] ? is_done : op->ret != FL_OPEN && !is_done) {
        complain(r->history, i, "was said to be done, and not to be done", r);
    } else if (is_done && op->ret != FL_OPEN && op->result != event->result) {
        complain(r->history, i, "was said to have answered two things", r);
    } else if (!is_done) {
        r->gone[i] = true;
    } else if (op->ret == FL_OPEN) {
        op->ret = event->at;
        op->result = event->result;
    }
}

/* Replaces what is not known of the cut operation `i` by what its client was
 * told.  An answered one must be told of as it was answered. */
static void resolve(const struct fl_history *h, struct fl_rewriting *r,
                    uint32_t i)
{
    uint32_t from = busy_until(h, i);
    uint32_t until = next_call(h, i);
    bool is_told = false;
    for (uint32_t e = 0; e < h->events_count && r->broken == FL_OPEN; e++) {
        const struct fl_event *event = &h->events[e];
        if (event->kind == FL_EVENT_RESOLVE && event->at > from &&
            event->at < until && event->client == h->operations[i].client) {
            take_resolve(r, event, i);
            is_told = true;
        }
    }
    if (!is_told && until != FL_OPEN && h->operations[i].ret == FL_OPEN) {
        complain(h, i, "was cut off and never resolved", r);
    }
}

bool fl_rewrite(const struct fl_history *h, enum fl_criterion criterion,
                struct fl_rewriting *rewriting)
{
    assert(fl_rewrites(criterion));
    *rewriting = (struct fl_rewriting){
        .history = fl_history_copy(h, NULL),
        .gone = calloc(h->count + 1ul, sizeof(bool)),
        .broken = FL_OPEN,
    };
    if (rewriting->history == NULL || rewriting->gone == NULL) {
        fl_rewriting_release(rewriting);
        return false;
    }
    if (criterion == FL_QUIESCENT) {
        stretch(h, rewriting->history, rewriting->gone);
        memset(rewriting->gone, 0, h->count * sizeof(bool));
        return true;
    }
    for (uint32_t i = 0; i < h->count && rewriting->broken == FL_OPEN; i++) {
        resolve(h, rewriting, i);
    }
    return true;
}

void fl_rewriting_release(struct fl_rewriting *rewriting)
{
    fl_history_free(rewriting->history);
    free(rewriting->gone);
    rewriting->history = NULL;
    rewriting->gone = NULL;
}
