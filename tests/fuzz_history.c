/*
 * Fuzzing the reader of histories, and the checker behind it: any bytes give
 * an error with a place, or a history that is decided within its budget, whose
 * witness holds, and which is read again as it was written.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -I. ...
 *     ./fuzz_history -max_total_time=60 corpus tests/data/corpus/history
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/check.h"
#include "checker/format/jsonl.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* What is written must be read again, with as many operations. */
static void write_and_read(const struct fl_history *h)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    demand(file != NULL);
    demand(fl_jsonl_write(file, h, NULL) == FL_OK);
    (void)fclose(file);
    struct fl_jsonl *reader = fl_jsonl_open_bytes(text, size);
    demand(reader != NULL);
    struct fl_history *again = NULL;
    struct fl_error error;
    demand(fl_jsonl_next(reader, &again, NULL, &error) == FL_OK);
    demand(again->count == h->count);
    demand(again->events_count == h->events_count);
    fl_history_free(again);
    fl_jsonl_close(reader);
    free(text);
}

static void decide(const struct fl_history *h, const struct fl_header *header)
{
    for (int c = FL_LINEARIZABLE; c <= FL_BUFFERED_STRICT; c++) {
        struct fl_options options = {
            .criterion = (enum fl_criterion)c,
            .capacity = header->capacity,
            .budget = {.nodes = 2000, .bytes = 1 << 20},
        };
        struct fl_result *r = NULL;
        demand(fl_check(h, &options, &r) == FL_OK);
        if (r->verdict == FL_PASS) {
            demand(fl_witness_holds(h, &options, r->order, r->order_count));
        }
        if (r->verdict == FL_VIOLATION && c == FL_LINEARIZABLE) {
            bool complete;
            fl_history_free(fl_minimise(h, &options, &complete));
        }
        fl_result_free(r);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fl_jsonl *reader = fl_jsonl_open_bytes((const char *)bytes, size);
    demand(reader != NULL);
    struct fl_history *h = NULL;
    struct fl_header header;
    struct fl_error error = {0};
    enum fl_status status = fl_jsonl_next(reader, &h, &header, &error);
    while (status == FL_OK && h != NULL) {
        if (h->count <= 64) {
            decide(h, &header);
        }
        write_and_read(h);
        fl_history_free(h);
        status = fl_jsonl_next(reader, &h, &header, &error);
    }
    demand(status == FL_OK || error.text[0] != '\0');
    fl_jsonl_close(reader);
    return 0;
}
