/*
 * An outlet that writes: forms that need no more than one operation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/flow.h"
#include "checker/format/jsonl_line.h"
#include "checker/format/passage.h"
#include "checker/format/write.h"

#include <assert.h>
#include <string.h>

/* The writers of single operations. */
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

/* One output. */
struct output {
    const struct fl_format *to;
    const struct writer *writer;
    FILE *file;
    const struct fl_history *h;
    uint64_t histories;
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

static enum fl_status refuse(struct fl_error *error, uint32_t line,
                             const char *text)
{
    error->line = line;
    error->column = 1;
    (void)snprintf(error->text, sizeof(error->text), "%s", text);
    return FL_BAD_INPUT;
}

static enum fl_status begin(void *self, const struct fl_history *h,
                            const struct fl_header *header,
                            struct fl_error *error)
{
    struct output *o = self;
    assert(o->writer != NULL);
    if (o->histories > 0 && !o->to->holds_several) {
        return refuse(error, header->line,
                      "another history; the output holds one");
    }
    if (h->unit_ns > 0) {
        return refuse(error, header->line,
                      "stamps that are times (\"unit\") need the whole "
                      "history, which a stream does not hold");
    }
    o->h = h;
    o->histories++;
    o->writer->begin(o->file, h, header);
    return FL_OK;
}

/* Whether the file took it all. */
static enum fl_status test_file(const struct output *o, struct fl_error *error)
{
    if (!ferror(o->file)) {
        return FL_OK;
    }
    (void)refuse(error, 0, "the output cannot be written whole");
    return FL_IO;
}

static enum fl_status take(void *self, const struct fl_operation *op,
                           struct fl_error *error)
{
    struct output *o = self;
    if (!o->writer->write(o->file, o->h, op)) {
        (void)refuse(error, op->line, "");
        (void)snprintf(error->text, sizeof(error->text),
                       "%s has no words for zero bytes in a text", o->to->name);
        return FL_BAD_INPUT;
    }
    return test_file(o, error);
}

static enum fl_status end(void *self, struct fl_error *error)
{
    struct output *o = self;
    assert(o->histories > 0);
    (void)fflush(o->file);
    return test_file(o, error);
}

enum fl_status fl_flow_convert(struct fl_flow *flow, FILE *out,
                               const struct fl_format *to,
                               struct fl_error *error)
{
    struct output o = {.to = to, .writer = find_writer(to), .file = out};
    struct fl_outlet outlet = {
        .self = &o, .begin = begin, .take = take, .end = end};
    assert(o.writer != NULL && out != NULL);
    return fl_flow_read(flow, &outlet, error);
}
