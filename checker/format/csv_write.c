/*
 * Writing a history as a table, with its header in a comment.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/jsonl_line.h"
#include "checker/format/parse.h"
#include "checker/format/write.h"
#include "checker/model.h"
#include "checker/strings.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* Writes a text in quotes; false if it has a byte that a table cannot. */
static bool write_text(FILE *file, const struct fl_history *h, fl_value value)
{
    size_t size = 0;
    const char *text = fl_strings_text(h->strings, value, &size);
    (void)fputc('"', file);
    for (size_t i = 0; i < size; i++) {
        (void)fputs(text[i] == '"' ? "\"" : "", file);
        (void)fputc(text[i], file);
    }
    (void)fputc('"', file);
    return memchr(text, 0, size) == NULL;
}

static bool write_value(FILE *file, const struct fl_history *h,
                        enum fl_kind kind, fl_value value)
{
    if (value == FL_NONE) {
        return true;
    }
    const char *before = "[";
    switch (kind) {
    case FL_KIND_VOID:
        break;
    case FL_KIND_INT:
        (void)fprintf(file, "%" PRId64, value);
        break;
    case FL_KIND_BOOL:
        (void)fputs(value ? "true" : "false", file);
        break;
    case FL_KIND_STRING:
        return write_text(file, h, value);
    case FL_KIND_BITS:
        for (int bit = 0; bit < 63; bit++) {
            if ((uint64_t)value >> bit & 1) {
                (void)fprintf(file, "%s%d", before, bit);
                before = " ";
            }
        }
        (void)fputs(value == 0 ? "[]" : "]", file);
        break;
    }
    return true;
}

bool fl_csv_write_row(FILE *file, const struct fl_history *h,
                      const struct fl_operation *op)
{
    assert(op->fn < h->model->types_count);
    const struct fl_operation_type *type = &h->model->types[op->fn];
    bool is_text = op->key != FL_NONE && op->key >= FL_TEXT_KEYS;
    (void)fprintf(file, "%u,%s,", op->client, type->name);
    bool written = write_value(file, h, is_text ? FL_KIND_STRING : FL_KIND_INT,
                               is_text ? op->key - FL_TEXT_KEYS : op->key);
    for (int i = 0; i < FL_ARGS_MAX; i++) {
        (void)fputc(',', file);
        written = write_value(file, h, type->args[i],
                              type->args[i] == FL_KIND_VOID ? FL_NONE
                                                            : op->args[i]) &&
                  written;
    }
    (void)fputc(',', file);
    written = write_value(file, h, type->result, op->result) && written;
    (void)fprintf(file, ",%u,", op->call);
    if (op->ret != FL_OPEN) {
        (void)fprintf(file, "%u", op->ret);
    }
    (void)fputc('\n', file);
    return written;
}

void fl_csv_write_begin(FILE *file, const struct fl_history *h,
                        const struct fl_header *header)
{
    (void)fputs("# faultline ", file);
    fl_line_write_header(file, h, header);
    (void)fputs("client,op,key,arg1,arg2,result,call,return\n", file);
}

enum fl_status fl_csv_write(FILE *file, const struct fl_history *h,
                            const struct fl_header *header)
{
    char text[200];
    if (!fl_csv_fits(h, header, text, sizeof(text))) {
        return FL_BAD_INPUT;
    }
    fl_csv_write_begin(file, h, header);
    bool written = true;
    for (uint32_t i = 0; i < h->count; i++) {
        written = fl_csv_write_row(file, h, &h->operations[i]) && written;
    }
    if (!written) {
        return FL_BAD_INPUT;
    }
    return fflush(file) == 0 && !ferror(file) ? FL_OK : FL_IO;
}
