/*
 * From lines of JSON, through the window, to a writer of single operations.
 *
 * Texts are kept, each once: they are few in what people record, and those in
 * flight are needed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/flow.h"

#include "checker/format/jsonl_line.h"
#include "checker/format/source.h"
#include "checker/format/window.h"
#include "checker/format/write.h"
#include "checker/strings.h"

#include <assert.h>
#include <string.h>

/* One conversion. */
struct run {
    struct fl_flow *flow;
    struct fl_source source;
    struct fl_window window;
    struct fl_block text;
    struct fl_history *h; /* of the header; holds the line's operation alone */
    struct fl_header header;
};

/* The writers that need no more than an operation. */
struct writer {
    const char *name;
    void (*begin)(FILE *file, const struct fl_history *h,
                  const struct fl_header *header);
    bool (*write)(FILE *file, const struct fl_history *h,
                  const struct fl_operation *op);
};

static const struct writer writers[] = {
    {"jsonl", fl_line_write_header, fl_line_write_operation},
    {"csv", fl_csv_write_begin, fl_csv_write_row},
};

static const struct writer *find_writer(const struct fl_format *to)
{
    assert(to != NULL);
    for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
        if (strcmp(writers[i].name, to->name) == 0) {
            return &writers[i];
        }
    }
    return NULL;
}

bool fl_flow_can(const struct fl_format *to)
{
    return find_writer(to) != NULL;
}

static bool fail(struct run *r, const char *text)
{
    return fl_source_fail(&r->source, r->source.line, 1, "%s", text);
}

static struct fl_json scan(struct run *r)
{
    const char *line = r->source.text;
    return (struct fl_json){.start = line,
                            .at = line,
                            .end = line + r->source.text_size,
                            .line = r->source.line,
                            .error = r->source.error,
                            .text = &r->text};
}

/* What a line that is not understood means; true if it is forgiven. */
static bool drop(struct run *r, const struct fl_json *json)
{
    if (json->no_memory) {
        return fl_source_no_memory(&r->source);
    }
    if (r->flow->lenient && fl_source_cut(&r->source)) {
        r->flow->truncated = true;
        return true;
    }
    r->source.status = FL_BAD_INPUT; /* the error was filled */
    return false;
}

/* Takes the window's word for what happened. */
static bool settle(struct run *r, enum fl_status status)
{
    if (status == FL_NO_MEMORY) {
        return fl_source_no_memory(&r->source);
    }
    if (status != FL_OK) {
        *r->source.error = r->window.error;
        r->source.status = status;
    }
    return status == FL_OK;
}

/* Writes what can be. */
static bool write_ready(struct run *r)
{
    const struct writer *writer = find_writer(r->flow->to);
    assert(writer != NULL);
    const struct fl_operation *op = fl_window_take(&r->window);
    for (; op != NULL; op = fl_window_take(&r->window)) {
        if (!writer->write(r->flow->out, r->h, op)) {
            return fl_source_fail(&r->source, op->line, 1,
                                  "%s has no words for zero bytes in a text",
                                  writer->name);
        }
        r->flow->operations++;
    }
    assert(r->flow->out != NULL);
    if (ferror(r->flow->out)) {
        r->source.status = FL_IO;
        (void)snprintf(r->source.error->text, sizeof(r->source.error->text),
                       "the output cannot be written whole");
        r->source.error->line = 0;
    }
    return r->source.status == FL_OK;
}

/* The history that was begun is over. */
static bool end_history(struct run *r)
{
    if (r->h == NULL) {
        return true;
    }
    if (!settle(r, fl_window_end(&r->window)) || !write_ready(r)) {
        return false;
    }
    assert(r->window.first == r->window.next);
    fl_history_free(r->h);
    r->h = NULL;
    fl_window_clear(&r->window);
    return true;
}

/* Begins a history with the header in hand, or without one. */
static bool begin_history(struct run *r, bool has_header)
{
    struct fl_flow *flow = r->flow;
    if (!end_history(r)) {
        return false;
    }
    if (flow->histories > 0 && !flow->to->holds_several) {
        return fail(r, "another history; the output holds one");
    }
    if (!has_header && flow->model == NULL) {
        return fail(r, "expected a header such as {\"model\":\"register\"}");
    }
    r->header = (struct fl_header){.expect = -1, .criterion = -1};
    r->h = fl_history_new(flow->model, 1, 1);
    if (r->h == NULL) {
        return fl_source_no_memory(&r->source);
    }
    r->h->strings = fl_strings_new();
    if (r->h->strings == NULL) {
        return fl_source_no_memory(&r->source);
    }
    struct fl_json json = scan(r);
    if (has_header && !fl_line_header(&json, r->h, &r->header)) {
        return drop(r, &json);
    }
    if (r->h->unit_ns > 0) {
        return fail(r, "stamps that are times (\"unit\") need the whole "
                       "history: convert without --stream");
    }
    if (flow->has_initial) {
        r->h->initial = flow->initial;
    }
    const struct writer *writer = find_writer(flow->to);
    assert(writer != NULL); /* fl_flow_can() was asked */
    writer->begin(flow->out, r->h, &r->header);
    flow->histories++;
    return true;
}

static bool take_operation(struct run *r)
{
    fl_history_clear(r->h);
    struct fl_json json = scan(r);
    if (!fl_line_operation(&json, r->h)) {
        return drop(r, &json);
    }
    assert(r->h->count == 1);
    return settle(r, fl_window_add(&r->window, &r->h->operations[0])) &&
           write_ready(r);
}

static bool take_line(struct run *r)
{
    struct fl_json json = scan(r);
    enum fl_line_kind kind = FL_LINE_HEADER;
    if (!fl_line_kind(&json, &kind)) {
        return drop(r, &json);
    }
    if (kind == FL_LINE_EVENT) {
        return fail(r, "an event needs the whole history: convert without "
                       "--stream");
    }
    if (kind == FL_LINE_HEADER) {
        return begin_history(r, true);
    }
    return (r->h != NULL || begin_history(r, false)) && take_operation(r);
}

static bool take_all(struct run *r)
{
    bool good = true;
    while (good && !r->flow->truncated && fl_source_line(&r->source)) {
        good = take_line(r);
    }
    if (good && r->source.status == FL_BAD_INPUT && r->flow->lenient &&
        fl_source_cut(&r->source)) {
        r->source.status = FL_OK;
        r->flow->truncated = true;
    }
    if (!good || r->source.status != FL_OK || !end_history(r)) {
        return false;
    }
    return r->flow->histories > 0 ||
           fl_source_fail(&r->source, 1, 1, "no history in it");
}

enum fl_status fl_flow_convert(struct fl_flow *flow, struct fl_error *error)
{
    struct run r = {.flow = flow};
    assert(flow->in != NULL && fl_flow_can(flow->to));
    *error = (struct fl_error){0};
    flow->histories = 0;
    flow->operations = 0;
    flow->truncated = false;
    r.window.most = flow->window == 0 ? FL_FLOW_WINDOW : flow->window;
    fl_source_init(&r.source, flow->in, NULL, 0);
    r.source.error = error;
    enum fl_status status = FL_OK;
    if (!take_all(&r)) {
        status = r.source.status;
        assert(status != FL_OK);
    } else if (fflush(flow->out) != 0) {
        status = FL_IO;
    }
    flow->held = r.window.held;
    fl_history_free(r.h);
    fl_window_release(&r.window);
    fl_block_release(&r.text);
    fl_source_release(&r.source);
    return status;
}
