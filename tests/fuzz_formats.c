/*
 * Fuzzing the readers of all formats: the first byte chooses one (or lets it
 * be guessed, and leniently), the others are its input.  Any bytes give an
 * error with a place, or a history whose check ends within its budget and
 * which comes back from every form that is written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/formats.h"

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
        struct fl_reading reading = {.format = format};
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t count = 0;
    while (fl_formats[count] != NULL) {
        count++;
    }
    if (size == 0) {
        return 0;
    }
    size_t chosen = bytes[0] % 32u;
    struct fl_reading reading = {.format =
                                     chosen < count ? fl_formats[chosen] : NULL,
                                 .lenient = (bytes[0] & 0x40) != 0};
    struct fl_reader *reader =
        fl_reader_open_bytes((const char *)bytes + 1, size - 1, &reading);
    demand(reader != NULL);
    struct fl_history *h = NULL;
    struct fl_header header;
    struct fl_error error = {0};
    enum fl_status status = fl_reader_next(reader, &h, &header, &error);
    while (status == FL_OK && h != NULL) {
        try_history(h, &header);
        fl_history_free(h);
        status = fl_reader_next(reader, &h, &header, &error);
    }
    demand(status == FL_OK || (error.text[0] != '\0' && error.line > 0));
    fl_reader_close(reader);
    return 0;
}
