/*
 * From lines of JSON, or the parser of another form, through a passage to an
 * outlet.
 *
 * Texts are kept, each once: they are few in what people record, and those in
 * flight are needed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/flow.h"

#include "checker/format/draft.h"
#include "checker/format/jsonl_line.h"
#include "checker/format/passage.h"
#include "checker/strings.h"

#include <assert.h>

/* One reading. */
struct run {
    struct fl_flow *flow;
    struct fl_source *source;
    struct fl_passage passage;
    struct fl_block text;
    struct fl_history *h; /* of the header; holds the line's operation alone */
    struct fl_header header;
};

static bool fail(struct run *r, const char *text)
{
    return fl_source_fail(r->source, r->source->line, 1, "%s", text);
}

static struct fl_json scan(struct run *r)
{
    const char *line = r->source->text;
    return (struct fl_json){.start = line,
                            .at = line,
                            .end = line + r->source->text_size,
                            .line = r->source->line,
                            .error = r->source->error,
                            .text = &r->text};
}

/* What a line that is not understood means; true if it is forgiven. */
static bool drop(struct run *r, const struct fl_json *json)
{
    if (json->no_memory) {
        return fl_source_no_memory(r->source);
    }
    if (r->flow->reading.lenient && fl_source_cut(r->source)) {
        r->flow->truncated = true;
        return true;
    }
    r->source->status = FL_BAD_INPUT; /* the error was filled */
    return false;
}

/* The history that was begun is over. */
static bool end_history(struct run *r)
{
    if (r->h == NULL) {
        return true;
    }
    if (!fl_passage_end(&r->passage)) {
        return false;
    }
    fl_history_free(r->h);
    r->h = NULL;
    return true;
}

/* Begins a history with the header in hand, or without one. */
static bool begin_history(struct run *r, bool has_header)
{
    const struct fl_reading *reading = &r->flow->reading;
    if (!end_history(r)) {
        return false;
    }
    if (!has_header && reading->model == NULL) {
        return fail(r, "expected a header such as {\"model\":\"register\"}");
    }
    r->header = (struct fl_header){
        .expect = -1, .criterion = -1, .line = r->source->line};
    r->h = fl_history_new(reading->model, 1, 1);
    if (r->h == NULL) {
        return fl_source_no_memory(r->source);
    }
    r->h->strings = fl_strings_new();
    if (r->h->strings == NULL) {
        return fl_source_no_memory(r->source);
    }
    struct fl_json json = scan(r);
    if (has_header && !fl_line_header(&json, r->h, &r->header)) {
        fl_history_free(r->h);
        r->h = NULL;
        return drop(r, &json);
    }
    if (reading->has_initial) {
        r->h->initial = reading->initial;
    }
    return fl_passage_begin(&r->passage, r->h, &r->header);
}

static bool take_operation(struct run *r)
{
    fl_history_clear(r->h);
    struct fl_json json = scan(r);
    if (!fl_line_operation(&json, r->h)) {
        return drop(r, &json);
    }
    assert(r->h->count == 1);
    const struct fl_operation *op = &r->h->operations[0];
    struct fl_arrival a = {.op = *op, .call = op->call, .ret = op->ret};
    return fl_passage_add(&r->passage, &a);
}

static bool take_line(struct run *r)
{
    struct fl_json json = scan(r);
    enum fl_line_kind kind = FL_LINE_HEADER;
    if (!fl_line_kind(&json, &kind)) {
        return drop(r, &json);
    }
    if (kind == FL_LINE_EVENT) {
        return fail(r, "an event needs the whole history, which a stream does "
                       "not hold");
    }
    if (kind == FL_LINE_HEADER) {
        return begin_history(r, true);
    }
    return (r->h != NULL || begin_history(r, false)) && take_operation(r);
}

static bool read_lines(struct run *r)
{
    struct fl_flow *flow = r->flow;
    bool good = true;
    while (good && !flow->truncated && fl_source_line(r->source)) {
        good = take_line(r);
    }
    if (good && r->source->status == FL_BAD_INPUT && flow->reading.lenient &&
        fl_source_cut(r->source)) {
        r->source->status = FL_OK;
        flow->truncated = true;
    }
    if (!good || r->source->status != FL_OK || !end_history(r)) {
        return false;
    }
    return r->passage.histories > 0 ||
           fl_source_fail(r->source, 1, 1, "no history in it");
}

static bool read_foreign(struct run *r)
{
    struct fl_draft draft = {.passage = &r->passage};
    bool read = fl_draft_read(&draft, r->source, r->flow->reading.format,
                              &r->flow->reading) &&
                fl_draft_pass_end(&draft);
    r->flow->truncated = draft.truncated;
    fl_draft_release(&draft);
    return read;
}

enum fl_status fl_flow_read(struct fl_flow *flow, struct fl_outlet *outlet,
                            struct fl_error *error)
{
    struct run r = {.flow = flow, .source = flow->source};
    assert(flow->source != NULL && outlet->take != NULL);
    if (r.source->status == FL_OK) {
        *error = (struct fl_error){0};
    }
    flow->truncated = false;
    r.passage = (struct fl_passage){.outlet = outlet, .source = flow->source};
    r.passage.window.most = flow->window == 0 ? FL_WINDOW_MOST : flow->window;
    r.source->error = error;
    if (flow->reading.format == NULL) {
        flow->reading.format = fl_format_guess(r.source);
    }
    bool read =
        flow->reading.format->parse == NULL ? read_lines(&r) : read_foreign(&r);
    enum fl_status status = r.source->status;
    assert((read && status == FL_OK) || status != FL_OK || outlet->enough);
    flow->histories = r.passage.histories;
    flow->operations = r.passage.operations;
    flow->held = r.passage.window.held;
    fl_history_free(r.h);
    fl_passage_release(&r.passage);
    fl_block_release(&r.text);
    return status;
}
