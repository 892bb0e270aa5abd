/*
 * One reader for all formats: looks at the first bytes, and hands over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/draft.h"
#include "checker/format/formats.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOK_MAX = 8192 /* bytes that a guess may see */
};

const struct fl_format *fl_format_guess(struct fl_source *source)
{
    char text[LOOK_MAX + 1];
    size_t size;
    const char *bytes = fl_source_look(source, &size);
    size = size < LOOK_MAX ? size : LOOK_MAX;
    assert(bytes != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    for (size_t i = 0; fl_formats[i] != NULL; i++) {
        if (fl_formats[i]->sniff(text)) {
            return fl_formats[i];
        }
    }
    return fl_formats[0]; /* which says best what is wrong with them */
}

struct fl_reader {
    struct fl_source source;
    struct fl_reading reading;
    const struct fl_format *format;
    struct fl_jsonl *jsonl; /* of lines of JSON */
    bool truncated;
    bool done;
};

static struct fl_reader *make_reader(const struct fl_reading *reading)
{
    struct fl_reader *reader = calloc(1, sizeof(*reader));
    if (reader != NULL && reading != NULL) {
        reader->reading = *reading;
    }
    return reader;
}

struct fl_reader *fl_reader_open(FILE *file, const struct fl_reading *reading)
{
    assert(file != NULL);
    struct fl_reader *reader = make_reader(reading);
    if (reader != NULL) {
        fl_source_init(&reader->source, file, NULL, 0);
    }
    return reader;
}

struct fl_reader *fl_reader_open_bytes(const char *bytes, size_t size,
                                       const struct fl_reading *reading)
{
    struct fl_reader *reader = make_reader(reading);
    if (reader != NULL) {
        fl_source_init(&reader->source, NULL, bytes, size);
    }
    return reader;
}

void fl_reader_close(struct fl_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    fl_jsonl_close(reader->jsonl);
    fl_source_release(&reader->source);
    free(reader);
}

const struct fl_format *fl_reader_format(const struct fl_reader *reader)
{
    return reader->format;
}

bool fl_reader_cut(const struct fl_reader *reader)
{
    return fl_source_cut(&reader->source);
}

bool fl_reader_truncated(const struct fl_reader *reader)
{
    return reader->jsonl != NULL ? fl_jsonl_truncated(reader->jsonl)
                                 : reader->truncated;
}

/* Begins to read lines of JSON. */
static bool open_jsonl(struct fl_reader *reader)
{
    assert(reader->jsonl == NULL);
    reader->jsonl = fl_jsonl_open_source(&reader->source);
    if (reader->jsonl == NULL) {
        return fl_source_no_memory(&reader->source);
    }
    if (reader->reading.model != NULL) {
        fl_jsonl_use_model(reader->jsonl, reader->reading.model);
    }
    if (reader->reading.lenient) {
        fl_jsonl_be_lenient(reader->jsonl);
    }
    return true;
}

bool fl_draft_read(struct fl_draft *draft, struct fl_source *source,
                   const struct fl_format *format,
                   const struct fl_reading *reading)
{
    struct fl_passage *passage = draft->passage;
    if (!fl_draft_init(draft, source, reading->model)) {
        return false;
    }
    draft->passage = passage;
    draft->lenient = reading->lenient;
    draft->has_initial = reading->has_initial;
    if (draft->has_initial) {
        draft->h->initial = reading->initial;
    }
    bool parsed = format->parse(draft);
    if (!parsed && draft->lenient && source->status == FL_BAD_INPUT &&
        fl_source_cut(source)) {
        source->status = FL_OK;
        draft->truncated = true;
        parsed = true;
    }
    if (parsed && draft->count + draft->passed == 0 &&
        draft->h->model == NULL) {
        parsed = fl_source_fail(source, 1, 1, "no history in it");
    }
    return parsed;
}

/* Reads the one history of a foreign file. */
static enum fl_status read_foreign(struct fl_reader *reader,
                                   struct fl_history **out,
                                   struct fl_header *header)
{
    struct fl_draft draft = {.passage = NULL};
    reader->done = true;
    bool parsed = fl_draft_read(&draft, &reader->source, reader->format,
                                &reader->reading);
    assert(parsed || reader->source.status != FL_OK);
    if (parsed && fl_draft_finish(&draft, out)) {
        *header = draft.header;
        header->line = 1;
    }
    reader->truncated = draft.truncated;
    fl_draft_release(&draft);
    return reader->source.status;
}

enum fl_status fl_reader_next(struct fl_reader *reader, struct fl_history **out,
                              struct fl_header *header, struct fl_error *error)
{
    struct fl_header own = {0};
    header = header == NULL ? &own : header;
    assert(error != NULL);
    *out = NULL;
    *header = (struct fl_header){.expect = -1, .criterion = -1};
    reader->source.error = error;
    if (reader->done || reader->source.status != FL_OK) {
        return reader->source.status;
    }
    if (reader->format == NULL) {
        reader->format = reader->reading.format != NULL
                             ? reader->reading.format
                             : fl_format_guess(&reader->source);
    }
    if (reader->format->parse != NULL) {
        return read_foreign(reader, out, header);
    }
    if (reader->jsonl == NULL && !open_jsonl(reader)) {
        return reader->source.status;
    }
    enum fl_status status = fl_jsonl_next(reader->jsonl, out, header, error);
    if (*out != NULL && reader->reading.has_initial) {
        (*out)->initial = reader->reading.initial;
    }
    return status;
}
