/*
 * Fuzzing the readers of all formats: FUZZ_FORMAT names one, whose input the
 * bytes are; without it the first byte chooses one (or lets it be guessed, and
 * leniently).  Any bytes give an error with a place, or a history whose check
 * ends within its budget and which comes back from every form that is written.
 * What is read strictly is read leniently, too, and is the same, if its last
 * line is whole.  What a stream takes the whole takes, and both write the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/flow.h"
#include "checker/format/source.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* What is written must be read again, with as many operations. */
static void write_and_read(const struct fl_format *format,
                           const struct fl_history *h)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    demand(file != NULL);
    enum fl_status status = format->write(file, h, NULL);
    (void)fclose(file);
    if (status == FL_OK) {
        /* most forms do not say of which model they are */
        struct fl_reading reading = {.format = format, .model = h->model};
        struct fl_reader *reader = fl_reader_open_bytes(text, size, &reading);
        demand(reader != NULL);
        struct fl_history *again = NULL;
        struct fl_error error = {0};
        /* a text may hold a zero byte, which EDN and lines of JSON escape */
        demand(fl_reader_next(reader, &again, NULL, &error) == FL_OK);
        demand(again->model == h->model && again->count == h->count);
        fl_history_free(again);
        fl_reader_close(reader);
    }
    demand(status == FL_OK || status == FL_BAD_INPUT);
    free(text);
}

static void try_history(const struct fl_history *h,
                        const struct fl_header *header)
{
    for (size_t i = 0; fl_formats[i] != NULL; i++) {
        if (fl_formats[i]->write != NULL) {
            write_and_read(fl_formats[i], h);
        }
    }
    if (h->count > 64) {
        return;
    }
    struct fl_options options = {.capacity = header->capacity,
                                 .budget = {.nodes = 2000, .bytes = 1 << 20}};
    struct fl_result *r = NULL;
    demand(fl_check(h, &options, &r) == FL_OK);
    fl_result_free(r);
}

/* What was in the bytes. */
struct seen {
    enum fl_status status;
    size_t histories;
    size_t operations;
};

/* Converts the bytes as a stream, which `whole` (of `wholes` bytes) was written
 * of, if they could be read.  A stream may refuse what the whole takes. */
static void compare_stream(const char *text, size_t size,
                           const struct fl_reading *reading, const char *whole,
                           size_t wholes)
{
    char *out = NULL;
    size_t outs = 0;
    FILE *file = open_memstream(&out, &outs);
    demand(file != NULL);
    struct fl_source source;
    struct fl_error error;
    fl_source_init(&source, NULL, text, size);
    struct fl_flow flow = {.source = &source, .reading = *reading};
    enum fl_status status = fl_flow_convert(&flow, file, fl_formats[0], &error);
    fl_source_release(&source);
    (void)fclose(file);
    demand(status == FL_OK || (error.text[0] != '\0' && error.line > 0));
    demand(status != FL_OK ||
           (whole != NULL && outs == wholes && memcmp(out, whole, outs) == 0));
    free(out);
}

static struct seen read_all(const char *text, size_t size,
                            const struct fl_reading *reading)
{
    const struct fl_model *told = reading->model;
    char *whole = NULL;
    size_t wholes = 0;
    FILE *out = open_memstream(&whole, &wholes);
    demand(out != NULL);
    struct fl_reader *reader = fl_reader_open_bytes(text, size, reading);
    demand(reader != NULL);
    struct seen seen = {0};
    struct fl_history *h = NULL;
    struct fl_header header;
    struct fl_error error = {0};
    seen.status = fl_reader_next(reader, &h, &header, &error);
    while (seen.status == FL_OK && h != NULL) {
        seen.histories++;
        seen.operations += h->count;
        try_history(h, &header);
        demand(fl_jsonl_write(out, h, &header) == FL_OK);
        if (!fl_reader_format(reader)->holds_several) {
            told = h->model; /* which a stream may have to be told */
        }
        fl_history_free(h);
        seen.status = fl_reader_next(reader, &h, &header, &error);
    }
    demand(seen.status == FL_OK || (error.text[0] != '\0' && error.line > 0));
    fl_reader_close(reader);
    (void)fclose(out);
    struct fl_reading own = *reading;
    own.model = told;
    compare_stream(text, size, &own, seen.status == FL_OK ? whole : NULL,
                   wholes);
    free(whole);
    return seen;
}

/* Reads the bytes as one format, strictly and leniently.  A last line without
 * its end may be cut short, even where nothing shows it ("1,4" of "1,45"). */
static void read_twice(const char *text, size_t size,
                       const struct fl_format *format)
{
    struct fl_reading reading = {.format = format};
    struct seen strictly = read_all(text, size, &reading);
    reading.lenient = true;
    struct seen leniently = read_all(text, size, &reading);
    bool is_ended = size == 0 || text[size - 1] == '\n';
    demand(strictly.status != FL_OK || !is_ended ||
           (leniently.status == FL_OK &&
            leniently.histories == strictly.histories &&
            leniently.operations == strictly.operations));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *name = getenv("FUZZ_FORMAT");
    const char *text = (const char *)bytes;
    if (name != NULL) {
        const struct fl_format *format = fl_format_find(name);
        demand(format != NULL);
        read_twice(text, size, format);
        return 0;
    }
    size_t count = 0;
    while (fl_formats[count] != NULL) {
        count++;
    }
    if (size > 0) {
        size_t chosen = bytes[0] % 32u;
        struct fl_reading reading = {
            .format = chosen < count ? fl_formats[chosen] : NULL,
            .lenient = (bytes[0] & 0x40) != 0};
        (void)read_all(text + 1, size - 1, &reading);
    }
    return 0;
}
