/*
 * Writing histories.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/jsonl.h"
#include "checker/format/jsonl_line.h"
#include "checker/model.h"
#include "checker/strings.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static void write_string(FILE *file, const char *text, size_t size)
{
    (void)fputc('"', file);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            (void)fprintf(file, "\\%c", c);
        } else if (c < ' ' || c == 127) {
            (void)fprintf(file, "\\u%04x", c);
        } else {
            (void)fputc(c, file);
        }
    }
    (void)fputc('"', file);
}

void fl_line_write_text(FILE *file, const struct fl_history *h, fl_value value)
{
    size_t size = 0;
    const char *text = "";
    if (h->strings != NULL && value >= 0 &&
        value < (fl_value)fl_strings_count(h->strings)) {
        text = fl_strings_text(h->strings, value, &size);
    }
    write_string(file, text, size);
}

static void write_bits(FILE *file, fl_value value)
{
    const char *before = "[";
    for (int bit = 0; bit < 63; bit++) {
        if ((uint64_t)value >> bit & 1) {
            (void)fprintf(file, "%s%d", before, bit);
            before = ",";
        }
    }
    (void)fputs(value == 0 ? "[]" : "]", file);
}

static void write_value(FILE *file, const struct fl_history *h,
                        enum fl_kind kind, fl_value value)
{
    if (value == FL_NONE) {
        (void)fputs("null", file);
        return;
    }
    switch (kind) {
    case FL_KIND_VOID:
        (void)fputs("null", file);
        break;
    case FL_KIND_INT:
        (void)fprintf(file, "%" PRId64, value);
        break;
    case FL_KIND_BOOL:
        (void)fputs(value ? "true" : "false", file);
        break;
    case FL_KIND_STRING:
        fl_line_write_text(file, h, value);
        break;
    case FL_KIND_BITS:
        write_bits(file, value);
        break;
    }
}

static void write_word(FILE *file, const char *name, const char *word)
{
    if (word[0] != '\0') {
        (void)fprintf(file, ",\"%s\":", name);
        write_string(file, word, strlen(word));
    }
}

static const char *unit_name(uint64_t ns)
{
    return ns == 1 ? "ns" : ns == 1000 ? "us" : ns == 1000000 ? "ms" : "s";
}

void fl_line_write_header(FILE *file, const struct fl_history *h,
                          const struct fl_header *header)
{
    (void)fprintf(file, "{\"model\":\"%s\",\"initial\":", h->model->name);
    bool is_text = h->model->types[0].result == FL_KIND_STRING;
    write_value(file, h, is_text ? FL_KIND_STRING : FL_KIND_INT, h->initial);
    if (h->times != NULL && h->unit_ns > 0) {
        write_word(file, "unit", unit_name(h->unit_ns));
    }
    if (header != NULL) {
        write_word(file, "source", header->source);
        if (header->expect >= 0) {
            write_word(file, "expect",
                       fl_verdict_name((enum fl_verdict)header->expect));
        }
        if (header->criterion >= 0) {
            write_word(file, "criterion",
                       fl_criterion_name((enum fl_criterion)header->criterion));
        }
        if (header->capacity > 0) {
            (void)fprintf(file, ",\"capacity\":%u", header->capacity);
        }
        if (header->relax > 0) {
            (void)fprintf(file, ",\"relax\":%u", header->relax);
        }
        if (header->loss_bounded) {
            (void)fprintf(file, ",\"max_loss\":%u", header->loss_max);
        }
        if (header->loss_timed) {
            (void)fprintf(file, ",\"max_loss_ns\":%llu",
                          (unsigned long long)header->loss_ns);
        }
        write_word(file, "id", header->id);
        write_word(file, "seed", header->seed);
        write_word(file, "fault", header->fault);
    }
    (void)fputs("}\n", file);
}

/* The stamp as the file has it: what it was worth before it became a rank, if
 * the history has its times. */
static uint32_t stamp_of(const struct fl_history *h, uint32_t at)
{
    if (h->times == NULL || h->unit_ns == 0) {
        return at;
    }
    assert(at < h->stamps);
    return (uint32_t)(h->times[at] / h->unit_ns);
}

bool fl_line_write_operation(FILE *file, const struct fl_history *h,
                             const struct fl_operation *op)
{
    assert(op->fn < h->model->types_count);
    const struct fl_operation_type *type = &h->model->types[op->fn];
    (void)fprintf(file, "{\"client\":%u,\"op\":\"%s\",\"key\":", op->client,
                  type->name);
    if (op->key >= FL_TEXT_KEYS) {
        fl_line_write_text(file, h, op->key - FL_TEXT_KEYS);
    } else {
        write_value(file, h, FL_KIND_INT, op->key);
    }
    (void)fputs(",\"args\":[", file);
    for (int i = 0; i < FL_ARGS_MAX && type->args[i] != FL_KIND_VOID; i++) {
        (void)fputs(i > 0 ? "," : "", file);
        write_value(file, h, type->args[i], op->args[i]);
    }
    (void)fputs("],\"result\":", file);
    write_value(file, h, type->result, op->result);
    (void)fprintf(file, ",\"call\":%u,\"return\":", stamp_of(h, op->call));
    if (op->ret == FL_OPEN) {
        (void)fputs("null}\n", file);
    } else {
        (void)fprintf(file, "%u}\n", stamp_of(h, op->ret));
    }
    return true;
}

/* What a client was told, about its last operation before that. */
static void write_resolve(FILE *file, const struct fl_history *h,
                          const struct fl_event *event)
{
    static const char *const done[] = {"null", "false", "true"};
    (void)fprintf(file,
                  "{\"event\":\"resolve\",\"client\":%u,\"at\":%u,"
                  "\"done\":%s",
                  event->client, stamp_of(h, event->at), done[event->resolved]);
    enum fl_kind kind = FL_KIND_VOID;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        if (op->client == event->client && op->call < event->at) {
            kind = h->model->types[op->fn].result;
        }
    }
    if (event->resolved == FL_RESOLVED_DONE && event->result != FL_NONE) {
        (void)fputs(",\"result\":", file);
        write_value(file, h, kind, event->result);
    }
    (void)fputs("}\n", file);
}

static void write_event(FILE *file, const struct fl_history *h,
                        const struct fl_event *event)
{
    switch (event->kind) {
    case FL_EVENT_CRASH:
    case FL_EVENT_RECOVER:
        (void)fprintf(file, "{\"event\":\"%s\",\"client\":%u,\"at\":%u}\n",
                      event->kind == FL_EVENT_CRASH ? "crash" : "recover",
                      event->client, stamp_of(h, event->at));
        break;
    case FL_EVENT_CRASH_ALL:
    case FL_EVENT_SYNC:
        (void)fprintf(file, "{\"event\":\"%s\",\"at\":%u}\n",
                      event->kind == FL_EVENT_SYNC ? "sync" : "crash_all",
                      stamp_of(h, event->at));
        break;
    case FL_EVENT_RESOLVE:
        write_resolve(file, h, event);
        break;
    }
}

enum fl_status fl_jsonl_write(FILE *file, const struct fl_history *h,
                              const struct fl_header *header)
{
    assert(h->model != NULL);
    fl_line_write_header(file, h, header);
    uint32_t e = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        while (e < h->events_count && h->events[e].at < h->operations[i].call) {
            write_event(file, h, &h->events[e]);
            e++;
        }
        (void)fl_line_write_operation(file, h, &h->operations[i]);
    }
    assert(e <= h->events_count);
    for (; e < h->events_count; e++) {
        write_event(file, h, &h->events[e]);
    }
    return fflush(file) == 0 && !ferror(file) ? FL_OK : FL_IO;
}
