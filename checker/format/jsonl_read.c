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
#include "checker/strings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 1 << 16,
    ROOM_FIRST = 64
};

struct fl_jsonl {
    FILE *file;        /* or NULL: bytes */
    const char *bytes; /* what is not yet read of them */
    size_t size;
    struct fl_block chunk; /* what was read ahead of the file */
    size_t chunk_at;
    size_t chunk_size;
    struct fl_block line; /* the current line */
    size_t line_size;
    uint32_t line_number;
    bool has_line; /* it was not used yet: a header kept for the next call */
    bool at_end;
    bool began; /* a history was read */
    const struct fl_model *model;
    struct fl_block text;    /* for strings */
    struct fl_block moments; /* for the test of stamps */
};

/* A stamp and the line it stands in. */
struct stamp {
    uint32_t at;
    uint32_t line;
};

static struct fl_jsonl *make_reader(FILE *file, const char *bytes, size_t size)
{
    struct fl_jsonl *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        return NULL;
    }
    reader->file = file;
    reader->bytes = bytes;
    reader->size = size;
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
    fl_block_release(&reader->chunk);
    fl_block_release(&reader->line);
    fl_block_release(&reader->text);
    fl_block_release(&reader->moments);
    free(reader);
}

void fl_jsonl_use_model(struct fl_jsonl *reader, const struct fl_model *model)
{
    assert(model != NULL);
    reader->model = model;
}

static enum fl_status fail(struct fl_error *error, uint32_t line,
                           const char *text)
{
    error->line = line;
    error->column = 1;
    (void)snprintf(error->text, sizeof(error->text), "%s", text);
    return FL_BAD_INPUT;
}

/* Makes the next bytes available.  None at the end. */
static enum fl_status fill_chunk(struct fl_jsonl *r, struct fl_error *error)
{
    if (r->file == NULL) {
        r->chunk_size = r->size < CHUNK ? r->size : CHUNK;
    }
    if (!fl_block_reserve(&r->chunk, CHUNK)) {
        return FL_NO_MEMORY;
    }
    assert(r->chunk_at == r->chunk_size || r->file == NULL);
    r->chunk_at = 0;
    if (r->file == NULL) {
        if (r->chunk_size > 0) {
            memcpy(r->chunk.data, r->bytes, r->chunk_size);
        }
        r->bytes += r->chunk_size;
        r->size -= r->chunk_size;
    } else {
        r->chunk_size = fread(r->chunk.data, 1, CHUNK, r->file);
        if (r->chunk_size == 0 && ferror(r->file)) {
            (void)fail(error, r->line_number, "cannot be read");
            return FL_IO;
        }
    }
    r->at_end = r->chunk_size == 0;
    return FL_OK;
}

/* Reads the next line that is not blank; r->at_end without one. */
static enum fl_status read_line(struct fl_jsonl *r, struct fl_error *error)
{
    r->line_size = 0;
    r->line_number++;
    for (;;) {
        if (r->chunk_at == r->chunk_size) {
            enum fl_status status = fill_chunk(r, error);
            if (status != FL_OK || r->at_end) {
                return status;
            }
        }
        const char *from = (const char *)r->chunk.data + r->chunk_at;
        assert(r->chunk_at < r->chunk_size);
        size_t left = r->chunk_size - r->chunk_at;
        const char *end = memchr(from, '\n', left);
        size_t size = end == NULL ? left : (size_t)(end - from);
        if (r->line_size + size > FL_JSONL_LINE_MAX) {
            return fail(error, r->line_number, "line longer than 1 MiB");
        }
        if (!fl_block_reserve(&r->line, r->line_size + size + 1)) {
            return FL_NO_MEMORY;
        }
        memcpy((char *)r->line.data + r->line_size, from, size);
        r->line_size += size;
        r->chunk_at += size + (end != NULL);
        if (end == NULL) {
            continue;
        }
        const char *line = r->line.data;
        size_t blank = 0;
        while (blank < r->line_size && strchr(" \t\r", line[blank]) != NULL &&
               line[blank] != '\0') {
            blank++;
        }
        if (blank < r->line_size) {
            return FL_OK;
        }
        r->line_size = 0;
        r->line_number++;
    }
}

/* Gets the next line into r->line, a kept one first.  `*found` is false at the
 * end.  The last line need not have an end. */
static enum fl_status next_line(struct fl_jsonl *r, bool *found,
                                struct fl_error *error)
{
    enum fl_status status = FL_OK;
    if (!r->has_line && !r->at_end) {
        status = read_line(r, error);
        r->has_line = status == FL_OK && r->line_size > 0;
    }
    *found = r->has_line;
    return status;
}

static struct fl_json scan_line(struct fl_jsonl *r, struct fl_error *error)
{
    const char *line = r->line.data;
    return (struct fl_json){
        .start = line,
        .at = line,
        .end = line + r->line_size,
        .line = r->line_number,
        .error = error,
        .text = &r->text,
    };
}

static enum fl_status status_of(const struct fl_json *json)
{
    return json->no_memory ? FL_NO_MEMORY : FL_BAD_INPUT;
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
    for (uint32_t i = 0; i < h->events_count; i++) {
        stamps[count++] = (struct stamp){h->events[i].at, 0};
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
    return overlap == FL_OPEN && fl_history_settle(h) ? FL_OK : FL_NO_MEMORY;
}

/* Reads operations and events up to the next header or the end. */
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
        if (found && !fl_line_kind(&json, &kind)) {
            return status_of(&json);
        }
        if (kind == FL_LINE_HEADER) {
            return finish_history(r, h, error);
        }
        if (h->count >= FL_JSONL_OPERATIONS_MAX ||
            h->events_count >= FL_JSONL_CLIENT_MAX) {
            return fail(error, r->line_number, "too many lines in a history");
        }
        if (!make_room(h)) {
            return FL_NO_MEMORY;
        }
        json = scan_line(r, error);
        bool taken = kind == FL_LINE_EVENT ? fl_line_event(&json, h)
                                           : fl_line_operation(&json, h);
        if (!taken) {
            return status_of(&json);
        }
        r->has_line = false;
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
        return fail(error, r->line_number,
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
    header->line = r->line_number;
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
