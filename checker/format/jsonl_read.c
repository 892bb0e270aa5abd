/*
 * Reading histories, line by line.
 *
 * A line is a header if it has "model", an event if it has "event", and an
 * operation otherwise.  When the next header comes it is kept for the next
 * call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/jsonl.h"

#include "checker/format/jsonl_line.h"
#include "checker/format/source.h"
#include "checker/strings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOM_FIRST = 64
};

struct fl_jsonl {
    struct fl_source own;     /* unless another one was given */
    struct fl_source *source; /* its text is the current line */
    bool has_line; /* it was not used yet: a header kept for the next call */
    bool began;    /* a history was read */
    bool lenient;
    bool truncated;
    const struct fl_model *model;
    struct fl_block text;        /* for strings */
    struct fl_block moments;     /* for the test of stamps */
    struct fl_block event_lines; /* uint32_t: of each event in hand */
};

/* A stamp and the line it stands in. */
struct stamp {
    uint32_t at;
    uint32_t line;
};

struct fl_jsonl *fl_jsonl_open_source(struct fl_source *source)
{
    struct fl_jsonl *reader = calloc(1, sizeof(*reader));
    if (reader != NULL) {
        reader->source = source;
    }
    return reader;
}

static struct fl_jsonl *make_reader(FILE *file, const char *bytes, size_t size)
{
    struct fl_jsonl *reader = fl_jsonl_open_source(NULL);
    if (reader != NULL) {
        fl_source_init(&reader->own, file, bytes, size);
        reader->source = &reader->own;
    }
    return reader;
}

struct fl_jsonl *fl_jsonl_open(FILE *file)
{
    assert(file != NULL);
    return make_reader(file, NULL, 0);
}

struct fl_jsonl *fl_jsonl_open_bytes(const char *bytes, size_t size)
{
    return make_reader(NULL, bytes, size);
}

void fl_jsonl_close(struct fl_jsonl *reader)
{
    if (reader == NULL) {
        return;
    }
    fl_source_release(&reader->own);
    fl_block_release(&reader->text);
    fl_block_release(&reader->moments);
    fl_block_release(&reader->event_lines);
    free(reader);
}

void fl_jsonl_use_model(struct fl_jsonl *reader, const struct fl_model *model)
{
    assert(model != NULL);
    reader->model = model;
}

void fl_jsonl_be_lenient(struct fl_jsonl *reader)
{
    reader->lenient = true;
}

void fl_jsonl_be_live(struct fl_jsonl *reader)
{
    assert(reader->source->file != NULL);
    reader->source->live = true;
}

bool fl_jsonl_truncated(const struct fl_jsonl *reader)
{
    return reader->truncated;
}

static enum fl_status fail(struct fl_error *error, uint32_t line,
                           const char *text)
{
    error->line = line;
    error->column = 1;
    (void)snprintf(error->text, sizeof(error->text), "%s", text);
    return FL_BAD_INPUT;
}

/* Gets the next line into r->source, a kept one first.  `*found` is false at
 * the end.  The last line need not have an end. */
static enum fl_status next_line(struct fl_jsonl *r, bool *found,
                                struct fl_error *error)
{
    struct fl_source *source = r->source;
    source->error = error;
    if (r->truncated) {
        *found = false; /* nothing follows what was cut off */
        return FL_OK;
    }
    if (!r->has_line) {
        r->has_line = fl_source_line(source);
    }
    *found = r->has_line;
    if (!*found && r->lenient && source->status == FL_BAD_INPUT &&
        fl_source_cut(source)) {
        r->truncated = true;
        source->status = FL_OK; /* of what is forgiven nothing stays */
        return FL_OK;
    }
    return source->status;
}

static struct fl_json scan_line(struct fl_jsonl *r, struct fl_error *error)
{
    const char *line = r->source->text;
    return (struct fl_json){
        .start = line,
        .at = line,
        .end = line + r->source->text_size,
        .line = r->source->line,
        .error = error,
        .text = &r->text,
    };
}

static enum fl_status status_of(const struct fl_json *json)
{
    return json->no_memory ? FL_NO_MEMORY : FL_BAD_INPUT;
}

/* A bad line is forgiven if a crash cut it off, and that may be. */
static enum fl_status drop_line(struct fl_jsonl *r, const struct fl_json *json)
{
    if (!r->lenient || json->no_memory || !fl_source_cut(r->source)) {
        return status_of(json);
    }
    r->truncated = true;
    r->has_line = false;
    return FL_OK;
}

/* Makes room for one operation and one event more. */
static bool make_room(struct fl_history *h)
{
    uint32_t operations = h->max;
    uint32_t events = h->events_max;
    if (h->count == operations) {
        operations = operations == 0 ? ROOM_FIRST : operations * 2;
    }
    if (h->events_count == events) {
        events = events == 0 ? ROOM_FIRST : events * 2;
    }
    return fl_history_grow(h, operations, events);
}

static int compare_stamps(const void *left, const void *right)
{
    const struct stamp *a = left;
    const struct stamp *b = right;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    return a->line < b->line ? -1 : a->line > b->line;
}

/* Fails if two moments of the history have one stamp. */
static enum fl_status test_stamps(struct fl_jsonl *r,
                                  const struct fl_history *h,
                                  struct fl_error *error)
{
    size_t most = 2ul * h->count + h->events_count + 1;
    if (!fl_block_reserve(&r->moments, most * sizeof(struct stamp))) {
        return FL_NO_MEMORY;
    }
    struct stamp *stamps = r->moments.data;
    size_t count = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        stamps[count++] = (struct stamp){op->call, op->line};
        if (op->ret != FL_OPEN) {
            stamps[count++] = (struct stamp){op->ret, op->line};
        }
    }
    const uint32_t *lines = r->event_lines.data;
    for (uint32_t i = 0; i < h->events_count; i++) {
        stamps[count++] = (struct stamp){h->events[i].at, lines[i]};
    }
    qsort(stamps, count, sizeof(*stamps), compare_stamps);
    for (size_t i = 1; i < count; i++) {
        if (stamps[i - 1].at == stamps[i].at) {
            (void)fail(error, stamps[i].line, "");
            (void)snprintf(error->text, sizeof(error->text),
                           "stamp %u is used twice (the other use: line %u)",
                           stamps[i].at, stamps[i - 1].line);
            return FL_BAD_INPUT;
        }
    }
    return FL_OK;
}

/* Why the history cannot be settled: an operation outlived a crash, or there is
 * no memory. */
static enum fl_status test_outlived(const struct fl_history *h,
                                    struct fl_error *error)
{
    uint32_t i = fl_history_outlived(h);
    if (i >= h->count) {
        return FL_NO_MEMORY;
    }
    (void)fail(error, h->operations[i].line, "");
    (void)snprintf(error->text, sizeof(error->text),
                   "client %u returns from a call that a crash cut off; it "
                   "returns before the crash, or not at all (null)",
                   h->operations[i].client);
    return FL_BAD_INPUT;
}

/* Tests and settles the history that was read. */
static enum fl_status finish_history(struct fl_jsonl *r, struct fl_history *h,
                                     struct fl_error *error)
{
    enum fl_status status = test_stamps(r, h, error);
    if (status != FL_OK) {
        return status;
    }
    uint32_t overlap = fl_history_overlap(h);
    if (overlap < h->count) {
        (void)fail(error, h->operations[overlap].line, "");
        (void)snprintf(error->text, sizeof(error->text),
                       "client %u calls while another operation of it is in "
                       "flight; a client that gave up must not be used again",
                       h->operations[overlap].client);
        return FL_BAD_INPUT;
    }
    if (overlap != FL_OPEN) {
        return FL_NO_MEMORY;
    }
    return fl_history_settle(h) ? FL_OK : test_outlived(h, error);
}

/* The event just taken stood in the line in hand. */
static enum fl_status keep_event_line(struct fl_jsonl *r,
                                      const struct fl_history *h)
{
    assert(h->events_count > 0);
    if (!fl_block_reserve(&r->event_lines,
                          h->events_count * sizeof(uint32_t))) {
        return FL_NO_MEMORY;
    }
    uint32_t *lines = r->event_lines.data;
    lines[h->events_count - 1] = r->source->line;
    return FL_OK;
}

/* Takes the operation or event that the line in hand holds. */
static enum fl_status take_line(struct fl_jsonl *r, struct fl_history *h,
                                enum fl_line_kind kind, struct fl_error *error)
{
    assert(kind != FL_LINE_HEADER);
    if (h->count >= FL_JSONL_OPERATIONS_MAX ||
        h->events_count >= FL_JSONL_CLIENT_MAX) {
        return fail(error, r->source->line, "too many lines in a history");
    }
    if (!make_room(h)) {
        return FL_NO_MEMORY;
    }
    struct fl_json json = scan_line(r, error);
    bool taken = kind == FL_LINE_EVENT ? fl_line_event(&json, h)
                                       : fl_line_operation(&json, h);
    if (!taken) {
        return drop_line(r, &json);
    }
    r->has_line = false;
    return kind == FL_LINE_EVENT ? keep_event_line(r, h) : FL_OK;
}

/* Reads operations and events up to the next header or the end, which is also
 * what comes after a line that was cut and forgiven. */
static enum fl_status read_body(struct fl_jsonl *r, struct fl_history *h,
                                struct fl_error *error)
{
    for (;;) {
        bool found;
        enum fl_status status = next_line(r, &found, error);
        if (status != FL_OK) {
            return status;
        }
        struct fl_json json = scan_line(r, error);
        enum fl_line_kind kind = FL_LINE_HEADER;
        bool known = !found || fl_line_kind(&json, &kind);
        if (known && kind == FL_LINE_HEADER) {
            return finish_history(r, h, error);
        }
        status = known ? take_line(r, h, kind, error) : drop_line(r, &json);
        if (status != FL_OK) {
            return status;
        }
    }
}

/* Reads the header, if one comes next, and makes the empty history. */
static enum fl_status read_header(struct fl_jsonl *r, struct fl_history **out,
                                  struct fl_header *header,
                                  struct fl_error *error)
{
    struct fl_json json = scan_line(r, error);
    enum fl_line_kind kind;
    if (!fl_line_kind(&json, &kind)) {
        return status_of(&json);
    }
    if (kind != FL_LINE_HEADER && r->model == NULL) {
        return fail(error, r->source->line,
                    "expected a header such as {\"model\":\"register\"}");
    }
    struct fl_history *h = fl_history_new(r->model, ROOM_FIRST, 0);
    if (h == NULL) {
        return FL_NO_MEMORY;
    }
    *out = h;
    h->strings = fl_strings_new();
    if (h->strings == NULL) {
        return FL_NO_MEMORY;
    }
    header->line = r->source->line;
    if (kind != FL_LINE_HEADER) {
        return FL_OK;
    }
    json = scan_line(r, error);
    if (!fl_line_header(&json, h, header)) {
        return status_of(&json);
    }
    r->has_line = false;
    return FL_OK;
}

enum fl_status fl_jsonl_next(struct fl_jsonl *reader, struct fl_history **out,
                             struct fl_header *header, struct fl_error *error)
{
    struct fl_header own = {0};
    header = header == NULL ? &own : header;
    assert(error != NULL);
    *header = (struct fl_header){.expect = -1, .criterion = -1};
    *out = NULL;
    bool found;
    enum fl_status status = next_line(reader, &found, error);
    if (status != FL_OK) {
        return status;
    }
    if (!found) {
        return reader->began ? FL_OK : fail(error, 1, "no history in it");
    }
    struct fl_history *h = NULL;
    status = read_header(reader, &h, header, error);
    if (status == FL_OK) {
        status = read_body(reader, h, error);
    } else if (reader->began && status == FL_BAD_INPUT && reader->lenient &&
               fl_source_cut(reader->source)) {
        reader->truncated = true; /* a header that a crash cut off */
        fl_history_free(h);
        return FL_OK;
    }
    if (status != FL_OK) {
        fl_history_free(h);
        return status;
    }
    assert(h->stamps >= h->count);
    reader->began = true;
    *out = h;
    return FL_OK;
}

enum fl_status fl_jsonl_stream_begin(struct fl_jsonl *reader,
                                     struct fl_history **out,
                                     struct fl_header *header,
                                     struct fl_error *error)
{
    assert(header != NULL && error != NULL);
    *header = (struct fl_header){.expect = -1, .criterion = -1};
    *out = NULL;
    bool found;
    enum fl_status status = next_line(reader, &found, error);
    if (status != FL_OK) {
        return status;
    }
    if (!found) {
        return reader->began ? FL_OK : fail(error, 1, "no history in it");
    }
    status = read_header(reader, out, header, error);
    if (status != FL_OK) {
        fl_history_free(*out);
        *out = NULL;
    }
    reader->began = true;
    return status;
}

enum fl_status fl_jsonl_stream_next(struct fl_jsonl *reader,
                                    struct fl_history *h,
                                    struct fl_error *error)
{
    assert(h != NULL && error != NULL);
    fl_history_clear(h);
    enum fl_status status = FL_OK;
    while (status == FL_OK && h->count == 0) {
        bool found;
        status = next_line(reader, &found, error);
        if (status != FL_OK || !found) {
            break;
        }
        struct fl_json json = scan_line(reader, error);
        enum fl_line_kind kind = FL_LINE_HEADER;
        bool known = fl_line_kind(&json, &kind);
        if (known && kind == FL_LINE_HEADER) {
            break; /* of the next history: kept */
        }
        h->events_count = 0;
        status = known ? take_line(reader, h, kind, error)
                       : drop_line(reader, &json);
    }
    return status;
}
