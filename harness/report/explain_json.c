/*
 * WHY, as JSON; and which part of a proof is shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/scene.h"
#include "harness/report/explain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHOWN_MAX = 60 /* configurations of a proof */
};

uint32_t report_choose(const struct fl_explanation *e, bool *shown)
{
    uint32_t all = e->configurations_count;
    uint32_t count = 0;
    uint32_t end = 0;
    for (uint32_t c = 0; c < all; c++) {
        shown[c] = all <= SHOWN_MAX;
        count += shown[c];
        bool after = c > 0 && e->configurations[c].spine &&
                     e->configurations[c].from == end;
        end = after ? c : end;
    }
    if (count > 0) {
        return count;
    }
    for (uint32_t c = end; c != FL_OPEN && count < SHOWN_MAX / 2;
         c = e->configurations[c].from) {
        shown[c] = true;
        count++;
    }
    for (uint32_t c = all; c-- > 0 && count < SHOWN_MAX;) {
        uint32_t from = e->configurations[c].from;
        if (!shown[c] && from != FL_OPEN && shown[from] &&
            e->configurations[from].spine) {
            shown[c] = true;
            count++;
        }
    }
    return count;
}

void report_prefix_json(const struct fl_explanation *e, const char *name,
                        struct json *j)
{
    assert(e != NULL);
    json_open(j, name, '[');
    for (uint32_t k = 0; k < e->prefix_count; k++) {
        json_open(j, NULL, '{');
        json_unsigned(j, "operation", e->prefix[k]);
        json_text(j, "state", e->prefix_states[k]);
        json_close(j);
    }
    json_close(j);
}

void report_done_json(const struct fl_explanation *e, uint32_t c,
                      uint32_t operations, struct json *j)
{
    assert(c < e->configurations_count);
    json_open(j, "done", '[');
    for (uint32_t i = 0; i < operations; i++) {
        if (e->configurations[c].done[i / 64] >> (i % 64) & 1) {
            json_unsigned(j, NULL, i);
        }
    }
    json_close(j);
}

void report_refused_json(const struct fl_explanation *e, uint32_t c,
                         struct json *j)
{
    assert(c < e->configurations_count);
    json_open(j, "refused", '[');
    for (uint32_t k = 0; k < e->refusals_count; k++) {
        if (e->refusals[k].at == c) {
            json_open(j, NULL, '{');
            json_unsigned(j, "operation", e->refusals[k].by);
            json_nonempty(j, "must", e->refusals[k].must);
            json_close(j);
        }
    }
    json_close(j);
}

static void write_operation(struct json *j, const struct fl_record *record,
                            uint32_t i)
{
    const struct fl_operation *op = &record->history->operations[i];
    char name[16];
    char text[FL_TEXT_MAX];
    json_open(j, NULL, '{');
    json_text(j, "client", fl_scene_lane(record, op->client, name));
    json_nonempty(
        j, "key",
        fl_describe_key(record->history, op->key, text, sizeof(text)));
    json_text(j, "call",
              fl_describe_call(record->history, op, text, sizeof(text)));
    json_unsigned(j, "called", op->call);
    if (op->ret == FL_OPEN) {
        json_none(j, "answer");
        json_none(j, "returned");
    } else {
        json_text(j, "answer",
                  fl_describe_result(record->history, op->fn, op->result, text,
                                     sizeof(text)));
        json_unsigned(j, "returned", op->ret);
    }
    json_unsigned(j, "line", op->line);
    json_close(j);
}

static void write_prefix(struct json *j, const struct fl_explanation *e)
{
    json_open(j, "prefix", '{');
    json_unsigned(j, "returned", e->prefix_returned);
    json_unsigned(j, "of", e->returned_count);
    json_text(j, "start_state", e->start_state);
    report_prefix_json(e, "operations", j);
    json_open(j, "crashes", '[');
    for (uint32_t k = 0; k < e->crashes_count; k++) {
        json_open(j, NULL, '{');
        json_unsigned(j, "at", e->crashes[k].at);
        json_unsigned(j, "before", e->crashes[k].before);
        json_unsigned(j, "lost", e->crashes[k].lost);
        json_nonempty(j, "what", e->crashes[k].what);
        json_text(j, "state", e->crashes[k].state);
        json_close(j);
    }
    json_close(j);
    json_close(j);
}

/* What the stuck operation would have to answer in every configuration in
 * which it could be next. */
static void write_stuck(struct json *j, const struct fl_explanation *e)
{
    json_open(j, "stuck", '{');
    json_unsigned(j, "operation", e->stuck);
    json_text(j, "answered", e->got);
    json_nonempty(j, "must", e->must);
    json_nonempty(j, "must_anywhere", e->must_all);
    json_open(j, "refused", '[');
    for (uint32_t k = 0; k < e->refusals_count; k++) {
        const struct fl_refusal *refusal = &e->refusals[k];
        if (refusal->by == e->stuck) {
            json_open(j, NULL, '{');
            json_unsigned(j, "configuration", refusal->at);
            json_text(j, "state", e->configurations[refusal->at].state);
            json_nonempty(j, "must", refusal->must);
            json_close(j);
        }
    }
    json_close(j);
    json_close(j);
}

static void write_reasons(struct json *j, const struct fl_explanation *e)
{
    json_open(j, "reasons", '[');
    for (uint32_t k = 0; k < e->reasons_count; k++) {
        const struct fl_reason *reason = &e->reasons[k];
        json_open(j, NULL, '{');
        json_text(j, "state", reason->state);
        json_nonempty(j, "when", reason->when);
        json_unsigned(j, "operation", reason->by);
        json_bool(j, "called", reason->enabled);
        json_nonempty(j, "must", reason->must);
        json_close(j);
    }
    json_close(j);
    json_unsigned(j, "other_reasons", e->reasons_others);
}

static void write_node(struct json *j, const struct fl_explanation *e,
                       uint32_t c, uint32_t operations)
{
    json_open(j, NULL, '{');
    json_unsigned(j, "configuration", c);
    json_text(j, "state", e->configurations[c].state);
    json_bool(j, "in_prefix", e->configurations[c].spine);
    report_done_json(e, c, operations, j);
    report_refused_json(e, c, j);
    json_close(j);
}

static void write_proof(struct json *j, const struct fl_record *record)
{
    const struct fl_explanation *e = record->explanation;
    bool *shown = calloc(e->configurations_count + 1ul, sizeof(*shown));
    json_open(j, "proof", '{');
    uint32_t count = shown == NULL ? 0 : report_choose(e, shown);
    json_bool(j, "complete", e->complete && count == e->configurations_count);
    json_unsigned(j, "configurations", e->configurations_count);
    json_open(j, "nodes", '[');
    for (uint32_t c = 0; c < e->configurations_count && count > 0; c++) {
        if (shown[c]) {
            write_node(j, e, c, record->history->count);
        }
    }
    json_close(j);
    json_open(j, "edges", '[');
    for (uint32_t k = 0; k < e->edges_count && count > 0; k++) {
        if (!shown[e->edges[k].from] || !shown[e->edges[k].to]) {
            continue;
        }
        json_open(j, NULL, '{');
        json_unsigned(j, "from", e->edges[k].from);
        json_unsigned(j, "to", e->edges[k].to);
        if (e->edges[k].by == FL_OPEN) {
            json_none(j, "operation"); /* everybody crashes */
        } else {
            json_unsigned(j, "operation", e->edges[k].by);
        }
        json_close(j);
    }
    json_close(j);
    json_close(j);
    free(shown);
}

void report_explanation(const struct fl_record *record, struct json *j)
{
    assert(record->history != NULL);
    const struct fl_explanation *e = record->explanation;
    json_open(j, "minimised", '{');
    json_unsigned(j, "from", record->shrink.operations_before);
    json_unsigned(j, "to", record->shrink.operations_after);
    json_bool(j, "one_minimal", record->shrink.complete);
    json_close(j);
    json_open(j, "history", '[');
    for (uint32_t i = 0; i < record->history->count; i++) {
        write_operation(j, record, i);
    }
    json_close(j);
    json_texts(j, "reason", record->reason, record->reason_count);
    if (e == NULL) {
        json_none(j, "stuck");
        json_none(j, "invariant");
        return;
    }
    write_prefix(j, e);
    write_stuck(j, e);
    write_reasons(j, e);
    json_nonempty(j, "invariant", e->hint);
    write_proof(j, record);
}
