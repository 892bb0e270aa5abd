/*
 * A draft that keeps nothing: operations leave it, in the order of their calls,
 * as soon as it is known what became of them.
 *
 * What the whole draft does at its end is done for each by itself, which a
 * stream allows if it says its model at once: names of operations that are yet
 * to come cannot choose it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/draft.h"
#include "checker/format/passage.h"

#include "checker/model.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* Whether it is known what became of it, or that nobody ever will know. */
static bool is_known(const struct fl_draft_operation *op)
{
    return op->known || op->given_up || op->outcome != FL_OUTCOME_OPEN;
}

/* Begins the history, whose header, if there is one, was read.  `op` is the
 * first operation, or NULL. */
static bool begin(struct fl_draft *draft, const struct fl_draft_operation *op)
{
    struct fl_history *h = draft->h;
    struct fl_passage *p = draft->passage;
    if (h->model == NULL && draft->rules.model != NULL) {
        h->model = fl_model_find(draft->rules.model);
    }
    if (h->model == NULL) {
        return fl_source_fail(draft->source, op == NULL ? 1 : op->line,
                              op == NULL ? 1 : op->column,
                              "nothing before the first operation says the "
                              "model, and a stream does not wait for the last: "
                              "say it with --model");
    }
    p->window.ties = draft->rules.returns_first ? FL_TIES_RETURNS_FIRST
                                                : FL_TIES_CALLS_FIRST;
    draft->header.line = 1;
    return fl_passage_begin(p, h, &draft->header);
}

/* Whether the passage can take it. */
static bool test(struct fl_draft *draft, const struct fl_draft_operation *op)
{
    const char *name = draft->names[op->name];
    if (fl_model_fn(draft->h->model, name) < 0) {
        return fl_source_fail(draft->source, op->line, op->column,
                              "model %s has no operation \"%s\"",
                              draft->h->model->name, name);
    }
    if (op->client > FL_JSONL_CLIENT_MAX) {
        return fl_source_fail(draft->source, op->line, op->column,
                              "client %" PRId64 ": a stream has clients up to "
                              "%d; only with the whole history do they get "
                              "smaller numbers",
                              op->client, FL_JSONL_CLIENT_MAX);
    }
    return true;
}

static bool pass(struct fl_draft *draft, const struct fl_draft_operation *op)
{
    struct fl_arrival a = {.call = op->call, .ret = op->ret};
    bool keep = true;
    if ((!draft->passage->began && !begin(draft, op)) || !test(draft, op) ||
        !fl_draft_convert(draft, op, &a.op, &keep)) {
        return false;
    }
    assert(op->client >= FL_DRAFT_NOBODY);
    a.op.client =
        op->client == FL_DRAFT_NOBODY ? FL_WINDOW_NOBODY : (uint32_t)op->client;
    a.op.ret = op->outcome == FL_OUTCOME_OPEN ? FL_OPEN : 0;
    return !keep || fl_passage_add(draft->passage, &a);
}

bool fl_draft_pass(struct fl_draft *draft)
{
    if (draft->passage == NULL) {
        return true;
    }
    bool passed = !draft->passage->outlet->enough;
    while (passed && draft->count > 0) {
        struct fl_draft_operation op = *fl_draft_at(draft, draft->passed);
        if (!is_known(&op)) {
            break;
        }
        draft->first++;
        draft->passed++;
        draft->count--;
        passed = pass(draft, &op);
    }
    return passed;
}

bool fl_draft_make_room(struct fl_draft *draft)
{
    uint32_t end = draft->first + draft->count;
    uint32_t most = draft->passage->window.most;
    if (draft->count >= most) {
        const struct fl_draft_operation *op = fl_draft_at(draft, draft->passed);
        return fl_source_fail(draft->source, op->line, op->column,
                              "in flight while %" PRIu32 " others are called: "
                              "too long for a stream, which does not hold the "
                              "whole history",
                              most);
    }
    /* moved at most once for each operation that left */
    if (draft->first > 0 && draft->first >= end / 2) {
        struct fl_draft_operation *ops = draft->operations.data;
        memmove(ops, ops + draft->first, draft->count * sizeof(*ops));
        draft->first = 0;
    }
    return true;
}

bool fl_draft_pass_end(struct fl_draft *draft)
{
    assert(draft->passage != NULL);
    for (uint32_t i = 0; i < draft->count; i++) {
        fl_draft_at(draft, draft->passed + i)->known = true;
    }
    return fl_draft_pass(draft) &&
           (draft->passage->began || begin(draft, NULL)) &&
           fl_passage_end(draft->passage);
}
